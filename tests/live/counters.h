/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * counters.h: the kernel's own TCP counters of the calling process' network namespace: the referee that knows nothing of us.
 */
#ifndef LIVE_COUNTERS_H
#define LIVE_COUNTERS_H

#include <stdbool.h>

enum counter {
	TW, TW_RECYCLED, TW_KILLED, TW_OVERFLOW, ABORT_ON_DATA, ABORT_ON_CLOSE, ABORT_ON_MEMORY, ABORT_ON_TIMEOUT,
	ABORT_ON_LINGER, ABORT_FAILED, ACTIVE_OPENS, PASSIVE_OPENS, ATTEMPT_FAILS, ESTAB_RESETS, OUT_RSTS, COUNTERS_MAX,
};

extern const char *const counter_names[COUNTERS_MAX]; /* as in /proc/net/netstat and /proc/net/snmp */

struct counters {
	long long value[COUNTERS_MAX];
};

/* 0 or -errno. A counter this kernel does not have reads 0. */
int counters_read(struct counters *c);
struct counters counters_since(const struct counters *now, const struct counters *then);
/* "NAME=N NAME=N…"; those not named are 0. -EINVAL: no such counter. */
int counters_parse(struct counters *c, const char *text);
/*
 * TW and TWKilled count when a TIME_WAIT begins (since 6.1; before that when its timer expires, and not at all when it ends
 * in another way, so that they cannot be compared).
 */
bool counters_tw_at_begin(void);

/* TCP sockets and TIME_WAITs in the namespace; -errno. */
int tcp_sockets_left(void);
int tcp_timewaits_left(void);

#endif
