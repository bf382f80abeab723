/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* names.c: one table of words for each enum. An enumerator without a word does not compile. */
#include "names.h"

#include <assert.h>
#include <string.h>

#include "event.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Positional, not designated: a missing word then makes the table too short, whichever it is. */
#define DEFINE_NAMES(function, max, ...)                                                                                         \
	const char *function(unsigned value)                                                                                     \
	{                                                                                                                        \
		static const char *const words[] = {__VA_ARGS__};                                                                \
		static_assert(COUNT_OF(words) == (max), #function "() needs a word for every enumerator");                       \
		return value < COUNT_OF(words) ? words[value] : "unknown";                                                       \
	}

DEFINE_NAMES(event_type_name, EVENT_TYPE_MAX, "unknown", "close", "timewait", "connect_failed")
DEFINE_NAMES(role_name, ROLE_MAX, "unknown", "client", "server")
DEFINE_NAMES(closer_name, CLOSER_MAX, "none", "local", "remote", "both")
DEFINE_NAMES(how_name, HOW_MAX, "fin", "rst", "timeout", "error")
DEFINE_NAMES(cause_name, CAUSE_MAX, "none", "unknown", "close", "shutdown", "exit", "unread_data", "linger0", "disconnect",
	     "killed", "listener_closed")
DEFINE_NAMES(owner_source_name, OWNER_SOURCE_MAX, "unknown", "connect", "accept", "close", "iterator", "listener")
DEFINE_NAMES(timewait_name, TIMEWAIT_MAX, "none", "entered", "skipped")
DEFINE_NAMES(end_name, END_MAX, "unknown", "expired", "reused_connect", "reused_syn", "reset", "data_reset", "killed", "purged",
	     "fin_wait2_timeout")
DEFINE_NAMES(reason_name, REASON_MAX, "refused", "timeout", "no_port", "unreachable", "aborted")
DEFINE_NAMES(lost_name, LOST_MAX, "ring_close", "ring_timewait", "ring_connect_failed", "connection_map", "connecting_map",
	     "listener_map", "pending_map", "overwritten", "timewait_map")

const char *errno_name(unsigned error)
{
	const char *name = strerrorname_np((int)error); /* glibc 2.32 */

	return name ? name : "unknown";
}
