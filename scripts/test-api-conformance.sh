#!/usr/bin/env bash
# Tests a running server against its own description: generated requests, valid and not, must be answered as
# /api/openapi.json says, and never with 500.
#
#   test-api-conformance.sh URL [SECONDS]
#
# GAVEL_ADMIN_EMAIL and GAVEL_ADMIN_PASSWORD are an admin's. The server gets products and campaigns that nobody needs.
# SEED plays the requests of an earlier run again; each run prints its own.

# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=scripts/lib/python-tools.sh
source "$ROOT/scripts/lib/python-tools.sh"

(($# == 1 || $# == 2)) || die 'usage: test-api-conformance.sh URL [SECONDS]'
: "${GAVEL_ADMIN_EMAIL:?}" "${GAVEL_ADMIN_PASSWORD:?}"

# On standard input, where other users of the machine cannot see the password.
session=$(printf '{"email":"%s","password":"%s"}' "$GAVEL_ADMIN_EMAIL" "$GAVEL_ADMIN_PASSWORD" |
	curl --silent --show-error --fail --max-time 30 --data @- "$1/api/v1/auth/login")
GAVEL_TOKEN=$(printf '%s' "$session" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
export GAVEL_TOKEN
exec "$PYTHON_TOOLS/bin/schemathesis" --config-file "$ROOT/ops/schemathesis.toml" run "$1/api/openapi.json" \
	--max-time "${2:-45}" --seed "${SEED:-$RANDOM}" --warnings off --no-color
