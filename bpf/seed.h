/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * seed.h: what was there before the hooks, read by BPF iterators. They run when the hooks are on, so they only add what the
 * hooks have not seen, and take back what a hook saw end meanwhile.
 */
#ifndef TWTRACE_SEED_H
#define TWTRACE_SEED_H

#include "timewait.h"

/* Set while the tracer starts. Afterwards seed_files() runs again, but only to find the owners of what is in `pending`. */
__u8 seeding;

/* Found by walk_near(), walk_far(), walk_timewaits(), walk_sockets(): see struct tracer_now. Cleared and read by the loader, one
 * walk at a time. */
__u64 walk_open;
__u64 walk_time_wait;
__u64 walk_fin_wait2;
__u64 walk_turned[TOTALS_MAX]; /* in TIME_WAIT, born in FIN_WAIT2: not among the totals yet */

/* Our side closed first, as far as a state tells. */
static __always_inline void closer_by_state(struct identity *id, u8 state)
{
	id->how = HOW_FIN;
	switch (state) {
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
	case TCP_TIME_WAIT: /* or both; there is no telling any more */
		id->closer = CLOSER_LOCAL;
		id->cause = CAUSE_UNKNOWN;
		break;
	case TCP_CLOSING:
		id->closer = CLOSER_BOTH;
		break;
	case TCP_CLOSE_WAIT:
	case TCP_LAST_ACK:
		id->closer = CLOSER_REMOTE;
	}
}

/* Always to `far`, where a deletion tells whether there was something to delete. 1: it is not wanted any more; <0: no room. */
static __always_inline int seed_record(const struct sock *sk, const struct record *fresh)
{
	struct place *place = place_of(fresh->sk);

	if (!place || far_add(place, fresh))
		return -1;
	/* Closed meanwhile, before there was a record for its close to find: then that counted it. Or a hook was first. */
	if (PEEK(sk, __sk_common.skc_state) == TCP_CLOSE || place->r.sk == fresh->sk) {
		far_delete(place, fresh->sk);
		return 1;
	}
	return 0;
}

static __always_inline void found_holding(struct identity *id, const struct process *owner)
{
	__builtin_memcpy(id->owner_comm, owner->comm, COMM_LEN);
	id->owner_source = OWNER_ITERATOR;
	id->owner_pid = owner->pid;
}

static __noinline int seed_connection(const struct sock *sk, u64 number, u8 state, const struct process *owner)
{
	struct record fresh = {.sk = number, .state = state, .id = {.preexisting = 1}}, *r = record_find(number);
	struct counters *c = counters_here();
	int err;

	if (r) {
		if (owner && !r->id.owner_pid)
			found_holding(&r->id, owner);
		return 0;
	}
	if (owner)
		found_holding(&fresh.id, owner);
	fresh.hash = PEEK(sk, __sk_common.skc_hash);
	closer_by_state(&fresh.id, state);
	err = seed_record(sk, &fresh);
	if (err > 0)
		return 0;
	if (err < 0) {
		count_lost(LOST_CONNECTION_MAP);
		__sync_fetch_and_add(&shared.untracked_open, 1);
	}
	COUNT_HOST(c, present);
	return 0;
}

static __noinline int seed_listener(const struct sock *sk, const struct process *owner)
{
	struct listener l = {.owner = *owner, .preexisting = 1};
	struct listener_key k;

	FILL_LISTENER_KEY(READ_ANY, key_of_sock_unsafe, &k, sk);
	bpf_map_update_elem(&listeners, &k, &l, BPF_NOEXIST);
	return 0;
}

static __noinline int seed_connecting(const struct sock *sk, u8 state, const struct process *owner)
{
	struct record fresh = {.sk = number_of_unsafe(sk),
			       .state = state,
			       .id = {.preexisting = 1, .role = ROLE_CLIENT}};

	found_holding(&fresh.id, owner);
	if (!record_find(fresh.sk) && seed_record(sk, &fresh) < 0)
		count_lost(LOST_CONNECTING_MAP);
	return 0;
}

