-- Where users stand in a whole ranking.
-- KEYS: ranking, details, meta; ARGV: users.
-- Returns for each user {0-based rank, score, detail} or nil, or just nil if it is not whole.
local ORDER = 16
if redis.call('HEXISTS', KEYS[3], 'whole') == 0 then return nil end
local places = {}
for i, user in ipairs(ARGV) do
  places[i] = false
  local detail = redis.call('HGET', KEYS[2], user)
  if detail then
    local member = string.sub(detail, 1, ORDER) .. user
    local rank = redis.call('ZREVRANK', KEYS[1], member)
    if rank then places[i] = {rank, redis.call('ZSCORE', KEYS[1], member), detail} end
  end
end
return places
