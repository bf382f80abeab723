/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_census.c: sockets counted by state and owner; who leaks, and who does not; what text and JSON make of it. */
#include "unit.h"

#include <errno.h>

#include "model/census.h"
#include "view/json_census.h"
#include "view/text_census.h"

#define SECOND 1000000000ULL
#define MINUTE (60 * SECOND)

/* curl's (100) connection to 10.0.0.2:80. */
static struct live_socket sample(enum tcp_state state)
{
	struct live_socket s = {.id = sample_event(EVENT_CLOSE), .state = (__u8)state, .age_ns = UNKNOWN_NS, .left_ns = UNKNOWN_NS};

	s.id.type = 0;
	s.id.closer = CLOSER_NONE;
	s.id.closer_process.pid = 0;
	return s;
}

static struct census *new_census(unsigned by)
{
	struct census *census;

	assert_int_equal(census_new(&census, by, MINUTE), 0);
	return census;
}

static void add(struct census *census, const struct live_socket *s)
{
	assert_int_equal(census_add(census, s), 0);
}

static void add_aged(struct census *census, enum tcp_state state, __u64 age_ns, __u8 flags)
{
	struct live_socket s = sample(state);

	s.age_ns = age_ns;
	s.flags = flags;
	add(census, &s);
}

static void test_counts_by_state_and_owner(void **state)
{
	struct census *census = new_census(GROUP_DEFAULT);
	struct live_socket s = sample(STATE_TIME_WAIT);
	const struct census_row *const *rows;
	size_t n;

	(void)state;
	s.id.closer = CLOSER_LOCAL;
	s.id.closer_process = (struct process){200, "wget"}; /* it closed what curl had opened */
	add(census, &s);
	add(census, &s);
	s = sample(STATE_ESTABLISHED);
	add(census, &s);
	s.id.owner.pid = 0; /* nobody's that we know */
	add(census, &s);
	assert_int_equal(census_total(census)->total, 4);
	assert_int_equal(census_total(census)->states[STATE_TIME_WAIT], 2);
	assert_int_equal(census_total(census)->states[STATE_ESTABLISHED], 2);
	rows = census_rows(census, &n);
	assert_int_equal(n, 3);
	assert_int_equal(rows[0]->key.process.pid, 200); /* TIME_WAITs before others */
	assert_int_equal(rows[0]->states[STATE_TIME_WAIT], 2);
	assert_int_equal(rows[1]->key.process.pid + rows[2]->key.process.pid, 100);
	census_free(census);
}

static void test_groups(void **state)
{
	struct census *census = new_census(GROUP_NETNS);
	struct live_socket s = sample(STATE_ESTABLISHED);
	const struct census_row *const *rows;
	size_t n;

	(void)state;
	add(census, &s);
	s.id.owner.pid = 101;
	s.id.rport = 81;
	add(census, &s);
	s.id.netns++;
	add(census, &s);
	rows = census_rows(census, &n);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0]->total, 2);
	census_free(census);
}

static void test_leak_is_close_wait_for_long(void **state)
{
	struct census *census = new_census(GROUP_DEFAULT);
	const struct census_row *total = census_total(census);

	(void)state;
	add_aged(census, STATE_CLOSE_WAIT, MINUTE - 1, 0);
	add_aged(census, STATE_CLOSE_WAIT, UNKNOWN_NS, 0);
	add_aged(census, STATE_ESTABLISHED, 10 * MINUTE, 0);
	add_aged(census, STATE_LAST_ACK, 10 * MINUTE, SOCKET_ORPHAN);
	assert_int_equal(total->leaked.n, 0);
	assert_true(total->leaked.oldest_ns == UNKNOWN_NS);
	add_aged(census, STATE_CLOSE_WAIT, MINUTE, 0);
	assert_int_equal(total->leaked.n, 1);
	assert_true(total->leaked.oldest_ns == MINUTE && !total->leaked.at_least);
	add_aged(census, STATE_CLOSE_WAIT, 3 * MINUTE, SOCKET_AT_LEAST);
	add_aged(census, STATE_CLOSE_WAIT, 2 * MINUTE, 0);
	assert_int_equal(total->leaked.n, 3);
	assert_true(total->leaked.oldest_ns == 3 * MINUTE && total->leaked.at_least);
	assert_int_equal(total->states[STATE_CLOSE_WAIT], 5);
	census_free(census);
}

static void test_orphans(void **state)
{
	struct census *census = new_census(GROUP_DEFAULT);
	const struct census_row *total = census_total(census);

	(void)state;
	add_aged(census, STATE_FIN_WAIT2, SECOND, 0); /* shutdown(), the process still reads */
	add_aged(census, STATE_TIME_WAIT, SECOND, SOCKET_ORPHAN | SOCKET_TIMEWAIT);
	assert_int_equal(census_orphans(total), 0);
	add_aged(census, STATE_FIN_WAIT2, SECOND, SOCKET_ORPHAN | SOCKET_TIMEWAIT);
	add_aged(census, STATE_FIN_WAIT1, 2 * SECOND, SOCKET_ORPHAN);
	assert_int_equal(census_orphans(total), 2);
	assert_int_equal(total->orphans[STATE_FIN_WAIT2].n, 1);
	assert_true(total->orphans[STATE_FIN_WAIT1].oldest_ns == 2 * SECOND);
	assert_int_equal(total->states[STATE_FIN_WAIT2], 2);
	census_free(census);
}

