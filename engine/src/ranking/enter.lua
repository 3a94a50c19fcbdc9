-- Enters standing bids into a ranking; a higher score stays, whatever the order of calls.
-- KEYS: ranking (zset), details (hash), version (string, exists while the ranking is whole)
-- ARGV: n, then n times user, score, sequence, detail ("<16 digits of order>|<cents>|<name>"),
--       then further users whose ranks are wanted too.
-- Returns the 0-based ranks of all users (-1: not in the ranking), or nil if it is not whole.
-- A member is the order digits followed by the user.
local ORDER = 16
local n = tonumber(ARGV[1])
local users = {}
local newest = 0
local at = 2
for _ = 1, n do
  local user, score, seq, detail = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at + 3]
  at = at + 4
  users[#users + 1] = user
  if seq > newest then newest = seq end
  local old = redis.call('HGET', KEYS[2], user)
  local higher = true
  if old then
    local member = string.sub(old, 1, ORDER) .. user
    local old_score = redis.call('ZSCORE', KEYS[1], member)
    if old_score and tonumber(old_score) >= tonumber(score) then
      higher = false
    elseif old_score then
      redis.call('ZREM', KEYS[1], member)
    end
  end
  if higher then
    redis.call('ZADD', KEYS[1], score, string.sub(detail, 1, ORDER) .. user)
    redis.call('HSET', KEYS[2], user, detail)
  end
end
local version = redis.call('GET', KEYS[3])
if not version then return nil end
if newest > tonumber(version) then
  -- Not tonumber'd back to text: %.14g would lose digits of large sequences.
  redis.call('SET', KEYS[3], string.format('%.0f', newest))
end
for i = at, #ARGV do users[#users + 1] = ARGV[i] end
local ranks = {}
for i, user in ipairs(users) do
  local detail = redis.call('HGET', KEYS[2], user)
  local rank = detail and redis.call('ZREVRANK', KEYS[1], string.sub(detail, 1, ORDER) .. user)
  ranks[i] = rank or -1
end
return ranks
