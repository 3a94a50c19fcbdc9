#!/usr/bin/env bash
# Runs the tests of what is compiled to WebAssembly, in Node.

# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=scripts/wasm-toolchain.sh
source "$ROOT/scripts/wasm-toolchain.sh"
# shellcheck source=scripts/lib/wasm-bindgen.sh
source "$ROOT/scripts/lib/wasm-bindgen.sh"

wasm_bindgen_install
# Without debug information, which the runner would spend most of its time on.
CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$WASM_BINDGEN-test-runner \
	wasm_cargo test --locked -p app --features hydrate --test browser_decoding
