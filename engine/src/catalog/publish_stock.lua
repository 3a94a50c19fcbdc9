-- Sets a stock with the version of its source; an older version changes nothing.
-- KEYS: stock, stock_version; ARGV: stock, version.
local known = tonumber(redis.call('GET', KEYS[2]) or '0')
if tonumber(ARGV[2]) > known then
  redis.call('SET', KEYS[1], ARGV[1])
  redis.call('SET', KEYS[2], ARGV[2])
end
