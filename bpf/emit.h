/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* emit.h: from what is known to an event, counted and on its way to user space. */
#ifndef TWTRACE_EMIT_H
#define TWTRACE_EMIT_H

#include "match.h"
#include "scratch.h"

const volatile __u64 ring_wakeup_at; /* bytes in the ring from which on the reader is woken; below, it comes by itself */

#define WAKE_AGAIN_NS 1000000 /* it takes its time to come: TIME_WAITs expire by the thousand */

__u64 woken; /* when last */

static __always_inline void set_process(struct process *p, u32 pid, const char comm[COMM_LEN])
{
	p->pid = pid;
	if (pid)
		__builtin_memcpy(p->comm, comm, COMM_LEN);
	else
		__builtin_memset(p->comm, 0, COMM_LEN);
}

/* Whose it is, and who ended it. */
static __always_inline void event_identify(struct event *e, const struct identity *id, u64 cgroup)
{
	e->cgroup = cgroup;
	e->role = id->role;
	e->closer = id->closer;
	e->how = id->how;
	e->cause = id->closer == CLOSER_LOCAL ? id->cause : CAUSE_NONE;
	e->owner_source = id->owner_source;
	e->flags = id->preexisting ? EVENT_PREEXISTING : 0;
	set_process(&e->owner, id->owner_pid, id->owner_comm);
	set_process(&e->closer_process, id->closer_pid, id->closer_comm);
}

/* Everything that does not depend on the event's type but the addresses: see FILL_ADDRESSES(). What was there before does not matter. */
static __always_inline void event_init(struct event *e, u8 type, u64 ts, const struct conn_key *key, const struct identity *id,
				       u64 cgroup)
{
	e->version = EVENT_VERSION;
	e->type = type;
	e->timewait = TIMEWAIT_NONE;
	e->end = END_UNKNOWN;
	e->reason = REASON_REFUSED;
	e->ts = ts;
	e->lport = key->lport;
	e->rport = key->rport;
	event_identify(e, id, cgroup);
}

/*
 * A wake-up raises an interrupt inside this program, whose softirq would run the peer's transitions while this one still is on this
 * CPU, and BPF would skip them; and it costs more than all else. So none, unless the ring fills up faster than the reader comes by:
 * looked at now and then.
 */
static __always_inline u64 wake_up(u64 now)
{
	if (now % 8 || (s64)(now - woken) <= WAKE_AGAIN_NS || bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) <= ring_wakeup_at)
		return BPF_RB_NO_WAKEUP;
	woken = now;
	return BPF_RB_FORCE_WAKEUP;
}

/* Copied there by the kernel: a place reserved in the ring may be NULL or not, and the verifier walks all that follows for both. */
static __always_inline void event_send(struct event *e, enum lost if_full)
{
	if (bpf_ringbuf_output(&events, e, sizeof(*e), wake_up(e->ts)))
		count_lost(if_full);
}

static __always_inline u64 since(u64 now, u64 then)
{
	return then ? now - then : UNKNOWN_NS;
}

/* The process that listened on an event's local address; closed ones included. */
static __noinline struct listener *find_listener(const struct event *e)
{
	struct listener_key k = {.netns = e->netns, .port = e->lport};
	struct listener *l;

	__builtin_memcpy(k.addr, e->laddr, sizeof(k.addr));
	l = bpf_map_lookup_elem(&listeners, &k);
	if (l)
		return l;
	__builtin_memset(k.addr, 0, sizeof(k.addr));
	return bpf_map_lookup_elem(&listeners, &k);
}

/* The last two questions, answered as late as possible: whose is it, if nobody said so; and was it a server, if nobody saw. */
static __always_inline void event_ask_listener(struct event *e)
{
	bool ask_role = e->role == ROLE_UNKNOWN;
	bool ask_owner = !e->owner.pid && e->role != ROLE_CLIENT;
	struct listener *l;

	if (!ask_role && !ask_owner)
		return;
	l = find_listener(e);
	if (!l)
		return;
	if (ask_role && (l->preexisting || !(e->flags & EVENT_PREEXISTING)))
		e->role = ROLE_SERVER;
	if (ask_owner && e->role == ROLE_SERVER && l->owner.pid) {
		e->owner = l->owner;
		e->owner_source = OWNER_LISTENER;
	}
}

/*
 * A function of its own, and masks instead of comparisons: before 5.16 (354e8f1970f8) the verifier forgets the bounds of what is
 * spilled, or compared as a copy, between check and use.
 */
static __noinline int close_count_matched(u32 closer, u32 how, u8 timewait)
{
	struct counters *c = counters_here();

	_Static_assert(CLOSER_MAX == 4 && HOW_MAX == 4, "a mask for each");
	COUNT_MATCHED(c, closed[closer & 3][how & 3]);
	if (timewait == TIMEWAIT_SKIPPED)
		COUNT_MATCHED(c, tw_skipped);
	return 0;
}

/* A close is complete but perhaps for its owner. Returns whether it passed the filter. */
static __always_inline bool close_send(struct event *e)
{
	event_ask_listener(e);
	if (!event_matches(e))
		return false;
	if (filter_active)
		close_count_matched(e->closer, e->how, e->timewait);
	event_send(e, LOST_RING_CLOSE);
	return true;
}

#endif
