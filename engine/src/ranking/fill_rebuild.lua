-- Enters a page of standing bids into a ranking that is being rebuilt and renews the claim, if the rebuild still has
-- it. An empty page only renews the claim.
-- KEYS: ranking, details, meta, claim
-- ARGV: token, milliseconds the claim lasts, the sum of the bid numbers, the number of bids n, then n times score and
--       member, and n times user and detail (see enter_bids.lua). There are at most some thousands (unpack's limit).
-- Returns the 0-based numbers of the bids whose users have been entered by committers meanwhile, which are skipped; or
-- nil if the claim is lost.
-- meta.filled counts the users the rebuild has entered. As long as there are no others, no user needs to be looked up
-- and the arguments go to the commands as they are. A rebuild is as fast as this script.
local ORDER = 16
if redis.call('GET', KEYS[4]) ~= ARGV[1] then return nil end
redis.call('PEXPIRE', KEYS[4], ARGV[2])
local bids, n = tonumber(ARGV[3]), tonumber(ARGV[4])
if n == 0 then return {} end
local scores_at, users_at = 5, 5 + 2 * n
local filled = tonumber(redis.call('HGET', KEYS[3], 'filled') or '0')
if redis.call('HLEN', KEYS[2]) == filled then
  redis.call('ZADD', KEYS[1], unpack(ARGV, scores_at, users_at - 1))
  local entered = redis.call('HSET', KEYS[2], unpack(ARGV, users_at, users_at + 2 * n - 1))
  -- A page that is sent twice changes nothing.
  if entered > 0 then
    redis.call('HINCRBY', KEYS[3], 'bids', bids)
    redis.call('HINCRBY', KEYS[3], 'filled', entered)
  end
  return {}
end

local users = {}
for i = 1, n do users[i] = ARGV[users_at + 2 * i - 2] end
local details = redis.call('HMGET', KEYS[2], unpack(users))
local met, entered, described = {}, {}, {}
for i, user in ipairs(users) do
  local detail = ARGV[users_at + 2 * i - 1]
  if details[i] then
    met[#met + 1] = i - 1
    bids = bids - tonumber(string.match(detail, '|(%d+)|', ORDER + 1))
  else
    local at, score_at = #entered, scores_at + 2 * i - 2
    entered[at + 1], entered[at + 2] = ARGV[score_at], ARGV[score_at + 1]
    described[at + 1], described[at + 2] = user, detail
  end
end
if #entered > 0 then
  redis.call('ZADD', KEYS[1], unpack(entered))
  redis.call('HSET', KEYS[2], unpack(described))
  redis.call('HINCRBY', KEYS[3], 'bids', bids)
  redis.call('HINCRBY', KEYS[3], 'filled', #entered / 2)
end
return met
