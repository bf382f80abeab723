/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_json_lines.c: schema version 1, whole lines: keys, their order, what is null. */
#include "unit.h"

#include <errno.h>

#include "view/json_lines.h"

#define OFFSET 1709210091000000000 /* the sample's 5 s become 2024-02-29T12:34:56Z */

static void assert_event(const struct event *e, const char *expected)
{
	struct caught c;
	struct json j;

	catch_begin(&c);
	json_init(&j, c.out);
	json_event(&j, e, OFFSET);
	assert_string_equal(caught_text(&c), expected);
	catch_end(&c);
}

static void assert_event_has(const struct event *e, const char *part)
{
	struct caught c;
	struct json j;

	catch_begin(&c);
	json_init(&j, c.out);
	json_event(&j, e, OFFSET);
	if (!strstr(caught_text(&c), part))
		fail_msg("no %s in %s", part, c.text);
	catch_end(&c);
}

#define SAMPLE_IDENTITY                                                                                                          \
	"\"ts\":\"2024-02-29T12:34:56.000000Z\",\"family\":4,\"laddr\":\"10.0.0.1\",\"lport\":40000,\"raddr\":\"10.0.0.2\","     \
	"\"rport\":80,\"netns\":4026531840,\"cgroup\":77,\"role\":\"client\",\"pid\":100,\"comm\":\"curl\","                     \
	"\"owner_source\":\"connect\",\"opener_pid\":100,\"opener_comm\":\"curl\",\"closer_pid\":100,\"closer_comm\":\"curl\","  \
	"\"closer\":\"local\",\"how\":\"fin\",\"cause\":\"close\",\"preexisting\":false,"

static void test_close(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	e.close.lifetime_ns = 1;
	e.close.closing_ns = 2;
	e.close.close_wait_ns = UNKNOWN_NS;
	e.close.fin_wait2_ns = 0;
	e.close.tx_bytes = 5;
	e.close.rx_bytes = ~0ULL;
	e.close.retrans = 7;
	assert_event(&e, "{\"v\":1,\"type\":\"close\"," SAMPLE_IDENTITY
			 "\"lifetime_ns\":1,\"closing_ns\":2,\"close_wait_ns\":null,\"fin_wait2_ns\":0,\"tx_bytes\":5,"
			 "\"rx_bytes\":18446744073709551615,\"retrans\":7,\"timewait\":\"entered\",\"error\":null}\n");
}

static void test_timewait(void **state)
{
	struct event e = sample_event(EVENT_TIMEWAIT);

	(void)state;
	e.tw.fin_wait2_ns = UNKNOWN_NS;
	e.tw.restarts = 3;
	assert_event(&e, "{\"v\":1,\"type\":\"timewait\"," SAMPLE_IDENTITY
			 "\"fin_wait2_ns\":null,\"time_wait_ns\":60000000000,\"end\":\"expired\",\"restarts\":3}\n");
}

static void test_connect_failed(void **state)
{
	struct event e = sample_event(EVENT_CONNECT_FAILED);

	(void)state;
	e.reason = REASON_REFUSED;
	e.connect_failed.error = ECONNREFUSED;
	e.connect_failed.duration_ns = 9;
	assert_event(&e, "{\"v\":1,\"type\":\"connect_failed\"," SAMPLE_IDENTITY
			 "\"reason\":\"refused\",\"error\":\"ECONNREFUSED\",\"duration_ns\":9}\n");
}

static void test_nulls(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	e.netns = 0;
	e.cgroup = 0;
	e.owner.pid = e.closer_process.pid = 0;
	e.owner_source = OWNER_UNKNOWN;
	e.closer = CLOSER_REMOTE;
	e.cause = CAUSE_NONE;
	e.flags = EVENT_PREEXISTING;
	e.close.error = ECONNRESET;
	assert_event_has(&e, "\"netns\":null,\"cgroup\":null,\"role\":\"client\",\"pid\":null,\"comm\":null,"
			     "\"owner_source\":\"unknown\",\"opener_pid\":null,\"opener_comm\":null,\"closer_pid\":null,"
			     "\"closer_comm\":null,\"closer\":\"remote\",\"how\":\"fin\",\"cause\":null,\"preexisting\":true,");
	assert_event_has(&e, "\"error\":\"ECONNRESET\"");
	e.cause = CAUSE_UNKNOWN;
	assert_event_has(&e, "\"cause\":\"unknown\"");
}

static void test_processes(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	e.owner = (struct process){1, "master"};
	e.closer_process = (struct process){2, "worker"};
	assert_event_has(&e,
			 "\"pid\":2,\"comm\":\"worker\",\"owner_source\":\"connect\",\"opener_pid\":1,\"opener_comm\":\"master\","
			 "\"closer_pid\":2,\"closer_comm\":\"worker\",");
	e.closer = CLOSER_REMOTE;
	assert_event_has(&e, "\"pid\":1,\"comm\":\"master\",");
	e.owner_source = OWNER_ITERATOR;
	assert_event_has(&e,
			 "\"pid\":1,\"comm\":\"master\",\"owner_source\":\"iterator\",\"opener_pid\":null,\"opener_comm\":null,");
}

