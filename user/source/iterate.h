/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* iterate.h: run BPF iterator programs to their end. Errors: -errno, nothing said. */
#ifndef TWTRACE_ITERATE_H
#define TWTRACE_ITERATE_H

#include <stddef.h>

struct bpf_program;

/* Once over everything; map_fd is the map to walk for iter/bpf_map_elem, otherwise -1. */
int iterate(struct bpf_program *prog, int map_fd);
/* Once in every network namespace: see namespaces_visit(). */
int iterate_namespaces(struct bpf_program *prog);

/* One of what a program writes with bpf_seq_write(). 0, or -errno, which ends the walk. */
typedef int (*iterate_fn)(const void *one, void *ctx);

struct reader {
	iterate_fn fn;
	void *ctx;
	size_t size; /* of each, in bytes */
};

/* The same for programs that write. */
int iterate_read(struct bpf_program *prog, const struct reader *reader);
int iterate_namespaces_read(struct bpf_program *prog, const struct reader *reader);

#endif
