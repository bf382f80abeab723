/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_group.c: what tells one row from another, for each group, and the names of the groups. */
#include "unit.h"

#include <errno.h>

#include "model/group.h"

static struct row_key key_of(const struct event *e, unsigned by)
{
	struct row_key key;

	memset(&key, 0xff, sizeof(key));
	group_key(&key, e, by);
	return key;
}

static void assert_same(const struct event *a, const struct event *b, unsigned by)
{
	struct row_key x = key_of(a, by), y = key_of(b, by);

	assert_memory_equal(&x, &y, sizeof(x));
}

static void assert_differ(const struct event *a, const struct event *b, unsigned by)
{
	struct row_key x = key_of(a, by), y = key_of(b, by);

	assert_memory_not_equal(&x, &y, sizeof(x));
}

static void test_process(void **state)
{
	struct event a = sample_event(EVENT_CLOSE), b = a;

	(void)state;
	b.rport = 81;
	b.raddr[0]++;
	b.netns++;
	b.cgroup++;
	b.role = ROLE_SERVER;
	assert_same(&a, &b, GROUP_PROCESS);
	memcpy(b.closer_process.comm, "curl\0XYZ", 8); /* rubbish behind the name */
	assert_same(&a, &b, GROUP_PROCESS);
	b.closer_process.pid++;
	assert_differ(&a, &b, GROUP_PROCESS);
	b = a;
	strcpy(b.closer_process.comm, "wget"); /* exec() */
	assert_differ(&a, &b, GROUP_PROCESS);
}

static void test_comm(void **state)
{
	struct event a = sample_event(EVENT_CLOSE), b = a;
	struct row_key key;

	(void)state;
	b.closer_process.pid++;
	assert_same(&a, &b, GROUP_COMM);
	key = key_of(&a, GROUP_COMM);
	assert_int_equal(key.process.pid, 0);
	assert_string_equal(key.process.comm, "curl");
	strcpy(b.closer_process.comm, "wget");
	assert_differ(&a, &b, GROUP_COMM);
	b.owner.pid = b.closer_process.pid = 0; /* unknown: the name is stale */
	key = key_of(&b, GROUP_COMM);
	assert_string_equal(key.process.comm, "");
}

static void test_endpoint(void **state)
{
	struct event a = sample_event(EVENT_CLOSE), b = a;

	(void)state;
	b.lport++; /* a client's own port is ephemeral */
	b.closer_process.pid++;
	assert_same(&a, &b, GROUP_ENDPOINT);
	b.rport++;
	assert_differ(&a, &b, GROUP_ENDPOINT);
	b = a;
	b.role = ROLE_SERVER;
	assert_differ(&a, &b, GROUP_ENDPOINT);
}

static void test_remote(void **state)
{
	struct event a = sample_event(EVENT_CLOSE), b = a;
	struct row_key key;

	(void)state;
	b.rport++;
	b.role = ROLE_SERVER;
	b.raddr[3] = 200;
	assert_same(&a, &b, GROUP_REMOTE);
	b.raddr[2]++;
	assert_differ(&a, &b, GROUP_REMOTE);
	set_remote6(&a, "2001:db8:1:2:3::1");
	set_remote6(&b, "2001:db8:1:2:ffff:ffff:ffff:ffff");
	assert_same(&a, &b, GROUP_REMOTE);
	key = key_of(&b, GROUP_REMOTE);
	assert_int_equal(key.prefix, 64);
	assert_int_equal(key.endpoint.family, 6);
	assert_int_equal(key.endpoint.addr[7], 2);
	assert_int_equal(key.endpoint.addr[8], 0);
	set_remote6(&b, "2001:db8:1:3:3::1");
	assert_differ(&a, &b, GROUP_REMOTE);
	/* The zero network of either family is not the other one. */
	memset(a.raddr, 0, 16);
	b = a;
	a.family = 4;
	assert_differ(&a, &b, GROUP_REMOTE);
}

static void test_cgroup_and_netns(void **state)
{
	struct event a = sample_event(EVENT_CLOSE), b = a;

	(void)state;
	b.cgroup += 1ULL << 32;
	assert_same(&a, &b, GROUP_ALL & ~GROUP_CGROUP);
	assert_differ(&a, &b, GROUP_CGROUP);
	b = a;
	b.netns++;
	assert_same(&a, &b, GROUP_ALL & ~GROUP_NETNS);
	assert_differ(&a, &b, GROUP_NETNS);
}

static void test_finer_covers_coarser(void **state)
{
	struct event a = sample_event(EVENT_CLOSE);
	struct row_key fine = key_of(&a, GROUP_DEFAULT), both = key_of(&a, GROUP_DEFAULT | GROUP_COMM | GROUP_REMOTE);

	(void)state;
	assert_memory_equal(&fine, &both, sizeof(fine));
}

static void test_names(void **state)
{
	const char *bad = NULL;
	char buf[GROUP_LIST_MAX];
	unsigned by = 0;
	size_t len = 0;

	(void)state;
	assert_int_equal(group_parse(&by, "netns,comm", &bad, &len), 0);
	assert_int_equal(by, GROUP_NETNS | GROUP_COMM);
	assert_string_equal(group_list(buf, by), "comm,netns");
	assert_int_equal(group_parse(&by, group_list(buf, GROUP_ALL), &bad, &len), 0);
	assert_int_equal(by, GROUP_ALL);
	assert_int_equal(group_parse(&by, "comm,nope,netns", &bad, &len), -EINVAL);
	assert_memory_equal(bad, "nope", len);
	assert_int_equal(len, 4);
	assert_int_equal(by, GROUP_ALL); /* untouched */
	assert_int_equal(group_parse(&by, "", &bad, &len), -EINVAL);
	assert_int_equal(group_parse(&by, "comm,", &bad, &len), -EINVAL);
	assert_int_equal(group_parse(&by, "com", &bad, &len), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_comm),
		cmocka_unit_test(test_endpoint),
		cmocka_unit_test(test_remote),
		cmocka_unit_test(test_cgroup_and_netns),
		cmocka_unit_test(test_finer_covers_coarser),
		cmocka_unit_test(test_names),
	};

	return RUN_TESTS(tests);
}
