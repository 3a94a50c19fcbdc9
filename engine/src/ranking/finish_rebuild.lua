-- Marks a rebuilt ranking as complete, if the rebuild still has the claim. A Redis that lost its data meanwhile has
-- lost the claim, too.
-- KEYS: ranking, details, meta, claim; ARGV: token, how many users were read.
-- Returns 1 if it is complete now, else 0.
if redis.call('GET', KEYS[4]) ~= ARGV[1] then return 0 end
local users = redis.call('HLEN', KEYS[2])
if users < tonumber(ARGV[2]) or users ~= redis.call('ZCARD', KEYS[1]) then return 0 end
redis.call('HSET', KEYS[3], 'whole', 1)
redis.call('HDEL', KEYS[3], 'filled')
redis.call('DEL', KEYS[4])
return 1
