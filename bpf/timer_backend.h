/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * timer_backend.h: the life of an inet_timewait_sock told from its timer, for kernels that do not let us trace functions.
 *
 * timer_start of an object not known yet is its birth; timer_cancel then timer_start of the same one is a re-arm, both under
 * one hold of the timer base's lock (__mod_timer()); timer_cancel then timer_expire_entry is its expiry (expire_timers());
 * timer_cancel with neither after it is another end (inet_twsk_deschedule_put()), and which one is told by where we are:
 *   reused_connect  in the thread that is connecting a socket with the same addresses
 *   purged          its network namespace has no references left
 *   killed          two references beside the object's own three: tcp_abort() takes one on top of the look-up's,
 *                   every other route has just the look-up's
 *   reused_syn      the next request_sock timer on this CPU starts for the same addresses: the listener took the SYN
 *   data_reset      a RST was sent for it just before
 *   reset           none of these: a RST came. In FIN_WAIT2 on kernels whose tcp_send_reset does not tell: unknown
 *
 * So a cancel is put in limbo until the next timer event on this CPU tells what it was. These hooks run with interrupts off,
 * nothing comes between them on their CPU. The loader provokes a timer event where none comes by itself.
 */
#ifndef TWTRACE_TIMER_BACKEND_H
#define TWTRACE_TIMER_BACKEND_H

#include "timewait.h"

/* tcp_send_reset fires for inet_timewait_socks too (6.10, 19822a980e19); set by the loader before load. */
const volatile __u8 send_reset_has_tw;

#define LIMBO_NS 1000000 /* a re-arm or a SYN's request follows within microseconds */

struct limbo {
	struct tw_end end;
	u64 full; /* enum occupant */
};

enum occupant {
	NOBODY,
	AN_END,
	A_STRANGER, /* cancelled, but not known: one that is not seeded yet, so that its re-arm does not pass for a birth */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct limbo);
} limbo SEC(".maps");

__u64 limbo_count; /* over all CPUs */

/* Addresses of these functions; set by the loader before load. Of the second: 0, if it is not known. */
const volatile __u64 tw_timer_handler;
const volatile __u64 reqsk_timer_handler;

static __always_inline struct inet_timewait_sock *timer_tw(const struct timer_list *timer)
{
	return (void *)timer - bpf_core_field_offset(struct inet_timewait_sock, tw_timer);
}

static __always_inline struct limbo *limbo_here(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&limbo, &zero);
}

static __always_inline void limbo_leave(struct limbo *l)
{
	l->full = NOBODY;
	__sync_fetch_and_add(&limbo_count, -1);
}

static __always_inline void limbo_enter(struct limbo *l, enum occupant who)
{
	l->full = who;
	__sync_fetch_and_add(&limbo_count, 1);
}

static __noinline int limbo_finish(struct limbo *l)
{
	bool end = l->full == AN_END;

	limbo_leave(l);
	return end ? tw_end_send(&l->end) : 0;
}

/*
 * Is a connect() on this very thread taking over the TIME_WAIT's addresses? __inet_check_established() has just hashed it. A
 * connect() long over left the same word behind, perhaps on the very socket this TIME_WAIT is of: the state tells.
 */
static __always_inline bool reused_by_connect(const struct conn_key *key)
{
	const struct task_struct *task = current_task();
	struct connector *c = connector_of(task);
	const struct sock *sk;
	struct conn_key mine;

	if (!c || !c->sk || c->task != (u64)task)
		return false;
	sk = (const struct sock *)c->sk;
	if (PEEK(sk, __sk_common.skc_state) != TCP_SYN_SENT)
		return false;
	key_of_sock_unsafe(&mine, sk);
	return key_equal(&mine, key);
}

static __always_inline bool killed_by_diag(const struct inet_timewait_sock *tw)
{
	return PEEK(tw, __tw_common.skc_refcnt.refs.counter) == 5 && !(PEEK(current_task(), flags) & PF_KTHREAD) &&
	       (u32)bpf_get_current_pid_tgid();
}

