/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_rules_closes.c: who closes first. Covers advice.c too. */
#include "facts.h"

/* 10 % of the default range in a minute: 2823.2 / 60 * 10 s. */
enum { CLIENT_LIMIT = 471, SERVER_LIMIT = 1000 };

static void closed_by_peer(struct row *sum, __u64 n)
{
	sum->closed[CLOSER_REMOTE][HOW_FIN] += n;
	sum->brief += n;
}

static void test_client_closes_first(void **state)
{
	struct host h;
	const struct finding *f;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "app", ROLE_CLIENT), CLIENT_LIMIT);
	f = found(&h, "client_closes_first");
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_NOTICE);
	assert_string_equal(f->subject.comm, "app");
	assert_int_equal(f->subject.pid, 100);
	assert_int_equal(f->subject.endpoint.port, 80);
	assert_evidence(f, "closed_first", CLIENT_LIMIT);
	assert_rate(f, "closed_first", 47.1);
	assert_evidence(f, "local_ports", 28232);
	assert_evidence(f, "in_a_minute_at_this_rate", 2826);
	assert_changes(f, "connection pool");
	host_end(&h);
}

static void test_client_below_the_limit(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "app", ROLE_CLIENT), CLIENT_LIMIT - 1);
	assert_null(found(&h, "client_closes_first"));
	host_end(&h);
}

static void test_client_that_is_mostly_closed_by_its_peer(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_CLIENT);
	close_first(sum, 1000);
	closed_by_peer(sum, 1001);
	assert_null(found(&h, "client_closes_first"));
	sum->closed[CLOSER_REMOTE][HOW_FIN]--;
	assert_non_null(found(&h, "client_closes_first"));
	host_end(&h);
}

static void test_client_in_a_burst(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "wrk", ROLE_CLIENT);
	close_first(sum, 20000);
	sum->busy = 3; /* two seconds */
	assert_null(found(&h, "client_closes_first"));
	h.facts.seconds = 2; /* all that was watched */
	assert_non_null(found(&h, "client_closes_first"));
	host_end(&h);
}

static void test_client_is_no_server(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "app", ROLE_SERVER), 5000);
	close_first(add_subject(&h, "old", ROLE_UNKNOWN), 5000);
	assert_null(found(&h, "client_closes_first"));
	host_end(&h);
}

/* Half of the ports: a warning, unless connect() may take TIME_WAITs over. */
static void test_client_is_a_warning_where_ports_may_run_out(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_CLIENT);
	close_first(sum, 2352); /* 14112 a minute */
	assert_int_equal(found(&h, "client_closes_first")->severity, SEVERITY_NOTICE);
	close_first(sum, 1);
	assert_int_equal(found(&h, "client_closes_first")->severity, SEVERITY_WARNING);
	set(&h, SYSCTL_TW_REUSE, 1);
	assert_int_equal(found(&h, "client_closes_first")->severity, SEVERITY_NOTICE);
	set(&h, SYSCTL_TIMESTAMPS, 0); /* it cannot */
	assert_int_equal(found(&h, "client_closes_first")->severity, SEVERITY_WARNING);
	set(&h, SYSCTL_TIMESTAMPS, 1);
	set(&h, SYSCTL_TW_REUSE, 2); /* loopback only */
	sum->key.endpoint.addr[0] = 127;
	assert_int_equal(found(&h, "client_closes_first")->severity, SEVERITY_NOTICE);
	host_end(&h);
}

static void test_client_with_unknown_sysctls(void **state)
{
	struct host h;
	const struct finding *f;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "app", ROLE_CLIENT), 1000);
	h.facts.sysctls = NULL;
	h.facts.nsysctls = 0;
	f = found(&h, "client_closes_first");
	assert_non_null(f);
	assert_evidence(f, "local_ports_by_default", 28232);
	host_end(&h);
}

/* With few buckets there never are so many TIME_WAITs. */
static void test_client_never_holds_more_than_the_buckets(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "app", ROLE_CLIENT), 10000);
	set(&h, SYSCTL_MAX_TW_BUCKETS, 2823);
	assert_null(found(&h, "client_closes_first"));
	set(&h, SYSCTL_MAX_TW_BUCKETS, 2824);
	assert_evidence(found(&h, "client_closes_first"), "in_a_minute_at_this_rate", 2824);
	host_end(&h);
}

static void test_server_closes_first(void **state)
{
	struct host h;
	const struct finding *f;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "nginx", ROLE_SERVER);
	close_first(sum, SERVER_LIMIT - 1);
	assert_null(found(&h, "server_closes_first"));
	close_first(sum, 1);
	f = found(&h, "server_closes_first");
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_NOTICE);
	assert_evidence(f, "closed_first", SERVER_LIMIT);
	assert_evidence(f, "tcp_max_tw_buckets", 131072);
	assert_changes(f, "keepalive_timeout");
	host_end(&h);
}

