/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_ports.c: see json_ports.h. */
#include "json_ports.h"

#include "format.h"
#include "json_part.h"

static void put_key(struct json *j, const struct port_pair_key *key)
{
	char address[FORMAT_ADDRESS_MAX];

	json_id(j, "netns", key->netns);
	json_u64(j, "family", key->family);
	json_word(j, "laddr", format_address(address, key->family, key->laddr));
	json_word(j, "raddr", key->any_remote ? NULL : format_address(address, key->family, key->raddr));
	json_id(j, "rport", key->rport);
}

static void put_count(struct json *j, const char *key, __u64 count, bool known)
{
	if (known)
		json_u64(j, key, count);
	else
		json_null(j, key);
}

static void put_rate(struct json *j, const char *key, double rate, bool known)
{
	if (known)
		json_double(j, key, rate);
	else
		json_null(j, key);
}

static void put_process(struct json *j, const struct port_pair *p)
{
	const struct port_process *first = p->nprocesses ? &p->processes[0] : NULL;

	json_u64(j, "processes", p->nprocesses);
	json_process(j, "pid", "comm", first ? &first->process : NULL);
	put_count(j, "pid_held", first ? first->held : 0, first);
	put_count(j, "pid_no_port", first ? first->no_port : 0, first);
}

static void put_refused(struct json *j, const struct port_pair *p, const struct port_process *process, __u64 unix_ns)
{
	json_lines_begin(j, "no_port", unix_ns);
	put_key(j, &p->key);
	json_process(j, "pid", "comm", &process->process);
	json_u64(j, "no_port", process->no_port);
	json_end(j);
}

void json_ports(struct json *j, const struct port_pair *p, __u64 unix_ns)
{
	json_lines_begin(j, "ports", unix_ns);
	put_key(j, &p->key);
	put_count(j, "range", p->range, p->known);
	put_count(j, "reserved", p->reserved, p->known);
	put_count(j, "bound", p->bound, p->known);
	put_count(j, "usable", p->usable, p->known);
	put_count(j, "connections", p->connections, p->known);
	put_count(j, "time_wait", p->time_wait, p->known);
	put_count(j, "reusable", p->reusable, p->known);
	put_count(j, "held", p->held, p->known);
	put_count(j, "free", p->free, p->known);
	put_rate(j, "share", p->share, p->known);
	put_rate(j, "rate", p->rate, p->known);
	put_rate(j, "max_rate", p->max_rate, p->known);
	put_count(j, "hold_ns", p->hold_ns, p->known);
	json_duration(j, "left_ns", p->left_ns);
	json_u64(j, "no_port", p->no_port);
	put_process(j, p);
	json_end(j);
	for (size_t i = 0; i < p->nprocesses; i++)
		if (p->processes[i].no_port)
			put_refused(j, p, &p->processes[i], unix_ns);
}
