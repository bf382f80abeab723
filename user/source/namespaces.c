// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* namespaces.c: see namespaces.h. */
#include "source/namespaces.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <uthash.h>

struct seen {
	__u32 inode;
	UT_hash_handle hh;
};

struct tour {
	namespace_fn fn;
	void *ctx;
	struct seen *seen;
};

static int reopen(int place)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", place);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int is_netns(int fd, __u32 *inode)
{
	struct stat st;

	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return -EINVAL;
	if (fstat(fd, &st))
		return -errno;
	*inode = (__u32)st.st_ino;
	return 0;
}

/*
 * O_PATH only looks at what is there. To open a FIFO waits for its writer, and without waiting robs a writer who does; to open
 * a device may set it going.
 */
int namespace_open(const char *path, __u32 *inode)
{
	int place = open(path, O_PATH | O_CLOEXEC), fd, err;
	struct statfs fs;

	if (place < 0)
		return -errno;
	fd = !fstatfs(place, &fs) && fs.f_type == NSFS_MAGIC ? reopen(place) : -EINVAL;
	close(place);
	if (fd < 0)
		return fd;
	err = is_netns(fd, inode);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static bool is_seen(const struct tour *tour, __u32 inode)
{
	struct seen *s;

	HASH_FIND(hh, tour->seen, &inode, sizeof(inode), s);
	return s;
}

static int visit_open(struct tour *tour, int fd, __u32 inode)
{
	struct seen *s;

	if (setns(fd, CLONE_NEWNET))
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->inode = inode;
	HASH_ADD(hh, tour->seen, inode, sizeof(s->inode), s);
	return tour->fn(inode, tour->ctx);
}

/* A namespace may vanish between any two steps, and a name be something else's: no error. Most have been seen: no need to open. */
static int visit(struct tour *tour, const char *path)
{
	struct stat st;
	__u32 inode;
	int fd, err;

	if (stat(path, &st) || is_seen(tour, (__u32)st.st_ino))
		return 0;
	fd = namespace_open(path, &inode);
	if (fd < 0)
		return 0;
	err = is_seen(tour, inode) ? 0 : visit_open(tour, fd, inode);
	close(fd);
	return err;
}

static int visit_dir(struct tour *tour, const char *dir, const char *suffix, bool numeric)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	char path[512];
	int err = 0;

	if (!d)
		return 0;
	while (!err && (entry = readdir(d))) {
		if (entry->d_name[0] == '.' || (numeric && !isdigit((unsigned char)entry->d_name[0])))
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", dir, entry->d_name, suffix);
		err = visit(tour, path);
	}
	closedir(d);
	return err;
}

int namespaces_visit(namespace_fn fn, void *ctx)
{
	struct tour tour = {.fn = fn, .ctx = ctx};
	struct seen *s, *next;
	int home, err;

	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0)
		return -errno;
	err = visit(&tour, "/proc/self/ns/net");
	if (!err)
		err = visit_dir(&tour, "/run/netns", "", false);
	if (!err)
		err = visit_dir(&tour, "/proc", "/ns/net", true);
	if (setns(home, CLONE_NEWNET) && !err && HASH_COUNT(tour.seen) > 1)
		err = -errno;
	close(home);
	HASH_ITER (hh, tour.seen, s, next) {
		HASH_DEL(tour.seen, s);
		free(s);
	}
	return err;
}
