/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_decode.c: reading a JSON line is the inverse of writing it; lines that cannot be are told by what is wrong with them. */
#include "unit.h"

#include <errno.h>

#include "model/meaning.h"
#include "source/decode.h"
#include "view/json_lines.h"

static struct decoder *decoder;

static int setup(void **state)
{
	(void)state;
	return decoder_new(&decoder);
}

static int teardown(void **state)
{
	(void)state;
	decoder_free(decoder);
	return 0;
}

static enum decoded decode(const char *line, struct event *e)
{
	struct summary s;

	return decode_line(decoder, line, strlen(line), e, &s);
}

static char *written(const struct event *e)
{
	struct caught c;
	struct json j;
	char *text;

	catch_begin(&c);
	json_init(&j, c.out);
	json_event(&j, e, 0);
	text = strdup(caught_text(&c));
	catch_end(&c);
	return text;
}

/* Writes, reads, writes again. */
static void assert_round_trip(const struct event *e, struct event *again)
{
	char *first = written(e), *second;

	if (decode(first, again) != DECODED_EVENT)
		fail_msg("not read: %s", first);
	second = written(again);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

#define assert_same_up_to(a, b, begin, end) \
	assert_memory_equal(&(a)->begin, &(b)->begin, offsetof(struct event, end) + sizeof((a)->end) - offsetof(struct event, begin))

/* Not as one block: what is in padding depends on how the compiler copies. */
static void assert_same(const struct event *e)
{
	struct event again;

	assert_round_trip(e, &again);
	assert_same_up_to(e, &again, version, closer_process);
	if (e->type == EVENT_CLOSE)
		assert_same_up_to(e, &again, close, close.error);
	else if (e->type == EVENT_TIMEWAIT)
		assert_same_up_to(e, &again, tw, tw.restarts);
	else
		assert_same_up_to(e, &again, connect_failed, connect_failed.error);
}

static void test_each_type(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	assert_same(&e);
	e = sample_event(EVENT_TIMEWAIT);
	assert_same(&e);
	e = sample_event(EVENT_CONNECT_FAILED);
	e.reason = REASON_NO_PORT;
	e.connect_failed.error = EADDRNOTAVAIL;
	assert_same(&e);
}

static void test_unknowns(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	e.role = ROLE_UNKNOWN;
	e.closer = CLOSER_NONE;
	e.how = HOW_TIMEOUT;
	e.cause = CAUSE_NONE;
	e.owner_source = OWNER_UNKNOWN;
	e.flags = EVENT_PREEXISTING;
	e.timewait = TIMEWAIT_NONE;
	e.cgroup = e.netns = 0;
	e.owner = e.closer_process = (struct process){0};
	e.close.lifetime_ns = e.close.closing_ns = e.close.close_wait_ns = e.close.fin_wait2_ns = UNKNOWN_NS;
	assert_same(&e);
	e = sample_event(EVENT_TIMEWAIT);
	e.end = END_UNKNOWN;
	e.tw.fin_wait2_ns = e.tw.time_wait_ns = UNKNOWN_NS;
	assert_same(&e);
	e = sample_event(EVENT_CONNECT_FAILED);
	e.connect_failed.duration_ns = UNKNOWN_NS;
	assert_same(&e);
}

static void test_extremes(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	e.lport = e.rport = 65535;
	e.netns = ~0u;
	e.cgroup = ~0ULL;
	e.owner.pid = e.closer_process.pid = ~0u;
	e.close.lifetime_ns = UNKNOWN_NS - 1;
	e.close.tx_bytes = e.close.rx_bytes = ~0ULL;
	e.close.retrans = ~0u;
	e.ts = 4102444799999999000; /* the end of 2099 */
	assert_same(&e);
	e.lport = e.rport = 0;
	e.ts = 0;
	assert_same(&e);
}

static void test_ipv6(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	set_remote6(&e, "2001:db8::1");
	memset(e.laddr, 0xff, sizeof(e.laddr));
	assert_same(&e);
	set_remote6(&e, "::");
	assert_same(&e);
}

static void test_errors(void **state)
{
	struct event e = sample_event(EVENT_CLOSE), again;

	(void)state;
	for (e.close.error = 0; e.close.error < 134; e.close.error++)
		assert_round_trip(&e, &again);
	e.close.error = ECONNRESET;
	assert_same(&e);
	e.close.error = ETIMEDOUT;
	assert_same(&e);
}

/* Every way in which a line names processes. */
static void test_processes(void **state)
{
	static const struct process processes[] = {{0}, {1, "master"}, {2, "worker"}};
	struct event e = sample_event(EVENT_CLOSE), again;

	(void)state;
	for (unsigned source = 0; source < OWNER_SOURCE_MAX; source++)
		for (unsigned closer = 0; closer < CLOSER_MAX; closer++)
			for (unsigned owner = 0; owner < 3; owner++)
				for (unsigned closing = 0; closing < 3; closing++) {
					bool ours = closer == CLOSER_LOCAL || closer == CLOSER_BOTH;
					bool opened = source == OWNER_CONNECT || source == OWNER_ACCEPT;

					e.owner_source = (__u8)source;
					e.closer = (__u8)closer;
					e.owner = processes[owner];
					e.closer_process = processes[closing];
					assert_round_trip(&e, &again);
					assert_int_equal(event_process(&again)->pid, event_process(&e)->pid);
					assert_int_equal(again.closer_process.pid, closing);
					if (opened || !ours || !closing)
						assert_int_equal(again.owner.pid, owner);
					else if (source == OWNER_CLOSE)
						assert_int_equal(again.owner.pid, closing);
					else
						assert_int_equal(again.owner.pid, 0);
				}
}

static void assert_comm(const char *comm, const char *read)
{
	struct event e = sample_event(EVENT_CLOSE), again;

	memset(e.closer_process.comm, 0, COMM_LEN);
	memcpy(e.closer_process.comm, comm, strnlen(comm, COMM_LEN));
	e.owner = e.closer_process;
	assert_round_trip(&e, &again);
	assert_memory_equal(again.closer_process.comm, read, strnlen(read, COMM_LEN));
}

static void test_names(void **state)
{
	(void)state;
	assert_comm("", "");
	assert_comm("\"\\/\b\f\n\r\t\v\001{}", "\"\\/\b\f\n\r\t\v\001{}");
	assert_comm("\033[2J\x7f\xc2\x9b", "\033[2J\x7f\xc2\x9b");
	assert_comm("\xe2\x80\xa8\xf0\x9f\x98\x80,:", "\xe2\x80\xa8\xf0\x9f\x98\x80,:");
	assert_comm("0123456789abcdef", "0123456789abcdef");
	/* What was not UTF-8 is told as such; even if nothing else was in the name, it is not longer than it was */
	assert_comm("a\xff\x80z\xc3", "a\xff\xffz\xff");
	assert_comm("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
}

static unsigned below(unsigned n)
{
	return (unsigned)random() % n;
}

static __u64 some_number(void)
{
	return ((__u64)random() << 32 ^ (__u64)random()) >> below(64);
}

static __u64 some_duration(void)
{
	return below(4) ? some_number() % UNKNOWN_NS : UNKNOWN_NS;
}

static struct process some_process(void)
{
	struct process process = {0};

	if (!below(5))
		return process;
	process.pid = 1 + (__u32)some_number() % 4194304;
	for (unsigned i = 0, len = below(COMM_LEN); i < len; i++)
		process.comm[i] = (char)(below(3) ? 'a' + (int)below(26) : 1 + (int)below(255));
	return process;
}

static struct event some_event(void)
{
	struct event e = {
		.version = EVENT_VERSION,
		.type = (__u8)(EVENT_CLOSE + below(3)),
		.family = below(2) ? 4 : 6,
		.role = (__u8)below(ROLE_MAX),
		.closer = (__u8)below(CLOSER_MAX),
		.how = (__u8)below(HOW_MAX),
		.cause = (__u8)below(CAUSE_MAX),
		.owner_source = (__u8)below(OWNER_SOURCE_MAX),
		.flags = below(2) ? EVENT_PREEXISTING : 0,
		.lport = (__u16)random(),
		.rport = (__u16)random(),
		.ts = some_number() % 4000000000000000000ULL / 1000 * 1000,
		.cgroup = below(4) ? some_number() : 0,
		.netns = below(4) ? (__u32)some_number() : 0,
		.owner = some_process(),
		.closer_process = some_process(),
	};

	for (unsigned i = 0; i < (e.family == 4 ? 4 : 16); i++) {
		e.laddr[i] = (__u8)(below(2) ? random() : 0);
		e.raddr[i] = (__u8)(below(2) ? random() : 0);
	}
	if (e.type == EVENT_CLOSE) {
		e.timewait = (__u8)below(TIMEWAIT_MAX);
		e.close.lifetime_ns = some_duration();
		e.close.closing_ns = some_duration();
		e.close.close_wait_ns = some_duration();
		e.close.fin_wait2_ns = some_duration();
		e.close.tx_bytes = some_number();
		e.close.rx_bytes = some_number();
		e.close.retrans = (__u32)some_number();
		e.close.error = below(133);
	} else if (e.type == EVENT_TIMEWAIT) {
		e.end = (__u8)below(END_MAX);
		e.tw.fin_wait2_ns = some_duration();
		e.tw.time_wait_ns = some_duration();
		e.tw.restarts = (__u32)some_number();
	} else {
		e.reason = (__u8)below(REASON_MAX);
		e.connect_failed.error = below(133);
		e.connect_failed.duration_ns = some_duration();
	}
	return e;
}

static void test_many(void **state)
{
	struct event again;

	(void)state;
	srandom(20261121);
	for (unsigned i = 0; i < 20000; i++) {
		struct event e = some_event();

		assert_round_trip(&e, &again);
		assert_true(event_valid(&again));
	}
}

/* A summary in which every number is another one. */
static struct summary some_summary(void)
{
	struct run run = {.ts = 5000000000,
			  .duration_ns = 10,
			  .backend = "timer",
			  .backend_why = "why \"so\"",
			  .kernel = "6.1",
			  .known_missed = true,
			  .missed = 77};
	struct totals totals[TOTALS_MAX];
	__u64 *number = (__u64 *)&totals[TOTALS_HOST], n = sizeof(totals[0]) / sizeof(*number);
	struct summary s;

	for (__u64 i = 0; i < n; i++)
		number[i] = 1000 + i;
	totals[TOTALS_HOST].tw_entered = 0; /* not written */
	summary_make(&s, &run, totals, &(struct in_place){1, 2, 3});
	return s;
}

static void assert_summary(const struct summary *s)
{
	struct summary again;
	struct event e;
	struct caught c;
	struct json j;

	catch_begin(&c);
	json_init(&j, c.out);
	json_summary(&j, s, 0);
	caught_text(&c);
	assert_int_equal(decode_line(decoder, c.text, c.size, &e, &again), DECODED_SUMMARY);
	assert_memory_equal(&again.totals, &s->totals, sizeof(s->totals));
	assert_int_equal(again.run.known_missed, s->run.known_missed);
	assert_int_equal(again.run.missed, s->run.missed);
	assert_string_equal(again.run.backend, s->run.backend);
	assert_string_equal(again.run.backend_why, s->run.backend_why);
	assert_string_equal(again.run.kernel, s->run.kernel);
	assert_int_equal(again.run.missed, s->run.missed);
	assert_int_equal(again.run.known_missed, s->run.known_missed);
	assert_int_equal(again.run.duration_ns, s->run.duration_ns);
	again.run = s->run;
	assert_memory_equal(&again, s, sizeof(again));
	catch_end(&c);
}

static void test_summary(void **state)
{
	struct summary s = some_summary();

	(void)state;
	assert_summary(&s);
	s.known_open = false;
	s.run.filtered = true;
	s.run.known_missed = false;
	s.run.missed = 0;
	s.open = s.totals.present = s.totals.opened = 0;
	assert_summary(&s);
}

/* What a line of the sample becomes when one part of it is replaced. */
static void assert_replaced(const char *part, const char *by, enum decoded expected)
{
	struct event e = sample_event(EVENT_CLOSE);
	char *line = written(&e), *at = strstr(line, part), *changed;
	int n;

	assert_non_null(at);
	n = asprintf(&changed, "%.*s%s%s", (int)(at - line), line, by, at + strlen(part));
	assert_true(n > 0);
	if (decode(changed, &e) != expected)
		fail_msg("%s for %s: not %d but %d: %s", by, part, expected, decode(changed, &e), changed);
	free(changed);
	free(line);
}

/* All three names of a line, one byte longer than a name can be. */
static void test_name_too_long(void **state)
{
	static const char name[] = "0123456789abcdef", too_long[] = "0123456789abcdefg";
	struct event e = sample_event(EVENT_CLOSE);
	char *line, *changed, *at;

	(void)state;
	memcpy(e.owner.comm, name, COMM_LEN);
	e.closer_process = e.owner;
	line = written(&e);
	assert_int_equal(decode(line, &e), DECODED_EVENT);
	changed = calloc(1, strlen(line) + 4);
	for (char *from = line; (at = strstr(from, name)); from = at + COMM_LEN) {
		strncat(changed, from, (size_t)(at - from));
		strcat(changed, too_long);
		if (!strstr(at + COMM_LEN, name))
			strcat(changed, at + COMM_LEN);
	}
	assert_int_equal(strlen(changed), strlen(line) + 3);
	assert_int_equal(decode(changed, &e), DECODED_VALUE);
	free(changed);
	free(line);
}

/* A part that a summary does not have is 0, whatever earlier summaries said of it. */
static void test_part_unknown_to_the_writer(void **state)
{
	struct summary s = some_summary(), again;
	struct event e;
	struct caught c;
	struct json j;
	char *part;

	(void)state;
	assert_summary(&s);
	catch_begin(&c);
	json_init(&j, c.out);
	json_summary(&j, &s, 0);
	caught_text(&c);
	part = strstr(c.text, "\"lost_overwritten\":");
	assert_non_null(part);
	part[1] = 'x';
	assert_int_equal(decode_line(decoder, c.text, c.size, &e, &again), DECODED_SUMMARY);
	assert_int_equal(again.totals.lost[LOST_OVERWRITTEN], 0);
	assert_int_equal(again.totals.lost[LOST_RING_CLOSE], s.totals.lost[LOST_RING_CLOSE]);
	assert_int_equal(again.lost, s.lost); /* the sum counts it */
	catch_end(&c);
}

static void test_values_that_cannot_be(void **state)
{
	static const struct {
		const char *part, *by;
	} cases[] = {
		{"\"lport\":40000", "\"lport\":65536"},
		{"\"lport\":40000", "\"lport\":-1"},
		{"\"lport\":40000", "\"lport\":4e4"},
		{"\"lport\":40000", "\"lport\":40000.0"},
		{"\"lport\":40000", "\"lport\":\"40000\""},
		{"\"lport\":40000", "\"lport\":null"},
		{"\"lport\":40000", "\"lport\":true"},
		{"\"lport\":40000", "\"lport\":[40000]"},
		{"\"lport\":40000", "\"lport\":{\"lport\":40000}"},
		{"\"lport\":40000,", ""},
		{"\"lport\":40000", "\"lport\":40000,\"lport\":40000"},
		{"\"tx_bytes\":0", "\"tx_bytes\":18446744073709551616"},
		{"\"tx_bytes\":0", "\"tx_bytes\":null"},
		{"\"lifetime_ns\":0", "\"lifetime_ns\":18446744073709551615"},
		{"\"netns\":4026531840", "\"netns\":0"},
		{"\"netns\":4026531840", "\"netns\":4294967296"},
		{"\"family\":4", "\"family\":6"},
		{"\"family\":4", "\"family\":5"},
		{"\"laddr\":\"10.0.0.1\"", "\"laddr\":\"10.0.0.256\""},
		{"\"laddr\":\"10.0.0.1\"", "\"laddr\":\"10.0.0.1\\u0000\""},
		{"\"laddr\":\"10.0.0.1\"", "\"laddr\":\"::1\""},
		{"\"laddr\":\"10.0.0.1\"", "\"laddr\":\"\""},
		{"\"laddr\":\"10.0.0.1\"", "\"laddr\":\"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555\""},
		{"1970-01-01T00:00:05", "1970-02-30T00:00:05"},
		{"1970-01-01T00:00:05", "1970-01-01T00:00: 5"},
		{"1970-01-01T00:00:05", "1969-01-01T00:00:05"},
		{"1970-01-01T00:00:05", "9970-01-01T00:00:05"},
		{"05.000000Z", "05.00000Z"},
		{"05.000000Z", "05.000000"},
		{"05.000000Z", "05.00000aZ"},
		{"\"role\":\"client\"", "\"role\":\"clientele\""},
		{"\"role\":\"client\"", "\"role\":\"clien\""},
		{"\"role\":\"client\"", "\"role\":\"client\\u0000\""},
		{"\"role\":\"client\"", "\"role\":\"\""},
		{"\"role\":\"client\"", "\"role\":1"},
		{"\"preexisting\":false", "\"preexisting\":0"},
		{"\"error\":null", "\"error\":\"EVIL\""},
		{"\"error\":null", "\"error\":\"0\""},
		{"\"pid\":100", "\"pid\":101"},
		{"\"pid\":100", "\"pid\":null"},
		{"\"comm\":\"curl\"", "\"comm\":\"wget\""},
		{"\"comm\":\"curl\"", "\"comm\":\"0123456789abcdefg\""},
		{"\"comm\":\"curl\"", "\"comm\":\"c\\u0000url\""},
		{"\"opener_pid\":100", "\"opener_pid\":null"},
		{"\"owner_source\":\"connect\"", "\"owner_source\":\"iterator\""},
		{"{\"v\":1,", "{"},
		{"\"type\":\"close\",", ""},
		{"\"type\":\"close\",", "\"type\":\"timewait\","},
		{"\"type\":\"close\",", "\"type\":\"summary\","},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_replaced(cases[i].part, cases[i].by, DECODED_VALUE);
}

static void test_versions_and_types(void **state)
{
	(void)state;
	assert_replaced("\"v\":1", "\"v\":2", DECODED_VERSION);
	assert_replaced("\"v\":1,", "\"v\":2,\"lport\":{\"of\":[1,{}]},", DECODED_VERSION);
	assert_replaced("\"type\":\"close\"", "\"type\":\"row\"", DECODED_TYPE);
	assert_replaced("\"type\":\"close\"", "\"type\":\"unknown\"", DECODED_TYPE);
	assert_replaced("\"type\":\"close\"", "\"type\":\"\"", DECODED_TYPE);
}

static void test_no_json(void **state)
{
	static const char *const lines[] = {
		"{\n",
		"}\n",
		"[]\n",
		"1\n",
		"\"v\"\n",
		"null\n",
		"nonsense\n",
		"{}{}\n",
		"{} 1\n",
		"{\"v\":1,}\n",
		"{\"v\":01}\n",
		"{\"v\" 1}\n",
		"{\"v\":\"\xff\"}\n",
		"{\"v\":\"\n",
		"{\"v\":1} trailing\n",
		"[[[[[[[[[[[[[[[[\n",
		"{\"a\":{\"b\":{\n",
		"/* {} */\n",
		"TIME  TYPE\n",
	};
	struct event e;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (decode(lines[i], &e) != DECODED_NO_JSON)
			fail_msg("%s", lines[i]);
	/* and what comes after them is read as ever */
	e = sample_event(EVENT_CLOSE);
	assert_same(&e);
}

static void test_lines_cut_anywhere(void **state)
{
	struct event e = sample_event(EVENT_CLOSE), again;
	char *line = written(&e);

	(void)state;
	for (size_t len = strlen(line) - 2; len; len--) {
		line[len] = '\n';
		line[len + 1] = '\0';
		assert_int_equal(decode(line, &again), DECODED_NO_JSON);
	}
	free(line);
	assert_same(&e);
}

static void test_what_may_differ(void **state)
{
	(void)state;
	assert_replaced("\"v\":1,", "\"v\":1,\"new\":[{\"lport\":1}],\"newer\":{\"v\":2},", DECODED_EVENT);
	assert_replaced("\"v\":1,", " \"v\" : 1 ,\t", DECODED_EVENT);
	assert_replaced("\"v\":1,", "\"\":0,\"v\":1,", DECODED_EVENT);
	assert_replaced("}\n", ",\"w\":0}\r\n", DECODED_EVENT);
	assert_replaced("\"role\"", "\"\\u0072ole\"", DECODED_EVENT);
	assert_replaced("\"error\":null", "\"error\":\"unknown\"", DECODED_EVENT);
}

/* Keys in another order, as `jq -S` makes it, and back again. */
static void test_order_of_keys(void **state)
{
	struct event e = sample_event(EVENT_CLOSE), again;
	char *line = written(&e), *turned;

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		size_t len = strlen(line) - 3;
		char *comma = memrchr(line, ',', len);

		assert_true(asprintf(&turned, "{%.*s,%.*s}\n", (int)(line + len + 1 - comma - 1), comma + 1,
				     (int)(comma - line - 1), line + 1) > 0);
		assert_int_equal(decode(turned, &again), DECODED_EVENT);
		assert_memory_equal(&e, &again, sizeof(e));
		free(line);
		line = turned;
	}
	free(line);
	assert_same(&e);
}

static void test_blank(void **state)
{
	struct event e;

	(void)state;
	assert_int_equal(decode("\n", &e), DECODED_BLANK);
	assert_int_equal(decode(" \t\r\n", &e), DECODED_BLANK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_type),
		cmocka_unit_test(test_unknowns),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_name_too_long),
		cmocka_unit_test(test_part_unknown_to_the_writer),
		cmocka_unit_test(test_values_that_cannot_be),
		cmocka_unit_test(test_versions_and_types),
		cmocka_unit_test(test_no_json),
		cmocka_unit_test(test_lines_cut_anywhere),
		cmocka_unit_test(test_what_may_differ),
		cmocka_unit_test(test_order_of_keys),
		cmocka_unit_test(test_blank),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}
