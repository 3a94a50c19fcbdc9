-- Enters standing bids into a ranking; a higher score stays, whatever the order of calls.
-- KEYS: ranking (zset), details (hash), meta (hash)
-- ARGV: n, then n times user, score, sequence, detail
--       ("<16 digits of order>|<bid number>|<cents>|<name>"), then further users whose ranks are
--       wanted too.
-- Returns the 0-based ranks of all users (-1: not in the ranking), or nil if it is not whole.
-- A member is the order digits followed by the user. meta.bids is the sum of the bid numbers.
local ORDER = 16
local n = tonumber(ARGV[1])
local users = {}
local members = {}
local newest = 0
local bids = 0
local at = 2
for i = 1, n do
  local user, score, seq, detail = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at + 3]
  at = at + 4
  users[i] = user
  if seq > newest then newest = seq end
  local old = redis.call('HGET', KEYS[2], user)
  local higher = true
  if old then
    local member = string.sub(old, 1, ORDER) .. user
    local old_score = redis.call('ZSCORE', KEYS[1], member)
    if old_score and tonumber(old_score) >= tonumber(score) then
      higher = false
      members[i] = member
    else
      bids = bids - tonumber(string.match(old, '^%d+|(%d+)|'))
      redis.call('ZREM', KEYS[1], member)
    end
  end
  if higher then
    members[i] = string.sub(detail, 1, ORDER) .. user
    redis.call('ZADD', KEYS[1], score, members[i])
    redis.call('HSET', KEYS[2], user, detail)
    bids = bids + tonumber(string.match(detail, '^%d+|(%d+)|'))
  end
end
if bids ~= 0 then redis.call('HINCRBY', KEYS[3], 'bids', bids) end
local meta = redis.call('HMGET', KEYS[3], 'whole', 'version')
if not meta[1] then return nil end
if newest > tonumber(meta[2]) then
  -- Not tonumber'd back to text: %.14g would lose digits of large sequences.
  redis.call('HSET', KEYS[3], 'version', string.format('%.0f', newest))
end
for i = at, #ARGV do
  local detail = redis.call('HGET', KEYS[2], ARGV[i])
  users[#users + 1] = ARGV[i]
  members[#users] = detail and string.sub(detail, 1, ORDER) .. ARGV[i]
end
local ranks = {}
for i = 1, #users do
  ranks[i] = members[i] and redis.call('ZREVRANK', KEYS[1], members[i]) or -1
end
return ranks
