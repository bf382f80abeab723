// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * null.bpf.c: what being called costs: programs that do nothing, at the tracepoints that twtrace uses. What twtrace costs above
 * this is its own doing.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define NOTHING(tracepoint)                                                                                                      \
	SEC("tp_btf/" #tracepoint)                                                                                               \
	int null_##tracepoint(void *ctx)                                                                                         \
	{                                                                                                                        \
		return 0;                                                                                                        \
	}

NOTHING(inet_sock_set_state)
NOTHING(tcp_destroy_sock)
NOTHING(tcp_send_reset)
NOTHING(tcp_receive_reset)
NOTHING(timer_start)
NOTHING(timer_cancel)
NOTHING(timer_expire_entry)
