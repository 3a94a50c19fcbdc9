#!/usr/bin/env bash
# Benchmarks the release server on this machine, on a temporary database and Redis prefix.
# Takes the flags of 'gavel-bench run': see docs/performance.md or --help.
#
# Environment: DATABASE_URL and REDIS_URL choose other services; databases and keys named gavel_bench_* are deleted
# there. BENCH_PROFILE=dev tests the benchmark itself without a release build.

# shellcheck source=scripts/local-services.sh
source "$(dirname "${BASH_SOURCE[0]}")/local-services.sh"
# shellcheck source=scripts/lib/job-control.sh
source "$ROOT/scripts/lib/job-control.sh"

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
	# Built separately: together, Cargo could enable features of dependencies that the shipped server does not have.
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

# Raises the rate limits, because a thousand users share one address; everything else is as shipped.
start_server() {
	export JWT_SECRET PORT HOST=127.0.0.1 GAVEL_ENV=production GAVEL_SITE_ROOT=$OUT/site DEMO_CROWD=false
	export USER_REQUESTS_PER_SECOND=1000000 ADDRESS_REQUESTS_PER_SECOND=1000000 DATABASE_CONNECTIONS=20
	JWT_SECRET=$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
	PORT=$(free_port)
	# No pages are requested, so the frontend need not be built.
	mkdir -p "$OUT/site/pkg"
	: >"$OUT/site/hash.txt"
	job "$BUILT/gavel" migrate
	export NO_COLOR=1
	job_start "$BUILT/gavel" serve >"$OUT/server.log" 2>&1
	SERVER=$JOB JOB=''
	wait_until 60 ready_or_dead || die 'the server is not ready after a minute'
	kill -0 "$SERVER" 2>/dev/null || die 'the server has exited'
}

ready_or_dead() { ! kill -0 "$SERVER" 2>/dev/null || http_ok 127.0.0.1 "$PORT" /readyz; }

# label: prints what is measured: the git revision, marked if the tree is dirty, and the build profile.
label() {
	local revision
	revision=$(git -C "$ROOT" describe --always --dirty 2>/dev/null) || revision='no revision'
	say "$revision, $PROFILE build"
}

measure() {
	local settings
	# pgbench connects with libpq's variables.
	mapfile -t settings < <(database_settings)
	export "${settings[@]}"
	job "$BUILT/gavel-bench" run --server "127.0.0.1:$PORT" --server-pid "$SERVER" --fsync-file "$STATE/bench.tmp" \
		--out "$OUT" --label "$(label)" ${PG_BIN:+--postgres-bin "$PG_BIN"} "$@"
}

# Two runs would distort each other's results and delete each other's databases.
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
	# The benchmark opens two thousand sockets, each a file at both ends.
	ulimit -n "$(ulimit -Hn)" || warn 'could not raise the limit on open files'
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
	heading 'measuring; leave the machine idle meanwhile'
	measure "$@"
	heading 'done'
}

main "$@"
