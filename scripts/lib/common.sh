# shellcheck shell=bash
# Functions and settings that all scripts share. Source it, do not run it.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# All local state: databases, secrets, tools. Not in git.
STATE=$ROOT/.gavel
cd "$ROOT"

# Scripts rely on this path, so the caller's environment does not override it.
export CARGO_TARGET_DIR=$ROOT/target

# No step reads input, and some tools misbehave when stdin is closed.
exec </dev/null

# Prefer rustup's cargo to Debian's, which may also be installed (see wasm-toolchain.sh).
if [[ -d ${CARGO_HOME:-${HOME:-/nonexistent}/.cargo}/bin ]]; then
	PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
fi

if [[ -t 1 ]]; then BOLD=$'\e[1m' PLAIN=$'\e[0m'; else BOLD='' PLAIN=''; fi

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
	printf '\nerror: %s\n' "$*" >&2
	exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [[ $(id -u) == 0 ]]; }

# heading TEXT: announces a step, with the time since the outermost script started.
export SCRIPTS_BEGAN=${SCRIPTS_BEGAN:-$EPOCHSECONDS}
heading() {
	local elapsed=$((EPOCHSECONDS - SCRIPTS_BEGAN))
	printf '\n%s==> [%d:%02d] %s%s\n' "$BOLD" $((elapsed / 60)) $((elapsed % 60)) "$*" "$PLAIN"
}

# World-readable, so that PostgreSQL can reach its data inside when root runs this (PostgreSQL refuses to run as root).
# Secrets inside have a stricter mode.
make_state_dir() {
	[[ -d $STATE ]] || mkdir -m 755 "$STATE"
	[[ -O $STATE ]] || die "the folder .gavel belongs to the user $(stat -c %U "$STATE"): run this as that user"
}

# secret NAME: prints the random secret in .gavel/NAME, which is generated at first use.
secret() {
	local file=$STATE/$1
	if [[ ! -s $file ]]; then
		(umask 077 && head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$file.new")
		mv "$file.new" "$file"
	fi
	cat "$file"
}

# port_is_free PORT [HOST]: can a server listen there? Tries to listen: a connection attempt would miss sockets that are
# bound but not listening.
port_is_free() {
	node -e '
		const [port, host] = process.argv.slice(1);
		const server = require("node:net").createServer();
		server.on("error", () => process.exit(1));
		server.listen({ port: Number(port), host, exclusive: true }, () => server.close());
	' "$1" "${2:-127.0.0.1}" 2>/dev/null
}

# free_port: prints a random free port below the kernel's ephemeral range, so that no outgoing connection takes it.
free_port() {
	local port
	for _ in {1..50}; do
		port=$((20000 + RANDOM % 12000))
		if port_is_free "$port"; then
			say "$port"
			return
		fi
	done
	die 'found no free port between 20000 and 32000'
}

# keep_port NAME: prints the port saved in .gavel/NAME, or a new one if there is none or another program has taken it.
keep_port() {
	local file=$STATE/$1
	if [[ ! -s $file ]] || ! port_is_free "$(<"$file")"; then
		free_port >"$file"
	fi
	cat "$file"
}

# process_matches PID PATTERN: is PID alive, and does its command line match PATTERN? A pid file alone proves nothing,
# because process ids are reused.
process_matches() {
	local pid=$1 pattern=$2 line
	[[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 1
	line=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) || return 1
	# shellcheck disable=SC2053 # PATTERN is a glob on purpose
	[[ $line == $pattern ]]
}

# wait_until SECONDS COMMAND...: polls until COMMAND succeeds.
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# http_ok HOST PORT PATH: does the server answer 200? In plain bash, because a fresh machine may have no curl.
# The subshell closes the connection when it exits, and survives a server that hangs up (SIGPIPE).
http_ok() (
	trap '' PIPE
	exec 2>/dev/null 7<>"/dev/tcp/$1/$2" || exit 1
	printf 'GET %s HTTP/1.0\r\nHost: %s:%s\r\n\r\n' "$3" "$1" "$2" >&7 || exit 1
	read -r -t 5 status <&7 || exit 1
	[[ $status == HTTP/*\ 200* ]]
)
