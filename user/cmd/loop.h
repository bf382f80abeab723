/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* loop.h: the one place that waits: for events, signals, the clock, and for the reader of our output to leave. */
#ifndef TWTRACE_LOOP_H
#define TWTRACE_LOOP_H

#include "session.h"

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

/* Until a signal, the duration or the last interval. 0, -EPIPE when nobody reads our output any more, or what failed. */
int loop_run(struct session *s, const struct handlers *handlers);
/* The same; then detaches the hooks and hands on the last events. */
int loop_run_and_stop(struct session *s, const struct handlers *handlers);

#endif
