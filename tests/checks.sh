# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# checks.sh: what tests in bash say, count and wait with; sourced by bash scripts.
passed=0 failed=0 skipped=0
why=''               # what is wrong with the check that runs
exec {nap}<> <(:)    # nothing ever comes from it

ok() { echo "ok $1"; passed=$((passed + 1)); }
skip() { echo "skip $1: $2"; skipped=$((skipped + 1)); }
fail() { # names of processes are hostile input here, too
	local text=${2//$'\n'/ | }
	echo "FAIL $1: ${text//[^[:print:]]/?}"
	failed=$((failed + 1))
}
verdict() { # NAME WHY-NOT [WHY-SKIPPED]
	if [ "$2" ]; then fail "$1" "$2"; elif [ "${3-}" ]; then skip "$1" "$3"; else ok "$1"; fi
}
complain() { why+=${why:+; }$*; }

# Seconds after which what is awaited is taken to hang: far more than a slow, busy machine needs for any of it. How fast something is
# is no test's business but a benchmark's (tests/bench).
patience=180
snooze() { read -rt "$1" -u "$nap" || :; } # sleep without a process
await() {                                  # COMMAND...: until it succeeds; false if it never does
	local end=$((SECONDS + patience))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		snooze 0.02
	done
}
us() { local t=$EPOCHREALTIME; echo "${t/[.,]/}"; } # now
gone() { ! kill -0 "$1"; } 2>/dev/null                                           # PID
is_ready() { [[ $'\n'$(<"$1") == *$'\n'"twtrace: ready"* ]] || gone "$2"; } 2>/dev/null # STDERR PID: or it never will be

moved() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; } # PID: it has a network namespace of its own
listens() { grep -qi ":$(printf %04x "$1") .* 0A " "/proc/${2-self}/net/tcp" "/proc/${2-self}/net/tcp6"; }     # PORT [PID]
calm() {                                                                            # PID: LISTEN and TIME_WAIT are all that is left in its namespace
	! awk 'FNR > 1 && $4 != "0A" && $4 != "06" { found = 1 } END { exit !found }' "/proc/$1/net/tcp" "/proc/$1/net/tcp6"
}
