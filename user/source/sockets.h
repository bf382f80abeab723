/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sockets.h: walks over the sockets that are there now; tracer_sockets() is what to call. Errors: -errno, nothing said. */
#ifndef TWTRACE_SOCKETS_H
#define TWTRACE_SOCKETS_H

#include "source/tracer.h"

struct bpf_program;

struct sockets_walk {
	struct bpf_program *files;   /* writes struct socket_holder */
	struct bpf_program *sockets; /* writes struct live_socket */
	__u64 since;                 /* CLOCK_MONOTONIC ns from when on the tracer sees states change */
	socket_fn fn;
	void *ctx;
};

int sockets_walk(const struct sockets_walk *walk);

#endif
