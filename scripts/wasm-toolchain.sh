#!/usr/bin/env bash
# Finds a compiler for wasm32-unknown-unknown, installing one if there is none. In this order:
#   rustup  the target is installed, or rustup can add it
#   debian  Debian's rustc-web builds the standard library from source, for networks that reach only package registries
# Run it to see which one applies; source it after lib/common.sh for wasm_toolchain_install and wasm_cargo.

WASM_TARGET=wasm32-unknown-unknown
DEBIAN_RUSTC=/usr/bin/rustc
DEBIAN_CARGO=/usr/bin/cargo

has_rustup_target() {
	compgen -G "$(rustc --print target-libdir --target "$WASM_TARGET" 2>/dev/null)/libstd-*.rlib" >/dev/null
}

# Debian's compiler is useful only with the source of its standard library.
has_debian_toolchain() {
	[[ -x $DEBIAN_RUSTC && -x $DEBIAN_CARGO ]] || return 1
	local library
	library=$("$DEBIAN_RUSTC" --print sysroot)/lib/rustlib/src/rust/library
	[[ -f $library/Cargo.lock && -f $library/std/Cargo.toml ]]
}

# wasm_toolchain: prints the toolchain that works on this machine, or nothing.
wasm_toolchain() {
	if has_rustup_target; then
		say rustup
	elif has_debian_toolchain; then
		say debian
	fi
}

# The time limit is for networks that drop packets silently.
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
	has_debian_toolchain || die "Debian's rustc-web, cargo-web and rust-web-src are installed but do not work together"
}

# wasm_linker: prints the path of rustup's linker, because Debian's compiler has none.
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

# wasm_cargo ARGS...: runs cargo for the frontend crate with the toolchain that works here.
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
	# shellcheck source=scripts/lib/common.sh
	source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
	# shellcheck source=scripts/lib/apt.sh
	source "$ROOT/scripts/lib/apt.sh"
	wasm_toolchain_install
	say "toolchain for $WASM_TARGET: $(wasm_toolchain)"
fi
