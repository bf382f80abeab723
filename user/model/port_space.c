/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* port_space.c: see port_space.h. */
#define HASH_NONFATAL_OOM 1
#include "port_space.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct local_key {
	__u8 family;
	__u8 addr[16];
};

struct port_local {
	struct local_key key;
	struct port_set used;
	UT_hash_handle hh;
};

static void set_range(struct port_space *space, const struct sysctls *sysctls)
{
	bool known = sysctl_get(sysctls, SYSCTL_PORT_LOW, &space->low) && sysctl_get(sysctls, SYSCTL_PORT_HIGH, &space->high);

	if (!known || space->low < 0 || space->high > 65535 || space->low > space->high)
		return;
	space->sysctls = sysctls;
	space->range = (__u32)(space->high - space->low + 1);
}

struct port_space *port_space_get(struct port_space **all, __u32 netns, const struct sysctls *settings, size_t n)
{
	struct port_space *space;

	HASH_FIND(hh, *all, &netns, sizeof(netns), space);
	if (space)
		return space;
	space = calloc(1, sizeof(*space));
	if (!space)
		return NULL;
	space->netns = netns;
	set_range(space, sysctls_find(settings, n, netns));
	HASH_ADD(hh, *all, netns, sizeof(netns), space);
	if (space->hh.tbl)
		return space;
	free(space);
	return NULL;
}

void port_spaces_free(struct port_space **all)
{
	struct port_space *space, *next_space;
	struct port_local *local, *next;

	HASH_ITER (hh, *all, space, next_space) {
		HASH_ITER (hh, space->locals, local, next) {
			HASH_DEL(space->locals, local);
			free(local);
		}
		HASH_DEL(*all, space);
		free(space);
	}
}

bool port_space_usable(const struct port_space *space, __u16 port)
{
	return space->sysctls && port >= space->low && port <= space->high && !port_set_has(&space->sysctls->reserved, port);
}

static struct port_local *local_find(const struct port_space *space, unsigned family, const __u8 addr[16])
{
	struct local_key key = {.family = (__u8)family};
	struct port_local *local;

	memcpy(key.addr, addr, sizeof(key.addr));
	HASH_FIND(hh, space->locals, &key, sizeof(key), local);
	return local;
}

static struct port_local *local_new(struct port_space *space, unsigned family, const __u8 addr[16])
{
	struct port_local *local = calloc(1, sizeof(*local));

	if (!local)
		return NULL;
	local->key.family = (__u8)family;
	memcpy(local->key.addr, addr, sizeof(local->key.addr));
	HASH_ADD(hh, space->locals, key, sizeof(local->key), local);
	if (local->hh.tbl)
		return local;
	free(local);
	return NULL;
}

int port_space_use(struct port_space *space, const struct live_socket *s)
{
	struct port_local *local = local_find(space, s->id.family, s->id.laddr) ?: local_new(space, s->id.family, s->id.laddr);

	if (!local)
		return -ENOMEM;
	port_set_add(&local->used, s->id.lport);
	if (s->flags & SOCKET_BOUND)
		port_set_add(&space->bound, s->id.lport);
	return 0;
}

void port_space_count(struct port_space *space)
{
	space->reserved = space->nbound = 0;
	for (long long port = space->low; space->sysctls && port <= space->high; port++) {
		space->reserved += !port_space_usable(space, (__u16)port);
		space->nbound += port_space_usable(space, (__u16)port) && port_set_has(&space->bound, (__u16)port);
	}
}

__u32 port_space_used_at(const struct port_space *space, unsigned family, const __u8 addr[16])
{
	static const __u8 any[16];
	const struct port_local *at[] = {local_find(space, family, addr), local_find(space, 4, any), local_find(space, 6, any)};
	__u32 n = 0;

	for (long long port = space->low; space->sysctls && port <= space->high; port++) {
		bool used = false;

		for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
			used |= at[i] && port_set_has(&at[i]->used, (__u16)port);
		n += used && port_space_usable(space, (__u16)port);
	}
	return n;
}
