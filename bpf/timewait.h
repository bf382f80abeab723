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

const volatile __u64 timewait_jiffies; /* TCP_TIMEWAIT_LEN in jiffies; set by the loader before load */

static __always_inline u64 jiffies_to_ns(u64 jiffies)
{
	return jiffies * (TIMEWAIT_SECONDS * 1000000000ull / timewait_jiffies);
}

/* When the running TIME_WAIT began, from when its timer expires, to a jiffy. */
static __always_inline u64 tw_began_by_timer(u64 expires, u64 now)
{
	s64 elapsed = (s64)(bpf_jiffies64() - (expires - timewait_jiffies)); /* jiffies */

	if (elapsed < 0)
		elapsed = 0;
	return now - jiffies_to_ns(elapsed);
}

/* It is gone, and nobody saw how it ended. */
static __noinline int tw_count_end_unseen(const struct tw_record *r)
{
	struct counters *c = counters_here();
	bool turned = r->born == TCP_FIN_WAIT2 && r->substate == TCP_TIME_WAIT;

	COUNT_HOST(c, lost[LOST_OVERWRITTEN]);
	if (c)
		count_tw_end(&c->t[TOTALS_HOST], r->substate, turned, END_UNKNOWN);
	if (c && filter_active && r->matched)
		count_tw_end(&c->t[TOTALS_MATCHED], r->substate, turned, END_UNKNOWN);
	return 0;
}

static __noinline int tw_born(struct inet_timewait_sock *tw)
{
	const struct inet_timewait_sock *object = READABLE(tw);
	struct counters *c = counters_here();
	struct tw_record *before;
	struct tw_line *line;
	struct conn_key key;
	u8 substate;
	u64 expires;

	key_of_tw(&key, tw);
	substate = PEEK_AT(object, tw_substate);
	expires = PEEK_AT(object, tw_timer.expires);
	if (c)
		count_tw_begin(&c->t[TOTALS_HOST], substate);
	line = tw_line_of(&key);
	if (!line)
		return 0;
	before = tw_find(&key);
	if (before) {
		/* One of the same addresses that is just ending, in limbo on another CPU; or nobody saw its end. */
		if (before->ending == ENDING_NOT)
			tw_count_end_unseen(before);
		tw_record_begin(before, (u64)tw, substate, expires);
	} else if (tw_add(line, &key, (u64)tw, substate, expires)) {
		return tw_born_untracked(tw, &key);
	}
	return 0;
}

/*
 * From FIN_WAIT2 to TIME_WAIT. Counted when it ends or a walk finds it: this may come, on another CPU, just when the socket's
 * CLOSE decides whether it counts among what the filter lets through.
 */
static __always_inline void tw_turned(struct tw_record *r, u64 began)
{
	r->substate = TCP_TIME_WAIT;
	r->began = began;
}

static __always_inline void tw_restarted(struct tw_record *r)
{
	if (r->restarts < 255)
		r->restarts++;
}

/* All that is known of an end but its cause, taken while the object lives. */
static __always_inline void tw_end_fill(struct tw_end *t, const struct tw_record *r, const struct inet_timewait_sock *tw,
					const struct conn_key *key, u64 now)
{
	const struct inet_timewait_sock *object = READABLE(tw);
	struct event *e = &t->event;
	u64 turn;

	t->closed = r->closed;
	barrier(); /* then what is read next is final */
	event_init(e, EVENT_TIMEWAIT, now, key, &r->id, r->cgroup);
	FILL_ADDRESSES(READ_AT, e, &object->__tw_common);
	t->key = *key;
	t->tw = (u64)tw;
	t->expires = PEEK_AT(object, tw_timer.expires);
	t->substate = PEEK_AT(object, tw_substate);
	t->untracked = 0;
	t->place = r->place;
	t->rst_sent = r->rst_sent;
	t->turned = r->born == TCP_FIN_WAIT2 && t->substate == TCP_TIME_WAIT;
	t->unseen = r->substate == TCP_FIN_WAIT2 && t->substate == TCP_TIME_WAIT;
	t->began = t->unseen ? tw_began_by_timer(t->expires, now) : r->began;
	turn = t->substate == TCP_TIME_WAIT ? t->began : now;
	e->tw.fin_wait2_ns = r->second && turn ? turn - r->second : UNKNOWN_NS;
	if ((s64)e->tw.fin_wait2_ns < 0 && e->tw.fin_wait2_ns != UNKNOWN_NS)
		e->tw.fin_wait2_ns = 0; /* the timer counts in jiffies */
	e->tw.time_wait_ns = t->substate == TCP_TIME_WAIT ? since(now, t->began) : UNKNOWN_NS;
	/* Armed anew within its wheel bucket: __mod_timer() then emits nothing */
	e->tw.restarts = r->restarts + (!sees_schedule && !t->unseen && t->substate == TCP_TIME_WAIT && t->expires != r->expires);
}

/* It ends, or so it looks. False: it is none of those that were counted. */
static __always_inline bool tw_end_begin(struct tw_end *t, const struct inet_timewait_sock *tw)
{
	struct tw_record unknown = {.id = {.closer = CLOSER_LOCAL, .cause = CAUSE_UNKNOWN}};
	u64 now = bpf_ktime_get_ns();
	struct conn_key key;
	struct tw_record *r = record_of_tw(&key, tw);

	if (r) {
		tw_end_fill(t, r, tw, &key, now);
		r->ending = ENDING_MAYBE;
		return true;
	}
	if (!untracked_time_wait && !untracked_fin_wait2)
		return false;
	tw_end_fill(t, &unknown, tw, &key, now);
	t->untracked = 1;
	return true;
}

#endif
