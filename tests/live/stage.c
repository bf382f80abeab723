/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stage.c: the names and addresses on a stage. */
#include <string.h>

#include "stage.h"

const char *const who_names[WHO_MAX] = { [CLI] = "cli", [SRV] = "srv", [KID] = "kid", [AUX] = "aux" };

enum who who_of(const char *name)
{
	for (int i = 0; i < WHO_MAX; i++)
		if (!strcmp(who_names[i], name))
			return i;
	return WHO_MAX;
}

const char *stage_local(const struct stage *st)
{
	if (st->family == V6)
		return st->tun ? "fd00::1" : "::1";
	return st->tun ? "10.0.0.1" : "127.0.0.1";
}

const char *stage_remote(const struct stage *st)
{
	if (!st->tun)
		return stage_local(st);
	return st->family == V6 ? "fd00::2" : "10.0.0.2";
}
