/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_options.c: command lines that make sense, and what is said of those that do not. Covers option_rows.c too. */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cmd/options.h"

static const struct command commands[] = {
	{"", NULL, "table", FOR_TABLE},
	{"events", NULL, "events", FOR_EVENTS},
	{"probe", NULL, "probe", FOR_PROBE},
	{"report", NULL, "report", FOR_REPORT},
	{"doctor", NULL, "doctor", FOR_DOCTOR},
	{"census", NULL, "census", FOR_CENSUS},
	{"ports", NULL, "ports", FOR_PORTS},
	{.name = NULL},
};

enum { WORDS_MAX = 80 };

/* line: words separated by blanks. */
static int parse(struct options *o, const char *line, FILE *err)
{
	char *copy = strdup(line), *argv[WORDS_MAX + 2] = {(char *)"twtrace"}, *at;
	int argc = 1, r;

	for (char *word = strtok_r(copy, " ", &at); word && argc <= WORDS_MAX; word = strtok_r(NULL, " ", &at))
		argv[argc++] = word;
	r = options_parse(o, commands, argc, argv, err);
	free(copy);
	return r;
}

static void assert_accepts(struct options *o, const char *line)
{
	struct caught c;
	int r;

	catch_begin(&c);
	r = parse(o, line, c.out);
	assert_string_equal(caught_text(&c), "");
	assert_int_equal(r, 0);
	catch_end(&c);
}

static void assert_refuses(const char *line, const char *message)
{
	struct options o;
	struct caught c;
	int r;

	catch_begin(&c);
	r = parse(&o, line, c.out);
	if (!r || strcmp(caught_text(&c), message))
		print_error("%s\n", line);
	assert_string_equal(caught_text(&c), message);
	assert_int_equal(r, -EINVAL);
	catch_end(&c);
}

#define REFUSES(line, message) assert_refuses(line, "twtrace: " message " (see twtrace --help)\n")

static void test_defaults(void **state)
{
	struct options o;

	(void)state;
	assert_accepts(&o, "");
	assert_int_equal(o.action, ACTION_RUN);
	assert_ptr_equal(o.command, &commands[0]);
	assert_false(o.filtered || o.json || o.tracer.verbose);
	assert_int_equal(o.duration_ns | o.interval_ns | o.count, 0);
	assert_int_equal(o.tracer.backend, BACKEND_AUTO);
	assert_int_equal(o.tracer.ring_bytes | o.tracer.max_connections, 0);
	assert_int_equal(o.by, GROUP_DEFAULT);
	assert_int_equal(o.max_rows, 10000);
	assert_string_equal(o.sort->name, "tw");
	assert_string_equal(o.columns.fields[0]->name, "pid");
}

static void test_commands_and_intervals(void **state)
{
	struct options o;

	(void)state;
	assert_accepts(&o, "events --json -d 2.5");
	assert_ptr_equal(o.command, &commands[1]);
	assert_true(o.json);
	assert_int_equal(o.duration_ns, 2500000000);
	assert_accepts(&o, "-4 events"); /* options may come first */
	assert_ptr_equal(o.command, &commands[1]);
	assert_accepts(&o, "5 3");
	assert_ptr_equal(o.command, &commands[0]);
	assert_int_equal(o.interval_ns, 5000000000);
	assert_int_equal(o.count, 3);
	assert_accepts(&o, "probe --json");
	assert_ptr_equal(o.command, &commands[2]);
}

static void test_filters(void **state)
{
	struct options o;
	const struct filter *f = &o.tracer.filter;
	char line[128];

	(void)state;
	snprintf(line, sizeof(line),
		 "-p %d --pid=1 -c nginx --comm curl --port 80 --port 443 --remote 10.1.2.3/8 --remote ::1 -6 --netns 17",
		 getpid());
	assert_accepts(&o, line);
	assert_true(o.filtered);
	assert_int_equal(f->npids, 2);
	assert_int_equal(f->pids[0], getpid());
	assert_int_equal(f->pids[1], 1);
	assert_int_equal(f->ncomms, 2);
	assert_string_equal(f->comms[0], "nginx");
	assert_string_equal(f->comms[1], "curl");
	assert_int_equal(f->nports, 2);
	assert_int_equal(f->ports[1], 443);
	assert_int_equal(f->nremotes, 2);
	assert_int_equal(f->remotes[0].prefix, 8);
	assert_int_equal(f->remotes[1].family, 6);
	assert_int_equal(f->family, 6);
	assert_int_equal(f->nnetns, 1);
	assert_int_equal(f->netns[0], 17);
}

