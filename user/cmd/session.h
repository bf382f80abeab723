/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * session.h: what all commands that trace have in common: begin, run until it is time to stop, sum up, end.
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

/* What a command does when something comes up. Those that return int: 0, or -errno, which ends the run. */
struct handlers {
	tracer_event_fn event;
	int (*interval)(void *ctx); /* NULL: none. Called at the end of every interval but the last one, which is the run's end */
	int (*resized)(void *ctx);  /* NULL: none. Also when the process goes on after a stop */
	int (*suspend)(void *ctx);  /* SIGTSTP came, see signals_of_terminal(): to stop the process is up to this */
	int (*keys)(void *ctx);     /* NULL: none. There is something to read on standard input */
	int (*ending)(void *ctx);   /* NULL: none. Called at the end of the run, while the hooks are still on */
	__u64 interval_ns;          /* 0: none */
	void *ctx;                  /* for all of them */
};

__u64 session_now(void); /* CLOCK_MONOTONIC ns */

/* Sets everything up and says "twtrace: ready …" on stderr. After a failure there is nothing to end. */
int session_begin(struct session *s, const struct options *options);
/* Until a signal, the duration or the last interval; then detaches the hooks and hands on the last events. */
int session_run(struct session *s, const struct handlers *handlers);
/* Writes out what has been printed so far. */
int session_flush(struct session *s);
/* How things stand. Not cheap: once a refresh, not once an event. */
int session_summary(struct session *s, struct summary *out);
/* Writes out what is left if r is 0, takes everything down; returns an enum exit_code for r. */
int session_end(struct session *s, int r);

#endif
