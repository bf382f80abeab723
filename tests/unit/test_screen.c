/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_screen.c: the live screen without a terminal: keys in, pictures out. Covers screen_picture.c, screen_row.c, frame.c,
 * sparkline.c and layout.c too.
 */
#include "unit.h"

#include "model/table.h"
#include "view/sanitize.h"
#include "view/screen.h"
#include "view/sparkline.h"

/* A table, a screen upon it, and what it shows. */
struct scene {
	struct table *table;
	struct screen screen;
	struct summary summary;
	struct recent recent;
	struct frame frame;
};

static struct scene *scene_new(void)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(table_new(&s->table, NULL, 1000000000), 0);
	screen_init(&s->screen, GROUP_DEFAULT, field_find("tw", 2), NULL);
	s->summary.known_open = true;
	return s;
}

static void scene_free(struct scene *s)
{
	table_free(s->table);
	screen_clear(&s->screen);
	free(s);
}

static void closes(struct scene *s, const char *comm, __u32 pid, unsigned port, unsigned n)
{
	struct event e = sample_event(EVENT_CLOSE);

	e.closer_process.pid = pid;
	memset(e.closer_process.comm, 0, COMM_LEN);
	memcpy(e.closer_process.comm, comm, strnlen(comm, COMM_LEN));
	e.rport = (__u16)port;
	e.close.lifetime_ns = 1500000;
	while (n--) {
		assert_int_equal(table_add(s->table, &e), 0);
		recent_add(&s->recent, &e);
	}
}

static void turn(struct scene *s, unsigned width, unsigned height)
{
	struct screen_view view = {.summary = &s->summary, .recent = &s->recent};
	const struct row *const *rows;
	size_t n;

	table_sort(s->table, screen_compare, &s->screen);
	rows = table_rows(s->table, &n);
	assert_int_equal(screen_rows(&s->screen, rows, n), 0);
	if (s->screen.page == PAGE_ROW)
		recent_watch(&s->recent, &s->screen.opened.key, s->screen.by);
	screen_picture(&s->screen, &view, &s->frame, width, height);
}

static void type(struct scene *s, const char *keys)
{
	for (; *keys; keys++)
		screen_key(&s->screen, (unsigned char)*keys);
}

/* The number of the first line with that text, or -1. */
static int line_with(const struct scene *s, const char *text)
{
	for (unsigned i = 0; i < s->frame.used; i++)
		if (strstr(s->frame.lines[i].text, text))
			return (int)i;
	return -1;
}

static void assert_shows(const struct scene *s, const char *text)
{
	if (line_with(s, text) < 0)
		for (unsigned i = 0; i < s->frame.used; i++)
			print_error("%s\n", s->frame.lines[i].text);
	assert_true(line_with(s, text) >= 0);
}

static void assert_hides(const struct scene *s, const char *text)
{
	assert_int_equal(line_with(s, text), -1);
}

static const char *selected(const struct scene *s)
{
	for (unsigned i = 0; i < s->frame.used; i++)
		if (s->frame.lines[i].style == STYLE_SELECTED)
			return s->frame.lines[i].text;
	return "";
}

static void fill(struct scene *s, unsigned rows)
{
	for (unsigned i = 0; i < rows; i++)
		closes(s, "client", 100, 1000 + i, rows - i);
}

/* --- pictures */

static void test_empty(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	turn(s, 80, 24);
	assert_int_equal(s->frame.used, 24);
	assert_shows(s, "by process,endpoint  sorted by TW");
	assert_shows(s, "nothing has closed so far");
	assert_shows(s, "0-0 of 0");
	screen_key(&s->screen, SCREEN_KEY_ENTER); /* nothing to open */
	turn(s, 80, 24);
	assert_int_equal(s->screen.page, PAGE_TABLE);
	scene_free(s);
}

/* Whatever the size: as many lines as there are, none wider than it, and none that runs into the one for keys. */
static void test_any_size(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	fill(s, 50);
	for (unsigned page = 0; page < 3; page++) {
		s->screen.page = (enum screen_page)page;
		for (unsigned width = 1; width < 300; width += width < 100 ? 1 : 23) {
			for (unsigned height = 1; height < 60; height += height < 10 ? 1 : 7) {
				screen_resized(&s->screen);
				turn(s, width, height);
				assert_int_equal(s->frame.used, height);
				for (unsigned i = 0; i < height; i++)
					assert_true(text_columns(s->frame.lines[i].text) <= width);
			}
		}
	}
	scene_free(s);
}