static __always_inline int timer_tw_cancelled(const struct inet_timewait_sock *tw)
{
	struct limbo *l = limbo_here();
	struct event *e;

	if (!l)
		return 0;
	if (l->full)
		limbo_finish(l);
	if (!tw_end_begin(&l->end, tw)) {
		if (!shared.seeded) {
			l->end.tw = (u64)tw;
			limbo_enter(l, A_STRANGER);
		}
		return 0;
	}
	e = &l->end.event;
	if (netns_dying(PEEK(tw, __tw_common.skc_net.net))) {
		e->end = END_PURGED;
	} else if (reused_by_connect(&l->end.key)) {
		e->end = END_REUSED_CONNECT;
	} else if (killed_by_diag(tw)) {
		e->end = END_KILLED;
	} else {
		if (l->end.rst_sent)
			e->end = END_DATA_RESET;
		else if (l->end.substate == TCP_TIME_WAIT || send_reset_has_tw)
			e->end = END_RESET;
		else
			e->end = END_UNKNOWN;
		limbo_enter(l, AN_END);
		return 0;
	}
	return tw_end_send(&l->end);
}

static __always_inline void timer_tw_rearmed(struct limbo *l, struct tw_record *r, const struct inet_timewait_sock *tw)
{
	u64 expires = PEEK(tw, tw_timer.expires);

	limbo_leave(l);
	r->ending = ENDING_NOT;
	if (l->end.unseen && (l->end.expires != r->expires || r->turn_seen)) {
		/* it had turned before, unseen */
		tw_turned(r, l->end.began);
		tw_restarted(r);
	} else if (l->end.unseen) {
		tw_turned(r, bpf_ktime_get_ns());
	} else {
		tw_restarted(r);
		if (l->end.expires != r->expires)
			tw_restarted(r); /* one more, unseen */
	}
	r->expires = expires;
}

static __always_inline int timer_tw_started(struct inet_timewait_sock *tw)
{
	struct limbo *l = limbo_here();
	struct conn_key key;
	struct tw_record *r;

	if (l && l->full == A_STRANGER) {
		limbo_leave(l);
		if (l->end.tw == (u64)tw)
			return 0;
	} else if (l && l->full) {
		/* The slab may hand the address of an object that ended just now to another connection's: ask the record as well.
		 */
		r = record_of_tw(&key, tw);
		if (r && l->end.tw == (u64)tw && r->ending == ENDING_MAYBE) {
			timer_tw_rearmed(l, r, tw);
			return 0;
		}
		if (!r && l->end.untracked && l->end.tw == (u64)tw && key_equal(&key, &l->end.key)) {
			limbo_leave(l);
			return 0;
		}
		limbo_finish(l);
	}
	return tw_born(tw);
}

static __always_inline int timer_tw_expired(const struct inet_timewait_sock *tw)
{
	struct limbo *l = limbo_here();

	if (!l || !l->full || l->end.tw != (u64)tw)
		return 0;
	l->end.event.end = l->end.substate == TCP_TIME_WAIT ? END_EXPIRED : END_FIN_WAIT2_TIMEOUT;
	return limbo_finish(l);
}

/* Some other timer starts while a cancelled TIME_WAIT waits to be explained. */
static __noinline int timer_other_started(const struct timer_list *timer, bool request)
{
	struct limbo *l = limbo_here();

	if (!l || !l->full)
		return 0;
	if (l->full == A_STRANGER)
		return limbo_finish(l);
	if (request) {
		const struct request_sock *req = (void *)timer - bpf_core_field_offset(struct request_sock, rsk_timer);
		struct conn_key key;

		FILL_KEY(READ_ANY, &key, &req->__req_common);
		key.hash = l->end.key.hash; /* not set yet: reqsk_queue_hash_req() hashes it next */
		if (key_equal(&key, &l->end.key)) {
			l->end.event.end = END_REUSED_SYN;
			return limbo_finish(l);
		}
	}
	if (bpf_ktime_get_ns() - l->end.event.ts > LIMBO_NS)
		limbo_finish(l);
	return 0;
}

#endif
