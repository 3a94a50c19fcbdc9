-- Claims the rebuild of a ranking and empties it, in one step.
-- KEYS: ranking, details, meta, claim
-- ARGV: token, milliseconds the claim lasts, 1 if the ranking only needs a rebuild while it is incomplete.
-- Returns 1 if claimed, by this call or by the same one before, whose answer was lost; 0 if another rebuild has the claim,
-- or has just completed the ranking.
if ARGV[3] == '1' and redis.call('HEXISTS', KEYS[3], 'whole') == 1
  and redis.call('ZCARD', KEYS[1]) == redis.call('HLEN', KEYS[2]) then return 0 end
if not redis.call('SET', KEYS[4], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return redis.call('GET', KEYS[4]) == ARGV[1] and 1 or 0
end
-- In the background: freeing a million members would stop Redis for all campaigns.
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
-- If it is gone at the end, what was entered meanwhile is, too.
redis.call('HSET', KEYS[3], 'rebuild', ARGV[1] .. ':0')
return 1
