# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# witness.sh: how many TCP transitions, and ends of TIME_WAITs by their timer, no BPF program can have seen; sourced by bash scripts that
# have a directory $dir of their own.
#
# Kernels were seen (a cloud provider's 6.18) that at times run no BPF program at a tracepoint, while process 1, a supervisor there, is on
# the CPU, for one: softirq runs on whoever is, and what TCP does meanwhile is lost to every BPF tracer, and nothing counts it. But ftrace
# counts: what it saw and a BPF program beside it, which does nothing but count, did not, no tracer can have seen either.
unseen=0
WITNESS=${WITNESS:-$(dirname "${BASH_SOURCE[0]}")/../build/tests/witness}

witness_begin() {
	mountpoint -q "$dir/tracing" || { mkdir -p "$dir/tracing" && mount -t tracefs nodev "$dir/tracing"; } || return
	witness=$dir/tracing/instances/twtrace-$$
	mkdir -p "$witness" || return
	echo 0 >"$witness/tracing_on"
	echo 64 >"$witness/buffer_size_kb"
	witness_records sock/inet_sock_set_state
	witness_records timer/timer_expire_entry "function == 0x$(awk '$3 == "tw_timer_handler" { print $1; exit }' /proc/kallsyms)"
	exec {witness_says}< <(exec setpriv --pdeathsig TERM "$WITNESS" "$witness")
	witness_pid=$!
	read -r _ <&"$witness_says" # or nothing is recorded
} 2>/dev/null

witness_records() { # EVENT [FILTER]
	{ [ $# = 1 ] || echo "$2" >"$witness/events/$1/filter"; } && echo 1 >"$witness/events/$1/enable"
}

witness_end() { # how many transitions no BPF program saw is added to $unseen
	local fired seen
	[ -d "${witness-}" ] || return 0
	kill -INT "$witness_pid"
	read -r seen <&"$witness_says"
	exec {witness_says}<&-
	# Those that the buffer had no room for, too
	fired=$(awk '$1 == "entries:" || $1 == "overrun:" { n += $2 } END { print n + 0 }' "$witness"/per_cpu/cpu*/stats)
	[ -z "$seen" ] || [ "$fired" -le "$seen" ] || unseen=$((unseen + fired - seen))
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

witness_retried() { echo "retried $1: $unseen transitions or ends of TIME_WAITs that no BPF program saw"; } # NAME

witness_forget() { umount "$dir/tracing"; } 2>/dev/null
