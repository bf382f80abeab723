/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sysctls.c: see sysctls.h. */
#include "source/sysctls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/namespaces.h"

struct list {
	struct sysctls *all;
	size_t used, size;
};

/* The file of a sysctl: its name with slashes. */
static FILE *open_sysctl(enum sysctl_id id)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/%s", sysctl_name(id));
	for (char *c = path; *c; c++)
		if (*c == '.')
			*c = '/';
	return fopen(path, "re");
}

static void set(struct sysctls *s, enum sysctl_id id, long long value)
{
	s->value[id] = value;
	s->known |= 1u << id;
}

static void read_range(struct sysctls *s, FILE *file)
{
	long long low, high;

	if (fscanf(file, "%lld %lld", &low, &high) != 2)
		return;
	set(s, SYSCTL_PORT_LOW, low);
	set(s, SYSCTL_PORT_HIGH, high);
}

static int read_reserved(struct sysctls *s, FILE *file)
{
	char *line = NULL;
	size_t size = 0;
	long long n;

	/* An empty list is an empty line. */
	if (getline(&line, &size, file) >= 0 && !port_list_parse(&s->reserved, &n, line))
		set(s, SYSCTL_RESERVED_PORTS, n);
	free(line);
	return line ? 0 : -ENOMEM;
}

static int read_one(struct sysctls *s, enum sysctl_id id)
{
	long long value;
	FILE *file;
	int r = 0;

	if (id == SYSCTL_PORT_HIGH) /* came with SYSCTL_PORT_LOW */
		return 0;
	file = open_sysctl(id);
	if (!file)
		return errno == ENOMEM ? -ENOMEM : 0;
	if (id == SYSCTL_PORT_LOW)
		read_range(s, file);
	else if (id == SYSCTL_RESERVED_PORTS)
		r = read_reserved(s, file);
	else if (fscanf(file, "%lld", &value) == 1)
		set(s, id, value);
	fclose(file);
	return r;
}

static int make_room(struct list *list)
{
	size_t size = list->size ? list->size * 2 : 4;
	struct sysctls *grown;

	if (list->used < list->size)
		return 0;
	grown = realloc(list->all, size * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->all = grown;
	list->size = size;
	return 0;
}

static int read_namespace(__u32 netns, void *ctx)
{
	struct list *list = ctx;
	struct sysctls *s;
	int r = make_room(list);

	if (r)
		return r;
	s = &list->all[list->used];
	memset(s, 0, sizeof(*s));
	s->netns = netns;
	for (int id = 0; id < SYSCTL_MAX && !r; id++)
		r = read_one(s, (enum sysctl_id)id);
	if (!r)
		list->used++;
	return r;
}

/* What is the whole host's is shown to the first network namespace only. */
static void spread(struct list *list, enum sysctl_id id)
{
	const struct sysctls *from = NULL;

	for (size_t i = 0; i < list->used; i++)
		if (list->all[i].known & 1u << id)
			from = &list->all[i];
	for (size_t i = 0; from && i < list->used; i++)
		set(&list->all[i], id, from->value[id]);
}

static int by_netns(const void *a, const void *b)
{
	const struct sysctls *x = a, *y = b;

	return x->netns < y->netns ? -1 : x->netns > y->netns;
}

int sysctls_read(struct sysctls **all, size_t *n)
{
	struct list list = {0};
	int r = namespaces_visit(read_namespace, &list);

	if (r) {
		free(list.all);
		return r;
	}
	spread(&list, SYSCTL_MAX_ORPHANS);
	if (list.used)
		qsort(list.all, list.used, sizeof(*list.all), by_netns);
	*all = list.all;
	*n = list.used;
	return 0;
}