static __noinline int seed_timewait(const struct inet_timewait_sock *tw)
{
	struct tw_record r = {.tw = (u64)tw, .closed = 1, .id = {.preexisting = 1}};
	struct counters *c = counters_here();
	struct event e;
	struct conn_key key;

	key_of_tw(&key, tw);
	r.born = r.substate = PEEK(tw, tw_substate);
	r.expires = PEEK(tw, tw_timer.expires);
	closer_by_state(&r.id, TCP_TIME_WAIT);
	event_init(&e, EVENT_TIMEWAIT, 0, &key, &r.id, 0);
	FILL_ADDRESSES(READ_ANY, &e, &tw->__tw_common);
	event_ask_listener(&e);
	r.matched = event_matches(&e);
	r.id.role = e.role;
	if (tw_find(&key))
		return 0;
	if (tw_spill(&key, &r)) {
		count_lost(LOST_TIMEWAIT_MAP);
		return 0;
	}
	/* Ended meanwhile, unseen */
	if (!PEEK(tw, tw_timer.entry.pprev) && tw_unspill(&key))
		return 0;
	if (r.substate == TCP_TIME_WAIT)
		COUNT_BOTH(c, r.matched, tw_present);
	else
		COUNT_BOTH(c, r.matched, fin_wait2_present);
	return 0;
}

static __always_inline bool is_tcp(const struct sock *sk)
{
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return (family == AF_INET || family == AF_INET6) && BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

/* NULL: not a TCP socket's. */
static __always_inline const struct sock *tcp_sock_of(const struct file *file)
{
	const struct socket *sock;
	const struct sock *sk;

	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	sock = (const struct socket *)BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(sock, sk);
	return sk && is_tcp(sk) ? sk : NULL;
}

/* A process's open socket: its owner, if nobody knows a better one. */
static __always_inline int seed_file(const struct task_struct *task, const struct file *file)
{
	const struct sock *sk = tcp_sock_of(file);
	struct process owner;
	u8 state;

	if (!sk)
		return 0;
	state = PEEK(sk, __sk_common.skc_state);
	if (state == TCP_CLOSE) {
		if (shared.pending_count)
			pending_resolve(sk, task, OWNER_ITERATOR);
		return 0;
	}
	if (!seeding)
		return 0;
	read_process(&owner, task);
	switch (state) {
	case TCP_LISTEN:
		seed_listener(sk, &owner);
		break;
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
		seed_connecting(sk, state, &owner);
		break;
	default:
		seed_connection(sk, number_of_unsafe(sk), state, &owner);
	}
	return 0;
}

/* A socket of one network namespace: orphans and TIME_WAITs have no file. */
static __always_inline int seed_socket(const struct sock_common *skc)
{
	u8 state = skc->skc_state;

	if (state == TCP_TIME_WAIT)
		seed_timewait((const struct inet_timewait_sock *)skc);
	else if (state == TCP_ESTABLISHED || state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 || state == TCP_CLOSE_WAIT ||
		 state == TCP_LAST_ACK || state == TCP_CLOSING)
		seed_connection((const struct sock *)skc, number_of((const struct sock *)skc), state, NULL);
	return 0;
}

/* An inet_timewait_sock there was no room for. Of the filter's criteria those of its process cannot be met. */
static __noinline int walk_socket(const struct sock_common *skc)
{
	const struct inet_timewait_sock *tw = (const struct inet_timewait_sock *)skc;
	struct event e = {};
	struct conn_key key;

	if (skc->skc_state != TCP_TIME_WAIT || record_of_tw(&key, tw))
		return 0;
	e.lport = key.lport;
	e.rport = key.rport;
	FILL_ADDRESSES(READ_ANY, &e, &tw->__tw_common);
	if (!event_matches(&e))
		return 0;
	if (PEEK(tw, tw_substate) == TCP_TIME_WAIT)
		walk_time_wait++;
	else
		walk_fin_wait2++;
	return 0;
}

static __always_inline int walk_record(const struct record *r)
{
	if (r->sk && r->state != TCP_SYN_SENT && r->state != TCP_SYN_RECV)
		walk_open++;
	return 0;
}

static __always_inline int walk_timewait(const struct conn_key *key, struct tw_record *r)
{
	const struct inet_timewait_sock *tw = (const void *)r->tw;
	u8 substate = r->substate;
	struct conn_key now;

	if (r->ending == ENDING_DONE)
		return 0;
	if (substate == TCP_FIN_WAIT2) {
		key_of_tw(&now, tw);
		if (key_equal(&now, key) && PEEK(tw, tw_substate) == TCP_TIME_WAIT) {
			substate = TCP_TIME_WAIT;
			r->turn_seen = 1;
		}
	}
	if (r->born == TCP_FIN_WAIT2 && substate == TCP_TIME_WAIT) {
		walk_turned[TOTALS_HOST]++;
		walk_turned[TOTALS_MATCHED] += r->matched;
	}
	if (!r->matched)
		return 0;
	if (substate == TCP_TIME_WAIT)
		walk_time_wait++;
	else
		walk_fin_wait2++;
	return 0;
}

#endif
