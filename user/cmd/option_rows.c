/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* option_rows.c: what each option does with its argument, and the table of them all. See option_rows.h. */
#include "option_rows.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "parse.h"
#include "target.h"
#include "view/sanitize.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

int usage_error(const struct parser *p, const char *format, ...)
{
	char line[512], clean[sizeof(line) + 1];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	sanitize(clean, sizeof(clean), line, strlen(line)); /* an argument may hold anything */
	fprintf(p->err, "twtrace: %s (see twtrace --help)\n", clean);
	return -EINVAL;
}

static int bad_value(const struct parser *p, const char *arg, const char *why)
{
	return usage_error(p, "--%s '%s': %s", p->row->name, arg, why);
}

static int check_room(const struct parser *p, __u32 used, unsigned max)
{
	return used < max ? 0 : usage_error(p, "--%s can be given at most %u times", p->row->name, max);
}

static int set_pid(struct parser *p, const char *arg)
{
	struct filter *f = &p->o->tracer.filter;
	__u64 pid;

	if (parse_number(arg, 1, INT_MAX, &pid))
		return bad_value(p, arg, "not a process ID");
	if (check_room(p, f->npids, FILTER_PIDS_MAX))
		return -EINVAL;
	f->pids[f->npids++] = (__u32)pid;
	return 0;
}

static int set_comm(struct parser *p, const char *arg)
{
	struct filter *f = &p->o->tracer.filter;
	size_t len = strlen(arg);

	if (!len || len >= COMM_LEN)
		return bad_value(p, arg, "process names have 1 to 15 bytes, the kernel cuts longer ones");
	if (check_room(p, f->ncomms, FILTER_COMMS_MAX))
		return -EINVAL;
	memcpy(f->comms[f->ncomms++], arg, len);
	return 0;
}

static int set_port(struct parser *p, const char *arg)
{
	struct filter *f = &p->o->tracer.filter;
	__u64 port;

	if (parse_number(arg, 1, 65535, &port))
		return bad_value(p, arg, "not a port, 1 to 65535");
	if (check_room(p, f->nports, FILTER_PORTS_MAX))
		return -EINVAL;
	f->ports[f->nports++] = (__u16)port;
	return 0;
}

static int set_remote(struct parser *p, const char *arg)
{
	struct filter *f = &p->o->tracer.filter;

	if (check_room(p, f->nremotes, FILTER_REMOTES_MAX))
		return -EINVAL;
	switch (parse_remote(arg, &f->remotes[f->nremotes])) {
	case 0:
		f->nremotes++;
		return 0;
	case -ERANGE:
		return bad_value(p, arg, "prefixes are /0 to /32 for IPv4, to /128 for IPv6");
	default:
		return bad_value(p, arg, "not an address or CIDR such as 10.0.0.0/8 or 2001:db8::/32");
	}
}

static int set_family(struct parser *p, __u8 family)
{
	struct filter *f = &p->o->tracer.filter;

	if (f->family && f->family != family)
		return usage_error(p, "-4 and -6 exclude each other; both are shown by default");
	f->family = family;
	return 0;
}

static int set_ipv4(struct parser *p, const char *arg)
{
	(void)arg;
	return set_family(p, 4);
}

static int set_ipv6(struct parser *p, const char *arg)
{
	(void)arg;
	return set_family(p, 6);
}

static int set_netns(struct parser *p, const char *arg)
{
	struct filter *f = &p->o->tracer.filter;
	int r;

	if (check_room(p, f->nnetns, FILTER_NETNS_MAX))
		return -EINVAL;
	r = target_netns(arg, &f->netns[f->nnetns]);
	if (r == -EINVAL)
		return bad_value(p, arg, "not a network namespace");
	if (r)
		return bad_value(p, arg, strerror(-r));
	f->nnetns++;
	return 0;
}

static int set_duration(struct parser *p, const char *arg)
{
	return parse_seconds(arg, &p->o->duration_ns) ? bad_value(p, arg, "not a number of seconds") : 0;
}

static int set_by(struct parser *p, const char *arg)
{
	const char *bad;
	size_t len;

	if (!group_parse(&p->o->by, arg, &bad, &len))
		return 0;
	return usage_error(p, "--by: no group '%.*s': process, endpoint, comm, remote, cgroup, netns", (int)len, bad);
}

static int set_max_rows(struct parser *p, const char *arg)
{
	__u64 n;

	if (parse_number(arg, 1, 1 << 20, &n))
		return bad_value(p, arg, "not a number from 1 to 1048576");
	p->o->max_rows = (unsigned)n;
	return 0;
}

static int set_sort(struct parser *p, const char *arg)
{
	p->o->sort = field_find(arg, strlen(arg));
	return p->o->sort ? 0 : bad_value(p, arg, "no such field, see twtrace --list-columns");
}

static int set_columns(struct parser *p, const char *arg)
{
	const char *bad;
	size_t len;

	switch (columns_parse(&p->o->columns, arg, &bad, &len)) {
	case 0:
		return 0;
	case -E2BIG:
		return usage_error(p, "--columns: more than %d fields", COLUMNS_MAX);
	default:
		return usage_error(p, "--columns: no field '%.*s', see twtrace --list-columns", (int)len, bad);
	}
}

static int set_list_columns(struct parser *p, const char *arg)
{
	(void)arg;
	p->o->action = ACTION_LIST_COLUMNS;
	return 0;
}

static int set_batch(struct parser *p, const char *arg)
{
	(void)arg;
	p->o->batch = true;
	return 0;
}

static int set_json(struct parser *p, const char *arg)
{
	(void)arg;
	p->o->json = true;
	return 0;
}

