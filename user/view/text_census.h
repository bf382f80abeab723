/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_census.h: a census for people. Writes to a stream; its errors are those of the stream. */
#ifndef TWTRACE_TEXT_CENSUS_H
#define TWTRACE_TEXT_CENSUS_H

#include <stdio.h>

#include "model/census.h"

/*
 * The states with their counts; then the rows, a column for each state there is; then the rows that leak CLOSE_WAITs, and those with
 * orphans. by, close_wait_ns: as in census_new(). most: rows of each table, the rest is summed up in one more. 0 or -ENOMEM.
 */
int text_census(FILE *out, struct census *census, unsigned by, __u64 close_wait_ns, size_t most);

#endif
