/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * patience.h: how long to wait for what must come. Each deadline is ten times what a slow, busy machine without KVM was seen to need,
 * or more: it finds what hangs, and says nothing about how fast anything is.
 */
#ifndef LIVE_PATIENCE_H
#define LIVE_PATIENCE_H

enum {
	SOCKET_MS = 90000,   /* a blocking call of an actor; ends before the director gives the actor up */
	STEP_MS = 100000,    /* a step of a script, a state, a process' end */
	START_MS = 600000,   /* the tracer's start: the kernel verifies its programs */
	TIMEWAIT_MS = 600000, /* the last TIME_WAIT to go */
	LAST_WORDS_MS = 30000 /* an event's way from the kernel to the file: a second, where an owner is looked for */
};

#endif
