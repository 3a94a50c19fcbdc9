# shellcheck shell=bash
# Installs the wasm-bindgen CLI and its test runner in exactly the version that Cargo.lock has of the library. Source it
# after common.sh.

TOOLS=$STATE/tools

wasm_bindgen_version() {
	sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p;}' "$ROOT/Cargo.lock"
}

# is_wasm_bindgen PROGRAM VERSION: whether the program and its test runner have the version.
is_wasm_bindgen() {
	[[ $("$1" --version 2>/dev/null) == "wasm-bindgen $2" ]] &&
		[[ $("$1-test-runner" --version 2>/dev/null) == "wasm-bindgen-test-runner $2" ]]
}

# wasm_bindgen_install: sets WASM_BINDGEN to a program of the right version, compiling it if there is none.
# $WASM_BINDGEN-test-runner is its test runner.
wasm_bindgen_install() {
	local version
	version=$(wasm_bindgen_version)
	[[ -n $version ]] || die 'found no wasm-bindgen in Cargo.lock'
	for WASM_BINDGEN in wasm-bindgen "$TOOLS/bin/wasm-bindgen"; do
		! is_wasm_bindgen "$WASM_BINDGEN" "$version" || return 0
	done
	heading "compiling wasm-bindgen $version (once)"
	make_state_dir
	# Unoptimised, because it runs for a second but would compile for minutes. Not --locked, because its lock file may
	# name versions that a registry mirror does not have.
	CARGO_TARGET_DIR=$TOOLS/build CARGO_PROFILE_DEV_DEBUG=0 cargo install wasm-bindgen-cli --version "=$version" \
		--bin wasm-bindgen --bin wasm-bindgen-test-runner --debug --force --root "$TOOLS" ||
		die "could not install wasm-bindgen $version"
	rm -rf "$TOOLS/build"
}
