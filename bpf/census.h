/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * census.h: the sockets that are there now, one struct live_socket each, and the processes that hold those whose owner the records
 * do not tell. Read by BPF iterators when user space asks, and at no other time.
 */
#ifndef TWTRACE_BPF_CENSUS_H
#define TWTRACE_BPF_CENSUS_H

#include "seed.h"
#include "model/live_socket.h"

#define TCP_NEW_SYN_RECV 12 /* include/net/tcp_states.h */

/* connect() makes its bucket with -1 in both; bind() and listen() never do (__inet_hash_connect(), inet_csk_update_fastreuse()). */
static __always_inline bool made_by_bind(const struct inet_bind_bucket *tb)
{
	return tb && (PEEK(tb, fastreuse) >= 0 || PEEK(tb, fastreuseport) >= 0);
}

/*
 * In CLOSE_WAIT or FIN_WAIT2 since when, if nobody saw it begin? The last segment with an ACK came no earlier than the one that
 * brought that state, so it is in there at least as long as the peer is silent.
 */
static __always_inline void census_silence(struct live_socket *s, const struct sock *sk)
{
	u32 last = PEEK((const struct tcp_sock *)sk, rcv_tstamp);
	s32 silent = (s32)((u32)bpf_jiffies64() - last);

	if (!last || silent < 0)
		return;
	s->age_ns = jiffies_to_ns(silent);
	s->flags |= SOCKET_AT_LEAST;
}

/* It may have begun after we looked at the clock. */
static __always_inline u64 age(u64 now, u64 then)
{
	return now > then ? now - then : 0;
}

static __always_inline u64 began(const struct record *r, u8 state)
{
	switch (state) {
	case TCP_ESTABLISHED:
	case TCP_SYN_SENT:
		return r->opened;
	case TCP_FIN_WAIT1:
	case TCP_CLOSE_WAIT:
		return r->closing;
	case TCP_FIN_WAIT2:
	case TCP_LAST_ACK:
		return r->second;
	}
	return 0;
}

static __noinline int census_full(struct live_socket *s, const struct sock *sk)
{
	u64 flags = PEEK(sk, __sk_common.skc_flags), then = 0;
	struct record *r = record_find(s->number);
	struct identity unknown = {};

	s->id.cgroup = cgroup_of(sk);
	if (r) {
		event_identify(&s->id, &r->id, s->id.cgroup);
		then = began(r, s->state);
	} else {
		closer_by_state(&unknown, s->state);
		event_identify(&s->id, &unknown, s->id.cgroup);
	}
	if (then)
		s->age_ns = age(s->id.ts, then);
	else if (s->state == TCP_CLOSE_WAIT || s->state == TCP_FIN_WAIT2)
		census_silence(s, sk);
	if (flags & SOCK_DEAD)
		s->flags |= SOCKET_ORPHAN;
	if (made_by_bind(PEEK((const struct inet_connection_sock *)sk, icsk_bind_hash)))
		s->flags |= SOCKET_BOUND;
	return 0;
}

static __noinline int census_timewait(struct live_socket *s, const struct inet_timewait_sock *tw)
{
	struct identity unknown = {.closer = CLOSER_LOCAL, .cause = CAUSE_UNKNOWN};
	struct conn_key key;
	struct tw_record *r = record_of_tw(&key, tw);
	u64 since_start, left;
	s64 jiffies = (s64)(PEEK(tw, tw_timer.expires) - bpf_jiffies64());

	s->state = PEEK(tw, tw_substate);
	s->flags = SOCKET_ORPHAN | SOCKET_TIMEWAIT;
	event_identify(&s->id, r ? &r->id : &unknown, r ? r->cgroup : 0);
	left = jiffies > 0 ? jiffies_to_ns(jiffies) : 0;
	s->left_ns = left;
	since_start = r ? (s->state == TCP_TIME_WAIT ? r->began : r->second) : 0;
	if (since_start) {
		s->age_ns = age(s->id.ts, since_start);
	} else if (s->state == TCP_TIME_WAIT && left <= TIMEWAIT_SECONDS * 1000000000ull) {
		s->age_ns = TIMEWAIT_SECONDS * 1000000000ull - left; /* or longer, if 2MSL started again */
		s->flags |= SOCKET_AT_LEAST;
	}
	if (PEEK((const struct tcp_timewait_sock *)tw, tw_ts_recent_stamp))
		s->flags |= SOCKET_TIMESTAMPS;
	if (made_by_bind(PEEK(tw, tw_tb)))
		s->flags |= SOCKET_BOUND;
	return 0;
}

/* A connection request is its listener's. */
static __always_inline void census_request(struct live_socket *s)
{
	s->state = TCP_SYN_RECV;
	s->id.role = ROLE_SERVER;
	s->flags |= SOCKET_BOUND;
}

static __always_inline int census_socket(const struct sock_common *skc, struct seq_file *seq)
{
	struct live_socket s = {.age_ns = UNKNOWN_NS, .left_ns = UNKNOWN_NS};
	struct conn_key key;

	s.state = skc->skc_state;
	s.number = number_of((const struct sock *)skc);
	s.id.version = EVENT_VERSION;
	s.id.ts = bpf_ktime_get_ns();
	FILL_ADDRESSES(READ_ANY, &s.id, skc);
	key_of_tw(&key, (const struct inet_timewait_sock *)skc); /* what is read of it all three kinds have in common */
	s.id.lport = key.lport;
	s.id.rport = key.rport;
	if (s.state == TCP_TIME_WAIT)
		census_timewait(&s, (const struct inet_timewait_sock *)skc);
	else if (s.state == TCP_NEW_SYN_RECV)
		census_request(&s);
	else
		census_full(&s, (const struct sock *)skc);
	if (s.state == TCP_LISTEN)
		s.id.role = ROLE_SERVER;
	event_ask_listener(&s.id);
	/* No record says so, but somebody listens where it is: its remote port is the ephemeral one. Whose it was is another question. */
	if (s.id.role == ROLE_UNKNOWN && find_listener(&s.id))
		s.id.role = ROLE_SERVER;
	bpf_seq_write(seq, &s, sizeof(s));
	return 0;
}

/* Who holds it, if that is not known, or is not enough: in CLOSE_WAIT the one that has it now, whoever opened it, does not close. */
static __always_inline int census_file(const struct task_struct *task, const struct file *file, struct seq_file *seq)
{
	const struct sock *sk = tcp_sock_of(file);
	struct socket_holder h = {};
	struct record *r;
	u8 state;

	if (!sk)
		return 0;
	state = PEEK(sk, __sk_common.skc_state);
	if (state == TCP_CLOSE)
		return 0;
	h.number = number_of_unsafe(sk);
	r = record_find(h.number);
	if (r && r->id.owner_pid && state != TCP_CLOSE_WAIT)
		return 0;
	read_process(&h.process, task);
	bpf_seq_write(seq, &h, sizeof(h));
	return 0;
}

#endif
