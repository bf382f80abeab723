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
#include "tw_end.h"

/* ---- opening ---- */

static __always_inline int connection_opened(const struct sock *sk, int old, int new)
{
	struct counters *c = counters_here();
	struct record *r = record_find(number_of(sk));

	COUNT_HOST(c, opened);
	/* Only a client has one already, from connect(); a child has no struct socket before accept(). */
	if (!r || (r->state != TCP_SYN_SENT && r->state != TCP_SYN_RECV)) {
		r = record_begin(number_of(sk));
		if (!r) {
			count_lost(LOST_CONNECTION_MAP);
			__sync_fetch_and_add(&shared.untracked_open, 1);
			return 0;
		}
		r->id.role = old == TCP_SYN_SENT ? ROLE_CLIENT : ROLE_SERVER;
	}
	r->id.preexisting = 0;
	r->state = TCP_ESTABLISHED;
	r->hash = sk->__sk_common.skc_hash;
	r->opened = new == TCP_ESTABLISHED ? packet_time(sk) : bpf_ktime_get_ns();
	return 0;
}

/* A client's that got beyond SYN_SENT without having been seen to. */
static __always_inline void count_opened_unseen(struct record *r, const struct sock *sk)
{
	struct counters *c;

	if (r->state != TCP_SYN_SENT && r->state != TCP_SYN_RECV)
		return;
	c = counters_here();
	COUNT_HOST(c, opened);
	r->opened = 0;
	r->hash = sk->__sk_common.skc_hash;
}

/* ---- closing ---- */

/*
 * A connection met on its way out: older than the tracer, or, once those are on record, one whose opening was missed. That is a
 * server's, if it has a listener (event_ask_listener()).
 */
static __always_inline void count_adopted(struct identity *id)
{
	struct counters *c = counters_here();

	if (shared.seeded) {
		COUNT_HOST(c, opened);
	} else {
		id->preexisting = 1;
		COUNT_HOST(c, present);
	}
}

static __noinline struct record *record_adopt(const struct sock *sk)
{
	struct record *r;

	if (shared.untracked_open)
		return NULL; /* it is one of those there was no room for; counted when it opened */
	r = record_new(number_of(sk));
	if (!r)
		return NULL;
	r->hash = sk->__sk_common.skc_hash;
	count_adopted(&r->id);
	return r;
}

static __always_inline struct record *record_get(const struct sock *sk, u8 state)
{
	struct record *r = record_find(number_of(sk)) ?: record_adopt(sk);

	if (r) {
		count_opened_unseen(r, sk);
		r->state = state;
	}
	return r;
}

static __always_inline int fin_sent_first(const struct sock *sk)
{
	const struct task_struct *task = current_task();
	u64 now = bpf_ktime_get_ns();
	struct record *r = record_get(sk, TCP_FIN_WAIT1);

	if (!r)
		return 0;
	r->id.closer = CLOSER_LOCAL;
	r->id.how = HOW_FIN;
	r->id.cause = fin_cause(sk, task);
	r->data_segs = (u8)PEEK((const struct tcp_sock *)sk, data_segs_in);
	r->closing = now;
	r->id.closer_pid = read_actor(r->id.closer_comm, task);
	return 0;
}

static __always_inline int fin_sent_second(const struct sock *sk)
{
	u64 now = bpf_ktime_get_ns();
	struct record *r = record_get(sk, TCP_LAST_ACK);

	if (!r)
		return 0;
	r->id.closer = CLOSER_REMOTE;
	r->id.how = HOW_FIN;
	r->second = now;
	r->id.closer_pid = read_current(r->id.closer_comm);
	return 0;
}

static __always_inline int fin_received_first(const struct sock *sk)
{
	struct record *r = record_get(sk, TCP_CLOSE_WAIT);

	if (!r)
		return 0;
	r->id.closer = CLOSER_REMOTE;
	r->id.how = HOW_FIN;
	r->closing = packet_time(sk);
	return 0;
}

static __always_inline int fin_acked_or_crossed(const struct sock *sk, int new)
{
	struct record *r = record_get(sk, new);

	if (!r)
		return 0;
	r->id.closer = new == TCP_CLOSING ? CLOSER_BOTH : CLOSER_LOCAL;
	r->id.how = HOW_FIN;
	if (new == TCP_FIN_WAIT2)
		r->second = packet_time(sk);
	if (r->id.cause == CAUSE_NONE)
		r->id.cause = CAUSE_UNKNOWN;
	return 0;
}

