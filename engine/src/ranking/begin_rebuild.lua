-- Claims the rebuild of a ranking and empties it, in one step.
-- KEYS: ranking, details, meta, claim; ARGV: token, milliseconds the claim lasts.
-- Returns 1 if claimed, by this call or by the same one before, whose answer was lost; 0 if another rebuild has the claim.
if not redis.call('SET', KEYS[4], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return redis.call('GET', KEYS[4]) == ARGV[1] and 1 or 0
end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
return 1
