-- Renews the claim of a rebuild, if it still stands.
-- KEYS[1] claim; ARGV: token, milliseconds the claim lasts. Returns 1 if it stands, else 0.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
