/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * decode.c: see decode.h. yajl finds keys and values; each value is kept as a number, by what schema.h says of its key, and when
 * the object is complete, the numbers are put together.
 */
#include "decode.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yajl/yajl_parse.h>

#include "model/meaning.h"
#include "model/names.h"
#include "schema.h"

enum { TEXT_MAX = 256, ERRNO_LIMIT = 4096, SECOND_CHARS = 19 };

static_assert(K_PARTS < 64, "the keys that a line must have are bits of 64");

struct texts {
	char backend[TEXT_MAX], backend_why[TEXT_MAX], kernel[TEXT_MAX];
};

struct decoder {
	yajl_handle yajl;
	struct key keys[K_MAX];
	size_t lengths[K_MAX];          /* of their names */
	__u64 required[TYPE_MAX];       /* bits of the keys that a type must have */
	unsigned short next[K_MAX + 1]; /* which key came behind this one last time */

	/* The line at hand. */
	__u64 line;
	unsigned depth, objects, others; /* others: values on the line that are no object */
	unsigned key;                    /* the last one; K_MAX: one that we do not know */
	bool bad_value;
	__u64 seen;           /* bits of keys */
	__u64 null;           /* the same, of those whose value is null */
	__u64 seen_on[K_MAX]; /* the last line that had this key */
	/* By key: what it says as a number. Those of earlier lines are what is tried first. */
	__u64 numbers[K_MAX];
	__u8 laddr[16], raddr[16];
	char comm[COMM_LEN], opener_comm[COMM_LEN], closer_comm[COMM_LEN];
	struct texts texts;

	struct texts summary_texts;     /* of the last summary */
	char second_text[SECOND_CHARS]; /* 2024-01-31T12:34:56, the costly part of a time, */
	__u64 second;                   /* and what it means */
};

/* Values: text to numbers. They return false for what cannot be. */

static bool read_digits(const char *s, size_t len, __u64 *out)
{
	__u64 value = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, (__u64)(s[i] - '0'), &value))
			return false;
	}
	*out = value;
	return len > 0;
}

static bool is_word(const char *word, const char *s, size_t len)
{
	return strlen(word) == len && !memcmp(word, s, len);
}

/* *value comes in as a guess. */
static bool read_word(const struct key *key, const char *s, size_t len, __u64 *value)
{
	if (*value < key->max && is_word(key->word((unsigned)*value), s, len))
		return true;
	for (unsigned i = 0; i < key->max; i++) {
		if (!is_word(key->word(i), s, len))
			continue;
		*value = i;
		return true;
	}
	return false;
}

static bool read_type(const struct key *key, const char *s, size_t len, __u64 *value)
{
	if (!read_word(key, s, len, value) || !*value)
		*value = is_word("summary", s, len) ? TYPE_SUMMARY : TYPE_OTHER;
	return true;
}

/* "unknown" becomes a number without a name, which is written so again. */
static bool read_error(const char *s, size_t len, __u64 *value)
{
	if (*value && is_word(errno_name((unsigned)*value), s, len))
		return true;
	for (unsigned error = 1; error < ERRNO_LIMIT; error++) {
		const char *name = errno_name(error);

		if (!is_word(name, s, len))
			continue;
		*value = error;
		return true;
	}
	return false;
}

static bool read_address(const char *s, size_t len, __u64 *family, __u8 addr[16])
{
	char text[INET6_ADDRSTRLEN];

	if (len >= sizeof(text))
		return false;
	*(char *)mempcpy(text, s, len) = '\0';
	*family = memchr(text, ':', len) ? 6 : 4;
	memset(addr, 0, 16);
	return inet_pton(*family == 6 ? AF_INET6 : AF_INET, text, addr) == 1;
}

static bool set_second(struct decoder *d, const char *s)
{
	char text[SECOND_CHARS + 1];
	struct tm tm = {0};
	const char *end;
	time_t second;

	*(char *)mempcpy(text, s, SECOND_CHARS) = '\0';
	end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	second = timegm(&tm);
	if (!end || *end || second < 0)
		return false;
	memcpy(d->second_text, s, SECOND_CHARS);
	d->second = (__u64)second;
	return true;
}

