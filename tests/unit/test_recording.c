/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_recording.c: files of lines: what is read, what is skipped and where it was, several files, pipes, long lines. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/recording.h"
#include "view/json_lines.h"

struct file {
	char path[64];
	FILE *out;
	struct json json;
};

static void file_begin(struct file *f)
{
	int fd;

	strcpy(f->path, "/tmp/twtrace-test-XXXXXX");
	fd = mkstemp(f->path);
	assert_true(fd >= 0);
	f->out = fdopen(fd, "w");
	assert_non_null(f->out);
	json_init(&f->json, f->out);
}

static void put_event(struct file *f, __u64 seconds)
{
	struct event e = sample_event(EVENT_CLOSE);

	e.ts = seconds * 1000000000;
	json_event(&f->json, &e, 0);
}

static void put_summary(struct file *f, __u64 seconds)
{
	struct totals totals[TOTALS_MAX] = {{.opened = 5, .closed = {[CLOSER_LOCAL] = {3}}, .lost = {1}}};
	struct run run = {
		.ts = 9, .duration_ns = seconds * 1000000000, .backend = "timer", .backend_why = "why", .kernel = "6.1"};
	struct summary s;

	summary_make(&s, &run, totals, NULL);
	json_summary(&f->json, &s, 0);
}

static void count(const struct event *e, void *ctx)
{
	assert_int_equal(e->type, EVENT_CLOSE);
	++*(unsigned *)ctx;
}

/* Reads paths to their end; the state stays valid until recording_close(). */
static struct recording *read_paths(const char *const *paths, unsigned n, unsigned events)
{
	struct recording *recording;
	const char *bad;
	unsigned counted = 0;
	int r;

	assert_int_equal(recording_open(&recording, paths, n, &bad), 0);
	while ((r = recording_read(recording, count, &counted)) > 0)
		;
	assert_int_equal(r, 0);
	assert_int_equal(recording_read(recording, count, &counted), 0);
	assert_int_equal(counted, events);
	assert_int_equal(recording_state(recording)->events, events);
	return recording;
}

static struct recording *read_file(struct file *f, unsigned events)
{
	const char *paths[] = {f->path};

	fclose(f->out);
	return read_paths(paths, 1, events);
}

static void file_end(struct file *f, struct recording *r)
{
	recording_close(r);
	unlink(f->path);
}

static void assert_bad(const struct recording *r, enum bad_line kind, __u64 number, __u64 first_line)
{
	const struct recording_state *s = recording_state(r);

	for (unsigned k = 0; k < BAD_MAX; k++)
		assert_int_equal(s->bad[k].count, k == kind ? number : 0);
	if (number)
		assert_int_equal(s->bad[kind].places[0].line, first_line);
}

static void test_whole(void **state)
{
	struct recording *r;
	struct file f;

	(void)state;
	file_begin(&f);
	put_event(&f, 10);
	put_event(&f, 11);
	put_summary(&f, 5);
	r = read_file(&f, 2);
	assert_bad(r, BAD_MAX, 0, 0);
	assert_int_equal(recording_state(r)->duration_ns, 5000000000);
	assert_int_equal(recording_state(r)->files, 1);
	assert_int_equal(recording_state(r)->unfinished, 0);
	assert_int_equal(recording_summary(r)->closed, 3);
	assert_int_equal(recording_summary(r)->open, 2);
	assert_string_equal(recording_summary(r)->run.kernel, "6.1");
	file_end(&f, r);
}

static void test_without_summary(void **state)
{
	struct recording *r;
	struct file f;

	(void)state;
	file_begin(&f);
	put_event(&f, 17);
	put_event(&f, 10);
	r = read_file(&f, 2);
	assert_null(recording_summary(r));
	assert_int_equal(recording_state(r)->unfinished, 1);
	assert_int_equal(recording_state(r)->duration_ns, 7000000000);
	file_end(&f, r);
}

static void test_empty(void **state)
{
	struct recording *r;
	struct file f;

	(void)state;
	file_begin(&f);
	r = read_file(&f, 0);
	assert_bad(r, BAD_MAX, 0, 0);
	assert_int_equal(recording_state(r)->duration_ns, 0);
	file_end(&f, r);
}

/* One file for each way to be bad: the bad line is the second, the fourth, ... */
static void assert_skips(const char *line, enum bad_line kind)
{
	struct recording *r;
	struct file f;

	file_begin(&f);
	for (unsigned i = 0; i < 5; i++) {
		put_event(&f, i);
		fputs(line, f.out);
	}
	put_event(&f, 9);
	r = read_file(&f, 6);
	assert_bad(r, kind, kind < BAD_MAX ? 5 : 0, 2);
	for (unsigned i = 0; i < BAD_PLACES && kind < BAD_MAX; i++) {
		assert_int_equal(recording_state(r)->bad[kind].places[i].line, 2 + 2 * i);
		assert_string_equal(recording_state(r)->bad[kind].places[i].path, f.path);
	}
	file_end(&f, r);
}

