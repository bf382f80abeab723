/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rules_health.c: connections nobody closes, peers that vanish, and how complete this diagnosis is. */
#include "rule.h"

/* Near the 1024 open files that a process may have by default (RLIMIT_NOFILE): then accept() and connect() fail. */
#define LEAKED_MUCH 900

/*
 * Of what closed, so much lacks detail: numbers by process may be off by as much. Below the first it changes no diagnosis: a few
 * are missed on any busy host.
 */
#define LOST_SOME 0.001
#define LOST_MUCH 0.01

static void count_deaths(struct finding *f, const struct facts *facts, size_t i, const char *name, __u64 n)
{
	const struct row *sum = subject_at(facts, i);

	f->severity = SEVERITY_WARNING;
	f->weight = (double)n;
	name_subject(f, facts, i);
	count_of(f, facts, name, n, row_closes(sum));
}

bool rule_close_wait(const struct facts *facts, size_t i, struct finding *f)
{
	const struct leak *leak = &facts->leaks[i];

	if (leak->count.n < FEW)
		return false;
	f->severity = leak->count.n >= LEAKED_MUCH ? SEVERITY_CRITICAL : SEVERITY_WARNING;
	f->weight = (double)leak->count.n;
	f->named = true;
	f->subject = leak->name;
	finding_count(f, "stuck_in_close_wait", (double)leak->count.n);
	if (leak->count.oldest_ns != UNKNOWN_NS)
		finding_value(f, leak->count.at_least ? "oldest_at_least" : "oldest", UNIT_NS, (double)leak->count.oldest_ns);
	f->why = "The peers have closed these connections; the process has not, and holds a file descriptor for each until it "
		 "does. Nothing but "
		 "the process ends CLOSE_WAIT: no sysctl does, and no timeout unless it set one.";
	finding_change(f, "It is a bug there: close the socket when read() returns 0, and on every error path. Restarting the "
			  "process frees "
			  "them for now.");
	return true;
}

bool rule_keepalive_unanswered(const struct facts *facts, size_t i, struct finding *f)
{
	static const struct {
		const char *name;
		enum sysctl_id id;
	} settings[] = {{"tcp_keepalive_time", SYSCTL_KEEPALIVE_TIME},
			{"tcp_keepalive_intvl", SYSCTL_KEEPALIVE_INTVL},
			{"tcp_keepalive_probes", SYSCTL_KEEPALIVE_PROBES}};
	const struct row *sum = subject_at(facts, i);
	long long value;

	if (sum->unanswered < FEW || share_of(sum->unanswered, row_closes(sum)) < HABIT_SHARE)
		return false;
	count_deaths(f, facts, i, "died_idle", sum->unanswered);
	for (size_t s = 0; s < sizeof(settings) / sizeof(settings[0]); s++)
		if (setting_of(facts, sum->netns, settings[s].id, &value))
			finding_count(f, settings[s].name, (double)value);
	f->why = "These connections timed out with nothing sent twice: keepalive (or zero-window) probes got no answer. The peer "
		 "is gone without "
		 "a FIN, or a firewall or NAT between has forgotten the idle connection.";
	finding_change(
		f, "If a firewall, NAT or load balancer is between: send keepalives more often than it forgets (TCP_KEEPIDLE, or "
		   "tcp_keepalive_time, 7200 s by default), or close idle connections before it does.");
	return true;
}

bool rule_timeouts(const struct facts *facts, size_t i, struct finding *f)
{
	const struct row *sum = subject_at(facts, i);
	__u64 timeouts = row_timeouts(sum), n = timeouts > sum->unanswered ? timeouts - sum->unanswered : 0;

	if (n < FEW || share_of(n, row_closes(sum)) < HABIT_SHARE)
		return false;
	count_deaths(f, facts, i, "died_unacknowledged", n);
	f->why = "What was sent was never acknowledged, however often it was sent again: the peer or the way to it is gone.";
	finding_change(
		f,
		"Look at the peer and the network between. TCP_USER_TIMEOUT bounds how long a process waits for it (tcp_retries2 "
		"otherwise: about 15 minutes by default).");
	return true;
}

/* What was lost is the whole host's, so of all that ended there; 0: unknown, as in a recording that was filtered. */
static __u64 all_ends(const struct summary *s)
{
	if (s->host_ends || s->run.filtered)
		return s->host_ends;
	return s->closed + s->connect_failed + s->tw_ended + s->fin_wait2_ended;
}

bool rule_lost(const struct facts *facts, size_t i, struct finding *f)
{
	const struct summary *s = facts->summary;
	double share;

	(void)i;
	share = share_of(s->lost, s->lost + all_ends(s));
	if (!all_ends(s) || s->lost < FEW || share < LOST_SOME)
		return false;
	f->severity = share >= LOST_MUCH ? SEVERITY_WARNING : SEVERITY_NOTICE;
	f->weight = (double)s->lost;
	finding_count(f, "lost", (double)s->lost);
	finding_value(f, "lost", UNIT_PERCENT, 100 * share);
	f->why = s->run.filtered ? "What is counted by process and endpoint lacks these, as far as the filter would have let "
				   "them through: they are "
				   "the whole host's. Numbers above may be too low, and a cause may be missing."
				 : "What is counted by process and endpoint lacks these, so numbers above may be too low, and a "
				   "cause may be "
				   "missing. The totals count them all the same.";
	if (s->totals.lost[LOST_RING_CLOSE] || s->totals.lost[LOST_RING_TIMEWAIT] || s->totals.lost[LOST_RING_CONNECT_FAILED])
		finding_change(f, "Give the ring buffer more room: --ring-size 16M.");
	if (s->totals.lost[LOST_CONNECTION_MAP] || s->totals.lost[LOST_TIMEWAIT_MAP])
		finding_change(f, "Keep more records: --max-connections 1048576.");
	finding_change(f, "Look at less: filters such as --port and --netns act in the kernel.");
	return true;
}
