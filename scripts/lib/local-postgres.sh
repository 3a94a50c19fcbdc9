# shellcheck shell=bash
# A local PostgreSQL for this checkout, in .gavel/postgres. Source it after common.sh.
# It listens on 127.0.0.1 only, with a random password, and on no unix socket, whose path could be too long.

PG_LOG=$STATE/postgres.log
PG_OLDEST=15

# Resolves the data directory: .gavel/postgres may be a symbolic link that the server's user could not follow.
pg_locate() {
	PG_HOME=$(readlink -m "$STATE/postgres")
	PG_DATA=$PG_HOME/data
}
pg_locate

# pg_major DIR: prints the major version of the server in DIR, or nothing if programs are missing there.
pg_major() {
	local program
	for program in initdb postgres pg_ctl psql; do
		[[ -x $1/$program ]] || return 0
	done
	# Debian's /usr/bin/psql is a wrapper, so use the server's own version.
	"$1/postgres" --version 2>/dev/null | sed -nE 's/.* ([0-9]+)[.a-z].*/\1/p'
}

# pg_find: sets PG_BIN to the folder of the server's programs, which Debian keeps out of PATH.
# Existing data needs the version that created it; otherwise the newest wins.
pg_find() {
	local wanted='' dir major best=0 path=()
	PG_BIN=''
	if [[ -d $PG_DATA ]]; then wanted=$(as_pg cat "$PG_DATA/PG_VERSION"); fi
	IFS=: read -ra path <<<"$PATH"
	for dir in /usr/lib/postgresql/*/bin "${path[@]}"; do
		major=$(pg_major "$dir")
		[[ -n $major ]] || continue
		((major >= PG_OLDEST && major > best)) || continue
		[[ -z $wanted || $major == "$wanted" ]] || continue
		best=$major PG_BIN=$dir
	done
	[[ -n $PG_BIN ]] && return
	[[ -z $wanted ]] || die "the data in .gavel/postgres belongs to PostgreSQL $wanted, which is not installed here (any more):
install it, or delete the data with 'make reset'"
	return 1
}

# pg_user: prints the user to run the server as when we are root, because PostgreSQL refuses to run as root: the owner
# of existing data, or else postgres or nobody.
pg_user() {
	if [[ -d $PG_DATA && $(stat -c %u "$PG_DATA") != 0 ]]; then
		stat -c %u "$PG_DATA"
	else
		id -u postgres 2>/dev/null || id -u nobody
	fi
}

# as_pg COMMAND...: runs it as the server's user, in a folder that this user can read.
as_pg() {
	if is_root; then
		local user
		user=$(pg_user)
		(cd / && exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@")
	else
		(cd / && exec "$@")
	fi
}

# as_pg_write FILE: writes standard input to a file that only the server's user can read.
as_pg_write() {
	# shellcheck disable=SC2016 # $1 is for the inner shell
	as_pg sh -c 'umask 077 && cat >"$1"' sh "$1"
}

pg_url() { say "postgres://gavel:$(secret postgres.password)@127.0.0.1:$(<"$STATE/postgres.port")/gavel"; }

# pg_sql DATABASE STATEMENT: runs SQL as the superuser. The password is passed in the environment, because other users
# can see arguments.
pg_sql() {
	PGPASSWORD=$(secret postgres.password) PGCONNECT_TIMEOUT=5 "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 \
		-h 127.0.0.1 -p "$(<"$STATE/postgres.port")" -U gavel -d "$1" -c "$2"
}

pg_running() {
	local pid
	pid=$(as_pg head -n 1 "$PG_DATA/postmaster.pid" 2>/dev/null) || return 1
	process_matches "$pid" "*/postgres -D $PG_DATA *"
}

