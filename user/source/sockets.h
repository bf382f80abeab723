/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sockets.h: every TCP socket that is there now, in every network namespace, with what the tracer knows of its owner. */
#ifndef TWTRACE_SOCKETS_H
#define TWTRACE_SOCKETS_H

#include "model/live_socket.h"
#include "source/tracer.h"

/* 0, or -errno, which ends the walk. */
typedef int (*socket_fn)(const struct live_socket *s, void *ctx);

/*
 * Hands each socket to fn, those a filter would hide as well. Not one instant: sockets come and go meanwhile. tracer_settle() first,
 * for what has just ended. Namespaces are those a process is in, or that have a name under /run/netns.
 * -ENOTSUP: this kernel cannot list sockets (before 5.9), others as the kernel or fn said; nothing is said on stderr.
 */
int tracer_sockets(struct tracer *t, socket_fn fn, void *ctx);

#endif
