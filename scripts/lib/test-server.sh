# shellcheck shell=bash
# Starts a server with demo data on a temporary database and Redis prefix, both deleted when it stops. Source it after
# local-services.sh and job-control.sh.

TEST_SERVER='' TEST_SERVER_URL='' TEST_DATABASE='' SERVICES_ARE_UP=''

# run_sql STATEMENT: runs it in the database at DATABASE_URL.
run_sql() {
	local psql=psql settings
	if pg_find; then psql=$PG_BIN/psql; fi
	mapfile -t settings < <(database_settings)
	env "${settings[@]}" "$psql" -X -q -v ON_ERROR_STOP=1 -c "$1"
}

# test_database_create: creates a database and points DATABASE_URL and REDIS_PREFIX at it.
test_database_create() {
	SERVICES_ARE_UP=1
	services_up
	SERVICES_URL=$DATABASE_URL
	TEST_DATABASE=gavel_test_load_$(head -c 6 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
	run_sql "CREATE DATABASE $TEST_DATABASE"
	export DATABASE_URL=${DATABASE_URL%/*}/$TEST_DATABASE REDIS_PREFIX=$TEST_DATABASE:
}

# Raises the per-address rate limits, because all load comes from one address; everything else is as shipped.
test_server_settings() {
	# Nobody but the test bids.
	export JWT_SECRET GAVEL_ENV=development HOST=127.0.0.1 NO_COLOR=1 DEMO_CROWD=false
	export ADDRESS_REQUESTS_PER_SECOND=1000000 SIGN_INS_PER_ADDRESS_PER_MINUTE=1000000
	JWT_SECRET=$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
}

# test_server_site FOLDER: uses the browser bundle if it has been built, and else an empty site in FOLDER, which is
# enough for k6.
test_server_site() {
	export GAVEL_SITE_ROOT=$CARGO_TARGET_DIR/site
	[[ -f $GAVEL_SITE_ROOT/hash.txt ]] && return
	GAVEL_SITE_ROOT=$1/site
	mkdir -p "$GAVEL_SITE_ROOT/pkg"
	: >"$GAVEL_SITE_ROOT/hash.txt"
}

test_server_ready_or_dead() { ! kill -0 "$TEST_SERVER" 2>/dev/null || http_ok 127.0.0.1 "$PORT" /readyz; }

# test_server_start GAVEL FOLDER: starts the binary GAVEL, with its log in FOLDER.
test_server_start() {
	local gavel=$1 folder=$2
	heading 'starting PostgreSQL and Redis'
	test_database_create
	test_server_settings
	test_server_site "$folder"
	heading 'starting the server'
	PORT=$(free_port)
	export PORT
	job "$gavel" migrate
	job "$gavel" seed
	job_start "$gavel" serve >"$folder/server.log" 2>&1
	TEST_SERVER=$JOB JOB='' TEST_SERVER_URL=http://127.0.0.1:$PORT
	wait_until 60 test_server_ready_or_dead || die 'the server is not ready after a minute'
	kill -0 "$TEST_SERVER" 2>/dev/null || die "the server has exited: see $folder/server.log"
}

test_server_stop() {
	JOB=$TEST_SERVER
	job_stop 30
	TEST_SERVER=''
	if [[ -n $TEST_DATABASE ]]; then
		DATABASE_URL=$SERVICES_URL run_sql "DROP DATABASE IF EXISTS $TEST_DATABASE WITH (FORCE)" ||
			warn "could not delete the database $TEST_DATABASE"
		TEST_DATABASE=''
	fi
	if [[ -n $SERVICES_ARE_UP ]]; then services_release; fi
	SERVICES_ARE_UP=''
}
