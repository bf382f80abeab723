/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * connection.h: a socket's transitions, judged.
 *
 * A transition can be missed, so none of the steps below relies on having seen the one before: what the record lacks is read
 * from (old, new) and from the socket.
 */
#ifndef TWTRACE_CONNECTION_H
#define TWTRACE_CONNECTION_H

#include "connect.h"
#include "listener.h"

/* ---- opening ---- */

static __always_inline void record_add(const struct conn_key *key, const struct record *r, u64 flags)
{
	if (bpf_map_update_elem(&records, key, r, flags)) {
		count_lost(LOST_CONNECTION_MAP);
		__sync_fetch_and_add(&untracked_open, 1);
	}
}

/* A record in the way of a new connection: its socket is just closing, or its TIME_WAIT just ending; or nobody saw its end. */
static __always_inline void record_displace(const struct record *before)
{
	u64 skp = before->sk;

	if (before->ending)
		return;
	if (before->flags & RECORD_CLOSED || bpf_map_update_elem(&displaced, &skp, before, BPF_ANY))
		count_lost(LOST_OVERWRITTEN);
}

static __noinline int connection_opened(const struct sock *sk, int old)
{
	struct record r = {.opened = bpf_ktime_get_ns(), .sk = (u64)sk, .role = ROLE_SERVER};
	struct counters *c = counters_here();
	struct conn_key key;
	u64 skp = (u64)sk;

	/* A child has no struct socket before accept(); a client's comes from SYN_RECV only after a simultaneous open. */
	if (old == TCP_SYN_SENT || has_socket(sk)) {
		struct connecting *opening = bpf_map_lookup_elem(&connecting, &skp);

		if (opening) {
			r.owner = opening->opener;
			r.owner_source = opening->owner_source;
			bpf_map_delete_elem(&connecting, &skp);
		}
		if (opening || old == TCP_SYN_SENT)
			r.role = ROLE_CLIENT;
	}
	key_of_sock(&key, sk);
	COUNT_HOST(c, opened);
	if (bpf_map_update_elem(&records, &key, &r, BPF_NOEXIST)) {
		struct record *before = bpf_map_lookup_elem(&records, &key);

		if (before)
			record_displace(before);
		record_add(&key, &r, BPF_ANY);
	}
	return 0;
}

/* ---- closing ---- */

/* Register a connection met on its way out. Counted as present: nobody saw it open. */
static __noinline struct record *record_adopt(const struct conn_key *key, u64 sk)
{
	struct record fresh = {.sk = sk, .flags = RECORD_PREEXISTING};
	struct counters *c;

	if (untracked_open)
		return NULL; /* it is one of those there was no room for; counted when it opened */
	c = counters_here();
	if (bpf_map_update_elem(&records, key, &fresh, BPF_ANY) == 0)
		COUNT_HOST(c, present);
	return bpf_map_lookup_elem(&records, key);
}

/* A hashed socket's record: there is no other with its addresses. */
static __always_inline struct record *record_get(const struct conn_key *key, const struct sock *sk)
{
	struct record *r = bpf_map_lookup_elem(&records, key);

	return r && r->sk == (u64)sk ? r : record_adopt(key, (u64)sk);
}

static __noinline int fin_sent_first(const struct sock *sk)
{
	struct conn_key key;
	struct record *r;

	key_of_sock(&key, sk);
	r = record_get(&key, sk);
	if (!r)
		return 0;
	r->closer = CLOSER_LOCAL;
	r->how = HOW_FIN;
	r->cause = fin_cause(sk);
	r->closing = bpf_ktime_get_ns();
	read_current(&r->closer_process);
	return 0;
}

static __noinline int fin_sent_second(const struct sock *sk)
{
	struct conn_key key;
	struct record *r;

	key_of_sock(&key, sk);
	r = record_get(&key, sk);
	if (!r)
		return 0;
	r->closer = CLOSER_REMOTE;
	r->how = HOW_FIN;
	r->second = bpf_ktime_get_ns();
	read_current(&r->closer_process);
	return 0;
}

static __noinline int fin_received_first(const struct sock *sk)
{
	struct conn_key key;
	struct record *r;

	key_of_sock(&key, sk);
	r = record_get(&key, sk);
	if (!r)
		return 0;
	r->closer = CLOSER_REMOTE;
	r->how = HOW_FIN;
	r->closing = bpf_ktime_get_ns();
	return 0;
}

static __noinline int fin_acked_or_crossed(const struct sock *sk, int new)
{
	struct conn_key key;
	struct record *r;

	key_of_sock(&key, sk);
	r = record_get(&key, sk);
	if (!r)
		return 0;
	r->closer = new == TCP_CLOSING ? CLOSER_BOTH : CLOSER_LOCAL;
	r->how = HOW_FIN;
	if (new == TCP_FIN_WAIT2)
		r->second = bpf_ktime_get_ns();
	if (r->cause == CAUSE_NONE)
		r->cause = CAUSE_UNKNOWN;
	return 0;
}