static void test_huge_terminal(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	fill(s, 400);
	turn(s, 5000, 5000);
	assert_int_equal(s->frame.used, FRAME_LINES);
	scene_free(s);
}

static void test_eighty_columns(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	closes(s, "nginx", 12345, 8080, 3);
	table_tick(s->table, 2000000000);
	turn(s, 80, 24);
	assert_string_equal(s->frame.lines[2].text,
			    "  PID COMM  ENDPOINT      CLOSES CLOSES/s LOCAL% REMOTE% TW TW/s RST-TX TW BEGUN");
	assert_int_equal(text_columns(selected(s)), 80);
	assert_memory_equal(selected(s), "12345 nginx 10.0.0.2:8080      3     3.00   100%      0%  3 3.00      0", 71);
	assert_string_equal(selected(s) + 71, "        \xe2\x96\x88");
	scene_free(s);
}

static void test_two_hundred_columns(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	closes(s, "nginx", 12345, 8080, 3);
	turn(s, 200, 24);
	for (const struct field *f = fields; f->name; f++)
		if (f->by ? f->by & GROUP_DEFAULT : !f->hidden)
			assert_non_null(strstr(s->frame.lines[2].text, f->header));
	assert_non_null(strstr(s->frame.lines[2].text, "TW BEGUN"));
	scene_free(s);
}

