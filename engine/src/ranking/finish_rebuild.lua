-- Declares a rebuilt ranking whole, if the claim still holds: a Redis that lost its memory
-- meanwhile has lost the claim too.
-- KEYS: ranking, details, meta, claim; ARGV: token, version.
-- Returns 1 if it is whole now, else 0.
if redis.call('GET', KEYS[4]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[3], 'whole', 1, 'version', ARGV[2])
redis.call('DEL', KEYS[4])
return 1
