# shellcheck shell=bash
# Runs long commands that stop when the script is interrupted. Source it after common.sh.
#
# Bash handles a signal only after its foreground command has ended, which may take a compiler minutes. So a job runs in
# the background while bash waits for it, and in its own session, so that Ctrl-C reaches only this script, which then
# stops the job and all its children in order. If this script is killed, the kernel sends SIGTERM to the job.

JOB=''

# job_start COMMAND...: starts it in the background and sets JOB to its process id.
job_start() {
	setsid setpriv --pdeathsig TERM -- "$@" &
	JOB=$!
}

# job_wait: waits until the job ends and returns its exit code.
job_wait() {
	local code=0
	wait "$JOB" || code=$?
	JOB=''
	return "$code"
}

# job COMMAND...: runs it and waits for it.
job() {
	job_start "$@"
	job_wait
}

job_alive() { [[ -n $JOB ]] && kill -0 "$JOB" 2>/dev/null; }
job_ended() { ! job_alive; }

# job_stop SECONDS: sends SIGTERM to the job, and SIGKILL if it is still running after SECONDS.
job_stop() {
	job_alive || return 0
	# A job that has only just been forked does not lead its process group yet.
	kill -TERM -- "-$JOB" 2>/dev/null || kill -TERM "$JOB" 2>/dev/null || true
	wait_until "$1" job_ended || kill -KILL -- "-$JOB" 2>/dev/null || true
	job_wait 2>/dev/null || true
}

# at_exit COMMAND: runs COMMAND EXIT_CODE once, however the script ends. Nothing cuts the command short: not a second
# Ctrl-C, a failing step or a closed output pipe.
at_exit() {
	AT_EXIT=$1
	trap '{ EXIT_CODE=$?; trap "" INT TERM HUP PIPE; set +e; "$AT_EXIT" "$EXIT_CODE"; }' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 141' PIPE
	trap 'exit 143' TERM
}
