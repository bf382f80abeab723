/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * connection.h: a socket's transitions, judged.
 *
 * A transition can be missed, so none of the steps below relies on having seen the one before: what the record lacks is read
 * from (old, new) and from the socket.
 *
 * `current` is believed only where the kernel guarantees that it acts on this socket: while the socket is owned by a process
 * (sk_lock.owned; softirq never changes the state of an owned socket, tcp_v4_rcv() puts its packet on the backlog), and in
 * connect(). Everywhere else softirq may be running on whoever is on the CPU.
 */
#ifndef TWTRACE_CONNECTION_H
#define TWTRACE_CONNECTION_H

#include "emit.h"

/*
 * Threads in connect(), for the reuse of a TIME_WAIT that it may bring about (timer_backend.h). Found by thread, not by CPU: it
 * may be preempted on the way. Two threads that share a slot spoil each other's verdict (it becomes `reset`... never another
 * thread's).
 */
#define CONNECTORS 4096

struct connector {
	u64 tid;
	u64 sk;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CONNECTORS);
	__type(key, u32);
	__type(value, struct connector);
} connectors SEC(".maps");

static __always_inline struct connector *connector_of(u64 tid)
{
	u32 slot = tid & (CONNECTORS - 1);

	return bpf_map_lookup_elem(&connectors, &slot);
}

static __always_inline bool owned_by_process(const struct sock *sk)
{
	return sk->sk_lock.owned != 0;
}

/* A child has none before accept(), an orphan no longer. */
static __always_inline bool has_socket(const struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_socket) != NULL;
}

/* ---- opening ---- */

static __noinline int connect_started(const struct sock *sk)
{
	u64 key = (u64)sk, tid = bpf_get_current_pid_tgid();
	struct connecting c = {.since = bpf_ktime_get_ns(), .owner_source = OWNER_CONNECT};
	struct connector *here = connector_of(tid);

	read_current(&c.opener);
	if (bpf_map_update_elem(&connecting, &key, &c, BPF_ANY))
		count_lost(LOST_CONNECTING_MAP);
	if (here) {
		here->tid = tid;
		here->sk = key;
	}
	return 0;
}

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

