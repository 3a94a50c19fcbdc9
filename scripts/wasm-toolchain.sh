#!/usr/bin/env bash
# Finds a compiler for wasm32-unknown-unknown, installing one when there is none. In this order:
#   rustup  the target is there, or rustup can add it
#   debian  Debian's rustc-web builds the standard library from source; for networks where only package registries answer
# Run it to see which one applies; source it after lib.sh for wasm_toolchain_install and wasm_cargo.

WASM_TARGET=wasm32-unknown-unknown
DEBIAN_RUSTC=/usr/bin/rustc
DEBIAN_CARGO=/usr/bin/cargo

has_rustup_target() {
	compgen -G "$(rustc --print target-libdir --target "$WASM_TARGET" 2>/dev/null)/libstd-*.rlib" >/dev/null
}

# Debian's compiler is of use only with the sources of its standard library.
has_debian_toolchain() {
	[[ -x $DEBIAN_RUSTC && -x $DEBIAN_CARGO ]] || return 1
	local library
	library=$("$DEBIAN_RUSTC" --print sysroot)/lib/rustlib/src/rust/library
	[[ -f $library/Cargo.lock && -f $library/std/Cargo.toml ]]
}

# wasm_toolchain: names the way that works on this machine, or nothing.
wasm_toolchain() {
	if has_rustup_target; then
		say rustup
	elif has_debian_toolchain; then
		say debian
	fi
}

# A network that swallows packets must not hold the build up, hence the limit.
add_rustup_target() {
	have rustup || return 1
	say "adding the target $WASM_TARGET with rustup"
	timeout 60 rustup target add "$WASM_TARGET" || return 1
	has_rustup_target
}

wasm_toolchain_install() {
	[[ -z $(wasm_toolchain) ]] || return 0
	add_rustup_target && return
	say "rustup cannot add $WASM_TARGET here: using Debian's Rust, which builds the standard library from source"
	apt_install rustc-web cargo-web rust-web-src
	has_debian_toolchain || die "Debian's rustc-web, cargo-web and rust-web-src are installed, but do not work together"
}

# wasm_linker: rustc's own linker, which Debian's compiler does not bring along.
wasm_linker() {
	local host linker
	host=$(rustc -vV | sed -n 's/^host: //p')
	linker=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
	if [[ -x $linker ]]; then
		say "$linker"
	else
		command -v rust-lld || die "found no rust-lld in the Rust toolchain, to link the browser's code with"
	fi
}

# wasm_cargo ARGS...: cargo for the browser crate, by the way that works here.
wasm_cargo() {
	case $(wasm_toolchain) in
	rustup) cargo "$@" --target "$WASM_TARGET" ;;
	# A stable compiler accepts -Zbuild-std only with RUSTC_BOOTSTRAP.
	debian)
		RUSTC=$DEBIAN_RUSTC RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$(wasm_linker) \
			"$DEBIAN_CARGO" "$@" --target "$WASM_TARGET" -Zbuild-std=std,panic_abort
		;;
	*) die "there is no compiler for $WASM_TARGET: run 'scripts/setup.sh build'" ;;
	esac
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
	# shellcheck source=scripts/lib.sh
	source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
	# shellcheck source=scripts/apt.sh
	source "$ROOT/scripts/apt.sh"
	wasm_toolchain_install
	say "$WASM_TARGET is built by way of: $(wasm_toolchain)"
fi
