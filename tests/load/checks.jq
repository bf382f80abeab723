# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# checks.jq: what must be equal, whoever counts: the kernel (its SNMP counters, $c), the traffic ($t), the tracer's summary ($s), its
# events ($g, tallied). Each check yields a line for each difference, and nothing where there is none.

def same(what; is; want): is as $is | want as $want | if $is == $want then empty else "\(what): \($is), not \($want)" end;
def above(what; is; least): is as $is | least as $least | if $is > $least then empty else "\(what): \($is), not above \($least)" end;
def sum_of(f): reduce f as $x (0; . + $x);
def starting($s; prefix): [$s | to_entries[] | select(.key | startswith(prefix)) | .value] | add;
def how_many($g; f): sum_of($g[] | select(f) | .n);
def closers: ["none", "local", "remote", "both"];
def hows: ["fin", "rst", "timeout", "error"];
def ends: ["unknown", "expired", "reused_connect", "reused_syn", "reset", "data_reset", "killed", "purged", "fin_wait2_timeout"];
def resets($s): sum_of(closers[] as $x | $s["closed_\($x)_rst"]);
def born($s): $s.tw_begun - $s.fin_wait2_turned + $s.fin_wait2_begun;

# The totals of a namespace against its counters, which count every TIME_WAIT when it is born (since Linux 6.1).
def kernel_agrees($s; $c):
	same("closed"; $s.closed; $c.ActiveOpens - $c.AttemptFails + $c.PassiveOpens),
	same("TIME_WAITs born"; born($s); $c.TW + $c.TWKilled),
	same("TIME_WAITs skipped"; $s.tw_skipped; $c.TCPTimeWaitOverflow),
	same("TIME_WAITs reused by connect"; $s.tw_end_reused_connect + $s.fin_wait2_end_reused_connect; $c.TWRecycled),
	same("resets"; resets($s); $c.EstabResets),
	same("resets by our own process"; $s.closed_local_rst; $c.TCPAbortOnData + $c.TCPAbortOnClose),
	same("timeouts"; $s.closed_none_timeout + $s.connect_failed_timeout; $c.TCPAbortOnTimeout),
	same("failed connects"; $s.connect_failed - $s.connect_failed_no_port; $c.AttemptFails);

# The identities. With a filter nothing is said about what is open.
def adds_up($s):
	(if $s.open == null then empty else same("present + opened - closed"; $s.present + $s.opened - $s.closed; $s.open) end),
	same("TIME_WAIT present + begun - ended"; $s.tw_present + $s.tw_begun - $s.tw_ended; $s.tw_now),
	same("FIN_WAIT2 present + begun - turned - ended"; $s.fin_wait2_present + $s.fin_wait2_begun - $s.fin_wait2_turned -
		$s.fin_wait2_ended; $s.fin_wait2_now),
	same("closed by kind"; sum_of(closers[] as $x | hows[] as $y | $s["closed_\($x)_\($y)"]); $s.closed),
	same("TIME_WAITs ended by kind"; starting($s; "tw_end_"); $s.tw_ended);

def nothing_lost($s): $s | to_entries[] | select(.key | startswith("lost_")) | same(.key; .value; 0);

# What is still there at the end, if nothing came since the counters were read; after 60 s TIME_WAITs begin to go.
def now_agrees($s; $c): if $s.duration_ns < 55e9 then same("TIME_WAITs now"; $s.tw_now + $s.fin_wait2_now; $c.tw) else empty end;

# Every event is there, or counted as lost.
def events_agree($s; $g):
	(closers[] as $x | hows[] as $y | select($s.lost_ring_close == 0) | same("events closed by \($x) \($y)";
		how_many($g; .type == "close" and .closer == $x and .how == $y); $s["closed_\($x)_\($y)"])),
	(ends[] as $x | select($s.lost_ring_timewait == 0) | same("events of TIME_WAITs \($x)";
		how_many($g; .type == "timewait" and .end == $x); $s["tw_end_\($x)"] + $s["fin_wait2_end_\($x)"])),
	same("close events + lost"; how_many($g; .type == "close") + $s.lost_ring_close; $s.closed),
	same("timewait events + lost"; how_many($g; .type == "timewait") + $s.lost_ring_timewait; $s.tw_ended + $s.fin_wait2_ended),
	same("connect_failed events + lost"; how_many($g; .type == "connect_failed") + $s.lost_ring_connect_failed; $s.connect_failed);

