#!/usr/bin/env bash
# Loads a release server for an hour and checks that its memory, file descriptors and connections to PostgreSQL do not
# grow: see usage below or --help. The load is k6-tests/soak.js.

# shellcheck source=scripts/local-services.sh
source "$(dirname "${BASH_SOURCE[0]}")/local-services.sh"
# shellcheck source=scripts/lib/job-control.sh
source "$ROOT/scripts/lib/job-control.sh"
# shellcheck source=scripts/lib/python-tools.sh
source "$ROOT/scripts/lib/python-tools.sh"
# shellcheck source=scripts/lib/test-server.sh
source "$ROOT/scripts/lib/test-server.sh"

OUT=$CARGO_TARGET_DIR/soak
SAMPLES=$OUT/samples.csv
SAMPLE_EVERY=15
MINUTES=60
FAILURES=()

usage() {
	cat <<-'TEXT'
		usage: soak.sh [MINUTES], or make soak SOAK='--minutes MINUTES'

		Starts a release server on a temporary database and Redis prefix, loads it for MINUTES (60) with the k6 scenario
		soak, and fails if

		- the median of its memory, file descriptors or connections to PostgreSQL in the last quarter exceeds that of the
		  first by more than 10 % and 8 MB, 20 descriptors or 3 connections (the first tenth of the time does not count),
		- a request or a websocket failed in a way that the scenario does not expect, or
		- a campaign was not settled.

		Results go to target/soak/: samples.csv (every 15 s), summary.txt, soak.html, soak.txt, soak.json and logs.

		Environment: GAVEL_BIN names a server to use, so that nothing is compiled. DATABASE_URL and REDIS_URL choose
		other services; databases and keys named gavel_soak_* are deleted there. RATE, VUS and VIEWERS change the load
		(see k6-tests/README.md).
	TEXT
}

