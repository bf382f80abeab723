/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_rules_ports.c: local ports, and the settings that stretch them. */
#include "facts.h"

static struct port_pair *add_pair(struct host *h, double share)
{
	static const struct port_process processes[] = {{.process = {100, "app"}, .held = 7}, {.process = {101, "app"}}};
	struct port_pair *pair = &h->pairs_of[h->facts.npairs++];

	*pair = (struct port_pair){
		.key = {.netns = HOST_NETNS, .rport = 80, .family = 4, .laddr = {10, 0, 0, 1}, .raddr = {10, 0, 0, 2}},
		.known = true,
		.usable = 1000,
		.held = (__u32)(share * 1000),
		.time_wait = (__u32)(share * 1000),
		.share = share,
		.rate = 12.5,
		.left_ns = UNKNOWN_NS,
		.processes = processes,
		.nprocesses = 2,
	};
	return pair;
}

static void test_no_port(void **state)
{
	struct host h;
	const struct finding *f;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_CLIENT);
	close_first(sum, 1000);
	assert_null(found(&h, "no_port"));
	sum->connect_failed[REASON_NO_PORT] = 1;
	f = found(&h, "no_port");
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_CRITICAL);
	assert_evidence(f, "connects_without_port", 1);
	assert_changes(f, "connection pool");
	assert_ptr_equal(f, &h.diagnosis.findings[0]);
	host_end(&h);
}

static void test_no_port_and_who_holds_them(void **state)
{
	struct host h;
	const struct finding *f;

	(void)state;
	host_init(&h);
	add_subject(&h, "app", ROLE_CLIENT)->connect_failed[REASON_NO_PORT] = 1;
	add_pair(&h, 0.5)->known = false;
	add_pair(&h, 1);
	f = found(&h, "no_port");
	assert_evidence(f, "by_time_waits", 1000);
	assert_changes(f, "connection pool");
	assert_non_null(found(&h, "tw_reuse"));
	h.pairs_of[1].connections = 900; /* these, tcp_tw_reuse does not help */
	h.pairs_of[1].time_wait = 100;
	assert_changes(found(&h, "no_port"), "pool without a bound");
	assert_null(found(&h, "tw_reuse"));
	host_end(&h);
}

static void test_other_failures_are_no_want_of_ports(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_CLIENT);
	for (int reason = 0; reason < REASON_MAX; reason++)
		sum->connect_failed[reason] = reason == REASON_NO_PORT ? 0 : 100;
	assert_null(found(&h, "no_port"));
	host_end(&h);
}

static void test_ports_run_out_by_share(void **state)
{
	struct host h;
	const struct finding *f;
	struct port_pair *pair;

	(void)state;
	host_init(&h);
	pair = add_pair(&h, 0.8);
	f = found(&h, "ports_run_out");
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_WARNING);
	assert_string_equal(f->subject.comm, "app");
	assert_int_equal(f->subject.processes, 2);
	assert_int_equal(f->subject.endpoint.port, 80);
	assert_evidence(f, "ports_held", 800);
	assert_evidence(f, "usable_ports", 1000);
	assert_string_equal(evidence(f, "local_address", UNIT_TEXT)->text, "10.0.0.1");
	pair->share = 0.95;
	assert_int_equal(found(&h, "ports_run_out")->severity, SEVERITY_CRITICAL);
	pair->share = 0.79;
	assert_null(found(&h, "ports_run_out"));
	host_end(&h);
}

/* The rate is only believed of a client that has been closing steadily, and not from the first few TIME_WAITs on. */
static void test_ports_run_out_by_rate(void **state)
{
	struct host h;
	struct port_pair *pair;
	struct row *sum;

	(void)state;
	host_init(&h);
	pair = add_pair(&h, 0.5);
	assert_null(found(&h, "ports_run_out"));
	pair->left_ns = 30000000000;
	assert_null(found(&h, "ports_run_out"));
	sum = add_subject(&h, "app", ROLE_CLIENT);
	assert_int_equal(found(&h, "ports_run_out")->severity, SEVERITY_CRITICAL);
	assert_true(evidence(found(&h, "ports_run_out"), "run_out_in", UNIT_NS)->value == 3e10);
	sum->busy = 3;
	assert_null(found(&h, "ports_run_out"));
	sum->busy = 7;
	sum->key.endpoint.role = ROLE_SERVER;
	assert_null(found(&h, "ports_run_out"));
	sum->key.endpoint.role = ROLE_CLIENT;
	pair->share = 0.49;
	assert_null(found(&h, "ports_run_out"));
	host_end(&h);
}

static void test_ports_run_out_by_connections(void **state)
{
	struct host h;
	struct port_pair *pair;

	(void)state;
	host_init(&h);
	pair = add_pair(&h, 0.9);
	pair->connections = 500;
	pair->time_wait = 400;
	assert_changes(found(&h, "ports_run_out"), "pool without a bound");
	pair->connections = 400;
	pair->time_wait = 500;
	assert_changes(found(&h, "ports_run_out"), "connection pool");
	host_end(&h);
}

