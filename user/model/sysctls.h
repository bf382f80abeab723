/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sysctls.h: what one network namespace is set to, as far as it bears on closing connections. The values are the kernel's, in the
 * units of Documentation/networking/ip-sysctl.rst.
 */
#ifndef TWTRACE_SYSCTLS_H
#define TWTRACE_SYSCTLS_H

#include <stdbool.h>
#include <stddef.h>

#include "port_set.h"

enum sysctl_id {
	SYSCTL_PORT_LOW,        /* ip_local_port_range, first and last port */
	SYSCTL_PORT_HIGH,       /* … */
	SYSCTL_RESERVED_PORTS,  /* ip_local_reserved_ports: how many */
	SYSCTL_TW_REUSE,        /* tcp_tw_reuse: 0 off, 1 on, 2 (the default since 4.19) loopback only */
	SYSCTL_TW_REUSE_DELAY,  /* tcp_tw_reuse_delay, ms (since 6.14; 1 s before) */
	SYSCTL_TIMESTAMPS,      /* tcp_timestamps */
	SYSCTL_MAX_TW_BUCKETS,  /* tcp_max_tw_buckets */
	SYSCTL_FIN_TIMEOUT,     /* tcp_fin_timeout, s: orphaned FIN_WAIT2, never TIME_WAIT */
	SYSCTL_RFC1337,         /* tcp_rfc1337 */
	SYSCTL_TW_RECYCLE,      /* tcp_tw_recycle: unknown means gone, as it is since 4.12 */
	SYSCTL_ORPHAN_RETRIES,  /* tcp_orphan_retries; 0 means 8 */
	SYSCTL_MAX_ORPHANS,     /* tcp_max_orphans: the whole host's; not shown in every namespace */
	SYSCTL_KEEPALIVE_TIME,  /* tcp_keepalive_time, s */
	SYSCTL_KEEPALIVE_INTVL, /* tcp_keepalive_intvl, s */
	SYSCTL_KEEPALIVE_PROBES,
	SYSCTL_RETRIES2,       /* tcp_retries2 */
	SYSCTL_AUTOBIND_REUSE, /* ip_autobind_reuse (since 5.7) */
	SYSCTL_MAX,
};

struct sysctls {
	__u32 netns;           /* inode number */
	__u32 known;           /* bit 1 << enum sysctl_id: it was there and could be read */
	long long value[SYSCTL_MAX];
	struct port_set reserved; /* ip_local_reserved_ports, if SYSCTL_RESERVED_PORTS is known */
};

/* False: this kernel or namespace does not have it; *value is untouched. s: NULL has none. */
bool sysctl_get(const struct sysctls *s, enum sysctl_id id, long long *value);
/* "net.ipv4.tcp_tw_reuse", as sysctl(8) takes it. */
const char *sysctl_name(enum sysctl_id id);
/* In an array in order of netns; NULL if it is not there. */
const struct sysctls *sysctls_find(const struct sysctls *all, size_t n, __u32 netns);

/* "1000,2000-2010" to the set and how many are in it. -EINVAL: no such list; *out may then hold some. "" is empty. */
int port_list_parse(struct port_set *out, long long *n, const char *list);

#endif
