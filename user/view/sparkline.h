/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sparkline.h: how many TIME_WAITs began in the last intervals, as a line of little bars (U+2581 to U+2588). */
#ifndef TWTRACE_SPARKLINE_H
#define TWTRACE_SPARKLINE_H

#include "model/row.h"

enum { SPARKLINE_MAX = 3 * ROW_HISTORY + 1 };

/*
 * The last n intervals, at most ROW_HISTORY, oldest first: a column each, a blank where none began. The highest bar is the most
 * that began in any interval of the row's history. Returns buf.
 */
char *sparkline(char buf[SPARKLINE_MAX], const struct row *row, unsigned n);

#endif