static void test_invalid_is_not_counted(void **state)
{
	struct census *census = new_census(GROUP_DEFAULT);
	struct live_socket s = sample(STATE_MAX);

	(void)state;
	assert_int_equal(census_add(census, &s), -EINVAL);
	s = sample(STATE_LISTEN);
	s.id.family = 5;
	assert_int_equal(census_add(census, &s), -EINVAL);
	s = sample(STATE_LISTEN);
	s.id.role = ROLE_MAX;
	assert_int_equal(census_add(census, &s), -EINVAL);
	assert_int_equal(census_total(census)->total, 0);
	census_free(census);
}

/* Three processes with 3, 2 and 1 TIME_WAITs, the last one with a leak. */
static struct census *sample_census(void)
{
	struct census *census = new_census(GROUP_DEFAULT);
	struct live_socket s = sample(STATE_TIME_WAIT);

	for (__u32 pid = 1; pid <= 3; pid++)
		for (__u32 i = 0; i < 4 - pid; i++) {
			s.id.owner = (struct process){pid, "nginx\033[2J"};
			add(census, &s);
		}
	s.state = STATE_CLOSE_WAIT;
	s.age_ns = 2 * MINUTE;
	s.flags = SOCKET_AT_LEAST;
	add(census, &s);
	return census;
}

static void test_the_rest_sums_up(void **state)
{
	struct census *census = sample_census();
	const struct census_row *const *rows;
	struct census_row rest;
	size_t n;

	(void)state;
	rows = census_rows(census, &n);
	assert_int_equal(n, 3);
	assert_int_equal(rows[0]->key.process.pid, 3); /* leaks come first */
	census_rest(census, 1, &rest);
	assert_int_equal(rest.folded, 2);
	assert_int_equal(rest.total, 5);
	assert_int_equal(rest.states[STATE_TIME_WAIT], 5);
	assert_int_equal(rest.leaked.n, 0);
	census_rest(census, 0, &rest);
	assert_int_equal(rest.folded, 3);
	assert_int_equal(rest.total, census_total(census)->total);
	assert_true(rest.leaked.oldest_ns == 2 * MINUTE && rest.leaked.at_least);
	census_rest(census, 3, &rest);
	assert_int_equal(rest.folded, 0);
	census_free(census);
}

static void test_text(void **state)
{
	struct census *census = sample_census();
	struct caught c;

	(void)state;
	catch_begin(&c);
	assert_int_equal(text_census(c.out, census, GROUP_DEFAULT, MINUTE, 2), 0);
	assert_string_equal(caught_text(&c), "STATE      SOCKETS\n"
					     "CLOSE_WAIT       1\n"
					     "TIME_WAIT        6\n"
					     "all              7\n"
					     "\n"
					     "Leaked   1 in CLOSE_WAIT for 60.0s or longer, the longest 120s+\n"
					     "Orphans  0 closed by their process, waiting for the peer\n"
					     "\n"
					     "PID COMM      ROLE   ENDPOINT    SOCKETS CLOSE_WAIT TIME_WAIT\n"
					     "  3 nginx?[2J client 10.0.0.2:80       2          1         1\n"
					     "  1 nginx?[2J client 10.0.0.2:80       3          0         3\n"
					     "  - other     -      (1 more)          2          0         2\n"
					     "\n"
					     "Leaked: the peer closed, the process did not\n"
					     "PID COMM      ROLE   ENDPOINT    LEAKED LONGEST\n"
					     "  3 nginx?[2J client 10.0.0.2:80      1   120s+\n");
	catch_end(&c);
	census_free(census);
}

static void test_guesses_are_marked(void **state)
{
	struct census *census = new_census(GROUP_DEFAULT);
	struct live_socket s = sample(STATE_ESTABLISHED);
	struct caught c;

	(void)state;
	s.id.owner_source = OWNER_LISTENER;
	s.id.role = ROLE_SERVER;
	add(census, &s);
	s.state = STATE_SYN_RECV; /* is the listener's */
	add(census, &s);
	s.state = STATE_TIME_WAIT; /* who closed it was seen */
	s.id.closer = CLOSER_LOCAL;
	s.id.closer_process = s.id.owner;
	add(census, &s);
	assert_int_equal(census_total(census)->guessed, 1);
	catch_begin(&c);
	assert_int_equal(text_census(c.out, census, GROUP_DEFAULT, MINUTE, 10), 0);
	assert_non_null(strstr(caught_text(&c), "~100 curl server "));
	assert_non_null(strstr(c.text, "\n~ a guess"));
	catch_end(&c);
	census_free(census);
}