static void test_bad_lines(void **state)
{
	char longest[RECORDING_LINE_MAX + 2];

	(void)state;
	assert_skips("nonsense\n", BAD_JSON);
	assert_skips("{\"v\":1,\"type\":\"close\",\"ts\n", BAD_JSON);
	assert_skips("{\"v\":7,\"type\":\"close\"}\n", BAD_VERSION);
	assert_skips("{\"v\":1,\"type\":\"row\"}\n", BAD_TYPE);
	assert_skips("{\"v\":1,\"type\":\"close\"}\n", BAD_VALUE);
	memset(longest, ' ', sizeof(longest));
	strcpy(longest + RECORDING_LINE_MAX - 1, "\n"); /* with its newline it just fits: blank */
	assert_skips(longest, BAD_MAX);
	memset(longest, ' ', sizeof(longest));
	strcpy(longest + RECORDING_LINE_MAX, "\n");
	assert_skips(longest, BAD_LONG);
}

/* Longer than any buffer. */
static void test_endless_line(void **state)
{
	static char much[3 << 20];
	struct recording *r;
	struct file f;

	(void)state;
	memset(much, 'x', sizeof(much));
	file_begin(&f);
	put_event(&f, 1);
	fwrite(much, 1, sizeof(much), f.out);
	putc('\n', f.out);
	put_event(&f, 2);
	r = read_file(&f, 2);
	assert_bad(r, BAD_LONG, 1, 2);
	file_end(&f, r);

	file_begin(&f);
	put_event(&f, 1);
	fwrite(much, 1, sizeof(much), f.out);
	r = read_file(&f, 1);
	assert_bad(r, BAD_LONG, 1, 2);
	file_end(&f, r);
}

/* The last line, cut off anywhere; whole but for its newline it counts. */
static void test_cut(void **state)
{
	struct recording *r;
	struct file f;
	long size;

	(void)state;
	file_begin(&f);
	put_event(&f, 1);
	fflush(f.out);
	size = ftell(f.out);
	fclose(f.out);
	unlink(f.path);
	for (long cut = 1; cut < size; cut++) {
		file_begin(&f);
		put_event(&f, 1);
		put_event(&f, 1);
		fflush(f.out);
		assert_int_equal(ftruncate(fileno(f.out), 2 * size - cut), 0);
		r = read_file(&f, cut == 1 ? 2 : 1);
		assert_bad(r, BAD_CUT, cut > 1, 2);
		file_end(&f, r);
	}
}

static void test_blank_lines(void **state)
{
	struct recording *r;
	struct file f;

	(void)state;
	file_begin(&f);
	fputs("\n\r\n", f.out);
	put_event(&f, 1);
	fputs("  \n", f.out);
	r = read_file(&f, 1);
	assert_bad(r, BAD_MAX, 0, 0);
	file_end(&f, r);
}

static void test_zeros(void **state)
{
	struct recording *r;
	struct file f;

	(void)state;
	file_begin(&f);
	put_event(&f, 1);
	for (unsigned i = 0; i < 5000; i++)
		putc(0, f.out);
	r = read_file(&f, 1);
	assert_bad(r, BAD_CUT, 1, 2);
	file_end(&f, r);
}

/* Durations and summaries add up; a line's place is in its own file. */
static void test_several_files(void **state)
{
	struct file a, b, c;
	const char *paths[] = {a.path, b.path, c.path};
	struct recording *r;

	(void)state;
	file_begin(&a);
	put_event(&a, 1);
	put_summary(&a, 5);
	fclose(a.out);
	file_begin(&b);
	put_event(&b, 100);
	put_event(&b, 103);
	fputs("bad\n{\"cut", b.out);
	fclose(b.out);
	file_begin(&c);
	put_summary(&c, 7);
	put_event(&c, 1);
	put_summary(&c, 1);
	fputs("bad\n", c.out);
	fclose(c.out);
	r = read_paths(paths, 3, 4);
	assert_int_equal(recording_state(r)->files, 3);
	assert_int_equal(recording_state(r)->unfinished, 1);
	assert_string_equal(recording_state(r)->unfinished_path, b.path);
	assert_int_equal(recording_state(r)->summaries, 3);
	assert_int_equal(recording_state(r)->duration_ns, 16000000000);
	assert_int_equal(recording_summary(r)->closed, 9);
	assert_int_equal(recording_summary(r)->closed_by[CLOSER_LOCAL], 9);
	assert_int_equal(recording_summary(r)->totals.opened, 15);
	assert_int_equal(recording_summary(r)->lost, 3);
	assert_int_equal(recording_state(r)->bad[BAD_CUT].count, 1);
	assert_int_equal(recording_state(r)->bad[BAD_JSON].count, 2);
	assert_string_equal(recording_state(r)->bad[BAD_JSON].places[0].path, b.path);
	assert_int_equal(recording_state(r)->bad[BAD_JSON].places[0].line, 3);
	assert_string_equal(recording_state(r)->bad[BAD_JSON].places[1].path, c.path);
	assert_int_equal(recording_state(r)->bad[BAD_JSON].places[1].line, 4);
	unlink(a.path);
	unlink(b.path);
	file_end(&c, r);
}

