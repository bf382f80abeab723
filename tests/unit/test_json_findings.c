/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_json_findings.c: findings as JSON lines. */
#include "unit.h"

#include "view/json_findings.h"

static void expect(const struct diagnosis *d, const char *text)
{
	struct caught c;
	struct json json;

	catch_begin(&c);
	json_init(&json, c.out);
	json_findings(&json, d, 10, 1000000000);
	assert_string_equal(caught_text(&c), text);
	catch_end(&c);
}

#define TS "\"ts\":\"1970-01-01T00:00:01.000000Z\""

static void test_nothing(void **state)
{
	struct diagnosis d = {.nunseen = 1, .unseen = {{"this", "that \"one\""}}};

	(void)state;
	expect(&d, "{\"v\":1,\"type\":\"diagnosis\"," TS ",\"watched_ns\":10000000000,\"findings\":0,\"more\":0,"
		   "\"not_looked_at\":[\"this: that \\\"one\\\"\"]}\n");
}

static void test_finding(void **state)
{
	struct finding f = {
		.id = "rule",
		.title = "it \"is\"",
		.severity = SEVERITY_CRITICAL,
		.named = true,
		.subject = {.comm = "a\x1b", .pid = 12, .processes = 3, .netns = 7},
		.why = "So.",
	};
	struct diagnosis d = {.findings = &f, .n = 1, .more = 2};

	(void)state;
	f.subject.endpoint = (struct endpoint){.addr = {10, 0, 0, 2}, .port = 80, .family = 4, .role = ROLE_CLIENT};
	finding_count(&f, "closed", 1200);
	finding_value(&f, "closed", UNIT_PER_SECOND, 0.5);
	finding_value(&f, "closed", UNIT_PERCENT, 99.5);
	finding_value(&f, "oldest", UNIT_NS, 15);
	finding_text(&f, "set_in", "/\x1b");
	finding_change(&f, "Do `x \"\";`.");
	finding_change(&f, "Or that.");
	expect(&d, "{\"v\":1,\"type\":\"finding\"," TS
		   ",\"rank\":1,\"id\":\"rule\",\"severity\":\"critical\",\"title\":\"it \\\"is\\\"\","
		   "\"role\":\"client\",\"pid\":12,\"comm\":\"a\\u001b\",\"processes\":3,\"raddr\":\"10.0.0.2\",\"rport\":80,"
		   "\"lport\":null,\"netns\":7,\"evidence_closed\":1200,\"evidence_closed_per_second\":0.5,"
		   "\"evidence_closed_percent\":99.5,\"evidence_oldest_ns\":15,\"evidence_set_in\":\"/\\u001b\",\"why\":\"So.\","
		   "\"change\":[\"Do `x \\\"\\\";`.\",\"Or that.\"]}\n"
		   "{\"v\":1,\"type\":\"diagnosis\"," TS
		   ",\"watched_ns\":10000000000,\"findings\":1,\"more\":2,\"not_looked_at\":[]}\n");
}

static void test_subjects(void **state)
{
	struct finding f = {.id = "rule", .title = "t", .why = "w"};
	struct diagnosis d = {.findings = &f, .n = 1};
	const char *end = "\"why\":\"w\",\"change\":[]}\n"
			  "{\"v\":1,\"type\":\"diagnosis\"," TS
			  ",\"watched_ns\":10000000000,\"findings\":1,\"more\":0,\"not_looked_at\":[]}\n";
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), "%s%s",
		 "{\"v\":1,\"type\":\"finding\"," TS ",\"rank\":1,\"id\":\"rule\",\"severity\":\"notice\",\"title\":\"t\","
		 "\"role\":null,\"pid\":null,\"comm\":null,\"processes\":null,\"raddr\":null,\"rport\":null,"
		 "\"lport\":null,\"netns\":null,",
		 end);
	expect(&d, text);
	f.named = true;
	f.subject.endpoint = (struct endpoint){.port = 80, .family = 4, .role = ROLE_SERVER};
	snprintf(text, sizeof(text), "%s%s",
		 "{\"v\":1,\"type\":\"finding\"," TS ",\"rank\":1,\"id\":\"rule\",\"severity\":\"notice\",\"title\":\"t\","
		 "\"role\":\"server\",\"pid\":null,\"comm\":null,\"processes\":null,\"raddr\":null,\"rport\":null,"
		 "\"lport\":80,\"netns\":null,",
		 end);
	expect(&d, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_finding),
		cmocka_unit_test(test_subjects),
	};

	return RUN_TESTS(tests);
}
