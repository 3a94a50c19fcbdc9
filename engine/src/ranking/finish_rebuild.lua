-- Marks a rebuilt ranking as complete, if the rebuild still has the claim. A Redis that lost its data meanwhile has
-- lost the claim, too.
-- KEYS: ranking, details, meta, claim; ARGV: token, how many users were read, for each writer: id, its count as read.
-- Returns 1 if it is complete now, else 0: also if writers have entered bids meanwhile that do not follow on from those
-- that were read. The ranking would hold bids that it does not count.
if redis.call('GET', KEYS[4]) ~= ARGV[1] then return 0 end
local users = redis.call('HLEN', KEYS[2])
if users < tonumber(ARGV[2]) or users ~= redis.call('ZCARD', KEYS[1]) then return 0 end
local read = {}
for at = 3, #ARGV, 2 do read[ARGV[at]] = tonumber(ARGV[at + 1]) end
local meta = redis.call('HGETALL', KEYS[3])
for at = 1, #meta, 2 do
  local writer = string.match(meta[at], '^after:(.*)')
  if writer then
    if tonumber(meta[at + 1]) > (read[writer] or 0) then
      redis.call('DEL', KEYS[4])
      return 0
    end
    redis.call('HDEL', KEYS[3], meta[at])
  end
end
for writer, count in pairs(read) do
  local entered = tonumber(redis.call('HGET', KEYS[3], 'writer:' .. writer) or '0')
  if entered < count then redis.call('HSET', KEYS[3], 'writer:' .. writer, count) end
end
redis.call('HSET', KEYS[3], 'whole', 1)
redis.call('HDEL', KEYS[3], 'filled')
redis.call('DEL', KEYS[4])
return 1
