/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* match.h: does an event pass the user's filter? See user/model/filter.h for what the criteria mean. */
#ifndef TWTRACE_MATCH_H
#define TWTRACE_MATCH_H

#include "record.h"
#include "model/filter.h"

const volatile struct filter filter;

static __always_inline bool pid_matches(u32 pid)
{
	for (u32 i = 0; i < FILTER_PIDS_MAX && i < filter.npids; i++)
		if (filter.pids[i] == pid)
			return pid != 0;
	return false;
}

static __always_inline bool comm_matches(const char *comm)
{
	for (u32 i = 0; i < FILTER_COMMS_MAX && i < filter.ncomms; i++) {
		bool same = true;

		for (u32 j = 0; j < COMM_LEN; j++) {
			if (filter.comms[i][j] != comm[j]) {
				same = false;
				break;
			}
			if (!comm[j])
				break;
		}
		if (same)
			return true;
	}
	return false;
}

static __always_inline bool remote_matches(const struct event *e)
{
	for (u32 i = 0; i < FILTER_REMOTES_MAX && i < filter.nremotes; i++) {
		const volatile struct filter_remote *r = &filter.remotes[i];
		bool same = r->family == e->family;

		for (u32 j = 0; j < 16 && same; j++) {
			u32 bits = r->prefix > j * 8 ? r->prefix - j * 8 : 0;
			u8 mask = bits >= 8 ? 0xff : (u8)(0xff00 >> bits);

			if ((e->raddr[j] ^ r->addr[j]) & mask)
				same = false;
		}
		if (same)
			return true;
	}
	return false;
}

static __noinline bool event_matches_filter(const struct event *e)
{
	if (filter.family && filter.family != e->family)
		return false;
	if (filter.nports) {
		bool any = false;

		for (u32 i = 0; i < FILTER_PORTS_MAX && i < filter.nports; i++)
			any |= filter.ports[i] == e->lport || filter.ports[i] == e->rport;
		if (!any)
			return false;
	}
	if (filter.nnetns) {
		bool any = false;

		for (u32 i = 0; i < FILTER_NETNS_MAX && i < filter.nnetns; i++)
			any |= filter.netns[i] == e->netns;
		if (!any)
			return false;
	}
	if (filter.nremotes && !remote_matches(e))
		return false;
	if (filter.npids && !pid_matches(e->owner.pid) && !pid_matches(e->closer_process.pid))
		return false;
	if (filter.ncomms && !comm_matches(e->owner.comm) && !comm_matches(e->closer_process.comm))
		return false;
	return true;
}

static __always_inline bool event_matches(const struct event *e)
{
	return !filter_active || event_matches_filter(e);
}

#endif