static __always_inline void close_fill(struct event *e, const struct record *r, const struct sock *sk, u64 now, u32 err)
{
	const struct tcp_sock *tp = READABLE((const struct tcp_sock *)sk);
	bool fin = r->id.how == HOW_FIN;
	u64 received = PEEK_AT(tp, bytes_received);

	e->close.lifetime_ns = since(now, r->opened);
	e->close.closing_ns = fin ? since(now, r->closing) : r->id.how == HOW_RST ? 0 : UNKNOWN_NS;
	e->close.close_wait_ns = UNKNOWN_NS;
	if (fin && r->id.closer == CLOSER_REMOTE && r->closing)
		e->close.close_wait_ns = (r->second ?: now) - r->closing;
	e->close.fin_wait2_ns = fin && r->id.closer == CLOSER_LOCAL && r->second ? now - r->second : UNKNOWN_NS;
	e->close.tx_bytes = PEEK_AT(tp, bytes_sent) - PEEK_AT(tp, bytes_retrans);
	/* tcp_rcv_nxt_update() counts the FIN; only a received FIN sets SOCK_DONE */
	e->close.rx_bytes = received - (received && sk->__sk_common.skc_flags & SOCK_DONE ? 1 : 0);
	e->close.retrans = PEEK_AT(tp, total_retrans);
	e->close.error = err;
}

/* Who decided to end it, where the record does not say so yet. */
static __always_inline void closer_fill(struct identity *id, bool owned, u32 err)
{
	if (id->closer_pid)
		return;
	if (owned && (err == 0 || err == ECONNABORTED))
		id->closer_pid = read_current(id->closer_comm);
}

/* Who it belongs to, where the record does not say so yet. Someone who kills a socket does not own it. */
static __always_inline void owner_fill(struct identity *id, u32 err)
{
	if (id->owner_pid || !id->closer_pid)
		return;
	if (err == ECONNABORTED || (id->closer == CLOSER_LOCAL && id->cause == CAUSE_LISTENER_CLOSED))
		return;
	id->owner_pid = id->closer_pid;
	__builtin_memcpy(id->owner_comm, id->closer_comm, COMM_LEN);
	id->owner_source = OWNER_CLOSE;
}

