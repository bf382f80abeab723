/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snapshot.h: commands that look at what is there now: at once, after tracing for a while, or at every interval. */
#ifndef TWTRACE_SNAPSHOT_H
#define TWTRACE_SNAPSHOT_H

#include <stddef.h>

#include "session.h"

struct snapshot {
	tracer_event_fn event;    /* for all that happens before */
	int (*take)(void *ctx); /* look and print: 0, or -errno, already said */
	void *ctx;
};

/*
 * Takes one when the duration is over, or at once if none was given; with an interval, one at the end of each,
 * in text under a line with the time of day. All events so far have
 * been handed on before. 0 or -errno, as loop_run_and_stop().
 */
int snapshot_run(struct session *s, const struct snapshot *snapshot);
/* How many rows to show: what the user said, otherwise what a person on a terminal will read, or all that the table keeps. */
size_t snapshot_rows(const struct options *options);

#endif
