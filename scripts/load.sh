#!/usr/bin/env bash
# Runs a scenario of k6-tests/ against a release server that it starts, with a database and Redis keys of its own that
# are deleted afterwards, or against the server at BASE_URL.
#
#   load.sh SCENARIO [k6 flags]
#
# The results are in target/load/. Settings are environment variables: see k6-tests/README.md.

# shellcheck source=scripts/services.sh
source "$(dirname "${BASH_SOURCE[0]}")/services.sh"
# shellcheck source=scripts/jobs.sh
source "$ROOT/scripts/jobs.sh"
# shellcheck source=scripts/python-tools.sh
source "$ROOT/scripts/python-tools.sh"
# shellcheck source=scripts/own-server.sh
source "$ROOT/scripts/own-server.sh"

OUT=$CARGO_TARGET_DIR/load
WATCHER=''

scenarios() { (cd "$ROOT/k6-tests" && printf '%s\n' *.js | sed 's/\.js$//' | paste -sd ' '); }

# clean_up EXIT_CODE
clean_up() {
	job_stop 30
	stop_watching
	own_server_stop
}

# Ten thousand sockets are ten thousand open files at either end.
raise_file_limit() {
	local hard
	hard=$(ulimit -Hn)
	ulimit -n "$hard" || warn 'could not raise the limit of open files'
	[[ $hard == unlimited ]] || ((hard >= ${VIEWERS:-0} + 1000)) || die "VIEWERS=$VIEWERS needs more open files than the $hard allowed here.
Raise the limit first, as root:  ulimit -Hn $((VIEWERS * 2)); ulimit -n $((VIEWERS * 2))"
}

# What server and load took meanwhile, by the kernel's account.
watch_processes() {
	node scripts/watch-processes.mjs "$OUT/$SCENARIO.processes.json" "server=$OWN_SERVER" "k6=$1" &
	WATCHER=$!
}

stop_watching() {
	[[ -n $WATCHER ]] || return 0
	kill -TERM "$WATCHER" 2>/dev/null || true
	wait "$WATCHER" || true
	WATCHER=''
}

run_k6() {
	local code=0
	export SCENARIO RESULTS=$OUT/$SCENARIO
	# k6 asks nobody anything, and sends nothing to anyone but the server.
	job_start env K6_NO_USAGE_REPORT=true "$PYTHON_TOOLS/bin/k6" run "$@" "k6-tests/$SCENARIO.js"
	if [[ -n $OWN_SERVER ]]; then watch_processes "$JOB"; fi
	job_wait || code=$?
	stop_watching
	say "
Results: target/load/$SCENARIO.html, .txt and .json"
	return "$code"
}

main() {
	SCENARIO=${1:-}
	[[ -n $SCENARIO && -f k6-tests/$SCENARIO.js ]] || die "usage: make load SCENARIO=NAME, where NAME is one of: $(scenarios)"
	shift
	make_state_dir
	at_exit clean_up
	heading 'checking the tools'
	if [[ -n ${BASE_URL:-} ]]; then scripts/setup.sh load; else scripts/setup.sh load-own; fi
	raise_file_limit
	mkdir -p "$OUT"
	if [[ -z ${BASE_URL:-} ]]; then
		heading 'building the server'
		job cargo build --locked --release -p server
		own_server_start "$CARGO_TARGET_DIR/release/gavel" "$OUT"
		export BASE_URL=$OWN_SERVER_URL
	fi
	heading "running $SCENARIO against $BASE_URL"
	run_k6 "$@"
}

main "$@"
