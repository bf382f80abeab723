# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# witness.sh: how many TCP transitions, and ends of TIME_WAITs by their timer, no BPF program can have seen; sourced by bash scripts that
# have a directory $dir of their own.
#
# Softirq runs on whoever is on the CPU, and kernels were seen (a cloud provider's 6.18) that run no BPF program at all while that is
# process 1, a supervisor there: what TCP does meanwhile is lost to every BPF tracer, and nothing counts it. The tracepoints themselves
# fire, so ftrace can tell how often that was the case: an instance of its own records nothing but that. Where BPF does run then, the
# programs in witness.bpf.c see the same; only what they do not see counts.
unseen=0
WITNESS=${WITNESS:-$(dirname "${BASH_SOURCE[0]}")/../build/tests/witness}

witness_begin() {
	local filter=() task
	mountpoint -q "$dir/tracing" || { mkdir -p "$dir/tracing" && mount -t tracefs nodev "$dir/tracing"; } || return
	witness=$dir/tracing/instances/twtrace-$$
	mkdir -p "$witness" || return
	# By name: such threads come and go
	while read -r task; do filter+=("comm == \"$task\""); done < <(sort -u /proc/1/task/*/comm)
	task=$(printf ' || %s' "${filter[@]}")
	witness_records sock/inet_sock_set_state "${task# || }"
	witness_records timer/timer_expire_entry "function == 0x$(awk '$3 == "tw_timer_handler" { print $1; exit }' /proc/kallsyms) && (${task# || })"
	echo 0 >"$witness/tracing_on"
	echo 64 >"$witness/buffer_size_kb"
	exec {witness_says}< <(exec setpriv --pdeathsig TERM "$WITNESS")
	witness_pid=$!
	read -r _ <&"$witness_says" || return # nothing is recorded then
	echo 1 >"$witness/tracing_on"
} 2>/dev/null

witness_records() { # EVENT FILTER
	echo "$2" >"$witness/events/$1/filter" && echo 1 >"$witness/events/$1/enable"
}

witness_end() { # how many transitions no BPF program saw is added to $unseen
	local fired seen
	[ -d "${witness-}" ] || return 0
	echo 0 >"$witness/tracing_on"
	kill -INT "$witness_pid"
	read -r seen <&"$witness_says"
	exec {witness_says}<&-
	# Those that the buffer had no room for, too
	fired=$(awk '$1 == "entries:" || $1 == "overrun:" { n += $2 } END { print n + 0 }' "$witness"/per_cpu/cpu*/stats)
	[ "$fired" -le "${seen:-0}" ] || unseen=$((unseen + fired - ${seen:-0}))
	rmdir "$witness"
} 2>/dev/null

# Whether what the witness saw explains what is wrong: every complaint is a difference, of the tracer's own totals among themselves,
# too, and none is larger than the number it counted.
witness_explains() { # COMPLAINTS
	[ "$unseen" -gt 0 ] && jq -en --arg why "$1" --argjson unseen "$unseen" '
		def differences: [capture("^[^:]*: (?<is>-?[0-9]+), not (?<want>-?[0-9]+)$") | (.is | tonumber) - (.want | tonumber) | fabs]
			+ [capture("do not add up: off by (?<c>-?[0-9]+) connections, (?<t>-?[0-9]+) TIME_WAIT, (?<f>-?[0-9]+) FIN_WAIT2$")
				| .[] | tonumber | fabs];
		[$why | split("( \\| |; )"; null)[] | select(. != "") | differences | . != [] and max <= $unseen] | . != [] and all' >/dev/null
}

witness_retried() { echo "retried $1: $unseen transitions or ends of TIME_WAITs on top of process 1, which no BPF program sees"; } # NAME

witness_forget() { umount "$dir/tracing"; } 2>/dev/null
