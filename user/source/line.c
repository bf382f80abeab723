/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* line.c: see line.h. */
#include "line.h"

#include <string.h>

#include "model/meaning.h"

static bool both_null_or_not(const struct line *line, unsigned a, unsigned b)
{
	return !(line->null & 1ULL << a) == !(line->null & 1ULL << b);
}

static void set_process(struct process *process, __u64 pid, const char comm[COMM_LEN])
{
	process->pid = (__u32)pid;
	memcpy(process->comm, comm, COMM_LEN);
}

/*
 * Owner and closer from the three processes of a line. An owner who was neither opener nor accounted to is not among them; where
 * he is known by his close, he is the closer.
 */
static bool put_processes(const struct line *line, struct event *e)
{
	const __u64 *n = line->values;
	bool opened = e->owner_source == OWNER_CONNECT || e->owner_source == OWNER_ACCEPT;
	bool ours = e->closer == CLOSER_LOCAL || e->closer == CLOSER_BOTH;
	bool closer_accounted = ours && n[K_CLOSER_PID];

	if (!both_null_or_not(line, K_PID, K_COMM) || !both_null_or_not(line, K_OPENER_PID, K_OPENER_COMM) ||
	    !both_null_or_not(line, K_CLOSER_PID, K_CLOSER_COMM))
		return false;
	if (n[K_CLOSER_PID])
		set_process(&e->closer_process, n[K_CLOSER_PID], line->closer_comm);
	if (n[K_OPENER_PID])
		set_process(&e->owner, n[K_OPENER_PID], line->opener_comm);
	else if (!opened && !closer_accounted && n[K_PID])
		set_process(&e->owner, n[K_PID], line->comm);
	else if (e->owner_source == OWNER_CLOSE && closer_accounted)
		e->owner = e->closer_process;
	/* Does it say the same that it was made of? */
	return !n[K_OPENER_PID] == !event_opener(e) && event_process(e)->pid == n[K_PID] &&
	       (!n[K_PID] || !memcmp(event_process(e)->comm, line->comm, COMM_LEN));
}

static void put_close(const __u64 *n, struct event *e)
{
	e->timewait = (__u8)n[K_TIMEWAIT];
	e->close.lifetime_ns = n[K_LIFETIME];
	e->close.closing_ns = n[K_CLOSING];
	e->close.close_wait_ns = n[K_CLOSE_WAIT];
	e->close.fin_wait2_ns = n[K_FIN_WAIT2];
	e->close.tx_bytes = n[K_TX_BYTES];
	e->close.rx_bytes = n[K_RX_BYTES];
	e->close.retrans = (__u32)n[K_RETRANS];
	e->close.error = (__u32)n[K_ERROR];
}

static void put_timewait(const __u64 *n, struct event *e)
{
	e->end = (__u8)n[K_END];
	e->tw.fin_wait2_ns = n[K_FIN_WAIT2];
	e->tw.time_wait_ns = n[K_TIME_WAIT];
	e->tw.restarts = (__u32)n[K_RESTARTS];
}

static void put_connect_failed(const __u64 *n, struct event *e)
{
	e->reason = (__u8)n[K_REASON];
	e->connect_failed.error = (__u32)n[K_ERROR];
	e->connect_failed.duration_ns = n[K_DURATION];
}

bool line_event(const struct line *line, struct event *e)
{
	const __u64 *n = line->values;

	*e = (struct event){
		.version = EVENT_VERSION,
		.type = (__u8)n[K_TYPE],
		.family = (__u8)n[K_FAMILY],
		.role = (__u8)n[K_ROLE],
		.closer = (__u8)n[K_CLOSER],
		.how = (__u8)n[K_HOW],
		.cause = (__u8)n[K_CAUSE],
		.owner_source = (__u8)n[K_OWNER_SOURCE],
		.flags = n[K_PREEXISTING] ? EVENT_PREEXISTING : 0,
		.lport = (__u16)n[K_LPORT],
		.rport = (__u16)n[K_RPORT],
		.ts = n[K_TS],
		.cgroup = n[K_CGROUP],
		.netns = (__u32)n[K_NETNS],
	};
	memcpy(e->laddr, line->laddr, sizeof(e->laddr));
	memcpy(e->raddr, line->raddr, sizeof(e->raddr));
	switch (e->type) {
	case EVENT_CLOSE:
		put_close(n, e);
		break;
	case EVENT_TIMEWAIT:
		put_timewait(n, e);
		break;
	case EVENT_CONNECT_FAILED:
		put_connect_failed(n, e);
		break;
	}
	return n[K_LADDR] == n[K_FAMILY] && n[K_RADDR] == n[K_FAMILY] && put_processes(line, e) && event_valid(e);
}

/* The parts that a line has; one that it lacks was not counted in its day. */
static void put_parts(const struct line *line, unsigned key, __u64 *counts, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		counts[i] = line->seen_on[key + i] == line->number ? line->values[key + i] : 0;
}

static void put_totals(const struct line *line, struct totals *t)
{
	const __u64 *n = line->values;

	t->present = n[K_PRESENT];
	t->opened = n[K_OPENED];
	put_parts(line, K_CLOSED_PARTS, &t->closed[0][0], CLOSER_MAX * HOW_MAX);
	t->tw_present = n[K_TW_PRESENT];
	t->tw_begun = n[K_TW_BEGUN];
	t->tw_skipped = n[K_TW_SKIPPED];
	put_parts(line, K_TW_END_PARTS, t->tw_ended, END_MAX);
	t->fin_wait2_present = n[K_FIN_WAIT2_PRESENT];
	t->fin_wait2_begun = n[K_FIN_WAIT2_BEGUN];
	t->fin_wait2_turned = n[K_FIN_WAIT2_TURNED];
	put_parts(line, K_FIN_WAIT2_END_PARTS, t->fin_wait2_ended, END_MAX);
	put_parts(line, K_FAILED_PARTS, t->connect_failed, REASON_MAX);
	put_parts(line, K_LOST_PARTS, t->lost, LOST_MAX);
}

bool line_summary(const struct line *line, struct summary *s)
{
	const __u64 *n = line->values;
	bool filtered = line->null & 1ULL << K_OPENED;
	struct totals totals[TOTALS_MAX] = {0};
	struct run run = {
		.ts = n[K_TS],
		.duration_ns = n[K_DURATION],
		.backend = line->backend,
		.backend_why = line->backend_why,
		.kernel = line->kernel,
		.filtered = filtered,
		.known_missed = !(line->null & 1ULL << K_MISSED),
		.missed = n[K_MISSED],
	};

	if (!both_null_or_not(line, K_OPENED, K_PRESENT) || !both_null_or_not(line, K_OPENED, K_OPEN) ||
	    run.duration_ns == UNKNOWN_NS)
		return false;
	put_totals(line, &totals[TOTALS_HOST]);
	totals[TOTALS_MATCHED] = totals[TOTALS_HOST];
	summary_make(s, &run, totals, &(struct in_place){n[K_OPEN], n[K_TW_NOW], n[K_FIN_WAIT2_NOW]});
	/* Its sums, which also count parts that we do not know. */
	s->closed = n[K_CLOSED];
	s->tw_ended = n[K_TW_ENDED];
	s->fin_wait2_ended = n[K_FIN_WAIT2_ENDED];
	s->connect_failed = n[K_CONNECT_FAILED];
	s->lost = n[K_LOST];
	return true;
}
