/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* listener.h: who listens on which address, and who stopped. */
#ifndef TWTRACE_LISTENER_H
#define TWTRACE_LISTENER_H

#include "emit.h"

#define FILL_LISTENER_KEY(READ, key_of, k, sk)                                                                                   \
	do {                                                                                                                     \
		struct conn_key key_;                                                                                            \
		struct event at_;                                                                                                \
		FILL_ADDRESSES(READ, &at_, &(sk)->__sk_common);                                                                  \
		key_of(&key_, sk);                                                                                               \
		__builtin_memset(k, 0, sizeof(*(k)));                                                                            \
		(k)->netns = at_.netns;                                                                                          \
		(k)->port = key_.lport;                                                                                          \
		__builtin_memcpy((k)->addr, at_.laddr, sizeof((k)->addr));                                                       \
	} while (0)

static __noinline int listener_opened(const struct sock *sk)
{
	struct listener_key key;
	struct listener l = {};

	FILL_LISTENER_KEY(READ_DIRECT, key_of_sock, &key, sk);
	l.owner.pid = read_current(l.owner.comm);
	if (bpf_map_update_elem(&listeners, &key, &l, BPF_ANY))
		count_lost(LOST_LISTENER_MAP);
	return 0;
}

static __noinline int listener_closed(const struct sock *sk)
{
	struct listener_key key;
	struct listener *l;

	FILL_LISTENER_KEY(READ_DIRECT, key_of_sock, &key, sk);
	l = bpf_map_lookup_elem(&listeners, &key);
	if (l)
		l->closed_by.pid = read_current(l->closed_by.comm);
	return 0;
}

#endif
