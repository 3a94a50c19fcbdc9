-- Counts of what a ranking holds.
-- KEYS: ranking, details, meta. Returns {complete, members, details, bids}.
local meta = redis.call('HMGET', KEYS[3], 'whole', 'bids')
return {meta[1] and 1 or 0, redis.call('ZCARD', KEYS[1]), redis.call('HLEN', KEYS[2]), tonumber(meta[2] or '0')}
