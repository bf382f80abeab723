/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* filter.c: the user's filter outside the kernel; the same as bpf/match.h. See filter.h. */
#include "filter.h"

#include <string.h>

static bool pid_passes(const struct filter *f, __u32 pid)
{
	for (__u32 i = 0; i < f->npids; i++)
		if (f->pids[i] == pid)
			return pid;
	return false;
}

static bool comm_passes(const struct filter *f, const char *comm)
{
	for (__u32 i = 0; i < f->ncomms; i++)
		if (!strncmp(f->comms[i], comm, COMM_LEN))
			return true;
	return false;
}

static bool port_passes(const struct filter *f, const struct event *e)
{
	for (__u32 i = 0; i < f->nports; i++)
		if (f->ports[i] == e->lport || f->ports[i] == e->rport)
			return true;
	return false;
}

static bool netns_passes(const struct filter *f, __u32 netns)
{
	for (__u32 i = 0; i < f->nnetns; i++)
		if (f->netns[i] == netns)
			return true;
	return false;
}

static bool is_within(const struct filter_remote *r, const struct event *e)
{
	unsigned whole = r->prefix / 8, rest = r->prefix % 8;

	if (r->family != e->family || memcmp(e->raddr, r->addr, whole))
		return false;
	return !rest || !((e->raddr[whole] ^ r->addr[whole]) >> (8 - rest));
}

static bool remote_passes(const struct filter *f, const struct event *e)
{
	for (__u32 i = 0; i < f->nremotes; i++)
		if (is_within(&f->remotes[i], e))
			return true;
	return false;
}

bool filter_passes(const struct filter *f, const struct event *e)
{
	return (!f->family || f->family == e->family) && (!f->nports || port_passes(f, e)) &&
	       (!f->nnetns || netns_passes(f, e->netns)) && (!f->nremotes || remote_passes(f, e)) &&
	       (!f->npids || pid_passes(f, e->owner.pid) || pid_passes(f, e->closer_process.pid)) &&
	       (!f->ncomms || comm_passes(f, e->owner.comm) || comm_passes(f, e->closer_process.comm));
}
