# shellcheck shell=bash
# A private PostgreSQL under .gavel/postgres. Source it after lib.sh.
# It listens on 127.0.0.1 only, with a random password: no unix socket, whose path could be too long.

PG_LOG=$STATE/postgres.log
PG_OLDEST=15

# Where the data really is: .gavel/postgres may be a link, which the server's user could not follow.
pg_locate() {
	PG_HOME=$(readlink -m "$STATE/postgres")
	PG_DATA=$PG_HOME/data
}
pg_locate

# pg_major DIR: the major version of the complete server in DIR, or nothing.
pg_major() {
	local program
	for program in initdb postgres pg_ctl psql; do
		[[ -x $1/$program ]] || return 0
	done
	# Debian's /usr/bin/psql is a wrapper, so ask the server itself.
	"$1/postgres" --version 2>/dev/null | sed -nE 's/.* ([0-9]+)[.a-z].*/\1/p'
}

# pg_find: sets PG_BIN to the folder of the server's programs. Debian keeps them out of PATH.
# Existing data needs the version that made it; else the newest is taken.
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

# pg_user: who runs the server when we are root, which PostgreSQL refuses to run as. The owner of existing data stays.
pg_user() {
	if [[ -d $PG_DATA && $(stat -c %u "$PG_DATA") != 0 ]]; then
		stat -c %u "$PG_DATA"
	else
		id -u postgres 2>/dev/null || id -u nobody
	fi
}

# as_pg COMMAND...: runs it as the server's user, in a folder which that user can read.
as_pg() {
	if is_root; then
		local user
		user=$(pg_user)
		(cd / && exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@")
	else
		(cd / && exec "$@")
	fi
}

# as_pg_write FILE: standard input becomes a file of the server's user, readable by nobody else.
as_pg_write() {
	# shellcheck disable=SC2016 # $1 is for the inner shell
	as_pg sh -c 'umask 077 && cat >"$1"' sh "$1"
}

pg_url() { say "postgres://gavel:$(secret postgres.password)@127.0.0.1:$(<"$STATE/postgres.port")/gavel"; }

# pg_sql DATABASE STATEMENT: runs SQL as the superuser. The password travels in the environment, not in an argument.
pg_sql() {
	PGPASSWORD=$(secret postgres.password) PGCONNECT_TIMEOUT=5 "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 \
		-h 127.0.0.1 -p "$(<"$STATE/postgres.port")" -U gavel -d "$1" -c "$2"
}

pg_running() {
	local pid
	pid=$(as_pg head -n 1 "$PG_DATA/postmaster.pid" 2>/dev/null) || return 1
	process_matches "$pid" "*/postgres -D $PG_DATA *"
}

# The home is a link elsewhere when the server's user cannot reach the checkout (one below /root, say).
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

# Builds the cluster beside its place and moves it there, so that an interrupted try leaves nothing half-made.
pg_init() {
	[[ -d $PG_DATA ]] && return
	say "creating a PostgreSQL cluster in .gavel/postgres"
	local new=$PG_HOME/data.new password_file=$PG_HOME/password.new
	as_pg rm -rf "$new"
	# The server's user cannot read our copy of the password, and an argument would be seen by all.
	secret postgres.password | as_pg_write "$password_file"
	as_pg "$PG_BIN/initdb" -D "$new" --username=gavel --pwfile="$password_file" --auth=scram-sha-256 \
		--encoding=UTF8 --locale=C.UTF-8 --data-checksums --no-instructions >"$PG_LOG" 2>&1 ||
		pg_fail 'initdb failed'
	as_pg rm -f "$password_file"
	say "include = 'gavel.conf'" | as_pg tee -a "$new/postgresql.conf" >/dev/null
	as_pg mv "$new" "$PG_DATA"
}

# Written at every start, because the port may have changed. Durability stays on: an acknowledged bid must survive.
pg_configure() {
	local port
	port=$(keep_port postgres.port)
	as_pg_write "$PG_DATA/gavel.conf" <<-CONF
		# Written by scripts/postgres.sh at every start.
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

# pg_start: a no-op when it runs. Descriptor 8 and 9 are locks of services.sh, which the server must not keep.
pg_start() {
	pg_find || die "PostgreSQL $PG_OLDEST or newer is not installed: run 'scripts/setup.sh services'"
	if ! pg_running; then
		pg_make_home
		pg_init
		# Only a dead server's file can be left here, and its number may be another process's by now.
		as_pg rm -f "$PG_DATA/postmaster.pid"
		pg_configure
		# We open the log, not the server's user, who might not reach it.
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

# pg_delete: the data, wherever it is, and what goes with it.
pg_delete() {
	pg_stop
	rm -rf "$PG_HOME" "$STATE/postgres" "$STATE"/postgres.*
	pg_locate
}
