#!/usr/bin/env bash
# Fuzzes the parsers of outside bytes, each for some seconds: fuzz.sh [SECONDS] [TARGET...] (default: 600, every target).
# Needs a nightly toolchain (rustup toolchain install nightly) and cargo-fuzz (cargo install cargo-fuzz --locked).
# New inputs stay in fuzz/target/corpus. One that breaks a check is in fuzz/artifacts: fix the parser, and add the input to
# fuzz/corpus, which the ordinary tests replay.
# DATABASE_URL and REDIS_URL choose other services for the target of requests; databases named gavel_test_* are deleted there.

# shellcheck source=scripts/local-services.sh
source "$(dirname "${BASH_SOURCE[0]}")/local-services.sh"
# shellcheck source=scripts/lib/job-control.sh
source "$ROOT/scripts/lib/job-control.sh"

# A hash of a password takes a tenth of a second here.
LIMITS=(-timeout=60 -rss_limit_mb=4096)
SECONDS_EACH=${1:-600}
TARGETS=("${@:2}")

# cargo-fuzz builds into fuzz/target.
unset CARGO_TARGET_DIR

clean_up() {
	job_stop 10
	drop_test_databases || warn 'could not delete the databases named gavel_test_*'
	services_release
}

have cargo-fuzz || die 'cargo-fuzz is missing: cargo install cargo-fuzz --locked'
cargo +nightly --version >/dev/null 2>&1 || die 'a nightly toolchain is missing: rustup toolchain install nightly'
if ((${#TARGETS[@]} == 0)); then mapfile -t TARGETS < <(basename -s .rs fuzz/fuzz_targets/*.rs); fi
make_state_dir
one_test_run_at_a_time
at_exit clean_up
services_up
export SQLX_OFFLINE=true
for name in "${TARGETS[@]}"; do
	heading "$name"
	mkdir -p "fuzz/target/corpus/$name"
	job cargo +nightly fuzz run "$name" "fuzz/target/corpus/$name" "fuzz/corpus/$name" -- \
		-max_total_time="$SECONDS_EACH" "${LIMITS[@]}"
done
