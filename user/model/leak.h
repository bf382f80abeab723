/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* leak.h: the connections a service leaks in CLOSE_WAIT, added up over all its peers. */
#ifndef TWTRACE_LEAK_H
#define TWTRACE_LEAK_H

#include "census.h"
#include "finding.h"

struct leak {
	struct subject_name name; /* netns: 0 */
	struct census_count count;
};

/*
 * One for each service that has any, the largest first. Connections older than the tracer, of which nobody knows who opened them,
 * go with the largest leak of the same name. *out is the caller's to free(). -ENOMEM.
 */
int leaks_make(struct leak **out, size_t *n, const struct census_row *const *rows, size_t nrows);

#endif