static void test_hostile_comm(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	memcpy(e.closer_process.comm, "\"\\\n\033[m\xff\xc2\x9b\xe2\x82\xac,{}", 16); /* and no NUL */
	assert_event_has(&e, "\"comm\":\"\\\"\\\\\\n\\u001b[m\\ufffd\\u009b\xe2\x82\xac,{}\",");
}

static void test_ipv6(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	set_remote6(&e, "2001:db8::1");
	memset(e.laddr, 0xff, sizeof(e.laddr));
	assert_event_has(&e, "\"family\":6,\"laddr\":\"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\",\"lport\":40000,"
			     "\"raddr\":\"2001:db8::1\",\"rport\":80,");
}

static void test_row(void **state)
{
	struct row row = {
		.key = {.process = {100, "a\"b"}, .endpoint = {.addr = {10, 0, 0, 2}, .port = 80, .family = 4, .role = 1}},
		.closed = {[CLOSER_LOCAL] = {2, 1}, [CLOSER_REMOTE] = {1}},
		.tw_entered = 2,
		.tw_now = 1,
		.tw_rate = 0.5,
		.tw_ended = {[END_EXPIRED] = 1},
	};
	struct caught c;
	struct json j;

	(void)state;
	catch_begin(&c);
	json_init(&j, c.out);
	json_row(&j, &row, 1709210096000000000);
	assert_string_equal(
		caught_text(&c),
		"{\"v\":1,\"type\":\"row\",\"ts\":\"2024-02-29T12:34:56.000000Z\",\"pid\":100,\"comm\":\"a\\\"b\",\"role\":"
		"\"client\","
		"\"endpoint\":\"10.0.0.2:80\",\"remote\":\"10.0.0.0/24\",\"cgroup\":null,\"netns\":null,\"closes\":4,\"local_share\":75,\"remote_share\":25,\"tw\":1,\"tw_rate\":0.5,"
		"\"tw_p50_ns\":null,\"tw_p99_ns\":null,\"rst_sent\":1,\"rst_rcvd\":0,\"timeouts\":0,\"failed\":0,\"tw_skipped\":"
		"0,"
		"\"tw_begun\":2,\"by_local\":3,\"by_remote\":1,\"by_both\":0,\"by_none\":0,\"refused\":0,\"connect_timeout\":0,"
		"\"no_port\":0,\"unreachable\":0,\"aborted\":0,\"end_expired\":1,\"end_reused_connect\":0,\"end_reused_syn\":0,"
		"\"end_reset\":0,\"end_data_reset\":0,\"end_killed\":0,\"end_purged\":0,\"end_fin_wait2_timeout\":0,"
		"\"end_unknown\":0,\"close_rate\":0,\"failed_rate\":0,\"cause_close\":0,\"cause_shutdown\":0,\"cause_exit\":0,\"cause_unread_data\":0,"
		"\"cause_linger0\":0,\"cause_disconnect\":0,\"cause_killed\":0,\"cause_listener_closed\":0,\"cause_unknown\":0,"
		"\"lifetime_p50_ns\":null,\"lifetime_p99_ns\":null,\"fin_wait2_p50_ns\":null,\"fin_wait2_p99_ns\":null,"
		"\"other\":false,\"folded\":0,\"partial\":false}\n");
	catch_end(&c);
}

/* It has no process and no endpoint: none may be mistaken for it. */
static void test_row_that_sums_up(void **state)
{
	struct row row = {.folded = 12, .closed = {[CLOSER_LOCAL] = {2}}};
	struct caught c;
	struct json j;

	(void)state;
	catch_begin(&c);
	json_init(&j, c.out);
	json_row(&j, &row, 1709210096000000000);
	assert_non_null(strstr(caught_text(&c), "\"pid\":null,\"comm\":null,\"role\":null,\"endpoint\":null,\"remote\":null,"
						"\"cgroup\":null,\"netns\":null,\"closes\":2,"));
	assert_non_null(strstr(c.text, "\"other\":true,\"folded\":12,"));
	catch_end(&c);
}

/* Every count another number, so that none can be taken for another. */
static struct summary sample_summary(void)
{
	struct summary s = {
		.run = {.ts = 5000000000, .duration_ns = 10, .backend = "timer", .backend_why = "why \"so\"", .kernel = "6.1"},
		.known_open = true,
		.open = 13,
		.closed = 12,
		.tw_now = 16,
		.tw_ended = 15,
		.fin_wait2_now = 20,
		.fin_wait2_ended = 19,
		.connect_failed = 21,
		.lost = 22,
	};
	__u64 n = 100;

