#!/usr/bin/env bash
# Runs a scenario of k6-tests/ against a release server that it starts on a temporary database and Redis prefix, or
# against the server at BASE_URL.
#
#   load-test.sh SCENARIO [k6 flags]
#
# Results go to target/load/. Settings are environment variables: see k6-tests/README.md.

# shellcheck source=scripts/local-services.sh
source "$(dirname "${BASH_SOURCE[0]}")/local-services.sh"
# shellcheck source=scripts/lib/job-control.sh
source "$ROOT/scripts/lib/job-control.sh"
# shellcheck source=scripts/lib/python-tools.sh
source "$ROOT/scripts/lib/python-tools.sh"
# shellcheck source=scripts/lib/test-server.sh
source "$ROOT/scripts/lib/test-server.sh"

OUT=$CARGO_TARGET_DIR/load
SAMPLER=''

scenarios() { (cd "$ROOT/k6-tests" && printf '%s\n' *.js | sed 's/\.js$//' | paste -sd ' '); }

# clean_up EXIT_CODE
clean_up() {
	job_stop 30
	stop_sampling
	test_server_stop
}

# Every socket is an open file in the server and in k6.
raise_file_limit() {
	local hard
	hard=$(ulimit -Hn)
	ulimit -n "$hard" || warn 'could not raise the limit on open files'
	[[ $hard == unlimited ]] || ((hard >= ${VIEWERS:-0} + 1000)) || die "VIEWERS=$VIEWERS needs more open files than the $hard allowed here.
Raise the limit first, as root:  ulimit -Hn $((VIEWERS * 2)); ulimit -n $((VIEWERS * 2))"
}

# start_sampling K6_PID: records CPU and memory of the server and k6, as the kernel counts them.
start_sampling() {
	node scripts/sample-cpu-memory.mjs "$OUT/$SCENARIO.processes.json" "server=$TEST_SERVER" "k6=$1" &
	SAMPLER=$!
}

stop_sampling() {
	[[ -n $SAMPLER ]] || return 0
	kill -TERM "$SAMPLER" 2>/dev/null || true
	wait "$SAMPLER" || true
	SAMPLER=''
}

run_k6() {
	local code=0
	export SCENARIO RESULTS=$OUT/$SCENARIO
	# No usage report: k6 talks to nobody but the server.
	job_start env K6_NO_USAGE_REPORT=true "$PYTHON_TOOLS/bin/k6" run "$@" "k6-tests/$SCENARIO.js"
	if [[ -n $TEST_SERVER ]]; then start_sampling "$JOB"; fi
	job_wait || code=$?
	stop_sampling
	say "
Results: target/load/$SCENARIO.html, .txt and .json"
	return "$code"
}

main() {
	SCENARIO=${1:-}
	case $SCENARIO in exponential) SCENARIO=exponential-ramp ;; arrival) SCENARIO=arrival-rate ;; esac # their old names
	[[ -n $SCENARIO && -f k6-tests/$SCENARIO.js ]] || die "usage: make load SCENARIO=NAME, where NAME is one of: $(scenarios)"
	shift
	make_state_dir
	at_exit clean_up
	heading 'checking the tools'
	if [[ -n ${BASE_URL:-} ]]; then scripts/setup.sh load; else scripts/setup.sh load-server; fi
	raise_file_limit
	mkdir -p "$OUT"
	if [[ -z ${BASE_URL:-} ]]; then
		heading 'building the server'
		job cargo build --locked --release -p server
		test_server_start "$CARGO_TARGET_DIR/release/gavel" "$OUT"
		export BASE_URL=$TEST_SERVER_URL
	fi
	heading "running $SCENARIO against $BASE_URL"
	run_k6 "$@"
}

main "$@"
