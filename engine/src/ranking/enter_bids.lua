-- Enters standing bids into a ranking. Of two states of a bid the later one stays, in whatever order calls arrive.
-- KEYS: ranking (zset), details (hash), meta (hash)
-- ARGV: the number of ranges, how many of the bids are to be entered, for each range of a writer's bids that these
--       complete: writer, after, through; then for each bid user, score, detail ("<16 digits of order>|<changes>|
--       <cents>|<name>"). A void bid has a score below 0. Of the bids after those to be entered only the ranks are wanted: another writer enters them,
--       and counts them when it does. There is at least one bid, no user occurs twice, and there are at most some
--       thousands (unpack's limit).
-- Returns {meta, 0-based ranks of the users (-1: the bid is not in the ranking)}, or nil if the ranking is incomplete.
-- A member is the order digits followed by the user. meta.bids is the sum of the changes: how many accepted bids the
-- ranking holds, and changes from valid to void and back. meta["writer:<id>"] is how many of a writer's bids it holds. A range that does not follow on from that
-- count shows that earlier ones were lost: the ranking is incomplete from then on.
-- Commands are called once for all users where possible, because calls from Lua to Redis take most of the time.
local ORDER = 16
local function member(detail, user) return string.sub(detail, 1, ORDER) .. user end
local function changes(detail) return tonumber(string.match(detail, '|(%d+)|', ORDER + 1)) end

-- Redis has evicted one of the keys, or another program has written to them.
if redis.call('ZCARD', KEYS[1]) ~= redis.call('HLEN', KEYS[2]) then redis.call('HDEL', KEYS[3], 'whole') end

local first = 3 + 3 * tonumber(ARGV[1])
local to_enter = tonumber(ARGV[2])
local users = {}
for i = 1, (#ARGV - first + 1) / 3 do users[i] = ARGV[first + 3 * i - 3] end
local details = redis.call('HMGET', KEYS[2], unpack(users))
local members = {}
local known, olds, standing = {}, {}, {}
for i = 1, #users do
  if details[i] then
    members[i] = member(details[i], users[i])
    known[#known + 1] = i
    olds[#olds + 1] = members[i]
  end
end
if #known > 0 then
  local scores = redis.call('ZMSCORE', KEYS[1], unpack(olds))
  for j, i in ipairs(known) do standing[i] = scores[j] end
end

local bids = 0
local left, entered, described = {}, {}, {}
local outdone = {}
for i = 1, #users do
  local score, detail = ARGV[first + 3 * i - 2], ARGV[first + 3 * i - 1]
  if standing[i] and changes(details[i]) >= changes(detail) then
    -- It is there, or a later one of this user, which another writer has entered first.
    if members[i] ~= member(detail, users[i]) or tonumber(standing[i]) < 0 then outdone[i] = member(detail, users[i]) end
  elseif i > to_enter then
    members[i] = nil
  else
    if members[i] then
      left[#left + 1] = members[i]
      bids = bids - changes(details[i])
    end
    members[i] = member(detail, users[i])
    entered[#entered + 1] = score
    entered[#entered + 1] = members[i]
    described[#described + 1] = users[i]
    described[#described + 1] = detail
    bids = bids + changes(detail)
  end
end
if #left > 0 then redis.call('ZREM', KEYS[1], unpack(left)) end
if #entered > 0 then
  redis.call('ZADD', KEYS[1], unpack(entered))
  redis.call('HSET', KEYS[2], unpack(described))
end
if bids ~= 0 then redis.call('HINCRBY', KEYS[3], 'bids', bids) end

local is_complete = redis.call('HEXISTS', KEYS[3], 'whole') == 1
for at = 3, first - 1, 3 do
  local writer, after, through = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local count = redis.call('HGET', KEYS[3], 'writer:' .. writer)
  if not count and not is_complete then
    -- A rebuild finds out whether its own bids and these follow on from each other.
    redis.call('HSET', KEYS[3], 'writer:' .. writer, through, 'after:' .. writer, after)
  elseif tonumber(count or '0') < after then
    redis.call('HDEL', KEYS[3], 'whole')
    is_complete = false
  elseif tonumber(count or '0') < through then
    redis.call('HSET', KEYS[3], 'writer:' .. writer, through)
  end
end

if not is_complete then return nil end
local ranks = {}
for i = 1, #users do
  if outdone[i] then
    -- The rank that belongs to this score is the one it has in place of the better one.
    redis.call('ZREM', KEYS[1], members[i])
    redis.call('ZADD', KEYS[1], ARGV[first + 3 * i - 2], outdone[i])
    ranks[i] = redis.call('ZREVRANK', KEYS[1], outdone[i])
    redis.call('ZREM', KEYS[1], outdone[i])
    redis.call('ZADD', KEYS[1], standing[i], members[i])
  else
    ranks[i] = members[i] and redis.call('ZREVRANK', KEYS[1], members[i]) or -1
  end
end
return {redis.call('HGETALL', KEYS[3]), ranks}
