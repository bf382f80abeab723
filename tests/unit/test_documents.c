/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_documents.c: manual page, bash completion, --help and README say what the program's tables say, no less and no more. Run
 * in the top directory, with TWTRACE=path of the program for the completion to ask.
 */
#include "unit.h"

#include <ctype.h>

#include "cmd/commands.h"
#include "cmd/option_rows.h"
#include "model/group.h"
#include "view/fields.h"
#include "view/json_lines.h"
#include "view/screen.h"

#define MANUAL "user/cmd/twtrace.8.scd"
#define COMPLETION "user/cmd/completion.bash"
#define README "README.md"

enum { WORDS_MAX = 128, LINE_MAX_BYTES = 512 };

static char *read_all(FILE *f)
{
	size_t size = 0, used = 0, n;
	char *text = NULL;

	do {
		if (used + 1 >= size) {
			size = size ? 2 * size : 1 << 16;
			text = realloc(text, size);
			assert_non_null(text);
		}
		n = fread(text + used, 1, size - used - 1, f);
		used += n;
	} while (n);
	text[used] = '\0';
	return text;
}

static char *read_document(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text;

	if (!f)
		fail_msg("cannot open %s: run me in the top directory", path);
	text = read_all(f);
	fclose(f);
	return text;
}

/* The part of the manual under that title, as a string of its own. */
static char *section(const char *manual, const char *title)
{
	char heading[64];
	const char *begin, *end;

	snprintf(heading, sizeof(heading), "\n# %s\n", title);
	begin = strstr(manual, heading);
	if (!begin)
		fail_msg("the manual has no section %s", title);
	begin += strlen(heading);
	end = strstr(begin, "\n# ");
	return end ? strndup(begin, (size_t)(end - begin) + 1) : strdup(begin);
}

static unsigned count_lines(const char *text, const char *prefix)
{
	unsigned n = 0;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		n += !strncmp(line, prefix, strlen(prefix));
	return n;
}

static const char *command_word(const struct command *c)
{
	return *c->name ? c->name : "table";
}

static const struct command *find_command(const char *name, size_t len)
{
	for (const struct command *c = commands; c->name; c++)
		if (len && strlen(c->name) == len && !memcmp(c->name, name, len))
			return c;
	return NULL;
}

static bool is_option(const char *name, size_t len)
{
	for (const struct option_row *row = option_rows; row->name; row++)
		if (strlen(row->name) == len && !memcmp(row->name, name, len))
			return true;
	return false;
}

/* --- command lines that documents show */

/* Words that stand for something. */
static const char *stand_in(const char *word)
{
	if (!strcmp(word, "PID") || !strcmp(word, "1234"))
		return "1";
	return strcmp(word, "web") ? word : "self"; /* a network namespace */
}

/* What text begins with, up to a redirection, a pipe, or two blanks, is a command line that twtrace takes. */
static void assert_command_line(const char *document, const char *text)
{
	size_t len = strcspn(text, "\n>|*`");
	const char *gap = strstr(text, "  ");
	char *copy = strndup(text, gap && gap < text + len ? (size_t)(gap - text) : len), *at, *argv[WORDS_MAX];
	struct options options;
	struct caught c;
	int argc = 0;

	for (char *word = strtok_r(copy, " ", &at); word && argc < WORDS_MAX - 1; word = strtok_r(NULL, " ", &at))
		argv[argc++] = (char *)(uintptr_t)stand_in(word);
	argv[argc] = NULL;
	if (argc == 2 && find_command(argv[1], strlen(argv[1]))) { /* the command itself is spoken of */
		free(copy);
		return;
	}
	catch_begin(&c);
	if (options_parse(&options, commands, argc, argv, c.out))
		fail_msg("%s: '%.*s': %s", document, (int)len, text, caught_text(&c));
	catch_end(&c);
	free(copy);
}

