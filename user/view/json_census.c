/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_census.c: see json_census.h. */
#include "json_census.h"

#include "format.h"
#include "json_part.h"
#include "model/names.h"

static const struct state_key {
	enum tcp_state state;
	const char *key;
} states[] = {
	{STATE_ESTABLISHED, "established"}, {STATE_SYN_SENT, "syn_sent"},     {STATE_SYN_RECV, "syn_recv"},
	{STATE_FIN_WAIT1, "fin_wait1"},     {STATE_FIN_WAIT2, "fin_wait2"},   {STATE_TIME_WAIT, "time_wait"},
	{STATE_CLOSE, "close"},             {STATE_CLOSE_WAIT, "close_wait"}, {STATE_LAST_ACK, "last_ack"},
	{STATE_LISTEN, "listen"},           {STATE_CLOSING, "closing"},
};

static void put_counts(struct json *j, const struct census_row *row)
{
	json_u64(j, "sockets", row->total);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		json_u64(j, states[i].key, row->states[states[i].state]);
	json_u64(j, "orphans", census_orphans(row));
	json_u64(j, "orphan_fin_wait1", row->orphans[STATE_FIN_WAIT1].n);
	json_u64(j, "orphan_fin_wait2", row->orphans[STATE_FIN_WAIT2].n);
	json_u64(j, "orphan_closing", row->orphans[STATE_CLOSING].n);
	json_u64(j, "orphan_last_ack", row->orphans[STATE_LAST_ACK].n);
	json_u64(j, "leaked", row->leaked.n);
	json_duration(j, "leaked_longest_ns", row->leaked.oldest_ns);
	json_bool(j, "leaked_at_least", row->leaked.at_least);
}

static void put_row(struct json *j, const struct census_row *row, __u64 unix_ns)
{
	const struct endpoint *endpoint = &row->key.endpoint;
	char address[FORMAT_ADDRESS_MAX];

	json_lines_begin(j, "census_row", unix_ns);
	json_process(j, "pid", "comm", &row->key.process);
	json_word(j, "role", role_name(endpoint->role));
	json_u64(j, "family", endpoint->family);
	json_word(j, "raddr", format_address(address, endpoint->family, endpoint->addr));
	json_u64(j, "port", endpoint->port);
	put_counts(j, row);
	json_end(j);
}

void json_census(struct json *j, struct census *census, __u64 close_wait_ns, __u64 unix_ns)
{
	const struct census_row *const *rows;
	size_t n;

	rows = census_rows(census, &n);
	for (size_t i = 0; i < n; i++)
		put_row(j, rows[i], unix_ns);
	json_lines_begin(j, "census", unix_ns);
	json_u64(j, "close_wait_older_ns", close_wait_ns);
	put_counts(j, census_total(census));
	json_end(j);
}
