// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* test_symbols.c: source/symbols.h on files that look like /proc/kallsyms. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unit.h"
#include "source/symbols.h"

static struct symbol wanted[2];

/* What symbols_read() says of tw_timer_handler and reqsk_timer_handler. */
static void look(const char *text, size_t size, size_t times)
{
	int fd = memfd_create("kallsyms", 0);

	for (size_t i = 0; i < times; i++)
		assert_int_equal(write(fd, "ffffffff81000000 T startup_64\n", 30), 30);
	assert_int_equal(write(fd, text, size), size);
	lseek(fd, 0, SEEK_SET);
	wanted[0] = (struct symbol){.name = "tw_timer_handler"};
	wanted[1] = (struct symbol){.name = "reqsk_timer_handler"};
	assert_int_equal(symbols_read(fd, wanted, 2), 0);
	close(fd);
}

#define LOOK(text, times) look(text, sizeof(text) - 1, times)

static void finds_both_whatever_their_order(void **state)
{
	(void)state;
	LOOK("ffffffff81b00010 t tw_timer_handler\nffffffff81b00020 t reqsk_timer_handler\n", 3);
	assert_int_equal(wanted[0].state, 1);
	assert_true(wanted[0].address == 0xffffffff81b00010);
	assert_true(wanted[1].address == 0xffffffff81b00020);
	LOOK("ffffffff81b00020 t reqsk_timer_handler\t[tcp]\nffffffff81b00010 t tw_timer_handler\n", 3);
	assert_true(wanted[0].address == 0xffffffff81b00010);
	assert_true(wanted[1].address == 0xffffffff81b00020);
}

/* Lines lie across the edge of a buffer, wherever that is. */
static void finds_them_behind_many_others(void **state)
{
	(void)state;
	for (size_t times = 4360; times < 4375; times++) {
		LOOK("ffffffff81b00010 t tw_timer_handler\nffffffff81b00020 t reqsk_timer_handler\n", times);
		assert_true(wanted[0].address == 0xffffffff81b00010);
		assert_true(wanted[1].address == 0xffffffff81b00020);
	}
}

static void takes_no_other_name(void **state)
{
	(void)state;
	LOOK("ffffffff81b00010 t tw_timer_handler.cold\nffffffff81b00020 t my_tw_timer_handler\nffffffff81b00030 t tw_timer\n\n \nx\n", 0);
	assert_int_equal(wanted[0].state, 0);
	assert_true(wanted[0].address == 0);
	assert_int_equal(wanted[1].state, 0);
}

static void tells_hidden_from_missing(void **state)
{
	(void)state;
	LOOK("0000000000000000 t tw_timer_handler\n", 3);
	assert_int_equal(wanted[0].state, -EPERM);
	assert_int_equal(wanted[1].state, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_both_whatever_their_order),
		cmocka_unit_test(finds_them_behind_many_others),
		cmocka_unit_test(takes_no_other_name),
		cmocka_unit_test(tells_hidden_from_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
