/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sysctls.c: see sysctls.h. */
#include "sysctls.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
	[SYSCTL_PORT_LOW] = "net.ipv4.ip_local_port_range",
	[SYSCTL_PORT_HIGH] = "net.ipv4.ip_local_port_range",
	[SYSCTL_RESERVED_PORTS] = "net.ipv4.ip_local_reserved_ports",
	[SYSCTL_TW_REUSE] = "net.ipv4.tcp_tw_reuse",
	[SYSCTL_TW_REUSE_DELAY] = "net.ipv4.tcp_tw_reuse_delay",
	[SYSCTL_TIMESTAMPS] = "net.ipv4.tcp_timestamps",
	[SYSCTL_MAX_TW_BUCKETS] = "net.ipv4.tcp_max_tw_buckets",
	[SYSCTL_FIN_TIMEOUT] = "net.ipv4.tcp_fin_timeout",
	[SYSCTL_RFC1337] = "net.ipv4.tcp_rfc1337",
	[SYSCTL_TW_RECYCLE] = "net.ipv4.tcp_tw_recycle",
	[SYSCTL_ORPHAN_RETRIES] = "net.ipv4.tcp_orphan_retries",
	[SYSCTL_MAX_ORPHANS] = "net.ipv4.tcp_max_orphans",
	[SYSCTL_KEEPALIVE_TIME] = "net.ipv4.tcp_keepalive_time",
	[SYSCTL_KEEPALIVE_INTVL] = "net.ipv4.tcp_keepalive_intvl",
	[SYSCTL_KEEPALIVE_PROBES] = "net.ipv4.tcp_keepalive_probes",
	[SYSCTL_RETRIES2] = "net.ipv4.tcp_retries2",
	[SYSCTL_AUTOBIND_REUSE] = "net.ipv4.ip_autobind_reuse",
};

static_assert(sizeof(names) / sizeof(names[0]) == SYSCTL_MAX, "each sysctl has a name");
static_assert(SYSCTL_MAX <= 32, "a bit of `known` for each");

bool sysctl_get(const struct sysctls *s, enum sysctl_id id, long long *value)
{
	if (!s || !(s->known & 1u << id))
		return false;
	*value = s->value[id];
	return true;
}

const char *sysctl_name(enum sysctl_id id)
{
	return names[id];
}

static int compare_netns(const void *key, const void *one)
{
	__u32 a = *(const __u32 *)key, b = ((const struct sysctls *)one)->netns;

	return a < b ? -1 : a > b;
}

const struct sysctls *sysctls_find(const struct sysctls *all, size_t n, __u32 netns)
{
	return n ? bsearch(&netns, all, n, sizeof(*all), compare_netns) : NULL;
}

/* One port at *s, which then points behind it. -1: there is none. */
static long take_port(const char **s)
{
	char *end;
	long port;

	if (**s < '0' || **s > '9')
		return -1;
	port = strtol(*s, &end, 10);
	*s = end;
	return port <= 65535 ? port : -1;
}

int port_list_parse(struct port_set *out, long long *n, const char *list)
{
	memset(out, 0, sizeof(*out));
	*n = 0;
	while (*list && *list != '\n') {
		long first = take_port(&list), last = first;

		if (*list == '-') {
			list++;
			last = take_port(&list);
		}
		if (first < 0 || last < first)
			return -EINVAL;
		for (long port = first; port <= last; port++) {
			*n += !port_set_has(out, (__u16)port);
			port_set_add(out, (__u16)port);
		}
		if (*list == ',' && list[1] >= '0' && list[1] <= '9')
			list++;
		else if (*list && *list != '\n')
			return -EINVAL;
	}
	return 0;
}
