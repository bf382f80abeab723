// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* iterate.c: run BPF iterator programs to their end, also in every network namespace. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <uthash.h>

#include "source/iterate.h"

/* The iterator belongs to the network namespace that is current when it is made (bpf_iter_init_seq_net()). */
static int run(struct bpf_link *link)
{
	char discard[256];
	ssize_t n;
	int fd = bpf_iter_create(bpf_link__fd(link));

	if (fd < 0)
		return fd;
	while ((n = read(fd, discard, sizeof(discard))) > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)))
		;
	n = n < 0 ? -errno : 0;
	close(fd);
	return (int)n;
}

static int attach(struct bpf_link **link, struct bpf_program *prog, int map_fd)
{
	union bpf_iter_link_info info = {};
	LIBBPF_OPTS(bpf_iter_attach_opts, opts);

	if (map_fd >= 0) {
		info.map.map_fd = map_fd;
		opts.link_info = &info;
		opts.link_info_len = sizeof(info);
	}
	*link = bpf_program__attach_iter(prog, &opts);
	return (int)libbpf_get_error(*link);
}

int iterate(struct bpf_program *prog, int map_fd)
{
	struct bpf_link *link;
	int err = attach(&link, prog, map_fd);

	if (err)
		return err;
	err = run(link);
	bpf_link__destroy(link);
	return err;
}

struct seen {
	ino_t ino;
	UT_hash_handle hh;
};

struct tour {
	struct bpf_link *link;
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
		err = s ? run(tour->link) : -ENOMEM;
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

int iterate_namespaces(struct bpf_program *prog)
{
	struct tour tour = {};
	struct seen *s, *next;
	int home, err;

	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0)
		return -errno;
	err = attach(&tour.link, prog, -1);
	if (err) {
		close(home);
		return err;
	}
	err = visit(&tour, "/proc/self/ns/net");
	if (!err)
		err = visit_dir(&tour, "/run/netns", "", false);
	if (!err)
		err = visit_dir(&tour, "/proc", "/ns/net", true);
	if (setns(home, CLONE_NEWNET) && !err && HASH_COUNT(tour.seen) > 1)
		err = -errno;
	close(home);
	bpf_link__destroy(tour.link);
	HASH_ITER (hh, tour.seen, s, next) {
		HASH_DEL(tour.seen, s);
		free(s);
	}
	return err;
}
