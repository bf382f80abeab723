/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* exit_codes.h: what twtrace tells the shell. */
#ifndef TWTRACE_EXIT_CODES_H
#define TWTRACE_EXIT_CODES_H

enum exit_code {
	EXIT_CODE_OK = 0,            /* ran as long as it was asked to, or nobody read its output any more */
	EXIT_CODE_FAILURE = 1,       /* something went wrong on the way */
	EXIT_CODE_USAGE = 2,         /* the command line makes no sense; nothing was started */
	EXIT_CODE_NOT_PERMITTED = 3, /* lacks root or the capabilities for BPF */
	EXIT_CODE_NOT_SUPPORTED = 4, /* this kernel lacks something that cannot be done without */
};

/* For what a function returned: 0 or -errno. */
enum exit_code exit_code_of(int r);

#endif
