# shellcheck shell=bash
# Runs Gavel as in a cluster, on this machine: two servers behind nginx, with PgBouncer in front of PostgreSQL, all
# configured by the files in ops/. Source it after test-server.sh.

CLUSTER_URL='' CLUSTER_POOLER=''
declare -A CLUSTER_PIDS=() CLUSTER_PORTS=()

# system_program NAME: prints the path of a program that Debian keeps out of users' PATH.
system_program() { PATH=$PATH:/usr/sbin command -v "$1"; }

# cluster_run NAME COMMAND...: runs it in the background and logs to NAME.log.
cluster_run() {
	local name=$1
	shift
	job_start "$@" >>"$CLUSTER_DIR/$name.log" 2>&1
	CLUSTER_PIDS[$name]=$JOB JOB=''
}

cluster_alive() { kill -0 "${CLUSTER_PIDS[$1]}" 2>/dev/null; }

# cluster_stop NAME SECONDS
cluster_stop() {
	JOB=${CLUSTER_PIDS[$1]:-}
	job_stop "$2"
	unset "CLUSTER_PIDS[$1]"
}

cluster_fail() {
	tail -n 20 "$CLUSTER_DIR/$1.log" >&2 || true
	die "$1 $2 (log: $CLUSTER_DIR/$1.log)"
}

# cluster_await NAME COMMAND...: waits until COMMAND succeeds, and fails if the process NAME has exited.
cluster_await() {
	local name=$1
	shift
	wait_until 30 "$@" || cluster_fail "$name" 'is not ready after 30 seconds'
	cluster_alive "$name" || cluster_fail "$name" 'has exited'
}

port_answers() (exec 7<>"/dev/tcp/127.0.0.1/$1")

# cluster_start_pooler: starts PgBouncer, as another user if we are root, because it refuses to run as root.
cluster_start_pooler() {
	local dir=$CLUSTER_DIR/pgbouncer port as=()
	port=$(free_port)
	mkdir -p "$dir"
	if is_root; then
		chown nobody "$dir"
		as=(setpriv --reuid=nobody --regid=nogroup --clear-groups --)
	fi
	chmod 700 "$dir"
	cluster_run pgbouncer env PATH="$PATH:/usr/sbin" RUN_DIR="$dir" LISTEN_ADDR=127.0.0.1 LISTEN_PORT="$port" \
		SERVER_IDLE_TIMEOUT=2 "${as[@]}" "$ROOT/ops/pgbouncer/start.sh"
	cluster_await pgbouncer port_answers "$port"
	CLUSTER_POOLER=127.0.0.1:$port
}

# cluster_start_server NAME GAVEL: starts a server, on its previous port if it is a restart.
cluster_start_server() {
	local name=$1 gavel=$2 url
	url=$(sed -E "s,@[^/]+/,@$CLUSTER_POOLER/," <<<"$DATABASE_URL")
	: "${CLUSTER_PORTS[$name]:=$(free_port)}"
	cluster_run "$name" env PORT="${CLUSTER_PORTS[$name]}" DATABASE_URL="$url" DATABASE_POOLED=true \
		TRUSTED_PROXIES=127.0.0.1 SHUTDOWN_DELAY_SECONDS=1 "$gavel" serve
	cluster_await "$name" http_ok 127.0.0.1 "${CLUSTER_PORTS[$name]}" /readyz
}

cluster_start_balancer() {
	local dir=$CLUSTER_DIR/nginx port
	port=$(free_port)
	mkdir -p "$dir"
	# IP addresses need no resolver, and Debian's nginx does not support "resolve".
	sed "/^resolver /d; s/ resolve / /; s/\${GAVEL_LISTEN}/127.0.0.1:$port/; s/\${GAVEL_SERVER_1}/127.0.0.1:${CLUSTER_PORTS[server-1]}/; s/\${GAVEL_SERVER_2}/127.0.0.1:${CLUSTER_PORTS[server-2]}/" \
		"$ROOT/ops/nginx/gavel.conf.template" >"$dir/gavel.conf"
	cat >"$dir/nginx.conf" <<-CONF
		daemon off;
		pid $dir/nginx.pid;
		error_log stderr warn;
		events { worker_connections 8192; }
		http {
			access_log off;
			client_body_temp_path $dir/body;
			proxy_temp_path $dir/proxy;
			fastcgi_temp_path $dir/fastcgi;
			uwsgi_temp_path $dir/uwsgi;
			scgi_temp_path $dir/scgi;
			include $dir/gavel.conf;
		}
	CONF
	cluster_run nginx "$(system_program nginx)" -p "$dir" -c "$dir/nginx.conf"
	cluster_await nginx http_ok 127.0.0.1 "$port" /readyz
	CLUSTER_URL=http://127.0.0.1:$port
}

# cluster_start GAVEL FOLDER: starts everything, on a temporary database and Redis prefix.
cluster_start() {
	CLUSTER_DIR=$2
	rm -rf "$CLUSTER_DIR"
	mkdir -p "$CLUSTER_DIR"
	test_database_create
	test_server_settings
	test_server_site "$CLUSTER_DIR"
	job "$1" migrate
	job "$1" seed
	cluster_start_pooler
	cluster_start_server server-1 "$1"
	cluster_start_server server-2 "$1"
	cluster_start_balancer
}

cluster_stop_all() {
	local name
	for name in nginx server-1 server-2 pgbouncer; do cluster_stop "$name" 30; done
	test_server_stop
}
