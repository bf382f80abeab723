/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* line.h: what a JSON line says, value by value, and the event or the summary that it makes. */
#ifndef TWTRACE_LINE_H
#define TWTRACE_LINE_H

#include <stdbool.h>

#include "event.h"
#include "model/summary.h"
#include "schema.h"

enum { LINE_TEXT_MAX = 256 };

struct line {
	__u64 number;         /* which line, from 1 */
	__u64 seen;           /* bits of the keys below K_PARTS that it has */
	__u64 null;           /* the same, of those whose value is null */
	__u64 seen_on[K_MAX]; /* the number of the last line that had this key */
	/* By key: what its value stands for: a number, the value of an enum, a flag, the family of an address, ns since 1970. */
	__u64 values[K_MAX];
	__u8 laddr[16], raddr[16];
	char comm[COMM_LEN], opener_comm[COMM_LEN], closer_comm[COMM_LEN];
	char backend[LINE_TEXT_MAX], backend_why[LINE_TEXT_MAX], kernel[LINE_TEXT_MAX];
};

/* All keys are there that the type must have, each with a value that it may have. False: but they contradict each other. */
bool line_event(const struct line *line, struct event *e);
/* The strings in s are those of line. */
bool line_summary(const struct line *line, struct summary *s);

#endif
