/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * catalogue.c: plays the scenarios of all tables, at the same time and under one tracer, and judges what it said of them.
 *
 * Every scenario is a process with a network namespace of its own (scene.c); its events are those with that namespace's inode
 * number. All namespaces are made before the first scenario is played, and kept, so that a number is not given out twice. What
 * happens before the tracer starts happens then as well.
 *
 * Two causes, each proven in that very run, have a scenario played again, and a line "retried SCENARIO: CAUSE" says so:
 * - It went astray: by the kernel's own counters, or by a step that failed, something else happened than the row says, whatever a
 *   tracer makes of it.
 * - It fails, and the kernel counted hooks that BPF left out (`missed` in the summary): on kernels that preempt tasks inside BPF
 *   programs, a crowd on a slow machine loses now and then what only a process could tell. Then with nothing else going on.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "differential.h"
#include "expect.h"
#include "patience.h"
#include "scene.h"
#include "schema.h"
#include "tracer.h"
#include "value.h"

enum {
	RUNS_MAX = 256,
	PLAYING_MAX = 12, /* scenarios in their script at once; any number may wait for a TIME_WAIT to end */
	PLAYING_SLOW = 4, /* the same where two tracers are in their way, or a virtual CPU is */
	ENCORES = 2,          /* how often a scenario that went astray is played again */
};

struct run {
	const struct scenario *sc;
	struct stage *st;
	const char *skip; /* why it is not played */
	char name[64];
	int control;
	pid_t pid;
	bool playing;
	bool once_more;
};

struct options {
	bool list, keep, dry, both;
	int playing; /* at once */
};

/* The tracers that watch: one, or with --both one of each backend. */
struct audience {
	struct tracer tracer[2];
	json_t *lines[2]; /* what each wrote, when it is over */
	int n;
};

static const char *const backends[2] = { "timer", "fentry" };

static const struct scenario *const tables[] = { orderly_scenarios, abort_scenarios, timewait_scenarios, connect_scenarios,
						 owner_scenarios };

static bool selected(const struct run *run, char *const *names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, run->sc->name) || !strcmp(*names, run->name))
			return true;
	return false;
}

static bool mentions(const char *script, const char *word)
{
	return script && strstr(script, word);
}

static struct stage *stage_new(const struct scenario *sc, enum family family)
{
	struct stage *st = mmap(NULL, sizeof(*st), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (st == MAP_FAILED)
		return NULL;
	st->family = family;
	st->tun = mentions(sc->before, "peer ") || mentions(sc->script, "peer ");
	return st;
}

/* A run for each scenario and family that is asked for. */
static int collect(struct run *runs, char *const *names)
{
	static const char *const suffix[] = { [V4] = "4", [V6] = "6", [MAPPED] = "mapped" };
	int n = 0;

	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++) {
		for (const struct scenario *sc = tables[t]; sc->name; sc++) {
			for (enum family family = V4; family <= MAPPED && n < RUNS_MAX; family <<= 1) {
				struct run *run = &runs[n];

				*run = (struct run){ .sc = sc, .control = -1 };
				snprintf(run->name, sizeof(run->name), "%s/%s", sc->name, suffix[family]);
				if (!(sc->families & family) || !selected(run, names))
					continue;
				run->st = stage_new(sc, family);
				if (!run->st)
					return -errno;
				run->skip = sc->missing ? sc->missing() : NULL;
				n++;
			}
		}
	}
	return n;
}

/* The next byte it says; -1: it is gone. */
static int hear(struct run *run)
{
	char byte;

	return read(run->control, &byte, 1) == 1 ? byte : -1;
}

/*
 * Keep its namespace until the catalogue ends: its inode number tells whose events are whose, and another program's namespace may
 * get the number as soon as it is free.
 */
static bool hold_namespace(const struct run *run)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)run->pid);
	return run->sc->vanish || open(path, O_RDONLY | O_CLOEXEC) >= 0;
}

/* Start its process and wait until its stage is set. */
static bool set_up(struct run *run, bool dry)
{
	int control[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control))
		return false;
	run->pid = fork();
	if (run->pid < 0)
		return false;
	if (!run->pid) {
		close(control[0]);
		scene_run(run->sc, run->st, control[1], dry);
	}
	close(control[1]);
	run->control = control[0];
	return hear(run) == SCENE_SET && hold_namespace(run);
}

static void cue(struct run *run)
{
	char byte = SCENE_CUE;

	run->playing = write(run->control, &byte, 1) == 1;
}