# What the events say beside the totals, if none is lost.
def details_agree($c; $g):
	same("closes by linger0"; how_many($g; .cause == "linger0" and .type == "close"); $c.TCPAbortOnData),
	same("closes with unread data"; how_many($g; .cause == "unread_data" and .type == "close"); $c.TCPAbortOnClose),
	same("closes that left a TIME_WAIT"; how_many($g; .timewait == "entered"); $c.TW + $c.TWKilled),
	same("closes that skipped it"; how_many($g; .timewait == "skipped"); $c.TCPTimeWaitOverflow),
	same("clients"; how_many($g; .type == "close" and .role == "client"); $c.ActiveOpens - $c.AttemptFails),
	same("servers"; how_many($g; .type == "close" and .role == "server"); $c.PassiveOpens),
	same("events of other processes"; how_many($g; .comm != "load-\(.role)"); 0),
	same("events older than the tracer"; how_many($g; .preexisting); 0);

# The traffic knows how it ended each of its connections, and that is a referee the kernel's counters are not.
def ended($g; $role; $closer; $how): how_many($g; .type == "close" and .role == $role and .closer == $closer and .how == $how);
def traffic_agrees($t; $g):
	same("connections"; how_many($g; .type == "close"); 2 * $t.connections),
	same("no port"; how_many($g; .type == "connect_failed"); $t.no_port),
	same("client closed first"; ended($g; "client"; "local"; "fin"); $t.client + $t.shutdown + $t.both),
	same("client, then server"; ended($g; "client"; "remote"; "fin"); $t.server),
	same("client reset"; ended($g; "client"; "local"; "rst"); $t.rst_client),
	same("client was reset"; ended($g; "client"; "remote"; "rst"); $t.rst_server),
	same("server closed first"; ended($g; "server"; "local"; "fin"); $t.server),
	same("server, after the client or with it"; ended($g; "server"; "remote"; "fin") + ended($g; "server"; "both"; "fin");
		$t.client + $t.shutdown + $t.both),
	same("server reset"; ended($g; "server"; "local"; "rst"); $t.rst_server),
	same("server was reset"; ended($g; "server"; "remote"; "rst"); $t.rst_client),
	same("client by shutdown"; how_many($g; .type == "close" and .role == "client" and .cause == "shutdown"); $t.shutdown + $t.both),
	(if $t.both > 0 then above("FINs that crossed"; ended($g; "server"; "both"; "fin"); $t.both * 0.8 | floor) else empty end);

def events_exact($s; $c; $t; $g):
	kernel_agrees($s; $c), adds_up($s), nothing_lost($s), events_agree($s; $g),
	(if $s.lost == 0 then details_agree($c; $g), traffic_agrees($t; $g) else empty end); # else that is the difference

# The rows of the table, one for each process and endpoint (role, so as not to mix both ends), at the end.
def rows_agree($s; $g):
	[$g[] | select(.type == "row")] as $rows
	| same("closes in rows"; sum_of($rows[] | .closes * .n); $s.closed),
	  (closers[] as $x | same("rows closed by \($x)"; sum_of($rows[] | .["by_\($x)"] * .n); sum_of(hows[] as $y | $s["closed_\($x)_\($y)"]))),
	  # a row counts what its sockets left behind, also what still is, or ended, in FIN_WAIT2
	  same("TIME_WAITs in rows"; sum_of($rows[] | .tw_begun * .n); $s.tw_begun + $s.fin_wait2_begun - $s.fin_wait2_turned),
	  same("TIME_WAITs skipped in rows"; sum_of($rows[] | .tw_skipped * .n); $s.tw_skipped),
	  same("resets sent in rows"; sum_of($rows[] | .rst_sent * .n); $s.closed_local_rst),
	  same("rows that sum up others"; sum_of($rows[] | select(.other) | .n); 1),
	  same("rows of other processes"; sum_of($rows[] | select(.other | not) | select(.comm != "load-\(.role)") | .n); 0);

# A run without a filter: which events are ours, and the totals without the others'.
def ours($g; $ns): [$g[] | select(.netns == $ns)];
def others($g; $ns): [$g[] | select(.netns != $ns)];
def less($s; $o):
	reduce (closers[] as $x | hows[] as $y | [$x, $y]) as [$x, $y] ($s;
		.["closed_\($x)_\($y)"] -= how_many($o; .type == "close" and .closer == $x and .how == $y))
	| reduce ends[] as $x (.; how_many($o; .type == "timewait" and .end == $x) as $n
		| .["tw_end_\($x)"] -= $n | .tw_ended -= $n) # with those that ended in FIN_WAIT2: only sums are compared
	| reduce ("refused", "timeout", "no_port", "unreachable", "aborted") as $x (.; how_many($o; .reason == $x) as $n
		| .["connect_failed_\($x)"] -= $n | .connect_failed -= $n)
	| .closed -= how_many($o; .type == "close")
	| .tw_begun -= how_many($o; .timewait == "entered")
	| .tw_skipped -= how_many($o; .timewait == "skipped");
