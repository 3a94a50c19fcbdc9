#!/usr/bin/env bash
# Builds what browsers load into target/site: the islands' WebAssembly, the styles and the public files, compressed and
# with hashed names. Does nothing if nothing has changed, and can run while a server serves target/site.

# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=scripts/wasm-toolchain.sh
source "$ROOT/scripts/wasm-toolchain.sh"
# shellcheck source=scripts/lib/wasm-bindgen.sh
source "$ROOT/scripts/lib/wasm-bindgen.sh"
# shellcheck source=scripts/lib/npm.sh
source "$ROOT/scripts/lib/npm.sh"

SITE=$CARGO_TARGET_DIR/site
# The hash of what target/site was built from; beside it, because everything inside is served.
KEY_FILE=$CARGO_TARGET_DIR/site.key
WASM=$CARGO_TARGET_DIR/$WASM_TARGET/wasm-release/frontend.wasm

# wasm-opt must know which features the compiler used. With all features enabled, browsers would reject the file.
WASM_OPT_FLAGS=(
	-Oz
	--converge
	# The stack is at the bottom of the memory, and never reaches its first kilobyte.
	--low-memory-unused
	--enable-bulk-memory
	--enable-bulk-memory-opt
	--enable-nontrapping-float-to-int
	--enable-sign-ext
	--enable-mutable-globals
	--enable-reference-types
	--enable-multivalue
)

# inputs_key: prints one hash over all inputs of the site. npm's lock file stands for wasm-opt and esbuild, Cargo.lock for
# wasm-bindgen.
inputs_key() {
	{
		find style public -type f -print0 2>/dev/null | sort -z | xargs -0 -r sha256sum
		sha256sum "$WASM" scripts/build-frontend.sh scripts/bundle-assets.mjs end2end/package-lock.json
		wasm_bindgen_version
	} | sha256sum
}

# work_dir: sets WORK to a new folder that is deleted when the script exits.
work_dir() {
	WORK=$(mktemp -d "$CARGO_TARGET_DIR/browser.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
}

main() {
	wasm_cargo build --locked -p frontend --profile wasm-release
	local key
	key=$(inputs_key)
	if [[ -f $SITE/hash.txt && -f $KEY_FILE && $(<"$KEY_FILE") == "$key" ]]; then
		say 'target/site is up to date'
		return
	fi
	wasm_bindgen_install
	npm_install
	work_dir
	heading 'bundling target/site'
	"$WASM_BINDGEN" "$WASM" --out-dir "$WORK" --out-name gavel --target web --no-typescript
	"$NPM_HOME/node_modules/.bin/wasm-opt" "${WASM_OPT_FLAGS[@]}" "$WORK/gavel_bg.wasm" -o "$WORK/gavel_opt.wasm"
	mv "$WORK/gavel_opt.wasm" "$WORK/gavel_bg.wasm"
	"$NPM_HOME/node_modules/.bin/esbuild" "$WORK/gavel.js" --minify --format=esm --target=esnext --log-level=warning \
		--allow-overwrite --outfile="$WORK/gavel.js"
	node scripts/bundle-assets.mjs "$WORK" "$SITE"
	say "$key" >"$KEY_FILE"
}

main "$@"
