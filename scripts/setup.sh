#!/usr/bin/env bash
# Installs only what this machine lacks; returns at once if nothing is missing.
#
#   setup.sh services     PostgreSQL and Redis, unless DATABASE_URL or REDIS_URL names another one
#   setup.sh build        tools to compile the server and the browser bundle
#   setup.sh run          both of the above
#   setup.sh bench        tools to compile the server, and the services
#   setup.sh chaos        the same, libfaketime for a wrong clock, and Prometheus
#   setup.sh load         k6
#   setup.sh load-server  k6, and what it takes to build and run a server for it
#   setup.sh test         all of the above, a browser, libfaketime for a wrong clock, and nginx, PgBouncer and promtool

# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=scripts/lib/local-postgres.sh
source "$ROOT/scripts/lib/local-postgres.sh"
# shellcheck source=scripts/wasm-toolchain.sh
source "$ROOT/scripts/wasm-toolchain.sh"
# shellcheck source=scripts/lib/npm.sh
source "$ROOT/scripts/lib/npm.sh"
# shellcheck source=scripts/lib/python-tools.sh
source "$ROOT/scripts/lib/python-tools.sh"
# shellcheck source=scripts/lib/apt.sh
source "$ROOT/scripts/lib/apt.sh"

# check_prerequisites NODE: checks for what this script does not install: Rust, npm and Node.js NODE or newer.
check_prerequisites() {
	have cargo || die 'Rust is missing: install it with rustup, see https://rustup.rs'
	have node || die "Node.js $1 or newer is missing: see https://nodejs.org"
	have npm || die 'npm is missing: install it together with Node.js'
	(($(node -p 'process.versions.node.split(".")[0]') >= $1)) || die "Node.js $1 or newer is needed, and this is $(node -v)"
}

# missing_packages PART...: prints the Debian packages of the programs that these parts lack.
missing_packages() {
	local part
	for part in "$@"; do "packages_for_$part"; done
}

packages_for_services() {
	if [[ -z ${DATABASE_URL:-} ]] && ! (pg_find); then say postgresql; fi
	if [[ -z ${REDIS_URL:-} ]] && ! { have redis-server && have redis-cli; }; then say redis-server; fi
}

packages_for_test_server() {
	# To create a database on the server at DATABASE_URL; the local PostgreSQL includes psql.
	[[ -z ${DATABASE_URL:-} ]] || have psql || say postgresql-client
}

packages_for_build() {
	# rustc links with cc, and some crates compile C.
	have cc || printf '%s\n' gcc libc6-dev
}

packages_for_browser() {
	have chromium || say chromium
	# The pages are in Traditional Chinese: without a font for it, screenshots show boxes.
	[[ -n $(fc-list :lang=zh-tw family 2>/dev/null) ]] || say fonts-noto-cjk
}

packages_for_python() {
	# Debian's Python needs a separate package to create virtual environments.
	python3 -c 'import ensurepip' 2>/dev/null || say python3-venv
}

packages_for_deployment() {
	have nginx || [[ -x /usr/sbin/nginx ]] || say nginx
	have pgbouncer || [[ -x /usr/sbin/pgbouncer ]] || say pgbouncer
	# For promtool, which checks the alert rules.
	have promtool || say prometheus
	# For the example of docs/api.md.
	have curl || say curl
}

packages_for_alerts() {
	have prometheus || say prometheus
}

packages_for_tests() {
	# For a server whose clock is wrong (server/tests/http/process.rs).
	compgen -G '/usr/lib*/*/faketime/libfaketime.so.1' >/dev/null || say libfaketime
}

install_programs() {
	local packages
	mapfile -t packages < <(missing_packages "$@")
	((${#packages[@]} == 0)) || apt_install "${packages[@]}"
	# Check again: the list comes from a subshell whose failure goes unnoticed.
	mapfile -t packages < <(missing_packages "$@")
	((${#packages[@]} == 0)) || die "still missing after the installation: ${packages[*]}"
}

main() {
	make_state_dir
	# Debian 12's Node.js 18 suffices to build; Playwright needs 20.
	if [[ ${1:-} == test ]]; then check_prerequisites 20; else check_prerequisites 18; fi
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
	chaos) install_programs services build tests alerts ;;
	load)
		install_programs python
		python_tools_install
		;;
	load-server)
		install_programs services test_server build python
		python_tools_install
		;;
	test)
		install_programs services test_server build browser tests python deployment
		wasm_toolchain_install
		npm_install
		python_tools_install
		;;
	*) die 'usage: setup.sh services|build|run|bench|chaos|load|load-server|test' ;;
	esac
}

main "$@"
