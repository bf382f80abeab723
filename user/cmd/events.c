/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* events.c: `twtrace events`: a line for every close, TIME_WAIT end and failed connect, and the summary behind them. */
#include "commands.h"
#include "exit_codes.h"
#include "loop.h"
#include "view/json_lines.h"
#include "view/text_event.h"
#include "view/text_summary.h"

struct stream {
	struct session session;
	struct text_events text;
	struct json json;
};

static void on_event_text(const struct event *e, void *ctx)
{
	struct stream *stream = ctx;

	text_event(&stream->text, stream->session.output.file, e, stream->session.clock_offset);
}

static void on_event_json(const struct event *e, void *ctx)
{
	struct stream *stream = ctx;

	json_event(&stream->json, e, stream->session.clock_offset);
}

static int run(struct stream *stream)
{
	bool json = stream->session.options->json;
	struct handlers handlers = {.event = json ? on_event_json : on_event_text, .ctx = stream};

	json_init(&stream->json, stream->session.output.file);
	if (!json)
		text_events_header(&stream->text, stream->session.output.file);
	return loop_run_and_stop(&stream->session, &handlers);
}

static int sum_up(struct stream *stream)
{
	FILE *out = stream->session.output.file;
	struct summary summary;
	int r = session_summary(&stream->session, &summary);

	if (r)
		return r;
	if (stream->session.options->json) {
		json_summary(&stream->json, &summary, stream->session.clock_offset);
	} else {
		putc('\n', out);
		text_summary(out, &summary);
	}
	return 0;
}

int cmd_events(const struct options *options)
{
	struct stream stream = {0};
	int r = session_begin(&stream.session, options);

	if (r)
		return exit_code_of(r);
	r = run(&stream);
	if (!r)
		r = sum_up(&stream);
	return session_end(&stream.session, r);
}
