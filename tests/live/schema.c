/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* schema.c: the JSON lines' keys as one table, and the summary's sums. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "schema.h"
#include "value.h"

enum { CLOSE = 1, TIMEWAIT = 2, FAILED = 4, SUMMARY = 8, EVENT = CLOSE | TIMEWAIT | FAILED, ANY = EVENT | SUMMARY };
enum kind { INTEGER, TEXT, WORD, BOOLEAN };

#define CLOSERS "none local remote both"
#define HOWS	"fin rst timeout error"
#define ENDS	"unknown expired reused_connect reused_syn reset data_reset killed purged fin_wait2_timeout"
#define REASONS "refused timeout no_port unreachable aborted"

static const struct key {
	const char *name;
	unsigned types;     /* the lines it is in */
	enum kind kind;
	unsigned null;      /* the lines in which it may be null */
	const char *words;  /* of a WORD */
} keys[] = {
	{ "v", ANY, INTEGER, 0, NULL },
	{ "type", ANY, WORD, 0, "close timewait connect_failed summary" },
	{ "ts", ANY, TEXT, 0, NULL },
	{ "family", EVENT, INTEGER, 0, NULL },
	{ "laddr", EVENT, TEXT, 0, NULL },
	{ "lport", EVENT, INTEGER, 0, NULL },
	{ "raddr", EVENT, TEXT, 0, NULL },
	{ "rport", EVENT, INTEGER, 0, NULL },
	{ "netns", EVENT, INTEGER, EVENT, NULL },
	{ "cgroup", EVENT, INTEGER, EVENT, NULL },
	{ "role", EVENT, WORD, 0, "client server unknown" },
	{ "pid", EVENT, INTEGER, EVENT, NULL },
	{ "comm", EVENT, TEXT, EVENT, NULL },
	{ "owner_source", EVENT, WORD, EVENT, "unknown connect accept close iterator listener" },
	{ "opener_pid", EVENT, INTEGER, EVENT, NULL },
	{ "opener_comm", EVENT, TEXT, EVENT, NULL },
	{ "closer_pid", EVENT, INTEGER, EVENT, NULL },
	{ "closer_comm", EVENT, TEXT, EVENT, NULL },
	{ "closer", EVENT, WORD, TIMEWAIT | FAILED, CLOSERS },
	{ "how", EVENT, WORD, TIMEWAIT | FAILED, HOWS },
	{ "cause", EVENT, WORD, EVENT, "close shutdown exit unread_data linger0 disconnect killed listener_closed unknown" },
	{ "preexisting", EVENT, BOOLEAN, 0, NULL },
	{ "lifetime_ns", CLOSE, INTEGER, CLOSE, NULL },
	{ "closing_ns", CLOSE, INTEGER, CLOSE, NULL },
	{ "close_wait_ns", CLOSE, INTEGER, CLOSE, NULL },
	{ "fin_wait2_ns", CLOSE | TIMEWAIT, INTEGER, CLOSE | TIMEWAIT, NULL },
	{ "tx_bytes", CLOSE, INTEGER, 0, NULL },
	{ "rx_bytes", CLOSE, INTEGER, 0, NULL },
	{ "retrans", CLOSE, INTEGER, 0, NULL },
	{ "timewait", CLOSE, WORD, 0, "entered skipped none" },
	{ "error", CLOSE | FAILED, TEXT, CLOSE | FAILED, NULL },
	{ "time_wait_ns", TIMEWAIT, INTEGER, TIMEWAIT, NULL },
	{ "end", TIMEWAIT, WORD, 0, ENDS },
	{ "restarts", TIMEWAIT, INTEGER, 0, NULL },
	{ "reason", FAILED, WORD, 0, REASONS },
	{ "duration_ns", FAILED | SUMMARY, INTEGER, FAILED, NULL },
	{ "backend", SUMMARY, WORD, 0, "timer fentry" },
	{ "backend_why", SUMMARY, TEXT, 0, NULL },
	{ "kernel", SUMMARY, TEXT, 0, NULL },
	{ "present", SUMMARY, INTEGER, 0, NULL },
	{ "opened", SUMMARY, INTEGER, 0, NULL },
	{ "closed", SUMMARY, INTEGER, 0, NULL },
	{ "open", SUMMARY, INTEGER, 0, NULL },
	{ "tw_present", SUMMARY, INTEGER, 0, NULL },
	{ "tw_begun", SUMMARY, INTEGER, 0, NULL },
	{ "tw_ended", SUMMARY, INTEGER, 0, NULL },
	{ "tw_now", SUMMARY, INTEGER, 0, NULL },
	{ "tw_skipped", SUMMARY, INTEGER, 0, NULL },
	{ "fin_wait2_present", SUMMARY, INTEGER, 0, NULL },
	{ "fin_wait2_begun", SUMMARY, INTEGER, 0, NULL },
	{ "fin_wait2_turned", SUMMARY, INTEGER, 0, NULL },
	{ "fin_wait2_ended", SUMMARY, INTEGER, 0, NULL },
	{ "fin_wait2_now", SUMMARY, INTEGER, 0, NULL },
	{ "connect_failed", SUMMARY, INTEGER, 0, NULL },
	{ "lost", SUMMARY, INTEGER, 0, NULL },
	{ "missed", SUMMARY, INTEGER, SUMMARY, NULL },
};