/* Put it aside until the process that holds the socket shows itself. Returns false if there is no room or no such process. */
static __always_inline bool close_wait_for_owner(const struct event *e, const struct sock *sk)
{
	const struct socket *sock;
	u64 skp = (u64)sk;

	if (e->owner.pid || sk->__sk_common.skc_flags & SOCK_DEAD)
		return false;
	sock = PEEK(sk, sk_socket);
	if (!sock || !PEEK(sock, file))
		return false;
	if (bpf_map_update_elem(&pending, &skp, e, BPF_ANY)) {
		count_lost(LOST_PENDING_MAP);
		return false;
	}
	__sync_fetch_and_add(&shared.pending_count, 1);
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

/* From here on what becomes of its inet_timewait_sock counts among what the filter let through. */
static __always_inline void count_matched_begin(u8 substate)
{
	struct counters *c = counters_here();

	if (filter_active && c)
		count_tw_begin(&c->t[TOTALS_MATCHED], substate);
}

/* The inet_timewait_sock that a socket left behind on its way to CLOSE. One whose socket is closed has the addresses from before.
 */
static __always_inline struct tw_record *timewait_left(const struct conn_key *key, int old)
{
	struct tw_record *t;

	if (old == TCP_CLOSE_WAIT || old == TCP_LAST_ACK)
		return NULL;
	t = tw_find(key);
	return t && !t->closed ? t : NULL;
}

/* Count it, report it. Returns whether it passed the filter. */
static __always_inline bool close_report(struct event *e, const struct sock *sk)
{
	struct counters *c = counters_here();

	closer_of_listener(e);
	if (e->closer < CLOSER_MAX && e->how < HOW_MAX) {
		COUNT_HOST(c, closed[e->closer][e->how]);
		if (e->timewait == TIMEWAIT_SKIPPED)
			COUNT_HOST(c, tw_skipped);
	}
	if (close_wait_for_owner(e, sk))
		return event_matches(e); /* as far as is known: what becomes of its TIME_WAIT is counted from now on */
	return close_send(e);
}

/* It has no record: there was no room for one, or it is met only now. */
static __always_inline void record_for_stranger(struct record *r)
{
	RECORD_CLEAR(r);
	if (shared.untracked_open)
		__sync_fetch_and_add(&shared.untracked_open, -1);
	else
		count_adopted(&r->id);
}

static __noinline int connection_judge(struct scratch *s, const struct sock *sk, int old)
{
	struct counters *c = counters_here();
	bool owned = owned_by_process(sk);
	u32 err = error_of(sk, old, owned);
	/* Aborts and timers have their own ways to get here. */
	u64 now = owned || err || old == TCP_ESTABLISHED || old == TCP_CLOSE_WAIT ? bpf_ktime_get_ns() : packet_time(sk);
	u8 left = TIMEWAIT_NONE, substate = 0;
	struct record *r = &s->r;
	struct event *e = &s->e;
	struct tw_record *t;
	struct conn_key key;

	key_of_sock(&key, sk);
	if (!record_take(number_of(sk), r))
		record_for_stranger(r);
	count_opened_unseen(r, sk);
	if (!r->closing)
		judge(&r->id, sk, old, err, owned);
	closer_fill(&r->id, owned, err);
	owner_fill(&r->id, err);
	event_init(e, EVENT_CLOSE, now, &key, &r->id, cgroup_of(sk));
	FILL_ADDRESSES(READ_DIRECT, e, &sk->__sk_common);
	close_fill(e, r, sk, now, err);
	t = timewait_left(&key, old);
	if (t) {
		left = TIMEWAIT_ENTERED;
		substate = t->born;
		t->id = r->id;
		t->cgroup = e->cgroup;
		t->second = r->second;
		if (substate == TCP_FIN_WAIT2)
			t->second = t->second ?: now;
		else
			t->began = now;
	} else if (shared.seeded && (sees_refusal && r->sk ? r->tw_refused : timewait_skipped(r, sk, old, err, owned))) {
		substate = timewait_untracked(&key);
		left = substate ? TIMEWAIT_ENTERED : TIMEWAIT_SKIPPED;
	}
	e->timewait = left;
	if (close_report(e, sk) && left == TIMEWAIT_ENTERED) {
		count_matched_begin(substate);
		if (t)
			t->matched = 1;
	}
	if (t)
		t->closed = 1;
	/* A full barrier: see tw_end_early(). */
	if (left == TIMEWAIT_ENTERED)
		COUNT_HOST(c, tw_entered);
	return t && t->ending == ENDING_DONE ? tw_end_late(&key) : 0;
}

/* A socket has reached CLOSE, but not as a listener. */
static __noinline int connection_ended(const struct sock *sk, int old)
{
	struct scratch *s = scratch_take();

	if (!s)
		return 0;
	if (old == TCP_SYN_SENT || old == TCP_SYN_RECV)
		connect_failed(s, sk, old);
	else
		connection_judge(s, sk, old);
	scratch_leave(s);
	return 0;
}

/* tcp_destroy_sock: the process that held a socket which had ended under it lets go. */
static __noinline int pending_resolve(const struct sock *sk, const struct task_struct *task, u8 source)
{
	u64 skp = (u64)sk;
	struct event *found = bpf_map_lookup_elem(&pending, &skp);
	struct scratch *s = found ? scratch_take() : NULL;

	if (!s)
		return 0;
	__builtin_memcpy(&s->e, found, sizeof(s->e));
	/* Who deletes it reports it: the iterator and the close may meet here. */
	if (!bpf_map_delete_elem(&pending, &skp)) {
		__sync_fetch_and_add(&shared.pending_count, -1);
		if (!(BPF_CORE_READ(task, flags) & PF_KTHREAD)) {
			s->e.owner.pid = read_actor(s->e.owner.comm, task);
			s->e.owner_source = s->e.owner.pid ? source : OWNER_UNKNOWN;
		}
		close_send(&s->e);
	}
	scratch_leave(s);
	return 0;
}

/* ---- the switchboard ---- */

static __always_inline int connection_transition(const struct sock *sk, int old, int new)
{
	/* MPTCP and SCTP pass here too; shutdown and then close repeat a state */
	if (old == new || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	/* A TCP Fast Open child may close before its handshake is through: it carried data, so it counts as opened. */
	if (old == TCP_SYN_RECV && (new == TCP_FIN_WAIT1 || new == TCP_CLOSE_WAIT))
		connection_opened(sk, old, new);
	switch (new) {
	case TCP_SYN_SENT:
		connect_started(sk);
		break;
	case TCP_SYN_RECV:
		if (old == TCP_SYN_SENT)
			connect_crossed(sk);
		break;
	case TCP_ESTABLISHED:
		connection_opened(sk, old, new);
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
		else if (old != TCP_SYN_RECV || has_socket(sk))
			connection_ended(sk, old);
	}
	return 0;
}

/*
 * tcp_destroy_sock comes after CLOSE. A record that is still there says that BPF skipped that one; or, if the socket is another
 * connection's by now, or none's, that both were skipped for the one before.
 */
static __always_inline int connection_destroyed(const struct sock *sk)
{
	struct record *r = record_find(number_of(sk));
	int old;

	if (!r)
		return 0;
	old = r->state;
	if (old == TCP_SYN_SENT && has_received(sk)) {
		old = TCP_ESTABLISHED;
	} else if (old != TCP_SYN_SENT && r->hash != sk->__sk_common.skc_hash) {
		count_end_unseen(r);
		record_forget(number_of(sk));
		return 0;
	}
	return connection_ended(sk, old);
}

#endif
