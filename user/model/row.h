/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * row.h: what is known of one process' connections to one endpoint, and what follows from it.
 *
 * Counts run from the start of the trace; only tw_rate is of the last interval. Rows belong to a table (table.h), which alone
 * changes them.
 */
#ifndef TWTRACE_ROW_H
#define TWTRACE_ROW_H

#include <uthash.h>

#include "event.h"
#include "histogram.h"
#include "meaning.h"

/* Compared and hashed as bytes: no padding, unused bytes zero. */
struct row_key {
	struct process process; /* pid 0: unknown */
	struct endpoint endpoint;
};

struct row {
	struct row_key key;
	__u64 closed[CLOSER_MAX][HOW_MAX];
	__u64 causes[CAUSE_MAX]; /* of the closes by this side */
	__u64 unanswered;        /* timeouts of connections that never sent anything twice: keepalive got no answer */
	__u64 busy;              /* bit n: a connection closed, or failed to open, in a second s of the clock with s % 64 == n */
	__u32 netns;             /* network namespace, its inode number; 0: unknown, or several */
	__u64 connect_failed[REASON_MAX];
	__u64 tw_entered; /* sockets that left an inet_timewait_sock behind, even if it was still in FIN_WAIT2 */
	__u64 tw_skipped;
	__u64 tw_ended[END_MAX];    /* of those entered and of those older than the tracer */
	__s64 tw_now;               /* entered and not ended, but for those event_tw_older() */
	struct histogram tw_length; /* ns in TIME_WAIT, of those that ended */
	double tw_rate;             /* entered per second in the last interval */
	__u64 tw_entered_at_tick;
	UT_hash_handle hh;
};

__u64 row_closes(const struct row *row);
__u64 row_closed_by(const struct row *row, enum closer closer);
/* By nobody's will: the peer did not answer. */
__u64 row_timeouts(const struct row *row);
__u64 row_connect_failed(const struct row *row);
/* In how many seconds of the clock something closed or failed to open, as far as busy tells: at most 64. */
unsigned row_busy_seconds(const struct row *row);
/* In place now, of those that began under the tracer. Counts those still in FIN_WAIT2 too, as no event tells when they turn. */
__u64 row_tw_now(const struct row *row);

#endif
