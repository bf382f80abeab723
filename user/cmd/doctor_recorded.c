/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor_recorded.c: `twtrace doctor FILE`: the same from recorded events, as far as they tell. Needs neither root nor BPF. */
#include <errno.h>
#include <string.h>

#include "commands.h"
#include "diagnosis.h"
#include "exit_codes.h"
#include "recorded.h"
#include "source/say.h"
#include "streams.h"

struct visit {
	const struct options *options;
	struct signals signals;
	struct output output;
	struct recorded_table recorded;
	struct subject *subjects;
	struct facts facts;
};

static int read_recordings(struct visit *visit)
{
	const struct options *o = visit->options;
	int r = diagnosis_table(&visit->recorded.table, 0);

	if (r)
		return say_err(r, "cannot begin: %s", strerror(-r));
	visit->recorded.add = diagnosis_add;
	return recorded_table_read(&visit->recorded, o, o->files, o->nfiles, &visit->signals);
}

/* The totals speak of all that was recorded: with a filter, or of a part, they are of something else than the events looked at.
 */
static void use_summary(struct visit *visit)
{
	struct facts *facts = &visit->facts;

	if (visit->options->filtered)
		facts->why_unknown[PART_SUMMARY] = "they are of all that was recorded, not of what the filter lets through";
	else if (recording_state(visit->recorded.recording)->unfinished || visit->signals.stop)
		facts->why_unknown[PART_SUMMARY] = "the recording was not read to a summary at its end";
	else
		facts->summary = recording_summary(visit->recorded.recording);
}

static int judge(struct visit *visit)
{
	struct facts *facts = &visit->facts;
	int r = diagnosis_subjects(&visit->subjects, visit->recorded.table, facts);

	if (r)
		return r;
	facts->seconds = (double)recording_state(visit->recorded.recording)->duration_ns / 1e9;
	facts->why_unknown[PART_SYSCTLS] = facts->why_unknown[PART_PORTS] = facts->why_unknown[PART_LEAKS] =
		"a recording does not hold them";
	facts->why_unknown[PART_SETTINGS] = "this host's may not be the recorded one's";
	use_summary(visit);
	return diagnosis_print(visit->output.file, facts, visit->options->json,
			       facts->summary ? facts->summary->run.ts : visit->recorded.last_ts, 0);
}

int cmd_doctor_recorded(const struct options *options)
{
	struct visit visit = {.options = options};
	int r = streams_open(&visit.signals, &visit.output);

	if (r)
		return exit_code_of(r);
	r = streams_heed(&visit.signals);
	if (!r)
		r = read_recordings(&visit);
	if (!r)
		r = judge(&visit);
	if (!r)
		r = streams_flush(&visit.output);
	streams_close(&visit.signals, &visit.output);
	subjects_free(visit.subjects, visit.facts.nsubjects);
	recorded_table_free(&visit.recorded);
	return r == -EPIPE ? EXIT_CODE_OK : exit_code_of(r);
}
