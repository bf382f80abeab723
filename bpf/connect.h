/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* connect.h: sockets between connect() and ESTABLISHED, and those that never get there. */
#ifndef TWTRACE_CONNECT_H
#define TWTRACE_CONNECT_H

#include "emit.h"
#include "verdict.h"

/*
 * Threads in connect(), for the reuse of a TIME_WAIT that it may bring about (timer_backend.h). Found by thread, not by CPU: it may
 * be preempted on the way. Two that connect at once and share a slot may hide one such reuse; they never swap theirs.
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

#endif