/* A server's TIME_WAITs hold no ports, but buckets. */
static void test_server_is_a_warning_by_buckets(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_SERVER);
	close_first(sum, 10000);
	assert_int_equal(found(&h, "server_closes_first")->severity, SEVERITY_NOTICE);
	close_first(sum, 923); /* 65538 a minute */
	assert_int_equal(found(&h, "server_closes_first")->severity, SEVERITY_WARNING);
	sum->tw_ended[END_REUSED_SYN] = 2; /* these are not there any more */
	sum->tw_now = 10921;
	assert_int_equal(found(&h, "server_closes_first")->severity, SEVERITY_NOTICE);
	sum->tw_ended[END_REUSED_SYN] = 9000; /* these were older than the tracer: all that it saw begin are there */
	sum->tw_now = 10923;
	assert_int_equal(found(&h, "server_closes_first")->severity, SEVERITY_WARNING);
	host_end(&h);
}

static void test_server_that_keeps_its_connections_long(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "nginx", ROLE_SERVER);
	close_first(sum, 5000);
	sum->brief = 2499; /* on the others many requests came */
	assert_null(found(&h, "server_closes_first"));
	sum->brief = 2500;
	assert_non_null(found(&h, "server_closes_first"));
	host_end(&h);
}

static void test_server_is_no_client_and_no_burst(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "app", ROLE_CLIENT), 5000);
	close_first(add_subject(&h, "old", ROLE_UNKNOWN), 5000);
	sum = add_subject(&h, "app", ROLE_SERVER);
	close_first(sum, 5000);
	sum->busy = 3;
	assert_null(found(&h, "server_closes_first"));
	host_end(&h);
}

static void test_upstream_without_keepalive(void **state)
{
	struct host h;
	const struct finding *f;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "nginx", ROLE_CLIENT);
	closed_by_peer(sum, 999);
	assert_null(found(&h, "upstream_without_keepalive"));
	closed_by_peer(sum, 1);
	f = found(&h, "upstream_without_keepalive");
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_WARNING);
	assert_evidence(f, "closed_by_upstream", 1000);
	assert_changes(f, "proxy_set_header Connection \"\"");
	assert_ptr_equal(&h.diagnosis.findings[0], f);
	host_end(&h);
}

/* The peer closes, and nothing says that it is their doing. */
static void test_upstream_of_others(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	closed_by_peer(add_subject(&h, "curl", ROLE_CLIENT), 5000);
	closed_by_peer(add_subject(&h, "nginx", ROLE_SERVER), 5000);
	closed_by_peer(add_subject(&h, "nginx", ROLE_UNKNOWN), 5000);
	assert_null(found(&h, "upstream_without_keepalive"));
	host_end(&h);
}

static void test_upstream_that_is_kept(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "haproxy", ROLE_CLIENT);
	closed_by_peer(sum, 5000);
	assert_changes(found(&h, "upstream_without_keepalive"), "http-reuse");
	sum->brief = 100; /* the upstream's limit of requests per connection */
	assert_null(found(&h, "upstream_without_keepalive"));
	host_end(&h);
}

static void test_advice_by_name(void **state)
{
	static const struct {
		const char *comm, *client, *server;
	} programs[] = {
		{"nginx", "keepalive 32", "keepalive_requests"},
		{"haproxy", "http-reuse", "timeout http-keep-alive"},
		{"envoy", "max_requests_per_connection", "idle_timeout"},
		{"apache2", "disablereuse", "KeepAliveTimeout"},
		{"httpd", "disablereuse", "KeepAliveTimeout"},
		{"java", "Java", "maxKeepAliveRequests"},
		{"node", "keepAlive: true", "keepAliveTimeout"},
		{"python3.11", "requests.Session", "HTTP/1.0"},
		{"gunicorn", "requests.Session", "gunicorn"},
		{"php-fpm8.2", "PHP", "fastcgi_keep_conn"},
		{"nginx-exporter", "connection pool", "idle timeout"},
		{"redis-server", "connection pool", "redis"},
		{"my-own", "connection pool", "idle timeout"},
		{"", "connection pool", "idle timeout"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct host h;

		host_init(&h);
		close_first(add_subject(&h, programs[i].comm, ROLE_CLIENT), 5000);
		close_first(add_subject(&h, programs[i].comm, ROLE_SERVER), 5000);
		assert_changes(found(&h, "client_closes_first"), programs[i].client);
		assert_changes(found(&h, "server_closes_first"), programs[i].server);
		host_end(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client_closes_first),
		cmocka_unit_test(test_client_below_the_limit),
		cmocka_unit_test(test_client_that_is_mostly_closed_by_its_peer),
		cmocka_unit_test(test_client_in_a_burst),
		cmocka_unit_test(test_client_is_no_server),
		cmocka_unit_test(test_client_is_a_warning_where_ports_may_run_out),
		cmocka_unit_test(test_client_with_unknown_sysctls),
		cmocka_unit_test(test_client_never_holds_more_than_the_buckets),
		cmocka_unit_test(test_server_closes_first),
		cmocka_unit_test(test_server_is_a_warning_by_buckets),
		cmocka_unit_test(test_server_that_keeps_its_connections_long),
		cmocka_unit_test(test_server_is_no_client_and_no_burst),
		cmocka_unit_test(test_upstream_without_keepalive),
		cmocka_unit_test(test_upstream_of_others),
		cmocka_unit_test(test_upstream_that_is_kept),
		cmocka_unit_test(test_advice_by_name),
	};

	return RUN_TESTS(tests);
}
