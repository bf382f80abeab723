/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* commands.h: the table of commands, and one function for each. They return an enum exit_code. */
#ifndef TWTRACE_COMMANDS_H
#define TWTRACE_COMMANDS_H

#include "options.h"

/* The first one runs when no command is named. The end of the table has no name. */
extern const struct command commands[];

int cmd_table(const struct options *options);
int cmd_events(const struct options *options);
int cmd_doctor(const struct options *options);
int cmd_doctor_recorded(const struct options *options); /* cmd_doctor() with files */
int cmd_census(const struct options *options);
int cmd_ports(const struct options *options);
int cmd_report(const struct options *options);
int cmd_probe(const struct options *options);

#endif