static void test_the_rest(void **state)
{
	struct options o;

	(void)state;
	assert_accepts(&o, "--backend fentry --ring-size 256K --max-connections 1000 --sort closes --columns pid,tw -v");
	assert_int_equal(o.tracer.backend, BACKEND_FENTRY);
	assert_int_equal(o.tracer.ring_bytes, 256 << 10);
	assert_int_equal(o.tracer.max_connections, 1000);
	assert_string_equal(o.sort->name, "closes");
	assert_int_equal(o.columns.n, 2);
	assert_true(o.tracer.verbose);
	assert_false(o.filtered);
	assert_accepts(&o, "--help");
	assert_int_equal(o.action, ACTION_HELP);
	assert_accepts(&o, "--version");
	assert_int_equal(o.action, ACTION_VERSION);
	assert_accepts(&o, "--by comm,netns --max-rows 20");
	assert_int_equal(o.by, GROUP_COMM | GROUP_NETNS);
	assert_int_equal(o.max_rows, 20);
	assert_string_equal(o.columns.fields[0]->name, "comm");
	assert_string_equal(o.columns.fields[1]->name, "netns");
	assert_accepts(&o, "--columns tw --by comm"); /* what is asked for, whatever rows are grouped by */
	assert_int_equal(o.columns.n, 1);
	assert_accepts(&o, "--list-columns");
	assert_int_equal(o.action, ACTION_LIST_COLUMNS);
}

static void test_census_and_ports(void **state)
{
	struct options o;

	(void)state;
	assert_accepts(&o, "census");
	assert_int_equal(o.command->bit, FOR_CENSUS);
	assert_true(o.tracer.sockets);
	assert_int_equal(o.close_wait_ns, 60000000000);
	assert_int_equal(o.interval_ns, 0);
	assert_accepts(&o, "census 5 3 --close-wait-older 0.5 --by comm --max-rows 7");
	assert_int_equal(o.interval_ns, 5000000000);
	assert_int_equal(o.count, 3);
	assert_int_equal(o.close_wait_ns, 500000000);
	assert_accepts(&o, "ports 2 -d 10 --port 80 --json");
	assert_int_equal(o.interval_ns, 2000000000);
	assert_int_equal(o.duration_ns, 10000000000);
	assert_accepts(&o, "events");
	assert_false(o.tracer.sockets);
	REFUSES("ports --close-wait-older 5", "--close-wait-older does not go with 'ports'");
	REFUSES("census --close-wait-older 0", "--close-wait-older '0': not a number of seconds");
	REFUSES("census often", "'often': an interval is a number of seconds, 0.1 or more");
}

static void test_bad_options(void **state)
{
	(void)state;
	REFUSES("--nope", "unknown or ambiguous option '--nope'");
	REFUSES("--co nginx", "unknown or ambiguous option '--co'");
	REFUSES("-z", "unknown option '-z'");
	REFUSES("-jz", "unknown option '-j'");
	REFUSES("--port", "--port needs PORT");
	REFUSES("-p", "--pid needs PID");
	REFUSES("--json=yes", "--json takes no value");
	REFUSES("--port \033[31m", "--port '?[31m': not a port, 1 to 65535");
}

static void test_bad_filters(void **state)
{
	(void)state;
	REFUSES("-p 2147483647", "--pid '2147483647': no such process");
	REFUSES("-p 0", "--pid '0': not a process ID");
	REFUSES("-p 12x", "--pid '12x': not a process ID");
	REFUSES("-p -1", "--pid '-1': not a process ID");
	REFUSES("-c a-name-too-long-",
		"--comm 'a-name-too-long-': process names have 1 to 15 bytes, the kernel cuts longer ones");
	REFUSES("--comm=", "--comm '': process names have 1 to 15 bytes, the kernel cuts longer ones");
	REFUSES("--port 65536", "--port '65536': not a port, 1 to 65535");
	REFUSES("--port 0", "--port '0': not a port, 1 to 65535");
	REFUSES("--port http", "--port 'http': not a port, 1 to 65535");
	REFUSES("--remote 10.0.0.0/33", "--remote '10.0.0.0/33': prefixes are /0 to /32 for IPv4, to /128 for IPv6");
	REFUSES("--remote ::/129", "--remote '::/129': prefixes are /0 to /32 for IPv4, to /128 for IPv6");
	REFUSES("--remote host", "--remote 'host': not an address or CIDR such as 10.0.0.0/8 or 2001:db8::/32");
	REFUSES("-4 -6", "-4 and -6 exclude each other; both are shown by default");
	REFUSES("--netns no-such-ns", "--netns 'no-such-ns': No such file or directory");
	REFUSES("--netns /dev/null", "--netns '/dev/null': not a network namespace");
}

