/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* complaint.h: what is wrong, gathered; empty means all is well. Grows no further than its room, but never loses its first words. */
#ifndef LIVE_COMPLAINT_H
#define LIVE_COMPLAINT_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct complaint {
	char text[2048];
	size_t len;
};

/* Adds one; several are set apart by "; ". */
static inline void __attribute__((format(printf, 2, 3))) complain(struct complaint *c, const char *fmt, ...)
{
	size_t room = sizeof(c->text) - c->len;
	va_list args;
	int n = c->len ? snprintf(c->text + c->len, room, "; ") : 0;

	va_start(args, fmt);
	n += (size_t)n < room ? vsnprintf(c->text + c->len + n, room - n, fmt, args) : 0;
	va_end(args);
	c->len += (size_t)n < room ? (size_t)n : room - 1;
}

#endif
