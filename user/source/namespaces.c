// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* namespaces.c: see namespaces.h. */
#include "source/namespaces.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

struct seen {
	ino_t ino;
	UT_hash_handle hh;
};

struct tour {
	namespace_fn fn;
	void *ctx;
	struct seen *seen;
};

/* A namespace may vanish between any two steps: not an error. */
static int visit(struct tour *tour, const char *path)
{
	struct seen *s;
	struct stat st;
	int fd, err = 0;

	if (stat(path, &st))
		return 0;
	HASH_FIND(hh, tour->seen, &st.st_ino, sizeof(st.st_ino), s);
	if (s)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (setns(fd, CLONE_NEWNET) == 0) {
		s = calloc(1, sizeof(*s));
		if (s) {
			s->ino = st.st_ino;
			HASH_ADD(hh, tour->seen, ino, sizeof(s->ino), s);
		}
		err = s ? tour->fn((__u32)st.st_ino, tour->ctx) : -ENOMEM;
	}
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