/* What the summary counts by a word: one key for each word, and they add up to `total`. */
static const struct split {
	const char *prefix, *words, *total;
} splits[] = {
	{ "closed_none_", HOWS, NULL },   { "closed_local_", HOWS, NULL },  { "closed_remote_", HOWS, NULL },
	{ "closed_both_", HOWS, NULL },   { "tw_end_", ENDS, "tw_ended" },  { "fin_wait2_end_", ENDS, "fin_wait2_ended" },
	{ "connect_failed_", REASONS, "connect_failed" },
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; len && (at = strstr(at, word)); at += len)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

/* 2026-01-02T03:04:05.678901Z */
static bool is_timestamp(const char *text)
{
	static const char shape[] = "0000-00-00T00:00:00.000000Z";

	if (strlen(text) != strlen(shape))
		return false;
	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
			return false;
	return true;
}

static bool kind_fits(const struct key *k, const json_t *value)
{
	switch (k->kind) {
	case INTEGER:
		return json_is_integer(value) && json_integer_value(value) >= 0;
	case BOOLEAN:
		return json_is_boolean(value);
	case WORD:
		return json_is_string(value) && has_word(k->words, json_string_value(value));
	case TEXT:
		return json_is_string(value);
	}
	return false;
}

static unsigned type_of(const json_t *line)
{
	static const char *const names[] = { "close", "timewait", "connect_failed", "summary" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (value_is(line, "type", names[i]))
			return 1U << i;
	return 0;
}

static bool known_key(const char *name, unsigned type)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if (keys[i].types & type && !strcmp(keys[i].name, name))
			return true;
	if (type != SUMMARY)
		return false;
	for (size_t i = 0; i < COUNT(splits); i++)
		if (!strncmp(name, splits[i].prefix, strlen(splits[i].prefix)) &&
		    has_word(splits[i].words, name + strlen(splits[i].prefix)))
			return true;
	return !strncmp(name, "lost_", 5);
}

/* Within one event, fields may not contradict each other. */
static void check_sense(const json_t *line, unsigned type, struct complaint *c)
{
	static const char *const pairs[][2] = { { "pid", "comm" }, { "opener_pid", "opener_comm" }, { "closer_pid", "closer_comm" } };
	bool local = value_is(line, "closer", "local"), both = value_is(line, "closer", "both");

	for (size_t i = 0; i < COUNT(pairs); i++)
		if (value_is(line, pairs[i][0], "null") != value_is(line, pairs[i][1], "null"))
			complain(c, "only one of %s and %s is null", pairs[i][0], pairs[i][1]);
	if (!local && !value_is(line, "cause", "null"))
		complain(c, "a cause, though closer is not local");
	if ((local || both) && !value_is(line, "closer_pid", "null") &&
	    !json_equal(json_object_get(line, "pid"), json_object_get(line, "closer_pid")))
		complain(c, "pid is not closer_pid, though closer is local or both");
	if (type == TIMEWAIT && !value_is(line, "time_wait_ns", "null") &&
	    (value_is(line, "end", "fin_wait2_timeout") || value_is(line, "end", "data_reset")))
		complain(c, "a time_wait_ns, though it ended in FIN_WAIT2");
	if (!value_is(line, "family", "4") && !value_is(line, "family", "6"))
		complain(c, "family is neither 4 nor 6");
}

