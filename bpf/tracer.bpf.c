// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tracer.bpf.c: the hooks and nothing else: where they attach, since which kernel, then a call into the state machine.
 * BTF tracepoints need no trampoline and exist on every architecture since 5.5; the ring buffer asks for 5.8.
 */
#include "connection.h"
#include "seed.h"
#include "timer_backend.h"
#include "fentry_backend.h"

/*
 * Every hook is on or none is. Attaching takes the kernel some time, and taking an fentry program off even a tenth of a second; a
 * TIME_WAIT whose birth is seen but not its socket's end, or the other way round, would spoil the totals.
 */
__u8 watching;

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * BPF skips a program that is on this CPU already (recursion_misses): a softirq that comes while state_change() runs in process
 * context would lose its transitions, and so would whatever runs on a CPU while a task is preempted inside it (kernels whose
 * tracepoints can be preempted). So state_change() leaves a note of what it handled, and state_change_again(), next at the same
 * tracepoint, takes the note away or, finding none, handles the transition itself. The note is found by the socket, since a task
 * may move to another CPU in between; CPUs write to different places.
 */
#define NOTES 4
#define NOTE_PAGES 4096

struct note {
	u64 sk; /* 0: none */
	u32 old;
	u32 new;
};

struct notes {
	struct note note[NOTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NOTE_PAGES);
	__type(key, u32);
	__type(value, struct notes);
} notes SEC(".maps");

static __always_inline struct notes *notes_of(const struct sock *sk)
{
	u32 page = (sk->__sk_common.skc_hash ^ sk->__sk_common.skc_dport) & (NOTE_PAGES - 1);

	return bpf_map_lookup_elem(&notes, &page);
}

static __always_inline void note_leave(struct notes *n, const struct sock *sk, u32 old, u32 new)
{
	n->note[bpf_get_smp_processor_id() & (NOTES - 1)] = (struct note){(u64)sk, old, new};
}

static __always_inline bool note_take(struct notes *n, const struct sock *sk, u32 old, u32 new)
{
	for (int i = 0; i < NOTES; i++) {
		struct note *note = &n->note[i];

		if (note->sk == (u64)sk && note->old == old && note->new == new) {
			note->sk = 0;
			return true;
		}
	}
	return false;
}

/* inet_sock_set_state: 4.16, 563e0bb0dc74 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_change, const struct sock *sk, const int old, const int new)
{
	struct notes *n = notes_of(sk);

	if (!n || !watching)
		return 0;
	connection_transition(sk, old, new);
	note_leave(n, sk, old, new);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_change_again, const struct sock *sk, const int old, const int new)
{
	struct notes *n = notes_of(sk);

	if (n && watching && !note_take(n, sk, old, new))
		connection_transition(sk, old, new);
	return 0;
}

/* tcp_destroy_sock: 4.15, e1a4aa50f477 */
SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(destroy, const struct sock *sk)
{
	if (watching && pending_count)
		pending_resolve(sk, (const struct task_struct *)bpf_get_current_task(), OWNER_CLOSE);
	return 0;
}

/* tcp_send_reset: 4.15, c24b14c46bb8. sk may be NULL or an inet_timewait_sock since 6.10. */
SEC("tp_btf/tcp_send_reset")
int BPF_PROG(send_reset, const struct sock *sk)
{
	struct conn_key key;
	struct record *r;

	if (!sk || !watching)
		return 0;
	if (sk->__sk_common.skc_state == TCP_TIME_WAIT)
		key_of_tw(&key, (const struct inet_timewait_sock *)sk);
	else
		key_of_sock(&key, sk);
	r = bpf_map_lookup_elem(&records, &key);
	if (r)
		r->rst_sent = 1;
	return 0;
}

/* timer_start, timer_cancel, timer_expire_entry: 2.6.32 */
SEC("?tp_btf/timer_start")
int BPF_PROG(timer_started, struct timer_list *timer)
{
	const void *function = timer->function;

	if (!watching)
		return 0;
	if (function == &tw_timer_handler)
		return timer_tw_started(timer_tw(timer));
	if (limbo_count)
		timer_other_started(timer, &reqsk_timer_handler && function == &reqsk_timer_handler);
	return 0;
}

SEC("?tp_btf/timer_cancel")
int BPF_PROG(timer_cancelled, struct timer_list *timer)
{
	if (watching && timer->function == &tw_timer_handler)
		timer_tw_cancelled(timer_tw(timer));
	return 0;
}

SEC("?tp_btf/timer_expire_entry")
int BPF_PROG(timer_expired, struct timer_list *timer)
{
	if (watching && timer->function == &tw_timer_handler)
		timer_tw_expired(timer_tw(timer));
	return 0;
}

