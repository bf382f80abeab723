/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sockets.c: who holds which socket, then the sockets, and the two put together. See sockets.h. */
#include "source/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source/iterate.h"

struct join {
	const struct sockets_walk *walk;
	struct socket_holder *holders; /* by number, then in the order they were found */
	size_t used, size;
};

static int on_holder(const void *one, void *ctx)
{
	struct join *join = ctx;
	size_t size = join->size ? join->size * 2 : 256;

	if (join->used == join->size) {
		struct socket_holder *grown = realloc(join->holders, size * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		join->holders = grown;
		join->size = size;
	}
	join->holders[join->used++] = *(const struct socket_holder *)one;
	return 0;
}

/* Of those that share a socket the one with the lowest process ID first: the others mostly have it from that one. */
static int by_number(const void *x, const void *y)
{
	const struct socket_holder *a = x, *b = y;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return a->process.pid < b->process.pid ? -1 : a->process.pid > b->process.pid;
}

/* The first of those that hold it, and how many they are. */
static const struct socket_holder *holders_of(const struct join *join, __u64 number, size_t *n)
{
	size_t low = 0, high = join->used;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (join->holders[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	for (*n = 0; low + *n < join->used && join->holders[low + *n].number == number;)
		++*n;
	return &join->holders[low];
}

/* Whoever holds it is its owner if nobody else is known, or if it is in CLOSE_WAIT and not its owner's any more. */
static void set_owner(const struct join *join, struct live_socket *s)
{
	bool known = s->id.owner.pid && s->id.owner_source != OWNER_LISTENER;
	const struct socket_holder *holders;
	size_t n;

	if (known && s->state != STATE_CLOSE_WAIT)
		return;
	holders = holders_of(join, s->number, &n);
	for (size_t i = 0; i < n; i++)
		if (known && holders[i].process.pid == s->id.owner.pid)
			return;
	if (!n)
		return;
	s->id.owner = holders[0].process;
	s->id.owner_source = OWNER_ITERATOR;
}

/* The states of which a record says when they began, if the tracer saw it. */
static bool is_timed(const struct live_socket *s)
{
	return s->state == STATE_ESTABLISHED || s->state == STATE_SYN_SENT || s->state == STATE_FIN_WAIT1 ||
	       s->state == STATE_FIN_WAIT2 || s->state == STATE_CLOSE_WAIT || s->state == STATE_LAST_ACK;
}

/* One that nobody saw begin is older than the tracer. */
static void set_age(const struct join *join, struct live_socket *s)
{
	__u64 seen = s->id.ts > join->walk->since ? s->id.ts - join->walk->since : 0;

	if (!(s->id.flags & EVENT_PREEXISTING) || s->flags & SOCKET_TIMEWAIT || !is_timed(s))
		return;
	if (s->age_ns != UNKNOWN_NS && (!(s->flags & SOCKET_AT_LEAST) || s->age_ns >= seen))
		return;
	s->age_ns = seen;
	s->flags |= SOCKET_AT_LEAST;
}

static int on_socket(const void *one, void *ctx)
{
	const struct join *join = ctx;
	struct live_socket s;

	memcpy(&s, one, sizeof(s));
	set_owner(join, &s);
	set_age(join, &s);
	return join->walk->fn(&s, join->walk->ctx);
}

int sockets_walk(const struct sockets_walk *walk)
{
	struct join join = {.walk = walk};
	struct reader holders = {.fn = on_holder, .ctx = &join, .size = sizeof(struct socket_holder)};
	struct reader sockets = {.fn = on_socket, .ctx = &join, .size = sizeof(struct live_socket)};
	int err = iterate_read(walk->files, &holders);

	if (!err && join.used)
		qsort(join.holders, join.used, sizeof(*join.holders), by_number);
	if (!err)
		err = iterate_namespaces_read(walk->sockets, &sockets);
	free(join.holders);
	return err;
}