/* 2024-01-31T12:34:56.123456Z, and nothing else, to ns since 1970. */
static bool read_time(struct decoder *d, const char *s, size_t len, __u64 *value)
{
	__u64 us;

	if (len != SECOND_CHARS + 8 || s[SECOND_CHARS] != '.' || s[len - 1] != 'Z' || !read_digits(s + SECOND_CHARS + 1, 6, &us))
		return false;
	if (memcmp(s, d->second_text, SECOND_CHARS) != 0 && !set_second(d, s))
		return false;
	return !__builtin_mul_overflow(d->second, 1000000000ULL, value) && !__builtin_add_overflow(*value, us * 1000, value);
}

/* U+FFFD stands for one byte that was not UTF-8; 0xff is one that never is. */
static bool read_comm(const char *s, size_t len, char comm[COMM_LEN])
{
	size_t used = 0;

	memset(comm, 0, COMM_LEN);
	for (size_t i = 0; i < len; i++) {
		bool replaced = len - i >= 3 && !memcmp(s + i, "\xef\xbf\xbd", 3);

		if (!s[i] || used == COMM_LEN)
			return false;
		comm[used++] = replaced ? '\xff' : s[i];
		i += replaced ? 2 : 0;
	}
	return true;
}

/* Longer ones are cut; they are for people. */
static bool read_text(const char *s, size_t len, char text[TEXT_MAX])
{
	if (memchr(s, '\0', len))
		return false;
	*(char *)mempcpy(text, s, len < TEXT_MAX ? len : TEXT_MAX - 1) = '\0';
	return true;
}

static bool read_string(struct decoder *d, const char *s, size_t len)
{
	const struct key *key = &d->keys[d->key];
	__u64 *value = &d->numbers[d->key];

	switch (key->value) {
	case VALUE_WORD:
	case VALUE_WORD_OR_NONE:
		return read_word(key, s, len, value);
	case VALUE_TYPE:
		return read_type(key, s, len, value);
	case VALUE_ERROR:
		return read_error(s, len, value);
	case VALUE_TIME:
		return read_time(d, s, len, value);
	case VALUE_ADDRESS:
		return read_address(s, len, value, d->key == K_LADDR ? d->laddr : d->raddr);
	case VALUE_COMM:
		return read_comm(s, len, d->key == K_COMM ? d->comm : d->key == K_OPENER_COMM ? d->opener_comm : d->closer_comm);
	case VALUE_TEXT:
		return read_text(s, len,
				 d->key == K_BACKEND       ? d->texts.backend
				 : d->key == K_BACKEND_WHY ? d->texts.backend_why
							   : d->texts.kernel);
	default:
		return false;
	}
}

static bool read_number(struct decoder *d, const char *s, size_t len)
{
	const struct key *key = &d->keys[d->key];
	__u64 *value = &d->numbers[d->key];

	switch (key->value) {
	case VALUE_NUMBER:
	case VALUE_COUNT:
		return read_digits(s, len, value) && *value <= key->max;
	case VALUE_DURATION:
		return read_digits(s, len, value) && *value != UNKNOWN_NS;
	case VALUE_ID: /* 0 would be written null */
		return read_digits(s, len, value) && *value && *value <= key->max;
	default:
		return false;
	}
}

