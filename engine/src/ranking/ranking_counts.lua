-- Counts of what a ranking holds.
-- KEYS: ranking, details, meta. Returns {members, details, meta}.
return {redis.call('ZCARD', KEYS[1]), redis.call('HLEN', KEYS[2]), redis.call('HGETALL', KEYS[3])}
