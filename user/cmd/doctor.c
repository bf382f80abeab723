/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor.c: `twtrace doctor`: watches for a while, then says what is wrong, why, and what to change. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "commands.h"
#include "exit_codes.h"
#include "live_facts.h"
#include "model/rules.h"
#include "model/table.h"
#include "session.h"
#include "source/say.h"
#include "view/json_findings.h"
#include "view/json_lines.h"
#include "view/text_findings.h"
#include "view/text_summary.h"

/* Long enough to tell what is steady from a burst, short enough to wait for. */
#define DEFAULT_DURATION_NS 10000000000ULL

enum { WIDTH_MIN = 60, WIDTH_DEFAULT = 100, WIDTH_MAX = 120 };

struct visit {
	struct options options;
	struct session session;
	struct table *table;
	struct live_facts live;
	struct summary summary;
	struct subject *subjects;
	struct facts facts;
};

static void on_event(const struct event *e, void *ctx)
{
	struct visit *visit = ctx;
	int r = table_add(visit->table, e);

	if (!r)
		r = live_facts_event(&visit->live, e);
	if (r && !visit->session.failed)
		visit->session.failed = say_err(r, "cannot count an event: %s", strerror(-r));
}

static int on_ending(void *ctx)
{
	struct visit *visit = ctx;
	int r = live_facts_look(&visit->live, &visit->session, &visit->facts);

	return r ? say_err(r, "cannot look at sockets and sysctls: %s", strerror(-r)) : 0;
}

static int watch(struct visit *visit)
{
	struct handlers handlers = {.event = on_event, .ending = on_ending, .ctx = visit};
	int r = table_new(&visit->table, NULL, visit->session.start);

	if (!r)
		r = live_facts_begin(&visit->live);
	return r ? say_err(r, "cannot begin: %s", strerror(-r)) : session_run(&visit->session, &handlers);
}

static int sum_up(struct visit *visit)
{
	struct facts *facts = &visit->facts;
	const struct row *const *rows;
	size_t n;
	int r = session_summary(&visit->session, &visit->summary);

	if (r)
		return r;
	facts->summary = &visit->summary;
	facts->seconds = (double)visit->summary.run.duration_ns / 1e9;
	rows = table_rows(visit->table, &n);
	r = subjects_make(&visit->subjects, &facts->nsubjects, rows, n);
	facts->subjects = visit->subjects;
	return r ? say_err(r, "cannot sum up: %s", strerror(-r)) : 0;
}

static unsigned text_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return WIDTH_DEFAULT;
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col;
}

static void print(struct visit *visit, const struct diagnosis *d)
{
	FILE *out = visit->session.output.file;
	__s64 offset = visit->session.clock_offset;
	struct json json;

	if (!visit->options.json) {
		text_findings(out, d, visit->facts.seconds, text_width());
		putc('\n', out);
		text_summary(out, &visit->summary);
		return;
	}
	json_init(&json, out);
	json_findings(&json, d, visit->facts.seconds, visit->summary.run.ts + (__u64)offset);
	json_summary(&json, &visit->summary, offset);
}

static int judge(struct visit *visit)
{
	struct diagnosis d;
	int r = diagnose(&d, &visit->facts);

	if (r)
		return say_err(r, "cannot judge: %s", strerror(-r));
	print(visit, &d);
	diagnosis_clear(&d);
	return 0;
}

int cmd_doctor(const struct options *options)
{
	struct visit visit = {.options = *options};
	int r;

	if (!visit.options.duration_ns)
		visit.options.duration_ns = DEFAULT_DURATION_NS;
	r = session_begin(&visit.session, &visit.options);
	if (r)
		return exit_code_of(r);
	r = watch(&visit);
	if (!r)
		r = sum_up(&visit);
	if (!r)
		r = judge(&visit);
	subjects_free(visit.subjects, visit.facts.nsubjects);
	live_facts_free(&visit.live);
	table_free(visit.table);
	return session_end(&visit.session, r);
}
