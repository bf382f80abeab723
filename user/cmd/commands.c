/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* commands.c: the table of commands. See commands.h. */
#include "commands.h"

const struct command commands[] = {
	{"", cmd_table, "who closes first, what it costs", FOR_TABLE},
	{"events", cmd_events, "a line for every end", FOR_EVENTS},
	{"doctor", cmd_doctor, "what is wrong, and what to do", FOR_DOCTOR},
	{"census", cmd_census, "sockets by state and process", FOR_CENSUS},
	{"ports", cmd_ports, "who runs out of local ports", FOR_PORTS},
	{"report", cmd_report, "the table of recorded events", FOR_REPORT},
	{"probe", cmd_probe, "what this kernel offers", FOR_PROBE},
	{.name = NULL},
};
