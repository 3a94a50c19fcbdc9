-- The standings of users in a complete ranking. Of a void bid, whose score is below 0, the rank means nothing.
-- KEYS: ranking, details, meta; ARGV: users, at least one.
-- Returns {meta, participants, for each user {0-based rank, score, detail} or nil}, or just nil if it is incomplete.
local ORDER = 16
if redis.call('HEXISTS', KEYS[3], 'whole') == 0 then return nil end
-- Redis has evicted one of the keys, or another program has written to them.
if redis.call('ZCARD', KEYS[1]) ~= redis.call('HLEN', KEYS[2]) then return nil end
local details = redis.call('HMGET', KEYS[2], unpack(ARGV))
local standings = {}
for i, user in ipairs(ARGV) do
  standings[i] = false
  local detail = details[i]
  if detail then
    local member = string.sub(detail, 1, ORDER) .. user
    local rank = redis.call('ZREVRANK', KEYS[1], member)
    local score = redis.call('ZSCORE', KEYS[1], member)
    if rank then standings[i] = {rank, score, detail} end
  end
end
return {redis.call('HGETALL', KEYS[3]), redis.call('ZCOUNT', KEYS[1], 0, '+inf'), standings}
