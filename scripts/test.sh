#!/usr/bin/env bash
# Runs every check and every test from a fresh checkout, the quickest first.
# DATABASE_URL and REDIS_URL choose other services; databases named gavel_test_* are deleted there.

# shellcheck source=scripts/local-services.sh
source "$(dirname "${BASH_SOURCE[0]}")/local-services.sh"
# shellcheck source=scripts/lib/job-control.sh
source "$ROOT/scripts/lib/job-control.sh"

# The frontend crate compiles only for WebAssembly. The others are built together, so that each dependency is compiled
# once, with one set of features.
NATIVE=(--locked --workspace --exclude frontend)
SERVICES_ARE_UP=''
STEP=''

# step NAME COMMAND...: runs it with a time limit, so that a step that hangs fails by name.
step() {
	STEP=$1
	shift
	heading "$STEP"
	job timeout --verbose --kill-after=30s 30m "$@"
}

# clean_up EXIT_CODE
clean_up() {
	job_stop 30
	if [[ -n $SERVICES_ARE_UP ]]; then
		drop_test_databases || warn 'could not delete the databases named gavel_test_*'
		services_release
	fi
	if (($1 != 0)); then heading "FAILED: ${STEP:-setup}"; fi
}

end_to_end() {
	export GAVEL_BIN=$CARGO_TARGET_DIR/debug/gavel GAVEL_SITE_ROOT=$CARGO_TARGET_DIR/site
	CHROMIUM_BIN=$(command -v chromium)
	export CHROMIUM_BIN
	step 'browser bundle' scripts/build-frontend.sh
	step 'WebAssembly tests' scripts/test-wasm.sh
	cd end2end
	step 'end-to-end tests (Playwright)' node_modules/.bin/playwright test
	cd "$ROOT"
}

main() {
	make_state_dir
	one_test_run_at_a_time
	at_exit clean_up
	heading 'checking the tools'
	scripts/setup.sh test
	step 'formatting' cargo fmt --all --check
	step 'no native crate in the browser bundle' scripts/check-wasm-deps.sh
	STEP=services
	heading 'starting PostgreSQL and Redis'
	SERVICES_ARE_UP=1
	services_up
	drop_test_databases
	step 'lints (clippy) and SQL statements' scripts/describe-sql.sh cargo clippy "${NATIVE[@]}" --all-targets -- -D warnings
	step 'documentation (rustdoc)' env RUSTDOCFLAGS='-D warnings' cargo doc "${NATIVE[@]}" --no-deps
	# Together: built separately, dependencies would be compiled again with other features.
	step 'compiling the tests and the server' cargo build "${NATIVE[@]}" --bins --tests
	step 'Rust tests' cargo test "${NATIVE[@]}" --no-fail-fast
	step 'faults, five rounds' target/debug/gavel-chaos --server target/debug/gavel --rounds 5 --slack 3
	end_to_end
	step 'deployment' scripts/test-deployment.sh
	heading "all checks and tests passed"
}

main "$@"