/* Why did this process send a FIN? */
static __always_inline u8 fin_cause(const struct sock *sk)
{
	const struct file *file;

	if (current_flags() & PF_EXITING)
		return CAUSE_EXIT;
	/* shutdown(SHUT_RDWR) leaves the same sk_shutdown as close(); but it runs on an open file */
	if (sk->sk_shutdown != SHUTDOWN_MASK)
		return CAUSE_SHUTDOWN;
	file = BPF_CORE_READ(sk, sk_socket, file);
	return !file || file_released(file) ? CAUSE_CLOSE : CAUSE_SHUTDOWN;
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

/* Bytes the process never read. A FIN that waits behind them counts one, and has moved the socket to CLOSE_WAIT. */
static __always_inline bool has_unread_data(const struct sock *sk, int old)
{
	const struct tcp_sock *tp = tcp_of(sk);
	s32 unread;

	if (!tp)
		return false;
	unread = (s32)(TCP_READ(tp, rcv_nxt) - TCP_READ(tp, copied_seq));
	return unread > (old == TCP_CLOSE_WAIT ? 1 : 0);
}

/* Our own decision to drop the connection, sk_err 0. */
static __always_inline u8 abort_cause(const struct sock *sk, int old, bool owned)
{
	u64 flags = sk->__sk_common.skc_flags;

	if (owned) {
		if (sk->sk_shutdown != SHUTDOWN_MASK)
			return CAUSE_DISCONNECT;
		/* __tcp_close() asks in this order */
		if (has_unread_data(sk, old))
			return CAUSE_UNREAD_DATA;
		if (flags & SOCK_LINGER && !sk->sk_lingertime)
			return CAUSE_LINGER0;
		return CAUSE_UNKNOWN;
	}
	/* inet_child_forget(): in the accept queue, so no process has had it yet */
	if (!(flags & SOCK_DEAD) && !has_socket(sk))
		return CAUSE_LISTENER_CLOSED;
	return CAUSE_UNKNOWN;
}

/* ESTABLISHED (or SYN_RECV of a TCP Fast Open child) straight to CLOSE, no FIN either way. */
static __always_inline void judge_abort(struct record *r, const struct sock *sk, int old, u32 err, bool owned)
{
	switch (err) {
	case 0:
		r->closer = CLOSER_LOCAL;
		r->how = HOW_RST;
		r->cause = abort_cause(sk, old, owned);
		break;
	case ECONNABORTED: /* tcp_abort() */
		r->closer = CLOSER_LOCAL;
		r->how = HOW_RST;
		r->cause = CAUSE_KILLED;
		break;
	case ECONNRESET: /* tcp_reset() */
		r->closer = CLOSER_REMOTE;
		r->how = HOW_RST;
		break;
	case ETIMEDOUT:
		r->closer = CLOSER_NONE;
		r->how = HOW_TIMEOUT;
		break;
	default:
		r->closer = CLOSER_NONE;
		r->how = HOW_ERROR;
	}
}

/* Who closed first, from the state it was left in, for a record that does not say so. */
static __always_inline void judge(struct record *r, const struct sock *sk, int old, u32 err, bool owned)
{
	switch (old) {
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		r->closer = CLOSER_LOCAL;
		r->how = HOW_FIN;
		if (r->cause == CAUSE_NONE)
			r->cause = CAUSE_UNKNOWN;
		break;
	case TCP_CLOSING:
		r->closer = CLOSER_BOTH;
		r->how = HOW_FIN;
		break;
	case TCP_CLOSE_WAIT:
	case TCP_LAST_ACK:
		r->closer = CLOSER_REMOTE;
		r->how = HOW_FIN;
		break;
	default:
		judge_abort(r, sk, old, err, owned);
	}
}

/*
 * tcp_time_wait() was due but left no inet_timewait_sock behind. A socket leaves FIN_WAIT2 or CLOSING without an error also by
 * TCP_LINGER2 < 0 and by the end of tcp_fin_timeout in the keepalive timer, which sends a RST first.
 */
static __always_inline bool timewait_skipped(const struct record *r, const struct sock *sk, const struct tcp_sock *tp, int old,
					     u32 err)
{
	if (err || r->rst_sent)
		return false;
	if (old == TCP_CLOSING)
		return TCP_READ(tp, snd_una) == TCP_READ(tp, write_seq);
	if (old != TCP_FIN_WAIT2)
		return false;
	return sk->__sk_common.skc_flags & SOCK_DONE || TCP_READ(tp, linger2) >= 0;
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

/* ---- connect() that came to nothing ---- */

static __always_inline u8 failure_reason(const struct sock *sk, u32 err)
{
	switch (err) {
	case 0:
		/* no SYN left: __inet_hash_connect() found no port; otherwise close() or shutdown() gave up on it */
		return BPF_CORE_READ((const struct tcp_sock *)sk, segs_out) ? REASON_ABORTED : REASON_NO_PORT;
	case ECONNREFUSED:
		return REASON_REFUSED;
	case ETIMEDOUT:
		return REASON_TIMEOUT;
	case ECONNABORTED:
		return REASON_ABORTED;
	default:
		return REASON_UNREACHABLE;
	}
}

static __noinline int connect_failed(const struct sock *sk)
{
	u64 skp = (u64)sk, now = bpf_ktime_get_ns();
	struct connecting *opening = bpf_map_lookup_elem(&connecting, &skp);
	struct record r = {.role = ROLE_CLIENT};
	u32 err = sk->sk_err;
	struct conn_key key;
	struct event e;
	bool matched;
	u8 reason = failure_reason(sk, err);
	struct counters *c = counters_here();

	if (opening) {
		r.owner = opening->opener;
		r.owner_source = opening->owner_source;
		r.opened = opening->since;
		bpf_map_delete_elem(&connecting, &skp);
	}
	if (!r.opened)
		r.flags = RECORD_PREEXISTING;
	if (owned_by_process(sk) && (err == 0 || err == ECONNABORTED) && reason == REASON_ABORTED)
		read_current(&r.closer_process);
	r.cgroup = cgroup_of(sk);
	key_of_sock(&key, sk);
	event_init(&e, EVENT_CONNECT_FAILED, now, &key, &r);
	FILL_ADDRESSES(READ_DIRECT, &e, &sk->__sk_common);
	e.reason = reason;
	e.connect_failed.duration_ns = since(now, r.opened);
	e.connect_failed.error = reason == REASON_NO_PORT ? EADDRNOTAVAIL : err;
	matched = event_matches(&e);
	if (reason < REASON_MAX)
		COUNT_BOTH(c, matched, connect_failed[reason]);
	if (matched)
		event_send(&e, LOST_RING_CONNECT_FAILED);
	return 0;
}

/* ---- listeners ---- */

#define FILL_LISTENER_KEY(READ, key_of, k, sk)                                                                                   \
	do {                                                                                                                     \
		struct conn_key key_;                                                                                            \
		struct event at_;                                                                                                \
		FILL_ADDRESSES(READ, &at_, &(sk)->__sk_common);                                                                  \
		key_of(&key_, sk);                                                                                               \
		__builtin_memset(k, 0, sizeof(*(k)));                                                                            \
		(k)->netns = at_.netns;                                                                                          \
		(k)->port = key_.lport;                                                                                          \
		__builtin_memcpy((k)->addr, at_.laddr, sizeof((k)->addr));                                                       \
	} while (0)

static __noinline int listener_opened(const struct sock *sk)
{
	struct listener_key key;
	struct listener l = {};

	FILL_LISTENER_KEY(READ_DIRECT, key_of_sock, &key, sk);
	read_current(&l.owner);
	if (bpf_map_update_elem(&listeners, &key, &l, BPF_ANY))
		count_lost(LOST_LISTENER_MAP);
	return 0;
}

static __noinline int listener_closed(const struct sock *sk)
{
	struct listener_key key;
	struct listener *l;

	FILL_LISTENER_KEY(READ_DIRECT, key_of_sock, &key, sk);
	l = bpf_map_lookup_elem(&listeners, &key);
	if (l)
		read_current(&l->closed_by);
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
