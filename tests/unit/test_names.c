/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_names.c: recordings and scripts depend on these words: they never change. */
#include "unit.h"

#include <errno.h>

#include "model/names.h"

typedef const char *(*name_fn)(unsigned);

/* words: separated by blanks, in the order of the enum. */
static void assert_words(name_fn name, unsigned first, unsigned max, const char *words)
{
	char expected[512], *at, *word;
	unsigned value = first;

	snprintf(expected, sizeof(expected), "%s", words);
	for (word = strtok_r(expected, " ", &at); word; word = strtok_r(NULL, " ", &at))
		assert_string_equal(name(value++), word);
	assert_int_equal(value, max);
	assert_string_equal(name(max), "unknown");
	assert_string_equal(name(255), "unknown");
}

static void test_words(void **state)
{
	(void)state;
	assert_words(event_type_name, EVENT_CLOSE, EVENT_TYPE_MAX, "close timewait connect_failed");
	assert_words(role_name, 0, ROLE_MAX, "unknown client server");
	assert_words(closer_name, 0, CLOSER_MAX, "none local remote both");
	assert_words(how_name, 0, HOW_MAX, "fin rst timeout error");
	assert_words(cause_name, 0, CAUSE_MAX,
		     "none unknown close shutdown exit unread_data linger0 disconnect killed listener_closed");
	assert_words(owner_source_name, 0, OWNER_SOURCE_MAX, "unknown connect accept close iterator listener");
	assert_words(timewait_name, 0, TIMEWAIT_MAX, "none entered skipped");
	assert_words(end_name, 0, END_MAX,
		     "unknown expired reused_connect reused_syn reset data_reset killed purged fin_wait2_timeout");
	assert_words(reason_name, 0, REASON_MAX, "refused timeout no_port unreachable aborted");
	assert_words(lost_name, 0, LOST_MAX,
		     "ring_close ring_timewait ring_connect_failed connection_map connecting_map listener_map pending_map "
		     "overwritten timewait_map");
}

/* Spot checks against the enumerators themselves, in case both orders should slip together. */
static void test_enumerators(void **state)
{
	(void)state;
	assert_string_equal(cause_name(CAUSE_LINGER0), "linger0");
	assert_string_equal(end_name(END_DATA_RESET), "data_reset");
	assert_string_equal(owner_source_name(OWNER_LISTENER), "listener");
	assert_string_equal(reason_name(REASON_NO_PORT), "no_port");
	assert_string_equal(lost_name(LOST_CONNECTION_MAP), "connection_map");
}

static void test_errno(void **state)
{
	(void)state;
	assert_string_equal(errno_name(ECONNRESET), "ECONNRESET");
	assert_string_equal(errno_name(EADDRNOTAVAIL), "EADDRNOTAVAIL");
	assert_string_equal(errno_name(9999), "unknown");
	assert_string_equal(errno_name(~0u), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_enumerators),
		cmocka_unit_test(test_errno),
	};

	return RUN_TESTS(tests);
}
