/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* iterate.h: run BPF iterator programs to their end. Errors: -errno, nothing said. */
#ifndef TWTRACE_ITERATE_H
#define TWTRACE_ITERATE_H

struct bpf_program;

/* Once over everything; map_fd is the map to walk for iter/bpf_map_elem, otherwise -1. */
int iterate(struct bpf_program *prog, int map_fd);
/* Once in every network namespace that a process is in or that has a name under /run/netns. */
int iterate_namespaces(struct bpf_program *prog);

#endif
