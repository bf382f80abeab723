/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* exit_codes.c: see exit_codes.h. */
#include "exit_codes.h"

#include <errno.h>

enum exit_code exit_code_of(int r)
{
	switch (r) {
	case 0:
		return EXIT_CODE_OK;
	case -EPERM:
	case -EACCES:
		return EXIT_CODE_NOT_PERMITTED;
	case -EOPNOTSUPP: /* ENOTSUP is the same number on Linux */
		return EXIT_CODE_NOT_SUPPORTED;
	default:
		return EXIT_CODE_FAILURE;
	}
}
