/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_port_budget.c: what holds a local port and what does not; when they run out, and when they do not. */
#include "unit.h"

#include <errno.h>
#include <math.h>

#include "model/port_budget.h"
#include "view/json_ports.h"
#include "view/text_ports.h"

#define SECOND 1000000000ULL

enum { NETNS = 4026531840u };

/* A namespace with ports 40000 to 40099, all other settings the kernel's defaults. */
struct set {
	struct port_budget *pb;
	struct sysctls *settings;
};

static void set_value(struct sysctls *s, enum sysctl_id id, long long value)
{
	s->known |= 1u << id;
	s->value[id] = value;
}

static struct set begin_with(long long low, long long high)
{
	struct set set;

	assert_int_equal(port_budget_new(&set.pb), 0);
	set.settings = calloc(1, sizeof(*set.settings));
	assert_non_null(set.settings);
	set.settings->netns = NETNS;
	set_value(set.settings, SYSCTL_PORT_LOW, low);
	set_value(set.settings, SYSCTL_PORT_HIGH, high);
	set_value(set.settings, SYSCTL_TW_REUSE, 2);
	set_value(set.settings, SYSCTL_TIMESTAMPS, 1);
	set_value(set.settings, SYSCTL_MAX_TW_BUCKETS, 65536);
	port_budget_begin(set.pb, set.settings, 1);
	return set;
}

static struct set begin(void)
{
	return begin_with(40000, 40099);
}

static void end(struct set *set)
{
	port_budget_free(set->pb);
	free(set->settings);
}

/* A client's (curl, 100), from 10.0.0.1 to 10.0.0.2:80. */
static struct live_socket sample(enum tcp_state state, __u16 lport)
{
	struct live_socket s = {.id = sample_event(EVENT_CLOSE), .state = (__u8)state, .age_ns = UNKNOWN_NS, .left_ns = UNKNOWN_NS};

	s.id.type = 0;
	s.id.lport = lport;
	if (state == STATE_TIME_WAIT) {
		s.left_ns = 30 * SECOND;
		s.flags = SOCKET_ORPHAN | SOCKET_TIMEWAIT | SOCKET_TIMESTAMPS;
	}
	return s;
}

static void add(struct set *set, const struct live_socket *s)
{
	assert_int_equal(port_budget_socket(set->pb, s), 0);
}

static void add_range(struct set *set, struct live_socket s, __u16 from, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		s.id.lport = (__u16)(from + i);
		add(set, &s);
	}
}

static const struct port_pair *const *work_out(struct set *set, __u64 traced_ns, size_t *n)
{
	assert_int_equal(port_budget_end(set->pb, traced_ns), 0);
	return port_budget_pairs(set->pb, n);
}

static const struct port_pair *only(struct set *set, __u64 traced_ns)
{
	const struct port_pair *const *pairs;
	size_t n;

	pairs = work_out(set, traced_ns, &n);
	assert_int_equal(n, 1);
	return pairs[0];
}

static void close_often(struct set *set, unsigned times)
{
	struct event e = sample_event(EVENT_CLOSE);

	for (unsigned i = 0; i < times; i++)
		assert_int_equal(port_budget_event(set->pb, &e), 0);
}

static void test_nothing_held(void **state)
{
	struct set set = begin();
	struct live_socket s;
	size_t n;

	(void)state;
	s = sample(STATE_ESTABLISHED, 80); /* not of the range */
	add(&set, &s);
	s = sample(STATE_ESTABLISHED, 40100); /* nor this */
	add(&set, &s);
	s = sample(STATE_ESTABLISHED, 40001); /* accepted */
	s.id.role = ROLE_SERVER;
	add(&set, &s);
	work_out(&set, 0, &n);
	assert_int_equal(n, 0);
	end(&set);
}