# The home is a symbolic link if the server's user cannot reach the checkout, for example below /root.
pg_make_home() {
	local home=$STATE/postgres
	[[ ! -d $home ]] || return 0
	if is_root && ! as_pg test -x "$STATE"; then
		home=/var/lib/gavel/$(printf %s "$ROOT" | sha256sum | cut -c 1-12)
		say "PostgreSQL's user cannot reach $STATE: the data goes to $home"
		mkdir -p "${home%/*}"
		ln -sfn "$home" "$STATE/postgres"
		pg_locate
	fi
	[[ -d $home ]] || mkdir -m 700 "$home"
	if is_root; then chown "$(pg_user)" "$home"; fi
}

# Creates the cluster in a temporary folder and then renames it, so that an interrupted run leaves no partial cluster.
pg_init() {
	[[ -d $PG_DATA ]] && return
	say "creating a PostgreSQL cluster in .gavel/postgres"
	local new=$PG_HOME/data.new password_file=$PG_HOME/password.new
	as_pg rm -rf "$new"
	# The server's user cannot read our copy of the password, and other users could see an argument.
	secret postgres.password | as_pg_write "$password_file"
	as_pg "$PG_BIN/initdb" -D "$new" --username=gavel --pwfile="$password_file" --auth=scram-sha-256 \
		--encoding=UTF8 --locale=C.UTF-8 --data-checksums --no-instructions >"$PG_LOG" 2>&1 ||
		pg_fail 'initdb failed'
	as_pg rm -f "$password_file"
	say "include = 'gavel.conf'" | as_pg tee -a "$new/postgresql.conf" >/dev/null
	as_pg mv "$new" "$PG_DATA"
}

# Rewrites the settings at every start, because the port may have changed. Durability stays on: an acknowledged bid must
# survive a crash.
pg_configure() {
	local port
	port=$(keep_port postgres.port)
	as_pg_write "$PG_DATA/gavel.conf" <<-CONF
		# Written by scripts/lib/local-postgres.sh at every start.
		listen_addresses = '127.0.0.1'
		port = $port
		unix_socket_directories = ''
		max_connections = 200
		shared_buffers = 256MB
		max_wal_size = 2GB
		fsync = on
		synchronous_commit = on
		timezone = 'UTC'
		log_timezone = 'UTC'
	CONF
}

pg_fail() {
	tail -n 20 "$PG_LOG" >&2 || true
	die "PostgreSQL: $1 (log: .gavel/postgres.log)"
}

pg_ready() { "$PG_BIN/pg_isready" -q -t 2 -h 127.0.0.1 -p "$(<"$STATE/postgres.port")"; }

# pg_start: does nothing if the server is running. File descriptors 8 and 9 are locks of local-services.sh, which the
# server must not inherit.
pg_start() {
	pg_find || die "PostgreSQL $PG_OLDEST or newer is not installed: run 'scripts/setup.sh services'"
	if ! pg_running; then
		pg_make_home
		pg_init
		# This file can only belong to a dead server, whose process id may have been reused.
		as_pg rm -f "$PG_DATA/postmaster.pid"
		pg_configure
		# We open the log, because the server's user might not be able to.
		as_pg "$PG_BIN/pg_ctl" start -D "$PG_DATA" -W >"$PG_LOG" 2>&1 8>&- 9>&- || pg_fail 'did not start'
		: >"$STATE/postgres.started"
	fi
	wait_until 60 pg_ready || pg_fail 'does not answer'
	if [[ -z $(pg_sql postgres "SELECT 1 FROM pg_database WHERE datname = 'gavel'") ]]; then
		pg_sql postgres 'CREATE DATABASE gavel'
	fi
}

pg_stop() {
	[[ -d $PG_DATA ]] || return 0
	pg_running || return 0
	pg_find || return 1
	as_pg "$PG_BIN/pg_ctl" stop -D "$PG_DATA" -m fast -w -t 60 >>"$PG_LOG" 2>&1 || pg_fail 'did not stop'
}

# pg_delete: deletes the data, wherever it is, and the files beside it.
pg_delete() {
	pg_stop
	rm -rf "$PG_HOME" "$STATE/postgres" "$STATE"/postgres.*
	pg_locate
}
