/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* screen.c: what keys do, and which rows are to be seen. See screen.h; the picture is screen_picture.c's. */
#include "screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

/* What is shown elsewhere, too, and closes per second beside closes: a screen is for what happens now. */
static void default_columns(struct columns *columns, unsigned by)
{
	struct columns all;

	columns_default(&all, by);
	columns->n = 0;
	for (unsigned c = 0; c < all.n && columns->n < COLUMNS_MAX; c++) {
		columns->fields[columns->n++] = all.fields[c];
		if (!strcmp(all.fields[c]->name, "closes") && columns->n < COLUMNS_MAX)
			columns->fields[columns->n++] = field_find("close_rate", strlen("close_rate"));
	}
}

void screen_init(struct screen *s, unsigned by, const struct field *sort, const struct columns *columns)
{
	memset(s, 0, sizeof(*s));
	s->by = by;
	s->sort = sort;
	s->own_columns = columns;
	if (columns)
		s->columns = *columns;
	else
		default_columns(&s->columns, by);
}

void screen_clear(struct screen *s)
{
	free(s->rows);
	s->rows = NULL;
	s->used = s->size = 0;
}

void screen_resized(struct screen *s)
{
	memset(s->widest, 0, sizeof(s->widest));
}

/* --- keys */

static void to_top(struct screen *s)
{
	s->cursor = s->top = 0;
	s->follows = s->moved = false;
}

static void set_by(struct screen *s, unsigned by)
{
	if (!by)
		return;
	s->by = by;
	if (!s->own_columns)
		default_columns(&s->columns, by);
	screen_resized(s);
	to_top(s);
}

static void move_cursor(struct screen *s, size_t to)
{
	s->cursor = to < s->used ? to : s->used ? s->used - 1 : 0;
	s->moved = true;
}

static size_t less(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

/* Where a key that moves goes from at, of n; false: it is no such key. */
static bool moves(unsigned key, size_t page, size_t n, size_t *at)
{
	switch (key) {
	case SCREEN_KEY_UP:
	case 'k':
		*at = less(*at, 1);
		return true;
	case SCREEN_KEY_DOWN:
	case 'j':
		*at += 1;
		return true;
	case SCREEN_KEY_PAGE_UP:
		*at = less(*at, page);
		return true;
	case SCREEN_KEY_PAGE_DOWN:
		*at += page;
		return true;
	case SCREEN_KEY_HOME:
		*at = 0;
		return true;
	case SCREEN_KEY_END:
		*at = less(n, 1);
		return true;
	default:
		return false;
	}
}

/* The next column to sort by, of those shown. */
static void sort_next(struct screen *s, int step)
{
	const struct columns *shown = &s->layout.columns;
	int n = (int)shown->n, at = step > 0 ? -1 : n;

	for (int c = 0; c < n; c++)
		if (shown->fields[c] == s->sort)
			at = c;
	at += step;
	if (at >= 0 && at < n)
		s->sort = shown->fields[at];
}

static void open_page(struct screen *s, enum screen_page page)
{
	s->page = page;
	s->scroll = 0;
}

static void key_in_table(struct screen *s, unsigned key)
{
	size_t at = s->cursor;

	if (moves(key, s->lines, s->used, &at)) {
		move_cursor(s, at);
		if (key == SCREEN_KEY_HOME)
			to_top(s);
		return;
	}
	switch (key) {
	case SCREEN_KEY_LEFT:
	case '<':
		sort_next(s, -1);
		break;
	case SCREEN_KEY_RIGHT:
	case '>':
		sort_next(s, 1);
		break;
	case 'r':
		s->reversed = !s->reversed;
		break;
	case '/':
		s->prompt = PROMPT_FILTER;
		break;
	case 'g':
		s->prompt = PROMPT_GROUP;
		break;
	case SCREEN_KEY_ESCAPE:
		s->filter[0] = '\0';
		break;
	case SCREEN_KEY_ENTER:
		s->opening = true;
		break;
	}
}

static void key_in_text(struct screen *s, unsigned key)
{
	size_t at = s->scroll;

	if (moves(key, s->lines, s->scroll_max + 1, &at))
		s->scroll = at < s->scroll_max ? at : s->scroll_max;
	else if (key == SCREEN_KEY_ESCAPE || key == SCREEN_KEY_ENTER || key == SCREEN_KEY_BACKSPACE || key == SCREEN_KEY_LEFT)
		open_page(s, PAGE_TABLE);
}

static void filter_append(struct screen *s, unsigned c)
{
	size_t len = strlen(s->filter);
	char utf8[8];
	size_t bytes = utf8_put(utf8, c);

	if (c < 0x20 || c == 0x7f || !bytes || len + bytes >= sizeof(s->filter))
		return;
	memcpy(s->filter + len, utf8, bytes);
	s->filter[len + bytes] = '\0';
}

static void filter_chop(struct screen *s)
{
	size_t len = strlen(s->filter);

	while (len && (s->filter[len - 1] & 0xc0) == 0x80)
		len--;
	s->filter[less(len, 1)] = '\0';
}

static void key_in_filter(struct screen *s, unsigned key)
{
	switch (key) {
	case SCREEN_KEY_ENTER:
		s->prompt = PROMPT_NONE;
		break;
	case SCREEN_KEY_ESCAPE:
		s->filter[0] = '\0';
		s->prompt = PROMPT_NONE;
		break;
	case SCREEN_KEY_BACKSPACE:
		filter_chop(s);
		break;
	default:
		if (key < KEY_CODES)
			filter_append(s, key);
	}
	to_top(s);
}

/* A small letter groups by that alone, a capital one by that as well, or no longer. */
static void key_in_group(struct screen *s, unsigned key)
{
	static const struct {
		unsigned key, bit;
	} letters[] = {
		{'p', GROUP_PROCESS}, {'e', GROUP_ENDPOINT}, {'c', GROUP_COMM},
		{'r', GROUP_REMOTE},  {'g', GROUP_CGROUP},   {'n', GROUP_NETNS},
	};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (key == letters[i].key)
			set_by(s, letters[i].bit);
		if (key == letters[i].key - 'a' + 'A') {
			set_by(s, s->by ^ letters[i].bit);
			return;
		}
	}
	s->prompt = PROMPT_NONE;
}