struct trickle {
	int fd;
	char *text;
};

/* A few bytes at a time. */
static void *write_slowly(void *arg)
{
	struct trickle *t = arg;
	size_t left = strlen(t->text);

	for (size_t at = 0, n; left; at += n, left -= n) {
		n = left < 7 ? left : 7;
		if (write(t->fd, t->text + at, n) != (ssize_t)n)
			break;
	}
	close(t->fd);
	return NULL;
}

static void test_pipe(void **state)
{
	int fds[2], saved = dup(STDIN_FILENO);
	const char *paths[] = {"-"};
	struct recording *r;
	struct trickle t;
	struct file f;
	pthread_t writer;
	size_t size;

	(void)state;
	file_begin(&f);
	fclose(f.out);
	unlink(f.path);
	f.out = open_memstream(&t.text, &size);
	json_init(&f.json, f.out);
	for (unsigned i = 0; i < 100; i++)
		put_event(&f, i);
	put_summary(&f, 1);
	fclose(f.out);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	close(fds[0]);
	t.fd = fds[1];
	assert_int_equal(pthread_create(&writer, NULL, write_slowly, &t), 0);
	r = read_paths(paths, 1, 100);
	pthread_join(writer, NULL);
	assert_bad(r, BAD_MAX, 0, 0);
	assert_int_equal(recording_state(r)->size, 0);
	assert_int_equal(recording_state(r)->bytes, size);
	assert_non_null(recording_summary(r));
	recording_close(r);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	close(saved);
	free(t.text);
}

/* Opened at once, whoever waits for its writer; it ends with the writer, and not before there was one. */
static void test_fifo(void **state)
{
	char dir[] = "/tmp/twtrace-test-XXXXXX", path[64];
	const char *paths[] = {path}, *bad;
	struct recording *r;
	unsigned counted = 0;
	struct pollfd readable = {.events = POLLIN};
	struct file f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(60); /* kills, should it wait */
	assert_int_equal(recording_open(&r, paths, 1, &bad), 0);
	alarm(0);
	readable.fd = recording_fd(r);
	assert_int_equal(poll(&readable, 1, 0), 0);
	f.out = fdopen(open(path, O_WRONLY | O_NONBLOCK), "w");
	assert_non_null(f.out);
	json_init(&f.json, f.out);
	assert_int_equal(poll(&readable, 1, 0), 0);
	put_event(&f, 1);
	fflush(f.out);
	assert_int_equal(poll(&readable, 1, 0), 1);
	assert_int_equal(recording_read(r, count, &counted), 1);
	assert_int_equal(counted, 1);
	assert_int_equal(recording_read(r, count, &counted), 1); /* nothing, and no end */
	fclose(f.out);
	assert_int_equal(poll(&readable, 1, 0), 1);
	assert_int_equal(recording_read(r, count, &counted), 0);
	recording_close(r);
	unlink(path);
	rmdir(dir);
}

static void test_cannot_open(void **state)
{
	const char *paths[] = {"/dev/null", "/nonexistent/twtrace", "/"}, *bad = NULL;
	struct recording *r = NULL;

	(void)state;
	assert_int_equal(recording_open(&r, paths, 3, &bad), -ENOENT);
	assert_ptr_equal(bad, paths[1]);
	assert_int_equal(recording_open(&r, paths + 2, 1, &bad), -EISDIR);
	assert_ptr_equal(bad, paths[2]);
	assert_null(r);
	recording_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),       cmocka_unit_test(test_without_summary), cmocka_unit_test(test_empty),
		cmocka_unit_test(test_bad_lines),   cmocka_unit_test(test_endless_line),    cmocka_unit_test(test_cut),
		cmocka_unit_test(test_blank_lines), cmocka_unit_test(test_zeros),           cmocka_unit_test(test_several_files),
		cmocka_unit_test(test_pipe),        cmocka_unit_test(test_fifo),            cmocka_unit_test(test_cannot_open),
	};

	return RUN_TESTS(tests);
}
