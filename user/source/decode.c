/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * decode.c: see decode.h. yajl finds keys and values; value.c has what values mean, schema.c what a key may have, line.c what
 * comes out when a line is complete.
 */
#include "decode.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "line.h"
#include "value.h"

static_assert(K_PARTS < 64, "the keys that a line must have are bits of 64");

struct decoder {
	yajl_handle yajl;
	struct key keys[K_MAX];
	size_t lengths[K_MAX];          /* of their names */
	__u64 required[TYPE_MAX];       /* bits of the keys that a type must have */
	unsigned short next[K_MAX + 1]; /* which key came behind this one last time */
	struct last_second second;

	/* The line at hand. The values of earlier ones are what is tried first. */
	struct line line;
	unsigned depth, objects, others; /* others: values on the line that are no object */
	unsigned key;                    /* the last one; K_MAX: one that we do not know */
	bool bad_value;
};

/* *value comes in as a guess; so it does below. */
static bool read_type(const struct key *key, const char *s, size_t len, __u64 *value)
{
	if (!value_word(key->word, key->max, s, len, value) || !*value)
		*value = value_is("summary", s, len) ? TYPE_SUMMARY : TYPE_OTHER;
	return true;
}

static char *comm_of(struct line *line, unsigned key)
{
	return key == K_COMM ? line->comm : key == K_OPENER_COMM ? line->opener_comm : line->closer_comm;
}

static char *text_of(struct line *line, unsigned key)
{
	return key == K_BACKEND ? line->backend : key == K_BACKEND_WHY ? line->backend_why : line->kernel;
}

static bool read_string(struct decoder *d, const char *s, size_t len)
{
	const struct key *key = &d->keys[d->key];
	__u64 *value = &d->line.values[d->key];

	switch (key->value) {
	case VALUE_WORD:
	case VALUE_WORD_OR_NONE:
		return value_word(key->word, key->max, s, len, value);
	case VALUE_TYPE:
		return read_type(key, s, len, value);
	case VALUE_ERROR:
		return value_error(s, len, value);
	case VALUE_TIME:
		return value_time(&d->second, s, len, value);
	case VALUE_ADDRESS:
		return value_address(s, len, value, d->key == K_LADDR ? d->line.laddr : d->line.raddr);
	case VALUE_COMM:
		return value_comm(s, len, comm_of(&d->line, d->key));
	case VALUE_TEXT:
		return value_text(s, len, text_of(&d->line, d->key), LINE_TEXT_MAX);
	default:
		return false;
	}
}

static bool read_number(struct decoder *d, const char *s, size_t len)
{
	const struct key *key = &d->keys[d->key];
	__u64 *value = &d->line.values[d->key];

	switch (key->value) {
	case VALUE_NUMBER:
	case VALUE_COUNT:
		return value_number(s, len, value) && *value <= key->max;
	case VALUE_DURATION:
		return value_number(s, len, value) && *value != UNKNOWN_NS;
	case VALUE_ID: /* 0 would be written null */
		return value_number(s, len, value) && *value && *value <= key->max;
	default:
		return false;
	}
}

static bool read_null(struct decoder *d)
{
	__u64 *value = &d->line.values[d->key];

	switch (d->keys[d->key].value) {
	case VALUE_ID:
	case VALUE_COUNT:
	case VALUE_ERROR:
	case VALUE_COMM:
	case VALUE_WORD_OR_NONE:
		*value = 0;
		break;
	case VALUE_DURATION:
		*value = UNKNOWN_NS;
		break;
	default:
		return false;
	}
	d->line.null |= 1ULL << d->key; /* all of these are below K_PARTS */
	return true;
}

/* What yajl calls. Nothing is given up before the line's end: then its version and type say what is wrong with it. */

enum { GO_ON = 1 };

/* A value begins: is it of a key that we know, in the line's object? */
static bool is_ours(struct decoder *d)
{
	d->others += !d->depth;
	return d->depth == 1 && d->key < K_MAX;
}

static int on_null(void *ctx)
{
	struct decoder *d = ctx;

	if (is_ours(d) && !read_null(d))
		d->bad_value = true;
	return GO_ON;
}

static int on_boolean(void *ctx, int value)
{
	struct decoder *d = ctx;

	if (!is_ours(d))
		return GO_ON;
	d->line.values[d->key] = (__u64)value;
	d->bad_value |= d->keys[d->key].value != VALUE_FLAG;
	return GO_ON;
}

static int on_number(void *ctx, const char *s, size_t len)
{
	struct decoder *d = ctx;

	if (is_ours(d) && !read_number(d, s, len))
		d->bad_value = true;
	return GO_ON;
}

