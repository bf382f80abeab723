/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* port_set.h: a set of port numbers, one bit each. All zero is empty. */
#ifndef TWTRACE_PORT_SET_H
#define TWTRACE_PORT_SET_H

#include <stdbool.h>
#include <linux/types.h>

struct port_set {
	__u64 bits[65536 / 64];
};

static inline void port_set_add(struct port_set *set, __u16 port)
{
	set->bits[port / 64] |= 1ULL << port % 64;
}

static inline bool port_set_has(const struct port_set *set, __u16 port)
{
	return set->bits[port / 64] >> port % 64 & 1;
}

#endif
