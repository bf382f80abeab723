/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sparkline.c: see sparkline.h. */
#include "sparkline.h"

#include <string.h>

enum { LEVELS = 8 };

static unsigned highest_of(const struct row *row)
{
	unsigned highest = 1;

	for (unsigned i = 0; i < ROW_HISTORY; i++)
		if (row->history[i] > highest)
			highest = row->history[i];
	return highest;
}

char *sparkline(char buf[SPARKLINE_MAX], const struct row *row, unsigned n)
{
	unsigned highest = highest_of(row);
	char *end = buf;

	for (unsigned ago = n < ROW_HISTORY ? n : ROW_HISTORY; ago--;) {
		/* Anything at all is seen. */
		unsigned level = (row_history(row, ago) * LEVELS + highest - 1) / highest;

		if (level) {
			memcpy(end, "\xe2\x96\x80", 3);
			end[2] = (char)(end[2] + (int)level);
		} else {
			*end = ' ';
		}
		end += level ? 3 : 1;
	}
	*end = '\0';
	return buf;
}