/* Without a record: did tw_born_untracked() leave word of it? Returns the substate it was born in, or 0. */
static __noinline int timewait_untracked(const struct conn_key *key)
{
	u32 slot = key->hash & (BORN - 1);
	struct born *word = bpf_map_lookup_elem(&born_untracked, &slot);

	if (!word || !key_equal(&word->key, key))
		return 0;
	__builtin_memset(&word->key, 0, sizeof(word->key));
	return (int)word->substate;
}

static __always_inline void close_fill(struct event *e, const struct record *r, const struct sock *sk, int old, u64 now, u32 err)
{
	const struct tcp_sock *tp = tcp_of(sk);
	bool remote = r->closer == CLOSER_REMOTE && r->how == HOW_FIN;
	bool local = r->closer == CLOSER_LOCAL && r->how == HOW_FIN;
	u64 received;

	if (!tp)
		return;
	received = TCP_READ(tp, bytes_received);
	e->close.lifetime_ns = since(now, r->opened);
	e->close.closing_ns = r->how == HOW_FIN ? since(now, r->closing) : r->how == HOW_RST ? 0 : UNKNOWN_NS;
	e->close.close_wait_ns = UNKNOWN_NS;
	if (remote && r->closing)
		e->close.close_wait_ns = (r->second ?: now) - r->closing;
	e->close.fin_wait2_ns = local && r->second ? now - r->second : UNKNOWN_NS;
	e->close.tx_bytes = TCP_READ(tp, bytes_sent) - TCP_READ(tp, bytes_retrans);
	/* tcp_rcv_nxt_update() counts the FIN; only a received FIN sets SOCK_DONE */
	e->close.rx_bytes = received - (received && sk->__sk_common.skc_flags & SOCK_DONE ? 1 : 0);
	e->close.retrans = TCP_READ(tp, total_retrans);
	e->close.error = err;
	if (r->tw)
		e->timewait = TIMEWAIT_ENTERED;
	else if (timewait_skipped(r, sk, tp, old, err))
		e->timewait = TIMEWAIT_SKIPPED;
}

/* Who decided to end it, where the record does not say so yet. */
static __always_inline void closer_fill(struct record *r, bool owned, u32 err)
{
	if (r->closer_process.pid)
		return;
	if (owned && (err == 0 || err == ECONNABORTED))
		read_current(&r->closer_process);
}

/* Who it belongs to, where the record does not say so yet. Someone who kills a socket does not own it. */
static __always_inline void owner_fill(struct record *r, u32 err)
{
	if (r->owner.pid || !r->closer_process.pid)
		return;
	if (err == ECONNABORTED || (r->closer == CLOSER_LOCAL && r->cause == CAUSE_LISTENER_CLOSED))
		return;
	r->owner = r->closer_process;
	r->owner_source = OWNER_CLOSE;
}

/* Put it aside until the process that holds the socket shows itself. Returns false if there is no room or no such process. */
static __always_inline bool close_wait_for_owner(const struct event *e, const struct sock *sk)
{
	u64 skp = (u64)sk;

	if (e->owner.pid || sk->__sk_common.skc_flags & SOCK_DEAD)
		return false;
	if (!BPF_CORE_READ(sk, sk_socket, file))
		return false;
	if (bpf_map_update_elem(&pending, &skp, e, BPF_ANY)) {
		count_lost(LOST_PENDING_MAP);
		return false;
	}
	__sync_fetch_and_add(&pending_count, 1);
	return true;
}

/* Whoever closed the listener, not whoever is on the CPU. */
static __always_inline void closer_of_listener(struct event *e)
{
	struct listener *l;

	if (e->cause != CAUSE_LISTENER_CLOSED)
		return;
	l = find_listener(e);
	if (l && l->closed_by.pid)
		e->closer_process = l->closed_by;
}

/* Judge it, count it, report it. Returns whether it passed the filter. */
static __always_inline bool close_judge(const struct sock *sk, int old, struct record *r, const struct conn_key *key)
{
	struct counters *c = counters_here();
	u64 now = bpf_ktime_get_ns();
	u32 err = sk->sk_err;
	bool owned = owned_by_process(sk);
	struct event e;

	if (!r->closing)
		judge(r, sk, old, err, owned);
	closer_fill(r, owned, err);
	owner_fill(r, err);
	r->cgroup = cgroup_of(sk);
	event_init(&e, EVENT_CLOSE, now, key, r);
	FILL_ADDRESSES(READ_DIRECT, &e, &sk->__sk_common);
	close_fill(&e, r, sk, old, now, err);
	closer_of_listener(&e);
	if (c && e.closer < CLOSER_MAX && e.how < HOW_MAX) {
		COUNT(c->t[TOTALS_HOST].closed[e.closer][e.how]);
		if (e.timewait == TIMEWAIT_SKIPPED)
			COUNT(c->t[TOTALS_HOST].tw_skipped);
	}
	if (close_wait_for_owner(&e, sk))
		return false;
	return close_send(&e);
}

