#!/usr/bin/env bash
# Tries every scenario of k6-tests/ for some seconds, all at once: against a server that it starts (GAVEL_BIN chooses the
# build), or the one at BASE_URL. Checks the results too. It measures nothing.

# shellcheck source=scripts/services.sh
source "$(dirname "${BASH_SOURCE[0]}")/services.sh"
# shellcheck source=scripts/jobs.sh
source "$ROOT/scripts/jobs.sh"
# shellcheck source=scripts/python-tools.sh
source "$ROOT/scripts/python-tools.sh"
# shellcheck source=scripts/own-server.sh
source "$ROOT/scripts/own-server.sh"

OUT=$CARGO_TARGET_DIR/load-smoke

# Small, but with all their parts.
declare -A SETTINGS=(
	[smoke]=''
	[exponential]='VUS=12 DURATION=6'
	[arrival]='VUS=10 DURATION=6 RATE=10 PEAK=20'
	[spike]='VUS=10 DURATION=4 LEAD=5'
	[viewers]='VUS=3 VIEWERS=30 CONNECT=1 DURATION=6'
	[sign-in]='VUS=20 QUIET=3 DURATION=8 BIDDERS=5 RATE=10'
	[mixed]='VUS=6 VIEWERS=20 DURATION=6'
	[consistency]='VUS=10 DURATION=6'
)

# clean_up EXIT_CODE
clean_up() {
	job_stop 10
	own_server_stop
}

# try SCENARIO: its output goes into a file.
try() {
	# shellcheck disable=SC2086 # the settings are words
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
		[[ -v SETTINGS[${script%.js}] ]] || die "k6-tests/$script is not tried: add it to scripts/load-smoke.sh"
	done
}

# A token is three parts of base64, the first of which begins like this. The page may name addresses but load none.
results_are_clean() {
	local files=("$OUT"/*.{txt,html,json})
	((${#files[@]} == 3 * ${#SETTINGS[@]})) || die "some results are missing in $OUT"
	! grep -lE 'eyJ[A-Za-z0-9_-]{10,}' "${files[@]}" || die 'these results hold a token'
	! grep -lE '(src|href)=|@import|url\(' "$OUT"/*.html || die 'these pages load something'
}

main() {
	make_state_dir
	at_exit clean_up
	every_script_is_tried
	rm -rf "$OUT"
	mkdir -p "$OUT"
	if [[ -z ${BASE_URL:-} ]]; then
		own_server_start "${GAVEL_BIN:-$CARGO_TARGET_DIR/debug/gavel}" "$OUT"
		export BASE_URL=$OWN_SERVER_URL
	fi
	heading "trying the load tests against $BASE_URL"
	try_all || die 'a scenario failed'
	results_are_clean
}

main "$@"
