/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* row.c: sums over one row. See row.h. */
#include "row.h"

#include "sum.h"

__u64 row_closed_by(const struct row *row, enum closer closer)
{
	return sum(row->closed[closer], HOW_MAX);
}

__u64 row_closes(const struct row *row)
{
	__u64 closes = 0;

	for (int closer = 0; closer < CLOSER_MAX; closer++)
		closes += row_closed_by(row, closer);
	return closes;
}

__u64 row_timeouts(const struct row *row)
{
	__u64 timeouts = 0;

	for (int closer = 0; closer < CLOSER_MAX; closer++)
		timeouts += row->closed[closer][HOW_TIMEOUT];
	return timeouts;
}

__u64 row_connect_failed(const struct row *row)
{
	return sum(row->connect_failed, REASON_MAX);
}

unsigned row_busy_seconds(const struct row *row)
{
	return (unsigned)__builtin_popcountll(row->busy);
}

__u64 row_tw_now(const struct row *row)
{
	/* A close that the ring had no room for leaves an end without its beginning. */
	return row->tw_now > 0 ? (__u64)row->tw_now : 0;
}
