-- Counts attempts in a window that starts with the first one.
-- KEYS[1] counter; ARGV[1] step (0 only reads, negative takes attempts back), ARGV[2] window in ms.
-- Returns the count and the milliseconds until the window ends.
local step = tonumber(ARGV[1])
if step <= 0 and redis.call('EXISTS', KEYS[1]) == 0 then return {0, 0} end
local count = redis.call('INCRBY', KEYS[1], step)
if count == step then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
local left = redis.call('PTTL', KEYS[1])
if count < 0 then count = 0 end
if left < 0 then left = 0 end
return {count, left}
