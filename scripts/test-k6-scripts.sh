#!/usr/bin/env bash
# Runs every scenario of k6-tests/ for a few seconds, all at once, against a server that it starts (GAVEL_BIN chooses
# the build) or the one at BASE_URL, and checks the result files. It tests the scripts and measures nothing.

# shellcheck source=scripts/local-services.sh
source "$(dirname "${BASH_SOURCE[0]}")/local-services.sh"
# shellcheck source=scripts/lib/job-control.sh
source "$ROOT/scripts/lib/job-control.sh"
# shellcheck source=scripts/lib/python-tools.sh
source "$ROOT/scripts/lib/python-tools.sh"
# shellcheck source=scripts/lib/test-server.sh
source "$ROOT/scripts/lib/test-server.sh"

OUT=$CARGO_TARGET_DIR/k6-scripts

# Small settings that still run every part of a scenario.
declare -A SETTINGS=(
	[smoke]=''
	[exponential-ramp]='VUS=12 DURATION=6'
	[arrival-rate]='VUS=10 DURATION=6 RATE=10 PEAK=20'
	[spike]='VUS=10 DURATION=4 LEAD=5'
	[viewers]='VUS=3 VIEWERS=30 CONNECT=1 DURATION=6'
	[sign-in]='VUS=20 QUIET=3 DURATION=8 BIDDERS=5 RATE=10'
	[mixed]='VUS=6 VIEWERS=20 DURATION=6'
	[consistency]='VUS=10 DURATION=6'
	[soak]='VUS=6 VIEWERS=10 RATE=10 DURATION=8'
)

# clean_up EXIT_CODE
clean_up() {
	job_stop 10
	test_server_stop
}

# try SCENARIO: runs it, with its output in a file.
try() {
	# shellcheck disable=SC2086 # the settings are separate words
	env ${SETTINGS[$1]} SCENARIO="$1" RESULTS="$OUT/$1" LATENCY_LIMITS=off K6_NO_USAGE_REPORT=true \
		"$PYTHON_TOOLS/bin/k6" run --quiet --address '' "k6-tests/$1.js" >"$OUT/$1.log" 2>&1
}

try_all() {
	local scenario code=0
	declare -A running=()
	for scenario in "${!SETTINGS[@]}"; do
		try "$scenario" &
		running[$scenario]=$!
	done
	for scenario in "${!running[@]}"; do
		if wait "${running[$scenario]}"; then
			say "ok      $scenario"
		else
			code=1
			say "FAILED  $scenario"
			cat "$OUT/$scenario.log"
		fi
	done
	return "$code"
}

every_script_is_tried() {
	local script
	for script in k6-tests/*.js; do
		script=${script##*/}
		[[ -v SETTINGS[${script%.js}] ]] || die "k6-tests/$script is not tested: add it to scripts/test-k6-scripts.sh"
	done
}

# Results must not contain a JWT, whose first base64 part starts with eyJ, and the HTML page must load nothing.
results_are_clean() {
	local files=("$OUT"/*.{txt,html,json})
	((${#files[@]} == 3 * ${#SETTINGS[@]})) || die "some results are missing in $OUT"
	! grep -lE 'eyJ[A-Za-z0-9_-]{10,}' "${files[@]}" || die 'these results contain a token'
	! grep -lE '(src|href)=|@import|url\(' "$OUT"/*.html || die 'these pages load external resources'
}

main() {
	make_state_dir
	at_exit clean_up
	every_script_is_tried
	rm -rf "$OUT"
	mkdir -p "$OUT"
	if [[ -z ${BASE_URL:-} ]]; then
		test_server_start "${GAVEL_BIN:-$CARGO_TARGET_DIR/debug/gavel}" "$OUT"
		export BASE_URL=$TEST_SERVER_URL
	fi
	heading "testing the k6 scripts against $BASE_URL"
	try_all || die 'a scenario failed'
	results_are_clean
}

main "$@"
