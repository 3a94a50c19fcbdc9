#!/usr/bin/env bash
# Manages this checkout's local PostgreSQL and Redis. Either is skipped if DATABASE_URL or REDIS_URL names another one.
#
#   local-services.sh start    start both, to run until 'stop'
#   local-services.sh stop     stop both
#   local-services.sh url      print the two addresses, passwords included
#   local-services.sh env      the same, for: eval "$(scripts/local-services.sh env)"
#   local-services.sh status   print what is running
#   local-services.sh reset    stop both and delete their data and secrets
#
# Other scripts source this file for services_up and services_release.

# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=scripts/lib/local-postgres.sh
source "$ROOT/scripts/lib/local-postgres.sh"
# shellcheck source=scripts/lib/local-redis.sh
source "$ROOT/scripts/lib/local-redis.sh"

# locked COMMAND...: runs it under a lock, because several scripts may start or stop services at once. The lock is
# released when the subshell exits.
locked() {
	(
		flock 9
		"$@"
	) 9>"$STATE/services.lock"
	pg_locate # the subshell may have moved the data
}

# start_each DATABASE_URL REDIS_URL: starts each service whose URL is empty. The file NAME.started then tells that it
# was not running before.
start_each() {
	rm -f "$STATE"/{postgres,redis}.started
	if [[ -z $1 ]]; then pg_start; fi
	if [[ -z $2 ]]; then redis_start; fi
}

# Marks the services that it starts as temporary: the last script that uses them stops them.
start_temporary() {
	local name
	start_each "$@"
	for name in postgres redis; do
		if [[ -e $STATE/$name.started ]]; then : >"$STATE/$name.temporary"; fi
	done
}

# Removes the temporary marks, so that the services keep running.
start_lasting() {
	start_each "$@"
	rm -f "$STATE"/{postgres,redis}.temporary
}

# services_up: starts what is needed, exports DATABASE_URL and REDIS_URL, and registers this script as a user with a
# shared lock, which the kernel releases however the process ends.
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

# services_release: stops temporary services unless another script still uses them.
services_release() {
	if flock -n -x 8; then locked stop_temporary; fi
	exec 8>&-
}

# database_settings: prints DATABASE_URL as libpq's environment variables. Other users could see a password among the
# arguments of psql or pgbench.
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

# run_psql ARGUMENT...: runs psql on the server of DATABASE_URL; PGDATABASE chooses another database.
run_psql() {
	local psql=psql settings
	if pg_find; then psql=$PG_BIN/psql; fi
	mapfile -t settings < <(database_settings)
	if [[ -n ${PGDATABASE:-} ]]; then settings+=("PGDATABASE=$PGDATABASE"); fi
	env "${settings[@]}" "$psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

# create_migrated_database NAME: creates a database with all migrations on the server of DATABASE_URL, and prints its URL.
create_migrated_database() {
	local file transaction
	run_psql -c "CREATE DATABASE $1" || return
	for file in "$ROOT"/migrations/*.sql; do
		transaction=(-1)
		if [[ $(head -n 1 "$file") == '-- no-transaction'* ]]; then transaction=(); fi
		PGDATABASE=$1 run_psql "${transaction[@]}" -f "$file" || return
	done
	node -p 'const url = new URL(process.env.DATABASE_URL); url.pathname = process.argv[1]; url.href' "/$1"
}

# drop_database NAME
drop_database() { PGDATABASE=postgres run_psql -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)"; }

# Drops the databases of tests that were killed.
drop_test_databases() {
	run_psql <<-'SQL'
		SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database WHERE datname LIKE 'gavel\_test\_%' \gexec
	SQL
}

# Two test runs would delete each other's databases.
one_test_run_at_a_time() {
	exec 6>"$STATE/test.lock"
	flock -n 6 || die 'other tests are already running in this checkout'
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
	if pg_running; then say "PostgreSQL is running on port $(<"$STATE/postgres.port")"; else say 'PostgreSQL is stopped'; fi
	if redis_running; then say "Redis is running on port $(<"$STATE/redis.port")"; else say 'Redis is stopped'; fi
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
	*) die "usage: local-services.sh start|stop|url|env|status|reset" ;;
	esac
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