static bool is_word_part(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Is the program called there? */
static bool is_call(const char *text, const char *at)
{
	return !strncmp(at, "twtrace ", 8) && (at == text || !(is_word_part(at[-1]) || strchr("-.", at[-1])));
}

/* All of them in what delim encloses; newlines end it, too. */
static unsigned assert_command_lines(const char *document, const char *text, char delim)
{
	bool inside = false;
	unsigned n = 0;

	for (const char *at = text; *at; at++) {
		if (*at == '\n')
			inside = false;
		else if (*at == delim)
			inside = !inside;
		else if (inside && is_call(text, at) && ++n)
			assert_command_line(document, at);
	}
	return n;
}

/* Every --word is an option. */
static void assert_only_options(const char *document, const char *text)
{
	for (const char *at = text; (at = strstr(at, "--")); at += 2) {
		size_t len = strspn(at + 2, "abcdefghijklmnopqrstuvwxyz0123456789-");

		if (len && at[2] != '-' && (at == text || at[-1] != '-') && !is_option(at + 2, len))
			fail_msg("%s: twtrace has no option --%.*s", document, (int)len, at + 2);
	}
}

/* --- the manual page */

static void assert_goes_with(const char *paragraph, const struct option_row *row)
{
	char wanted[LINE_MAX_BYTES] = "\tGoes with: ";
	const char *end = strstr(paragraph, "\n\n"), *got = strstr(paragraph, "\tGoes with: ");

	for (const struct command *c = commands; c->name; c++) {
		if (!(row->commands & c->bit))
			continue;
		if (wanted[strlen(wanted) - 1] != ' ')
			strcat(wanted, ", ");
		strcat(wanted, command_word(c));
	}
	strcat(wanted, ".\n");
	if (!got || (end && got > end) || strncmp(got, wanted, strlen(wanted)))
		fail_msg(MANUAL ": of --%s the last line is not '%s'", row->name, wanted);
}

static void test_manual_has_every_option(void **state)
{
	char *manual = read_document(MANUAL), *options = section(manual, "OPTIONS");
	unsigned n = 0;

	(void)state;
	for (const struct option_row *row = option_rows; row->name; row++, n++) {
		char heading[LINE_MAX_BYTES], letter[16] = "";
		const char *at;

		if (row->letter)
			snprintf(letter, sizeof(letter), "*-%c*, ", row->letter);
		snprintf(heading, sizeof(heading), "\n%s*--%s*%s%s%s\n", letter, row->name, row->arg ? " _" : "",
			 row->arg ? row->arg : "", row->arg ? "_" : "");
		at = strstr(options, heading);
		if (!at)
			fail_msg(MANUAL ": no line '%s'", heading);
		assert_goes_with(at + 1, row);
	}
	assert_int_equal(count_lines(options, "*-"), n);
	assert_only_options(MANUAL, manual);
	free(options);
	free(manual);
}

static void test_manual_has_every_command(void **state)
{
	char *manual = read_document(MANUAL);
	char *synopsis = section(manual, "SYNOPSIS"), *described = section(manual, "COMMANDS"),
	     *examples = section(manual, "EXAMPLES");
	unsigned n = 0;

	(void)state;
	for (const struct command *c = commands; c->name; c++, n++) {
		char word[64];

		snprintf(word, sizeof(word), "*twtrace%s%s*", *c->name ? " " : "", c->name);
		if (!strstr(synopsis, word) || !strstr(described, word))
			fail_msg(MANUAL ": %s is missing in SYNOPSIS or COMMANDS", word);
	}
	assert_int_equal(count_lines(synopsis, "*twtrace"), n);
	assert_int_equal(count_lines(described, "*twtrace"), n);
	assert_true(assert_command_lines(MANUAL, manual, '*') > 2 * n);
	assert_true(assert_command_lines(MANUAL, examples, '*') > n);
	free(examples);
	free(described);
	free(synopsis);
	free(manual);
}

static void test_manual_has_every_field(void **state)
{
	char *manual = read_document(MANUAL), *table = section(manual, "THE FIELDS OF THE TABLE");
	unsigned n = 0;

	(void)state;
	for (const struct field *f = fields; f->name; f++, n++) {
		char entry[LINE_MAX_BYTES];

		snprintf(entry, sizeof(entry), "\n*%s* (%s)%s\n\t%s\n", f->name, f->header, f->hidden ? " \\*" : "", f->help);
		if (!strstr(table, entry))
			fail_msg(MANUAL ": not as in --list-columns: '%s'", entry);
	}
	assert_int_equal(count_lines(table, "*"), n);
	free(table);
	free(manual);
}

static bool has_word(const char *text, const char *word, size_t len)
{
	for (const char *at = text; *at; at++)
		if (!strncmp(at, word, len) && (at == text || !is_word_part(at[-1])) && !is_word_part(at[len]))
			return true;
	return false;
}

/* lost_ring_close is told as lost_KIND: up to any of its _, and capitals behind. */
static bool has_stem(const char *text, const char *key, size_t len)
{
	for (size_t stem = len; stem-- > 1;)
		for (const char *at = text; key[stem] == '_' && *at; at++)
			if (!strncmp(at, key, stem + 1) && isupper((unsigned char)at[stem + 1]))
				return true;
	return false;
}

static void assert_keys(const char *text, const char *line)
{
	for (const char *at = line; (at = strchr(at, '"')); at++) {
		size_t len = strcspn(++at, "\"");

		if (at[len] && at[len + 1] == ':' && !has_word(text, at, len) && !has_stem(text, at, len))
			fail_msg(MANUAL ": no JSON key %.*s", (int)len, at);
		at += len;
	}
}

static void test_manual_has_every_json_key(void **state)
{
	char *manual = read_document(MANUAL), *text = section(manual, "JSON LINES");
	struct summary summary = {.run = {.backend = "timer", .backend_why = "", .kernel = "6.1"}};
	struct caught c;
	struct json j;

	(void)state;
	catch_begin(&c);
	json_init(&j, c.out);
	for (int type = EVENT_CLOSE; type < EVENT_TYPE_MAX; type++) {
		struct event e = sample_event((enum event_type)type);

		json_event(&j, &e, 0);
	}
	json_summary(&j, &summary, 0);
	assert_non_null(strstr(caught_text(&c), "\"connect_failed\""));
	assert_keys(text, c.text);
	catch_end(&c);
	free(text);
	free(manual);
}

/* What the live screen's help has in its left column. */
static void test_manual_has_every_key(void **state)
{
	enum { LEFT = 20 };
	char *manual = read_document(MANUAL), *text = section(manual, "THE LIVE SCREEN");
	static const struct summary summary;
	static struct frame frame;
	struct screen_view view = {.summary = &summary};
	struct screen screen;
	bool below = false;
	unsigned n = 0;

	(void)state;
	screen_init(&screen, GROUP_DEFAULT, field_find("tw", 2), NULL);
	screen_key(&screen, '?');
	screen_picture(&screen, &view, &frame, 120, 60);
	for (unsigned i = 0; i < frame.used && *frame.lines[i].text; i++) {
		char left[LEFT + 1], *at;

		if (!below) { /* the status, and the title */
			below = !strncmp(frame.lines[i].text, "Help ", 5);
			continue;
		}
		snprintf(left, sizeof(left), "%s", frame.lines[i].text);
		for (char *key = strtok_r(left, " ", &at); key; key = strtok_r(NULL, " ", &at), n++) {
			char bold[LEFT + 3];

			snprintf(bold, sizeof(bold), "*%s*", key);
			if (!strstr(text, bold))
				fail_msg(MANUAL ": the live screen's help has the key %s", key);
		}
	}
	assert_true(n > 10);
	screen_clear(&screen);
	free(text);
	free(manual);
}

/* --- README and --help */

static void test_readme_knows_the_commands(void **state)
{
	char *readme = read_document(README);

	(void)state;
	for (const struct command *c = commands; c->name; c++) {
		char line[64];

		snprintf(line, sizeof(line), "\ntwtrace %s", c->name);
		if (!strstr(readme, line))
			fail_msg(README ": no line begins with 'twtrace %s'", c->name);
	}
	assert_only_options(README, readme);
	assert_command_lines(README, readme, '`');
	for (const char *line = readme; (line = strstr(line, "\ntwtrace ")); line++)
		if (!strncmp(line + 9, "tells", 5)) /* the first sentence */
			continue;
		else
			assert_command_line(README, line + 1);
	free(readme);
}

static void test_examples_of_help_work(void **state)
{
	struct caught c;
	unsigned n = 0;

	(void)state;
	catch_begin(&c);
	options_help(commands, NULL, c.out);
	for (const char *line = strstr(caught_text(&c), "\nExamples:\n"); (line = strstr(line, "\n  twtrace")); line++, n++)
		assert_command_line("--help", line + 3);
	assert_true(n >= 7);
	catch_end(&c);
}

/* --- the completion */

/* What is offered for the last of these words: one a line, between newlines. */
static char *complete(const char *words)
{
	char line[LINE_MAX_BYTES];
	FILE *f;
	char *text;

	if (!getenv("TWTRACE"))
		fail_msg("TWTRACE is not set: where is the program?");
	snprintf(line, sizeof(line),
		 "exec bash -c '. " COMPLETION "; COMP_WORDS=(\"$TWTRACE\" \"$@\"); COMP_CWORD=$#; _twtrace \"$TWTRACE\"; echo; "
		 "printf \"%%s\\n\" \"${COMPREPLY[@]}\"' bash %s",
		 words);
	f = popen(line, "re");
	assert_non_null(f);
	text = read_all(f);
	assert_int_equal(pclose(f), 0);
	return text;
}

static bool is_offered(const char *offered, const char *dashes, const char *word)
{
	char line[64];

	snprintf(line, sizeof(line), "\n%s%s\n", dashes, word);
	return strstr(offered, line);
}

static unsigned count_offered(const char *offered)
{
	unsigned n = 0;

	for (const char *at = offered + 1; *at; at++)
		n += *at == '\n';
	return n;
}

static void test_completion_of_commands(void **state)
{
	char *offered = complete("''");
	unsigned n = 0;

	(void)state;
	for (const struct command *c = commands; c->name; c++) {
		if (!*c->name)
			continue;
		n++;
		if (!is_offered(offered, "", c->name))
			fail_msg(COMPLETION ": %s is not offered", c->name);
	}
	assert_int_equal(count_offered(offered), n);
	free(offered);
}

static void assert_options_offered(const struct command *c)
{
	unsigned commands_meant = *c->name ? c->bit : FOR_ALL, n = 0; /* while none is named, each may come */
	char words[64], *offered;

	snprintf(words, sizeof(words), "%s --", c->name);
	offered = complete(words);
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (!(row->commands & commands_meant))
			continue;
		n++;
		if (!is_offered(offered, "--", row->name))
			fail_msg(COMPLETION ": %s: --%s is not offered", command_word(c), row->name);
	}
	if (count_offered(offered) != n)
		fail_msg(COMPLETION ": %s: more is offered than it takes: %s", command_word(c), offered);
	free(offered);
}

