#!/usr/bin/env bash
# Checks the engine's SQL statements against the schema. The macros of sqlx ask a database for the types of each
# statement while the engine is compiled; here it is a new one with all migrations. Other builds have no database and
# read the answers from engine/.sqlx.
#
#   describe-sql.sh --update     write engine/.sqlx anew
#   describe-sql.sh COMMAND...   run a cargo command that compiles the engine, and fail if engine/.sqlx is out of date

# shellcheck source=scripts/local-services.sh
source "$(dirname "${BASH_SOURCE[0]}")/local-services.sh"
# shellcheck source=scripts/lib/job-control.sh
source "$ROOT/scripts/lib/job-control.sh"

COMMITTED=$ROOT/engine/.sqlx
DESCRIBED=$CARGO_TARGET_DIR/sqlx
DATABASE=gavel_test_sql_$$
SERVICES_ARE_UP=''

clean_up() {
	job_stop 10
	if [[ -n $SERVICES_ARE_UP ]]; then
		drop_database "$DATABASE" || warn "could not delete the database $DATABASE"
		services_release
	fi
}

# What the descriptions depend on. Cargo does not see the database, so it compiles the engine again only if this has
# changed.
inputs() { find Cargo.lock engine/src migrations -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum; }

# describe COMMAND...: runs it with the statements described by the new database.
describe() {
	local url
	url=$(create_migrated_database "$DATABASE")
	if [[ ! -f $DESCRIBED.inputs || $(<"$DESCRIBED.inputs") != "$(inputs)" ]]; then
		rm -rf "$DESCRIBED" "$DESCRIBED.inputs"
		mkdir -p "$DESCRIBED"
		touch engine/src/lib.rs
	fi
	job env DATABASE_URL="$url" SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$DESCRIBED" "$@"
	inputs >"$DESCRIBED.inputs"
}

main() {
	make_state_dir
	at_exit clean_up
	SERVICES_ARE_UP=1
	services_up
	if [[ $* == --update ]]; then
		mkdir -p "$COMMITTED"
		describe cargo check --locked -p engine
		rm -f "$COMMITTED"/*
		cp "$DESCRIBED"/* "$COMMITTED/"
		say "engine/.sqlx describes $(find "$COMMITTED" -type f | wc -l) statements"
	else
		describe "$@"
		diff -r "$COMMITTED" "$DESCRIBED" || die "engine/.sqlx is out of date: run 'make sql' and commit it"
	fi
}

main "$@"