/* What one of them said, or that it is gone. */
static void attend(struct run *run)
{
	int said = hear(run);

	run->playing = false;
	if (said != SCENE_PLAYED) {
		close(run->control);
		run->control = -1;
	}
}

/*
 * Play all, few at a time, until the last one is gone. Those that began before the tracer come first, as the kernel keeps a FIN_WAIT2 for
 * 60 s at most.
 */
static void play_all(struct run *runs, int n, int most)
{
	int next = 0;

	for (;;) {
		struct pollfd fds[RUNS_MAX];
		int playing = 0, alive = 0;

		for (int i = 0; i < n; i++)
			playing += runs[i].playing;
		for (; next < 2 * n && playing < most; next++) {
			struct run *run = &runs[next % n];
			bool older = next < n;

			if (run->skip || (run->sc->before != NULL) != older)
				continue;
			cue(run);
			playing++;
		}
		for (int i = 0; i < n; i++) {
			fds[i] = (struct pollfd){ .fd = runs[i].control, .events = POLLIN };
			alive += runs[i].control >= 0;
		}
		if (!alive)
			return;
		poll(fds, n, -1);
		for (int i = 0; i < n; i++)
			if (fds[i].revents)
				attend(&runs[i]);
	}
}

static json_t *events_of(const struct run *run, const json_t *lines)
{
	json_t *events = json_array(), *line;
	size_t i;

	json_array_foreach(lines, i, line)
		if (json_integer_value(json_object_get(line, "netns")) == run->st->netns)
			json_array_append(events, line);
	return events;
}

static const json_t *summary_of(const json_t *lines)
{
	const json_t *last = json_array_get(lines, json_array_size(lines) - 1);

	return value_is(last, "type", "summary") ? last : NULL;
}

static void judge_counters(const struct run *run, struct complaint *c)
{
	struct counters expected;

	if (counters_parse(&expected, run->sc->counters)) {
		complain(c, "malformed counters");
		return;
	}
	for (int i = 0; i < COUNTERS_MAX; i++) {
		if ((i == TW || i == TW_KILLED) && !counters_tw_at_begin())
			continue;
		if (expected.value[i] != run->st->moved.value[i])
			complain(c, "%s expected %lld, got %lld", counter_names[i], expected.value[i], run->st->moved.value[i]);
	}
}

/*
 * Something else happened than the row says: a step failed or, on a machine that stalls, TCP sent again what came late. Steps and the
 * kernel's counters tell, whatever a tracer makes of it.
 */
static bool went_astray(const struct run *run, struct complaint *c)
{
	if (*run->st->trouble)
		complain(c, "%s", run->st->trouble);
	judge_counters(run, c);
	return c->len;
}

/* Play those again that went astray; what is to happen before the tracer starts cannot. */
static void play_encores(struct run *runs, int n, int at_once, bool dry)
{
	static struct run again[RUNS_MAX];
	int of[RUNS_MAX], m = 0;

	for (int i = 0; i < n; i++) {
		struct complaint c = { .len = 0 };

		if (runs[i].skip || runs[i].sc->before || !went_astray(&runs[i], &c))
			continue;
		printf("retried %s: went astray, %s\n", runs[i].name, c.text);
		again[m] = runs[i];
		again[m].st = stage_new(runs[i].sc, runs[i].st->family);
		if (again[m].st && set_up(&again[m], dry))
			of[m++] = i;
	}
	if (m)
		play_all(again, m, at_once);
	for (int i = 0; i < m; i++)
		runs[of[i]] = again[i];
}

static struct knowledge knowledge_of(const json_t *lines)
{
	bool fentry = lines && value_is(summary_of(lines), "backend", "fentry");
	int major = 0, minor = 0;
	struct utsname u;

	if (!uname(&u))
		sscanf(u.release, "%d.%d", &major, &minor);
	return (struct knowledge){ fentry, fentry || major > 6 || (major == 6 && minor >= 10) };
}

/* lines NULL: there was no tracer. */
static void judge(const struct run *run, const json_t *lines, const struct knowledge *k, struct complaint *c)
{
	json_t *expected = expect_all(run->sc->events, run->st, k), *events;

	went_astray(run, c);
	if (!expected) {
		complain(c, "malformed events");
		return;
	}
	expect_referee(expected, &run->st->moved, c);
	if (lines) {
		events = events_of(run, lines);
		expect_compare(expected, events, run->st->late_ns, c);
		expect_referee(events, &run->st->moved, c);
		json_decref(events);
	}
	json_decref(expected);
}

