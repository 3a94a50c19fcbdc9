#!/usr/bin/env bash
# Fails when a crate that belongs to the server has become a dependency of the browser bundle.

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Our own native crates, and the libraries that would mean a leak: runtimes, databases, servers, cryptography.
NATIVE='engine|server|tokio|tokio-util|mio|socket2|sqlx|sqlx-.*|redis|deadpool.*|axum|axum-.*|leptos_axum|hyper|hyper-.*|tower-http|argon2|jsonwebtoken|ring|rustls|moka|prometheus|jiff'

# Not a pipe: a failing cargo tree must not look like an empty list.
tree=$(cargo tree --locked -p frontend --target wasm32-unknown-unknown -e normal --prefix none --format '{p}')
names=$(cut -d ' ' -f 1 <<<"$tree" | sort -u)
leaked=$(grep -xE "$NATIVE" <<<"$names" || true)
if [[ -n $leaked ]]; then
	for name in $leaked; do
		cargo tree --locked -p frontend --target wasm32-unknown-unknown -e normal -i "$name" --depth 6 >&2 || true
	done
	die "the browser bundle depends on native crates: ${leaked//$'\n'/, }"
fi
say "$(wc -l <<<"$names") crates in the browser bundle, none of them native"