static void test_completion_of_options(void **state)
{
	char *offered;

	(void)state;
	for (const struct command *c = commands; c->name; c++)
		assert_options_offered(c);
	offered = complete("-p 1 -d 3 events --by"); /* values are no commands */
	assert_int_equal(count_offered(offered), 1); /* an empty line: events has no --by */
	free(offered);
	offered = complete("probe -");
	assert_true(is_offered(offered, "", "-v") && !is_offered(offered, "", "-p"));
	free(offered);
}

/* Each word that is offered, with that option, makes a command line; returns how many there are. */
static unsigned assert_values(const char *words, const char *option)
{
	char *offered = complete(words), *at;
	unsigned n = 0;

	for (char *word = strtok_r(offered, "\n", &at); word; word = strtok_r(NULL, "\n", &at), n++) {
		char line[LINE_MAX_BYTES];

		snprintf(line, sizeof(line), "twtrace %s=%s", option, word);
		assert_command_line(COMPLETION, line);
	}
	free(offered);
	return n;
}

static void test_completion_of_values(void **state)
{
	unsigned nfields = 0, ngroups = 0;
	char *offered;

	(void)state;
	while (fields[nfields].name)
		nfields++;
	for (unsigned by = 1; by & GROUP_ALL; by <<= 1)
		ngroups++;
	assert_int_equal(assert_values("--sort ''", "--sort"), nfields);
	assert_int_equal(assert_values("--columns = pid,", "--columns"), nfields);
	assert_int_equal(assert_values("--by ''", "--by"), ngroups);
	assert_int_equal(assert_values("--by = comm,", "--by"), ngroups);
	offered = complete("--backend ''");
	for (enum backend b = BACKEND_AUTO; b <= BACKEND_TIMER; b++)
		assert_true(is_offered(offered, "", backend_name(b)));
	assert_int_equal(count_offered(offered), assert_values("--backend ''", "--backend"));
	free(offered);
}

static void test_completion_of_files(void **state)
{
	char *offered = complete("report README");

	(void)state;
	assert_string_equal(offered, "\nREADME.md\n");
	free(offered);
	offered = complete("doctor -v README");
	assert_string_equal(offered, "\nREADME.md\n");
	free(offered);
	offered = complete("events README"); /* takes none */
	assert_string_equal(offered, "\n\n");
	free(offered);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manual_has_every_option), cmocka_unit_test(test_manual_has_every_command),
		cmocka_unit_test(test_manual_has_every_field),  cmocka_unit_test(test_manual_has_every_json_key),
		cmocka_unit_test(test_manual_has_every_key),    cmocka_unit_test(test_readme_knows_the_commands),
		cmocka_unit_test(test_examples_of_help_work),   cmocka_unit_test(test_completion_of_commands),
		cmocka_unit_test(test_completion_of_options),   cmocka_unit_test(test_completion_of_values),
		cmocka_unit_test(test_completion_of_files),
	};

	return RUN_TESTS(tests);
}