/* From here on what becomes of its inet_timewait_sock counts among what the filter let through. */
static __always_inline void record_matched(struct record *r)
{
	struct counters *c = counters_here();

	r->flags |= RECORD_MATCHED;
	if (!c || !r->tw)
		return;
	if (r->substate == TCP_TIME_WAIT)
		COUNT(c->t[TOTALS_MATCHED].tw_begun);
	else
		COUNT(c->t[TOTALS_MATCHED].fin_wait2_begun);
}

/* It left an inet_timewait_sock: the record lives on. */
static __noinline int closed_with_timewait(const struct sock *sk, int old, struct record *r)
{
	struct counters *c = counters_here();
	struct conn_key key;

	key_of_sock(&key, sk);
	if (close_judge(sk, old, r, &key))
		record_matched(r);
	r->flags |= RECORD_CLOSED;
	/* The other side does the same the other way round (tw_end_send()), and an atomic add orders the two steps. */
	COUNT_HOST(c, tw_entered);
	if (r->ending == ENDING_DONE)
		bpf_map_delete_elem(&records, &key);
	return 0;
}

/* It is gone. Its record is taken out of the way first, see `displaced`. */
static __noinline int closed_for_good(const struct sock *sk, int old, struct record *r)
{
	u64 skp = (u64)sk;
	struct record last = {};
	struct counters *c;
	struct conn_key key;

	key_of_sock(&key, sk);
	if (r) {
		__builtin_memcpy(&last, r, sizeof(last));
		bpf_map_delete_elem(&records, &key);
	} else if ((r = bpf_map_lookup_elem(&displaced, &skp))) {
		__builtin_memcpy(&last, r, sizeof(last));
		bpf_map_delete_elem(&displaced, &skp);
	} else if (untracked_open) {
		__sync_fetch_and_add(&untracked_open, -1); /* there was no room for it */
	} else {
		c = counters_here();
		COUNT_HOST(c, present); /* older than the tracer, and met only now */
		last.flags = RECORD_PREEXISTING;
	}
	if (!last.sk) {
		last.substate = timewait_untracked(&key);
		last.tw = last.substate != 0;
	}
	if (close_judge(sk, old, &last, &key))
		record_matched(&last);
	return 0;
}

static __noinline struct record *record_of_sock(const struct sock *sk)
{
	struct conn_key key;
	struct record *r;

	key_of_sock(&key, sk);
	r = bpf_map_lookup_elem(&records, &key);
	return r && r->sk == (u64)sk ? r : NULL;
}

static __always_inline int connection_closed(const struct sock *sk, int old)
{
	struct record *r = record_of_sock(sk);

	return r && r->tw ? closed_with_timewait(sk, old, r) : closed_for_good(sk, old, r);
}

/* tcp_destroy_sock: the process that held a socket which had ended under it lets go. */
static __noinline int pending_resolve(const struct sock *sk, const struct task_struct *task, u8 source)
{
	u64 skp = (u64)sk;
	struct event *found = bpf_map_lookup_elem(&pending, &skp);
	struct event e;

	if (!found)
		return 0;
	__builtin_memcpy(&e, found, sizeof(e));
	/* Who deletes it reports it: the iterator and the close may meet here. */
	if (bpf_map_delete_elem(&pending, &skp))
		return 0;
	__sync_fetch_and_add(&pending_count, -1);
	if (!(BPF_CORE_READ(task, flags) & PF_KTHREAD)) {
		read_process(&e.owner, task);
		e.owner_source = source;
	}
	return close_send(&e);
}

/* ---- the switchboard ---- */

static __always_inline int connection_transition(const struct sock *sk, int old, int new)
{
	/* MPTCP and SCTP pass here too; shutdown and then close repeat a state */
	if (old == new || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	/* A TCP Fast Open child may close before its handshake is through: it carried data, so it counts as opened. */
	if (old == TCP_SYN_RECV && (new == TCP_FIN_WAIT1 || new == TCP_CLOSE_WAIT))
		connection_opened(sk, old);
	switch (new) {
	case TCP_SYN_SENT:
		connect_started(sk);
		break;
	case TCP_ESTABLISHED:
		connection_opened(sk, old);
		break;
	case TCP_FIN_WAIT1:
		fin_sent_first(sk);
		break;
	case TCP_FIN_WAIT2:
	case TCP_CLOSING:
		fin_acked_or_crossed(sk, new);
		break;
	case TCP_CLOSE_WAIT:
		fin_received_first(sk);
		break;
	case TCP_LAST_ACK:
		fin_sent_second(sk);
		break;
	case TCP_LISTEN:
		listener_opened(sk);
		break;
	case TCP_CLOSE:
		if (old == TCP_LISTEN)
			listener_closed(sk);
		else if (old == TCP_SYN_SENT || (old == TCP_SYN_RECV && has_socket(sk)))
			connect_failed(sk);
		else if (old != TCP_SYN_RECV)
			connection_closed(sk, old);
	}
	return 0;
}

#endif
