/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* loop.h: the one place that waits: for events, signals, the clock, and for the reader of our output to leave. */
#ifndef TWTRACE_LOOP_H
#define TWTRACE_LOOP_H

#include "session.h"

/* 0 when it is time to stop, -EPIPE when nobody reads our output any more, or what failed. */
int loop_run(struct session *s, const struct handlers *handlers);

#endif
