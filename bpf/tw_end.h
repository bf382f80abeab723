/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tw_end.h: the end of an inet_timewait_sock, counted, reported and forgotten, once. */
#ifndef TWTRACE_TW_END_H
#define TWTRACE_TW_END_H

#include "emit.h"
#include "tw_record.h"

/* An end as it happened, held until it is counted and reported. The object itself may be gone by then. */
struct tw_end {
	struct event event;
	struct conn_key key;
	u64 tw;
	u64 began;   /* TIME_WAIT; 0: not known */
	u64 expires; /* the timer, in jiffies */
	u32 place;   /* of its record */
	u8 substate;
	u8 turned;    /* from the FIN_WAIT2 it was born in */
	u8 unseen;    /* ... and nobody saw when */
	u8 untracked; /* it has no record */
	u8 rst_sent;
	u8 closed; /* what the record says of whose it is was final by then */
	u8 pad[6];
};

/* Ends of those whose socket has not reached CLOSE yet, a matter of microseconds: it does not say yet whose they are. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, struct conn_key);
	__type(value, struct tw_end);
} early SEC(".maps");

__u64 early_count;

/* turned: from FIN_WAIT2, in which it was born */
static __always_inline void count_tw_end(struct totals *m, u8 substate, bool turned, u8 end)
{
	if (turned)
		COUNT(m->fin_wait2_turned);
	if (end >= END_MAX)
		return;
	if (substate == TCP_TIME_WAIT)
		COUNT(m->tw_ended[end]);
	else
		COUNT(m->fin_wait2_ended[end]);
}

/* To user space, and among what the filter lets through. */
static __always_inline void tw_end_report(struct tw_end *t, bool matched)
{
	struct counters *c = counters_here();

	if (!matched)
		return;
	if (filter_active && c)
		count_tw_end(&c->t[TOTALS_MATCHED], t->substate, t->turned, t->event.end);
	event_send(&t->event, LOST_RING_TIMEWAIT);
}

/* The socket reached CLOSE after its inet_timewait_sock had ended. */
static __noinline int tw_end_late(const struct conn_key *key)
{
	struct tw_end *t = bpf_map_lookup_elem(&early, key);
	struct tw_record *r = tw_find(key);
	bool matched;

	if (!r || !t || r->ending != ENDING_DONE)
		return 0;
	event_identify(&t->event, &r->id, r->cgroup);
	event_ask_listener(&t->event);
	matched = r->matched;
	/* Who takes the end reports it. */
	if (bpf_map_delete_elem(&early, key))
		return 0;
	tw_remove(key, r);
	tw_end_report(t, matched);
	return 0;
}

/*
 * It ended before its socket reached CLOSE, on another CPU. Each side says how far it is, then, after a full barrier, asks how
 * far the other is: at least one of them sees both.
 */
static __noinline int tw_end_early(const struct tw_end *t, struct tw_record *r)
{
	if (bpf_map_update_elem(&early, &t->key, t, BPF_ANY)) {
		count_lost(LOST_TIMEWAIT_MAP);
		tw_remove(&t->key, r);
		return 0;
	}
	r->ending = ENDING_DONE;
	COUNT(early_count);
	return r->closed ? tw_end_late(&t->key) : 0;
}

/* Count it, report it, forget it. The cause is in event.end. */
static __noinline int tw_end_send(struct tw_end *t)
{
	struct tw_record *r = t->untracked ? NULL : tw_look(t->place, &t->key, t->tw);
	struct counters *c = counters_here();

	if (t->untracked) {
		int turned = tw_end_untracked(t->substate);

		if (turned < 0)
			return 0; /* one that was never counted */
		t->turned = turned;
	}
	if (r && r->ending != ENDING_MAYBE)
		r = NULL; /* a new connection has its addresses already, perhaps even its object's */
	if (c)
		count_tw_end(&c->t[TOTALS_HOST], t->substate, t->turned, t->event.end);
	if (r && !r->closed)
		return tw_end_early(t, r);
	if (r && !t->closed)
		event_identify(&t->event, &r->id, r->cgroup);
	event_ask_listener(&t->event);
	tw_end_report(t, r ? r->matched : event_matches(&t->event));
	if (r)
		tw_remove(&t->key, r);
	return 0;
}

#endif
