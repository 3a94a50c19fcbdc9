-- Takes the bids that committers have entered meanwhile over into a rebuilt ranking, up to MERGED_MAX at once, and puts it in
-- the place of the ranking when none is left, if the rebuild still has the claim. A Redis that lost its data meanwhile
-- has lost the claim, too.
-- KEYS: ranking, details, meta, claim, rebuilt ranking, rebuilt details
-- ARGV: token, milliseconds the claim lasts, the number of this step from 0, the number of users in the rebuilt ranking,
--       the sum of their changes, for each writer: id, its count as read.
-- Returns {1 if the ranking is complete now, 2 if there are more bids to take over, 0 if this rebuild has failed; users,
-- sum of their changes}. It fails also if pages are missing, or if writers have entered bids that are missing or do not
-- follow on from those that were read: the ranking would hold bids that it does not count, or count bids that it does
-- not hold. A step that is sent twice, or after Redis was set back to an earlier one, fails: meta.rebuild has the token and
-- the number of the next step.
local MERGED_MAX = 500
local REBUILT_TTL_S = 60
local ORDER = 16
local function member(detail, user) return string.sub(detail, 1, ORDER) .. user end
local function changes(detail) return tonumber(string.match(detail, '|(%d+)|', ORDER + 1)) end
local FAILED = {0, 0, 0}
local function fail()
  redis.call('DEL', KEYS[4])
  return FAILED
end

if redis.call('GET', KEYS[4]) ~= ARGV[1] then return FAILED end
redis.call('PEXPIRE', KEYS[4], ARGV[2])
if redis.call('HGET', KEYS[3], 'rebuild') ~= ARGV[1] .. ':' .. ARGV[3] then return fail() end
local total, bids = tonumber(ARGV[4]), tonumber(ARGV[5])
if redis.call('HLEN', KEYS[6]) ~= total or redis.call('ZCARD', KEYS[5]) ~= total then return fail() end

local met = redis.call('HRANDFIELD', KEYS[2], MERGED_MAX, 'WITHVALUES')
if #met > 0 then
  local users, details, members = {}, {}, {}
  for i = 1, #met, 2 do
    users[#users + 1], details[#details + 1] = met[i], met[i + 1]
    members[#members + 1] = member(met[i + 1], met[i])
  end
  local scores = redis.call('ZMSCORE', KEYS[1], unpack(members))
  local read = redis.call('HMGET', KEYS[6], unpack(users))
  local taken = 0
  for i, user in ipairs(users) do
    if not scores[i] then return fail() end
    local known = read[i] and member(read[i], user)
    -- A bid that was read may be later than one that its committer entered late.
    if not known or changes(details[i]) > changes(read[i]) then
      if known then
        redis.call('ZREM', KEYS[5], known)
        bids = bids - changes(read[i])
      else
        total = total + 1
      end
      redis.call('ZADD', KEYS[5], scores[i], members[i])
      redis.call('HSET', KEYS[6], user, details[i])
      bids = bids + changes(details[i])
    end
    taken = taken + changes(details[i])
  end
  redis.call('ZREM', KEYS[1], unpack(members))
  redis.call('HDEL', KEYS[2], unpack(users))
  redis.call('HINCRBY', KEYS[3], 'bids', -taken)
  if redis.call('HLEN', KEYS[2]) > 0 then
    redis.call('HSET', KEYS[3], 'rebuild', ARGV[1] .. ':' .. (tonumber(ARGV[3]) + 1))
    -- This step may have created them.
    redis.call('EXPIRE', KEYS[5], REBUILT_TTL_S)
    redis.call('EXPIRE', KEYS[6], REBUILT_TTL_S)
    return {2, total, bids}
  end
end
if tonumber(redis.call('HGET', KEYS[3], 'bids') or '0') ~= 0 then return fail() end

local read = {}
for at = 6, #ARGV, 2 do read[ARGV[at]] = tonumber(ARGV[at + 1]) end
local meta = redis.call('HGETALL', KEYS[3])
for at = 1, #meta, 2 do
  local writer = string.match(meta[at], '^after:(.*)')
  if writer then
    if tonumber(meta[at + 1]) > (read[writer] or 0) then return fail() end
    redis.call('HDEL', KEYS[3], meta[at])
  end
end
for writer, count in pairs(read) do
  local entered = tonumber(redis.call('HGET', KEYS[3], 'writer:' .. writer) or '0')
  if entered < count then redis.call('HSET', KEYS[3], 'writer:' .. writer, count) end
end
if total > 0 then
  redis.call('RENAME', KEYS[5], KEYS[1])
  redis.call('RENAME', KEYS[6], KEYS[2])
  redis.call('PERSIST', KEYS[1])
  redis.call('PERSIST', KEYS[2])
end
redis.call('HSET', KEYS[3], 'bids', bids, 'whole', 1)
redis.call('HDEL', KEYS[3], 'rebuild')
redis.call('DEL', KEYS[4])
return {1, total, bids}
