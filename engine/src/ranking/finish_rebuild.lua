-- Declares a rebuilt ranking whole, if the claim still holds: a Redis that lost its memory
-- meanwhile has lost the claim too.
-- KEYS: ranking, details, meta, claim; ARGV: token, version.
-- Returns 1 if it is whole now, else 0.
if redis.call('GET', KEYS[4]) ~= ARGV[1] then return 0 end
-- Bids entered meanwhile may be newer than what was read.
local version = redis.call('HGET', KEYS[3], 'version') or '0'
if tonumber(version) < tonumber(ARGV[2]) then version = ARGV[2] end
redis.call('HSET', KEYS[3], 'whole', 1, 'version', version)
redis.call('DEL', KEYS[4])
return 1
