// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* witness.bpf.c: how many TCP transitions on top of process 1 a BPF program does see: see witness.sh. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u64 seen;

SEC("tp_btf/inet_sock_set_state")
int see_transition(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == 1)
		__sync_fetch_and_add(&seen, 1);
	return 0;
}
