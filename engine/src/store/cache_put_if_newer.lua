-- Puts a copy unless Redis has one of the same or a newer version.
-- KEYS[1] copy ("version|json"); ARGV: version, json, seconds to live.
-- Returns the present copy if it stays, else nil.
local old = redis.call('GET', KEYS[1])
local known = old and tonumber(string.match(old, '^(%-?%d+)|'))
if known and tonumber(ARGV[1]) <= known then return old end
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. ARGV[2], 'EX', ARGV[3])
return nil
