// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * probe.bpf.c: programs that do nothing, one for each function that backend fentry needs: whether the kernel lets it be traced is
 * found out by loading and attaching them, for a moment. Those for functions this kernel does not have are left out by the
 * loader.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define PROBE(type, function)                                                                                                    \
	SEC("?" #type "/" #function)                                                                                             \
	int type##_##function(void *ctx)                                                                                         \
	{                                                                                                                        \
		return 0;                                                                                                        \
	}

PROBE(fentry, inet_twsk_hashdance)
PROBE(fentry, inet_twsk_hashdance_schedule)
PROBE(fentry, __inet_twsk_schedule)
PROBE(fentry, inet_twsk_kill)
PROBE(fentry, tw_timer_handler)
PROBE(fexit, tcp_timewait_state_process)
PROBE(fexit, tcp_twsk_unique)
PROBE(fentry, tcp_abort)
PROBE(fexit, inet_twsk_alloc)
PROBE(fexit, inet_csk_accept)
