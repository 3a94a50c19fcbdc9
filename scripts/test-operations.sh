#!/usr/bin/env bash
# Runs what operators run: checks manifests, rules and dashboard, and passes load tests, browser tests and a rolling
# restart through two servers behind nginx and PgBouncer. GAVEL_BIN chooses the build.
#
#   test-operations.sh           everything
#   test-operations.sh STEP...   of: files, pooler, load, browser, restart

# shellcheck source=scripts/services.sh
source "$(dirname "${BASH_SOURCE[0]}")/services.sh"
# shellcheck source=scripts/jobs.sh
source "$ROOT/scripts/jobs.sh"
# shellcheck source=scripts/python-tools.sh
source "$ROOT/scripts/python-tools.sh"
# shellcheck source=scripts/own-server.sh
source "$ROOT/scripts/own-server.sh"
# shellcheck source=scripts/cluster.sh
source "$ROOT/scripts/cluster.sh"

GAVEL=${GAVEL_BIN:-$CARGO_TARGET_DIR/debug/gavel}
OUT=$CARGO_TARGET_DIR/operations

# clean_up EXIT_CODE
clean_up() {
	job_stop 10
	cluster_stop_all
	if (($1 != 0)); then say "The servers' messages are in target/operations/."; fi
}

# check_operations [METRICS_URL]
check_operations() { job "$PYTHON_TOOLS/bin/python" ops/check.py "$PYTHON_TOOLS/bin/kubectl" "$GAVEL" "$@"; }

test_files() {
	heading 'manifests, rules and dashboard'
	check_operations
	job promtool check config ops/prometheus/prometheus.yml
	job promtool test rules ops/prometheus/rules.test.yaml
}

# The engine and the HTTP API through PgBouncer, on databases of their own.
test_pooler() {
	heading 'Rust tests through PgBouncer'
	# Not with the settings of the servers that run here.
	job env -u ADDRESS_REQUESTS_PER_SECOND -u SIGN_INS_PER_ADDRESS_PER_MINUTE -u GAVEL_ENV -u HOST -u PORT -u JWT_SECRET \
		-u REDIS_PREFIX -u GAVEL_SITE_ROOT GAVEL_TEST_POOLER="$CLUSTER_POOLER" \
		cargo test --locked --workspace --exclude frontend --test engine --test http --no-fail-fast -- --quiet
}

test_load() {
	heading 'load tests through the balancer'
	BASE_URL=$CLUSTER_URL job scripts/load-smoke.sh
	! http_ok 127.0.0.1 "${CLUSTER_URL##*:}" /metrics || die 'the balancer shows the metrics to everyone'
	# After all that, every metric has been seen.
	check_operations "http://127.0.0.1:${CLUSTER_PORTS[server-1]}/metrics"
}

# What depends on which server answers: bidding, forms, sockets. How pages look does not.
test_browser() {
	heading 'browser tests through the balancer'
	cd end2end
	GAVEL_E2E_URL=$CLUSTER_URL GAVEL_E2E_ADMIN='{"email":"admin@test.com","password":"admin123"}' \
		job node_modules/.bin/playwright test auction forms live --output test-results/balancer
	cd "$ROOT"
}

# Each server once, while users bid and watch. That nothing acknowledged was lost, k6 finds out in the end.
test_restart() {
	local name results=$OUT/restart
	heading 'a rolling restart under load'
	job_start env BASE_URL="$CLUSTER_URL" SCENARIO=consistency RESULTS="$results" VUS=20 DURATION=20 K6_NO_USAGE_REPORT=true \
		"$PYTHON_TOOLS/bin/k6" run --quiet --address '' k6-tests/consistency.js
	local load=$JOB
	# The campaign begins ten seconds after the load.
	sleep 13
	for name in server-1 server-2; do
		cluster_stop "$name" 30
		sleep 1
		cluster_start_server "$name" "$GAVEL"
		sleep 1
		say "$name has been restarted"
	done
	JOB=$load
	job_wait || die 'the restart lost something'
	# Both servers had sockets, so each socket was lost once at least, unless it had moved to the restarted one.
	# shellcheck disable=SC2016 # JavaScript
	node -e '
		const { counters } = JSON.parse(require("fs").readFileSync(process.argv[1]));
		const count = (name) => counters.find((counter) => counter.name === name)?.values.count ?? 0;
		console.log(`sockets lost and regained: ${count("sockets_lost")}; bids acknowledged: ${count("bids_accepted")}, refused: ${count("bids_refused")}, unanswered: ${count("bids_unanswered")}`);
		if (count("sockets_lost") < 20) throw new Error("the restart was not felt: is this test right?");
	' "$results.json"
}

main() {
	local step steps=("$@")
	if (($# == 0)); then steps=(files pooler load browser restart); fi
	make_state_dir
	at_exit clean_up
	if [[ "${steps[*]}" != files ]]; then
		heading 'starting two servers behind nginx and PgBouncer'
		cluster_start "$GAVEL" "$OUT"
	fi
	for step in "${steps[@]}"; do "test_$step"; done
}

main "$@"
