/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* target.c: see target.h. */
#include "target.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "parse.h"
#include "source/namespaces.h"

int target_process(__u32 pid, __u32 *tgid)
{
	char path[32], line[128];
	FILE *status;
	int r = -ESRCH;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	status = fopen(path, "re");
	if (!status)
		return -ESRCH;
	/* The name stands before Tgid; the kernel escapes its newlines. */
	while (r && fgets(line, sizeof(line), status))
		if (sscanf(line, "Tgid: %u", tgid) == 1)
			r = 0;
	fclose(status);
	return r;
}

int target_netns(const char *name, __u32 *inode)
{
	char path[PATH_MAX];
	__u64 number;
	int fd, n;

	if (!parse_number(name, 1, UINT_MAX, &number)) {
		*inode = (__u32)number;
		return 0;
	}
	if (!strcmp(name, "self"))
		name = "/proc/self/ns/net";
	n = snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	if (n >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = namespace_open(path, inode);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}
