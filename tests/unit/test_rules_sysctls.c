/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_rules_sysctls.c: settings that do not do what they are said to do. */
#include "facts.h"

static void add_setting(struct host *h, const char *key, const char *value)
{
	struct sysctl_setting *s = &h->settings[h->facts.nsettings++];

	s->line = 7;
	snprintf(s->path, sizeof(s->path), "/etc/sysctl.d/50-tuning.conf");
	snprintf(s->key, sizeof(s->key), "%s", key);
	snprintf(s->value, sizeof(s->value), "%s", value);
}

static void test_tw_recycle(void **state)
{
	struct host h;
	const struct finding *f;

	(void)state;
	host_init(&h);
	add_setting(&h, "net.ipv4.tcp_tw_reuse", "1");
	assert_null(found(&h, "tw_recycle"));
	add_setting(&h, "net.ipv4.tcp_tw_recycle", "1");
	f = found(&h, "tw_recycle");
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_NOTICE);
	assert_string_equal(evidence(f, "set_in", UNIT_TEXT)->text,
			    "/etc/sysctl.d/50-tuning.conf:7: net.ipv4.tcp_tw_recycle = 1");
	h.facts.settings = NULL;
	assert_null(found(&h, "tw_recycle"));
	host_end(&h);
}

static void test_fin_timeout(void **state)
{
	struct host h;
	const struct finding *f;

	(void)state;
	host_init(&h);
	assert_null(found(&h, "fin_timeout"));
	set(&h, SYSCTL_FIN_TIMEOUT, 59);
	f = found(&h, "fin_timeout");
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_NOTICE);
	assert_evidence(f, "tcp_fin_timeout", 59);
	add_setting(&h, "net.ipv4.tcp_fin_timeout", "59");
	assert_non_null(evidence(found(&h, "fin_timeout"), "set_in", UNIT_TEXT));
	set(&h, SYSCTL_FIN_TIMEOUT, 120);
	assert_null(found(&h, "fin_timeout"));
	host_end(&h);
}

/* Where FIN_WAIT2s run out the setting does what it is for. */
static void test_fin_timeout_with_an_effect(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	set(&h, SYSCTL_FIN_TIMEOUT, 10);
	h.summary.totals.fin_wait2_ended[END_FIN_WAIT2_TIMEOUT] = 1;
	assert_null(found(&h, "fin_timeout"));
	host_end(&h);
}

static void test_fin_timeout_unknown(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	set(&h, SYSCTL_FIN_TIMEOUT, 10);
	h.sysctls[0].known &= ~(1u << SYSCTL_FIN_TIMEOUT);
	assert_null(found(&h, "fin_timeout"));
	set(&h, SYSCTL_FIN_TIMEOUT, 10);
	h.facts.sysctls = NULL;
	h.facts.nsysctls = 0;
	assert_null(found(&h, "fin_timeout"));
	host_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tw_recycle),
		cmocka_unit_test(test_fin_timeout),
		cmocka_unit_test(test_fin_timeout_with_an_effect),
		cmocka_unit_test(test_fin_timeout_unknown),
	};

	return RUN_TESTS(tests);
}