static void test_ipv6_is_whole(void **state)
{
	static const char endpoint[] = "[fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]->:65535";
	struct scene *s = scene_new();
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	set_remote6(&e, "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	e.role = ROLE_SERVER;
	e.lport = 65535;
	e.closer_process.pid = 4194304;
	memcpy(e.closer_process.comm, "fifteen-letters", COMM_LEN);
	assert_int_equal(table_add(s->table, &e), 0);
	turn(s, 80, 24);
	assert_shows(s, endpoint);
	assert_shows(s, "fifteen-letters");
	assert_non_null(strstr(s->frame.lines[2].text, "CLOSES"));
	turn(s, 200, 24);
	assert_shows(s, endpoint);
	scene_free(s);
}

static void test_hostile_names(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	closes(s, "\033[2J\n\xe2\x80\xae\xff\r", 7, 80, 1);
	for (int page = 0; page < 2; page++) {
		turn(s, 80, 24);
		assert_shows(s, "?[2J????");
		for (unsigned i = 0; i < s->frame.used; i++)
			for (const char *c = s->frame.lines[i].text; *c; c++)
				assert_true((unsigned char)*c >= 0x20 && (unsigned char)*c != 0xff);
		screen_key(&s->screen, SCREEN_KEY_ENTER);
	}
	scene_free(s);
}

static void test_what_is_lost_stands_out(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	turn(s, 80, 24);
	assert_int_equal(s->frame.lines[0].style, STYLE_STRONG);
	s->summary.lost = 3;
	turn(s, 80, 24);
	assert_int_equal(s->frame.lines[0].style, STYLE_ALARM);
	assert_non_null(strstr(s->frame.lines[0].text, "lost 3"));
	scene_free(s);
}

static void test_sparkline(void **state)
{
	struct row row = {.history = {8, 1}, .history_at = 1}; /* 1 in the last interval, 8 in the one before */
	char buf[SPARKLINE_MAX];

	(void)state;
	assert_string_equal(sparkline(buf, &row, 3), " \xe2\x96\x88\xe2\x96\x81");
	assert_int_equal(text_columns(sparkline(buf, &row, 100)), ROW_HISTORY);
	row.history[0] = 65535;
	assert_string_equal(sparkline(buf, &row, 2), "\xe2\x96\x88\xe2\x96\x81"); /* little is still seen */
	for (unsigned i = 0; i < ROW_HISTORY; i++)
		row.history[i] = 7;
	assert_int_equal(strlen(sparkline(buf, &row, ROW_HISTORY)), SPARKLINE_MAX - 1);
	memset(row.history, 0, sizeof(row.history));
	assert_string_equal(sparkline(buf, &row, 2), "  ");
}

/* --- keys */

static void test_cursor_moves(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	fill(s, 50);
	turn(s, 80, 24); /* 20 rows */
	assert_non_null(strstr(selected(s), ":1000 "));
	screen_key(&s->screen, SCREEN_KEY_UP);
	turn(s, 80, 24);
	assert_non_null(strstr(selected(s), ":1000 "));
	screen_key(&s->screen, SCREEN_KEY_DOWN);
	screen_key(&s->screen, 'j');
	turn(s, 80, 24);
	assert_non_null(strstr(selected(s), ":1002 "));
	screen_key(&s->screen, SCREEN_KEY_PAGE_DOWN);
	turn(s, 80, 24);
	assert_non_null(strstr(selected(s), ":1022 "));
	assert_shows(s, "4-23 of 50");
	screen_key(&s->screen, SCREEN_KEY_END);
	turn(s, 80, 24);
	assert_non_null(strstr(selected(s), ":1049 "));
	assert_shows(s, "31-50 of 50");
	screen_key(&s->screen, SCREEN_KEY_PAGE_DOWN);
	screen_key(&s->screen, SCREEN_KEY_PAGE_UP);
	turn(s, 80, 24);
	assert_non_null(strstr(selected(s), ":1029 "));
	screen_key(&s->screen, SCREEN_KEY_HOME);
	turn(s, 80, 24);
	assert_non_null(strstr(selected(s), ":1000 "));
	scene_free(s);
}

/* Once moved, the cursor is on a row, wherever that goes; not moved, it is on the first one, whichever that is. */
static void test_cursor_follows(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	fill(s, 10);
	turn(s, 80, 24);
	closes(s, "client", 100, 1009, 50);
	turn(s, 80, 24);
	assert_non_null(strstr(selected(s), ":1009 "));
	screen_key(&s->screen, SCREEN_KEY_DOWN);
	turn(s, 80, 24);
	assert_non_null(strstr(selected(s), ":1000 "));
	closes(s, "client", 100, 1005, 90);
	closes(s, "client", 100, 1006, 90);
	turn(s, 80, 24);
	assert_non_null(strstr(selected(s), ":1000 "));
	assert_int_equal(s->screen.cursor, 3);
	scene_free(s);
}

static void test_sort(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	closes(s, "bbb", 200, 80, 5);
	closes(s, "aaa", 300, 80, 3);
	closes(s, "ccc", 100, 80, 1);
	turn(s, 80, 24);
	assert_memory_equal(s->frame.lines[3].text, "200 bbb", 7);
	type(s, "<<<<<<<<<<<<<"); /* as far to the left as it goes */
	assert_string_equal(s->screen.sort->name, "pid");
	turn(s, 80, 24);
	assert_memory_equal(s->frame.lines[3].text, "100 ccc", 7);
	assert_int_equal(s->frame.lines[2].mark, STYLE_SORTED);
	assert_int_equal(s->frame.lines[2].mark_columns, 3);
	type(s, ">");
	turn(s, 80, 24);
	assert_memory_equal(s->frame.lines[3].text, "300 aaa", 7);
	assert_int_equal(s->frame.lines[2].mark_at, 4);
	type(s, "r");
	turn(s, 80, 24);
	assert_memory_equal(s->frame.lines[3].text, "100 ccc", 7);
	assert_shows(s, "sorted by COMM (reversed)");
	for (int i = 0; i < 50; i++)
		screen_key(&s->screen, SCREEN_KEY_RIGHT);
	assert_ptr_equal(s->screen.sort, s->screen.layout.columns.fields[s->screen.layout.columns.n - 1]);
	scene_free(s);
}

static void test_filter(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	closes(s, "nginx", 200, 80, 5);
	closes(s, "curl", 300, 8080, 3);
	type(s, "/NGq"); /* q is but a letter here */
	turn(s, 80, 24);
	assert_false(s->screen.quit);
	assert_shows(s, "nothing like that");
	assert_shows(s, "filter: NGq");
	assert_int_equal(s->frame.cursor_line, 23);
	assert_int_equal(s->frame.cursor_column, strlen("filter: NGq"));
	screen_key(&s->screen, SCREEN_KEY_BACKSPACE);
	turn(s, 80, 24);
	assert_shows(s, "nginx");
	assert_hides(s, "curl");
	screen_key(&s->screen, SCREEN_KEY_ENTER);
	turn(s, 80, 24);
	assert_shows(s, "sorted by TW  filter: NG");
	assert_int_equal(s->frame.cursor_line, -1);
	screen_key(&s->screen, SCREEN_KEY_ESCAPE);
	turn(s, 80, 24);
	assert_shows(s, "curl");
	type(s, "/:8080");
	turn(s, 80, 24);
	assert_hides(s, "nginx");
	screen_key(&s->screen, SCREEN_KEY_ESCAPE);
	turn(s, 80, 24);
	assert_shows(s, "nginx");
	assert_int_equal(s->screen.prompt, PROMPT_NONE);
	scene_free(s);
}

static void test_filter_takes_any_text(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	type(s, "/");
	screen_key(&s->screen, 0x20ac);
	screen_key(&s->screen, 0x1f600);
	screen_key(&s->screen, 1);      /* a control character */
	screen_key(&s->screen, 0xd800); /* no character at all */
	screen_key(&s->screen, SCREEN_KEY_UP);
	assert_string_equal(s->screen.filter, "\xe2\x82\xac\xf0\x9f\x98\x80");
	screen_key(&s->screen, SCREEN_KEY_BACKSPACE);
	assert_string_equal(s->screen.filter, "\xe2\x82\xac");
	for (int i = 0; i < 200; i++)
		screen_key(&s->screen, 0x20ac);
	assert_true(strlen(s->screen.filter) < SCREEN_FILTER_MAX);
	assert_int_equal(strlen(s->screen.filter) % 3, 0);
	turn(s, 80, 24);
	for (int i = 0; i < 200; i++)
		screen_key(&s->screen, SCREEN_KEY_BACKSPACE);
	assert_string_equal(s->screen.filter, "");
	scene_free(s);
}

static void test_group(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	turn(s, 80, 24);
	type(s, "g");
	turn(s, 80, 24);
	assert_shows(s, "group by: p process");
	type(s, "c");
	assert_int_equal(s->screen.by, GROUP_COMM);
	assert_int_equal(s->screen.prompt, PROMPT_NONE);
	type(s, "gNE");
	assert_int_equal(s->screen.by, GROUP_COMM | GROUP_NETNS | GROUP_ENDPOINT);
	type(s, "CEN"); /* the last one stays: something must tell rows apart */
	assert_int_equal(s->screen.by, GROUP_NETNS);
	type(s, "x");
	assert_int_equal(s->screen.prompt, PROMPT_NONE);
	turn(s, 80, 24);
	assert_non_null(strstr(s->frame.lines[2].text, "NETNS"));
	assert_null(strstr(s->frame.lines[2].text, "PID"));
	assert_shows(s, "by netns  sorted");
	scene_free(s);
}

static void test_own_columns_stay(void **state)
{
	struct columns columns;
	const char *bad;
	size_t len;
	struct scene *s = scene_new();

	(void)state;
	assert_int_equal(columns_parse(&columns, "tw,comm", &bad, &len), 0);
	screen_init(&s->screen, GROUP_DEFAULT, field_find("tw", 2), &columns);
	closes(s, "nginx", 200, 80, 5);
	type(s, "ge");
	turn(s, 80, 24);
	assert_memory_equal(s->frame.lines[2].text, "TW COMM", 7);
	scene_free(s);
}

static void test_pause_and_quit(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	type(s, "p");
	turn(s, 80, 24);
	assert_shows(s, "PAUSED");
	type(s, " ");
	turn(s, 80, 24);
	assert_hides(s, "PAUSED");
	assert_false(s->screen.quit);
	type(s, "q");
	assert_true(s->screen.quit);
	scene_free(s);
}

static void test_open_row(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	closes(s, "nginx", 200, 80, 5);
	closes(s, "curl", 300, 8080, 3);
	turn(s, 80, 50);
	screen_key(&s->screen, SCREEN_KEY_DOWN);
	screen_key(&s->screen, SCREEN_KEY_ENTER); /* at once */
	turn(s, 80, 50);
	assert_int_equal(s->screen.page, PAGE_ROW);
	assert_shows(s, "PID 300  COMM curl  ROLE client  ENDPOINT 10.0.0.2:8080");
	assert_shows(s, "Closed by    local 3 (fin 3), remote 0, both 0, none 0");
	assert_shows(s, "Causes       (close 3)");
	assert_shows(s, "TIME_WAIT    now 3, begun 3");
	assert_shows(s, "local fin/close         1.50ms 10.0.0.1:40000 -> 10.0.0.2:8080");
	assert_shows(s, "Lifetime: 3, min 1.50ms");
	assert_shows(s, "FIN_WAIT2: 0");
	assert_shows(s, "TIME_WAIT: 0");
	closes(s, "curl", 300, 8080, 1);
	closes(s, "nginx", 200, 80, 1);
	turn(s, 80, 50);
	assert_shows(s, "local 4 (fin 4)");
	screen_key(&s->screen, SCREEN_KEY_ESCAPE);
	turn(s, 80, 50);
	assert_int_equal(s->screen.page, PAGE_TABLE);
	assert_non_null(strstr(selected(s), "curl"));
	scene_free(s);
}

static void test_opened_row_scrolls(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	closes(s, "nginx", 200, 80, 5);
	screen_key(&s->screen, SCREEN_KEY_ENTER);
	turn(s, 80, 12);
	assert_hides(s, "TIME_WAIT: 0");
	assert_shows(s, "more below");
	screen_key(&s->screen, SCREEN_KEY_END);
	turn(s, 80, 12);
	assert_shows(s, "TIME_WAIT: 0");
	assert_hides(s, "more below");
	assert_shows(s, "PID 200"); /* the title stays */
	turn(s, 80, 60);            /* all fits */
	assert_shows(s, "Closed by");
	assert_int_equal(s->screen.scroll, 0);
	scene_free(s);
}

static void test_opened_row_goes(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	closes(s, "nginx", 200, 80, 5);
	screen_key(&s->screen, SCREEN_KEY_ENTER);
	turn(s, 80, 24);
	table_free(s->table);
	assert_int_equal(table_new(&s->table, NULL, 0), 0);
	turn(s, 80, 24);
	assert_shows(s, "This row is no more");
	scene_free(s);
}

static void test_open_other(void **state)
{
	struct table_options small = {.rows = 4};
	struct scene *s = scene_new();

	(void)state;
	table_free(s->table);
	assert_int_equal(table_new(&s->table, &small, 0), 0);
	fill(s, 10);
	turn(s, 80, 24);
	assert_shows(s, " more)");
	screen_key(&s->screen, SCREEN_KEY_END);
	turn(s, 80, 24);
	assert_non_null(strstr(selected(s), "other"));
	screen_key(&s->screen, SCREEN_KEY_ENTER);
	turn(s, 80, 24);
	assert_shows(s, "COMM other");
	scene_free(s);
}

static void test_help(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	type(s, "?");
	turn(s, 80, 30);
	assert_shows(s, "Ctrl-C           quit");
	for (unsigned i = 0; i < s->frame.used; i++)
		assert_true(text_columns(s->frame.lines[i].text) <= 80);
	type(s, "?");
	turn(s, 80, 30);
	assert_int_equal(s->screen.page, PAGE_TABLE);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_any_size),
		cmocka_unit_test(test_huge_terminal),
		cmocka_unit_test(test_eighty_columns),
		cmocka_unit_test(test_two_hundred_columns),
		cmocka_unit_test(test_ipv6_is_whole),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_what_is_lost_stands_out),
		cmocka_unit_test(test_sparkline),
		cmocka_unit_test(test_cursor_moves),
		cmocka_unit_test(test_cursor_follows),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_filter_takes_any_text),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_own_columns_stay),
		cmocka_unit_test(test_pause_and_quit),
		cmocka_unit_test(test_open_row),
		cmocka_unit_test(test_opened_row_scrolls),
		cmocka_unit_test(test_opened_row_goes),
		cmocka_unit_test(test_open_other),
		cmocka_unit_test(test_help),
	};

	return RUN_TESTS(tests);
}
