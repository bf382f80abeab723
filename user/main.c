/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main.c: picks the command, nothing more. */
#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/exit_codes.h"
#include "cmd/signals.h"

int main(int argc, char **argv)
{
	struct options options;

	signals_begin();
	if (options_parse(&options, commands, argc, argv, stderr))
		return EXIT_CODE_USAGE;
	switch (options.action) {
	case ACTION_HELP:
		options_help(commands, options.command, stdout);
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
