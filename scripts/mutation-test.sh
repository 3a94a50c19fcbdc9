#!/usr/bin/env bash
# Mutation testing: breaks one rule of the auction at a time, in a copy of the sources, and shows which tests fail.
#
#   mutation-test.sh           every mutant, about half an hour
#   mutation-test.sh NAME...   only these: engine/tests/mutants/NAME.patch
#
# A mutant is a patch, preceded by a sentence that says what it breaks and a line "test: COMMAND" whose tests must fail,
# a line "chaos: FLAGS" with which 'gavel-chaos' must find a broken promise (docs/reliability.md), or both.
# DATABASE_URL and REDIS_URL choose other services; databases named gavel_test_* are deleted there.

# shellcheck source=scripts/local-services.sh
source "$(dirname "${BASH_SOURCE[0]}")/local-services.sh"
# shellcheck source=scripts/lib/job-control.sh
source "$ROOT/scripts/lib/job-control.sh"

MUTANTS=$ROOT/engine/tests/mutants
TREE=$ROOT/target/mutants/tree
LOG=$ROOT/target/mutants/log
# A mutant may change a statement, which is then checked against this database instead of engine/.sqlx.
DATABASE=gavel_mutants_$$
SERVICES_ARE_UP=''
SURVIVORS=0
export CARGO_TARGET_DIR=$ROOT/target/mutants/build

# clean_up EXIT_CODE
clean_up() {
	job_stop 30
	if [[ -n $SERVICES_ARE_UP ]]; then
		drop_test_databases || warn 'could not delete the databases named gavel_test_*'
		drop_database "$DATABASE" || warn "could not delete the database $DATABASE"
		services_release
	fi
}

# Sets the files' modification time to now, so that cargo reuses nothing built from an earlier mutant.
copy_sources() {
	rm -rf "$TREE"
	mkdir -p "$TREE"
	git ls-files -z | tar -c --null -T - | tar -x -m -C "$TREE"
}

# in_copy COMMAND...: runs it in the copy, with its output in the log.
in_copy() { job env -C "$TREE" "$@" >"$LOG" 2>&1; }

# must_fail NAME COMMAND...: the mutant survives unless the command fails.
must_fail() {
	local name=$1
	shift
	if in_copy "$@"; then
		say "SURVIVED: '$name' found nothing"
		SURVIVORS=$((SURVIVORS + 1))
	else
		sed -n -E 's/^test (.*) \.\.\. FAILED$/killed by \1/p; s/^ *VIOLATION of (promise [0-9] \([A-Za-z]+\)).*/killed by \1/p' "$LOG" | sort -u
	fi
}

# try NAME
try() {
	local file=$MUTANTS/$1.patch tests chaos
	[[ -f $file ]] || die "there is no mutant $1; choose from: $(cd "$MUTANTS" && echo ./*.patch)"
	heading "$1: $(head -n 1 "$file")"
	read -ra tests < <(sed -n 's/^test: //p' "$file") || true
	read -ra chaos < <(sed -n 's/^chaos: //p' "$file") || true
	patch -s -p1 -d "$TREE" <"$file" || die "$file does not apply any more"
	if ((${#tests[@]} > 0)); then
		in_copy "${tests[@]}" --no-run || die "the mutant does not compile: see $LOG"
		must_fail 'the tests' "${tests[@]}"
	fi
	if ((${#chaos[@]} > 0)); then
		in_copy cargo build -p server -p chaos || die "the mutant does not compile: see $LOG"
		must_fail 'the fault harness' "$CARGO_TARGET_DIR/debug/gavel-chaos" --server "$CARGO_TARGET_DIR/debug/gavel" \
			--out "$ROOT/target/mutants/chaos" "${chaos[@]}"
	fi
	patch -s -R -p1 -d "$TREE" <"$file"
	drop_test_databases
}

main() {
	local names=("$@") name
	make_state_dir
	one_test_run_at_a_time
	at_exit clean_up
	if ((${#names[@]} == 0)); then mapfile -t names < <(cd "$MUTANTS" && printf '%s\n' *.patch | sed 's/\.patch$//'); fi
	SERVICES_ARE_UP=1
	services_up
	local url
	url=$(create_migrated_database "$DATABASE")
	export DATABASE_URL=$url SQLX_OFFLINE=false
	copy_sources
	for name in "${names[@]}"; do try "$name"; done
	((SURVIVORS == 0)) || die "$SURVIVORS of ${#names[@]} mutants survived"
	heading "${#names[@]} mutants, none survived"
}

main "$@"
