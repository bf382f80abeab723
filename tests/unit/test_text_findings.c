/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_text_findings.c: findings for people. */
#include "unit.h"

#include "view/text_findings.h"

static struct finding sample_finding(void)
{
	struct finding f = {
		.id = "rule",
		.title = "something is wrong",
		.severity = SEVERITY_WARNING,
		.named = true,
		.subject = {.comm = "ng\x1b[2J", .pid = 12, .processes = 3},
		.why = "It is so because it is so, and that will take a line or two to say in this width.",
	};

	f.subject.endpoint = (struct endpoint){.addr = {10, 0, 0, 2}, .port = 80, .family = 4, .role = ROLE_CLIENT};
	finding_count(&f, "closed_first", 1200);
	finding_value(&f, "closed_first", UNIT_PER_SECOND, 120);
	finding_value(&f, "closed_first", UNIT_PERCENT, 100);
	finding_value(&f, "lifetime_p50", UNIT_NS, 1500000);
	finding_count(&f, "tcp_tw_reuse", 2);
	finding_value(&f, "tcp_tw_reuse", UNIT_PERCENT, 50);
	finding_text(&f, "set_in", "/etc/\x1b.conf");
	finding_change(&f, "Do this.");
	finding_change(&f, "Or that.");
	return f;
}

static void expect(const struct diagnosis *d, unsigned width, const char *text)
{
	struct caught c;

	catch_begin(&c);
	text_findings(c.out, d, 10, width);
	assert_string_equal(caught_text(&c), text);
	catch_end(&c);
}

static void test_nothing(void **state)
{
	struct diagnosis d = {.n = 0};

	(void)state;
	expect(&d, 80, "Nothing wrong found in 10.0s.\n");
}

static void test_finding(void **state)
{
	struct finding f = sample_finding();
	struct diagnosis d = {.findings = &f, .n = 1};

	(void)state;
	expect(&d, 60,
	       "1 finding in 10.0s, the worst first.\n"
	       "\n"
	       "1. warning: something is wrong [rule]\n"
	       "   who      ng?[2J (pid 12 and 2 more), client of\n"
	       "            10.0.0.2:80\n"
	       "   evidence closed first 1200 (120/s, 100%), lifetime p50\n"
	       "            1.50ms, tcp_tw_reuse 2 (50%), set in /etc/?.conf\n"
	       "   why      It is so because it is so, and that will take a\n"
	       "            line or two to say in this width.\n"
	       "   change   Do this.\n"
	       "            Or that.\n");
}

static void subject_reads(const struct finding *f, const char *line)
{
	struct diagnosis d = {.findings = (struct finding *)f, .n = 1};
	struct caught c;

	catch_begin(&c);
	text_findings(c.out, &d, 10, 120);
	assert_non_null(strstr(caught_text(&c), line));
	catch_end(&c);
}

static void test_subjects(void **state)
{
	struct finding f = sample_finding();

	(void)state;
	f.subject.endpoint.role = ROLE_SERVER;
	subject_reads(&f, "(pid 12 and 2 more), server on port 80\n");
	f.subject.processes = 1;
	subject_reads(&f, "(pid 12), server on port 80\n");
	f.subject.pid = 0;
	f.subject.endpoint.role = ROLE_UNKNOWN;
	subject_reads(&f, "who      a process not known, connections older than twtrace\n");
}

static void test_unseen_and_more(void **state)
{
	struct finding f[2] = {{.id = "a", .title = "one", .why = "So."}, {.id = "b", .title = "two", .why = "So."}};
	struct diagnosis d = {.findings = f, .n = 2, .more = 4, .nunseen = 1, .unseen = {{"this", "that"}}};

	(void)state;
	expect(&d, 80,
	       "2 findings in 10.0s, the worst first; some rules found more of the kind.\n"
	       "\n"
	       "1. notice: one [a]\n"
	       "   evidence \n"
	       "   why      So.\n"
	       "\n"
	       "2. notice: two [b]\n"
	       "   evidence \n"
	       "   why      So.\n"
	       "\n"
	       "Not shown: 4 more, less than those of their kind above.\n"
	       "\n"
	       "Not looked at:\n"
	       "  this: that\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_finding),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_unseen_and_more),
	};

	return RUN_TESTS(tests);
}
