/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_subject.c: which rows are one subject, and what they come to. Covers leak.c too, which puts census rows together so. */
#include "unit.h"

#include "model/leak.h"
#include "model/subject.h"

static struct row sample_row(__u32 pid, const char *comm, enum role role)
{
	struct row row = {.netns = 7};

	row.key.process.pid = pid;
	snprintf(row.key.process.comm, COMM_LEN, "%s", comm);
	row.key.endpoint = (struct endpoint){.addr = {10, 0, 0, 2}, .port = 80, .family = 4, .role = (__u8)role};
	row.closed[CLOSER_LOCAL][HOW_FIN] = 1;
	return row;
}

static size_t count_subjects(const struct row *rows, size_t n)
{
	const struct row *pointers[8] = {NULL};
	struct subject *subjects;
	size_t found;

	for (size_t i = 0; i < n; i++)
		pointers[i] = &rows[i];
	assert_int_equal(subjects_make(&subjects, &found, pointers, n), 0);
	subjects_free(subjects, found);
	return found;
}

static void test_none(void **state)
{
	(void)state;
	assert_int_equal(count_subjects(NULL, 0), 0);
	subjects_free(NULL, 0);
}

static void test_workers_of_one_server_with_all_their_peers(void **state)
{
	struct row rows[4] = {sample_row(11, "nginx", ROLE_SERVER), sample_row(10, "nginx", ROLE_SERVER),
			      sample_row(10, "nginx", ROLE_SERVER), sample_row(10, "nginx", ROLE_SERVER)};
	const struct row *pointers[4] = {&rows[0], &rows[1], &rows[2], &rows[3]};
	struct subject *s;
	size_t n;

	(void)state;
	rows[1].key.endpoint.addr[3] = 3;
	rows[2].key.endpoint.addr[3] = 4;
	rows[2].closed[CLOSER_REMOTE][HOW_RST] = 5;
	rows[2].busy = 6;
	rows[0].busy = 1;
	rows[3].causes[CAUSE_EXIT] = 3;
	assert_int_equal(histogram_add(&rows[0].lifetime, 100), 0);
	assert_int_equal(histogram_add(&rows[1].lifetime, 200), 0);
	assert_int_equal(subjects_make(&s, &n, pointers, 4), 0);
	assert_int_equal(n, 1);
	assert_int_equal(s->name.processes, 2);
	assert_int_equal(s->name.pid, 10); /* the busiest */
	assert_string_equal(s->name.comm, "nginx");
	assert_int_equal(s->name.netns, 7);
	assert_int_equal(s->sum.closed[CLOSER_LOCAL][HOW_FIN], 4);
	assert_int_equal(s->sum.closed[CLOSER_REMOTE][HOW_RST], 5);
	assert_int_equal(s->sum.causes[CAUSE_EXIT], 3);
	assert_int_equal(s->sum.busy, 7);
	assert_int_equal(s->sum.lifetime.count, 2);
	subjects_free(s, n);
	histogram_clear(&rows[0].lifetime);
	histogram_clear(&rows[1].lifetime);
}

/* Of peers that a server has many of there is to be one row. */
static void test_event_for_subjects(void **state)
{
	struct event e = sample_event(EVENT_CLOSE), kept = subject_event(&e);

	(void)state;
	assert_memory_equal(&kept, &e, sizeof(e));
	e.role = ROLE_SERVER;
	kept = subject_event(&e);
	assert_int_equal(kept.raddr[0], 0);
	assert_int_equal(kept.rport, 0);
	assert_int_equal(kept.lport, e.lport);
	e.role = ROLE_UNKNOWN;
	kept = subject_event(&e);
	assert_int_equal(kept.rport, 0);
}

static void test_what_tells_subjects_apart(void **state)
{
	struct row rows[2] = {sample_row(10, "app", ROLE_CLIENT), sample_row(11, "app", ROLE_CLIENT)};

	(void)state;
	assert_int_equal(count_subjects(rows, 2), 1);
	rows[1].netns++;
	assert_int_equal(count_subjects(rows, 2), 2);
	rows[1] = sample_row(10, "app", ROLE_CLIENT);
	rows[1].key.endpoint.addr[3]++;
	assert_int_equal(count_subjects(rows, 2), 2);
	rows[1] = sample_row(10, "app", ROLE_CLIENT);
	rows[1].key.endpoint.port++;
	assert_int_equal(count_subjects(rows, 2), 2);
	rows[1] = sample_row(10, "app", ROLE_CLIENT);
	rows[1].key.endpoint.family = 6;
	assert_int_equal(count_subjects(rows, 2), 2);
	rows[1] = sample_row(10, "app", ROLE_SERVER);
	assert_int_equal(count_subjects(rows, 2), 2);
	rows[1] = sample_row(10, "other", ROLE_CLIENT);
	assert_int_equal(count_subjects(rows, 2), 2);
}

