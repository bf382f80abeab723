/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * session.h: what all commands that trace have in common: begin, sum up, end; loop.h runs what is between.
 *
 * Functions return 0 or -errno, and have said one line on stderr if they failed; but for -EPIPE, which ends quietly: whoever read
 * our output has had enough.
 */
#ifndef TWTRACE_SESSION_H
#define TWTRACE_SESSION_H

#include <sys/utsname.h>

#include "model/summary.h"
#include "options.h"
#include "output.h"
#include "signals.h"
#include "source/tracer.h"

struct session {
	const struct options *options; /* borrowed */
	struct tracer *tracer;
	struct signals signals;
	struct output output;
	struct utsname kernel;
	__u64 start;        /* CLOCK_MONOTONIC ns, when every hook was on */
	__s64 clock_offset; /* what to add to CLOCK_MONOTONIC ns to get ns since 1970 */
	bool stopped;       /* every hook is off: the totals are final and must add up */
	int failed;         /* set by an event handler that cannot go on: -errno, already said */
};

__u64 session_now(void); /* CLOCK_MONOTONIC ns */

/* Sets everything up and says "twtrace: ready …" on stderr. After a failure there is nothing to end. */
int session_begin(struct session *s, const struct options *options);
/* Writes out what has been printed so far. */
int session_flush(struct session *s);
/* How things stand. Not cheap: once a refresh, not once an event. */
int session_summary(struct session *s, struct summary *out);
/* Writes out what is left if r is 0, takes everything down; returns an enum exit_code for r. */
int session_end(struct session *s, int r);

#endif
