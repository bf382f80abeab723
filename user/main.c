/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main.c: picks the command, nothing more. */
#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/exit_codes.h"

/* The first one runs when no command is named. */
static const struct command commands[] = {
	{"", cmd_table, "who closes first, what it costs", FOR_TABLE},
	{"events", cmd_events, "a line for every end", FOR_EVENTS},
	{"doctor", cmd_doctor, "what is wrong, and what to do", FOR_DOCTOR},
	{"census", cmd_census, "sockets by state and process", FOR_CENSUS},
	{"ports", cmd_ports, "who runs out of local ports", FOR_PORTS},
	{"report", cmd_report, "the table of recorded events", FOR_REPORT},
	{"probe", cmd_probe, "what this kernel offers", FOR_PROBE},
	{.name = NULL},
};

int main(int argc, char **argv)
{
	struct options options;

	if (options_parse(&options, commands, argc, argv, stderr))
		return EXIT_CODE_USAGE;
	switch (options.action) {
	case ACTION_HELP:
		options_help(commands, stdout);
		return EXIT_CODE_OK;
	case ACTION_VERSION:
		puts("twtrace " TWTRACE_VERSION);
		return EXIT_CODE_OK;
	case ACTION_LIST_COLUMNS:
		fields_list(stdout);
		return EXIT_CODE_OK;
	case ACTION_RUN:
		break;
	}
	return options.command->run(&options);
}
