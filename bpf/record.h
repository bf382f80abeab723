/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * record.h: what the BPF programs remember of a connection between hooks, and how they count. Maps grow with what is alive
 * (BPF_F_NO_PREALLOC), but for small ones.
 */
#ifndef TWTRACE_RECORD_H
#define TWTRACE_RECORD_H

#include "kernel.h"
#include "event.h"

/* Set by the loader before load. */
const volatile __u32 tracer_pid;
const volatile __u32 tracer_comm[2]; /* the first 8 bytes of its name */
const volatile __u8 filter_active;
const volatile __u8 sees_schedule; /* the backend sees every __inet_twsk_schedule(): nothing is to be guessed from the timer */
const volatile __u8 sees_refusal;  /* ... and what inet_twsk_alloc() returns: no overflow is to be guessed from the socket */

const volatile __u8 watched_twice; /* tracepoints can be preempted: see notes.h */

/* What a connection and the TIME_WAIT it leaves have in common: whose it is, and who ended it, how and why. */
struct identity {
	u8 role;
	u8 owner_source;
	u8 closer;
	u8 how;
	u8 cause;
	u8 preexisting;
	u8 pad[2];
	u32 owner_pid; /* 0: unknown */
	u32 closer_pid;
	char owner_comm[COMM_LEN]; /* undefined where the pid is 0 */
	char closer_comm[COMM_LEN];
};

/* A connection, from SYN_SENT or ESTABLISHED until its socket reaches CLOSE. */
struct record {
	u64 sk;      /* the socket's number: the key; 0: no record */
	u64 opened;  /* ESTABLISHED, or in SYN_SENT when that began; 0: not seen */
	u64 closing; /* first FIN or RST; 0: none yet, or not seen */
	u64 second;  /* FIN_WAIT2 entered, or after the peer's FIN ours; 0: not yet, or not seen */
	u8 state;    /* as last seen */
	u8 rst_sent; /* written by others than the socket's own transitions, so a byte of its own */
	u8 data_segs; /* the last byte of data_segs_in when we sent our FIN; of use once `closing` is set */
	u8 tw_refused; /* the kernel would not allocate its inet_timewait_sock; if sees_refusal */
	u32 hash; /* skc_hash, from ESTABLISHED on: is it still the same connection's socket? */
	struct identity id;
};

/* Up to the names, all 0. */
#define RECORD_CLEAR(r) __builtin_memset((r), 0, __builtin_offsetof(struct record, id.owner_comm))

/*
 * Records are found by their socket's number, first in a small table where that number has but one place: no lock, no
 * allocation. Who finds the place taken goes to `far`, a hash table that grows with what is in it. To take a place is to be the
 * only one in it after counting oneself in; two that try at once both go to `far`.
 */
const volatile __u8 near_shift; /* 64 less the bits of a place's number; set by the loader before load */

/*
 * Two cache lines: the second holds the names, which softirq does not write. The two ends of a connection on one host, and its
 * process and its packets, may be on different CPUs: then a line that both write costs more than all else in a transition.
 */
struct place {
	u32 claims;
	u32 spilled; /* records in `far` whose place this is */
	struct record r;
	u64 pad[4];
};

_Static_assert(__builtin_offsetof(struct place, r.id.owner_comm) == 64, "a record fills the first cache line but for the names");
_Static_assert(sizeof(struct place) == 128, "places keep to cache lines");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, struct place);
} near SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 262144);
	__type(key, u64);
	__type(value, struct record);
} far SEC(".maps");

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
	__uint(max_entries, 8192);
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

/* Read by every hook, hardly ever written; what is written often is kept on other cache lines. */
struct {
	__u64 watching;       /* every hook is attached, so each may begin; cleared before the first is detached */
	__u64 seeded;         /* what was there before is on record: what is not has opened since, unseen */
	__u64 pending_count;  /* events in `pending` */
	__u64 untracked_open; /* connections opened for which there was no room, and not closed yet */
	__u64 anchor;         /* its own address, see number_of() */
} shared SEC(".data") __attribute__((aligned(64)));

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

/* Without a filter they all match, and the loader copies those of the host. */
#define COUNT_MATCHED(c, member)                                                                                                 \
	do {                                                                                                                     \
		if (filter_active && (c))                                                                                        \
			COUNT((c)->t[TOTALS_MATCHED].member);                                                                    \
	} while (0)

#define COUNT_BOTH(c, matched, member)                                                                                           \
	do {                                                                                                                     \
		COUNT_HOST(c, member);                                                                                           \
		if (matched)                                                                                                     \
			COUNT_MATCHED(c, member);                                                                                \
	} while (0)

static __always_inline void count_lost(enum lost what)
{
	struct counters *c = counters_here();

	COUNT_HOST(c, lost[what]);
}

/* task: READABLE() */
static __always_inline void read_comm(char comm[COMM_LEN], const struct task_struct *task)
{
	const struct task_struct *leader = PEEK_AT(task, group_leader);

#ifdef PLAIN_READS
	BPF_CORE_READ_INTO((char(*)[COMM_LEN])comm, leader, comm);
#else
	const struct task_struct *t = bpf_rdonly_cast(leader, bpf_core_type_id_kernel(struct task_struct));
	const u32 *from = __builtin_preserve_access_index((const u32 *)t->comm);
	u32 *to = (u32 *)comm;

	to[0] = from[0];
	to[1] = from[1];
	to[2] = from[2];
	to[3] = from[3] & bpf_htonl(0xffffff00); /* being renamed this moment? */
#endif
}

static __always_inline void read_process(struct process *p, const struct task_struct *task)
{
	task = READABLE(task);
	p->pid = PEEK_AT(task, tgid);
	read_comm(p->comm, task);
}