static void test_counts(void **state)
{
	struct set set = begin();
	const struct port_pair *p;
	struct live_socket s;

	(void)state;
	add_range(&set, sample(STATE_ESTABLISHED, 0), 40000, 10);
	add_range(&set, sample(STATE_TIME_WAIT, 0), 40010, 20);
	s = sample(STATE_FIN_WAIT2, 40099); /* an orphan that may still turn */
	s.flags = SOCKET_ORPHAN | SOCKET_TIMEWAIT | SOCKET_TIMESTAMPS;
	add(&set, &s);
	p = only(&set, 0);
	assert_true(p->known);
	assert_int_equal(p->range, 100);
	assert_int_equal(p->usable, 100);
	assert_int_equal(p->connections, 11);
	assert_int_equal(p->time_wait, 20);
	assert_int_equal(p->reusable, 0);
	assert_int_equal(p->held, 31);
	assert_int_equal(p->free, 69);
	assert_true(fabs(p->share - 0.31) < 1e-9);
	assert_int_equal(p->key.rport, 80);
	assert_int_equal(p->nprocesses, 1);
	assert_int_equal(p->processes[0].process.pid, 100);
	assert_int_equal(p->processes[0].held, 31);
	end(&set);
}

static void test_reserved_and_bound_ports(void **state)
{
	struct set set = begin();
	const struct port_pair *p;
	struct live_socket s;

	(void)state;
	set_value(set.settings, SYSCTL_RESERVED_PORTS, 0);
	assert_int_equal(port_list_parse(&set.settings->reserved, &set.settings->value[SYSCTL_RESERVED_PORTS], "40000-40009,50000"), 0);
	s = sample(STATE_LISTEN, 40010);
	s.id.role = ROLE_SERVER;
	s.flags = SOCKET_BOUND;
	add(&set, &s);
	s.id.lport = 40000; /* reserved as well: counts once */
	add(&set, &s);
	s.id.lport = 8080; /* costs nothing */
	add(&set, &s);
	s = sample(STATE_ESTABLISHED, 40005); /* bind() may take a reserved one; connect() does not want it anyway */
	add(&set, &s);
	add_range(&set, sample(STATE_TIME_WAIT, 0), 40050, 9);
	p = only(&set, 0);
	assert_int_equal(p->reserved, 10);
	assert_int_equal(p->bound, 1);
	assert_int_equal(p->usable, 89);
	assert_int_equal(p->held, 9);
	assert_int_equal(p->free, 80);
	end(&set);
}

static void test_pairs_are_apart(void **state)
{
	struct set set = begin();
	struct live_socket s = sample(STATE_ESTABLISHED, 40000);
	const struct port_pair *const *pairs;
	size_t n;

	(void)state;
	add(&set, &s);
	s.id.rport = 81; /* the same local port, as only all four together must be unique */
	add(&set, &s);
	s.id.laddr[3] = 9;
	add(&set, &s);
	s.id.netns++;
	add(&set, &s);
	pairs = work_out(&set, 0, &n);
	assert_int_equal(n, 3); /* the other namespace's settings are not known, so neither is what it holds */
	for (size_t i = 0; i < n; i++)
		assert_int_equal(pairs[i]->held, 1);
	end(&set);
}

static void test_range_of_one_port(void **state)
{
	struct set set = begin_with(65535, 65535);
	struct live_socket s = sample(STATE_TIME_WAIT, 65535);
	const struct port_pair *p;

	(void)state;
	add(&set, &s);
	close_often(&set, 2);
	p = only(&set, SECOND);
	assert_int_equal(p->range, 1);
	assert_int_equal(p->free, 0);
	assert_true(p->share == 1);
	assert_true(p->left_ns == 0);
	assert_true(fabs(p->max_rate - 1 / 60.0) < 1e-9);
	end(&set);
}

static void test_no_usable_port(void **state)
{
	struct set set = begin_with(40000, 40000);
	struct event e = sample_event(EVENT_CONNECT_FAILED);
	const struct port_pair *p;

	(void)state;
	set_value(set.settings, SYSCTL_RESERVED_PORTS, 1);
	port_set_add(&set.settings->reserved, 40000);
	e.reason = REASON_NO_PORT;
	assert_int_equal(port_budget_event(set.pb, &e), 0);
	p = only(&set, SECOND);
	assert_int_equal(p->usable, 0);
	assert_true(p->share == 1);
	assert_int_equal(p->no_port, 1);
	assert_int_equal(p->processes[0].no_port, 1);
	assert_int_equal(p->processes[0].process.pid, 100);
	end(&set);
}

