/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tw_bins.h: the TIME_WAITs of one pair by how long they still have to go, and what follows for the ports they hold. */
#ifndef TWTRACE_TW_BINS_H
#define TWTRACE_TW_BINS_H

#include "live_socket.h"
#include "sysctls.h"

enum { TIME_WAIT_SECONDS = 60 /* TCP_TIMEWAIT_LEN, include/net/tcp.h */, TW_BINS = TIME_WAIT_SECONDS + 1 };

/* By the whole seconds that are left to them. */
struct tw_bins {
	__u16 stamped[TW_BINS]; /* the peer sent timestamps: tcp_tw_reuse may apply */
	__u16 plain[TW_BINS];
};

/* For how long they hold their ports. */
struct tw_hold {
	unsigned first; /* the first bin of `stamped` whose TIME_WAITs hold theirs; those before could be taken over */
	__u64 ns;       /* of one that begins now: it will be like most of those that are there */
};

void tw_bins_add(struct tw_bins *bins, const struct live_socket *s);
/* may_reuse: tcp_tw_reuse allows it for this pair. */
void tw_hold_make(struct tw_hold *hold, const struct tw_bins *bins, bool may_reuse, const struct sysctls *sysctls);

__u32 tw_bins_holding(const struct tw_bins *bins, const struct tw_hold *hold);
__u32 tw_bins_reusable(const struct tw_bins *bins, const struct tw_hold *hold);
/* Begun a second, in the last ten. */
double tw_bins_rate(const struct tw_bins *bins);
/* How long until `free` more ports, and those set free meanwhile, are taken at this rate: hold->ns at most, ns. */
__u64 tw_bins_last(const struct tw_bins *bins, const struct tw_hold *hold, __u32 free, double rate);

#endif
