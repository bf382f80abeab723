// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* say.c: one clear line on stderr. */
#include <stdarg.h>
#include <stdio.h>

#include "source/say.h"

int say_err(int err, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fprintf(stderr, "twtrace: %s\n", line);
	return err;
}
