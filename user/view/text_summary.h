/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_summary.h: the whole run for people. Writes to a stream; its errors are those of the stream. */
#ifndef TWTRACE_TEXT_SUMMARY_H
#define TWTRACE_TEXT_SUMMARY_H

#include <stdio.h>

#include "model/summary.h"

/* " (fin 3, rst 1)": those of n counts that are not 0, by their names; nothing if all are. */
void text_parts(FILE *out, const __u64 *counts, unsigned n, const char *(*name)(unsigned));

/* How many lines text_summary() writes. */
enum { TEXT_SUMMARY_LINES = 7 };

/* What was lost is always said, also when it is nothing. */
void text_summary(FILE *out, const struct summary *s);

/* What got lost, by kind: "0", "3 (overwritten 3)". */
void text_lost(FILE *out, const struct summary *s);

/*
 * What recorded events add up to, where no totals of the kernel tell all: s, of which only the parts that events have are used.
 * passed: how many of the events that were read passed the filter. lost: what the tracer said of its losses; NULL: nothing.
 */
void text_counted(FILE *out, const struct summary *s, __u64 passed, __u64 events, const struct summary *lost);

/*
 * One line above a table: local time of day, what is in place now, what got lost. unix_ns: ns since 1970, tw_rate: TIME_WAITs
 * begun per second. width: terminal columns there are, 0: no limit.
 */
void text_status(FILE *out, const struct summary *s, __u64 unix_ns, double tw_rate, size_t width);

#endif
