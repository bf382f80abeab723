# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# sum.sh: run a part of the tests, show what it says, add up what it counted; sourced by bash scripts.
passed=0 failed=0 skipped=0
sum_log=$(mktemp) && trap 'rm -f "$sum_log"' EXIT
retried=() # NAME (CAUSE), of each "retried NAME: CAUSE" line

# What a log counts, as PASSED FAILED SKIPPED: the last of its "N passed, N failed, N skipped" lines, which holds for all before it,
# or else the sum of cmocka's "[  PASSED  ] N test(s)." lines.
count() { # LOG
	awk '
		/^\[  PASSED  \] [0-9]+ test/ { p += $4 }
		/^\[  FAILED  \] [0-9]+ test/ { f += $4 }
		/^\[  SKIPPED \] [0-9]+ test/ { s += $4 }
		/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { sum = $1 " " $3 " " $5 }
		END { print sum ? sum : p + 0 " " f + 0 " " s + 0 }' "$1"
}

add() { # PASSED FAILED SKIPPED
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# A part that fails, or says nothing, without naming a failed test still failed.
part() { # NAME COMMAND...
	local name=$1 rc p f s
	shift
	"$@" 2>&1 | tee "$sum_log"
	rc=${PIPESTATUS[0]}
	read -r p f s < <(count "$sum_log")
	mapfile -t -O ${#retried[@]} retried < <(sed -nE '/^retried [0-9]+:/!s/^retried ([^:]+): (.*)/\1 (\2)/p' "$sum_log")
	if [ "$rc" != 0 ] && [ "$f" = 0 ] || [ $((p + f)) = 0 ]; then
		echo "FAIL $name: exit status $rc"
		f=$((f + 1))
	fi
	add "$p" "$f" "$s"
}

# The line before the last one of a whole run. A case is played again only for a cause that was proven in that very run, and says so
# in a line of its own; where that happens often, something is wrong all the same.
tell_retried() {
	local list cases
	cases=$([ ${#retried[@]} = 0 ] || printf '%s\n' "${retried[@]%% (*}" | sort -u | grep -c .) # one that was retried twice is one case
	if [ $((${cases:=0} * 100)) -gt $(((passed + failed) * 2)) ]; then
		echo "FAIL retried: $cases of $((passed + failed)) tests, more than 2 %"
		add 0 1 0
	fi
	list=$(printf ', %s' "${retried[@]}")
	echo "retried $cases${retried:+: ${list#, }}"
}

# The last line; whether all is well.
sum_up() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] && [ "$passed" != 0 ]
}
