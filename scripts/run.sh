#!/usr/bin/env bash
# Installs, builds, seeds and runs Gavel from a fresh checkout, until Ctrl-C. Running it again reuses everything.
#
# Environment: PORT (3000), HOST (127.0.0.1), DEMO_CROWD (true; false is without the demo bidders), and DATABASE_URL,
# REDIS_URL and JWT_SECRET to use your own.

# shellcheck source=scripts/local-services.sh
source "$(dirname "${BASH_SOURCE[0]}")/local-services.sh"
# shellcheck source=scripts/lib/job-control.sh
source "$ROOT/scripts/lib/job-control.sh"

export PORT=${PORT:-3000} HOST=${HOST:-127.0.0.1}
export GAVEL_ENV=${GAVEL_ENV:-development} GAVEL_SITE_ROOT=$CARGO_TARGET_DIR/site DEMO_CROWD=${DEMO_CROWD:-true}
GAVEL=$CARGO_TARGET_DIR/release/gavel
SERVICES_ARE_UP=''

check_port() {
	if [[ ! $PORT =~ ^[1-9][0-9]{0,4}$ ]] || ((PORT > 65535)); then
		die "PORT must be a number from 1 to 65535, not '$PORT'"
	fi
	port_is_free "$PORT" "$HOST" || die "port $PORT is in use by another program (another 'make run', perhaps).
Stop that one, or choose another port:  make run PORT=$((PORT < 65535 ? PORT + 1 : 3000))"
}

clean_up() {
	if job_alive; then
		say ''
		say 'stopping ...'
		job_stop 30
	fi
	if [[ -n $SERVICES_ARE_UP ]]; then services_release; fi
}

prepare() {
	heading 'checking the tools'
	scripts/setup.sh run
	heading 'starting PostgreSQL and Redis'
	SERVICES_ARE_UP=1
	services_up
	heading 'building the server (minutes the first time)'
	job cargo build --locked --release -p server
	heading 'building the browser bundle (minutes the first time)'
	job scripts/build-frontend.sh
	heading 'preparing the database'
	job "$GAVEL" migrate
	job "$GAVEL" seed
}

# probe_host: prints the address to probe; a server that listens on all addresses is probed on localhost.
probe_host() { case $HOST in 0.0.0.0 | ::) say 127.0.0.1 ;; *) say "$HOST" ;; esac; }

ready_or_dead() { ! job_alive || http_ok "$(probe_host)" "$PORT" /readyz; }

serve() {
	check_port # again, because building took a while
	job_start "$GAVEL" serve
	wait_until 60 ready_or_dead || die 'the server is not ready after a minute; see its output above'
	job_alive || die 'the server has exited; see its output above'
	trap 'exit 0' INT TERM # from here on, stopping is not a failure
	say "
${BOLD}Gavel is ready: http://localhost:$PORT${PLAIN}

  admin     admin@test.com / admin123
  bidders   user0001@test.com to user1000@test.com / password123

Press Ctrl-C to stop. The data is kept in .gavel/ for the next run.
"
	job_wait
}

main() {
	make_state_dir
	if have node; then check_port; fi # setup.sh reports a missing Node.js
	if [[ -z ${JWT_SECRET:-} ]]; then JWT_SECRET=$(secret jwt-secret); fi
	export JWT_SECRET
	at_exit clean_up
	prepare
	serve
}

main "$@"
