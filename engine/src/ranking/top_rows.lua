-- The first rows of a complete ranking, read atomically. Void bids, whose scores are below 0, are left out.
-- KEYS: ranking, details, meta; ARGV: rows wanted, K.
-- Returns {meta, participants, K-th score or nil, first score or nil, rows of {user, score,
-- detail}}, or nil if the ranking is incomplete.
local ORDER = 16
if redis.call('HEXISTS', KEYS[3], 'whole') == 0 then return nil end
-- Redis has evicted one of the keys, or another program has written to them.
if redis.call('ZCARD', KEYS[1]) ~= redis.call('HLEN', KEYS[2]) then return nil end
local limit, k = tonumber(ARGV[1]), tonumber(ARGV[2])
local rows = {}
if limit > 0 then
  local found = redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', 0, 'WITHSCORES', 'LIMIT', 0, limit)
  local users = {}
  for i = 1, #found, 2 do users[#users + 1] = string.sub(found[i], ORDER + 1) end
  local details = #users > 0 and redis.call('HMGET', KEYS[2], unpack(users)) or {}
  for i, user in ipairs(users) do rows[i] = {user, found[2 * i], details[i] or ''} end
end
local function score_at(index)
  local score = redis.call('ZREVRANGE', KEYS[1], index, index, 'WITHSCORES')[2]
  return score and tonumber(score) >= 0 and score or false
end
return {redis.call('HGETALL', KEYS[3]), redis.call('ZCOUNT', KEYS[1], 0, '+inf'), score_at(k - 1), score_at(0), rows}
