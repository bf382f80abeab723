/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * record.h: what the BPF programs remember between hooks, and how they count.
 *
 * One record follows a connection from ESTABLISHED until its socket is closed and, if it leaves one behind, until its
 * inet_timewait_sock ends: no second object, no join. Maps grow with what is alive (BPF_F_NO_PREALLOC).
 */
#ifndef TWTRACE_RECORD_H
#define TWTRACE_RECORD_H

#include "kernel.h"
#include "event.h"

/* Set by the loader before load. */
const volatile __u64 timewait_jiffies; /* TCP_TIMEWAIT_LEN in jiffies */
const volatile __u32 tracer_pid;
const volatile __u8 sees_schedule; /* the backend sees every __inet_twsk_schedule(): nothing is to be guessed from the timer */
const volatile __u8 send_reset_has_tw; /* tcp_send_reset fires for inet_timewait_socks too (6.10, 19822a980e19) */

#define RECORD_PREEXISTING (1u << 0)
#define RECORD_MATCHED (1u << 1) /* its close passed the filter */
#define RECORD_CLOSED (1u << 2)  /* its socket reached CLOSE and was reported */

/* How far the end of its inet_timewait_sock has come. */
enum ending {
	ENDING_NOT,
	ENDING_MAYBE, /* it ends, or is re-armed: see timer_backend.h */
	ENDING_DONE,  /* it ended, before its socket reached CLOSE: that one forgets the record */
};

struct record {
	u64 opened;   /* ESTABLISHED; 0: not seen */
	u64 closing;  /* first FIN or RST; 0: none yet, or not seen */
	u64 second;   /* FIN_WAIT2 entered, or after the peer's FIN ours; 0: not yet, or not seen */
	u64 tw_began; /* TIME_WAIT entered; 0: not yet, or not seen */
	u64 cgroup;
	u64 sk;      /* the socket's address: whose record this is; 0: its TIME_WAIT is older than the tracer */
	u64 tw;      /* the inet_timewait_sock's address; 0: none. Never dereferenced but by probe reads while it lives */
	u64 expires; /* its timer, as last seen armed (jiffies) */
	struct process owner;
	struct process closer_process;
	u8 closer : 2;
	u8 how : 2;
	u8 cause : 4;
	u8 role : 2;
	u8 owner_source : 6;
	u8 flags;    /* the socket's side */
	u8 substate; /* TCP_FIN_WAIT2 or TCP_TIME_WAIT, as last seen */
	u8 restarts;
	/* A byte each, as they are written by others than the socket's side, perhaps at the same time */
	u8 rst_sent;
	u8 ending;    /* enum ending */
	u8 turn_seen; /* found in TIME_WAIT by a walk, though its turn from FIN_WAIT2 was not seen */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 262144);
	__type(key, struct conn_key);
	__type(value, struct record);
} records SEC(".maps");

/*
 * A socket is unhashed before it says that it is closed (tcp_set_state()), so its addresses may have a new connection by then.
 * That one displaces its record to here, where it is found by the socket's address.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct record);
} displaced SEC(".maps");

/* Sockets between connect() and ESTABLISHED: they have no port yet, so the socket's address is the key. */
struct connecting {
	u64 since; /* 0: older than the tracer */
	struct process opener;
	u8 owner_source;
	u8 pad[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, u64);
	__type(value, struct connecting);
} connecting SEC(".maps");

/* Who listens, or listened: the owner of last resort of what was never seen in process context. */
struct listener_key {
	u32 netns;
	u16 port;
	u16 pad;
	u32 addr[4]; /* all zero: any */
};

struct listener {
	struct process owner;
	struct process closed_by; /* pid 0: still listening */
	u8 preexisting;
	u8 pad[7];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2048);
	__type(key, struct listener_key);
	__type(value, struct listener);
} listeners SEC(".maps");

/*
 * Closes that wait for their owner: ended in softirq while a process still holds the socket, which will say who it is when it
 * lets go (tcp_destroy_sock) or when the task_file iterator finds it. By the socket's address.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct event);
} pending SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} events SEC(".maps");

struct counters {
	struct totals t[TOTALS_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct counters);
} counters SEC(".maps");

/*
 * There was no room for their records: inet_timewait_socks by the substate they were born in, so that they are counted to their
 * end. The last one born of each hash, for its socket, which reaches CLOSE next and has no record to say so.
 */
__u64 untracked_time_wait;
__u64 untracked_fin_wait2;

#define BORN 4096

struct born {
	struct conn_key key;
	u64 substate;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BORN);
	__type(key, u32);
	__type(value, struct born);
} born_untracked SEC(".maps");

/* Rarely written, often read; shared by all CPUs and with the loader. */
__u64 pending_count;
__u64 untracked_open; /* connections opened for which there was no room in records, and not closed yet */

static __always_inline struct counters *counters_here(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

/* Atomic although per CPU: a softirq may come between load and store. */
#define COUNT(lvalue) __sync_fetch_and_add(&(lvalue), 1)

#define COUNT_HOST(c, member)                                                                                                    \
	do {                                                                                                                     \
		if (c)                                                                                                           \
			COUNT((c)->t[TOTALS_HOST].member);                                                                       \
	} while (0)

/* For index expressions the verifier has to see bounded. */
#define COUNT_BOTH(c, matched, member)                                                                                           \
	do {                                                                                                                     \
		if (c) {                                                                                                         \
			COUNT((c)->t[TOTALS_HOST].member);                                                                       \
			if (matched)                                                                                             \
				COUNT((c)->t[TOTALS_MATCHED].member);                                                            \
		}                                                                                                                \
	} while (0)

static __always_inline void count_lost(enum lost what)
{
	struct counters *c = counters_here();

	COUNT_HOST(c, lost[what]);
}

static __always_inline void read_process(struct process *p, const struct task_struct *task)
{
	p->pid = BPF_CORE_READ(task, tgid);
	BPF_CORE_READ_INTO(&p->comm, task, group_leader, comm);
}

/*
 * Not the tracer itself: the task_file iterator holds each file for a moment, and if the process closes its descriptor just then,
 * the last reference goes, and the FIN is sent, on our way out.
 */
static __always_inline void read_current(struct process *p)
{
	u64 id = bpf_get_current_pid_tgid();

	if (id >> 32 == tracer_pid)
		return;
	p->pid = id >> 32;
	if ((u32)id == p->pid)
		bpf_get_current_comm(p->comm, sizeof(p->comm));
	else
		BPF_CORE_READ_INTO(&p->comm, (const struct task_struct *)bpf_get_current_task(), group_leader, comm);
}

static __always_inline u32 current_flags(void)
{
	return BPF_CORE_READ((const struct task_struct *)bpf_get_current_task(), flags);
}

#endif
