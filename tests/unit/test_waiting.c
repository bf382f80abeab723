/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_waiting.c: nothing is said of what is soon over, and one line for each phase once it takes long. */
#include "unit.h"

#include <time.h>
#include <unistd.h>

#include "source/waiting.h"

/* What goes to stderr meanwhile. */
struct heard {
	FILE *file;
	int real;
	char text[512];
};

static void hear_begin(struct heard *h)
{
	h->file = tmpfile();
	assert_non_null(h->file);
	h->real = dup(STDERR_FILENO);
	assert_int_equal(dup2(fileno(h->file), STDERR_FILENO), STDERR_FILENO);
}

static const char *hear(struct heard *h)
{
	ssize_t n = pread(fileno(h->file), h->text, sizeof(h->text) - 1, 0);

	h->text[n > 0 ? n : 0] = '\0';
	return h->text;
}

static void hear_end(struct heard *h)
{
	dup2(h->real, STDERR_FILENO);
	close(h->real);
	fclose(h->file);
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void test_soon_over(void **state)
{
	struct heard h;
	double began;

	(void)state;
	hear_begin(&h);
	do { /* until this test is not the one who was kept waiting */
		assert_int_equal(ftruncate(fileno(h.file), 0), 0);
		began = seconds();
		waiting_begin();
		waiting_for("the %s", "first");
		waiting_for("the second");
		waiting_end();
	} while (seconds() - began > 0.9);
	hear(&h);
	hear_end(&h);
	assert_string_equal(h.text, "");
}

static void test_takes_long(void **state)
{
	struct heard h;

	(void)state;
	hear_begin(&h);
	waiting_for("what came before");
	waiting_begin();
	waiting_for("%u of the first", 12u);
	for (int i = 0; i < 6000 && !*hear(&h); i++)
		usleep(10000);
	waiting_for("the second");
	waiting_end();
	waiting_for("what comes behind");
	hear(&h);
	hear_end(&h);
	assert_string_equal(h.text, "twtrace: waiting for 12 of the first\ntwtrace: waiting for the second\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_soon_over),
		cmocka_unit_test(test_takes_long),
		cmocka_unit_test(test_soon_over), /* again: nothing is left of the long one */
	};

	return RUN_TESTS(tests);
}
