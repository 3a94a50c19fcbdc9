-- Renews the claim of a rebuild.
-- KEYS: claim; ARGV: token, milliseconds the claim lasts. Returns 1, or 0 if the claim is lost.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
