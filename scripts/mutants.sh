#!/usr/bin/env bash
# Breaks one rule of the auction at a time, in a copy of the sources, and shows which tests notice.
#
#   mutants.sh           every mutant, about half an hour
#   mutants.sh NAME...   these: engine/tests/mutants/NAME.patch
#
# A mutant is a patch. Before it stand a sentence that says what is broken and, after "test:", the tests that must fail.
# DATABASE_URL and REDIS_URL choose other services; their databases named gavel_test_* are deleted.

# shellcheck source=scripts/services.sh
source "$(dirname "${BASH_SOURCE[0]}")/services.sh"
# shellcheck source=scripts/jobs.sh
source "$ROOT/scripts/jobs.sh"

MUTANTS=$ROOT/engine/tests/mutants
TREE=$ROOT/target/mutants/tree
LOG=$ROOT/target/mutants/log
SERVICES_ARE_UP=''
SURVIVORS=0
export CARGO_TARGET_DIR=$ROOT/target/mutants/build

# clean_up EXIT_CODE
clean_up() {
	job_stop 30
	if [[ -n $SERVICES_ARE_UP ]]; then
		drop_test_databases || warn 'could not delete the databases named gavel_test_*'
		services_release
	fi
}

# The files get the time of now, so that cargo builds nothing from what an earlier mutant left.
copy_sources() {
	rm -rf "$TREE"
	mkdir -p "$TREE"
	git ls-files -z | tar -c --null -T - | tar -x -m -C "$TREE"
}

# in_copy COMMAND...: its output is kept in the log.
in_copy() { job env -C "$TREE" "$@" >"$LOG" 2>&1; }

# try NAME
try() {
	local file=$MUTANTS/$1.patch tests
	[[ -f $file ]] || die "there is no mutant $1; these are: $(cd "$MUTANTS" && echo ./*.patch)"
	heading "$1: $(head -n 1 "$file")"
	read -ra tests < <(sed -n 's/^test: //p' "$file")
	patch -s -p1 -d "$TREE" <"$file" || die "$file does not apply any more"
	# It embeds the schema when it is compiled.
	touch "$TREE/engine/src/store/postgres.rs"
	in_copy "${tests[@]}" --no-run || die "it does not compile: see $LOG"
	if in_copy "${tests[@]}"; then
		say 'SURVIVED: no test noticed'
		SURVIVORS=$((SURVIVORS + 1))
	else
		sed -n 's/^test \(.*\) \.\.\. FAILED$/noticed by \1/p' "$LOG"
	fi
	patch -s -R -p1 -d "$TREE" <"$file"
	drop_test_databases
}

main() {
	local names=("$@") name
	make_state_dir
	tests_alone
	at_exit clean_up
	if ((${#names[@]} == 0)); then mapfile -t names < <(cd "$MUTANTS" && printf '%s\n' *.patch | sed 's/\.patch$//'); fi
	SERVICES_ARE_UP=1
	services_up
	copy_sources
	for name in "${names[@]}"; do try "$name"; done
	((SURVIVORS == 0)) || die "$SURVIVORS of ${#names[@]} mutants survived"
	heading "${#names[@]} mutants, none survived"
}

main "$@"
