# shellcheck shell=bash
# A server with demo data, a database and Redis keys of its own, all of which go away with it. Source it after
# services.sh and jobs.sh.

OWN_SERVER='' OWN_SERVER_URL='' OWN_DATABASE='' OWN_SERVICES=''

# own_psql STATEMENT: on the database that DATABASE_URL names.
own_psql() {
	local psql=psql settings
	if pg_find; then psql=$PG_BIN/psql; fi
	mapfile -t settings < <(database_settings)
	env "${settings[@]}" "$psql" -X -q -v ON_ERROR_STOP=1 -c "$1"
}

# own_database_create: makes it the one that DATABASE_URL names.
own_database_create() {
	OWN_SERVICES=1
	services_up
	OWN_SERVICES_URL=$DATABASE_URL
	OWN_DATABASE=gavel_test_load_$(head -c 6 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
	own_psql "CREATE DATABASE $OWN_DATABASE"
	export DATABASE_URL=${DATABASE_URL%/*}/$OWN_DATABASE REDIS_PREFIX=$OWN_DATABASE:
}

# Limits per address are out of the way of a crowd behind one; everything else is as shipped.
own_server_settings() {
	export JWT_SECRET GAVEL_ENV=development HOST=127.0.0.1 NO_COLOR=1
	export ADDRESS_REQUESTS_PER_SECOND=1000000 SIGN_INS_PER_ADDRESS_PER_MINUTE=1000000
	JWT_SECRET=$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
}

# Where no browser bundle has been built, pages come without: no scenario runs their scripts.
own_server_site() {
	export GAVEL_SITE_ROOT=$CARGO_TARGET_DIR/site
	[[ -f $GAVEL_SITE_ROOT/hash.txt ]] && return
	GAVEL_SITE_ROOT=$1/site
	mkdir -p "$GAVEL_SITE_ROOT/pkg"
	: >"$GAVEL_SITE_ROOT/hash.txt"
}

own_server_ready_or_dead() { ! kill -0 "$OWN_SERVER" 2>/dev/null || http_ok 127.0.0.1 "$PORT" /readyz; }

# own_server_start GAVEL FOLDER: its log goes into FOLDER.
own_server_start() {
	local gavel=$1 folder=$2
	heading 'starting PostgreSQL and Redis'
	own_database_create
	own_server_settings
	own_server_site "$folder"
	heading 'starting the server'
	PORT=$(free_port)
	export PORT
	job "$gavel" migrate
	job "$gavel" seed
	job_start "$gavel" serve >"$folder/server.log" 2>&1
	OWN_SERVER=$JOB JOB='' OWN_SERVER_URL=http://127.0.0.1:$PORT
	wait_until 60 own_server_ready_or_dead || die 'the server is not ready after a minute'
	kill -0 "$OWN_SERVER" 2>/dev/null || die "the server has ended: see $folder/server.log"
}

own_server_stop() {
	JOB=$OWN_SERVER
	job_stop 30
	OWN_SERVER=''
	if [[ -n $OWN_DATABASE ]]; then
		DATABASE_URL=$OWN_SERVICES_URL own_psql "DROP DATABASE IF EXISTS $OWN_DATABASE WITH (FORCE)" ||
			warn "could not delete the database $OWN_DATABASE"
		OWN_DATABASE=''
	fi
	if [[ -n $OWN_SERVICES ]]; then services_release; fi
	OWN_SERVICES=''
}
