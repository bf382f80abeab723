/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * output.h: standard output as a buffered stream that never leaves us stuck.
 *
 * A pipe whose reader sleeps, or a terminal stopped with Ctrl-S, would block write(2), and a signal that waits in a signalfd
 * could not end that. So before each write we wait for room and for signals; when a signal asks to stop and still nobody reads,
 * we give up a moment later.
 */
#ifndef TWTRACE_OUTPUT_H
#define TWTRACE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "signals.h"

struct output {
	FILE *file; /* write to this */
	int fd;
	int error;    /* the first one, -errno; nothing is written any more */
	bool is_file; /* cannot block */
	struct signals *signals;
	char *buffer;
};

/* -EBADF if fd is closed, -ENOMEM. fd is not taken over. signals is borrowed. */
int output_open(struct output *o, int fd, struct signals *signals);
/* Writes all that is in the buffer. -EPIPE: nobody reads any more; -ETIMEDOUT: told to stop, and nobody reads; others as
 * write(2). */
int output_flush(struct output *o);
/* Drops what has not been flushed. */
void output_close(struct output *o);

#endif
