/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * timewait.h: the life of an inet_timewait_sock, whichever backend watches it: born, (re)armed, ended.
 *
 * It is born with tw_substate FIN_WAIT2 or TIME_WAIT, right before its socket reaches CLOSE; the first turns into the second
 * when the peer's FIN comes (tcp_timewait_state_process()). A turn may go unseen; then it is read off the timer afterwards:
 * TIME_WAIT began, the last time, TCP_TIMEWAIT_LEN before the timer expires.
 */
#ifndef TWTRACE_TIMEWAIT_H
#define TWTRACE_TIMEWAIT_H

#include "connection.h"

/* An end as it happened, held until it is counted and reported. The object itself may be gone by then. */
struct tw_end {
	struct event event;
	struct conn_key key;
	u64 tw;
	u64 began;   /* TIME_WAIT; 0: not known */
	u64 expires; /* the timer, in jiffies */
	u8 substate;
	u8 turned;    /* from FIN_WAIT2, unseen */
	u8 untracked; /* it has no record */
	u8 pad[5];
};

static __always_inline struct record *record_of_tw(struct conn_key *key, const struct inet_timewait_sock *tw)
{
	struct record *r;

	key_of_tw(key, tw);
	r = bpf_map_lookup_elem(&records, key);
	return r && r->tw == (u64)tw ? r : NULL;
}

/* When the running TIME_WAIT began, from when its timer expires, to a jiffy. */
static __always_inline u64 tw_began_by_timer(u64 expires, u64 now)
{
	s64 elapsed = (s64)(bpf_jiffies64() - (expires - timewait_jiffies)); /* jiffies */

	if (elapsed < 0)
		elapsed = 0;
	return now - elapsed * (TIMEWAIT_SECONDS * 1000000000ull / timewait_jiffies);
}

/* No room for a record: count it, and leave word for its socket. */
static __noinline int tw_born_untracked(const struct inet_timewait_sock *tw, const struct conn_key *key)
{
	struct counters *c = counters_here();
	u32 slot = key->hash & (BORN - 1);
	struct born *word = bpf_map_lookup_elem(&born_untracked, &slot);
	u8 substate = BPF_CORE_READ(tw, tw_substate);

	if (word) {
		word->key = *key;
		word->substate = substate;
	}
	if (substate == TCP_TIME_WAIT) {
		COUNT_HOST(c, tw_begun);
		__sync_fetch_and_add(&untracked_time_wait, 1);
	} else {
		COUNT_HOST(c, fin_wait2_begun);
		__sync_fetch_and_add(&untracked_fin_wait2, 1);
	}
	return 0;
}

/*
 * One without a record ends. Which substate it was born in is not known any more; taking those born in TIME_WAIT first makes the
 * totals come out right when all have ended. Returns whether it counts as turned, or a negative number if there is none.
 */
static __always_inline int tw_end_untracked(u8 substate)
{
	if (substate == TCP_TIME_WAIT && untracked_time_wait) {
		__sync_fetch_and_add(&untracked_time_wait, -1);
		return 0;
	}
	if (!untracked_fin_wait2)
		return -1;
	__sync_fetch_and_add(&untracked_fin_wait2, -1);
	return substate == TCP_TIME_WAIT;
}

static __noinline int tw_born(struct inet_timewait_sock *tw)
{
	struct counters *c = counters_here();
	struct conn_key key;
	struct record *r;

	key_of_tw(&key, tw);
	/* A connection without a record gets one that serves both. */
	r = bpf_map_lookup_elem(&records, &key) ?: record_adopt(&key, 0);
	if (!r)
		return tw_born_untracked(tw, &key);
	r->tw = (u64)tw;
	r->substate = BPF_CORE_READ(tw, tw_substate);
	r->expires = BPF_CORE_READ(tw, tw_timer.expires);
	if (r->substate == TCP_TIME_WAIT) {
		r->tw_began = bpf_ktime_get_ns();
		COUNT_HOST(c, tw_begun);
	} else {
		COUNT_HOST(c, fin_wait2_begun);
	}
	return 0;
}