# delete_keys PREFIX: deletes the keys in Redis. Without redis-cli they stay; the larger ones expire after a day.
delete_keys() {
	local host port user password db
	have redis-cli || return 0
	# shellcheck disable=SC2016 # JavaScript
	{ read -r host && read -r port && read -r user && read -r password && read -r db; } < <(node -e '
		const { hostname, port, username, password, pathname } = new URL(process.env.REDIS_URL);
		const shown = [hostname, port || 6379, username || "default", password, pathname.slice(1) || 0];
		for (const value of shown) console.log(decodeURIComponent(value));
	')
	# Other users could see a password among the arguments.
	local client=(env REDISCLI_AUTH="$password" redis-cli -h "$host" -p "$port" --user "$user" -n "$db")
	if [[ -z $password ]]; then client=(redis-cli -h "$host" -p "$port" -n "$db"); fi
	if [[ $REDIS_URL == rediss:* ]]; then client+=(--tls); fi
	"${client[@]}" --scan --pattern "$1*" | xargs -r -n 500 "${client[@]}" UNLINK >/dev/null
}

# Two runs would overwrite each other's samples.
only_one() {
	exec 6>"$STATE/soak.lock"
	flock -n 6 || die "another 'make soak' is running in this checkout"
}

# Replaces that of test-server.sh, whose databases 'make test' deletes: an hour is long enough for somebody to run it.
test_database_create() {
	SERVICES_ARE_UP=1
	services_up
	# Not earlier: services that this script starts, and that others keep, must not inherit the lock.
	only_one
	run_psql <<-'SQL'
		SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database WHERE datname LIKE 'gavel\_soak\_%' \gexec
	SQL
	delete_keys gavel_soak_ || warn 'could not delete keys of an earlier run'
	SERVICES_URL=$DATABASE_URL
	TEST_DATABASE=gavel_soak_$(head -c 6 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
	run_sql "CREATE DATABASE $TEST_DATABASE"
	export DATABASE_URL=${DATABASE_URL%/*}/$TEST_DATABASE REDIS_PREFIX=$TEST_DATABASE:
}

# clean_up EXIT_CODE
clean_up() {
	# k6 would first wait for the end of all campaigns, and nobody wants results of a run that was cut short.
	job_stop 3
	JOB=$TEST_SERVER
	job_stop 30
	TEST_SERVER=''
	if [[ -n $TEST_DATABASE ]]; then delete_keys "$TEST_DATABASE" || warn "could not delete the keys $TEST_DATABASE*"; fi
	test_server_stop
	if (($1 != 0)); then heading 'FAILED (logs: target/soak/server.log and k6.log)'; fi
}

# metrics NAME...: prints these metrics of the server in one line; one that it does not show yet is 0.
metrics() {
	# shellcheck disable=SC2016 # JavaScript
	node -e '
		const [url, ...names] = process.argv.slice(1);
		fetch(url).then(async (answer) => {
			if (!answer.ok) throw new Error(`/metrics: ${answer.status}`);
			const lines = (await answer.text()).split("\n");
			const value = (name) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 0;
			console.log(names.map(value).join(" "));
		}).catch((error) => {
			console.error(String(error.cause ?? error));
			process.exit(1);
		});
	' "$TEST_SERVER_URL/metrics" "$@"
}

# sample SECOND: appends a line to samples.csv. Memory and descriptors are the kernel's, as /metrics does not have them.
sample() {
	local memory files connections sockets bids settled values
	memory=$(awk '/^VmRSS:/ { print $2 * 1024 }' "/proc/$TEST_SERVER/status") && [[ -n $memory ]] || return
	files=("/proc/$TEST_SERVER/fd/"*)
	connections=$(run_psql -c "SELECT count(*) FROM pg_stat_activity
		WHERE application_name = 'gavel' AND datname = current_database()") || return
	values=$(metrics websocket_connections 'bids_total{status="accepted"}' settlements_total) || return
	read -r sockets bids settled <<<"$values"
	say "$1,$memory,${#files[@]},$connections,$sockets,$bids,$settled" >>"$SAMPLES"
	if (($1 % 60 == 0)); then
		printf '%4d min  memory %4d MB, descriptors %4d, connections %3d, websockets %4d, bids accepted %8d, campaigns settled %3d\n' \
			$(($1 / 60)) $((memory / 1000000)) "${#files[@]}" "$connections" "$sockets" "$bids" "$settled"
	fi
}

# soak: runs k6 and samples the server meanwhile. k6 outlasts the last sample, until all campaigns are settled.
soak() {
	local began next=0
	say 'seconds,memory_bytes,descriptors,connections,websockets,bids_accepted,campaigns_settled' >"$SAMPLES"
	# No usage report, no port for control: k6 talks to nobody but the server.
	job_start env -u CAMPAIGN_ID SCENARIO=soak RESULTS="$OUT/soak" DURATION=$((MINUTES * 60)) \
		BASE_URL="$TEST_SERVER_URL" K6_NO_USAGE_REPORT=true \
		"$PYTHON_TOOLS/bin/k6" run --quiet --address '' k6-tests/soak.js >"$OUT/k6.log" 2>&1
	began=$EPOCHSECONDS
	while job_alive; do
		kill -0 "$TEST_SERVER" 2>/dev/null || die 'the server has exited'
		if ((EPOCHSECONDS - began >= next && next <= MINUTES * 60)); then
			sample "$next" || die 'could not sample the server'
			next=$((next + SAMPLE_EVERY))
		fi
		# Short, because bash handles a signal only afterwards.
		sleep 0.5
	done
	# A broken limit, among others: the summary says which.
	job_wait || FAILURES+=("k6 ended with exit code $?; its log and soak.txt say why")
}

# spread COLUMN FROM TO: prints the least, median and greatest value of samples between two times.
spread() {
	awk -F, -v column="$1" -v from="$2" -v to="$3" 'NR > 1 && $1 >= from && $1 <= to { print $column }' "$SAMPLES" |
		sort -n |
		awk '{ values[NR] = $1 }
			END {
				if (NR == 0) exit 1
				printf "%d %d %d\n", values[1], (values[int((NR + 1) / 2)] + values[int(NR / 2) + 1]) / 2, values[NR]
			}'
}

# compare NAME COLUMN UNIT SLACK: prints the first and the last quarter after the warm-up, and notes if it has grown by
# more than a tenth and SLACK units.
compare() {
	local name=$1 column=$2 unit=$3 slack=$4 warm_up=$((MINUTES * 6)) quarter first last
	quarter=$(((MINUTES * 60 - warm_up) / 4))
	first=$(spread "$column" "$warm_up" $((warm_up + quarter))) || die 'too few samples'
	last=$(spread "$column" $((MINUTES * 60 - quarter)) $((MINUTES * 60))) || die 'too few samples'
	read -ra first <<<"$first"
	read -ra last <<<"$last"
	printf '%-14s  %6d %6d %6d      %6d %6d %6d\n' "$name" \
		$((first[0] / unit)) $((first[1] / unit)) $((first[2] / unit)) \
		$((last[0] / unit)) $((last[1] / unit)) $((last[2] / unit))
	if ((last[1] * 10 > first[1] * 11 + slack * unit * 10)); then FAILURES+=("$name has grown"); fi
}

# k6_count NAME [FIELD]: prints a count of k6's results, or 0 if it never counted.
k6_count() {
	# shellcheck disable=SC2016 # JavaScript
	node -p '
		const [file, name, field = "count"] = process.argv.slice(1);
		const { counters, rates } = JSON.parse(require("node:fs").readFileSync(file, "utf8"));
		[...counters, ...rates].find((metric) => metric.name === name)?.values[field] ?? 0
	' "$OUT/soak.json" "$@"
}

# Prints the summary, and notes what is wrong in FAILURES.
summarize() {
	local failed sockets open accepted
	failed=$(k6_count http_req_failed passes)
	sockets=$(($(k6_count sockets_failed) + $(k6_count sockets_lost)))
	accepted=$(k6_count bids_accepted)
	open=$(run_psql -c "SELECT count(*) FROM campaigns WHERE status = 'open' AND end_time < now() - interval '10 s'")
	say "$(git -C "$ROOT" describe --always --dirty 2>/dev/null || say 'no revision'), $GAVEL, $MINUTES minutes"
	say ''
	say '                         first quarter             last quarter'
	say '                   least median   most       least median   most'
	compare 'memory (MB)' 2 1000000 8
	compare descriptors 3 1 20
	compare connections 4 1 3
	say ''
	say "bids accepted: $accepted ($((accepted / MINUTES / 60)) a second)"
	say "bids and visits that k6 could not start in time: $(k6_count dropped_iterations)"
	say "requests: $(k6_count http_reqs), failed: $failed"
	say "websockets opened: $(k6_count sockets_opened), failed or lost: $sockets"
	say "campaigns created: $(k6_count campaigns_created), settled: $(k6_count campaigns_settled), ended but open: $open"
	if ((failed > 0)); then FAILURES+=("$failed requests failed"); fi
	if ((sockets > 0)); then FAILURES+=("$sockets websockets failed or were lost"); fi
	if ((open > 0)) || (($(k6_count campaigns_settled) != $(k6_count campaigns_created))); then
		FAILURES+=('a campaign was not settled')
	fi
	if ((${#FAILURES[@]} == 0)); then say 'nothing has grown, and nothing failed'; else printf 'FAILED: %s\n' "${FAILURES[@]}"; fi
}

parse_arguments() {
	while (($# > 0)); do
		case $1 in
		-h | --help)
			usage
			exit 0
			;;
		--minutes)
			MINUTES=${2:-}
			shift
			;;
		*) MINUTES=$1 ;;
		esac
		shift || break
	done
	# Two minutes are the least with samples in each quarter.
	if ! [[ $MINUTES =~ ^[1-9][0-9]{0,4}$ ]] || ((MINUTES < 2)); then die 'MINUTES is a whole number from 2 (see --help)'; fi
}

main() {
	parse_arguments "$@"
	GAVEL=${GAVEL_BIN:-$CARGO_TARGET_DIR/release/gavel}
	[[ -z ${GAVEL_BIN:-} || -x $GAVEL ]] || die "GAVEL_BIN=$GAVEL is no program"
	make_state_dir
	at_exit clean_up
	heading 'checking the tools'
	scripts/setup.sh load-server
	if [[ -z ${GAVEL_BIN:-} ]]; then
		heading 'building the server (release)'
		job cargo build --locked --release -p server
	fi
	mkdir -p "$OUT"
	# Every socket is a file in the server and in k6.
	ulimit -n "$(ulimit -Hn)" || warn 'could not raise the limit on open files'
	test_server_start "$GAVEL" "$OUT"
	rm -f "$OUT"/soak.* "$OUT/summary.txt"
	heading "loading the server for $MINUTES minutes; leave the machine idle meanwhile"
	soak
	[[ -s $OUT/soak.json ]] || die 'k6 wrote no results'
	summarize >"$OUT/summary.txt"
	heading 'summary'
	cat "$OUT/summary.txt"
	((${#FAILURES[@]} == 0))
}

main "$@"
