/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.c: reads a command line by the table of options. See options.h. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "option_rows.h"
#include "parse.h"
#include "target.h"
#include "view/changes.h"

#define CLOSE_WAIT_NS 60000000000ULL /* a peer that closed for good waits no longer in FIN_WAIT2 (tcp_fin_timeout) */

enum { LONG_ONLY = 256 }; /* above all letters: what getopt_long() returns for rows without one */

struct getopt_tables {
	struct option options[OPTIONS_MAX + 1];
	char letters[2 * OPTIONS_MAX + 2];
};

static void fill_getopt_tables(struct getopt_tables *t)
{
	char *letters = t->letters;

	memset(t, 0, sizeof(*t));
	*letters++ = ':'; /* tell a missing argument from an unknown option */
	for (unsigned i = 0; option_rows[i].name; i++) {
		const struct option_row *row = &option_rows[i];

		t->options[i] = (struct option){row->name, row->arg ? required_argument : no_argument, NULL, LONG_ONLY + (int)i};
		if (!row->letter)
			continue;
		*letters++ = row->letter;
		if (row->arg)
			*letters++ = ':';
	}
}

static const struct option_row *row_of(int getopt_value)
{
	if (getopt_value >= LONG_ONLY)
		return &option_rows[getopt_value - LONG_ONLY];
	for (unsigned i = 0; option_rows[i].name; i++)
		if (option_rows[i].letter == getopt_value)
			return &option_rows[i];
	return NULL;
}

/* getopt_long() gave up on the option before optind. */
static int bad_option(const struct parser *p, int why, char **argv)
{
	const struct option_row *row = optopt ? row_of(optopt) : NULL;

	if (why == ':' && row)
		return usage_error(p, "--%s needs %s", row->name, row->arg);
	if (row)
		return usage_error(p, "--%s takes no value", row->name);
	if (optopt)
		return usage_error(p, "unknown option '-%c'", optopt);
	return usage_error(p, "unknown or ambiguous option '%s'", argv[optind - 1]);
}

/* *used: a bit for each row that was given. */
static int parse_options(struct parser *p, int argc, char **argv, unsigned *used)
{
	struct getopt_tables t;
	int c;

	fill_getopt_tables(&t);
	optind = 0; /* makes getopt start afresh */
	opterr = 0;
	while ((c = getopt_long(argc, argv, t.letters, t.options, NULL)) != -1) {
		p->row = c == '?' || c == ':' ? NULL : row_of(c);
		if (!p->row)
			return bad_option(p, c, argv);
		*used |= 1u << (p->row - option_rows);
		if (p->row->set(p, optarg))
			return -EINVAL;
	}
	return 0;
}

