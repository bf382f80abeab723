/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* screen_picture.c: the live screen as lines of text. See screen.h. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "sanitize.h"
#include "screen.h"
#include "screen_row.h"
#include "sparkline.h"
#include "text_summary.h"

enum { HEAD_LINES = 3, FOOT_LINES = 1, WIDE = 120, SPARK_NARROW = 8, SPARK_NEEDS = 60, BARS_RANK = 6 /* of TW/s */ };

static const char help[] =
	"Up Down PgUp PgDn   move; the cursor stays with its row. Home: back to the top\n"
	"Enter               open the row: causes, histograms, last closes; again or Esc: back\n"
	"Left Right  < >     sort by the column to the left or right\n"
	"r                   sort the other way round\n"
	"/                   type to filter: rows of which a name or address contains it; Esc: all\n"
	"g                   group by: p process, e endpoint, c comm, r remote network, g cgroup, n netns;\n"
	"                    with a capital letter by that as well, or no longer\n"
	"p  Space            pause: what is shown stays as it is; tracing goes on\n"
	"?  h                this help; Ctrl-L draws all anew\n"
	"q  Ctrl-C           quit\n"
	"\n"
	"LOCAL%    closed first by this side. High, with a high TW/s: this is who makes the TIME_WAITs\n"
	"TW, TW/s  TIME_WAITs there are now, and begun per second; the bars: begun in each of the last intervals\n"
	"ENDPOINT  client: where it connected to; server: remote->:own port\n"
	"other     sums up the rows that there is no room for: see --max-rows\n"
	"lost      what could not be recorded in detail; the totals count it all the same\n"
	"\n"
	"twtrace --list-columns explains every column; --columns chooses.\n";

/* A stream to write one line to, or several. */
struct text {
	FILE *out;
	char *bytes;
	size_t size;
};

static bool text_begin(struct text *t)
{
	*t = (struct text){0};
	t->out = open_memstream(&t->bytes, &t->size);
	return t->out;
}

/* Of what was written, line by line; from: lines to leave out. */
static void text_add(struct text *t, struct frame *f, size_t from, unsigned until, enum style style)
{
	size_t lines = 0;

	fclose(t->out);
	for (char *line = t->bytes, *end; line && *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		if (lines++ >= from && f->used < until)
			frame_add(f, style, line);
	}
	free(t->bytes);
}

