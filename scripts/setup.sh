#!/usr/bin/env bash
# Installs what this machine lacks, and nothing else: instant when all is there.
#
#   setup.sh services    PostgreSQL and Redis, each unless DATABASE_URL or REDIS_URL names another one
#   setup.sh build       what compiling the server and the browser bundle takes
#   setup.sh run         both of the above
#   setup.sh bench       what compiling the server takes, and the services
#   setup.sh load        k6
#   setup.sh load-own    the same, and what a server of one's own takes
#   setup.sh test        all of the above, a browser, libfaketime for a wrong clock, and nginx, PgBouncer and promtool

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/postgres.sh
source "$ROOT/scripts/postgres.sh"
# shellcheck source=scripts/wasm-toolchain.sh
source "$ROOT/scripts/wasm-toolchain.sh"
# shellcheck source=scripts/npm.sh
source "$ROOT/scripts/npm.sh"
# shellcheck source=scripts/python-tools.sh
source "$ROOT/scripts/python-tools.sh"
# shellcheck source=scripts/apt.sh
source "$ROOT/scripts/apt.sh"

# check_given NODE: what the project takes for granted, with Node.js of at least that version.
check_given() {
	have cargo || die 'Rust is missing: install it with rustup, see https://rustup.rs'
	have node || die "Node.js $1 or newer is missing: see https://nodejs.org"
	have npm || die 'npm is missing: install it together with Node.js'
	(($(node -p 'process.versions.node.split(".")[0]') >= $1)) || die "Node.js $1 or newer is needed here, not $(node -v)"
}

# wanted_packages: the Debian packages behind the programs that are missing, for the parts named.
wanted_packages() {
	local part
	for part in "$@"; do "packages_for_$part"; done
}

packages_for_services() {
	if [[ -z ${DATABASE_URL:-} ]] && ! (pg_find); then say postgresql; fi
	if [[ -z ${REDIS_URL:-} ]] && ! { have redis-server && have redis-cli; }; then say redis-server; fi
}

packages_for_own_server() {
	# To make a database where DATABASE_URL says; a PostgreSQL of ours brings psql along.
	[[ -z ${DATABASE_URL:-} ]] || have psql || say postgresql-client
}

packages_for_build() {
	# rustc links through cc, and some crates compile C.
	have cc || printf '%s\n' gcc libc6-dev
}

packages_for_browser() {
	have chromium || say chromium
	# The pages are in Traditional Chinese: without a font for it, screenshots show boxes.
	[[ -n $(fc-list :lang=zh-tw family 2>/dev/null) ]] || say fonts-noto-cjk
}

packages_for_python() {
	# Debian's Python makes virtual environments only with a package of its own.
	python3 -c 'import ensurepip' 2>/dev/null || say python3-venv
}

packages_for_operation() {
	have nginx || [[ -x /usr/sbin/nginx ]] || say nginx
	have pgbouncer || [[ -x /usr/sbin/pgbouncer ]] || say pgbouncer
	# For promtool, which checks rules.
	have promtool || say prometheus
}

packages_for_tests() {
	# A server whose clock is wrong (server/tests/http/binary.rs).
	compgen -G '/usr/lib*/*/faketime/libfaketime.so.1' >/dev/null || say libfaketime
}

install_programs() {
	local packages
	mapfile -t packages < <(wanted_packages "$@")
	((${#packages[@]} == 0)) || apt_install "${packages[@]}"
	# The list is made in a subshell, where a failure is lost; what counts is that nothing is missing now.
	mapfile -t packages < <(wanted_packages "$@")
	((${#packages[@]} == 0)) || die "still missing after the installation: ${packages[*]}"
}

main() {
	make_state_dir
	# Debian 12's Node.js 18 can build; Playwright wants 20.
	if [[ ${1:-} == test ]]; then check_given 20; else check_given 18; fi
	case ${1:-} in
	services) install_programs services ;;
	build)
		install_programs build
		wasm_toolchain_install
		npm_install
		;;
	run)
		install_programs services build
		wasm_toolchain_install
		npm_install
		;;
	bench) install_programs services build ;;
	load)
		install_programs python
		python_tools_install
		;;
	load-own)
		install_programs services own_server build python
		python_tools_install
		;;
	test)
		install_programs services own_server build browser tests python operation
		wasm_toolchain_install
		npm_install
		python_tools_install
		;;
	*) die 'usage: setup.sh services|build|run|bench|load|load-own|test' ;;
	esac
}

main "$@"
