#!/usr/bin/env bash
# Writes PgBouncer's configuration from the environment and starts PgBouncer.
#
#   DATABASE_URL         PostgreSQL itself; clients sign in with the same user and password
#   MAX_CLIENT_CONN      concurrent clients
#   DEFAULT_POOL_SIZE    server connections per user and database
#   MAX_DB_CONNECTIONS   server connections per database
#   SERVER_IDLE_TIMEOUT  seconds after which an idle server connection is closed
#   LISTEN_ADDR, LISTEN_PORT, RUN_DIR
set -euo pipefail

: "${DATABASE_URL:?}" "${MAX_CLIENT_CONN:=2000}" "${DEFAULT_POOL_SIZE:=30}" "${MAX_DB_CONNECTIONS:=50}"
: "${SERVER_IDLE_TIMEOUT:=600}" "${LISTEN_ADDR:=0.0.0.0}" "${LISTEN_PORT:=6432}" "${RUN_DIR:=/run/pgbouncer}"

pattern='^postgres(ql)?://([^:@/]+):([^@/]*)@([^:/]+)(:([0-9]+))?/[^?]*(\?.*)?$'
[[ $DATABASE_URL =~ $pattern ]] || {
	echo 'DATABASE_URL must look like postgres://user:password@host:port/database' >&2
	exit 1
}

# decoded TEXT: decodes the percent-encoding of a URL.
decoded() { printf '%b' "${1//%/\\x}"; }
# quoted TEXT: quotes it for users.txt.
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

; Each transaction may use a different server connection.
pool_mode = transaction
max_client_conn = $MAX_CLIENT_CONN
default_pool_size = $DEFAULT_POOL_SIZE
max_db_connections = $MAX_DB_CONNECTIONS
server_idle_timeout = $SERVER_IDLE_TIMEOUT
; Gavel's statement names are unique only per client connection, so none may remain for the next client. PgBouncer 1.21
; can track them itself, but Gavel does not need that: see docs/operations.md.
server_reset_query = DEALLOCATE ALL
server_reset_query_always = 1
; sqlx sets it, and it has no effect on numbers in binary format.
ignore_startup_parameters = extra_float_digits
; Slightly longer than Gavel waits for a connection from its own pool.
query_wait_timeout = 5
; PostgreSQL is asked again soon after it was away; by default only after 15 seconds.
server_login_retry = 1
INI
# Unknown to older versions. It must be off where it exists, because statements are dropped after each transaction.
if [[ $(pgbouncer --version) =~ PgBouncer\ 1\.([0-9]+) ]] && ((BASH_REMATCH[1] >= 21)); then
	echo 'max_prepared_statements = 0' >>"$RUN_DIR/pgbouncer.ini"
fi

exec pgbouncer "$RUN_DIR/pgbouncer.ini"
