/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* group.c: a name and a piece of the key for each group. See group.h. */
#include "group.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static_assert(sizeof(struct row_key) == 8 + sizeof(struct process) + sizeof(struct endpoint) + 4 + 4,
	      "row_key must not be padded");
static_assert(sizeof(struct endpoint) == 16 + sizeof(__u16) + 2, "endpoint must not be padded");

static void add_comm(struct row_key *key, const struct event *e)
{
	const struct process *process = event_process(e);

	if (process->pid) /* what follows the NUL is not part of the name */
		memcpy(key->process.comm, process->comm, strnlen(process->comm, sizeof(process->comm)));
}

static void add_process(struct row_key *key, const struct event *e)
{
	key->process.pid = event_process(e)->pid;
	add_comm(key, e);
}

static void add_endpoint(struct row_key *key, const struct event *e)
{
	event_endpoint(e, &key->endpoint);
	key->prefix = 0;
}

static void add_remote(struct row_key *key, const struct event *e)
{
	key->endpoint.family = e->family;
	key->prefix = group_network(key->endpoint.addr, e->family, e->raddr);
}

static void add_cgroup(struct row_key *key, const struct event *e)
{
	key->cgroup = e->cgroup;
}

static void add_netns(struct row_key *key, const struct event *e)
{
	key->netns = e->netns;
}

/* In this order: an endpoint replaces the network that it is in. */
static const struct {
	const char *name;
	unsigned bit;
	void (*add)(struct row_key *key, const struct event *e);
} groups[] = {
	{"process", GROUP_PROCESS, add_process},    {"comm", GROUP_COMM, add_comm},       {"remote", GROUP_REMOTE, add_remote},
	{"endpoint", GROUP_ENDPOINT, add_endpoint}, {"cgroup", GROUP_CGROUP, add_cgroup}, {"netns", GROUP_NETNS, add_netns},
};

void group_key(struct row_key *key, const struct event *e, unsigned by)
{
	memset(key, 0, sizeof(*key));
	for (size_t i = 0; i < COUNT_OF(groups); i++)
		if (by & groups[i].bit)
			groups[i].add(key, e);
}

static void coarser_endpoint(struct row_key *key, const struct row_key *from, unsigned by)
{
	const struct endpoint *e = &from->endpoint;

	if (by & GROUP_ENDPOINT && !from->prefix) {
		key->endpoint = *e;
	} else if (by & GROUP_REMOTE && e->family) {
		key->endpoint.family = e->family;
		key->prefix = group_network(key->endpoint.addr, e->family, e->addr);
	}
}

void group_coarser(struct row_key *key, const struct row_key *from, unsigned by)
{
	memset(key, 0, sizeof(*key));
	if (by & (GROUP_PROCESS | GROUP_COMM))
		key->process = from->process;
	if (!(by & GROUP_PROCESS))
		key->process.pid = 0;
	coarser_endpoint(key, from, by);
	if (by & GROUP_CGROUP)
		key->cgroup = from->cgroup;
	if (by & GROUP_NETNS)
		key->netns = from->netns;
}

unsigned group_network(__u8 out[16], unsigned family, const __u8 addr[16])
{
	unsigned prefix = family == 4 ? GROUP_PREFIX4 : GROUP_PREFIX6;

	memset(out, 0, 16);
	memcpy(out, addr, prefix / 8);
	return prefix;
}

static unsigned bit_of(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(groups); i++)
		if (strlen(groups[i].name) == len && !memcmp(groups[i].name, name, len))
			return groups[i].bit;
	return 0;
}

int group_parse(unsigned *by, const char *list, const char **bad, size_t *bad_len)
{
	unsigned set = 0;

	for (;; list++) {
		size_t len = strcspn(list, ",");
		unsigned bit = bit_of(list, len);

		if (!bit) {
			*bad = list;
			*bad_len = len;
			return -EINVAL;
		}
		set |= bit;
		list += len;
		if (!*list)
			break;
	}
	*by = set;
	return 0;
}

char *group_list(char buf[GROUP_LIST_MAX], unsigned by)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < COUNT_OF(groups); i++)
		if (by & groups[i].bit)
			used += (size_t)snprintf(buf + used, GROUP_LIST_MAX - used, "%s%s", used ? "," : "", groups[i].name);
	return buf;
}
