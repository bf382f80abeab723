/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tally.c: counts JSON lines by the values of some of their keys, for millions of lines jq would take minutes over:
 *   tally KEY[,KEY...] <events
 * One line of JSON for each combination there is: the keys as they were (null where a line has none), and "n", how many.
 * Understands what twtrace writes: flat objects, no space between tokens. Anything else is an error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 32
#define GROUPS 65536 /* a power of two */
#define VALUES_MAX 1024

struct text {
	const char *at;
	size_t len;
};

struct group {
	char *values; /* as JSON, one line for each key */
	unsigned long n;
};

static struct group groups[GROUPS];
static unsigned used;
static unsigned long line_number;

static void die(const char *why)
{
	fprintf(stderr, "tally: line %lu: %s\n", line_number, why);
	exit(1);
}

static const char *end_of_string(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && p[1])
			p++;
	if (!*p)
		die("a string does not end");
	return p + 1;
}

static const char *end_of_value(const char *p)
{
	if (*p == '"')
		return end_of_string(p);
	if (*p == '{' || *p == '[')
		die("not flat");
	return p + strcspn(p, ",}");
}

/* The value of each key, as it stands there. */
static void split(const char *p, const struct text *keys, unsigned nkeys, struct text *values)
{
	if (*p++ != '{')
		die("not an object");
	while (*p == '"') {
		const char *key = p + 1, *colon = end_of_string(p), *end;

		if (*colon != ':')
			die("a key without a value");
		end = end_of_value(colon + 1);
		for (unsigned i = 0; i < nkeys; i++)
			if (keys[i].len == (size_t)(colon - 1 - key) && !memcmp(keys[i].at, key, keys[i].len))
				values[i] = (struct text){colon + 1, (size_t)(end - colon - 1)};
		p = *end == ',' ? end + 1 : end;
	}
	if (strcmp(p, "}\n"))
		die("does not end as an object");
}

static void count(const char *values, size_t len)
{
	unsigned hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)values[i]) * 16777619u; /* FNV-1a */
	for (unsigned i = hash;; i++) {
		struct group *g = &groups[i & (GROUPS - 1)];

		if (!g->values) {
			if (++used > GROUPS / 2)
				die("too many combinations");
			g->values = strdup(values);
			if (!g->values)
				die("out of memory");
		}
		if (!strcmp(g->values, values)) {
			g->n++;
			return;
		}
	}
}

static void count_line(const char *line, const struct text *keys, unsigned nkeys)
{
	struct text values[KEYS_MAX];
	char joined[VALUES_MAX];
	size_t len = 0;

	for (unsigned i = 0; i < nkeys; i++)
		values[i] = (struct text){"null", 4};
	split(line, keys, nkeys, values);
	for (unsigned i = 0; i < nkeys; i++) {
		if (len + values[i].len + 2 > sizeof(joined))
			die("values too long");
		memcpy(joined + len, values[i].at, values[i].len);
		len += values[i].len;
		joined[len++] = '\n';
	}
	joined[len] = '\0';
	count(joined, len);
}

static void print(const struct text *keys, unsigned nkeys)
{
	for (unsigned i = 0; i < GROUPS; i++) {
		const char *value = groups[i].values;

		if (!value)
			continue;
		for (unsigned k = 0; k < nkeys; k++) {
			size_t len = strcspn(value, "\n");

			printf("%c\"%.*s\":%.*s", k ? ',' : '{', (int)keys[k].len, keys[k].at, (int)len, value);
			value += len + 1;
		}
		printf(",\"n\":%lu}\n", groups[i].n);
	}
}

int main(int argc, char **argv)
{
	struct text keys[KEYS_MAX];
	unsigned nkeys = 0;
	char *line = NULL;
	size_t room = 0;

	if (argc != 2) {
		fputs("usage: tally KEY[,KEY...] <events\n", stderr);
		return 2;
	}
	for (const char *at = argv[1]; *at && nkeys < KEYS_MAX; nkeys++) {
		keys[nkeys] = (struct text){at, strcspn(at, ",")};
		at += keys[nkeys].len;
		at += *at == ',';
	}
	while (getline(&line, &room, stdin) > 0) {
		line_number++;
		count_line(line, keys, nkeys);
	}
	print(keys, nkeys);
	return ferror(stdin) || fflush(stdout);
}
