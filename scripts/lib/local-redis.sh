# shellcheck shell=bash
# A local Redis for this checkout, in .gavel/redis. Source it after common.sh.
# It holds only data that can be rebuilt from PostgreSQL, so persistence is off.

REDIS_HOME=$STATE/redis
REDIS_LOG=$STATE/redis.log

redis_url() { say "redis://default:$(secret redis.password)@127.0.0.1:$(<"$STATE/redis.port")/0"; }

redis_running() {
	[[ -s $REDIS_HOME/redis.pid && -s $STATE/redis.port ]] || return 1
	# Redis shows its address in its command line.
	process_matches "$(<"$REDIS_HOME/redis.pid")" "*redis-server 127.0.0.1:$(<"$STATE/redis.port")*"
}

redis_ready() {
	[[ $(REDISCLI_AUTH=$(secret redis.password) redis-cli -h 127.0.0.1 -p "$(<"$STATE/redis.port")" PING) == PONG ]]
}

# redis_configure PORT: the password goes into a file that only its owner can read, because others can see arguments.
redis_configure() {
	(umask 077 && cat >"$REDIS_HOME/redis.conf") <<-CONF
		# Written by scripts/lib/local-redis.sh at every start.
		bind 127.0.0.1
		port $1
		requirepass $(secret redis.password)
		daemonize yes
		pidfile "$REDIS_HOME/redis.pid"
		logfile "$REDIS_LOG"
		dir "$REDIS_HOME"
		appendonly no
		save ""
		lazyfree-lazy-expire yes
	CONF
}

redis_fail() {
	tail -n 20 "$REDIS_LOG" >&2 || true
	die "Redis: $1 (log: .gavel/redis.log)"
}

# redis_start: does nothing if the server is running. File descriptors 8 and 9 are locks of local-services.sh, which the
# server must not inherit.
redis_start() {
	have redis-server || die "Redis is not installed: run 'scripts/setup.sh services'"
	if ! redis_running; then
		[[ -d $REDIS_HOME ]] || mkdir -m 700 "$REDIS_HOME"
		rm -f "$REDIS_HOME/redis.pid"
		redis_configure "$(keep_port redis.port)"
		: >"$REDIS_LOG"
		redis-server "$REDIS_HOME/redis.conf" >>"$REDIS_LOG" 2>&1 8>&- 9>&- || redis_fail 'did not start'
		: >"$STATE/redis.started"
	fi
	wait_until 30 redis_ready || redis_fail 'does not answer'
}

redis_stop() {
	redis_running || return 0
	kill -TERM "$(<"$REDIS_HOME/redis.pid")"
	wait_until 30 redis_stopped || redis_fail 'did not stop'
	rm -f "$REDIS_HOME/redis.pid"
}

redis_stopped() { ! redis_running; }

redis_delete() {
	redis_stop
	rm -rf "$REDIS_HOME" "$STATE"/redis.*
}