	s.totals.present = 10;
	s.totals.opened = 11;
	s.totals.tw_present = 14;
	s.totals.tw_begun = 141;
	s.totals.tw_skipped = 17;
	s.totals.fin_wait2_present = 18;
	s.totals.fin_wait2_begun = 181;
	s.totals.fin_wait2_turned = 182;
	for (int closer = 0; closer < CLOSER_MAX; closer++)
		for (int how = 0; how < HOW_MAX; how++)
			s.totals.closed[closer][how] = n++;
	for (int end = 0; end < END_MAX; end++)
		s.totals.tw_ended[end] = n++;
	for (int end = 0; end < END_MAX; end++)
		s.totals.fin_wait2_ended[end] = n++;
	for (int reason = 0; reason < REASON_MAX; reason++)
		s.totals.connect_failed[reason] = n++;
	for (int kind = 0; kind < LOST_MAX; kind++)
		s.totals.lost[kind] = n++;
	return s;
}

static void test_summary(void **state)
{
	struct summary s = sample_summary();
	struct caught c;
	struct json j;

	(void)state;
	catch_begin(&c);
	json_init(&j, c.out);
	json_summary(&j, &s, OFFSET);
	assert_string_equal(
		caught_text(&c),
		"{\"v\":1,\"type\":\"summary\",\"ts\":\"2024-02-29T12:34:56.000000Z\",\"duration_ns\":10,\"backend\":\"timer\","
		"\"backend_why\":\"why \\\"so\\\"\",\"kernel\":\"6.1\",\"present\":10,\"opened\":11,\"closed\":12,\"open\":13,"
		"\"closed_none_fin\":100,\"closed_none_rst\":101,\"closed_none_timeout\":102,\"closed_none_error\":103,"
		"\"closed_local_fin\":104,\"closed_local_rst\":105,\"closed_local_timeout\":106,\"closed_local_error\":107,"
		"\"closed_remote_fin\":108,\"closed_remote_rst\":109,\"closed_remote_timeout\":110,\"closed_remote_error\":111,"
		"\"closed_both_fin\":112,\"closed_both_rst\":113,\"closed_both_timeout\":114,\"closed_both_error\":115,"
		"\"tw_present\":14,\"tw_begun\":141,\"tw_ended\":15,\"tw_now\":16,\"tw_skipped\":17,\"tw_end_unknown\":116,"
		"\"tw_end_expired\":117,\"tw_end_reused_connect\":118,\"tw_end_reused_syn\":119,\"tw_end_reset\":120,"
		"\"tw_end_data_reset\":121,\"tw_end_killed\":122,\"tw_end_purged\":123,\"tw_end_fin_wait2_timeout\":124,"
		"\"fin_wait2_present\":18,\"fin_wait2_begun\":181,\"fin_wait2_turned\":182,\"fin_wait2_ended\":19,\"fin_wait2_"
		"now\":20,"
		"\"fin_wait2_end_unknown\":125,\"fin_wait2_end_expired\":126,\"fin_wait2_end_reused_connect\":127,"
		"\"fin_wait2_end_reused_syn\":128,\"fin_wait2_end_reset\":129,\"fin_wait2_end_data_reset\":130,"
		"\"fin_wait2_end_killed\":131,\"fin_wait2_end_purged\":132,\"fin_wait2_end_fin_wait2_timeout\":133,"
		"\"connect_failed\":21,\"connect_failed_refused\":134,\"connect_failed_timeout\":135,\"connect_failed_no_port\":"
		"136,"
		"\"connect_failed_unreachable\":137,\"connect_failed_aborted\":138,\"lost\":22,\"lost_ring_close\":139,"
		"\"lost_ring_timewait\":140,\"lost_ring_connect_failed\":141,\"lost_connection_map\":142,"
		"\"lost_connecting_map\":143,\"lost_listener_map\":144,\"lost_pending_map\":145,\"lost_overwritten\":146,\"lost_timewait_map\":147,\"missed\":null}\n");
	catch_end(&c);
}

static void test_filtered_summary(void **state)
{
	struct summary s = sample_summary();
	struct caught c;
	struct json j;

	(void)state;
	s.known_open = false;
	catch_begin(&c);
	json_init(&j, c.out);
	json_summary(&j, &s, OFFSET);
	assert_non_null(
		strstr(caught_text(&c), "\"present\":null,\"opened\":null,\"closed\":12,\"open\":null,\"closed_none_fin\":100"));
	catch_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_close),          cmocka_unit_test(test_timewait),
		cmocka_unit_test(test_connect_failed), cmocka_unit_test(test_nulls),
		cmocka_unit_test(test_processes),      cmocka_unit_test(test_hostile_comm),
		cmocka_unit_test(test_ipv6),           cmocka_unit_test(test_row), cmocka_unit_test(test_row_that_sums_up),
		cmocka_unit_test(test_summary),        cmocka_unit_test(test_filtered_summary),
	};

	return RUN_TESTS(tests);
}