static void test_whole_range_of_numbers(void **state)
{
	struct set set = begin_with(1, 65535);
	const struct port_pair *p;

	(void)state;
	add_range(&set, sample(STATE_TIME_WAIT, 0), 1, 65535);
	p = only(&set, 0);
	assert_int_equal(p->held, 65535);
	assert_int_equal(p->free, 0);
	end(&set);
}

static void test_range_that_makes_no_sense(void **state)
{
	struct set set = begin_with(50000, 40000);
	struct event e = sample_event(EVENT_CONNECT_FAILED);

	(void)state;
	e.reason = REASON_NO_PORT;
	assert_int_equal(port_budget_event(set.pb, &e), 0);
	assert_false(only(&set, SECOND)->known);
	end(&set);
}

/* 60 ports a minute is one a second. */
static void test_sustainable_rate(void **state)
{
	struct set set = begin_with(40000, 40059);
	const struct port_pair *p;

	(void)state;
	close_often(&set, 10);
	p = only(&set, 10 * SECOND);
	assert_true(fabs(p->rate - 1) < 1e-9);
	assert_true(fabs(p->max_rate - 1) < 1e-9);
	assert_int_equal(p->hold_ns, 60 * SECOND);
	assert_true(p->left_ns == UNKNOWN_NS);
	end(&set);
}

static void test_connections_take_from_the_rate(void **state)
{
	struct set set = begin_with(40000, 40059);
	const struct port_pair *p;

	(void)state;
	add_range(&set, sample(STATE_ESTABLISHED, 0), 40000, 30);
	close_often(&set, 10);
	p = only(&set, 10 * SECOND);
	assert_true(fabs(p->max_rate - 0.5) < 1e-9);
	assert_true(p->left_ns == 30 * SECOND); /* 30 are free */
	end(&set);
}

/* What is free lasts 5 s; 20 that expire after 3 s last 10 more; the others that would come later come too late. */
static void test_time_left_counts_what_is_set_free(void **state)
{
	struct set set = begin_with(40000, 40039);
	struct live_socket s = sample(STATE_TIME_WAIT, 0);
	const struct port_pair *p;

	(void)state;
	s.left_ns = 2500000000;
	add_range(&set, s, 40000, 20);
	s.left_ns = 59 * SECOND;
	add_range(&set, s, 40020, 10);
	close_often(&set, 20);
	p = only(&set, 10 * SECOND);
	assert_int_equal(p->free, 10);
	assert_true(fabs(p->rate - 2) < 1e-9);
	assert_true(p->left_ns == 15 * SECOND);
	end(&set);
}

/* Without a trace the ages of the TIME_WAITs tell the rate. */
static void test_rate_by_age(void **state)
{
	struct set set = begin();
	struct live_socket s = sample(STATE_TIME_WAIT, 0);

	(void)state;
	s.left_ns = 59 * SECOND;
	add_range(&set, s, 40000, 30);
	s.left_ns = 20 * SECOND;
	add_range(&set, s, 40030, 30);
	assert_true(fabs(only(&set, 0)->rate - 3) < 1e-9);
	end(&set);
}

static const struct port_pair *with_reuse(struct set *set, long long reuse, const __u8 raddr[4], __u8 flags)
{
	struct live_socket s = sample(STATE_TIME_WAIT, 0);

	set_value(set->settings, SYSCTL_TW_REUSE, reuse);
	memcpy(s.id.raddr, raddr, 4);
	s.flags = flags;
	s.left_ns = 59500000000;
	add_range(set, s, 40000, 10);
	s.left_ns = 50 * SECOND;
	add_range(set, s, 40010, 10);
	return only(set, 0);
}