static int set_csv(struct parser *p, const char *arg)
{
	(void)arg;
	p->o->csv = true;
	return 0;
}

static int set_diff(struct parser *p, const char *arg)
{
	(void)arg;
	p->o->diff = true;
	return 0;
}

static int set_histograms(struct parser *p, const char *arg)
{
	(void)arg;
	p->o->histograms = true;
	return 0;
}

static int set_backend(struct parser *p, const char *arg)
{
	static const char *const words[] = {[BACKEND_AUTO] = "auto", [BACKEND_FENTRY] = "fentry", [BACKEND_TIMER] = "timer"};

	for (unsigned i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(arg, words[i]))
			continue;
		p->o->tracer.backend = (enum backend)i;
		return 0;
	}
	return bad_value(p, arg, "backends are auto, fentry and timer");
}

static int set_ring_size(struct parser *p, const char *arg)
{
	__u64 page = (__u64)sysconf(_SC_PAGESIZE), bytes;

	if (parse_size(arg, &bytes) || bytes < page || bytes > 1ULL << 30 || bytes & (bytes - 1))
		return bad_value(p, arg, "not a power of two from one page to 1G, such as 4M");
	p->o->tracer.ring_bytes = bytes;
	return 0;
}

static int set_max_connections(struct parser *p, const char *arg)
{
	__u64 n;

	if (parse_number(arg, 1, 1 << 26, &n))
		return bad_value(p, arg, "not a number from 1 to 67108864");
	p->o->tracer.max_connections = (unsigned)n;
	return 0;
}

static int set_close_wait_older(struct parser *p, const char *arg)
{
	return parse_seconds(arg, &p->o->close_wait_ns) ? bad_value(p, arg, "not a number of seconds") : 0;
}

static int set_verbose(struct parser *p, const char *arg)
{
	(void)arg;
	p->o->tracer.verbose = true;
	return 0;
}

static int set_help(struct parser *p, const char *arg)
{
	(void)arg;
	p->o->action = ACTION_HELP;
	return 0;
}

static int set_version(struct parser *p, const char *arg)
{
	(void)arg;
	p->o->action = ACTION_VERSION;
	return 0;
}

const struct option_row option_rows[] = {
	{"Which connections (of every kind given, one must match)", "pid", 'p', "PID", FOR_FILTERS,
	 "opened, owned or closed by this process", set_pid},
	{NULL, "comm", 'c', "COMM", FOR_FILTERS, "the same, by its whole name (at most 15 bytes)", set_comm},
	{NULL, "port", 0, "PORT", FOR_FILTERS, "local or remote port", set_port},
	{NULL, "remote", 0, "CIDR", FOR_FILTERS, "remote address, 10.0.0.0/8, ::1", set_remote},
	{NULL, "ipv4", '4', NULL, FOR_FILTERS, "only IPv4", set_ipv4},
	{NULL, "ipv6", '6', NULL, FOR_FILTERS, "only IPv6", set_ipv6},
	{NULL, "netns", 0, "NETNS", FOR_FILTERS, "network namespace: inode number, name, path or self", set_netns},

	{"How long, and how it looks", "duration", 'd', "SECONDS", FOR_TRACING, "stop after so long (doctor: 10; census, ports: 0)",
	 set_duration},
	{NULL, "by", 0, "G1,G2", FOR_TABLES | FOR_CENSUS, "process, endpoint, comm, remote, cgroup, netns", set_by},
	{NULL, "max-rows", 0, "N", FOR_ROWS | FOR_REPORT, "rows to show; one more, other, sums up the rest", set_max_rows},
	{NULL, "sort", 0, "FIELD", FOR_TABLES, "order of the rows (default: tw)", set_sort},
	{NULL, "columns", 0, "F1,F2", FOR_TABLES, "which fields to show, in this order", set_columns},
	{NULL, "list-columns", 0, NULL, FOR_TABLES, "say what fields there are", set_list_columns},
	{NULL, "close-wait-older", 0, "SECONDS", FOR_CENSUS, "from when on a CLOSE_WAIT counts as leaked (60)",
	 set_close_wait_older},
	{NULL, "batch", 'b', NULL, FOR_TABLE, "plain text on a terminal, too, not the live screen", set_batch},
	{NULL, "json", 0, NULL, FOR_ALL, "JSON lines instead of text", set_json},
	{NULL, "csv", 0, NULL, FOR_TABLES, "rows as comma-separated values (RFC 4180)", set_csv},
	{NULL, "diff", 0, NULL, FOR_REPORT, "what changed from the first FILE to the second", set_diff},
	{NULL, "histograms", 0, NULL, FOR_REPORT, "how long connections, FIN_WAIT2, TIME_WAIT lasted", set_histograms},

	{"How it works", "backend", 0, "WHICH", FOR_TRACING | FOR_PROBE, "how TIME_WAIT is followed: auto, fentry or timer", set_backend},
	{NULL, "ring-size", 0, "BYTES", FOR_TRACING, "ring buffer between kernel and twtrace, 256K, 4M", set_ring_size},
	{NULL, "max-connections", 0, "N", FOR_TRACING, "connections, and TIME_WAITs, to keep a record of", set_max_connections},
	{NULL, "verbose", 'v', NULL, FOR_ALL, "say more about what is going on, on stderr", set_verbose},
	{NULL, "help", 'h', NULL, FOR_ALL, "this text", set_help},
	{NULL, "version", 0, NULL, FOR_ALL, "name and version", set_version},
	{.name = NULL},
};

static_assert(COUNT_OF(option_rows) - 1 <= OPTIONS_MAX, "an option more than there is room for");
