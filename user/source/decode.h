/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * decode.h: one JSON line of `twtrace events --json` (schema: view/json_lines.h) back into what it was made of.
 *
 * Written again, an event gives the same line, but for what the schema leaves out: ts becomes ns since 1970, to the microsecond;
 * an owner that is neither opener nor the process accounted to stays unknown; bytes of a name that were not UTF-8 are 0xff.
 */
#ifndef TWTRACE_DECODE_H
#define TWTRACE_DECODE_H

#include <stddef.h>

#include "event.h"
#include "model/summary.h"

enum decoded {
	DECODED_EVENT,
	DECODED_SUMMARY,
	DECODED_BLANK,   /* an empty line */
	DECODED_NO_JSON, /* not one JSON object */
	DECODED_VERSION, /* of a schema that is not ours */
	DECODED_TYPE,    /* an object of a type that recordings do not have */
	DECODED_VALUE,   /* a key is missing or there twice, or its value cannot be */
};

struct decoder;

/* -ENOMEM. */
int decoder_new(struct decoder **out);
void decoder_free(struct decoder *d);

/*
 * The len bytes of a line, which end in a newline. Keys in any order; those that we do not know are skipped. *e and *s are
 * undefined unless said to be decoded; the strings of *s live until the next line is decoded.
 */
enum decoded decode_line(struct decoder *d, const char *line, size_t len, struct event *e, struct summary *s);

#endif