static void test_bad_values(void **state)
{
	(void)state;
	REFUSES("-d 0", "--duration '0': not a number of seconds");
	REFUSES("-d 1h", "--duration '1h': not a number of seconds");
	REFUSES("--backend kprobe", "--backend 'kprobe': backends are auto, fentry and timer");
	REFUSES("--ring-size 5000", "--ring-size '5000': not a power of two from one page to 1G, such as 4M");
	REFUSES("--ring-size 2G", "--ring-size '2G': not a power of two from one page to 1G, such as 4M");
	REFUSES("--ring-size 1", "--ring-size '1': not a power of two from one page to 1G, such as 4M");
	REFUSES("--max-connections 0", "--max-connections '0': not a number from 1 to 67108864");
	REFUSES("--max-rows 0", "--max-rows '0': not a number from 1 to 1048576");
	REFUSES("--by comm,nope", "--by: no group 'nope': process, endpoint, comm, remote, cgroup, netns");
	REFUSES("--by comm events", "--by does not go with 'events'");
	REFUSES("--sort nope", "--sort 'nope': no such field, see twtrace --list-columns");
	REFUSES("--columns pid,nope", "--columns: no field 'nope', see twtrace --list-columns");
}

static void test_bad_words(void **state)
{
	(void)state;
	REFUSES("event", "'event' is neither a command nor an interval");
	REFUSES("events now", "'now': events takes no arguments");
	REFUSES("0", "'0': an interval is a number of seconds, 0.1 or more");
	REFUSES("0.05", "'0.05': an interval is a number of seconds, 0.1 or more");
	REFUSES("5x", "'5x': an interval is a number of seconds, 0.1 or more");
	REFUSES("5 0", "'0': the count of intervals is a number from 1 on");
	REFUSES("5 3 1", "'1': nothing is expected behind interval and count");
	REFUSES("--sort tw events", "--sort does not go with 'events'");
	REFUSES("probe -p 1", "--pid does not go with 'probe'");
}

/* With files or without. */
static void test_doctor(void **state)
{
	struct options o;

	(void)state;
	assert_accepts(&o, "doctor");
	assert_int_equal(o.nfiles, 0);
	assert_accepts(&o, "doctor -d 5 --json");
	assert_accepts(&o, "doctor a.jsonl --json --port 80");
	assert_int_equal(o.nfiles, 1);
	REFUSES("doctor -d 1 a", "--duration does not go with recordings: they have their own");
	REFUSES("doctor --sort tw", "--sort does not go with 'doctor'");
}

static void test_report(void **state)
{
	struct options o;

	(void)state;
	assert_accepts(&o, "report a.jsonl");
	assert_int_equal(o.nfiles, 1);
	assert_int_equal(o.by, GROUP_DEFAULT);
	assert_string_equal(o.sort->name, "tw");
	assert_accepts(&o, "report -p 2147483647 - --csv"); /* no such process any more */
	assert_int_equal(o.tracer.filter.pids[0], 2147483647);
	assert_true(o.csv && o.filtered);
	assert_true(o.columns.n > 30);
	assert_accepts(&o, "report --diff 1 2");
	assert_true(o.diff);
	assert_int_equal(o.by, GROUP_COMM | GROUP_ENDPOINT);
	assert_string_equal(o.columns.fields[0]->name, "comm");
	assert_null(o.sort);
	assert_accepts(&o, "report --diff --by process --sort closes --columns pid,closes a b");
	assert_int_equal(o.by, GROUP_PROCESS);
	assert_string_equal(o.sort->name, "closes");
	assert_int_equal(o.columns.n, 2);
	assert_accepts(&o, "report --list-columns");
	REFUSES("report", "report: which recordings? - is standard input");
	REFUSES("report --diff a", "--diff takes two recordings, the old one and the new one");
	REFUSES("report --diff a b c", "--diff takes two recordings, the old one and the new one");
	REFUSES("report --csv --json a", "--json and --csv exclude each other");
	assert_accepts(&o, "report --histograms --json a");
	REFUSES("report --histograms --csv a", "--histograms does not go with --csv");
	REFUSES("report --histograms --diff a b", "--histograms does not go with --diff");
	REFUSES("report -d 1 a", "--duration does not go with recordings: they have their own");
	REFUSES("--csv events", "--csv does not go with 'events'");
}