static void key_anywhere(struct screen *s, unsigned key)
{
	switch (key) {
	case 'q':
		s->quit = true;
		break;
	case 'p':
	case ' ':
		s->paused = !s->paused;
		break;
	case '?':
	case 'h':
		open_page(s, s->page == PAGE_HELP ? PAGE_TABLE : PAGE_HELP);
		break;
	default:
		if (s->page == PAGE_TABLE)
			key_in_table(s, key);
		else
			key_in_text(s, key);
	}
}

void screen_key(struct screen *s, unsigned key)
{
	switch (s->prompt) {
	case PROMPT_FILTER:
		key_in_filter(s, key);
		break;
	case PROMPT_GROUP:
		key_in_group(s, key);
		break;
	case PROMPT_NONE:
		key_anywhere(s, key);
		break;
	}
}

/* --- rows */

int screen_compare(const struct row *a, const struct row *b, const void *screen)
{
	const struct screen *s = screen;
	int r = field_compare(a, b, s->sort);

	return s->reversed ? -r : r;
}

static struct row_id id_of(const struct row *row)
{
	struct row_id id;

	memset(&id, 0, sizeof(id)); /* compared as bytes */
	id.key = row->key;
	id.other = row->folded;
	return id;
}

static bool is_row(const struct row *row, const struct row_id *id)
{
	struct row_id other = id_of(row);

	return !memcmp(&other, id, sizeof(other));
}

static bool passes_filter(const struct screen *s, const struct row *row)
{
	char cell[FIELD_TEXT_MAX];

	if (!s->filter[0])
		return true;
	for (const struct field *f = fields; f->name; f++) {
		if (!(f->by & s->by))
			continue;
		field_format(cell, f, row);
		if (strcasestr(cell, s->filter))
			return true;
	}
	return false;
}

static int make_room(struct screen *s, size_t n)
{
	const struct row **grown;

	if (n <= s->size)
		return 0;
	grown = realloc(s->rows, n * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	s->rows = grown;
	s->size = n;
	return 0;
}

static void place_cursor(struct screen *s)
{
	if (s->cursor >= s->used)
		s->cursor = less(s->used, 1);
	if (s->moved && s->used) {
		s->at = id_of(s->rows[s->cursor]);
		s->follows = true;
	}
	s->moved = false;
	for (size_t i = 0; s->follows && i < s->used; i++)
		if (is_row(s->rows[i], &s->at))
			s->cursor = i;
	if (s->opening && s->used) {
		s->opened = id_of(s->rows[s->cursor]);
		open_page(s, PAGE_ROW);
	}
	s->opening = false;
}

int screen_rows(struct screen *s, const struct row *const *rows, size_t n)
{
	int r = make_room(s, n);

	if (r)
		return r;
	s->used = 0;
	for (size_t i = 0; i < n; i++)
		if (passes_filter(s, rows[i]))
			s->rows[s->used++] = rows[i];
	place_cursor(s);
	s->opened_row = NULL;
	for (size_t i = 0; s->page == PAGE_ROW && i < n; i++)
		if (is_row(rows[i], &s->opened))
			s->opened_row = rows[i];
	return 0;
}
