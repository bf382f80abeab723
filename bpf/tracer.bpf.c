// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tracer.bpf.c: the hooks and nothing else: where they attach, since which kernel, then a call into the state machine.
 * BTF tracepoints need no trampoline and exist on every architecture since 5.5; the ring buffer asks for 5.8.
 */
#include "connection.h"
#include "notes.h"
#include "seed.h"
#include "census.h"
#include "timer_backend.h"
#include "fentry_backend.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* inet_sock_set_state: 4.16, 563e0bb0dc74 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_change, const struct sock *sk, const int old, const int new)
{
	if (!shared.watching)
		return 0;
	connection_transition(sk, old, new);
	if (watched_twice)
		note_leave(sk, old, new);
	return 0;
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(state_change_again, const struct sock *sk, const int old, const int new)
{
	if (!shared.watching)
		return 0;
	if (!note_take(sk, old, new))
		connection_transition(sk, old, new);
	return 0;
}

/* tcp_destroy_sock: 4.15, e1a4aa50f477 */
SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(destroy, const struct sock *sk)
{
	if (shared.watching)
		connection_destroyed(sk);
	if (shared.pending_count)
		pending_resolve(sk, (const struct task_struct *)bpf_get_current_task(), OWNER_CLOSE);
	return 0;
}

/* tcp_send_reset: 4.15, c24b14c46bb8. sk may be NULL or an inet_timewait_sock since 6.10. */
SEC("tp_btf/tcp_send_reset")
int BPF_PROG(send_reset, const struct sock *sk)
{
	struct tw_record *t;
	struct conn_key key;
	struct record *r;

	if (!sk || !shared.watching)
		return 0;
	if (sk->__sk_common.skc_state == TCP_TIME_WAIT) {
		t = record_of_tw(&key, (const struct inet_timewait_sock *)sk);
		if (t)
			t->rst_sent = 1;
		return 0;
	}
	r = record_find(number_of(sk));
	if (r)
		r->rst_sent = 1;
	return 0;
}

/* timer_start, timer_cancel, timer_expire_entry: 2.6.32 */
SEC("?tp_btf/timer_start")
int BPF_PROG(timer_started, struct timer_list *timer)
{
	u64 function = (u64)timer->function;

	if (function == tw_timer_handler)
		return shared.watching ? timer_tw_started(timer_tw(timer)) : 0;
	if (limbo_count)
		timer_other_started(timer, reqsk_timer_handler && function == reqsk_timer_handler);
	return 0;
}

SEC("?tp_btf/timer_cancel")
int BPF_PROG(timer_cancelled, struct timer_list *timer)
{
	if ((u64)timer->function != tw_timer_handler)
		return 0;
	barrier(); /* most timers are another's: for them, nothing else is to be read */
	if (shared.watching)
		timer_tw_cancelled(timer_tw(timer));
	return 0;
}

SEC("?tp_btf/timer_expire_entry")
int BPF_PROG(timer_expired, struct timer_list *timer)
{
	if ((u64)timer->function == tw_timer_handler)
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
	return shared.watching ? fentry_tw_hashed(tw, sk) : 0;
}

SEC("?fentry/inet_twsk_hashdance_schedule")
int BPF_PROG(tw_hashed, struct inet_timewait_sock *tw, struct sock *sk)
{
	return shared.watching ? fentry_tw_hashed(tw, sk) : 0;
}

/*
 * Since 6.11 tcp_time_wait() leaves it to that function to turn bottom halves off, so a softirq may come while tw_hashed() runs
 * on a socket's backlog, and its births find that program busy. They find this one free, and the other way round. Whichever runs
 * first counts it (a trampoline begins with the one attached last).
 */
SEC("?fentry/inet_twsk_hashdance_schedule")
int BPF_PROG(tw_hashed_again, struct inet_timewait_sock *tw, struct sock *sk)
{
	return shared.watching ? fentry_tw_hashed(tw, sk) : 0;
}

/* No inet_timewait_sock: tcp_max_tw_buckets is reached, or memory is short. The socket reaches CLOSE next. */
SEC("?fexit/inet_twsk_alloc")
int BPF_PROG(tw_allocated, const struct sock *sk, void *death_row, int state, struct inet_timewait_sock *tw)
{
	return shared.watching && !tw ? fentry_tw_refused(sk) : 0;
}

/*
 * Its part that arms the timer for the first time is inlined into inet_twsk_hashdance_schedule() here and there. `rearm` is a
 * bool; what is above its byte is nobody's.
 */
SEC("?fentry/__inet_twsk_schedule")
int BPF_PROG(tw_scheduled, struct inet_timewait_sock *tw, int timeo, u8 rearm)
{
	return shared.watching && rearm ? fentry_tw_rescheduled(tw) : 0;
}

SEC("?fentry/inet_twsk_kill")
int BPF_PROG(tw_killed, struct inet_timewait_sock *tw)
{
	return shared.watching ? fentry_tw_killed(tw) : 0;
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
	return shared.watching && sk ? accepted(sk) : 0;
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
int walk_near(struct bpf_iter__bpf_map_elem *ctx)
{
	const struct place *place = ctx->value;

	return place ? walk_record(&place->r) : 0;
}

SEC("?iter/bpf_map_elem")
int walk_far(struct bpf_iter__bpf_map_elem *ctx)
{
	const struct record *r = ctx->value;

	return r ? walk_record(r) : 0;
}

SEC("?iter/bpf_map_elem")
int hand_out(struct bpf_iter__bpf_map_elem *ctx)
{
	const u32 *at = ctx->key;

	return at ? tw_hand_out(*at) : 0;
}

SEC("?iter/bpf_map_elem")
int walk_pool(struct bpf_iter__bpf_map_elem *ctx)
{
	struct tw_place *p = ctx->value;

	return p && p->r.tw ? walk_timewait(&p->key, &p->r) : 0;
}

SEC("?iter/bpf_map_elem")
int walk_timewaits(struct bpf_iter__bpf_map_elem *ctx)
{
	const struct conn_key *key = ctx->key;
	struct tw_record *r = ctx->value;

	return key && r ? walk_timewait(key, r) : 0;
}

SEC("?iter/task_file")
int census_files(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;

	return task && file ? census_file(task, file, ctx->meta->seq) : 0;
}

SEC("?iter/tcp")
int census_sockets(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;

	return skc ? census_socket(skc, ctx->meta->seq) : 0;
}

SEC("?iter/bpf_map_elem")
int flush_pending(struct bpf_iter__bpf_map_elem *ctx)
{
	const struct event *value = ctx->value;
	struct scratch *s = value ? scratch_take() : NULL;

	if (!s)
		return 0;
	__builtin_memcpy(&s->e, value, sizeof(s->e));
	close_send(&s->e);
	scratch_leave(s);
	return 0;
}
