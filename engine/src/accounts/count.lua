-- Counts attempts in a window that starts with the first one.
-- KEYS[1] counter; ARGV[1] step (0 only looks), ARGV[2] window in ms.
-- Returns the count and the milliseconds left of the window.
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
local step = tonumber(ARGV[1])
if step > 0 then
  count = redis.call('INCRBY', KEYS[1], step)
  if count == step then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
  end
end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then left = 0 end
return {count, left}
