/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recorded.h: reads recordings for a command: on a terminal says how far it is, stops at a signal, and at the end says on stderr
 * what was wrong with them.
 */
#ifndef TWTRACE_RECORDED_H
#define TWTRACE_RECORDED_H

#include "model/table.h"
#include "options.h"
#include "signals.h"
#include "source/recording.h"

/*
 * Reads the n files, into *out, which is to be closed, also after a failure (it may be NULL then). 0: also when a signal came; or
 * -errno, said on stderr: nothing could be read.
 */
int recorded_read(struct recording **out, const char *const *paths, unsigned n, struct signals *signals, recording_event_fn fn,
		  void *ctx);

enum { RECORDED_NAME_MAX = 128 };

/* What to call it on a terminal, maybe cut. */
const char *recorded_name(char buf[RECORDED_NAME_MAX], const char *path);

/* Recordings as a table. Its rates are those over all of them (struct recording_state). */
struct recorded_table {
	struct recording *recording;
	struct table *table;                               /* may be given: then that one is filled */
	int (*add)(struct table *, const struct event *e); /* may be given, instead of table_add() */
	const struct filter *filter; /* borrowed */
	__u64 passed;                /* events that the filter let through */
	__u64 last_ts;               /* of all that were read: ns since 1970 */
	int failed;
};

/* With filter and grouping of options. After a failure, too, there may be something to free. */
int recorded_table_read(struct recorded_table *t, const struct options *options, const char *const *paths, unsigned n,
			struct signals *signals);
void recorded_table_free(struct recorded_table *t);

#endif
