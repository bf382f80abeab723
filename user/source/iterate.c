// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* iterate.c: see iterate.h. */
#include "source/iterate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "source/namespaces.h"

enum { BUFFER = 64 << 10 }; /* twice what the kernel hands out at a time (bpf_seq_read()) */

/* Whole ones to the reader, the rest to the front. Returns how many bytes that rest is, or -errno. */
static ssize_t hand_on(const struct reader *reader, char *buffer, size_t n)
{
	size_t at = 0;

	if (!reader)
		return 0;
	for (; n - at >= reader->size; at += reader->size) {
		int err = reader->fn(buffer + at, reader->ctx);

		if (err)
			return err;
	}
	memmove(buffer, buffer + at, n - at);
	return (ssize_t)(n - at);
}

static int read_all(int fd, const struct reader *reader, char *buffer)
{
	ssize_t n, rest = 0;

	for (;;) {
		n = read(fd, buffer + rest, BUFFER - (size_t)rest);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		rest = hand_on(reader, buffer, (size_t)(rest + n));
		if (rest < 0)
			return (int)rest;
	}
}

/* The iterator belongs to the network namespace that is current when it is made (bpf_iter_init_seq_net()). */
static int run(struct bpf_link *link, const struct reader *reader)
{
	char *buffer = malloc(BUFFER);
	int fd, err;

	if (!buffer)
		return -ENOMEM;
	fd = bpf_iter_create(bpf_link__fd(link));
	err = fd < 0 ? fd : read_all(fd, reader, buffer);
	if (fd >= 0)
		close(fd);
	free(buffer);
	return err;
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

static int iterate_once(struct bpf_program *prog, int map_fd, const struct reader *reader)
{
	struct bpf_link *link;
	int err = attach(&link, prog, map_fd);

	if (err)
		return err;
	err = run(link, reader);
	bpf_link__destroy(link);
	return err;
}

int iterate(struct bpf_program *prog, int map_fd)
{
	return iterate_once(prog, map_fd, NULL);
}

int iterate_read(struct bpf_program *prog, const struct reader *reader)
{
	return iterate_once(prog, -1, reader);
}

struct tour {
	struct bpf_link *link;
	const struct reader *reader;
};

static int run_here(__u32 netns, void *ctx)
{
	struct tour *tour = ctx;

	(void)netns;
	return run(tour->link, tour->reader);
}

int iterate_namespaces_read(struct bpf_program *prog, const struct reader *reader)
{
	struct tour tour = {.reader = reader};
	int err = attach(&tour.link, prog, -1);

	if (err)
		return err;
	err = namespaces_visit(run_here, &tour);
	bpf_link__destroy(tour.link);
	return err;
}

int iterate_namespaces(struct bpf_program *prog)
{
	return iterate_namespaces_read(prog, NULL);
}
