/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_table.h: rows as a table for people. Writes to a stream; its errors are those of the stream. */
#ifndef TWTRACE_TEXT_TABLE_H
#define TWTRACE_TEXT_TABLE_H

#include "fields.h"

/*
 * A header, then n rows, each column as wide as what is in it. width: terminal columns there are; the least important fields are
 * left out until the rest fits. 0: no limit.
 */
void text_table(FILE *out, const struct columns *columns, const struct row *const *rows, size_t n, size_t width);

#endif
