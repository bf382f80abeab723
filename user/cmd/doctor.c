/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor.c: `twtrace doctor`: watches for a while, then says what is wrong, why, and what to change. */
#include <string.h>

#include "commands.h"
#include "diagnosis.h"
#include "exit_codes.h"
#include "live_facts.h"
#include "loop.h"
#include "source/say.h"

/* Long enough to tell what is steady from a burst, short enough to wait for. */
#define DEFAULT_DURATION_NS 10000000000ULL

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
	int r = diagnosis_add(visit->table, e);

	if (!r)
		r = live_facts_event(&visit->live, e);
	if (r && !visit->session.failed)
		visit->session.failed = say_err(r, "cannot count an event: %s", strerror(-r));
}

static int drain(void *ctx)
{
	struct visit *visit = ctx;
	int r = tracer_read(visit->session.tracer, on_event, visit);

	return r < 0 ? r : visit->session.failed;
}

static int on_ending(void *ctx)
{
	struct visit *visit = ctx;
	int r;

	signals_let_kill(); /* this may take a while, and nothing has been said yet that would be cut off */
	r = live_facts_look(&visit->live, &visit->session, &visit->facts, drain, visit);

	return r ? say_err(r, "cannot look at the sockets: %s", strerror(-r)) : 0;
}

static int watch(struct visit *visit)
{
	struct handlers handlers = {.event = on_event, .ending = on_ending, .ctx = visit};
	int r = diagnosis_table(&visit->table, visit->session.start);

	if (!r)
		r = live_facts_begin(&visit->live, &visit->options.tracer.filter, &visit->facts);
	return r ? say_err(r, "cannot begin: %s", strerror(-r)) : loop_run_and_stop(&visit->session, &handlers);
}

static int judge(struct visit *visit)
{
	struct session *session = &visit->session;
	int r = session_summary(session, &visit->summary);

	visit->facts.summary = &visit->summary;
	visit->facts.seconds = (double)visit->summary.run.duration_ns / 1e9;
	if (!r)
		r = diagnosis_subjects(&visit->subjects, visit->table, &visit->facts);
	return r ? r
		 : diagnosis_print(session->output.file, &visit->facts, visit->options.json, visit->summary.run.ts,
				   session->clock_offset);
}

static int live_doctor(const struct options *options)
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
		r = judge(&visit);
	subjects_free(visit.subjects, visit.facts.nsubjects);
	live_facts_free(&visit.live);
	table_free(visit.table);
	return session_end(&visit.session, r);
}

int cmd_doctor(const struct options *options)
{
	return options->nfiles ? cmd_doctor_recorded(options) : live_doctor(options);
}
