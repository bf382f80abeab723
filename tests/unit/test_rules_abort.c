/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_rules_abort.c: closes that throw away what is on its way. */
#include "facts.h"

static struct row *aborter(struct host *h, enum role role, enum cause cause, __u64 n)
{
	struct row *sum = add_subject(h, "app", role);

	sum->closed[CLOSER_LOCAL][HOW_RST] = n;
	sum->causes[cause] = n;
	sum->busy_rst = sum->busy;
	return sum;
}

/* One a second, a tenth of all, on three seconds: on any of these limits it is said, below it is not. */
static void check_limits(const char *id, enum cause cause)
{
	struct host h;
	struct row *sum;

	host_init(&h);
	sum = aborter(&h, ROLE_CLIENT, cause, 10);
	sum->closed[CLOSER_REMOTE][HOW_FIN] = 90;
	sum->busy_rst = 7;
	assert_non_null(found(&h, id));
	assert_int_equal(found(&h, id)->severity, SEVERITY_WARNING);
	sum->closed[CLOSER_REMOTE][HOW_FIN]++;
	assert_null(found(&h, id));
	sum->closed[CLOSER_REMOTE][HOW_FIN]--;
	sum->busy_rst = 3; /* other closes go on */
	assert_null(found(&h, id));
	sum->busy_rst = 7;
	sum->causes[cause] = 9;
	assert_null(found(&h, id));
	sum->causes[cause] = 10;
	h.facts.seconds = 10.1;
	assert_null(found(&h, id));
	host_end(&h);
}

static void test_linger0(void **state)
{
	struct host h;
	const struct finding *f;

	(void)state;
	check_limits("rst_linger0", CAUSE_LINGER0);
	host_init(&h);
	aborter(&h, ROLE_SERVER, CAUSE_LINGER0, 50);
	f = found(&h, "rst_linger0");
	assert_evidence(f, "closed_by_linger0", 50);
	assert_rate(f, "closed_by_linger0", 5);
	assert_changes(f, "Take SO_LINGER out");
	assert_null(found(&h, "rst_unread_data"));
	host_end(&h);
}

static void test_linger0_of_haproxy_is_its_habit(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	aborter(&h, ROLE_CLIENT, CAUSE_LINGER0, 50);
	strcpy(h.subjects[0].sum.key.process.comm, "haproxy");
	assert_int_equal(found(&h, "rst_linger0")->severity, SEVERITY_NOTICE);
	assert_changes(found(&h, "rst_linger0"), "http-reuse");
	h.subjects[0].sum.key.endpoint.role = ROLE_SERVER; /* towards clients it is not */
	assert_int_equal(found(&h, "rst_linger0")->severity, SEVERITY_WARNING);
	host_end(&h);
}

static void test_unread_data(void **state)
{
	struct host h;
	const struct finding *f;

	(void)state;
	check_limits("rst_unread_data", CAUSE_UNREAD_DATA);
	host_init(&h);
	aborter(&h, ROLE_SERVER, CAUSE_UNREAD_DATA, 50);
	f = found(&h, "rst_unread_data");
	assert_evidence(f, "closed_with_unread_data", 50);
	assert_changes(f, "Read to the end");
	assert_null(found(&h, "rst_linger0"));
	host_end(&h);
}

/* A RST that came from the peer is none of ours. */
static void test_reset_by_peer(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	add_subject(&h, "app", ROLE_SERVER)->closed[CLOSER_REMOTE][HOW_RST] = 1000;
	assert_null(found(&h, "rst_linger0"));
	assert_null(found(&h, "rst_unread_data"));
	host_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linger0),
		cmocka_unit_test(test_linger0_of_haproxy_is_its_habit),
		cmocka_unit_test(test_unread_data),
		cmocka_unit_test(test_reset_by_peer),
	};

	return RUN_TESTS(tests);
}
