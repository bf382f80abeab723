/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * verdict.h: who closed a socket, how and why, read off the socket itself. No maps.
 *
 * `current` is believed only where the kernel guarantees that it acts on this socket: while the socket is owned by a process
 * (sk_lock.owned; softirq never changes the state of an owned socket, tcp_v4_rcv() puts its packet on the backlog), and in
 * connect(). Everywhere else softirq may be running on whoever is on the CPU.
 */
#ifndef TWTRACE_VERDICT_H
#define TWTRACE_VERDICT_H

#include "record.h"

static __always_inline bool owned_by_process(const struct sock *sk)
{
	return sk->sk_lock.owned != 0;
}

/* A child has none before accept(), an orphan no longer. */
static __always_inline bool has_socket(const struct sock *sk)
{
	return PEEK(sk, sk_socket) != NULL;
}

/* A SYN, at least: tcp_connect_init() sets rcv_nxt to 0. */
static __always_inline bool has_received(const struct sock *sk)
{
	return PEEK((const struct tcp_sock *)sk, rcv_nxt) != 0;
}

/*
 * Why it reached CLOSE, as an errno. Until 6.10 (853c3bd7b791) tcp_write_err() woke the process before it let go of the socket, and
 * the process may have taken the error off it by now (SO_ERROR). Nothing else ends a socket that a process holds, and is not in,
 * without an error, but an ICMP message on its SYN in the same manner; that leaves the retransmission timer pending.
 */
static __always_inline u32 error_of(const struct sock *sk, int old, bool owned)
{
	u32 err = sk->sk_err;

	if (err || owned || sk->__sk_common.skc_flags & SOCK_DEAD || !has_socket(sk))
		return err;
	if (old != TCP_ESTABLISHED && old != TCP_CLOSE_WAIT && old != TCP_SYN_SENT)
		return 0;
	if (old == TCP_SYN_SENT && PEEK((const struct inet_connection_sock *)sk, icsk_pending))
		return 0;
	return PEEK(sk, sk_err_soft) ?: ETIMEDOUT;
}

/*
 * When the packet came that is being processed. TCP asks the clock once for each (tcp_mstamp_refresh(), tcp_clock_cache since
 * 4.20, 5f6188a8003d), and for each of its timers; asking again costs more than all else in a transition.
 */
static __always_inline u64 packet_time(const struct sock *sk)
{
	return PEEK((const struct tcp_sock *)sk, tcp_clock_cache) ?: bpf_ktime_get_ns();
}

/* Why did this process send a FIN? */
static __always_inline u8 fin_cause(const struct sock *sk, const struct task_struct *task)
{
	const struct socket *sock;
	const struct file *file;

	if (PEEK(task, flags) & PF_EXITING)
		return CAUSE_EXIT;
	/* shutdown(SHUT_RDWR) leaves the same sk_shutdown as close(); but it runs on an open file */
	if (sk->sk_shutdown != SHUTDOWN_MASK)
		return CAUSE_SHUTDOWN;
	sock = PEEK(sk, sk_socket);
	file = sock ? PEEK(sock, file) : NULL;
	return !file || file_released(file) ? CAUSE_CLOSE : CAUSE_SHUTDOWN;
}

/* Bytes the process never read. A FIN that waits behind them counts one, and has moved the socket to CLOSE_WAIT. */
static __always_inline bool has_unread_data(const struct sock *sk, int old)
{
	const struct tcp_sock *tp = (const struct tcp_sock *)sk;
	s32 unread;

	unread = (s32)(PEEK(tp, rcv_nxt) - PEEK(tp, copied_seq));
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
static __always_inline void judge_abort(struct identity *id, const struct sock *sk, int old, u32 err, bool owned)
{
	switch (err) {
	case 0:
		id->closer = CLOSER_LOCAL;
		id->how = HOW_RST;
		id->cause = abort_cause(sk, old, owned);
		break;
	case ECONNABORTED: /* tcp_abort() */
		id->closer = CLOSER_LOCAL;
		id->how = HOW_RST;
		id->cause = CAUSE_KILLED;
		break;
	case ECONNRESET: /* tcp_reset() */
		id->closer = CLOSER_REMOTE;
		id->how = HOW_RST;
		break;
	case ETIMEDOUT:
		id->closer = CLOSER_NONE;
		id->how = HOW_TIMEOUT;
		break;
	default:
		id->closer = CLOSER_NONE;
		id->how = HOW_ERROR;
	}
}

/* Who closed first, from the state it was left in, for one that does not say so. */
static __always_inline void judge(struct identity *id, const struct sock *sk, int old, u32 err, bool owned)
{
	switch (old) {
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		id->closer = CLOSER_LOCAL;
		id->how = HOW_FIN;
		if (id->cause == CAUSE_NONE)
			id->cause = CAUSE_UNKNOWN;
		break;
	case TCP_CLOSING:
		id->closer = CLOSER_BOTH;
		id->how = HOW_FIN;
		break;
	case TCP_CLOSE_WAIT:
	case TCP_LAST_ACK:
		id->closer = CLOSER_REMOTE;
		id->how = HOW_FIN;
		break;
	default:
		judge_abort(id, sk, old, err, owned);
	}
}

/*
 * Data came after close(), in the very segment that acknowledged our FIN: tcp_rcv_state_process() sets FIN_WAIT2 and calls tcp_done(),
 * without an error and before the RST. tcp_segs_in() has counted that segment. After shutdown() data may come, and proves nothing.
 */
static __always_inline bool aborted_on_data(const struct record *r, const struct sock *sk)
{
	return r->closing && r->id.cause != CAUSE_SHUTDOWN && r->data_segs != (u8)PEEK((const struct tcp_sock *)sk, data_segs_in);
}

/*
 * tcp_time_wait() was due but left no inet_timewait_sock behind, as far as the socket tells. It leaves FIN_WAIT2 or CLOSING without
 * an error also by TCP_LINGER2 < 0, by data after close(), by the end of tcp_fin_timeout in the keepalive timer, which sends a RST
 * first, and by a process that drops it.
 */
static __always_inline bool timewait_skipped(const struct record *r, const struct sock *sk, int old, u32 err, bool owned)
{
	const struct tcp_sock *tp;

	if (err || r->rst_sent || (old != TCP_CLOSING && old != TCP_FIN_WAIT2))
		return false;
	tp = (const struct tcp_sock *)sk;
	if (old == TCP_CLOSING)
		return PEEK(tp, snd_una) == PEEK(tp, write_seq);
	if (sk->__sk_common.skc_flags & SOCK_DONE)
		return true; /* the peer's FIN has come */
	if (owned && abort_cause(sk, old, owned) != CAUSE_UNKNOWN)
		return false; /* shutdown(), then close() with data unread, with linger 0, or connect(AF_UNSPEC) */
	return PEEK(tp, linger2) >= 0 && !aborted_on_data(r, sk);
}

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

#endif
