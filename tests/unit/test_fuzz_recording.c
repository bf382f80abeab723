/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_fuzz_recording.c: recordings with random damage. Whatever is in a file: every line is accounted for, what is handed on is
 * valid and means what it says when it is written again, and nothing is read that is not there (SAN=1).
 *
 * FUZZ_SECONDS=60 for longer than the default; FUZZ_SEED to play one seed again.
 */
#include "unit.h"

#include <time.h>
#include <unistd.h>

#include "model/meaning.h"
#include "model/table.h"
#include "source/decode.h"
#include "source/recording.h"
#include "view/json_lines.h"

enum { TEXT_SIZE = 64 << 10, LINES = 12 };

struct text {
	char bytes[TEXT_SIZE];
	size_t len;
};

static unsigned below(size_t n)
{
	return (unsigned)((size_t)random() % n);
}

static struct event some_event(void)
{
	struct event e = sample_event((enum event_type)(EVENT_CLOSE + below(3)));

	e.closer = (__u8)below(CLOSER_MAX);
	e.owner_source = (__u8)below(OWNER_SOURCE_MAX);
	if (below(2)) {
		e.family = 6;
		for (unsigned i = 0; i < 16; i++)
			e.laddr[i] = e.raddr[i] = (__u8)random();
	}
	for (unsigned i = below(COMM_LEN); i--;)
		e.closer_process.comm[i] = (char)random();
	if (!below(3))
		e.owner.pid = 0;
	return e;
}

static void make_text(struct text *t)
{
	FILE *out = fmemopen(t->bytes, sizeof(t->bytes), "w");
	struct totals totals[TOTALS_MAX] = {0};
	struct run run = {.backend = "timer", .backend_why = "why", .kernel = "6.1"};
	struct summary s;
	struct json j;

	json_init(&j, out);
	for (unsigned i = 0; i < LINES; i++) {
		struct event e = some_event();

		json_event(&j, &e, 0);
	}
	summary_make(&s, &run, totals, NULL);
	json_summary(&j, &s, 0);
	fflush(out);
	t->len = (size_t)ftell(out);
	fclose(out);
}

static void replace(struct text *t, size_t at, size_t len, const char *by, size_t by_len)
{
	if (at > t->len)
		at = t->len;
	if (len > t->len - at)
		len = t->len - at;
	if (t->len - len + by_len > sizeof(t->bytes))
		return;
	memmove(t->bytes + at + by_len, t->bytes + at + len, t->len - at - len);
	memcpy(t->bytes + at, by, by_len);
	t->len += by_len - len;
}

/* From one place of the text to another, as when parts of files are mixed up. */
static void copy_part(struct text *t)
{
	char part[2048];
	size_t len = below(sizeof(part)), from = below(t->len);

	if (len > t->len - from)
		len = t->len - from;
	memcpy(part, t->bytes + from, len);
	replace(t, below(t->len), below(4) ? 0 : below(1000), part, len);
}

static void damage(struct text *t)
{
	static const char *const words[] = {
		"null",
		"true",
		"{",
		"}",
		"[",
		"]",
		",",
		":",
		"\"",
		"\\",
		"\\u0000",
		"\\ud800",
		"\\ufffd",
		"\n",
		"\r\n",
		"\t",
		"-1",
		"1e999",
		"18446744073709551615",
		"18446744073709551616",
		"4294967296",
		"0",
		"\"type\":\"summary\",",
		"\"v\":2,",
		"\"pid\":1,",
		"\xff",
		"\xef\xbf\xbd",
		"\xf0\x9f\x98\x80",
		"/*",
		"//",
		"::1",
		"\"comm\":\"0123456789abcdefghijklm\",",
	};
	const char *word = words[below(sizeof(words) / sizeof(words[0]))];
	char byte = (char)random();

	if (!t->len)
		return;
	switch (below(6)) {
	case 0:
		t->bytes[below(t->len)] ^= (char)(1 << below(8));
		break;
	case 1:
		t->bytes[below(t->len)] = byte;
		break;
	case 2:
		replace(t, below(t->len), below(40), "", 0);
		break;
	case 3:
		replace(t, below(t->len), below(3) ? 0 : below(20), word, strlen(word));
		break;
	case 4:
		copy_part(t);
		break;
	case 5:
		if (!below(10))
			t->len = below(t->len);
		break;
	}
}