static void test_most_closes_first(void **state)
{
	struct row rows[2] = {sample_row(10, "few", ROLE_CLIENT), sample_row(10, "many", ROLE_CLIENT)};
	const struct row *pointers[2] = {&rows[0], &rows[1]};
	struct subject *s;
	size_t n;

	(void)state;
	rows[1].closed[CLOSER_BOTH][HOW_FIN] = 9;
	assert_int_equal(subjects_make(&s, &n, pointers, 2), 0);
	assert_string_equal(s[0].name.comm, "many");
	assert_string_equal(s[1].name.comm, "few");
	subjects_free(s, n);
}

/* The row that sums up others has nobody's name. */
static void test_summed_up_rows_are_nobodys(void **state)
{
	struct row rows[2] = {sample_row(10, "app", ROLE_CLIENT), sample_row(0, "", ROLE_UNKNOWN)};

	(void)state;
	rows[1].folded = 3;
	assert_int_equal(count_subjects(rows, 2), 1);
}

static void test_leaks_of_a_service(void **state)
{
	struct census_row rows[4] = {0};
	const struct census_row *pointers[4];
	struct leak *leaks;
	size_t n;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct row like = sample_row(10 + i / 2, i == 3 ? "small" : "large", ROLE_SERVER);

		like.key.endpoint.addr[3] = (__u8)i;
		rows[i].key.process = like.key.process;
		rows[i].key.endpoint = like.key.endpoint;
		rows[i].leaked = (struct census_count){.n = i + 1, .oldest_ns = i ? 100 * i : UNKNOWN_NS, .at_least = i == 2};
		pointers[i] = &rows[i];
	}
	rows[3].leaked.oldest_ns = UNKNOWN_NS;
	assert_int_equal(leaks_make(&leaks, &n, pointers, 4), 0);
	assert_int_equal(n, 2);
	assert_string_equal(leaks[0].name.comm, "large");
	assert_int_equal(leaks[0].count.n, 6);
	assert_int_equal(leaks[0].count.oldest_ns, 200);
	assert_true(leaks[0].count.at_least);
	assert_int_equal(leaks[0].name.processes, 2);
	assert_int_equal(leaks[0].name.pid, 11);
	assert_int_equal(leaks[1].count.n, 4);
	assert_true(leaks[1].count.oldest_ns == UNKNOWN_NS);
	free(leaks);
	for (unsigned i = 0; i < 4; i++)
		rows[i].leaked.n = 0;
	assert_int_equal(leaks_make(&leaks, &n, pointers, 4), 0);
	assert_int_equal(n, 0);
	free(leaks);
}

static void test_leaks_of_unknown_role_go_with_the_known(void **state)
{
	struct census_row rows[3] = {0};
	const struct census_row *pointers[3];
	struct leak *leaks;
	size_t n;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct row like = sample_row(10, i == 2 ? "stranger" : "app", i ? ROLE_UNKNOWN : ROLE_CLIENT);

		rows[i].key.process = like.key.process;
		rows[i].key.endpoint = like.key.endpoint;
		rows[i].leaked = (struct census_count){.n = 10 + i, .oldest_ns = 100 + i, .at_least = i == 1};
		pointers[i] = &rows[i];
	}
	assert_int_equal(leaks_make(&leaks, &n, pointers, 3), 0);
	assert_int_equal(n, 2);
	assert_int_equal(leaks[0].count.n, 21);
	assert_int_equal(leaks[0].name.endpoint.role, ROLE_CLIENT);
	assert_int_equal(leaks[0].count.oldest_ns, 101);
	assert_true(leaks[0].count.at_least);
	assert_string_equal(leaks[1].name.comm, "stranger");
	assert_int_equal(leaks[1].count.n, 12);
	free(leaks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_workers_of_one_server_with_all_their_peers),
		cmocka_unit_test(test_event_for_subjects),
		cmocka_unit_test(test_what_tells_subjects_apart),
		cmocka_unit_test(test_most_closes_first),
		cmocka_unit_test(test_summed_up_rows_are_nobodys),
		cmocka_unit_test(test_leaks_of_a_service),
		cmocka_unit_test(test_leaks_of_unknown_role_go_with_the_known),
	};

	return RUN_TESTS(tests);
}
