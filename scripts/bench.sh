#!/usr/bin/env bash
# Measures the release server on this machine, with a database and Redis keys of its own that are deleted afterwards.
# The flags are those of 'gavel-bench run'; see docs/performance.md, or --help.
#
# Environment: DATABASE_URL and REDIS_URL choose other services, whose databases and keys named gavel_bench_* are
# deleted. BENCH_PROFILE=dev tries the benchmark itself without waiting for a release build.

# shellcheck source=scripts/services.sh
source "$(dirname "${BASH_SOURCE[0]}")/services.sh"
# shellcheck source=scripts/jobs.sh
source "$ROOT/scripts/jobs.sh"

PROFILE=${BENCH_PROFILE:-release}
BUILT=$CARGO_TARGET_DIR/$PROFILE
if [[ $PROFILE == dev ]]; then BUILT=$CARGO_TARGET_DIR/debug; fi
OUT=$CARGO_TARGET_DIR/bench
NAME=gavel_bench_$(head -c 6 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
SERVER=''
SERVICES_ARE_UP=''
SERVICES_URL=''

build() {
	heading "building the server and the benchmark ($PROFILE)"
	# Apart: built together, the server could get features of libraries that it is not shipped with.
	job cargo build --locked --profile "$PROFILE" -p server
	job cargo build --locked --profile "$PROFILE" -p bench
}

# clean_up EXIT_CODE
clean_up() {
	job_stop 30
	JOB=$SERVER
	job_stop 30
	if [[ -n $SERVICES_URL ]]; then
		DATABASE_URL=$SERVICES_URL "$BUILT/gavel-bench" clean || warn 'could not delete what is named gavel_bench_*'
	fi
	rm -f "$STATE/bench.tmp"
	if [[ -n $SERVICES_ARE_UP ]]; then services_release; fi
	if (($1 != 0)); then heading "FAILED (the server's log: target/bench/server.log)"; fi
}

# Limits are out of the way of a thousand users behind one address; everything else is as shipped.
start_server() {
	export JWT_SECRET PORT HOST=127.0.0.1 GAVEL_ENV=production GAVEL_SITE_ROOT=$OUT/site
	export USER_REQUESTS_PER_SECOND=1000000 ADDRESS_REQUESTS_PER_SECOND=1000000 DATABASE_CONNECTIONS=20
	JWT_SECRET=$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
	PORT=$(free_port)
	# No page is asked for, so the browser's files need not be built.
	mkdir -p "$OUT/site/pkg"
	: >"$OUT/site/hash.txt"
	job "$BUILT/gavel" migrate
	export NO_COLOR=1
	job_start "$BUILT/gavel" serve >"$OUT/server.log" 2>&1
	SERVER=$JOB JOB=''
	wait_until 60 ready_or_dead || die 'the server is not ready after a minute'
	kill -0 "$SERVER" 2>/dev/null || die 'the server has ended'
}

ready_or_dead() { ! kill -0 "$SERVER" 2>/dev/null || http_ok 127.0.0.1 "$PORT" /readyz; }

# What was measured: the revision, marked if files differ from it, and the profile.
label() {
	local revision
	revision=$(git -C "$ROOT" describe --always --dirty 2>/dev/null) || revision='no revision'
	say "$revision, $PROFILE build"
}

measure() {
	local settings
	# pgbench takes the address from libpq's variables.
	mapfile -t settings < <(database_settings)
	export "${settings[@]}"
	job "$BUILT/gavel-bench" run --server "127.0.0.1:$PORT" --server-pid "$SERVER" --fsync-file "$STATE/bench.tmp" \
		--out "$OUT" --label "$(label)" ${PG_BIN:+--postgres-bin "$PG_BIN"} "$@"
}

# One at a time: two would measure each other, and each deletes the other's databases.
only_one() {
	exec 6>"$STATE/bench.lock"
	flock -n 6 || die "another 'make bench' is running in this checkout"
}

main() {
	make_state_dir
	only_one
	at_exit clean_up
	heading 'checking the tools'
	scripts/setup.sh bench
	build
	case " $* " in *' --help '* | *' -h '*)
		"$BUILT/gavel-bench" run --help
		exit 0
		;;
	esac
	mkdir -p "$OUT"
	# Two thousand sockets at both ends.
	ulimit -n "$(ulimit -Hn)" || warn 'could not raise the limit of open files'
	heading 'starting PostgreSQL and Redis'
	SERVICES_ARE_UP=1
	services_up
	pg_find || warn 'found no pgbench: the baseline is skipped'
	SERVICES_URL=$DATABASE_URL
	"$BUILT/gavel-bench" clean
	"$BUILT/gavel-bench" create "$NAME"
	export DATABASE_URL=${DATABASE_URL%/*}/$NAME REDIS_PREFIX=$NAME:
	heading 'starting the server'
	start_server
	heading 'measuring; leave the machine alone meanwhile'
	measure "$@"
	heading 'measured'
}

main "$@"