struct check {
	struct decoder *decoder;
	struct table *table;
	__u64 events;
};

/* What was read is written, read and written again: it must stay what it is. */
static void check_event(const struct event *e, void *ctx)
{
	struct check *check = ctx;
	struct event again;
	struct summary s;
	struct caught first, second;
	struct json j;

	check->events++;
	assert_true(event_valid(e));
	assert_int_equal(table_add(check->table, e), 0);
	catch_begin(&first);
	json_init(&j, first.out);
	json_event(&j, e, 0);
	caught_text(&first);
	assert_int_equal(decode_line(check->decoder, first.text, first.size, &again, &s), DECODED_EVENT);
	catch_begin(&second);
	json_init(&j, second.out);
	json_event(&j, &again, 0);
	caught_text(&second);
	assert_string_equal(first.text, second.text);
	catch_end(&first);
	catch_end(&second);
}

static __u64 count_lines(const struct text *t)
{
	__u64 lines = 0;
	size_t at = 0;

	while (at < t->len) {
		const char *newline = memchr(t->bytes + at, '\n', t->len - at);
		size_t end = newline ? (size_t)(newline - t->bytes) : t->len;
		size_t blank = at;

		while (blank < end && strchr(" \t\r\v\f", t->bytes[blank]) && t->bytes[blank])
			blank++;
		lines += blank < end;
		at = end + 1;
	}
	return lines;
}

static void check_text(struct check *check, const struct text *t, int fd)
{
	char path[32];
	const char *paths[] = {path}, *bad;
	const struct recording_state *state;
	struct recording *recording;
	__u64 accounted;
	int r;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, t->bytes, t->len, 0), t->len);
	assert_int_equal(recording_open(&recording, paths, 1, &bad), 0);
	check->events = 0;
	while ((r = recording_read(recording, check_event, check)) > 0)
		;
	assert_int_equal(r, 0);
	state = recording_state(recording);
	assert_int_equal(state->events, check->events);
	accounted = state->events + state->summaries;
	for (unsigned kind = 0; kind < BAD_MAX; kind++)
		accounted += state->bad[kind].count;
	assert_int_equal(accounted, count_lines(t));
	recording_close(recording);
}

static double seconds_of(const char *name, double otherwise)
{
	const char *text = getenv(name);

	return text ? strtod(text, NULL) : otherwise;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static unsigned seed;
static bool done;

static void test_damaged(void **state)
{
	static struct text text;
	double end = now() + seconds_of("FUZZ_SECONDS", 2);
	unsigned first = (unsigned)seconds_of("FUZZ_SEED", 1);
	char path[] = "/tmp/twtrace-fuzz-XXXXXX";
	int fd = mkstemp(path);
	struct check check;

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(decoder_new(&check.decoder), 0);
	assert_int_equal(table_new(&check.table, NULL, 0), 0);
	for (seed = first; now() < end && (seed == first || !getenv("FUZZ_SEED")); seed++) {
		srandom(seed);
		make_text(&text);
		for (unsigned n = below(8); n; n--)
			damage(&text);
		check_text(&check, &text, fd);
	}
	done = true;
	print_message("%u recordings\n", seed - first);
	assert_true(seed - first > 10 || getenv("FUZZ_SEED"));
	table_free(check.table);
	decoder_free(check.decoder);
	close(fd);
}

static int say_seed(void **state)
{
	(void)state;
	if (!done)
		print_message("again with FUZZ_SEED=%u\n", seed);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_damaged, say_seed),
	};

	return RUN_TESTS(tests);
}
