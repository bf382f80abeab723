// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* witness.bpf.c: how many TCP transitions, and ends of TIME_WAITs by their timer, a BPF program sees: see witness.sh. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u64 tw_timer_handler; /* its address; set before load */
__u64 seen;

SEC("tp_btf/inet_sock_set_state")
int see_transition(void *ctx)
{
	__sync_fetch_and_add(&seen, 1);
	return 0;
}

SEC("tp_btf/timer_expire_entry")
int BPF_PROG(see_expiry, struct timer_list *timer)
{
	if ((__u64)timer->function == tw_timer_handler)
		__sync_fetch_and_add(&seen, 1);
	return 0;
}
