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

/* Found by walk_records(): see struct tracer_now. Cleared and read by the loader, one walk at a time. */
__u64 walk_open;
__u64 walk_time_wait;
__u64 walk_fin_wait2;
__u64 walk_turned[TOTALS_MAX]; /* in TIME_WAIT, turned unseen: not among the totals yet */

/* Our side closed first, as far as a state tells. */
static __always_inline void closer_by_state(struct record *r, u8 state)
{
	r->how = HOW_FIN;
	switch (state) {
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
	case TCP_TIME_WAIT: /* or both; there is no telling any more */
		r->closer = CLOSER_LOCAL;
		r->cause = CAUSE_UNKNOWN;
		break;
	case TCP_CLOSING:
		r->closer = CLOSER_BOTH;
		break;
	case TCP_CLOSE_WAIT:
	case TCP_LAST_ACK:
		r->closer = CLOSER_REMOTE;
	}
}

static __noinline int seed_connection(const struct sock *sk, u8 state, const struct process *owner)
{
	struct record fresh = {.sk = (u64)sk, .flags = RECORD_PREEXISTING};
	struct counters *c = counters_here();
	struct conn_key key;
	struct record *r;

	key_of_sock_unsafe(&key, sk);
	if (owner) {
		fresh.owner = *owner;
		fresh.owner_source = OWNER_ITERATOR;
	}
	closer_by_state(&fresh, state);
	r = bpf_map_lookup_elem(&records, &key);
	if (r) {
		if (owner && !r->owner.pid) {
			r->owner = *owner;
			r->owner_source = OWNER_ITERATOR;
		}
		return 0;
	}
	if (bpf_map_update_elem(&records, &key, &fresh, BPF_NOEXIST)) {
		if (!bpf_map_lookup_elem(&records, &key))
			count_lost(LOST_CONNECTION_MAP);
		return 0;
	}
	/* Closed meanwhile, before there was a record for its close to find: then that counted it. */
	if (BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_CLOSE && !bpf_map_delete_elem(&records, &key))
		return 0;
	COUNT_HOST(c, present);
	return 0;
}

static __noinline int seed_listener(const struct sock *sk, const struct process *owner)
{
	struct listener l = {.owner = *owner, .preexisting = 1};
	struct listener_key k;

	FILL_LISTENER_KEY(READ_PROBE, key_of_sock_unsafe, &k, sk);
	bpf_map_update_elem(&listeners, &k, &l, BPF_NOEXIST);
	return 0;
}

static __noinline int seed_connecting(const struct sock *sk, const struct process *owner)
{
	struct connecting c = {.opener = *owner, .owner_source = OWNER_ITERATOR};
	u64 skp = (u64)sk;

	if (bpf_map_update_elem(&connecting, &skp, &c, BPF_NOEXIST))
		return 0;
	if (BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_SYN_SENT)
		bpf_map_delete_elem(&connecting, &skp);
	return 0;
}

static __noinline int seed_timewait(const struct inet_timewait_sock *tw)
{
	struct record r = {.flags = RECORD_PREEXISTING | RECORD_CLOSED, .tw = (u64)tw};
	struct counters *c = counters_here();
	bool matched;
	struct tw_end t = {};
	struct conn_key key;

	key_of_tw(&key, tw);
	r.substate = BPF_CORE_READ(tw, tw_substate);
	r.expires = BPF_CORE_READ(tw, tw_timer.expires);
	closer_by_state(&r, TCP_TIME_WAIT);
	tw_end_fill(&t, &r, tw, &key);
	event_ask_listener(&t.event);
	matched = event_matches(&t.event);
	r.role = t.event.role;
	if (matched)
		r.flags |= RECORD_MATCHED;
	if (bpf_map_update_elem(&records, &key, &r, BPF_NOEXIST)) {
		if (!bpf_map_lookup_elem(&records, &key))
			count_lost(LOST_CONNECTION_MAP);
		return 0;
	}
	/* Ended meanwhile, unseen */
	if (!BPF_CORE_READ(tw, tw_timer.entry.pprev) && !bpf_map_delete_elem(&records, &key))
		return 0;
	if (r.substate == TCP_TIME_WAIT)
		COUNT_BOTH(c, matched, tw_present);
	else
		COUNT_BOTH(c, matched, fin_wait2_present);
	return 0;
}

static __always_inline bool is_tcp(const struct sock *sk)
{
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return (family == AF_INET || family == AF_INET6) && BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

/* A process's open socket: its owner, if nobody knows a better one. */
static __always_inline int seed_file(const struct task_struct *task, const struct file *file)
{
	const struct socket *sock;
	const struct sock *sk;
	struct process owner;
	u8 state;

	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	sock = (const struct socket *)BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(sock, sk);
	if (!sk || !is_tcp(sk))
		return 0;
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if (state == TCP_CLOSE) {
		if (pending_count)
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
		seed_connecting(sk, &owner);
		break;
	default:
		seed_connection(sk, state, &owner);
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
		seed_connection((const struct sock *)skc, state, NULL);
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
	FILL_ADDRESSES(READ_PROBE, &e, &tw->__tw_common);
	if (!event_matches(&e))
		return 0;
	if (BPF_CORE_READ(tw, tw_substate) == TCP_TIME_WAIT)
		walk_time_wait++;
	else
		walk_fin_wait2++;
	return 0;
}

static __always_inline int walk_record(const struct conn_key *key, struct record *r)
{
	const struct inet_timewait_sock *tw = (const void *)r->tw;
	struct conn_key now;
	u8 substate = r->substate;
	bool matched = r->flags & RECORD_MATCHED;

	if (!(r->flags & RECORD_CLOSED))
		walk_open++;
	if (!tw || r->ending == ENDING_DONE)
		return 0;
	if (substate == TCP_FIN_WAIT2) {
		key_of_tw(&now, tw);
		if (key_equal(&now, key) && BPF_CORE_READ(tw, tw_substate) == TCP_TIME_WAIT) {
			substate = TCP_TIME_WAIT;
			r->turn_seen = 1;
			walk_turned[TOTALS_HOST]++;
			walk_turned[TOTALS_MATCHED] += matched;
		}
	}
	if (!matched)
		return 0;
	if (substate == TCP_TIME_WAIT)
		walk_time_wait++;
	else
		walk_fin_wait2++;
	return 0;
}

#endif
