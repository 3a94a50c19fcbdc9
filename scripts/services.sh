#!/usr/bin/env bash
# The private PostgreSQL and Redis of this checkout. Each is left out when DATABASE_URL or REDIS_URL names another one.
#
#   services.sh start    start what does not run yet; they stay until 'stop'
#   services.sh stop     stop both
#   services.sh url      print the two addresses, passwords included
#   services.sh env      the same, for: eval "$(scripts/services.sh env)"
#   services.sh status   say what runs
#   services.sh reset    stop both and delete their data and secrets
#
# run.sh and test.sh source this file for services_up and services_release.

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/postgres.sh
source "$ROOT/scripts/postgres.sh"
# shellcheck source=scripts/redis.sh
source "$ROOT/scripts/redis.sh"

# Two scripts may start at the same moment: one waits for the other. A subshell, so that the lock goes with it.
locked() {
	(
		flock 9
		"$@"
	) 9>"$STATE/services.lock"
	pg_locate # the subshell may have moved it
}

# start_each DATABASE_URL REDIS_URL: starts the ones whose address is empty. They leave NAME.started when they were off.
start_each() {
	rm -f "$STATE"/{postgres,redis}.started
	if [[ -z $1 ]]; then pg_start; fi
	if [[ -z $2 ]]; then redis_start; fi
}

# Services started by a run or a test are marked temporary: the last script that uses them stops them.
# 'services.sh start' takes the mark away, and what runs without it stays.
start_temporary() {
	local name
	start_each "$@"
	for name in postgres redis; do
		if [[ -e $STATE/$name.started ]]; then : >"$STATE/$name.temporary"; fi
	done
}

start_lasting() {
	start_each "$@"
	rm -f "$STATE"/{postgres,redis}.temporary
}

# services_up: starts what is needed, exports DATABASE_URL and REDIS_URL, and counts this script as a user
# through a shared lock that ends with the process, however it ends.
services_up() {
	make_state_dir
	exec 8>"$STATE/services.users"
	flock -s 8
	locked start_temporary "${DATABASE_URL:-}" "${REDIS_URL:-}"
	if [[ -z ${DATABASE_URL:-} ]]; then DATABASE_URL=$(pg_url); fi
	if [[ -z ${REDIS_URL:-} ]]; then REDIS_URL=$(redis_url); fi
	export DATABASE_URL REDIS_URL
}

stop_temporary() {
	if [[ -e $STATE/postgres.temporary ]]; then
		pg_stop
		rm -f "$STATE/postgres.temporary"
	fi
	if [[ -e $STATE/redis.temporary ]]; then
		redis_stop
		rm -f "$STATE/redis.temporary"
	fi
}

# services_release: stops what a run or a test started, unless another script still uses it.
services_release() {
	if flock -n -x 8; then locked stop_temporary; fi
	exec 8>&-
}

# The database's address as settings for psql and pgbench: in the environment it is not seen in the list of
# processes.
database_settings() {
	# shellcheck disable=SC2016 # JavaScript
	node -e '
		const url = new URL(process.env.DATABASE_URL);
		const set = (name, value) => value && console.log(`${name}=${decodeURIComponent(value)}`);
		set("PGHOST", url.hostname);
		set("PGPORT", url.port || "5432");
		set("PGUSER", url.username);
		set("PGPASSWORD", url.password);
		set("PGDATABASE", url.pathname.slice(1));
		set("PGSSLMODE", url.searchParams.get("sslmode"));
	'
}

# Databases that tests left behind when they were killed.
drop_test_databases() {
	local psql=psql settings
	if pg_find; then psql=$PG_BIN/psql; fi
	mapfile -t settings < <(database_settings)
	env "${settings[@]}" "$psql" -X -q -A -t -v ON_ERROR_STOP=1 <<-'SQL'
		SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database WHERE datname LIKE 'gavel\_test\_%' \gexec
	SQL
}

# tests_alone: one set of tests at a time, for each deletes the other's databases.
tests_alone() {
	exec 6>"$STATE/test.lock"
	flock -n 6 || die 'other tests are running in this checkout'
}

stop_all() {
	pg_stop
	redis_stop
	rm -f "$STATE"/{postgres,redis}.temporary
}

delete_all() {
	pg_delete
	redis_delete
	rm -f "$STATE/jwt-secret"
}

print_urls() {
	local database=${DATABASE_URL:-} redis=${REDIS_URL:-}
	[[ -n $database || -s $STATE/postgres.port ]] || die "there is no PostgreSQL yet: run 'make services'"
	[[ -n $redis || -s $STATE/redis.port ]] || die "there is no Redis yet: run 'make services'"
	say "${1}DATABASE_URL=${database:-$(pg_url)}"
	say "${1}REDIS_URL=${redis:-$(redis_url)}"
}

print_status() {
	if pg_running; then say "PostgreSQL runs on port $(<"$STATE/postgres.port")"; else say 'PostgreSQL is off'; fi
	if redis_running; then say "Redis runs on port $(<"$STATE/redis.port")"; else say 'Redis is off'; fi
}

main() {
	make_state_dir
	case ${1:-} in
	start)
		locked start_lasting "${DATABASE_URL:-}" "${REDIS_URL:-}"
		print_status
		;;
	stop)
		locked stop_all
		print_status
		;;
	url) print_urls '' ;;
	env) print_urls 'export ' ;;
	status) print_status ;;
	reset) locked delete_all ;;
	*) die "usage: services.sh start|stop|url|env|status|reset" ;;
	esac
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
