/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* diagnosis.h: what a doctor does once all facts are in, be they live or recorded. */
#ifndef TWTRACE_DIAGNOSIS_H
#define TWTRACE_DIAGNOSIS_H

#include <stdbool.h>
#include <stdio.h>

#include "model/rules.h"
#include "model/table.h"

/* A table for subjects, and what to add to it. 0 or -errno, not said. */
int diagnosis_table(struct table **out, __u64 now);
int diagnosis_add(struct table *table, const struct event *e);
/* Makes facts->subjects out of the rows; to be ended with subjects_free(). 0, or -errno, said on stderr. */
int diagnosis_subjects(struct subject **out, const struct table *table, struct facts *facts);
/*
 * Judges, and writes findings and summary to out. ts: CLOCK_MONOTONIC ns, clock_offset: what to add to it for ns since 1970. 0,
 * or -errno, said on stderr.
 */
int diagnosis_print(FILE *out, const struct facts *facts, bool json, __u64 ts, __s64 clock_offset);

#endif
