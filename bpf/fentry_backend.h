/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fentry_backend.h: the life of an inet_timewait_sock told from the functions that begin, change and end it, for kernels that let
 * us trace functions; and who accepted a connection, which only a function tells.
 *
 * Every end passes inet_twsk_kill(). Which route led there is told by what was seen of the same object just before:
 *   expired         tw_timer_handler()
 *   reset           inside tcp_timewait_state_process(): a RST came
 *   data_reset      tcp_timewait_state_process() returned TCP_TW_RST
 *   reused_syn      it returned TCP_TW_SYN
 *   reused_connect  tcp_twsk_unique() returned 1
 *   killed          tcp_abort() by this thread
 *   purged          none of these, and its network namespace has no references left (inet_twsk_purge())
 * All but tcp_abort() run with bottom halves off from there to inet_twsk_kill(), so they leave their word per CPU; tcp_abort()
 * may be preempted before it turns them off and leaves it by thread.
 *
 * BPF skips a program that is on this CPU already (5.12, ca06f55b9002). With bottom halves off nothing comes between that could
 * run the same function, but on kernels whose softirqs can be preempted without a lock (PREEMPT_RT since 6.18, 3253cb49cbad).
 * Births are the exception, see tw_hashed_again(). What is skipped all the same ends as `unknown`, or is read off the object.
 * accept() can be preempted: one that comes while another is inside accept_done() has its owner found later.
 */
#ifndef TWTRACE_FENTRY_BACKEND_H
#define TWTRACE_FENTRY_BACKEND_H

#include "timewait.h"

/*
 * How many parameters these functions have here; an fexit program finds behind them what the function returned. They change:
 * inet_csk_accept() in 6.10 (92ef0fd55ac8), tcp_timewait_state_process() in 6.10 (41eecbd712b7) and by 6.16.
 * bpf_get_func_ret() would be simpler, but is 5.17. Set by the loader before load.
 */
const volatile __u32 accept_args;
const volatile __u32 state_process_args;

/* Written out, lest the compiler computes the offset: the verifier takes only constant ones off the context as it was given. */
#define CTX_WORD(ctx, n)                                                                                                         \
	({                                                                                                                       \
		u64 word_;                                                                                                       \
		asm volatile("%0 = *(u64 *)(%1 + %2)" : "=r"(word_) : "r"(ctx), "i"((n)*8));                                     \
		word_;                                                                                                           \
	})

/* enum tcp_tw_status, include/net/tcp.h. New ones have been appended only, but it is no more trouble to ask. */
enum tcp_tw_status___some {
	TCP_TW_RST___some = 1,
	TCP_TW_SYN___some = 3,
};
#define TW_VERDICT(name) bpf_core_enum_value(enum tcp_tw_status___some, name##___some)

enum route {
	ROUTE_NONE,
	ROUTE_TIMER,
	ROUTE_PACKET, /* inside tcp_timewait_state_process() */
	ROUTE_RST,    /* it said TCP_TW_RST */
	ROUTE_SYN,    /* it said TCP_TW_SYN */
	ROUTE_CONNECT,
};

/* Where this CPU was last seen on a way that may end at inet_twsk_kill(). */
struct way {
	u64 tw;
	u64 tid; /* beside it, for a word that outlived its purpose: TCP_TW_SYN does not kill if nobody listens */
	u64 route;
	struct tw_end end; /* too big for the stack */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct way);
} ways SEC(".maps");

/* Threads in tcp_abort(). Two at once that share a slot may turn one `killed` into `unknown`. */
#define ABORTERS 256

struct aborter {
	u64 tid;
	u64 tw;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ABORTERS);
	__type(key, u32);
	__type(value, struct aborter);
} aborters SEC(".maps");

static __always_inline struct way *way_here(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&ways, &zero);
}

static __always_inline int way_taken(const struct inet_timewait_sock *tw, enum route route)
{
	struct way *way = way_here();

	if (!way)
		return 0;
	way->tw = (u64)tw;
	way->tid = bpf_get_current_pid_tgid();
	way->route = route;
	return 0;
}

static __always_inline int way_by_verdict(const struct inet_timewait_sock *tw, u32 verdict)
{
	if (verdict == TW_VERDICT(TCP_TW_SYN))
		return way_taken(tw, ROUTE_SYN);
	if (verdict == TW_VERDICT(TCP_TW_RST))
		return way_taken(tw, ROUTE_RST);
	return way_taken(tw, ROUTE_NONE);
}

