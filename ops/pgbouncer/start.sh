#!/usr/bin/env bash
# Writes PgBouncer's configuration from the environment and becomes PgBouncer.
#
#   DATABASE_URL         PostgreSQL itself; clients sign in with the same user and password
#   MAX_CLIENT_CONN      clients at a time
#   DEFAULT_POOL_SIZE    server connections per user and database
#   MAX_DB_CONNECTIONS   server connections per database
#   SERVER_IDLE_TIMEOUT  seconds after which a server connection that nobody uses is closed
#   LISTEN_ADDR, LISTEN_PORT, RUN_DIR
set -euo pipefail

: "${DATABASE_URL:?}" "${MAX_CLIENT_CONN:=2000}" "${DEFAULT_POOL_SIZE:=30}" "${MAX_DB_CONNECTIONS:=50}"
: "${SERVER_IDLE_TIMEOUT:=600}" "${LISTEN_ADDR:=0.0.0.0}" "${LISTEN_PORT:=6432}" "${RUN_DIR:=/run/pgbouncer}"

pattern='^postgres(ql)?://([^:@/]+):([^@/]*)@([^:/]+)(:([0-9]+))?/[^?]*(\?.*)?$'
[[ $DATABASE_URL =~ $pattern ]] || {
	echo 'DATABASE_URL must look like postgres://user:password@host:port/database' >&2
	exit 1
}

# decoded TEXT: percent signs of a URL resolved.
decoded() { printf '%b' "${1//%/\\x}"; }
# quoted TEXT: as the list of users wants it.
quoted() { printf '"%s"' "${1//\"/\"\"}"; }

user=$(decoded "${BASH_REMATCH[2]}")
password=$(decoded "${BASH_REMATCH[3]}")
host=${BASH_REMATCH[4]}
port=${BASH_REMATCH[6]:-5432}

umask 077
printf '%s %s\n' "$(quoted "$user")" "$(quoted "$password")" >"$RUN_DIR/users.txt"
cat >"$RUN_DIR/pgbouncer.ini" <<INI
[databases]
* = host=$host port=$port

[pgbouncer]
listen_addr = $LISTEN_ADDR
listen_port = $LISTEN_PORT
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $RUN_DIR/users.txt
server_tls_sslmode = prefer

; Each transaction may get another server connection.
pool_mode = transaction
max_client_conn = $MAX_CLIENT_CONN
default_pool_size = $DEFAULT_POOL_SIZE
max_db_connections = $MAX_DB_CONNECTIONS
server_idle_timeout = $SERVER_IDLE_TIMEOUT
; Gavel names its statements per connection of its own, and nothing may be left for the next one. From 1.21 on,
; PgBouncer would do without, but Gavel does not need it: see docs/operations.md.
server_reset_query = DEALLOCATE ALL
server_reset_query_always = 1
; sqlx asks for it, and it changes nothing for numbers sent in binary.
ignore_startup_parameters = extra_float_digits
; A little longer than Gavel waits for a connection of its own.
query_wait_timeout = 5
INI
# Older versions do not know it; it must be off where it exists, for statements are not kept over transactions.
if [[ $(pgbouncer --version) =~ PgBouncer\ 1\.([0-9]+) ]] && ((BASH_REMATCH[1] >= 21)); then
	echo 'max_prepared_statements = 0' >>"$RUN_DIR/pgbouncer.ini"
fi

exec pgbouncer "$RUN_DIR/pgbouncer.ini"
