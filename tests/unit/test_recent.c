/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_recent.c: the last closes of the row that is looked at, also where others close thousands meanwhile. */
#include "unit.h"

#include "model/recent.h"

static struct recent *new_recent(void)
{
	struct recent *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	return r;
}

static void add(struct recent *r, __u16 port, __u64 ts)
{
	struct event e = sample_event(EVENT_CLOSE);

	e.rport = port;
	e.ts = ts;
	recent_add(r, &e);
}

static void watch(struct recent *r, __u16 port)
{
	struct event e = sample_event(EVENT_CLOSE);
	struct row_key key;

	e.rport = port;
	group_key(&key, &e, GROUP_DEFAULT);
	recent_watch(r, &key, GROUP_DEFAULT);
}

static void test_none(void **state)
{
	struct recent *r = new_recent();

	(void)state;
	assert_null(recent_watched(r, 0));
	add(r, 80, 1);
	assert_null(recent_watched(r, 0));
	watch(r, 81);
	assert_null(recent_watched(r, 0));
	free(r);
}

static void test_before_and_after(void **state)
{
	struct recent *r = new_recent();

	(void)state;
	for (__u64 i = 0; i < 10; i++)
		add(r, 80, 1 + i);
	for (__u64 i = 0; i < 50000; i++) /* of two others, who are busy */
		add(r, (__u16)(81 + i % 2), 100 + i);
	watch(r, 80);
	for (unsigned ago = 0; ago < RECENT_EACH; ago++)
		assert_int_equal(recent_watched(r, ago)->ts, 10 - ago);
	assert_null(recent_watched(r, RECENT_EACH));
	add(r, 81, 59000);
	add(r, 80, 60000);
	assert_int_equal(recent_watched(r, 0)->ts, 60000);
	assert_int_equal(recent_watched(r, 1)->ts, 10);
	free(r);
}

/* More endpoints than buckets, and one that closes more than all others together: each still has its last one. */
static void test_shared_buckets(void **state)
{
	struct recent *r = new_recent();
	const unsigned others = RECENT_BUCKETS * 2;

	(void)state;
	for (__u64 i = 0; i < others; i++)
		add(r, (__u16)(100 + i), 1 + i);
	for (__u64 i = 0; i < 100000; i++)
		add(r, 80, 1000000 + i);
	for (unsigned i = 0; i < others; i++) {
		watch(r, (__u16)(100 + i));
		assert_int_equal(recent_watched(r, 0)->ts, 1 + i);
	}
	watch(r, 80);
	assert_int_equal(recent_watched(r, 0)->ts, 1000000 + 99999);
	free(r);
}

/* Many endpoints in one row: the last ones of all of them, in order. */
static void test_coarse_row(void **state)
{
	struct recent *r = new_recent();
	struct event e = sample_event(EVENT_CLOSE);
	struct row_key key;

	(void)state;
	for (__u64 i = 1; i <= 10000; i++)
		add(r, (__u16)(1 + i % 3000), i);
	group_key(&key, &e, GROUP_COMM);
	recent_watch(r, &key, GROUP_COMM);
	for (unsigned ago = 0; ago + 1 < RECENT_WATCHED; ago++)
		assert_true(recent_watched(r, ago)->ts > recent_watched(r, ago + 1)->ts);
	assert_int_equal(recent_watched(r, 0)->ts, 10000);
	free(r);
}

static void test_newest_stay(void **state)
{
	struct recent *r = new_recent();

	(void)state;
	watch(r, 80);
	for (__u64 i = 1; i <= 1000; i++)
		add(r, 80, i);
	for (unsigned ago = 0; ago < RECENT_WATCHED; ago++)
		assert_int_equal(recent_watched(r, ago)->ts, 1000 - ago);
	assert_null(recent_watched(r, RECENT_WATCHED));
	watch(r, 81);
	assert_null(recent_watched(r, 0));
	free(r);
}

static void test_what_is_kept(void **state)
{
	struct recent *r = new_recent();
	struct event e = sample_event(EVENT_TIMEWAIT);

	(void)state;
	watch(r, 80);
	recent_add(r, &e);
	assert_null(recent_watched(r, 0));
	e = sample_event(EVENT_CONNECT_FAILED);
	recent_add(r, &e);
	assert_int_equal(recent_watched(r, 0)->type, EVENT_CONNECT_FAILED);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),       cmocka_unit_test(test_before_and_after), cmocka_unit_test(test_shared_buckets),
		cmocka_unit_test(test_coarse_row), cmocka_unit_test(test_newest_stay),      cmocka_unit_test(test_what_is_kept),
	};

	return RUN_TESTS(tests);
}
