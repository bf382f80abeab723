/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_meaning.c: whom an event is accounted to, and to which endpoint. */
#include "unit.h"

#include "model/meaning.h"

static struct event with_two_processes(enum closer closer)
{
	struct event e = sample_event(EVENT_CLOSE);

	e.closer = (__u8)closer;
	e.owner = (struct process){1, "master"};
	e.closer_process = (struct process){2, "worker"};
	return e;
}

static void test_process_is_the_closer_if_we_closed(void **state)
{
	struct event local = with_two_processes(CLOSER_LOCAL), both = with_two_processes(CLOSER_BOTH);

	(void)state;
	assert_int_equal(event_process(&local)->pid, 2);
	assert_int_equal(event_process(&both)->pid, 2);
}

static void test_process_is_the_owner_if_they_closed(void **state)
{
	struct event remote = with_two_processes(CLOSER_REMOTE), none = with_two_processes(CLOSER_NONE);

	(void)state;
	assert_int_equal(event_process(&remote)->pid, 1);
	assert_int_equal(event_process(&none)->pid, 1);
}

static void test_process_falls_back_to_the_owner(void **state)
{
	struct event e = with_two_processes(CLOSER_LOCAL);

	(void)state;
	e.closer_process.pid = 0;
	assert_int_equal(event_process(&e)->pid, 1);
	e.owner.pid = 0;
	assert_int_equal(event_process(&e)->pid, 0);
}

static void test_opener_only_if_seen(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	for (unsigned source = 0; source < OWNER_SOURCE_MAX; source++) {
		e.owner_source = (__u8)source;
		if (source == OWNER_CONNECT || source == OWNER_ACCEPT)
			assert_ptr_equal(event_opener(&e), &e.owner);
		else
			assert_null(event_opener(&e));
	}
	e.owner_source = OWNER_CONNECT;
	e.owner.pid = 0;
	assert_null(event_opener(&e));
}

static void test_closer(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	e.closer = CLOSER_REMOTE; /* ours came second, and still has a process */
	assert_ptr_equal(event_closer(&e), &e.closer_process);
	e.closer_process.pid = 0;
	assert_null(event_closer(&e));
}

static void test_endpoint(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);
	struct endpoint endpoint;

	(void)state;
	event_endpoint(&e, &endpoint);
	assert_int_equal(endpoint.port, 80);
	assert_memory_equal(endpoint.addr, e.raddr, 16);
	assert_int_equal(endpoint.family, 4);
	e.role = ROLE_SERVER;
	event_endpoint(&e, &endpoint);
	assert_int_equal(endpoint.port, 40000);
	assert_memory_equal(endpoint.addr, e.raddr, 16);
	e.role = ROLE_UNKNOWN;
	event_endpoint(&e, &endpoint);
	assert_int_equal(endpoint.port, 80);
}

static void test_older_time_wait(void **state)
{
	struct event e = sample_event(EVENT_TIMEWAIT);

	(void)state;
	assert_false(event_tw_older(&e));
	e.flags = EVENT_PREEXISTING; /* the connection is older, but somebody was seen closing it */
	assert_false(event_tw_older(&e));
	e.closer_process.pid = 0;
	assert_true(event_tw_older(&e));
}

#define ASSERT_REFUSES(event_type, field, value)                                                                                 \
	do {                                                                                                                     \
		struct event event = sample_event(event_type);                                                                   \
		assert_true(event_valid(&event));                                                                                \
		event.field = (value);                                                                                           \
		assert_false(event_valid(&event));                                                                               \
	} while (0)

static void test_valid(void **state)
{
	(void)state;
	ASSERT_REFUSES(EVENT_CLOSE, version, EVENT_VERSION + 1);
	ASSERT_REFUSES(EVENT_CLOSE, type, 0);
	ASSERT_REFUSES(EVENT_CLOSE, type, EVENT_TYPE_MAX);
	ASSERT_REFUSES(EVENT_CLOSE, family, 5);
	ASSERT_REFUSES(EVENT_CLOSE, role, ROLE_MAX);
	ASSERT_REFUSES(EVENT_CLOSE, closer, CLOSER_MAX);
	ASSERT_REFUSES(EVENT_CLOSE, how, HOW_MAX);
	ASSERT_REFUSES(EVENT_CLOSE, cause, CAUSE_MAX);
	ASSERT_REFUSES(EVENT_CLOSE, owner_source, OWNER_SOURCE_MAX);
	ASSERT_REFUSES(EVENT_CLOSE, timewait, TIMEWAIT_MAX);
	ASSERT_REFUSES(EVENT_TIMEWAIT, end, END_MAX);
	ASSERT_REFUSES(EVENT_CONNECT_FAILED, reason, REASON_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process_is_the_closer_if_we_closed),
		cmocka_unit_test(test_process_is_the_owner_if_they_closed),
		cmocka_unit_test(test_process_falls_back_to_the_owner),
		cmocka_unit_test(test_opener_only_if_seen),
		cmocka_unit_test(test_closer),
		cmocka_unit_test(test_endpoint),
		cmocka_unit_test(test_older_time_wait),
		cmocka_unit_test(test_valid),
	};

	return RUN_TESTS(tests);
}