static bool read_null(struct decoder *d)
{
	__u64 *value = &d->numbers[d->key];

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
	d->null |= 1ULL << d->key; /* all of these are below K_PARTS */
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
	d->numbers[d->key] = (__u64)value;
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
	d->bad_value |= d->seen_on[d->key] == d->line;
	d->seen_on[d->key] = d->line;
	if (d->key < K_PARTS)
		d->seen |= 1ULL << d->key;
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

/* Numbers to events and summaries. */

static bool both_null_or_not(const struct decoder *d, unsigned a, unsigned b)
{
	return !(d->null & 1ULL << a) == !(d->null & 1ULL << b);
}

static void set_process(struct process *process, __u64 pid, const char comm[COMM_LEN])
{
	process->pid = (__u32)pid;
	memcpy(process->comm, comm, COMM_LEN);
}

/*
 * Owner and closer from the three processes of a line. An owner who was neither opener nor accounted to is not among them; where
 * he is known by his close, he is the closer.
 */
static bool put_processes(const struct decoder *d, struct event *e)
{
	const __u64 *n = d->numbers;
	bool opened = e->owner_source == OWNER_CONNECT || e->owner_source == OWNER_ACCEPT;
	bool ours = e->closer == CLOSER_LOCAL || e->closer == CLOSER_BOTH;
	bool closer_accounted = ours && n[K_CLOSER_PID];

	if (!both_null_or_not(d, K_PID, K_COMM) || !both_null_or_not(d, K_OPENER_PID, K_OPENER_COMM) ||
	    !both_null_or_not(d, K_CLOSER_PID, K_CLOSER_COMM))
		return false;
	if (n[K_CLOSER_PID])
		set_process(&e->closer_process, n[K_CLOSER_PID], d->closer_comm);
	if (n[K_OPENER_PID])
		set_process(&e->owner, n[K_OPENER_PID], d->opener_comm);
	else if (!opened && !closer_accounted && n[K_PID])
		set_process(&e->owner, n[K_PID], d->comm);
	else if (e->owner_source == OWNER_CLOSE && closer_accounted)
		e->owner = e->closer_process;
	/* Does it say the same that it was made of? */
	return !n[K_OPENER_PID] == !event_opener(e) && event_process(e)->pid == n[K_PID] &&
	       (!n[K_PID] || !memcmp(event_process(e)->comm, d->comm, COMM_LEN));
}

static void put_close(const __u64 *n, struct event *e)
{
	e->timewait = (__u8)n[K_TIMEWAIT];
	e->close.lifetime_ns = n[K_LIFETIME];
	e->close.closing_ns = n[K_CLOSING];
	e->close.close_wait_ns = n[K_CLOSE_WAIT];
	e->close.fin_wait2_ns = n[K_FIN_WAIT2];
	e->close.tx_bytes = n[K_TX_BYTES];
	e->close.rx_bytes = n[K_RX_BYTES];
	e->close.retrans = (__u32)n[K_RETRANS];
	e->close.error = (__u32)n[K_ERROR];
}

static void put_timewait(const __u64 *n, struct event *e)
{
	e->end = (__u8)n[K_END];
	e->tw.fin_wait2_ns = n[K_FIN_WAIT2];
	e->tw.time_wait_ns = n[K_TIME_WAIT];
	e->tw.restarts = (__u32)n[K_RESTARTS];
}

static void put_connect_failed(const __u64 *n, struct event *e)
{
	e->reason = (__u8)n[K_REASON];
	e->connect_failed.error = (__u32)n[K_ERROR];
	e->connect_failed.duration_ns = n[K_DURATION];
}

static enum decoded make_event(const struct decoder *d, struct event *e)
{
	const __u64 *n = d->numbers;

	*e = (struct event){
		.version = EVENT_VERSION,
		.type = (__u8)n[K_TYPE],
		.family = (__u8)n[K_FAMILY],
		.role = (__u8)n[K_ROLE],
		.closer = (__u8)n[K_CLOSER],
		.how = (__u8)n[K_HOW],
		.cause = (__u8)n[K_CAUSE],
		.owner_source = (__u8)n[K_OWNER_SOURCE],
		.flags = n[K_PREEXISTING] ? EVENT_PREEXISTING : 0,
		.lport = (__u16)n[K_LPORT],
		.rport = (__u16)n[K_RPORT],
		.ts = n[K_TS],
		.cgroup = n[K_CGROUP],
		.netns = (__u32)n[K_NETNS],
	};
	memcpy(e->laddr, d->laddr, sizeof(e->laddr));
	memcpy(e->raddr, d->raddr, sizeof(e->raddr));
	switch (e->type) {
	case EVENT_CLOSE:
		put_close(n, e);
		break;
	case EVENT_TIMEWAIT:
		put_timewait(n, e);
		break;
	case EVENT_CONNECT_FAILED:
		put_connect_failed(n, e);
		break;
	}
	if (n[K_LADDR] != n[K_FAMILY] || n[K_RADDR] != n[K_FAMILY] || !put_processes(d, e) || !event_valid(e))
		return DECODED_VALUE;
	return DECODED_EVENT;
}

/* The parts that a line has; one that it lacks was not counted in its day. */
static void put_parts(const struct decoder *d, unsigned key, __u64 *counts, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		counts[i] = d->seen_on[key + i] == d->line ? d->numbers[key + i] : 0;
}

static void put_totals(const struct decoder *d, struct totals *t)
{
	const __u64 *n = d->numbers;

	t->present = n[K_PRESENT];
	t->opened = n[K_OPENED];
	put_parts(d, K_CLOSED_PARTS, &t->closed[0][0], CLOSER_MAX * HOW_MAX);
	t->tw_present = n[K_TW_PRESENT];
	t->tw_begun = n[K_TW_BEGUN];
	t->tw_skipped = n[K_TW_SKIPPED];
	put_parts(d, K_TW_END_PARTS, t->tw_ended, END_MAX);
	t->fin_wait2_present = n[K_FIN_WAIT2_PRESENT];
	t->fin_wait2_begun = n[K_FIN_WAIT2_BEGUN];
	t->fin_wait2_turned = n[K_FIN_WAIT2_TURNED];
	put_parts(d, K_FIN_WAIT2_END_PARTS, t->fin_wait2_ended, END_MAX);
	put_parts(d, K_FAILED_PARTS, t->connect_failed, REASON_MAX);
	put_parts(d, K_LOST_PARTS, t->lost, LOST_MAX);
}

static enum decoded make_summary(struct decoder *d, struct summary *s)
{
	const __u64 *n = d->numbers;
	bool filtered = d->null & 1ULL << K_OPENED;
	struct totals totals[TOTALS_MAX] = {0};
	struct run run = {
		.ts = n[K_TS],
		.duration_ns = n[K_DURATION],
		.backend = d->summary_texts.backend,
		.backend_why = d->summary_texts.backend_why,
		.kernel = d->summary_texts.kernel,
		.filtered = filtered,
	};

	if (!both_null_or_not(d, K_OPENED, K_PRESENT) || !both_null_or_not(d, K_OPENED, K_OPEN) || run.duration_ns == UNKNOWN_NS)
		return DECODED_VALUE;
	put_totals(d, &totals[TOTALS_HOST]);
	totals[TOTALS_MATCHED] = totals[TOTALS_HOST];
	d->summary_texts = d->texts;
	summary_make(s, &run, totals, &(struct in_place){n[K_OPEN], n[K_TW_NOW], n[K_FIN_WAIT2_NOW]});
	/* Its sums, which also count parts that we do not know. */
	s->closed = n[K_CLOSED];
	s->tw_ended = n[K_TW_ENDED];
	s->fin_wait2_ended = n[K_FIN_WAIT2_ENDED];
	s->connect_failed = n[K_CONNECT_FAILED];
	s->lost = n[K_LOST];
	return DECODED_SUMMARY;
}

static enum decoded make_what_it_is(struct decoder *d, struct event *e, struct summary *s)
{
	const __u64 head = 1ULL << K_V | 1ULL << K_TYPE;
	__u64 type = d->numbers[K_TYPE];

	if ((d->seen & head) != head)
		return DECODED_VALUE;
	if (d->numbers[K_V] != SCHEMA_VERSION)
		return DECODED_VERSION;
	if (type == TYPE_OTHER)
		return DECODED_TYPE;
	if (d->bad_value || (d->seen & d->required[type]) != d->required[type])
		return DECODED_VALUE;
	return type == TYPE_SUMMARY ? make_summary(d, s) : make_event(d, e);
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
	d->line++;
	d->depth = d->objects = d->others = 0;
	d->key = K_MAX;
	d->bad_value = false;
	d->seen = d->null = 0;
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