__attribute__((format(printf, 3, 4))) static struct frame_line *add(struct frame *f, enum style style, const char *format, ...)
{
	char line[FRAME_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return frame_add(f, style, line);
}

static void add_status(struct frame *f, const struct screen_view *v)
{
	struct text t;

	if (!text_begin(&t))
		return;
	text_status(t.out, v->summary, v->unix_ns, v->tw_rate, f->width);
	text_add(&t, f, 0, f->height, v->summary->lost || v->summary->totals.tw_skipped ? STYLE_ALARM : STYLE_STRONG);
}

static void add_mode(struct frame *f, const struct screen *s)
{
	char groups[GROUP_LIST_MAX], filter[SCREEN_FILTER_MAX];

	sanitize(filter, sizeof(filter), s->filter, sizeof(s->filter));
	add(f, s->paused ? STYLE_ALARM : STYLE_PLAIN, "%sby %s  sorted by %s%s%s%s", s->paused ? "PAUSED  " : "",
	    group_list(groups, s->by), s->sort->header, s->reversed ? " (reversed)" : "", *filter ? "  filter: " : "", filter);
}

/* --- the table */

static unsigned spark_least(unsigned width)
{
	return width >= WIDE ? ROW_HISTORY : width >= SPARK_NEEDS ? SPARK_NARROW : 0;
}

/* Does the layout lack a column that matters more than the bars? */
static bool lacks(const struct layout *layout, const struct columns *wanted)
{
	unsigned have = 0, want = 0;

	for (unsigned c = 0; c < wanted->n; c++)
		want += wanted->fields[c]->rank <= BARS_RANK;
	for (unsigned c = 0; c < layout->columns.n; c++)
		have += layout->columns.fields[c]->rank <= BARS_RANK;
	return have < want;
}

static void measure(struct screen *s)
{
	size_t shown = s->used - s->top < s->lines ? s->used - s->top : s->lines;

	layout_init(&s->layout, &s->columns);
	for (unsigned c = 0; c < s->columns.n; c++)
		if (s->widest[c] > s->layout.widths[c])
			s->layout.widths[c] = s->widest[c];
	layout_measure(&s->layout, (const struct row *const *)s->rows + s->top, shown);
	memcpy(s->widest, s->layout.widths, sizeof(s->widest));
}

/* The columns that fit beside the bars, which get what is left: returns how many columns that is. */
static unsigned lay_out(struct screen *s, unsigned width)
{
	unsigned least = spark_least(width);
	struct layout whole;
	size_t taken;

	measure(s);
	whole = s->layout;
	layout_fit(&s->layout, width - (least ? least + 1 : 0));
	if (lacks(&s->layout, &s->columns)) {
		s->layout = whole;
		layout_fit(&s->layout, width);
	}
	taken = layout_width(&s->layout) + 1;
	if (taken + least > width)
		return 0;
	return width - (unsigned)taken < ROW_HISTORY ? width - (unsigned)taken : ROW_HISTORY;
}

static void add_header(struct frame *f, const struct screen *s, unsigned spark)
{
	unsigned at = 0, columns = 0;
	struct frame_line *line;
	struct text t;

	for (unsigned c = 0; c < s->layout.columns.n; c++) {
		columns = (unsigned)s->layout.widths[c];
		if (s->layout.columns.fields[c] == s->sort)
			break;
		at += columns + 1;
		columns = 0;
	}
	if (!text_begin(&t))
		return;
	layout_header(t.out, &s->layout, true);
	fprintf(t.out, " %-*s", (int)spark, spark >= 8 ? "TW BEGUN" : "");
	fflush(t.out);
	line = add(f, STYLE_HEADER, "%-*s", (int)f->width, t.bytes);
	frame_mark(line, at, columns, STYLE_SORTED);
	fclose(t.out);
	free(t.bytes);
}

static void add_row(struct frame *f, const struct screen *s, size_t i, unsigned spark)
{
	bool selected = i == s->cursor;
	char bars[SPARKLINE_MAX];
	struct frame_line *line;
	struct text t;

	if (!text_begin(&t))
		return;
	layout_row(t.out, &s->layout, s->rows[i], true);
	if (spark)
		fprintf(t.out, " %s", sparkline(bars, s->rows[i], spark));
	if (selected)
		fprintf(t.out, "%*s", (int)f->width, "");
	fflush(t.out);
	line = frame_add(f, selected ? STYLE_SELECTED : s->rows[i]->folded ? STYLE_FAINT : STYLE_PLAIN, t.bytes ? t.bytes : "");
	if (spark && !selected)
		frame_mark(line, (unsigned)layout_width(&s->layout) + 1, spark, STYLE_SPARK);
	fclose(t.out);
	free(t.bytes);
}

/* The cursor is on the screen, and no line is blank that could show a row. */
static void scroll_to_cursor(struct screen *s)
{
	if (s->cursor < s->top)
		s->top = s->cursor;
	if (s->lines && s->cursor >= s->top + s->lines)
		s->top = s->cursor - s->lines + 1;
	if (s->top + s->lines > s->used)
		s->top = s->used > s->lines ? s->used - s->lines : 0;
}

static void add_table(struct frame *f, struct screen *s)
{
	unsigned spark;

	scroll_to_cursor(s);
	spark = lay_out(s, f->width);
	add_header(f, s, spark);
	for (size_t i = s->top; i < s->used && i < s->top + s->lines; i++)
		add_row(f, s, i, spark);
	if (!s->used)
		frame_add(f, STYLE_FAINT, *s->filter ? "nothing like that has closed so far" : "nothing has closed so far");
}

/* --- pages of text */

static void add_text(struct frame *f, struct screen *s, struct text *t)
{
	size_t lines = 0;

	fflush(t->out);
	for (const char *c = t->bytes; c && *c; c++)
		lines += *c == '\n';
	s->scroll_max = lines > s->lines ? lines - s->lines : 0;
	if (s->scroll > s->scroll_max)
		s->scroll = s->scroll_max;
	text_add(t, f, s->scroll, f->height - FOOT_LINES, STYLE_PLAIN);
}

static void add_title(struct frame *f, const struct screen *s)
{
	struct text t;

	if (!text_begin(&t))
		return;
	if (s->page == PAGE_HELP)
		fputs("Help", t.out);
	else if (s->opened_row)
		screen_row_title(t.out, s->opened_row, s->by);
	else
		fputs("This row is no more: it is summed up in other", t.out);
	fprintf(t.out, "%*s", (int)f->width, "");
	text_add(&t, f, 0, f->height, STYLE_HEADER);
}

static void add_page(struct frame *f, struct screen *s, const struct screen_view *v)
{
	struct text t;

	add_title(f, s);
	if (!text_begin(&t))
		return;
	if (s->page == PAGE_HELP)
		fputs(help, t.out);
	else if (s->opened_row)
		screen_row(t.out, s->opened_row, s->opened.other ? NULL : v->recent, v->clock_offset, f->width);
	add_text(f, s, &t);
}

/* --- the last line */

static void add_filter_prompt(struct frame *f, const struct screen *s)
{
	char filter[SCREEN_FILTER_MAX];
	size_t columns = sanitize(filter, sizeof(filter), s->filter, sizeof(s->filter));

	f->cursor_line = (int)f->used;
	f->cursor_column = (int)(strlen("filter: ") + columns);
	add(f, STYLE_STRONG, "filter: %s    (Enter: keep, Esc: all rows)", filter);
}

static void add_foot(struct frame *f, const struct screen *s)
{
	if (s->prompt == PROMPT_FILTER)
		add_filter_prompt(f, s);
	else if (s->prompt == PROMPT_GROUP)
		add(f, STYLE_STRONG, "group by: p process e endpoint c comm r remote net g cgroup n netns; P E C...: too");
	else if (s->page != PAGE_TABLE)
		add(f, STYLE_FAINT, "Esc back  Up Down scroll  p pause  ? help  q quit%s",
		    s->scroll < s->scroll_max ? "   more below" : "");
	else
		add(f, STYLE_FAINT, "%zu-%zu of %zu  Enter open  / filter  < > sort  g group  p pause  ? help  q quit",
		    s->used ? s->top + 1 : 0, s->top + s->lines < s->used ? s->top + s->lines : s->used, s->used);
}

void screen_picture(struct screen *s, const struct screen_view *view, struct frame *f, unsigned width, unsigned height)
{
	frame_begin(f, width, height);
	s->lines = f->height > HEAD_LINES + FOOT_LINES ? f->height - HEAD_LINES - FOOT_LINES : 1;
	add_status(f, view);
	add_mode(f, s);
	if (s->page == PAGE_TABLE)
		add_table(f, s);
	else
		add_page(f, s, view);
	frame_fill(f, f->height ? f->height - FOOT_LINES : 0);
	add_foot(f, s);
}