/* The last events need a moment from the kernel to the file: until there are as many as expected, or it takes too long. */
static void await_last_words(const struct tracer *t, const struct run *runs, int n)
{
	for (int ms = 0; ms < LAST_WORDS_MS; ms += 200) {
		json_t *lines = tracer_lines(t, NULL);
		bool all = true;

		for (int i = 0; i < n && all; i++) {
			json_t *expected = expect_all(runs[i].sc->events, runs[i].st, &(struct knowledge){ false, false });
			json_t *events = events_of(&runs[i], lines);

			all = runs[i].skip || json_array_size(events) >= json_array_size(expected);
			json_decref(events);
			json_decref(expected);
		}
		json_decref(lines);
		if (all)
			return;
		poll(NULL, 0, 200);
	}
}

struct tally {
	int passed, failed, skipped;
	int once_more; /* failed, and are to be played once more */
	bool last;     /* ... not again */
};

static void say(struct tally *t, const char *name, const char *skip, const struct complaint *c)
{
	if (skip)
		printf("skip %s: %s\n", name, skip);
	else if (c->len)
		printf("FAIL %s: %s\n", name, c->text);
	else
		printf("ok %s\n", name);
	t->skipped += skip != NULL;
	t->failed += !skip && c->len;
	t->passed += !skip && !c->len;
}

static long long missed(const json_t *lines)
{
	return lines ? json_integer_value(json_object_get(summary_of(lines), "missed")) : 0;
}

static void say_of(struct tally *t, struct run *run, long long missed, const struct complaint *c)
{
	run->once_more = !run->skip && c->len && missed && !t->last;
	if (!run->once_more) {
		say(t, run->name, run->skip, c);
		return;
	}
	printf("retried %s: %lld hooks left out, %s\n", run->name, missed, c->text);
	t->once_more++;
}

static void judge_all(struct run *runs, int n, const json_t *lines, struct tally *t)
{
	/* The timer backend has no hook in accept(); see expect.c for what follows from that. */
	struct knowledge k = knowledge_of(lines);

	for (int i = 0; i < n; i++) {
		struct complaint c = { .len = 0 };

		if (!runs[i].skip)
			judge(&runs[i], lines, &k, &c);
		say_of(t, &runs[i], missed(lines), &c);
	}
}

/* The same events by both, but for what the README says only one can know. */
static void judge_differences(struct run *runs, int n, json_t *const lines[2], struct tally *t)
{
	long long worst_ns = 0;

	for (int i = 0; i < n; i++) {
		json_t *timer = events_of(&runs[i], lines[0]), *fentry = events_of(&runs[i], lines[1]);
		struct complaint c = { .len = 0 };

		if (!runs[i].skip && *runs[i].st->trouble)
			complain(&c, "%s", runs[i].st->trouble);
		if (!runs[i].skip)
			differential_compare(timer, fentry, &worst_ns, &c);
		if (!runs[i].skip && !json_array_size(timer))
			complain(&c, "neither saw anything");
		say_of(t, &runs[i], missed(lines[0]) + missed(lines[1]), &c);
		json_decref(timer);
		json_decref(fentry);
	}
	printf("durations differ by at most %.1f ms\n", worst_ns / 1e6);
}

static void judge_output(const json_t *lines, const char *backend, const struct complaint *schema, const struct complaint *exit,
			 struct tally *t)
{
	struct complaint summary = { .len = 0 };

	if (summary_of(lines))
		schema_check_summary(summary_of(lines), lines, &summary);
	else
		complain(&summary, "the last line is not a summary");
	if (backend && summary_of(lines) && !value_is(summary_of(lines), "backend", backend))
		complain(&summary, "the backend is not %s", backend);
	say(t, "schema", NULL, schema);
	say(t, "summary", NULL, &summary);
	say(t, "stopped by SIGINT", NULL, exit);
}

static void audience_leaves(struct audience *a)
{
	for (int i = 0; i < a->n; i++) {
		json_decref(a->lines[i]);
		tracer_forget(&a->tracer[i]);
	}
}

static bool audience_comes(struct audience *a, const struct options *o, struct complaint *c)
{
	const char *program = getenv("TWTRACE");

	for (a->n = 0; a->n < (o->both ? 2 : 1); a->n++) {
		struct complaint ignored = { .len = 0 };

		if (tracer_start(&a->tracer[a->n], program ? program : "./twtrace", o->both ? backends[a->n] : NULL, c))
			continue;
		tracer_forget(&a->tracer[a->n]);
		for (int i = 0; i < a->n; i++)
			tracer_stop(&a->tracer[i], &ignored);
		audience_leaves(a);
		return false;
	}
	return true;
}

