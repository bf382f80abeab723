/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * census.h: the sockets that are there now, counted by state, per process and endpoint or other groups, as `netstat -n | awk '{++S[$NF]}'` would if it
 * knew the owners: of TIME_WAITs born under the tracer, of connections the peer closed and the process never did.
 *
 * One census counts one walk over the sockets. Pure: everything is given in.
 */
#ifndef TWTRACE_CENSUS_H
#define TWTRACE_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <uthash.h>

#include "group.h"
#include "live_socket.h"

struct census;

/* How many, and the one longest there. */
struct census_count {
	__u64 n;
	__u64 oldest_ns; /* UNKNOWN_NS: not known of any */
	bool at_least;   /* the oldest is older than the tracer: oldest_ns is what is certain */
};

struct census_row {
	struct row_key key;
	__u64 folded; /* of the row that sums up others: how many */
	__u64 total;
	__u64 guessed; /* of those: their process is a guess, the one that listened */
	__u64 states[STATE_MAX];
	struct census_count orphans[STATE_MAX]; /* of those: no process has them any more. Not TIME_WAIT: they all are */
	struct census_count leaked;             /* in CLOSE_WAIT for the threshold or longer: the peer closed, the process did not */
	UT_hash_handle hh;
};

/* by: a set of enum group. close_wait_ns: from when on a CLOSE_WAIT counts as leaked. -ENOMEM. */
int census_new(struct census **out, unsigned by, __u64 close_wait_ns);
/* NULL is fine. */
void census_free(struct census *census);
/* -ENOMEM; -EINVAL for one that live_socket_valid() refuses. On failure nothing has been counted. */
int census_add(struct census *census, const struct live_socket *s);

/* All rows together; its key says nothing. */
const struct census_row *census_total(const struct census *census);
/* All rows, largest first: by leaked, then TIME_WAIT, then total. Valid until census_add() or census_free(). */
const struct census_row *const *census_rows(struct census *census, size_t *n);
/* Those rows from the given one on, in one. */
void census_rest(const struct census *census, size_t from, struct census_row *out);

/* FIN_WAIT1, FIN_WAIT2, CLOSING and LAST_ACK without a process, together. */
__u64 census_orphans(const struct census_row *row);

#endif
