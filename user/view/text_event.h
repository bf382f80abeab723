/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_event.h: events as lines for people. Writes to a stream; its errors are those of the stream. */
#ifndef TWTRACE_TEXT_EVENT_H
#define TWTRACE_TEXT_EVENT_H

#include <stdio.h>

#include "event.h"

enum { TEXT_EVENT_COLUMNS = 11 };

/* Columns grow with what was seen, as a stream cannot be measured beforehand. Zero it to begin with. */
struct text_events {
	unsigned widths[TEXT_EVENT_COLUMNS];
};

void text_events_header(struct text_events *state, FILE *out);
/* clock_offset: what to add to the event's ts to get ns since 1970. */
void text_event(struct text_events *state, FILE *out, const struct event *e, __s64 clock_offset);

#endif
