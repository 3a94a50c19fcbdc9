#!/usr/bin/env bash
# Fails if a crate that belongs on the server has become a dependency of the browser bundle.

# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

# Our native crates, and libraries that have no place in a browser: runtimes, databases, servers, cryptography.
NATIVE='engine|web|server|tokio|tokio-util|mio|socket2|sqlx|sqlx-.*|redis|deadpool.*|axum|axum-.*|leptos_axum|hyper|hyper-.*|tower-http|argon2|jsonwebtoken|ring|rustls|moka|prometheus|jiff'

# Not in a pipe, where a failing cargo tree would look like an empty list.
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