static const struct command *find_command(const struct command *commands, const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* interval [count] */
static int parse_interval(const struct parser *p, int argc, char **argv)
{
	__u64 count;

	if (!argc)
		return 0;
	if (parse_seconds(argv[0], &p->o->interval_ns) || p->o->interval_ns < 100000000)
		return usage_error(p, "'%s': an interval is a number of seconds, 0.1 or more", argv[0]);
	if (argc == 1)
		return 0;
	if (parse_number(argv[1], 1, UINT_MAX, &count))
		return usage_error(p, "'%s': the count of intervals is a number from 1 on", argv[1]);
	p->o->count = (unsigned)count;
	return argc == 2 ? 0 : usage_error(p, "'%s': nothing is expected behind interval and count", argv[2]);
}

static int parse_files(const struct parser *p, int argc, char **argv)
{
	struct options *o = p->o;

	if (argc && !(o->command->bit & FOR_FILES))
		return usage_error(p, "'%s': %s takes no arguments", argv[0], o->command->name);
	if (!argc && o->command->bit & FOR_REPORT && o->action == ACTION_RUN)
		return usage_error(p, "%s: which recordings? - is standard input", o->command->name);
	if (argc && o->duration_ns)
		return usage_error(p, "--duration does not go with recordings: they have their own");
	o->files = (const char *const *)argv;
	o->nfiles = (unsigned)argc;
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int parse_command(const struct parser *p, const struct command *commands, const char *name)
{
	p->o->command = *name ? find_command(commands, name) : NULL;
	return p->o->command ? 0 : usage_error(p, "'%s' is neither a command nor an interval", name);
}

static int parse_words(const struct parser *p, const struct command *commands, int argc, char **argv)
{
	struct options *o = p->o;

	o->command = commands;
	if (!argc)
		return 0;
	if (is_digit(argv[0][0]))
		return parse_interval(p, argc, argv);
	if (parse_command(p, commands, argv[0]))
		return -EINVAL;
	if (o->command->bit & FOR_ROWS)
		return parse_interval(p, argc - 1, argv + 1);
	return parse_files(p, argc - 1, argv + 1);
}

/* Which command help is wanted for. What is behind its name does not matter. */
static int parse_topic(const struct parser *p, const struct command *commands, int argc, char **argv)
{
	if (!argc || is_digit(argv[0][0]))
		return 0;
	return parse_command(p, commands, argv[0]);
}

/* A recording may hold processes that are no more. */
static int check_pids(const struct parser *p)
{
	const struct filter *f = &p->o->tracer.filter;

	for (unsigned i = 0; i < f->npids; i++) {
		__u32 tgid;

		if (target_process(f->pids[i], &tgid))
			return usage_error(p, "--pid '%u': no such process", f->pids[i]);
		if (tgid != f->pids[i])
			return usage_error(p, "--pid '%u': a thread; its process is %u", f->pids[i], tgid);
	}
	return 0;
}

static int check_ways(const struct parser *p)
{
	const struct options *o = p->o;

	if (o->json && o->csv)
		return usage_error(p, "--json and --csv exclude each other");
	if (o->histograms && (o->csv || o->diff))
		return usage_error(p, "--histograms does not go with --%s", o->csv ? "csv" : "diff");
	if (o->diff && o->nfiles != 2)
		return usage_error(p, "--diff takes two recordings, the old one and the new one");
	return 0;
}

static int check_fit(const struct parser *p, unsigned used)
{
	const struct command *command = p->o->command;

	for (unsigned i = 0; option_rows[i].name; i++) {
		if (!(used & 1u << i) || option_rows[i].commands & command->bit)
			continue;
		return *command->name ? usage_error(p, "--%s does not go with '%s'", option_rows[i].name, command->name)
				      : usage_error(p, "--%s does not go with the table", option_rows[i].name);
	}
	return 0;
}

static bool is_filtered(const struct filter *f)
{
	return f->npids || f->ncomms || f->nports || f->nremotes || f->nnetns || f->family;
}

static void set_defaults(struct options *o)
{
	if (!o->by) /* processes are others after a restart */
		o->by = o->diff ? GROUP_COMM | GROUP_ENDPOINT : GROUP_DEFAULT;
	if (!o->sort && !o->diff)
		o->sort = field_find("tw", 2);
	o->columns_chosen = o->columns.n;
	if (o->columns_chosen)
		return;
	if (o->diff)
		columns_changes(&o->columns, o->by);
	else if (o->csv)
		columns_all(&o->columns);
	else
		columns_default(&o->columns, o->by);
}

int options_parse(struct options *o, const struct command *commands, int argc, char **argv, FILE *err)
{
	struct parser p = {.o = o, .err = err};
	unsigned used = 0;

	memset(o, 0, sizeof(*o));
	o->max_rows = TABLE_ROWS;
	o->close_wait_ns = CLOSE_WAIT_NS;
	if (parse_options(&p, argc, argv, &used))
		return -EINVAL;
	set_defaults(o);
	if (o->action == ACTION_VERSION)
		return 0;
	if (o->action == ACTION_HELP)
		return parse_topic(&p, commands, argc - optind, argv + optind);
	if (parse_words(&p, commands, argc - optind, argv + optind) || check_fit(&p, used) || check_ways(&p))
		return -EINVAL;
	if (!o->nfiles && check_pids(&p))
		return -EINVAL;
	o->tracer.sockets = o->command->bit & FOR_SOCKETS;
	o->filtered = is_filtered(&o->tracer.filter);
	return 0;
}

/* --- help */

static const struct {
	unsigned command; /* FOR_…: an example of this one */
	const char *line, *what;
} examples[] = {
	{FOR_TABLE, "twtrace", "the live screen; ? explains its keys"},
	{FOR_TABLE, "twtrace -p 1234 5", "only process 1234, every 5 seconds"},
	{FOR_TABLE, "twtrace -d 10 > table.txt", "one table, after 10 seconds"},
	{FOR_EVENTS, "twtrace events --port 443", "who closes, as it happens"},
	{FOR_EVENTS, "twtrace events --json > f.jsonl", "record, for report and doctor"},
	{FOR_DOCTOR, "twtrace doctor -d 30", "what is wrong, why, what to change"},
	{FOR_DOCTOR, "twtrace doctor f.jsonl", "the same of a recording, no root"},
	{FOR_CENSUS, "twtrace census -d 10", "sockets by state, after 10 seconds"},
	{FOR_CENSUS, "twtrace census --by comm", "at once, by program"},
	{FOR_PORTS, "twtrace ports 5", "who runs out of ports, every 5 seconds"},
	{FOR_REPORT, "twtrace report f.jsonl", "the table of what was recorded"},
	{FOR_REPORT, "twtrace report --histograms -", "from standard input"},
	{FOR_REPORT, "twtrace report --diff a b", "what changed from recording a to b"},
	{FOR_PROBE, "twtrace probe", "which backend would be used, and why"},
};

static void help_usage(const char *before, const struct command *c, FILE *out)
{
	char line[64];

	snprintf(line, sizeof(line), "twtrace %s%s%s", c->name, *c->name ? " " : "",
		 c->bit & FOR_ROWS     ? "[options] [interval [n]]"
		 : c->bit & FOR_DOCTOR ? "[options] [FILE...]"
		 : c->bit & FOR_FILES  ? "[options] FILE..."
				       : "[options]");
	fprintf(out, "%s%-39s %s\n", before, line, c->help);
}

static void help_option(const struct option_row *row, FILE *out)
{
	enum { LEFT = 25 };
	char left[40], letter[5] = "    ";
	int len;

	if (row->letter)
		snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	len = snprintf(left, sizeof(left), "%s--%s%s%s", letter, row->name, row->arg ? " " : "", row->arg ? row->arg : "");
	if (len > LEFT)
		fprintf(out, "  %s\n  %-*s %s\n", left, LEFT, "", row->help);
	else
		fprintf(out, "  %-*s %s\n", LEFT, left, row->help);
}

/* commands: FOR_…: options that go with one of these. */
static void help_options(unsigned commands, FILE *out)
{
	const char *title = NULL;

	for (const struct option_row *row = option_rows; row->name; row++) {
		title = row->group ? row->group : title;
		if (!(row->commands & commands))
			continue;
		if (title)
			fprintf(out, "\n%s:\n", title);
		title = NULL;
		help_option(row, out);
	}
}

static void help_examples(unsigned commands, FILE *out)
{
	fputs("\nExamples:\n", out);
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		if (examples[i].command & commands)
			fprintf(out, "  %-34s %s\n", examples[i].line, examples[i].what);
}

struct table_options options_table(const struct options *o, unsigned by)
{
	return (struct table_options){.by = by, .rows = o->max_rows > TABLE_ROWS ? o->max_rows : TABLE_ROWS};
}

void options_help(const struct command *commands, const struct command *command, FILE *out)
{
	unsigned which = command ? command->bit : FOR_ALL;

	if (command) {
		help_usage("Usage: ", command, out);
	} else {
		fputs("Who closes TCP connections, and what TIME_WAIT costs.\n\n", out);
		for (const struct command *c = commands; c->name; c++)
			help_usage(c == commands ? "Usage: " : "       ", c, out);
		fputs("\ntwtrace COMMAND --help tells which options go with a command.\n", out);
	}
	help_options(which, out);
	help_examples(which, out);
	fputs("\nExit status: 0 fine, 1 failure, 2 usage, 3 not permitted, 4 not supported here.\n"
	      "The manual page twtrace(8) has more.\n",
	      out);
}
