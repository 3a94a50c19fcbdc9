# shellcheck shell=bash
# Long commands that stop when this script is told to stop. Source it after lib.sh.
#
# Bash handles a signal only when its foreground command has ended, which for a compiler is minutes. So a job runs in the
# background while bash waits, and in a session of its own, so that a Ctrl-C at the terminal reaches this script alone
# and the job is stopped once, in order, with all its children. Should this script be killed, the kernel tells the job.

JOB=''

# job_start COMMAND...: in the background; its number is in JOB.
job_start() {
	setsid setpriv --pdeathsig TERM -- "$@" &
	JOB=$!
}

# job_wait: until the job ends; gives its exit code.
job_wait() {
	local code=0
	wait "$JOB" || code=$?
	JOB=''
	return "$code"
}

job() {
	job_start "$@"
	job_wait
}

job_alive() { [[ -n $JOB ]] && kill -0 "$JOB" 2>/dev/null; }
job_ended() { ! job_alive; }

# job_stop SECONDS: asks the job to end, and kills it when it has not after that time.
job_stop() {
	job_alive || return 0
	# A job that has just been forked is not yet the leader of its group.
	kill -TERM -- "-$JOB" 2>/dev/null || kill -TERM "$JOB" 2>/dev/null || true
	wait_until "$1" job_ended || kill -KILL -- "-$JOB" 2>/dev/null || true
	job_wait 2>/dev/null || true
}

# at_exit COMMAND: runs once, however the script ends, with the exit code. Nothing cuts it short: no second Ctrl-C,
# no failing part, no reader of our output that has gone.
at_exit() {
	AT_EXIT=$1
	trap '{ EXIT_CODE=$?; trap "" INT TERM HUP PIPE; set +e; "$AT_EXIT" "$EXIT_CODE"; }' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 141' PIPE
	trap 'exit 143' TERM
}