static __always_inline const struct task_struct *current_task(void)
{
	return (const struct task_struct *)bpf_get_current_task();
}

/*
 * The process of a task that acts, and its name; 0 if it is the tracer itself, or another one: the task_file iterator holds each file
 * for a moment, and if the process closes its descriptor just then, the last reference goes, and the FIN is sent, on our way out.
 */
static __always_inline u32 read_actor(char comm[COMM_LEN], const struct task_struct *task)
{
	const u32 *name = (const u32 *)comm;
	u32 pid;

	task = READABLE(task);
	pid = PEEK_AT(task, tgid);
	if (pid == tracer_pid)
		return 0;
	read_comm(comm, task);
	return name[0] == tracer_comm[0] && name[1] == tracer_comm[1] ? 0 : pid;
}

static __always_inline u32 read_current(char comm[COMM_LEN])
{
	return read_actor(comm, current_task());
}

/* ---- records ---- */

/*
 * A socket's number: its address, counted from the anchor's. The verifier allows no arithmetic on a pointer it vouches for but to
 * subtract another one, which gives a plain number. Other pointers are plain numbers already.
 */
static __always_inline u64 number_of(const struct sock *sk)
{
	u64 n = (u64)sk;

	asm volatile("%0 -= %1" : "+r"(n) : "r"(&shared.anchor));
	return n;
}

static __always_inline u64 number_of_unsafe(const struct sock *sk)
{
	shared.anchor = (u64)&shared.anchor;
	return (u64)sk - *(volatile u64 *)&shared.anchor;
}

/* Sockets are far apart, so their low bits say little. */
static __always_inline struct place *place_of(u64 sk)
{
	u32 at = spread(sk) >> near_shift;

	return bpf_map_lookup_elem(&near, &at);
}

static __always_inline struct record *record_find_at(struct place *place, u64 sk)
{
	if (place->r.sk == sk)
		return &place->r;
	return place->spilled ? bpf_map_lookup_elem(&far, &sk) : NULL;
}

static __always_inline struct record *record_find(u64 sk)
{
	struct place *place = place_of(sk);

	return place ? record_find_at(place, sk) : NULL;
}

static __always_inline int far_add(struct place *place, const struct record *r)
{
	int err = bpf_map_update_elem(&far, &r->sk, r, BPF_NOEXIST);

	if (!err)
		__sync_fetch_and_add(&place->spilled, 1);
	return err;
}

/* Returns whether it was there. */
static __always_inline bool far_delete(struct place *place, u64 sk)
{
	if (bpf_map_delete_elem(&far, &sk))
		return false;
	__sync_fetch_and_add(&place->spilled, -1);
	return true;
}

static __noinline struct record *far_new(u64 sk)
{
	struct place *place = place_of(sk);
	struct record fresh = {.sk = sk};

	return !place || far_add(place, &fresh) ? NULL : bpf_map_lookup_elem(&far, &sk);
}

/* Is the caller alone with what these claims are to? Then it is its own, until it takes one off them. */
static __always_inline bool claim(u32 *claims)
{
	if (*claims)
		return false;
	__sync_fetch_and_add(claims, 1);
	if (*(volatile u32 *)claims == 1)
		return true;
	__sync_fetch_and_add(claims, -1);
	return false;
}

/* An empty record for a socket that has none; the place is its own. NULL: no room. */
static __always_inline struct record *record_new_at(struct place *place, u64 sk)
{
	if (!claim(&place->claims))
		return far_new(sk);
	RECORD_CLEAR(&place->r);
	place->r.sk = sk;
	return &place->r;
}

static __always_inline struct record *record_new(u64 sk)
{
	struct place *place = place_of(sk);

	return place ? record_new_at(place, sk) : NULL;
}

/* The connection is gone, and nobody saw it reach CLOSE. Who closed it is known once there was a FIN: then all that is lost is detail. */
static __noinline int count_end_unseen(const struct record *r)
{
	struct counters *c = counters_here();
	u64 closer = r->id.closer;

	COUNT_HOST(c, lost[LOST_OVERWRITTEN]);
	if (closer == CLOSER_NONE)
		return 0;
	barrier_var(closer); /* or the verifier sees the bounds of another register */
	if (closer < CLOSER_MAX)
		COUNT_HOST(c, closed[closer][HOW_FIN]);
	return 0;
}

static __noinline struct record *record_overwrite(struct record *r, u64 sk)
{
	count_end_unseen(r);
	RECORD_CLEAR(r);
	r->sk = sk;
	return r;
}

/* An empty record for a connection that begins. One its socket's number has from before is overwritten. */
static __always_inline struct record *record_begin(u64 sk)
{
	struct place *place = place_of(sk);
	struct record *r;

	if (!place)
		return NULL;
	r = record_find_at(place, sk);
	if (__builtin_expect(!r, 1)) /* keeps the other way out of the way: 20 ns a connection */
		return record_new_at(place, sk);
	return record_overwrite(r, sk);
}

static __always_inline void record_forget_at(struct place *place, u64 sk)
{
	if (place->r.sk == sk) {
		place->r.sk = 0;
		__sync_fetch_and_add(&place->claims, -1);
	} else if (place->spilled) {
		far_delete(place, sk);
	}
}

static __always_inline void record_forget(u64 sk)
{
	struct place *place = place_of(sk);

	if (place)
		record_forget_at(place, sk);
}

/* The record of a socket that has ended goes from its place to `into`. False: it has none. */
static __always_inline bool record_take(u64 sk, struct record *into)
{
	struct place *place = place_of(sk);
	struct record *r = place ? record_find_at(place, sk) : NULL;

	if (!r)
		return false;
	__builtin_memcpy(into, r, sizeof(*into));
	record_forget_at(place, sk);
	return true;
}

#endif
