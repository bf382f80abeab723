/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_filter.c: the filter outside the kernel. That it is the kernel's is for tests/live/cli to show. */
#include "unit.h"

#include "model/filter.h"

static void test_empty_lets_all_through(void **state)
{
	struct filter f = {0};
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	assert_true(filter_passes(&f, &e));
}

static void test_process(void **state)
{
	struct filter f = {.npids = 2, .pids = {99, 100}};
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	assert_true(filter_passes(&f, &e));
	e.owner.pid = 1;
	assert_true(filter_passes(&f, &e)); /* the closer still is */
	e.closer_process.pid = 2;
	assert_false(filter_passes(&f, &e));
	f = (struct filter){.ncomms = 1, .comms = {"curl"}};
	assert_true(filter_passes(&f, &e));
	strcpy(f.comms[0], "cur"); /* whole names */
	assert_false(filter_passes(&f, &e));
}

static void test_unknown_process_is_none(void **state)
{
	struct filter f = {.npids = 1, .pids = {0}};
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	e.owner.pid = e.closer_process.pid = 0;
	assert_false(filter_passes(&f, &e));
}

static void test_ports_netns_family(void **state)
{
	struct filter f = {.nports = 1, .ports = {80}};
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	assert_true(filter_passes(&f, &e));
	f.ports[0] = e.lport;
	assert_true(filter_passes(&f, &e));
	f.ports[0] = 81;
	assert_false(filter_passes(&f, &e));
	f = (struct filter){.nnetns = 1, .netns = {e.netns}};
	assert_true(filter_passes(&f, &e));
	f.netns[0]++;
	assert_false(filter_passes(&f, &e));
	f = (struct filter){.family = 4};
	assert_true(filter_passes(&f, &e));
	f.family = 6;
	assert_false(filter_passes(&f, &e));
}

static void test_remote_prefixes(void **state)
{
	struct filter f = {.nremotes = 1, .remotes = {{.family = 4, .prefix = 31, .addr = {10, 0, 0, 2}}}};
	struct event e = sample_event(EVENT_CLOSE); /* 10.0.0.2 */

	(void)state;
	assert_true(filter_passes(&f, &e));
	e.raddr[3] = 3;
	assert_true(filter_passes(&f, &e));
	e.raddr[3] = 4;
	assert_false(filter_passes(&f, &e));
	f.remotes[0] = (struct filter_remote){.family = 4, .prefix = 0};
	assert_true(filter_passes(&f, &e));
	f.remotes[0] = (struct filter_remote){.family = 4, .prefix = 32, .addr = {10, 0, 0, 4}};
	assert_true(filter_passes(&f, &e));
	set_remote6(&e, "2001:db8::1");
	assert_false(filter_passes(&f, &e));
	f.remotes[0] = (struct filter_remote){.family = 6, .prefix = 128};
	memcpy(f.remotes[0].addr, e.raddr, 16);
	assert_true(filter_passes(&f, &e));
	e.raddr[15]++;
	assert_false(filter_passes(&f, &e));
}

static void test_all_kinds_must_match(void **state)
{
	struct filter f = {.nports = 1, .ports = {80}, .npids = 1, .pids = {100}};
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	assert_true(filter_passes(&f, &e));
	f.ports[0] = 81;
	assert_false(filter_passes(&f, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_lets_all_through),  cmocka_unit_test(test_process),
		cmocka_unit_test(test_unknown_process_is_none), cmocka_unit_test(test_ports_netns_family),
		cmocka_unit_test(test_remote_prefixes),         cmocka_unit_test(test_all_kinds_must_match),
	};

	return RUN_TESTS(tests);
}
