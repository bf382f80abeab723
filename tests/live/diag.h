/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * diag.h: asks the kernel about one connection (NETLINK_SOCK_DIAG, what `ss` uses), or has it destroyed (`ss -K`).
 */
#ifndef LIVE_DIAG_H
#define LIVE_DIAG_H

#include "stage.h"

/*
 * The state (TCP_ESTABLISHED…) of the connection; that of a TIME_WAIT object is its substate. 0: there is no such
 * connection. -errno.
 */
int diag_state(const struct tuple *t);
/* 0 or -errno. */
int diag_destroy(const struct tuple *t);
/* "FIN_WAIT2" → TCP_FIN_WAIT2, "gone" → 0; -EINVAL. */
int diag_state_of(const char *name);
const char *diag_state_name(int state);

#endif