static void judge_audience(struct run *runs, int n, struct audience *a, const struct options *o, struct tally *t)
{
	struct complaint schema[2] = { { .len = 0 } }, stop[2] = { { .len = 0 } };

	for (int i = 0; i < a->n; i++)
		await_last_words(&a->tracer[i], runs, n);
	for (int i = 0; i < a->n; i++) {
		tracer_stop(&a->tracer[i], &stop[i]);
		a->lines[i] = tracer_lines(&a->tracer[i], &schema[i]);
	}
	if (o->both)
		judge_differences(runs, n, a->lines, t);
	else
		judge_all(runs, n, a->lines[0], t);
	for (int i = 0; i < a->n; i++)
		judge_output(a->lines[i], o->both ? backends[i] : NULL, &schema[i], &stop[i], t);
}

static void perform(struct run *runs, int n, const struct options *o, struct tally *t)
{
	struct complaint start = { .len = 0 };
	struct audience audience = { .n = 0 };

	for (int i = 0; i < n; i++)
		if (!runs[i].skip && !set_up(&runs[i], o->dry))
			complain(&start, "%s: no stage", runs[i].name);
	if (start.len || (!o->dry && !audience_comes(&audience, o, &start))) {
		say(t, "start", NULL, &start);
	} else {
		play_all(runs, n, o->playing);
		for (int i = 0; i < ENCORES; i++)
			play_encores(runs, n, o->playing, o->dry);
		if (o->dry)
			judge_all(runs, n, NULL, t);
		else
			judge_audience(runs, n, &audience, o, t);
		for (int i = 0; i < audience.n && o->keep; i++)
			printf("kept %s\n", audience.tracer[i].out);
		if (!o->keep)
			audience_leaves(&audience);
	}
}

/* Those that are to be played once more, as if they were asked for. */
static int collect_once_more(struct run *runs, int n)
{
	char *names[RUNS_MAX + 1];
	static char name[RUNS_MAX][sizeof(runs->name)];
	int m = 0;

	for (int i = 0; i < n; i++)
		if (runs[i].once_more) {
			names[m] = strcpy(name[m], runs[i].name);
			m++;
		}
	names[m] = NULL;
	return collect(runs, names);
}

static int perform_and_sum_up(struct run *runs, int n, const struct options *o)
{
	struct tally t = { 0 };

	perform(runs, n, o, &t);
	if (t.once_more) {
		t.last = true;
		n = collect_once_more(runs, n);
		perform(runs, n, o, &t);
	}
	printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped);
	return t.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static const char usage[] =
	"usage: catalogue [-l] [-k] [--slow] [--dry|--both] [SCENARIO…]\n"
	"  -l, --list   list the scenarios and what they run with\n"
	"  -k, --keep   keep the JSON lines and say where\n"
	"  --slow       few at a time, for a machine on which each takes long\n"
	"  --dry        play without a tracer and judge by the kernel's counters alone\n"
	"  --both       one tracer of each backend at the same time, and judge by whether they say the same; BACKEND=both means it, too\n"
	"TWTRACE=path of the program, ./twtrace by default. SCENARIO is a name, with or without its /4, /6 or /mapped.\n";

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "list", no_argument, NULL, 'l' }, { "keep", no_argument, NULL, 'k' }, { "dry", no_argument, NULL, 'd' },
		{ "both", no_argument, NULL, 'b' }, { "slow", no_argument, NULL, 's' },
		{ 0 },
	};
	const char *backend = getenv("BACKEND");
	bool slow = false;
	int c;

	o->both = backend && !strcmp(backend, "both");
	while ((c = getopt_long(argc, argv, "lk", options, NULL)) != -1) {
		o->list |= c == 'l';
		o->keep |= c == 'k';
		o->dry |= c == 'd';
		o->both |= c == 'b';
		slow |= c == 's';
		if (c == '?')
			return false;
	}
	o->playing = slow || o->both ? PLAYING_SLOW : PLAYING_MAX;
	return true;
}

int main(int argc, char **argv)
{
	static struct run runs[RUNS_MAX];
	struct options o = { 0 };
	int n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!parse(argc, argv, &o)) {
		fputs(usage, stderr);
		return 2;
	}
	n = collect(runs, argv + optind);
	if (n <= 0) {
		fprintf(stderr, "catalogue: no such scenario\n");
		return 2;
	}
	for (int i = 0; o.list && i < n; i++)
		puts(runs[i].name);
	return o.list ? EXIT_SUCCESS : perform_and_sum_up(runs, n, &o);
}
