/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* streams.h: standard output and the signals that end writing to it, as every command needs them. Failures are said on stderr. */
#ifndef TWTRACE_STREAMS_H
#define TWTRACE_STREAMS_H

#include "output.h"
#include "signals.h"

/* 0 or -errno. Signals are not opened yet. */
int streams_open(struct signals *signals, struct output *output);
/* signals_open(). 0 or -errno. */
int streams_heed(struct signals *signals);
/* Writes out what has been printed so far. 0 or -errno; -EPIPE, whoever read it had enough, is not said. */
int streams_flush(struct output *output);
void streams_close(struct signals *signals, struct output *output);

#endif
