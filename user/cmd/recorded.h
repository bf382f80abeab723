/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recorded.h: reads recordings for a command: on a terminal says how far it is, stops at a signal, and at the end says on stderr
 * what was wrong with them.
 */
#ifndef TWTRACE_RECORDED_H
#define TWTRACE_RECORDED_H

#include "signals.h"
#include "source/recording.h"

/*
 * Reads the n files, into *out, which is to be closed, also after a failure (NULL then, maybe). 0: also when a signal came; or
 * -errno, said on stderr: nothing could be read.
 */
int recorded_read(struct recording **out, const char *const *paths, unsigned n, struct signals *signals, recording_event_fn fn,
		  void *ctx);

#endif
