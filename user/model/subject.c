/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* subject.c: sorts the rows so that those of one subject are neighbours, then adds them up. See subject.h. */
#include "subject.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int compare_numbers(__u64 a, __u64 b)
{
	return (a > b) - (a < b);
}

int service_compare(const struct process *a, const struct endpoint *ea, const struct process *b, const struct endpoint *eb)
{
	int r = memcmp(a->comm, b->comm, COMM_LEN);

	if (!r)
		r = compare_numbers(ea->role, eb->role);
	if (!r)
		r = compare_numbers(ea->port, eb->port);
	if (r || ea->role == ROLE_SERVER)
		return r;
	r = compare_numbers(ea->family, eb->family);
	return r ? r : memcmp(ea->addr, eb->addr, sizeof(ea->addr));
}

struct event subject_event(const struct event *e)
{
	struct event kept = *e;

	if (kept.role == ROLE_CLIENT)
		return kept;
	memset(kept.raddr, 0, sizeof(kept.raddr));
	kept.rport = 0;
	return kept;
}

/* 0: one subject. */
static int compare_subjects(const struct row *a, const struct row *b)
{
	int r = compare_numbers(a->netns, b->netns);

	return r ? r : service_compare(&a->key.process, &a->key.endpoint, &b->key.process, &b->key.endpoint);
}

/* Those of one subject by process, so that processes can be counted. */
static int compare_rows(const void *a, const void *b)
{
	const struct row *ra = *(const struct row *const *)a, *rb = *(const struct row *const *)b;
	int r = compare_subjects(ra, rb);

	return r ? r : compare_numbers(ra->key.process.pid, rb->key.process.pid);
}

static int compare_closes(const void *a, const void *b)
{
	const struct subject *sa = a, *sb = b;

	return compare_numbers(row_closes(&sb->sum), row_closes(&sa->sum));
}

/* rows: all of one subject. -ENOMEM. */
static int make_subject(struct subject *s, const struct row *const *rows, size_t n)
{
	const struct row *busiest = rows[0];

	for (size_t i = 0; i < n; i++) {
		if (row_fold(&s->sum, rows[i]))
			return -ENOMEM;
		if (row_closes(rows[i]) > row_closes(busiest))
			busiest = rows[i];
		s->name.processes += !i || rows[i]->key.process.pid != rows[i - 1]->key.process.pid;
	}
	s->sum.key = busiest->key;
	s->name.pid = busiest->key.process.pid;
	memcpy(s->name.comm, busiest->key.process.comm, COMM_LEN);
	s->name.endpoint = busiest->key.endpoint;
	s->name.netns = s->sum.netns;
	return 0;
}

static size_t same_subject(const struct row *const *rows, size_t n)
{
	size_t same = 1;

	while (same < n && !compare_subjects(rows[0], rows[same]))
		same++;
	return same;
}

static int make_all(struct subject *subjects, size_t *used, const struct row **sorted, size_t n)
{
	int r = 0;

	for (size_t i = 0, same; !r && i < n; i += same) {
		same = same_subject(sorted + i, n - i);
		r = make_subject(&subjects[(*used)++], sorted + i, same);
	}
	return r;
}

int subjects_make(struct subject **out, size_t *n, const struct row *const *rows, size_t nrows)
{
	/* One more, as malloc(0) may be NULL. */
	const struct row **sorted = calloc(nrows + 1, sizeof(*sorted));
	struct subject *subjects = calloc(nrows + 1, sizeof(*subjects));
	size_t own = 0, used = 0;
	int r = -ENOMEM;

	if (sorted && subjects) {
		for (size_t i = 0; i < nrows; i++)
			if (!rows[i]->folded)
				sorted[own++] = rows[i];
		qsort(sorted, own, sizeof(*sorted), compare_rows);
		r = make_all(subjects, &used, sorted, own);
	}
	free(sorted);
	if (r) {
		subjects_free(subjects, used);
		return r;
	}
	qsort(subjects, used, sizeof(*subjects), compare_closes);
	*out = subjects;
	*n = used;
	return 0;
}

void subjects_free(struct subject *subjects, size_t n)
{
	for (size_t i = 0; i < n; i++)
		row_clear(&subjects[i].sum);
	free(subjects);
}
