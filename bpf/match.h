/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* match.h: does an event pass the user's filter? See user/model/filter.h for what the criteria mean. */
#ifndef TWTRACE_MATCH_H
#define TWTRACE_MATCH_H

#include "record.h"
#include "model/filter.h"

const volatile struct filter filter;

/*
 * A global function of plain numbers for each kind of criterion: the verifier walks it once a program and not once a path, so that a
 * filter of any kind, as long as struct filter allows, loads.
 */
__noinline int filter_family(u32 family)
{
	return !filter.family || filter.family == family;
}

__noinline int filter_ports(u32 lport, u32 rport)
{
	for (u32 i = 0; i < FILTER_PORTS_MAX && i < filter.nports; i++)
		if (filter.ports[i] == lport || filter.ports[i] == rport)
			return true;
	return !filter.nports;
}

__noinline int filter_netns(u32 netns)
{
	for (u32 i = 0; i < FILTER_NETNS_MAX && i < filter.nnetns; i++)
		if (filter.netns[i] == netns)
			return true;
	return !filter.nnetns;
}

__noinline int filter_pids(u32 owner, u32 closer)
{
	for (u32 i = 0; i < FILTER_PIDS_MAX && i < filter.npids; i++)
		if (filter.pids[i] == owner || filter.pids[i] == closer) /* none of them is 0 */
			return true;
	return !filter.npids;
}

/* addr: in network byte order, by words as they are in memory. */
__noinline int filter_remotes(u32 family, u64 addr0, u64 addr1)
{
	u64 words[2] = {addr0, addr1};
	const u32 *addr = (const u32 *)words;

	for (u32 i = 0; i < FILTER_REMOTES_MAX && i < filter.nremotes; i++) {
		const volatile struct filter_remote *r = &filter.remotes[i];
		const volatile u32 *wanted = (const volatile u32 *)r->addr;
		u32 differs = r->family ^ family;

		for (u32 j = 0; j < 4; j++) {
			s32 rest = 32 - ((s32)r->prefix - (s32)j * 32); /* bits of this word that do not matter */

			if (rest < 32)
				differs |= (addr[j] ^ wanted[j]) & bpf_htonl(rest > 0 ? ~0u << rest : ~0u);
		}
		if (!differs)
			return true;
	}
	return !filter.nremotes;
}

/* comm: by words as they are in memory. */
__noinline int filter_comms(u64 comm0, u64 comm1)
{
	u64 words[2] = {comm0, comm1};
	const char *comm = (const char *)words;

	for (u32 i = 0; i < FILTER_COMMS_MAX && i < filter.ncomms; i++) {
		u8 differs = 0, more = 0xff; /* more: the wanted name goes on; what is behind a name is anything */

		for (u32 j = 0; j < COMM_LEN; j++) {
			differs |= (filter.comms[i][j] ^ comm[j]) & more;
			more = filter.comms[i][j] ? more : 0;
		}
		if (!differs)
			return true;
	}
	return !filter.ncomms;
}

static __always_inline u64 word_of(const void *at)
{
	u64 word;

	__builtin_memcpy(&word, at, sizeof(word));
	return word;
}

static __always_inline bool comm_matches(const struct process *p)
{
	return filter_comms(word_of(p->comm), word_of(p->comm + 8));
}

static __always_inline bool event_matches(const struct event *e)
{
	if (!filter_active)
		return true;
	return filter_family(e->family) && filter_ports(e->lport, e->rport) && filter_netns(e->netns) &&
	       filter_remotes(e->family, word_of(e->raddr), word_of(e->raddr + 8)) && filter_pids(e->owner.pid, e->closer_process.pid) &&
	       (comm_matches(&e->owner) || comm_matches(&e->closer_process));
}

#endif
