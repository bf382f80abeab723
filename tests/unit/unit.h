/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* unit.h: what every unit test needs: cmocka with the headers it wants first, sample events, and a stream to catch text in. */
#ifndef TWTRACE_UNIT_H
#define TWTRACE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "event.h"

#define RUN_TESTS(tests) cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL)

/* A client that closed first: curl (100) at 10.0.0.1:40000, to 10.0.0.2:80. Tests change what they are about. */
static inline struct event sample_event(enum event_type type)
{
	struct event e = {
		.version = EVENT_VERSION,
		.type = (__u8)type,
		.family = 4,
		.role = ROLE_CLIENT,
		.closer = CLOSER_LOCAL,
		.how = HOW_FIN,
		.cause = CAUSE_CLOSE,
		.owner_source = OWNER_CONNECT,
		.lport = 40000,
		.rport = 80,
		.laddr = {10, 0, 0, 1},
		.raddr = {10, 0, 0, 2},
		.ts = 5000000000,
		.cgroup = 77,
		.netns = 4026531840u,
		.owner = {100, "curl"},
		.closer_process = {100, "curl"},
	};

	if (type == EVENT_TIMEWAIT) {
		e.end = END_EXPIRED;
		e.tw.time_wait_ns = 60000000000;
	}
	if (type == EVENT_CLOSE)
		e.timewait = TIMEWAIT_ENTERED;
	return e;
}

static inline void set_remote6(struct event *e, const char *address)
{
	e->family = 6;
	assert_int_equal(inet_pton(AF_INET6, address, e->raddr), 1);
}

/* Text written to a stream. */
struct caught {
	FILE *out;
	char *text; /* valid after caught_text() */
	size_t size;
};

static inline void catch_begin(struct caught *c)
{
	c->text = NULL;
	c->out = open_memstream(&c->text, &c->size);
	assert_non_null(c->out);
}

static inline const char *caught_text(struct caught *c)
{
	fflush(c->out);
	return c->text;
}

static inline void catch_end(struct caught *c)
{
	fclose(c->out);
	free(c->text);
}

#endif
