/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * subject.h: rows put together to what one would name when pointing at a cause: a service, not each of its workers and clients.
 *
 * A client's rows are one subject if name, endpoint and network namespace are the same; a server's if name, own port and
 * namespace are. A shell loop of curls is one subject, and so are the workers of one nginx with all their clients.
 */
#ifndef TWTRACE_SUBJECT_H
#define TWTRACE_SUBJECT_H

#include <stddef.h>

#include "finding.h"
#include "row.h"

struct subject {
	struct subject_name name;
	struct row sum; /* its key is that of the row with most closes */
};

/* Orders by service: name, role, port, and for others than servers also by address. 0: the same service. */
int service_compare(const struct process *a, const struct endpoint *ea, const struct process *b, const struct endpoint *eb);

/* What rows for subjects are grouped by, and an event for such a table: without what a subject has many of, as servers have
 * peers. */
enum { SUBJECT_GROUP = GROUP_PROCESS | GROUP_ENDPOINT | GROUP_NETNS };
struct event subject_event(const struct event *e);

/*
 * Those with the most closes first. The row that sums up others, for want of room in the table, is nobody's. *out is the
 * caller's, to be ended with subjects_free(). -ENOMEM.
 */
int subjects_make(struct subject **out, size_t *n, const struct row *const *rows, size_t nrows);
/* NULL is fine. */
void subjects_free(struct subject *subjects, size_t n);

#endif