void schema_check(const json_t *line, struct complaint *c)
{
	unsigned type = type_of(line);
	char buf[VALUE_TEXT];
	const char *name;
	json_t *value;

	if (!type) {
		complain(c, "no known type");
		return;
	}
	for (size_t i = 0; i < COUNT(keys); i++) {
		value = json_object_get(line, keys[i].name);
		if (!(keys[i].types & type) || (value && json_is_null(value) && keys[i].null & type))
			continue;
		if (!value)
			complain(c, "%s is missing", keys[i].name);
		else if (!kind_fits(&keys[i], value))
			complain(c, "%s cannot be %s", keys[i].name, value_text(value, buf));
	}
	json_object_foreach((json_t *)line, name, value)
		if (!known_key(name, type))
			complain(c, "%s is no key of this type", name);
	if (!value_is(line, "v", "1"))
		complain(c, "v is not 1");
	if (!is_timestamp(value_text(json_object_get(line, "ts"), buf)))
		complain(c, "ts is not RFC 3339 in UTC with microseconds: %s", buf);
	if (type & EVENT)
		check_sense(line, type, c);
}

static long long number(const json_t *summary, const char *key)
{
	return json_integer_value(json_object_get(summary, key));
}

static long long lines_with(const json_t *lines, const char *type, const char *key, const char *word, const char *key2,
			    const char *word2)
{
	long long n = 0;
	json_t *line;
	size_t i;

	json_array_foreach(lines, i, line)
		n += value_is(line, "type", type) && value_is(line, key, word) && (!key2 || value_is(line, key2, word2));
	return n;
}

static void must_equal(struct complaint *c, const char *what, long long left, long long right)
{
	if (left != right)
		complain(c, "summary: %s: %lld is not %lld", what, left, right);
}

/* One number that the summary gives by a word, against the lines. */
static void check_word(const json_t *summary, const json_t *lines, const struct split *s, const char *word, long long n,
		       struct complaint *c)
{
	char key[64], closer[16];
	long long counted;

	if (sscanf(s->prefix, "closed_%15[a-z]", closer) == 1) {
		counted = lines_with(lines, "close", "closer", closer, "how", word);
	} else if (!strcmp(s->prefix, "connect_failed_")) {
		counted = lines_with(lines, "connect_failed", "reason", word, NULL, NULL);
	} else {
		/* A timewait line is either of two: an object that was in TIME_WAIT, and one that never came so far. */
		counted = lines_with(lines, "timewait", "end", word, NULL, NULL);
		snprintf(key, sizeof(key), "%s%s", !strcmp(s->prefix, "tw_end_") ? "fin_wait2_end_" : "tw_end_", word);
		n += number(summary, key);
	}
	snprintf(key, sizeof(key), "%s%s against the lines", s->prefix, word);
	must_equal(c, key, n, counted);
}

void schema_check_summary(const json_t *summary, const json_t *lines, struct complaint *c)
{
	long long closed = 0, lost = 0;
	const char *name;
	json_t *value;

	for (size_t i = 0; i < COUNT(splits); i++) {
		char words[256], key[64], *at, *word;
		long long sum = 0;

		strcpy(words, splits[i].words);
		for (word = strtok_r(words, " ", &at); word; word = strtok_r(NULL, " ", &at)) {
			snprintf(key, sizeof(key), "%s%s", splits[i].prefix, word);
			if (!json_is_integer(json_object_get(summary, key)))
				complain(c, "summary: %s is missing", key);
			check_word(summary, lines, &splits[i], word, number(summary, key), c);
			sum += number(summary, key);
		}
		if (splits[i].total)
			must_equal(c, splits[i].total, number(summary, splits[i].total), sum);
		else
			closed += sum;
	}
	json_object_foreach((json_t *)summary, name, value)
		lost += !strncmp(name, "lost_", 5) ? json_integer_value(value) : 0;
	must_equal(c, "closed", number(summary, "closed"), closed);
	must_equal(c, "lost by kind", number(summary, "lost"), lost);
	must_equal(c, "lost", number(summary, "lost"), 0);
	must_equal(c, "present + opened = closed + open", number(summary, "present") + number(summary, "opened"),
		   number(summary, "closed") + number(summary, "open"));
	must_equal(c, "tw_present + tw_begun = tw_ended + tw_now", number(summary, "tw_present") + number(summary, "tw_begun"),
		   number(summary, "tw_ended") + number(summary, "tw_now"));
	must_equal(c, "fin_wait2_present + fin_wait2_begun = fin_wait2_turned + fin_wait2_ended + fin_wait2_now",
		   number(summary, "fin_wait2_present") + number(summary, "fin_wait2_begun"),
		   number(summary, "fin_wait2_turned") + number(summary, "fin_wait2_ended") + number(summary, "fin_wait2_now"));
}
