/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * row.h: what is known of the connections that have one key (group.h), such as one process' to one endpoint, and what follows
 * from it.
 *
 * Counts run from the start of the trace; rates and history are of the last intervals. Rows belong to a table (table.h), which
 * alone changes them.
 */
#ifndef TWTRACE_ROW_H
#define TWTRACE_ROW_H

#include <uthash.h>

#include "event.h"
#include "group.h"
#include "histogram.h"

enum { ROW_HISTORY = 24 }; /* intervals */

/*
 * A client that has sent no more than this has made few requests, or one: it is what HTTP servers commonly take as the header of
 * one request. A hundred requests on a kept connection are more.
 */
enum { ROW_BRIEF_BYTES = 8192 };

struct row {
	struct row_key key; /* of a row that sums up others: zero */
	UT_hash_handle hh;  /* beside the key: both are looked at to find a row */
	__u64 folded;       /* how many rows are summed up in this one; 0: it is a row of its own */
	/*
	 * CLOCK_MONOTONIC ns. Not 0: the table had been full before this row began, so what was earlier may be in the row that
	 * sums up others.
	 */
	__u64 since;
	__u64 closed[CLOSER_MAX][HOW_MAX];
	__u64 causes[CAUSE_MAX]; /* of the closes by this side */
	__u64 unanswered;        /* timeouts of connections that never sent anything twice: keepalive got no answer */
	__u64 brief;    /* closes of connections on which the client, this side or the peer, had sent ROW_BRIEF_BYTES or less */
	__u64 busy;     /* bit n: a connection closed, or failed to open, in a second s of the clock with s % 64 == n */
	__u64 busy_rst; /* the same for connections that this side closed by a RST */
	__u64 cgroup;   /* of all its connections; 0: unknown, or several */
	__u32 netns;    /* network namespace, its inode number; likewise */
	__u16 history[ROW_HISTORY]; /* TIME_WAITs begun in each of the last intervals, a ring: see row_history() */
	__u32 history_at;
	__u64 connect_failed[REASON_MAX];
	__u64 tw_entered; /* sockets that left an inet_timewait_sock behind, even if it was still in FIN_WAIT2 */
	__u64 tw_skipped;
	__u64 tw_ended[END_MAX]; /* of those entered and of those older than the tracer */
	__u64 tw_reset; /* of those ended by a RST (END_RESET), the ones that were TIME_WAITs, and not still in FIN_WAIT2 */
	__s64 tw_now;   /* entered and not ended, but for those event_tw_older() */
	struct histogram lifetime;  /* ns, ESTABLISHED to CLOSE */
	struct histogram fin_wait2; /* ns in FIN_WAIT2, once for each connection: its orphan's time is in it */
	struct histogram tw_length; /* ns in TIME_WAIT, of those that ended */
	double tw_rate;             /* entered per second in the last interval */
	double close_rate;          /* the same of closes */
	double failed_rate;         /* the same of failed connects */
	__u64 tw_entered_at_tick, closes_at_tick, failed_at_tick;
};

__u64 row_closes(const struct row *row);
__u64 row_closed_by(const struct row *row, enum closer closer);
/* By nobody's will: the peer did not answer. */
__u64 row_timeouts(const struct row *row);
__u64 row_connect_failed(const struct row *row);
/* In place now, of those that began under the tracer. Counts those still in FIN_WAIT2 too, as no event tells when they turn. */
__u64 row_tw_now(const struct row *row);
/* TIME_WAITs begun in the interval ago intervals before the last one, 0 to ROW_HISTORY - 1; 65535 stands for all that is more. */
unsigned row_history(const struct row *row, unsigned ago);

/* For tables. e: event_valid(). -ENOMEM: counted, but not in all histograms. */
int row_add(struct row *row, const struct event *e);
/* Adds all that is in other. -ENOMEM, as row_add(). */
int row_merge(struct row *row, const struct row *other);
/* The same, and counts it as folded. */
int row_fold(struct row *row, const struct row *other);
/* Ends an interval of so many seconds, more than 0. */
void row_tick(struct row *row, double seconds);
/* Frees what it owns, and makes it zero. */
void row_clear(struct row *row);

#endif