static void *show_thread(void *ctx)
{
	char line[32], expected[128];
	int tid = (int)syscall(SYS_gettid);

	(void)ctx;
	snprintf(line, sizeof(line), "-p %d", tid);
	snprintf(expected, sizeof(expected), "twtrace: --pid '%d': a thread; its process is %d (see twtrace --help)\n", tid,
		 getpid());
	assert_refuses(line, expected);
	return NULL;
}

static void test_thread_is_no_process(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, show_thread, NULL), 0);
	pthread_join(thread, NULL);
}

/* One more than there is room for. */
static void assert_limit(const char *option, unsigned max, const char *message)
{
	char line[2048] = "";
	struct options o;

	for (unsigned i = 0; i < max; i++)
		strcat(line, option);
	assert_accepts(&o, line);
	strcat(line, option);
	assert_refuses(line, message);
}

static void test_limits(void **state)
{
	(void)state;
	assert_limit("-p1 ", FILTER_PIDS_MAX, "twtrace: --pid can be given at most 64 times (see twtrace --help)\n");
	assert_limit("-cx ", FILTER_COMMS_MAX, "twtrace: --comm can be given at most 16 times (see twtrace --help)\n");
	assert_limit("--port=1 ", FILTER_PORTS_MAX, "twtrace: --port can be given at most 32 times (see twtrace --help)\n");
	assert_limit("--remote=::1 ", FILTER_REMOTES_MAX,
		     "twtrace: --remote can be given at most 16 times (see twtrace --help)\n");
	assert_limit("--netns=1 ", FILTER_NETNS_MAX, "twtrace: --netns can be given at most 16 times (see twtrace --help)\n");
}

/* What --help says: of one command, or, NULL, of all. */
static void help(struct caught *c, const struct command *command)
{
	catch_begin(c);
	options_help(commands, command, c->out);
	for (const char *line = caught_text(c); *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80);
}

static void test_help(void **state)
{
	static const char *const mentioned[] = {"twtrace events", "twtrace probe",  "-p, --pid PID", "--remote CIDR",
						"-4, --ipv4",     "--list-columns", "--version",     "interval"};
	struct caught c;

	(void)state;
	help(&c, NULL);
	for (size_t i = 0; i < sizeof(mentioned) / sizeof(mentioned[0]); i++)
		assert_non_null(strstr(c.text, mentioned[i]));
	catch_end(&c);
}

static void test_help_on_a_command(void **state)
{
	struct options o;
	struct caught c;

	(void)state;
	assert_accepts(&o, "report --help"); /* which file is not asked */
	assert_int_equal(o.action, ACTION_HELP);
	assert_ptr_equal(o.command, &commands[3]);
	assert_accepts(&o, "--help");
	assert_null(o.command);
	assert_accepts(&o, "5 --help");
	assert_null(o.command);
	REFUSES("reprot --help", "'reprot' is neither a command nor an interval");

	help(&c, &commands[3]);
	assert_non_null(strstr(c.text, "Usage: twtrace report [options] FILE..."));
	assert_non_null(strstr(c.text, "--csv "));
	assert_non_null(strstr(c.text, "\n  twtrace report --diff"));
	assert_null(strstr(c.text, "--backend"));
	assert_null(strstr(c.text, "\n  twtrace events"));
	catch_end(&c);
	help(&c, &commands[2]);
	assert_null(strstr(c.text, "Which connections")); /* no title over nothing */
	assert_non_null(strstr(c.text, "How it works"));
	catch_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_commands_and_intervals),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_the_rest),
		cmocka_unit_test(test_doctor),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_census_and_ports),
		cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_bad_filters),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_bad_words),
		cmocka_unit_test(test_thread_is_no_process),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_help_on_a_command),
	};

	return RUN_TESTS(tests);
}
