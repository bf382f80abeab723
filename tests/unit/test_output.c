/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_output.c: output that is read, that nobody reads, and that nobody will ever read. Covers signals.c too. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/exit_codes.h"
#include "cmd/output.h"

struct piped {
	int ends[2];
	struct signals signals;
	struct output output;
};

static void piped_open(struct piped *p)
{
	assert_int_equal(pipe(p->ends), 0);
	assert_int_equal(signals_open(&p->signals), 0);
	assert_int_equal(output_open(&p->output, p->ends[1], &p->signals), 0);
}

static void piped_close(struct piped *p)
{
	output_close(&p->output);
	signals_close(&p->signals);
	close(p->ends[0]);
	close(p->ends[1]);
}

static void test_is_written_when_flushed(void **state)
{
	char text[8] = "";
	struct piped p;

	(void)state;
	piped_open(&p);
	fputs("hello", p.output.file);
	assert_int_equal(output_flush(&p.output), 0);
	assert_int_equal(read(p.ends[0], text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
	piped_close(&p);
}

static void test_reader_left(void **state)
{
	struct piped p;

	(void)state;
	piped_open(&p);
	close(p.ends[0]);
	fputs("hello", p.output.file);
	assert_int_equal(output_flush(&p.output), -EPIPE);
	fputs("again", p.output.file);
	assert_int_equal(output_flush(&p.output), -EPIPE);
	piped_close(&p);
}

static void test_full_disk(void **state)
{
	struct signals signals;
	struct output output;
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(signals_open(&signals), 0);
	assert_int_equal(output_open(&output, fd, &signals), 0);
	fputs("hello", output.file);
	assert_int_equal(output_flush(&output), -ENOSPC);
	output_close(&output);
	signals_close(&signals);
	close(fd);
}

static void test_closed_descriptor(void **state)
{
	struct signals signals;
	struct output output;

	(void)state;
	assert_int_equal(signals_open(&signals), 0);
	assert_int_equal(output_open(&output, 9999, &signals), -EBADF);
	signals_close(&signals);
}

/* Much more than a pipe holds, read slowly by another process: all of it arrives, in order. */
static void test_slow_reader(void **state)
{
	enum { LINES = 100000 };
	struct piped p;
	int status;
	pid_t child;

	(void)state;
	piped_open(&p);
	child = fork();
	if (!child) {
		FILE *in = fdopen(p.ends[0], "r");
		char line[32];
		long n = 0;

		close(p.ends[1]);
		usleep(50000);
		while (fgets(line, sizeof(line), in) && atol(line) == n)
			n++;
		_exit(n == LINES ? 0 : 1);
	}
	for (long i = 0; i < LINES; i++)
		fprintf(p.output.file, "%ld\n", i);
	assert_int_equal(output_flush(&p.output), 0);
	close(p.ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	piped_close(&p);
}

/* A pipe that nobody reads, and SIGTERM comes: gives up soon. In a child, as the signals' dispositions change. */
static int run_stuck(void)
{
	struct piped p;
	int r;

	alarm(10); /* should it hang, the test shall not */
	piped_open(&p);
	for (int i = 0; i < 100000; i++)
		fputs("0123456789", p.output.file);
	r = output_flush(&p.output);
	return r == -ETIMEDOUT && p.signals.stop ? 0 : 1;
}

static int status_after(pid_t child, const int *signals, size_t n)
{
	int status;

	for (size_t i = 0; i < n; i++) {
		usleep(200000);
		kill(child, signals[i]);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void test_stop_while_stuck(void **state)
{
	static const int once[] = {SIGTERM};
	pid_t child = fork();

	(void)state;
	if (!child)
		_exit(run_stuck());
	assert_int_equal(status_after(child, once, 1), 0);
}

static void test_second_signal_kills(void **state)
{
	static const int twice[] = {SIGINT, SIGINT};
	pid_t child = fork();
	int status;

	(void)state;
	if (!child)
		_exit(run_stuck());
	status = status_after(child, twice, 2);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
}

/* Started by a shell that ignores SIGINT, or with it blocked: all the same. */
static int run_starting(void)
{
	sigset_t set;

	signal(SIGINT, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals_begin();
	alarm(10);
	return pause();
}

static int run_letting_kill(void)
{
	struct signals signals;

	alarm(10);
	if (signals_open(&signals))
		return 1;
	signals_let_kill();
	return pause();
}

static void assert_one_signal_kills(int (*run)(void))
{
	static const int once[] = {SIGINT};
	pid_t child = fork();
	int status;

	if (!child)
		_exit(run());
	status = status_after(child, once, 1);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
}

static void test_signal_at_the_start_kills(void **state)
{
	(void)state;
	assert_one_signal_kills(run_starting);
}

static void test_signal_that_is_let_kill(void **state)
{
	(void)state;
	assert_one_signal_kills(run_letting_kill);
}

static void test_window_change_is_no_reason_to_stop(void **state)
{
	struct signals signals;

	(void)state;
	assert_int_equal(signals_open(&signals), 0);
	signals_read(&signals);
	assert_false(signals.stop || signals.resized);
	raise(SIGWINCH);
	signals_read(&signals);
	assert_true(signals.resized);
	assert_false(signals.stop);
	signals_close(&signals);
}

static void test_exit_codes(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of(0), 0);
	assert_int_equal(exit_code_of(-ENOMEM), 1);
	assert_int_equal(exit_code_of(-EPERM), 3);
	assert_int_equal(exit_code_of(-EACCES), 3);
	assert_int_equal(exit_code_of(-ENOTSUP), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_written_when_flushed),
		cmocka_unit_test(test_reader_left),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_closed_descriptor),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_stop_while_stuck),
		cmocka_unit_test(test_second_signal_kills),
		cmocka_unit_test(test_signal_at_the_start_kills),
		cmocka_unit_test(test_signal_that_is_let_kill),
		cmocka_unit_test(test_window_change_is_no_reason_to_stop),
		cmocka_unit_test(test_exit_codes),
	};

	signals_begin();
	return RUN_TESTS(tests);
}
