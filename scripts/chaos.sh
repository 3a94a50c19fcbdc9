#!/usr/bin/env bash
# Breaks a release server's world by a seeded schedule and checks Gavel's promises: see docs/reliability.md.
# Takes the flags of 'gavel-chaos' (--help); without any, every fault alone and then fifty rounds of random mixes.
# Everything runs on PostgreSQL and Redis servers of its own.

# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=scripts/lib/job-control.sh
source "$ROOT/scripts/lib/job-control.sh"

BUILT=$CARGO_TARGET_DIR/release

clean_up() { job_stop 30; }

main() {
	make_state_dir
	at_exit clean_up
	heading 'checking the tools'
	# It starts its own PostgreSQL and Redis, whatever these name.
	env -u DATABASE_URL -u REDIS_URL scripts/setup.sh chaos
	heading 'building the server and the harness'
	# Built separately: together, Cargo could enable features of dependencies that the shipped server does not have.
	job cargo build --locked --release -p server
	job cargo build --locked --release -p chaos
	heading 'breaking things'
	if (($# == 0)); then set -- --each; fi
	job "$BUILT/gavel-chaos" --server "$BUILT/gavel" --out "$CARGO_TARGET_DIR/chaos" "$@"
}

main "$@"