/* From FIN_WAIT2 to TIME_WAIT. */
static __always_inline void tw_turned(struct record *r, u64 began)
{
	struct counters *c = counters_here();
	bool matched = r->flags & RECORD_MATCHED;

	r->substate = TCP_TIME_WAIT;
	r->tw_began = began;
	COUNT_BOTH(c, matched, fin_wait2_turned);
	COUNT_BOTH(c, matched, tw_begun);
}

static __always_inline void tw_restarted(struct record *r)
{
	if (r->restarts < 255)
		r->restarts++;
}

/* All that is known of an end but its cause, taken while the object lives. */
static __always_inline void tw_end_fill(struct tw_end *t, const struct record *r, const struct inet_timewait_sock *tw,
					const struct conn_key *key)
{
	u64 now = bpf_ktime_get_ns(), turn;
	struct event *e = &t->event;

	event_init(e, EVENT_TIMEWAIT, now, key, r);
	FILL_ADDRESSES(READ_PROBE, e, &tw->__tw_common);
	t->key = *key;
	t->tw = (u64)tw;
	t->expires = BPF_CORE_READ(tw, tw_timer.expires);
	t->substate = BPF_CORE_READ(tw, tw_substate);
	t->untracked = 0;
	t->turned = r->substate == TCP_FIN_WAIT2 && t->substate == TCP_TIME_WAIT;
	t->began = t->turned ? tw_began_by_timer(t->expires, now) : r->tw_began;
	turn = t->substate == TCP_TIME_WAIT ? t->began : now;
	e->tw.fin_wait2_ns = r->second && turn ? turn - r->second : UNKNOWN_NS;
	if ((s64)e->tw.fin_wait2_ns < 0 && e->tw.fin_wait2_ns != UNKNOWN_NS)
		e->tw.fin_wait2_ns = 0; /* the timer counts in jiffies */
	e->tw.time_wait_ns = t->substate == TCP_TIME_WAIT ? since(now, t->began) : UNKNOWN_NS;
	/* Armed anew within its wheel bucket: __mod_timer() then emits nothing */
	e->tw.restarts = r->restarts + (!sees_schedule && !t->turned && t->substate == TCP_TIME_WAIT && t->expires != r->expires);
}

/* Count it, report it, forget it. The cause is in event.end. */
static __noinline int tw_end_send(struct tw_end *t)
{
	struct record *r = bpf_map_lookup_elem(&records, &t->key);
	struct counters *c = counters_here();
	u8 end = t->event.end;
	bool matched;

	if (t->untracked) {
		int turned = tw_end_untracked(t->substate);

		if (turned < 0)
			return 0; /* one that was never counted */
		t->turned = turned;
		r = NULL;
	}
	if (r && r->ending != ENDING_MAYBE)
		r = NULL; /* a new connection has its addresses already, perhaps even its object's */
	event_ask_listener(&t->event);
	matched = r && r->flags & RECORD_CLOSED ? r->flags & RECORD_MATCHED : event_matches(&t->event);
	if (r) {
		r->substate = t->substate;
		r->ending = ENDING_DONE;
	}
	if (t->turned) {
		COUNT_BOTH(c, matched, fin_wait2_turned);
		COUNT_BOTH(c, matched, tw_begun);
	}
	if (end < END_MAX) {
		if (t->substate == TCP_TIME_WAIT)
			COUNT_BOTH(c, matched, tw_ended[end]);
		else
			COUNT_BOTH(c, matched, fin_wait2_ended[end]);
	}
	if (matched)
		event_send(&t->event, LOST_RING_TIMEWAIT);
	if (r && r->flags & RECORD_CLOSED)
		bpf_map_delete_elem(&records, &t->key);
	return 0;
}

#endif