static void test_text_of_groups_and_orphans(void **state)
{
	struct census *census = new_census(GROUP_REMOTE);
	struct caught c;

	(void)state;
	add_aged(census, STATE_FIN_WAIT1, SECOND, SOCKET_ORPHAN);
	add_aged(census, STATE_LAST_ACK, UNKNOWN_NS, SOCKET_ORPHAN);
	catch_begin(&c);
	assert_int_equal(text_census(c.out, census, GROUP_REMOTE, MINUTE, 10), 0);
	assert_non_null(strstr(caught_text(&c), "Orphans  2 closed"));
	assert_non_null(strstr(c.text, "REMOTE-NET  FIN_WAIT1 FIN_WAIT2 CLOSING LAST_ACK LONGEST\n"
				       "10.0.0.0/24         1         0       0        1   1.00s\n"));
	assert_null(strstr(c.text, "PID"));
	catch_end(&c);
	census_free(census);
}

static void test_json(void **state)
{
	struct census *census = sample_census();
	struct caught c;
	struct json j;

	(void)state;
	catch_begin(&c);
	json_init(&j, c.out);
	json_census(&j, census, MINUTE, 1, 0);
	assert_string_equal(
		caught_text(&c),
		"{\"v\":1,\"type\":\"census_row\",\"ts\":\"1970-01-01T00:00:00.000000Z\",\"pid\":3,\"comm\":\"nginx\\u001b[2J\","
		"\"role\":\"client\",\"endpoint\":\"10.0.0.2:80\",\"remote\":\"10.0.0.0/24\",\"cgroup\":null,\"netns\":null,\"other\":0,"
		"\"sockets\":2,\"established\":0,\"syn_sent\":0,\"syn_recv\":0,\"fin_wait1\":0,\"fin_wait2\":0,\"time_wait\":1,"
		"\"close\":0,\"close_wait\":1,\"last_ack\":0,\"listen\":0,\"closing\":0,\"guessed\":0,\"orphans\":0,\"orphan_fin_wait1\":0,"
		"\"orphan_fin_wait2\":0,\"orphan_closing\":0,\"orphan_last_ack\":0,\"leaked\":1,\"leaked_longest_ns\":120000000000,"
		"\"leaked_at_least\":true}\n"
		"{\"v\":1,\"type\":\"census_row\",\"ts\":\"1970-01-01T00:00:00.000000Z\",\"pid\":null,\"comm\":null,\"role\":null,"
		"\"endpoint\":null,\"remote\":null,\"cgroup\":null,\"netns\":null,\"other\":2,\"sockets\":5,\"established\":0,"
		"\"syn_sent\":0,\"syn_recv\":0,\"fin_wait1\":0,\"fin_wait2\":0,\"time_wait\":5,\"close\":0,\"close_wait\":0,"
		"\"last_ack\":0,\"listen\":0,\"closing\":0,\"guessed\":0,\"orphans\":0,\"orphan_fin_wait1\":0,\"orphan_fin_wait2\":0,"
		"\"orphan_closing\":0,\"orphan_last_ack\":0,\"leaked\":0,\"leaked_longest_ns\":null,\"leaked_at_least\":false}\n"
		"{\"v\":1,\"type\":\"census\",\"ts\":\"1970-01-01T00:00:00.000000Z\",\"close_wait_older_ns\":60000000000,\"sockets\":7,"
		"\"established\":0,\"syn_sent\":0,\"syn_recv\":0,\"fin_wait1\":0,\"fin_wait2\":0,\"time_wait\":6,\"close\":0,"
		"\"close_wait\":1,\"last_ack\":0,\"listen\":0,\"closing\":0,\"guessed\":0,\"orphans\":0,\"orphan_fin_wait1\":0,"
		"\"orphan_fin_wait2\":0,\"orphan_closing\":0,\"orphan_last_ack\":0,\"leaked\":1,\"leaked_longest_ns\":120000000000,"
		"\"leaked_at_least\":true}\n");
	catch_end(&c);
	census_free(census);
}

static void test_states_have_names(void **state)
{
	(void)state;
	for (unsigned i = 1; i < STATE_MAX; i++)
		assert_string_not_equal(tcp_state_name(i), "unknown");
	assert_string_equal(tcp_state_name(STATE_UNKNOWN), "unknown");
	assert_string_equal(tcp_state_name(STATE_MAX), "unknown");
	assert_string_equal(tcp_state_name(6), "TIME_WAIT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts_by_state_and_owner),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_leak_is_close_wait_for_long),
		cmocka_unit_test(test_orphans),
		cmocka_unit_test(test_invalid_is_not_counted),
		cmocka_unit_test(test_the_rest_sums_up),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_guesses_are_marked),
		cmocka_unit_test(test_text_of_groups_and_orphans),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_states_have_names),
	};

	return RUN_TESTS(tests);
}
