-- Enters a page of standing bids into a ranking that is being rebuilt, if the claim still stands,
-- and renews the claim. An empty page only renews it.
-- KEYS: ranking, details, meta, claim
-- ARGV: token, milliseconds the claim lasts, the sum of the bid numbers, then for each bid user,
--       score, detail (see enter.lua).
-- Returns the 0-based numbers of the bids whose users have been entered meanwhile, which are left
-- as they are, or nil if the claim is lost.
local ORDER = 16
if redis.call('GET', KEYS[4]) ~= ARGV[1] then return nil end
redis.call('PEXPIRE', KEYS[4], ARGV[2])
local users = {}
for at = 4, #ARGV, 3 do users[#users + 1] = ARGV[at] end
if #users == 0 then return {} end
local details = redis.call('HMGET', KEYS[2], unpack(users))
local met, entered, described, bids = {}, {}, {}, tonumber(ARGV[3])
for i, user in ipairs(users) do
  local score, detail = ARGV[3 * i + 2], ARGV[3 * i + 3]
  if details[i] then
    met[#met + 1] = i - 1
    bids = bids - tonumber(string.match(detail, '|(%d+)|', ORDER + 1))
  else
    local at = #entered
    entered[at + 1], entered[at + 2] = score, string.sub(detail, 1, ORDER) .. user
    described[at + 1], described[at + 2] = user, detail
  end
end
if #entered > 0 then
  redis.call('ZADD', KEYS[1], unpack(entered))
  redis.call('HSET', KEYS[2], unpack(described))
  redis.call('HINCRBY', KEYS[3], 'bids', bids)
end
return met
