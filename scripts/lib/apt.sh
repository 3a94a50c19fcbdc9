# shellcheck shell=bash
# Installs Debian packages. Source it after common.sh.

# as_root COMMAND...: runs it as root, through passwordless sudo if need be.
as_root() {
	if is_root; then "$@"; else sudo -n "$@"; fi
}

can_be_root() { is_root || { have sudo && sudo -n true 2>/dev/null; }; }

apt_get() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
		-o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@"
}

# apt_install PACKAGE...: installs them, or prints the command to run if this user must not.
apt_install() {
	have apt-get || die "this machine has no apt-get. Please install the equivalents of these Debian packages: $*"
	can_be_root || die "these packages are missing, and installing them takes root. Please run:

    sudo apt-get update && sudo apt-get install --no-install-recommends $*
"
	heading "installing $*"
	apt_get update || warn 'apt-get update failed; trying with the existing package lists'
	without_daemons apt_get install -y --no-install-recommends "$@"
}

# without_daemons COMMAND...: keeps newly installed services from starting, now and at boot. Debian starts a service as
# soon as its package is installed, but we run instances of our own. Services installed earlier are left alone.
without_daemons() {
	local policy=/usr/sbin/policy-rc.d ours='' code=0 clusters conf name new=()
	for name in redis-server nginx pgbouncer prometheus; do
		[[ -e /lib/systemd/system/$name.service ]] || new+=("$name")
	done
	clusters=$(compgen -G '/etc/postgresql/*/*/start.conf' || true)
	if [[ ! -e $policy ]]; then
		ours=1
		printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
		as_root chmod 755 "$policy"
	fi
	"$@" || code=$?
	if [[ -n $ours ]]; then as_root rm -f "$policy"; fi
	for conf in /etc/postgresql/*/*/start.conf; do
		if [[ -e $conf && $clusters != *"$conf"* ]]; then as_root sed -i 's/^auto$/manual/' "$conf"; fi
	done
	for name in "${new[@]}"; do
		if [[ -e /lib/systemd/system/$name.service ]] && have systemctl; then
			as_root systemctl disable --quiet "$name" 2>/dev/null || true
		fi
	done
	return "$code"
}
