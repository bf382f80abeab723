/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_census.c: see json_census.h. */
#include "json_census.h"

#include <stdbool.h>
#include <string.h>

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
	json_u64(j, "guessed", row->guessed);
	json_u64(j, "orphans", census_orphans(row));
	json_u64(j, "orphan_fin_wait1", row->orphans[STATE_FIN_WAIT1].n);
	json_u64(j, "orphan_fin_wait2", row->orphans[STATE_FIN_WAIT2].n);
	json_u64(j, "orphan_closing", row->orphans[STATE_CLOSING].n);
	json_u64(j, "orphan_last_ack", row->orphans[STATE_LAST_ACK].n);
	json_u64(j, "leaked", row->leaked.n);
	json_duration(j, "leaked_longest_ns", row->leaked.oldest_ns);
	json_bool(j, "leaked_at_least", row->leaked.at_least);
}

static void put_endpoint(struct json *j, const struct row_key *key)
{
	const struct endpoint *endpoint = &key->endpoint;
	char text[FORMAT_ENDPOINT_MAX];
	bool whole = endpoint->family && !key->prefix;
	__u8 network[16];
	unsigned prefix;

	json_word(j, "role", whole ? role_name(endpoint->role) : NULL);
	json_word(j, "endpoint", whole ? format_endpoint(text, endpoint) : NULL);
	if (!endpoint->family) {
		json_null(j, "remote");
		return;
	}
	prefix = group_network(network, endpoint->family, endpoint->addr);
	json_word(j, "remote", format_network(text, endpoint->family, network, prefix));
}

static void put_comm(struct json *j, const struct process *process)
{
	if (process->comm[0])
		json_string(j, "comm", process->comm, strnlen(process->comm, sizeof(process->comm)));
	else
		json_null(j, "comm");
}

static void put_row(struct json *j, const struct census_row *row, __u64 unix_ns)
{
	json_lines_begin(j, "census_row", unix_ns);
	json_id(j, "pid", row->key.process.pid);
	put_comm(j, &row->key.process);
	put_endpoint(j, &row->key);
	json_id(j, "cgroup", row->key.cgroup);
	json_id(j, "netns", row->key.netns);
	json_u64(j, "other", row->folded);
	put_counts(j, row);
	json_end(j);
}

void json_census(struct json *j, struct census *census, __u64 close_wait_ns, size_t most, __u64 unix_ns)
{
	const struct census_row *const *rows;
	struct census_row rest;
	size_t n;

	rows = census_rows(census, &n);
	for (size_t i = 0; i < n && i < most; i++)
		put_row(j, rows[i], unix_ns);
	census_rest(census, most, &rest);
	if (rest.folded)
		put_row(j, &rest, unix_ns);
	json_lines_begin(j, "census", unix_ns);
	json_u64(j, "close_wait_older_ns", close_wait_ns);
	put_counts(j, census_total(census));
	json_end(j);
}