static void test_ports_unknown_or_gone_already(void **state)
{
	struct host h;
	struct port_pair *pair;

	(void)state;
	host_init(&h);
	pair = add_pair(&h, 0.9);
	pair->known = false;
	assert_null(found(&h, "ports_run_out"));
	pair->known = true;
	pair->no_port = 1; /* no_port tells */
	assert_null(found(&h, "ports_run_out"));
	pair->no_port = 0;
	h.facts.pairs = NULL;
	assert_null(found(&h, "ports_run_out"));
	host_end(&h);
}

static void test_ports_towards_any_remote(void **state)
{
	struct host h;
	const struct finding *f;

	(void)state;
	host_init(&h);
	add_pair(&h, 0.9)->key.any_remote = 1;
	f = found(&h, "ports_run_out");
	assert_non_null(f);
	assert_false(f->named);
	host_end(&h);
}

/* Half of the ports in a minute: 14116 / 60 * 10 s. */
static void test_tw_reuse(void **state)
{
	struct host h;
	const struct finding *f;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_CLIENT);
	close_first(sum, 2352);
	assert_null(found(&h, "tw_reuse"));
	close_first(sum, 1);
	f = found(&h, "tw_reuse");
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_NOTICE);
	assert_evidence(f, "tcp_tw_reuse", 2);
	assert_non_null(strstr(f->why, "loopback"));
	set(&h, SYSCTL_TW_REUSE, 0);
	assert_non_null(strstr(found(&h, "tw_reuse")->why, "tcp_tw_reuse=0"));
	set(&h, SYSCTL_TW_REUSE, 1);
	assert_null(found(&h, "tw_reuse"));
	set(&h, SYSCTL_TIMESTAMPS, 0);
	f = found(&h, "tw_reuse");
	assert_changes(f, "tcp_timestamps=1");
	assert_int_equal(f->nchanges, 2); /* tcp_tw_reuse is on: no word on it */
	host_end(&h);
}

static void test_tw_reuse_where_it_fails(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_CLIENT);
	close_first(sum, 100);
	sum->connect_failed[REASON_NO_PORT] = 1;
	assert_int_equal(found(&h, "tw_reuse")->severity, SEVERITY_WARNING);
	sum->key.endpoint.addr[0] = 127; /* 2 is enough here */
	assert_null(found(&h, "tw_reuse"));
	host_end(&h);
}

static void test_tw_reuse_is_nothing_for_servers(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "app", ROLE_SERVER), 50000);
	set(&h, SYSCTL_TW_REUSE, 0);
	assert_null(found(&h, "tw_reuse"));
	host_end(&h);
}

static void test_tw_reuse_of_another_namespace(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "app", ROLE_CLIENT), 50000);
	h.subjects[0].sum.netns = HOST_NETNS + 1; /* whose settings nobody knows */
	assert_null(found(&h, "tw_reuse"));
	host_end(&h);
}

static void test_narrow_range(void **state)
{
	struct host h;
	const struct finding *f;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_CLIENT);
	set(&h, SYSCTL_PORT_LOW, 60000); /* 1000 ports: half of them are 500 a minute */
	close_first(sum, 83);
	assert_null(found(&h, "narrow_port_range"));
	close_first(sum, 1);
	f = found(&h, "narrow_port_range");
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_NOTICE);
	assert_evidence(f, "local_ports", 1000);
	sum->connect_failed[REASON_NO_PORT] = 1;
	assert_int_equal(found(&h, "narrow_port_range")->severity, SEVERITY_WARNING);
	host_end(&h);
}

static void test_range_as_it_should_be(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "app", ROLE_CLIENT), 50000);
	assert_null(found(&h, "narrow_port_range"));
	set(&h, SYSCTL_PORT_LOW, 32769);
	assert_non_null(found(&h, "narrow_port_range"));
	h.subjects[0].sum.key.endpoint.role = ROLE_SERVER;
	assert_null(found(&h, "narrow_port_range"));
	h.subjects[0].sum.key.endpoint.role = ROLE_CLIENT;
	h.sysctls[0].known &= ~(1u << SYSCTL_PORT_HIGH);
	assert_null(found(&h, "narrow_port_range"));
	host_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_port),
		cmocka_unit_test(test_no_port_and_who_holds_them),
		cmocka_unit_test(test_other_failures_are_no_want_of_ports),
		cmocka_unit_test(test_ports_run_out_by_share),
		cmocka_unit_test(test_ports_run_out_by_rate),
		cmocka_unit_test(test_ports_run_out_by_connections),
		cmocka_unit_test(test_ports_unknown_or_gone_already),
		cmocka_unit_test(test_ports_towards_any_remote),
		cmocka_unit_test(test_tw_reuse),
		cmocka_unit_test(test_tw_reuse_where_it_fails),
		cmocka_unit_test(test_tw_reuse_is_nothing_for_servers),
		cmocka_unit_test(test_tw_reuse_of_another_namespace),
		cmocka_unit_test(test_narrow_range),
		cmocka_unit_test(test_range_as_it_should_be),
	};

	return RUN_TESTS(tests);
}
