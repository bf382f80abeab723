/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* connect.h: sockets between connect() and ESTABLISHED, and those that never get there. */
#ifndef TWTRACE_CONNECT_H
#define TWTRACE_CONNECT_H

#include "emit.h"
#include "verdict.h"

/*
 * Threads in connect(), for the reuse of a TIME_WAIT that it may bring about (timer_backend.h). Found by thread, not by CPU: it
 * may be preempted on the way. Two that connect at once and share a slot may hide one such reuse; they never swap theirs.
 */
#define CONNECTORS 4096

struct connector {
	u64 task;
	u64 sk;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CONNECTORS);
	__type(key, u32);
	__type(value, struct connector);
} connectors SEC(".maps");

static __always_inline struct connector *connector_of(const struct task_struct *task)
{
	u32 slot = spread((u64)task) >> 52;

	return bpf_map_lookup_elem(&connectors, &slot);
}

static __always_inline int connect_started(const struct sock *sk)
{
	const struct task_struct *task = current_task();
	u64 now = bpf_ktime_get_ns();
	struct record *r = record_begin(number_of(sk));
	struct connector *here = connector_of(task);

	if (r) {
		r->state = TCP_SYN_SENT;
		r->opened = now;
		r->id.role = ROLE_CLIENT;
		r->id.owner_source = OWNER_CONNECT;
		r->id.owner_pid = read_actor(r->id.owner_comm, task);
	} else {
		count_lost(LOST_CONNECTING_MAP);
	}
	if (here) {
		here->task = (u64)task;
		here->sk = (u64)sk;
	}
	return 0;
}

/* SYNs crossed (RFC 9293 section 3.5): still a client. */
static __always_inline int connect_crossed(const struct sock *sk)
{
	struct record *r = record_find(number_of(sk));

	if (r)
		r->state = TCP_SYN_RECV;
	return 0;
}

static __noinline int connect_failed(struct scratch *s, const struct sock *sk, int old)
{
	struct counters *c = counters_here();
	bool owned = owned_by_process(sk);
	u32 err = error_of(sk, old, owned);
	u8 reason = failure_reason(sk, err);
	u64 now = bpf_ktime_get_ns();
	struct identity *id = &s->r.id;
	struct event *e = &s->e;
	struct conn_key key;
	bool matched;

	if (!record_take(number_of(sk), &s->r)) {
		RECORD_CLEAR(&s->r);
		id->preexisting = !shared.seeded;
	}
	id->role = ROLE_CLIENT;
	if (owned && (err == 0 || err == ECONNABORTED) && reason == REASON_ABORTED)
		id->closer_pid = read_current(id->closer_comm);
	key_of_sock(&key, sk);
	event_init(e, EVENT_CONNECT_FAILED, now, &key, id, cgroup_of(sk));
	FILL_ADDRESSES(READ_DIRECT, e, &sk->__sk_common);
	e->reason = reason;
	e->connect_failed.duration_ns = since(now, s->r.opened);
	e->connect_failed.error = reason == REASON_NO_PORT ? EADDRNOTAVAIL : err;
	matched = event_matches(e);
	if (reason < REASON_MAX)
		COUNT_BOTH(c, matched, connect_failed[reason]);
	if (matched)
		event_send(e, LOST_RING_CONNECT_FAILED);
	return 0;
}

#endif
