/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* screen_row.h: all that is known of one row, as lines of text. Writes to a stream; its errors are those of the stream. */
#ifndef TWTRACE_SCREEN_ROW_H
#define TWTRACE_SCREEN_ROW_H

#include <stdio.h>

#include "model/recent.h"
#include "model/row.h"

/* Who it is, in one line without its end. by: what rows are grouped by. */
void screen_row_title(FILE *out, const struct row *row, unsigned by);
/*
 * Counts, causes, the last closes, histograms. recent: watches this row; NULL: last closes are not known. clock_offset: what to
 * add to an event's ts to get ns since 1970.
 */
void screen_row(FILE *out, const struct row *row, const struct recent *recent, __s64 clock_offset, size_t width);

#endif
