/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* target.c: see target.h. */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parse.h"

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

static int netns_inode(int fd, __u32 *inode)
{
	struct stat st;

	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return -EINVAL;
	if (fstat(fd, &st))
		return -errno;
	*inode = (__u32)st.st_ino;
	return 0;
}

int target_netns(const char *name, __u32 *inode)
{
	char path[PATH_MAX];
	__u64 number;
	int fd, r, n;

	if (!parse_number(name, 1, UINT_MAX, &number)) {
		*inode = (__u32)number;
		return 0;
	}
	if (!strcmp(name, "self"))
		name = "/proc/self/ns/net";
	n = snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	if (n >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* not to wait on a FIFO */
	if (fd < 0)
		return -errno;
	r = netns_inode(fd, inode);
	close(fd);
	return r;
}
