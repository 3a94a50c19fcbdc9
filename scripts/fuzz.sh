#!/usr/bin/env bash
# Fuzzes the parsers of outside bytes, each for some seconds: fuzz.sh [SECONDS] (default 600).
# Needs a nightly toolchain (rustup toolchain install nightly) and cargo-fuzz (cargo install cargo-fuzz --locked).
# New inputs stay in fuzz/target/corpus. One that breaks a check is in fuzz/artifacts: fix the parser, and add the input to
# fuzz/corpus, which the ordinary tests replay.

# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

# cargo-fuzz builds into fuzz/target.
unset CARGO_TARGET_DIR

have cargo-fuzz || die 'cargo-fuzz is missing: cargo install cargo-fuzz --locked'
cargo +nightly --version >/dev/null 2>&1 || die 'a nightly toolchain is missing: rustup toolchain install nightly'
for target in fuzz/fuzz_targets/*.rs; do
	name=$(basename "$target" .rs)
	heading "$name"
	mkdir -p "fuzz/target/corpus/$name"
	cargo +nightly fuzz run "$name" "fuzz/target/corpus/$name" "fuzz/corpus/$name" -- -max_total_time="${1:-600}"
done