static void test_reuse(void **state)
{
	static const __u8 far[4] = {10, 0, 0, 2}, loopback[4] = {127, 0, 0, 2};
	static const struct {
		long long reuse;
		const __u8 *raddr;
		__u8 flags;
		unsigned reusable;
	} cases[] = {
		{0, loopback, SOCKET_TIMESTAMPS, 0}, {1, far, SOCKET_TIMESTAMPS, 10},      {1, far, 0, 0},
		{2, far, SOCKET_TIMESTAMPS, 0},      {2, loopback, SOCKET_TIMESTAMPS, 10}, {2, loopback, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct set set = begin();
		const struct port_pair *p = with_reuse(&set, cases[i].reuse, cases[i].raddr, cases[i].flags);

		assert_int_equal(p->reusable, cases[i].reusable);
		assert_int_equal(p->time_wait, 20 - cases[i].reusable);
		assert_int_equal(p->hold_ns, (cases[i].reusable ? 1 : 60) * SECOND);
		end(&set);
	}
}

static void test_reuse_delay(void **state)
{
	static const __u8 far[4] = {10, 0, 0, 2};
	struct set set = begin();

	(void)state;
	set_value(set.settings, SYSCTL_TW_REUSE_DELAY, 30000);
	assert_int_equal(with_reuse(&set, 1, far, SOCKET_TIMESTAMPS)->reusable, 0);
	end(&set);
}

/* More than tcp_max_tw_buckets never are, and then ports come free at once. */
static void test_buckets_come_first(void **state)
{
	struct set set = begin();
	const struct port_pair *p;

	(void)state;
	set_value(set.settings, SYSCTL_MAX_TW_BUCKETS, 50);
	close_often(&set, 1000);
	p = only(&set, 10 * SECOND);
	assert_true(isinf(p->max_rate));
	assert_true(p->left_ns == UNKNOWN_NS);
	end(&set);
}

/* Those that bind() first share what there is at their address, whatever the remote end. */
static void test_bind_before_connect(void **state)
{
	struct set set = begin();
	struct live_socket s = sample(STATE_TIME_WAIT, 0);
	const struct port_pair *const *pairs, *any;
	size_t n;

	(void)state;
	s.flags |= SOCKET_BOUND;
	add_range(&set, s, 40000, 30);
	s.id.rport = 81;
	add_range(&set, s, 40030, 30);
	s.id.rport = 82;
	s.flags &= (__u8)~SOCKET_BOUND;
	add_range(&set, s, 40060, 10); /* connect() alone: their ports are taken for bind(), too */
	close_often(&set, 10);
	pairs = work_out(&set, SECOND, &n);
	assert_int_equal(n, 2);
	any = pairs[0]->key.any_remote ? pairs[0] : pairs[1];
	assert_int_equal(any->key.any_remote, 1);
	assert_int_equal(any->usable, 100);
	assert_int_equal(any->time_wait, 60);
	assert_int_equal(any->held, 70);
	assert_int_equal(any->connections, 10);
	assert_int_equal(any->hold_ns, 60 * SECOND);
	assert_true(fabs(any->rate - 10) < 1e-9);
	assert_true(any->left_ns == 3 * SECOND);
	any = pairs[0]->key.any_remote ? pairs[1] : pairs[0];
	assert_int_equal(any->key.rport, 82);
	assert_int_equal(any->bound, 60);
	assert_int_equal(any->usable, 40);
	assert_int_equal(any->held, 10);
	end(&set);
}

static void test_walk_after_walk(void **state)
{
	struct set set = begin();
	struct event e = sample_event(EVENT_CONNECT_FAILED);
	size_t n;

	(void)state;
	add_range(&set, sample(STATE_ESTABLISHED, 0), 40000, 5);
	assert_int_equal(only(&set, 0)->held, 5);
	assert_int_equal(only(&set, 0)->held, 5); /* working it out again changes nothing */
	port_budget_begin(set.pb, set.settings, 1);
	add_range(&set, sample(STATE_ESTABLISHED, 0), 40000, 3);
	assert_int_equal(only(&set, 0)->held, 3);
	port_budget_begin(set.pb, set.settings, 1);
	work_out(&set, 0, &n);
	assert_int_equal(n, 0);
	e.reason = REASON_NO_PORT; /* is remembered */
	assert_int_equal(port_budget_event(set.pb, &e), 0);
	for (int i = 0; i < 3; i++) {
		port_budget_begin(set.pb, set.settings, 1);
		assert_int_equal(only(&set, 0)->no_port, 1);
	}
	end(&set);
}

/* The rate is that since the walk before. */
static void test_rate_since_the_walk_before(void **state)
{
	struct set set = begin();
	const struct port_pair *p;

	(void)state;
	add_range(&set, sample(STATE_ESTABLISHED, 0), 40000, 1);
	close_often(&set, 100);
	assert_true(fabs(only(&set, 10 * SECOND)->rate - 10) < 1e-9);
	port_budget_begin(set.pb, set.settings, 1);
	add_range(&set, sample(STATE_ESTABLISHED, 0), 40000, 1);
	close_often(&set, 40);
	p = only(&set, 12 * SECOND);
	assert_true(fabs(p->rate - 20) < 1e-9);
	port_budget_begin(set.pb, set.settings, 1);
	add_range(&set, sample(STATE_ESTABLISHED, 0), 40000, 1);
	assert_true(only(&set, 13 * SECOND)->rate == 0);
	end(&set);
}

static void test_what_events_do_not_count(void **state)
{
	struct set set = begin();
	struct event e = sample_event(EVENT_CONNECT_FAILED);
	size_t n;

	(void)state;
	e.reason = REASON_REFUSED;
	assert_int_equal(port_budget_event(set.pb, &e), 0);
	e = sample_event(EVENT_TIMEWAIT);
	assert_int_equal(port_budget_event(set.pb, &e), 0);
	e = sample_event(EVENT_CLOSE);
	e.timewait = TIMEWAIT_NONE;
	assert_int_equal(port_budget_event(set.pb, &e), 0);
	e.timewait = TIMEWAIT_ENTERED;
	e.role = ROLE_SERVER;
	assert_int_equal(port_budget_event(set.pb, &e), 0);
	work_out(&set, SECOND, &n);
	assert_int_equal(n, 0);
	end(&set);
}

static void test_order(void **state)
{
	struct set set = begin();
	struct event e = sample_event(EVENT_CONNECT_FAILED);
	struct live_socket s = sample(STATE_ESTABLISHED, 0);
	const struct port_pair *const *pairs;
	size_t n;

	(void)state;
	add_range(&set, s, 40000, 50);
	s.id.rport = 81;
	add_range(&set, s, 40000, 60);
	e.rport = 82;
	e.reason = REASON_NO_PORT;
	assert_int_equal(port_budget_event(set.pb, &e), 0);
	pairs = work_out(&set, SECOND, &n);
	assert_int_equal(n, 3);
	assert_int_equal(pairs[0]->key.rport, 82);
	assert_int_equal(pairs[1]->key.rport, 81);
	assert_int_equal(pairs[2]->key.rport, 80);
	end(&set);
}

static void test_filter(void **state)
{
	struct set set = begin();
	struct event e = sample_event(EVENT_CONNECT_FAILED);
	struct filter f = {0};
	const struct port_pair *p;

	(void)state;
	add_range(&set, sample(STATE_ESTABLISHED, 0), 40000, 5);
	e.owner = (struct process){7, "late"};
	e.closer_process.pid = 0;
	e.reason = REASON_NO_PORT;
	assert_int_equal(port_budget_event(set.pb, &e), 0);
	p = only(&set, SECOND);
	assert_true(port_pair_passes(p, &f));
	f = (struct filter){.npids = 1, .pids = {100}};
	assert_true(port_pair_passes(p, &f));
	f.pids[0] = 7; /* not the first of its processes */
	assert_true(port_pair_passes(p, &f));
	f.pids[0] = 8;
	assert_false(port_pair_passes(p, &f));
	f = (struct filter){.nports = 1, .ports = {80}};
	assert_true(port_pair_passes(p, &f));
	f.ports[0] = 40000; /* local ports are what it counts */
	assert_false(port_pair_passes(p, &f));
	f = (struct filter){.nnetns = 1, .netns = {NETNS + 1}};
	assert_false(port_pair_passes(p, &f));
	end(&set);
}

static void test_invalid(void **state)
{
	struct set set = begin();
	struct live_socket s = sample(STATE_MAX, 40000);

	(void)state;
	assert_int_equal(port_budget_socket(set.pb, &s), -EINVAL);
	end(&set);
}

static void test_text(void **state)
{
	struct set set = begin();
	struct event e = sample_event(EVENT_CONNECT_FAILED);
	const struct port_pair *const *pairs;
	struct caught c;
	size_t n;

	(void)state;
	add_range(&set, sample(STATE_TIME_WAIT, 0), 40000, 80);
	close_often(&set, 50);
	e.reason = REASON_NO_PORT;
	e.owner = (struct process){7, "late\033"};
	e.closer_process.pid = 0;
	assert_int_equal(port_budget_event(set.pb, &e), 0);
	pairs = work_out(&set, 10 * SECOND, &n);
	catch_begin(&c);
	assert_int_equal(text_ports(c.out, pairs, n, 10, set.settings, 1), 0);
	assert_string_equal(caught_text(&c),
			    "netns 4026531840: ip_local_port_range 40000-40099, 100 ports, 0 reserved; tcp_tw_reuse 2 (loopback only)\n"
			    "PID COMM    LOCAL    REMOTE      HELD USABLE HELD% CONN TIME_WAIT FREE TW/s MAX/s OUT IN NO PORT\n"
			    "100 curl +1 10.0.0.1 10.0.0.2:80   80    100   80%    0        80   20 5.00  1.67  4.00s       1\n"
			    "\nconnect() found no port left: EADDRNOTAVAIL\n"
			    "PID COMM  LOCAL    REMOTE      NO PORT\n"
			    "  7 late? 10.0.0.1 10.0.0.2:80       1\n");
	catch_end(&c);
	end(&set);
}

static void test_json(void **state)
{
	struct set set = begin();
	struct event e = sample_event(EVENT_CONNECT_FAILED);
	struct caught c;
	struct json j;

	(void)state;
	add_range(&set, sample(STATE_TIME_WAIT, 0), 40000, 80);
	e.reason = REASON_NO_PORT;
	assert_int_equal(port_budget_event(set.pb, &e), 0);
	catch_begin(&c);
	json_init(&j, c.out);
	json_ports(&j, only(&set, SECOND), 0);
	assert_string_equal(caught_text(&c),
			    "{\"v\":1,\"type\":\"ports\",\"ts\":\"1970-01-01T00:00:00.000000Z\",\"netns\":4026531840,\"family\":4,"
			    "\"laddr\":\"10.0.0.1\",\"raddr\":\"10.0.0.2\",\"rport\":80,\"range\":100,\"reserved\":0,\"bound\":0,"
			    "\"usable\":100,\"connections\":0,\"time_wait\":80,\"reusable\":0,\"held\":80,\"free\":20,\"share\":0.8,"
			    "\"rate\":0,\"max_rate\":1.66667,\"hold_ns\":60000000000,\"left_ns\":null,\"no_port\":1,\"processes\":1,"
			    "\"pid\":100,\"comm\":\"curl\",\"pid_held\":80,\"pid_no_port\":1}\n"
			    "{\"v\":1,\"type\":\"no_port\",\"ts\":\"1970-01-01T00:00:00.000000Z\",\"netns\":4026531840,\"family\":4,"
			    "\"laddr\":\"10.0.0.1\",\"raddr\":\"10.0.0.2\",\"rport\":80,\"pid\":100,\"comm\":\"curl\",\"no_port\":1}\n");
	catch_end(&c);
	end(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_held),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_reserved_and_bound_ports),
		cmocka_unit_test(test_pairs_are_apart),
		cmocka_unit_test(test_range_of_one_port),
		cmocka_unit_test(test_no_usable_port),
		cmocka_unit_test(test_whole_range_of_numbers),
		cmocka_unit_test(test_range_that_makes_no_sense),
		cmocka_unit_test(test_sustainable_rate),
		cmocka_unit_test(test_connections_take_from_the_rate),
		cmocka_unit_test(test_time_left_counts_what_is_set_free),
		cmocka_unit_test(test_rate_by_age),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_reuse_delay),
		cmocka_unit_test(test_buckets_come_first),
		cmocka_unit_test(test_bind_before_connect),
		cmocka_unit_test(test_walk_after_walk),
		cmocka_unit_test(test_rate_since_the_walk_before),
		cmocka_unit_test(test_what_events_do_not_count),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
	};

	return RUN_TESTS(tests);
}