static int on_string(void *ctx, const unsigned char *s, size_t len)
{
	struct decoder *d = ctx;

	if (is_ours(d) && !read_string(d, (const char *)s, len))
		d->bad_value = true;
	return GO_ON;
}

static int on_array(void *ctx)
{
	struct decoder *d = ctx;

	d->bad_value |= is_ours(d); /* no key has one */
	d->depth++;
	return GO_ON;
}

static int on_object(void *ctx)
{
	struct decoder *d = ctx;

	if (d->depth)
		return on_array(ctx);
	d->objects++;
	d->depth++;
	return GO_ON;
}

static int on_end(void *ctx)
{
	struct decoder *d = ctx;

	d->depth--;
	return GO_ON;
}

static bool is_key(const struct decoder *d, unsigned key, const unsigned char *s, size_t len)
{
	return key < K_MAX && d->lengths[key] == len && !memcmp(d->keys[key].name, s, len);
}

/* A writer has its keys in one order: behind a key comes mostly what came there before. */
static unsigned find_key(struct decoder *d, const unsigned char *s, size_t len)
{
	unsigned short *next = &d->next[d->key];

	if (is_key(d, *next, s, len))
		return *next;
	for (unsigned key = 0; key < K_MAX; key++)
		if (is_key(d, key, s, len))
			return *next = (unsigned short)key;
	return K_MAX;
}

static int on_key(void *ctx, const unsigned char *s, size_t len)
{
	struct decoder *d = ctx;

	if (d->depth != 1)
		return GO_ON;
	d->key = find_key(d, s, len);
	if (d->key == K_MAX)
		return GO_ON;
	d->bad_value |= d->line.seen_on[d->key] == d->line.number;
	d->line.seen_on[d->key] = d->line.number;
	if (d->key < K_PARTS)
		d->line.seen |= 1ULL << d->key;
	return GO_ON;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_end,
};

static enum decoded make_what_it_is(struct decoder *d, struct event *e, struct summary *s)
{
	const __u64 head = 1ULL << K_V | 1ULL << K_TYPE;
	__u64 type = d->line.values[K_TYPE];

	if ((d->line.seen & head) != head)
		return DECODED_VALUE;
	if (d->line.values[K_V] != SCHEMA_VERSION)
		return DECODED_VERSION;
	if (type == TYPE_OTHER)
		return DECODED_TYPE;
	if (d->bad_value || (d->line.seen & d->required[type]) != d->required[type])
		return DECODED_VALUE;
	if (type == TYPE_SUMMARY)
		return line_summary(&d->line, s) ? DECODED_SUMMARY : DECODED_VALUE;
	return line_event(&d->line, e) ? DECODED_EVENT : DECODED_VALUE;
}

static int parser_new(struct decoder *d)
{
	d->yajl = yajl_alloc(&callbacks, NULL, d);
	if (!d->yajl)
		return -ENOMEM;
	yajl_config(d->yajl, yajl_allow_multiple_values, 1);
	return 0;
}

static void line_begin(struct decoder *d)
{
	d->line.number++;
	d->depth = d->objects = d->others = 0;
	d->key = K_MAX;
	d->bad_value = false;
	d->line.seen = d->line.null = 0;
}

enum decoded decode_line(struct decoder *d, const char *line, size_t len, struct event *e, struct summary *s)
{
	bool parsed;

	if (!d->yajl && parser_new(d))
		return DECODED_NO_JSON;
	line_begin(d);
	parsed = yajl_parse(d->yajl, (const unsigned char *)line, len) == yajl_status_ok;
	if (!parsed || d->depth) { /* its state is of no use any more */
		yajl_free(d->yajl);
		d->yajl = NULL;
		return DECODED_NO_JSON;
	}
	if (!d->objects && !d->others)
		return DECODED_BLANK;
	return d->objects == 1 && !d->others ? make_what_it_is(d, e, s) : DECODED_NO_JSON;
}

int decoder_new(struct decoder **out)
{
	struct decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	if (parser_new(d)) {
		free(d);
		return -ENOMEM;
	}
	schema_keys(d->keys);
	for (unsigned key = 0; key < K_MAX; key++)
		d->lengths[key] = strlen(d->keys[key].name);
	for (unsigned key = 0; key < K_PARTS; key++)
		for (unsigned type = 0; type < TYPE_MAX; type++)
			if (d->keys[key].types & 1u << type)
				d->required[type] |= 1ULL << key;
	*out = d;
	return 0;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	if (d->yajl)
		yajl_free(d->yajl);
	free(d);
}