/*
 * Backend fentry. inet_twsk_hashdance() until 6.10, inet_twsk_hashdance_schedule() since (b334b924c9b7); on entry the object is
 * complete, and nobody else sees it yet.
 */
SEC("?fentry/inet_twsk_hashdance")
int BPF_PROG(tw_hashed_before_6_11, struct inet_timewait_sock *tw, struct sock *sk)
{
	return watching ? fentry_tw_hashed(tw, sk) : 0;
}

SEC("?fentry/inet_twsk_hashdance_schedule")
int BPF_PROG(tw_hashed, struct inet_timewait_sock *tw, struct sock *sk)
{
	return watching ? fentry_tw_hashed(tw, sk) : 0;
}

/*
 * Since 6.11 tcp_time_wait() leaves it to that function to turn bottom halves off, so a softirq may come while tw_hashed() runs
 * on a socket's backlog, and its births find that program busy. They find this one free, and the other way round. Whichever runs
 * first counts it (a trampoline begins with the one attached last).
 */
SEC("?fentry/inet_twsk_hashdance_schedule")
int BPF_PROG(tw_hashed_again, struct inet_timewait_sock *tw, struct sock *sk)
{
	return watching ? fentry_tw_hashed(tw, sk) : 0;
}

/*
 * Its part that arms the timer for the first time is inlined into inet_twsk_hashdance_schedule() here and there. `rearm` is a
 * bool; what is above its byte is nobody's.
 */
SEC("?fentry/__inet_twsk_schedule")
int BPF_PROG(tw_scheduled, struct inet_timewait_sock *tw, int timeo, u8 rearm)
{
	return watching && rearm ? fentry_tw_rescheduled(tw) : 0;
}

SEC("?fentry/inet_twsk_kill")
int BPF_PROG(tw_killed, struct inet_timewait_sock *tw)
{
	return watching ? fentry_tw_killed(tw) : 0;
}

SEC("?fentry/tw_timer_handler")
int BPF_PROG(tw_expired, struct timer_list *timer)
{
	return way_taken(timer_tw(timer), ROUTE_TIMER);
}

SEC("?fentry/tcp_timewait_state_process")
int BPF_PROG(tw_packet, struct inet_timewait_sock *tw)
{
	return way_taken(tw, ROUTE_PACKET);
}

SEC("?fexit/tcp_timewait_state_process")
int tw_packet_done(u64 *ctx)
{
	const struct inet_timewait_sock *tw = (const void *)CTX_WORD(ctx, 0);

	switch (state_process_args) {
	case 3:
		return way_by_verdict(tw, CTX_WORD(ctx, 3));
	case 4:
		return way_by_verdict(tw, CTX_WORD(ctx, 4));
	case 5:
		return way_by_verdict(tw, CTX_WORD(ctx, 5));
	}
	return 0;
}

SEC("?fexit/tcp_twsk_unique")
int BPF_PROG(tw_reusable, struct sock *sk, struct sock *tw, void *twp, int unique)
{
	return unique ? way_taken((const void *)tw, ROUTE_CONNECT) : 0;
}

SEC("?fentry/tcp_abort")
int BPF_PROG(abort_begins, struct sock *sk)
{
	return abort_started(sk);
}

SEC("?fexit/inet_csk_accept")
int accept_done(u64 *ctx)
{
	const struct sock *sk = NULL;

	if (accept_args == 2)
		sk = (const void *)CTX_WORD(ctx, 2);
	else if (accept_args == 4)
		sk = (const void *)CTX_WORD(ctx, 4);
	return watching && sk ? accepted(sk) : 0;
}

/* BPF iterators: task_file 5.8, tcp and bpf_map_elem 5.9 */
SEC("iter/task_file")
int seed_files(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;

	return task && file ? seed_file(task, file) : 0;
}

SEC("?iter/tcp")
int seed_sockets(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;

	return skc ? seed_socket(skc) : 0;
}

SEC("?iter/tcp")
int walk_sockets(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;

	return skc ? walk_socket(skc) : 0;
}

SEC("?iter/bpf_map_elem")
int walk_records(struct bpf_iter__bpf_map_elem *ctx)
{
	struct conn_key *key = ctx->key;
	struct record *value = ctx->value;

	return key && value ? walk_record(key, value) : 0;
}

SEC("?iter/bpf_map_elem")
int flush_pending(struct bpf_iter__bpf_map_elem *ctx)
{
	const struct event *value = ctx->value;
	struct event e;

	if (!value)
		return 0;
	__builtin_memcpy(&e, value, sizeof(e));
	close_send(&e);
	return 0;
}
