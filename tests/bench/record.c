/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * record: writes a recording as `twtrace events --json` would, as long as is asked for: record LINES [ROWS]. Half of the lines are
 * closes, half ends of TIME_WAITs, spread over ROWS processes and endpoints (1000), the same at every run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "view/json_lines.h"

static unsigned long below(unsigned long n)
{
	return (unsigned long)random() % n;
}

static void set_row(struct event *e, unsigned long row)
{
	struct process process = {.pid = 1000 + (__u32)(row % 10)};

	snprintf(process.comm, sizeof(process.comm), "worker-%lu", row % 10);
	e->owner = e->closer_process = process;
	e->raddr[2] = (__u8)(row / 10 % 10);
	e->raddr[3] = (__u8)(row / 100 % 200);
	e->rport = (__u16)(80 + row / 20000);
}

static struct event make(unsigned long i, unsigned long rows)
{
	struct event e = {
		.version = EVENT_VERSION,
		.type = i % 2 ? EVENT_TIMEWAIT : EVENT_CLOSE,
		.family = 4,
		.role = ROLE_CLIENT,
		.closer = below(4) ? CLOSER_LOCAL : CLOSER_REMOTE,
		.how = HOW_FIN,
		.cause = CAUSE_CLOSE,
		.owner_source = OWNER_CONNECT,
		.lport = (__u16)(32768 + below(28232)),
		.laddr = {10, 0, 0, 1},
		.raddr = {10, 1},
		.ts = 1709210096000000000 + i * 20000,
		.cgroup = 7755,
		.netns = 4026531840u,
	};

	set_row(&e, below(rows));
	if (e.closer == CLOSER_REMOTE)
		e.cause = CAUSE_NONE;
	if (e.type == EVENT_TIMEWAIT) {
		e.end = END_EXPIRED;
		e.tw.time_wait_ns = 60000000000 + below(50000000);
		e.tw.fin_wait2_ns = below(1000000);
		return e;
	}
	e.timewait = e.closer == CLOSER_LOCAL ? TIMEWAIT_ENTERED : TIMEWAIT_NONE;
	e.close.lifetime_ns = below(2000000000);
	e.close.closing_ns = below(10000000);
	e.close.close_wait_ns = UNKNOWN_NS;
	e.close.fin_wait2_ns = below(1000000);
	e.close.tx_bytes = below(10000);
	e.close.rx_bytes = below(1000000);
	return e;
}

int main(int argc, char **argv)
{
	unsigned long lines = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, rows = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
	struct totals totals[TOTALS_MAX] = {0};
	struct run run = {.backend = "timer", .backend_why = "made up", .kernel = "none"};
	struct summary summary;
	struct json json;

	if (!lines || !rows) {
		fputs("usage: record LINES [ROWS]\n", stderr);
		return 2;
	}
	json_init(&json, stdout);
	for (unsigned long i = 0; i + 1 < lines; i++) {
		struct event e = make(i, rows);

		json_event(&json, &e, 0);
	}
	run.duration_ns = lines * 20000;
	summary_make(&summary, &run, totals, NULL);
	json_summary(&json, &summary, 1709210096000000000);
	return fflush(stdout) ? 1 : 0;
}
