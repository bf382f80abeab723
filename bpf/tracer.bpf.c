// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tracer.bpf.c: the hooks and nothing else: where they attach, since which kernel, then a call into the state machine.
 * BTF tracepoints need no trampoline and exist on every architecture since 5.5; the ring buffer asks for 5.8.
 */
#include "connection.h"
#include "notes.h"
#include "seed.h"
#include "timer_backend.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* inet_sock_set_state: 4.16, 563e0bb0dc74 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_change, const struct sock *sk, const int old, const int new)
{
	if (!shared.watching)
		return 0;
	connection_transition(sk, old, new);
	if (twice)
		note_leave(sk, old, new);
	return 0;
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(state_change_again, const struct sock *sk, const int old, const int new)
{
	if (shared.watching && !note_take(sk, old, new))
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

	if (!sk)
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
	const void *function = timer->function;

	if (function == &tw_timer_handler)
		return shared.watching ? timer_tw_started(timer_tw(timer)) : 0;
	if (limbo_count)
		timer_other_started(timer, &reqsk_timer_handler && function == &reqsk_timer_handler);
	return 0;
}

SEC("?tp_btf/timer_cancel")
int BPF_PROG(timer_cancelled, struct timer_list *timer)
{
	if (timer->function == &tw_timer_handler && shared.watching)
		timer_tw_cancelled(timer_tw(timer));
	return 0;
}

SEC("?tp_btf/timer_expire_entry")
int BPF_PROG(timer_expired, struct timer_list *timer)
{
	if (timer->function == &tw_timer_handler)
		timer_tw_expired(timer_tw(timer));
	return 0;
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
int walk_timewaits(struct bpf_iter__bpf_map_elem *ctx)
{
	const struct conn_key *key = ctx->key;
	struct tw_record *r = ctx->value;

	return key && r ? walk_timewait(key, r) : 0;
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