static __always_inline struct aborter *aborter_of(u64 tid)
{
	u32 slot = tid & (ABORTERS - 1);

	return bpf_map_lookup_elem(&aborters, &slot);
}

static __always_inline int abort_started(const struct sock *sk)
{
	u64 tid = bpf_get_current_pid_tgid();
	struct aborter *a;

	if (sk->__sk_common.skc_state != TCP_TIME_WAIT)
		return 0;
	a = aborter_of(tid);
	if (a)
		*a = (struct aborter){.tid = tid, .tw = (u64)sk};
	return 0;
}

static __always_inline bool aborted(const struct inet_timewait_sock *tw)
{
	u64 tid = bpf_get_current_pid_tgid();
	struct aborter *a = aborter_of(tid);

	if (!a || a->tid != tid || a->tw != (u64)tw)
		return false;
	a->tw = 0;
	return true;
}

static __always_inline u8 end_of_way(struct way *way, const struct inet_timewait_sock *tw)
{
	u64 route = way->tw == (u64)tw && way->tid == bpf_get_current_pid_tgid() ? way->route : ROUTE_NONE;

	way->route = ROUTE_NONE;
	if (aborted(tw))
		return END_KILLED;
	switch (route) {
	case ROUTE_TIMER:
		return way->end.substate == TCP_TIME_WAIT ? END_EXPIRED : END_FIN_WAIT2_TIMEOUT;
	case ROUTE_PACKET:
		return END_RESET;
	case ROUTE_RST:
		return END_DATA_RESET;
	case ROUTE_SYN:
		return END_REUSED_SYN;
	case ROUTE_CONNECT:
		return END_REUSED_CONNECT;
	default:
		return netns_dying(PEEK(tw, __tw_common.skc_net.net)) ? END_PURGED : END_UNKNOWN;
	}
}

static __noinline int fentry_tw_killed(const struct inet_timewait_sock *tw)
{
	struct way *way = way_here();

	if (!way || !tw_end_begin(&way->end, tw))
		return 0;
	way->end.event.end = end_of_way(way, tw);
	return tw_end_send(&way->end);
}

/* By its record, or for want of room by the word that tw_born_untracked() left for its socket. See tw_hashed_again(). */
static __noinline int tw_is_counted(const struct inet_timewait_sock *tw)
{
	struct conn_key key;

	return record_of_tw(&key, tw) || born_find(&key);
}

/* Only sockets of TCP: DCCP's, until it went in 6.16 (2a63dd0edf38), were hashed by the same function. */
static __always_inline int fentry_tw_hashed(struct inet_timewait_sock *tw, const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP && !tw_is_counted(tw) ? tw_born(tw) : 0;
}

/* __inet_twsk_schedule(): inet_twsk_reschedule() has just set tw_substate, if this is the turn. */
static __noinline int fentry_tw_rescheduled(const struct inet_timewait_sock *tw)
{
	struct conn_key key;
	struct tw_record *r = record_of_tw(&key, tw);

	if (!r || r->ending)
		return 0;
	if (r->substate == TCP_FIN_WAIT2 && PEEK(tw, tw_substate) == TCP_TIME_WAIT)
		tw_turned(r, bpf_ktime_get_ns());
	else
		tw_restarted(r);
	return 0;
}

static __noinline int fentry_tw_refused(const struct sock *sk)
{
	struct record *r = record_find(number_of(sk));

	if (r)
		r->tw_refused = 1;
	return 0;
}

/*
 * inet_csk_accept() returned a connection. Whoever accepts owns it, and it had no owner before: at most a listener, who guesses.
 * The process goes in last, for a RST may be closing the socket right now, and asks for it.
 */
static __noinline int accepted(const struct sock *sk)
{
	struct record *r;
	u32 pid;

	if (sk->sk_protocol != IPPROTO_TCP)
		return 0;
	r = record_find(number_of(sk));
	if (!r)
		return 0;
	pid = read_current(r->id.owner_comm);
	r->id.role = ROLE_SERVER;
	r->id.owner_source = pid ? OWNER_ACCEPT : OWNER_UNKNOWN;
	barrier();
	r->id.owner_pid = pid;
	return 0;
}

#endif
