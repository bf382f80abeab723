/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fields.c: see fields.h. Getters first, then the table of fields, then what reads it. */
#include "fields.h"

#include <errno.h>
#include <string.h>

#include "format.h"
#include "model/names.h"
#include "sanitize.h"

static void set_word(struct value *v, const char *word)
{
	v->kind = VALUE_WORD;
	v->text = word;
}

static void set_count(struct value *v, __u64 count)
{
	v->kind = VALUE_COUNT;
	v->count = count;
}

static void get_pid(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	if (row->key.process.pid)
		set_count(v, row->key.process.pid);
}

/* Of the row that sums up others. */
#define OTHER "other"

static void get_comm(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	if (row->folded)
		set_word(v, OTHER);
	if (row->folded || !row->key.process.comm[0])
		return;
	v->kind = VALUE_BYTES;
	v->text = row->key.process.comm;
	v->len = strnlen(row->key.process.comm, COMM_LEN);
}

static void get_role(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	if (row->key.endpoint.family && !row->key.prefix)
		set_word(v, role_name(row->key.endpoint.role));
}

/* What stands for the endpoints of the row that sums up others. */
static void set_folded(struct value *v, __u64 rows)
{
	snprintf(v->buf, sizeof(v->buf), "(%llu more)", (unsigned long long)rows);
	set_word(v, v->buf);
}

static void get_endpoint(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	if (row->folded)
		set_folded(v, row->folded);
	else if (row->key.endpoint.family && !row->key.prefix)
		set_word(v, format_endpoint(v->buf, &row->key.endpoint));
}

static void get_remote(struct value *v, const struct row *row, int arg)
{
	const struct endpoint *e = &row->key.endpoint;
	__u8 network[16];

	(void)arg;
	if (row->folded)
		set_folded(v, row->folded);
	else if (e->family)
		set_word(v, format_network(v->buf, e->family, network, group_network(network, e->family, e->addr)));
}

static void get_cgroup(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	if (row->key.cgroup)
		set_count(v, row->key.cgroup);
}

static void get_netns(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	if (row->netns)
		set_count(v, row->netns);
}

static void set_bool(struct value *v, bool yes)
{
	v->kind = VALUE_BOOL;
	v->count = yes;
}

static void get_other(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	set_bool(v, row->folded);
}

static void get_folded(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	set_count(v, row->folded);
}

static void get_partial(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	set_bool(v, row->since);
}

static void get_closes(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	set_count(v, row_closes(row));
}

static void get_closed_by(struct value *v, const struct row *row, int closer)
{
	set_count(v, row_closed_by(row, (enum closer)closer));
}

static void get_share(struct value *v, const struct row *row, int closer)
{
	__u64 closes = row_closes(row);

	if (!closes)
		return;
	v->kind = VALUE_PERCENT;
	v->x = 100.0 * (double)row_closed_by(row, (enum closer)closer) / (double)closes;
}

static void get_resets(struct value *v, const struct row *row, int closer)
{
	set_count(v, row->closed[closer][HOW_RST]);
}

static void get_timeouts(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	set_count(v, row_timeouts(row));
}

static void get_connect_failed(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	set_count(v, row_connect_failed(row));
}

static void get_reason(struct value *v, const struct row *row, int reason)
{
	set_count(v, row->connect_failed[reason]);
}

static void get_tw(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	set_count(v, row_tw_now(row));
}

static void get_tw_rate(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	v->kind = VALUE_RATE;
	v->x = row->tw_rate;
}

static void get_failed_rate(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	v->kind = VALUE_RATE;
	v->x = row->failed_rate;
}

static void get_tw_begun(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	set_count(v, row->tw_entered);
}

static void get_tw_skipped(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	set_count(v, row->tw_skipped);
}

static void get_close_rate(struct value *v, const struct row *row, int arg)
{
	(void)arg;
	v->kind = VALUE_RATE;
	v->x = row->close_rate;
}

static void get_cause(struct value *v, const struct row *row, int cause)
{
	set_count(v, row->causes[cause]);
}

static void set_quantile(struct value *v, const struct histogram *h, int percent)
{
	if (!h->count)
		return;
	v->kind = VALUE_DURATION;
	v->count = histogram_quantile(h, percent / 100.0);
}

static void get_lifetime(struct value *v, const struct row *row, int percent)
{
	set_quantile(v, &row->lifetime, percent);
}

static void get_fin_wait2(struct value *v, const struct row *row, int percent)
{
	set_quantile(v, &row->fin_wait2, percent);
}

static void get_tw_length(struct value *v, const struct row *row, int percent)
{
	set_quantile(v, &row->tw_length, percent);
}

static void get_end(struct value *v, const struct row *row, int end)
{
	set_count(v, row->tw_ended[end]);
}

static void get_ends(struct value *v, const struct row *row, int arg)
{
	size_t used = 0;

	(void)arg;
	for (int end = 0; end < END_MAX && used < sizeof(v->buf); end++) {
		int n;

		if (!row->tw_ended[end])
			continue;
		n = snprintf(v->buf + used, sizeof(v->buf) - used, "%s%s %llu", used ? ", " : "", end_name((unsigned)end),
			     (unsigned long long)row->tw_ended[end]);
		used += (size_t)n;
	}
	if (used)
		set_word(v, v->buf);
}

static int compare_u64(__u64 a, __u64 b)
{
	return (a > b) - (a < b);
}

static int compare_pid(const struct row *a, const struct row *b)
{
	return compare_u64(a->key.process.pid, b->key.process.pid);
}

static int compare_comm(const struct row *a, const struct row *b)
{
	return memcmp(a->key.process.comm, b->key.process.comm, COMM_LEN);
}

static int compare_role(const struct row *a, const struct row *b)
{
	return compare_u64(a->key.endpoint.role, b->key.endpoint.role);
}

static int compare_endpoint(const struct row *a, const struct row *b)
{
	const struct endpoint *x = &a->key.endpoint, *y = &b->key.endpoint;
	int r = compare_u64(x->family, y->family);

	if (!r)
		r = memcmp(x->addr, y->addr, sizeof(x->addr));
	if (!r)
		r = compare_u64(x->port, y->port);
	if (!r)
		r = compare_role(a, b);
	return r ? r : compare_u64(a->key.prefix, b->key.prefix);
}

static int compare_cgroup(const struct row *a, const struct row *b)
{
	return compare_u64(a->key.cgroup, b->key.cgroup);
}

static int compare_netns(const struct row *a, const struct row *b)
{
	return compare_u64(a->netns, b->netns);
}

#define TEXT .unit = "text", .left = true
#define NUMBER .unit = "number"
#define COUNT .unit = "count"
#define PERCENT .unit = "percent", .get = get_share
#define RATE .unit = "per second"
#define LENGTH .unit = "time"
#define BOOL .unit = "yes or no", .hidden = true
#define CAUSE(cause) COUNT, .hidden = true, .get = get_cause, .arg = (cause)
#define LASTED(getter, percent) LENGTH, .hidden = true, .get = (getter), .arg = (percent)
#define CLOSED_BY(who) COUNT, .hidden = true, .get = get_closed_by, .arg = (who)
#define FAILED(reason) COUNT, .hidden = true, .get = get_reason, .arg = (reason)
#define ENDED(end) COUNT, .hidden = true, .get = get_end, .arg = (end)

const struct field fields[] = {
	{"pid", "PID", NUMBER, .by = GROUP_PROCESS, .rank = 5, .get = get_pid, .compare = compare_pid,
	 .help = "process it is accounted to: the one that closed, if this host did, else the owner"},
	{"comm", "COMM", TEXT, .by = GROUP_PROCESS | GROUP_COMM, .rank = 1, .get = get_comm, .compare = compare_comm,
	 .help = "that process' name"},
	{"role", "ROLE", TEXT, .by = GROUP_ENDPOINT, .rank = 11, .get = get_role, .compare = compare_role,
	 .help = "client: it connected; server: it accepted; unknown: older than twtrace"},
	{"endpoint", "ENDPOINT", TEXT, .by = GROUP_ENDPOINT, .rank = 0, .get = get_endpoint, .compare = compare_endpoint,
	 .help = "client: remote address:port; server: remote address->:own port"},
	{"remote", "REMOTE-NET", TEXT, .hidden = true, .by = GROUP_REMOTE, .get = get_remote, .compare = compare_endpoint,
	 .help = "network of the remote address: its /24, of IPv6 its /64"},
	{"cgroup", "CGROUP", NUMBER, .hidden = true, .by = GROUP_CGROUP, .get = get_cgroup, .compare = compare_cgroup,
	 .help = "control group: its directory's inode number"},
	{"netns", "NETNS", NUMBER, .hidden = true, .by = GROUP_NETNS, .get = get_netns, .compare = compare_netns,
	 .help = "network namespace, its inode number, if it is but one"},
	{"closes", "CLOSES", COUNT, .rank = 2, .get = get_closes, .help = "connections that ended"},
	{"local_share", "LOCAL%", PERCENT, .rank = 3, .arg = CLOSER_LOCAL, .help = "share of them that this side closed first"},
	{"remote_share", "REMOTE%", PERCENT, .rank = 7, .arg = CLOSER_REMOTE, .help = "share that the other side closed first"},
	{"tw", "TW", COUNT, .rank = 4, .get = get_tw,
	 .help = "TIME_WAITs now; counts those still waiting for the peer's FIN (FIN_WAIT2)"},
	{"tw_rate", "TW/s", RATE, .rank = 6, .get = get_tw_rate, .help = "TIME_WAITs begun per second in the last interval"},
	{"tw_p50", "TW-P50", LENGTH, .rank = 13, .get = get_tw_length, .arg = 50, .key = "tw_p50_ns",
	 .help = "half of the TIME_WAITs that ended lasted no longer"},
	{"tw_p99", "TW-P99", LENGTH, .rank = 14, .get = get_tw_length, .arg = 99, .key = "tw_p99_ns",
	 .help = "99 % of them lasted no longer"},
	{"rst_sent", "RST-TX", COUNT, .rank = 8, .get = get_resets, .arg = CLOSER_LOCAL,
	 .help = "ended by a reset from this side"},
	{"rst_rcvd", "RST-RX", COUNT, .rank = 9, .get = get_resets, .arg = CLOSER_REMOTE,
	 .help = "ended by a reset from the other side"},
	{"timeouts", "TIMEOUT", COUNT, .rank = 12, .get = get_timeouts, .help = "ended because the peer no longer answered"},
	{"failed", "FAILED", COUNT, .rank = 10, .get = get_connect_failed, .help = "connects that failed; not part of closes"},
	{"tw_skipped", "SKIPPED", COUNT, .rank = 15, .get = get_tw_skipped,
	 .help = "TIME_WAITs the kernel left out: tcp_max_tw_buckets reached, or no memory"},
	{"ends", "TW ENDED", TEXT, .rank = 16, .text_only = true, .get = get_ends, .help = "how TIME_WAITs ended, and how many"},

	{"tw_begun", "BEGUN", COUNT, .hidden = true, .get = get_tw_begun, .help = "TIME_WAITs begun, perhaps in FIN_WAIT2"},
	{"by_local", "LOCAL", CLOSED_BY(CLOSER_LOCAL), .help = "closed first by this side"},
	{"by_remote", "REMOTE", CLOSED_BY(CLOSER_REMOTE), .help = "closed first by the other side"},
	{"by_both", "BOTH", CLOSED_BY(CLOSER_BOTH), .help = "closed by both at once"},
	{"by_none", "NONE", CLOSED_BY(CLOSER_NONE), .help = "closed by neither: timeout, unreachable"},
	{"refused", "REFUSED", FAILED(REASON_REFUSED), .help = "connects refused"},
	{"connect_timeout", "CTIMEOUT", FAILED(REASON_TIMEOUT), .help = "connects without an answer"},
	{"no_port", "NO-PORT", FAILED(REASON_NO_PORT), .help = "connects that found no free local port"},
	{"unreachable", "UNREACH", FAILED(REASON_UNREACHABLE), .help = "connects to where no route leads"},
	{"aborted", "ABORTED", FAILED(REASON_ABORTED), .help = "connects given up by the process"},
	{"end_expired", "EXPIRED", ENDED(END_EXPIRED), .help = "TIME_WAITs that ran their time"},
	{"end_reused_connect", "RE-CONN", ENDED(END_REUSED_CONNECT), .help = "TIME_WAITs whose port a connect() took over"},
	{"end_reused_syn", "RE-SYN", ENDED(END_REUSED_SYN), .help = "TIME_WAITs that gave way to a new SYN"},
	{"end_reset", "RESET", ENDED(END_RESET), .help = "TIME_WAITs ended by a reset (assassination, RFC 1337)"},
	{"end_data_reset", "DATA-RST", ENDED(END_DATA_RESET), .help = "ended as data came after close(): we reset"},
	{"end_killed", "KILLED", ENDED(END_KILLED), .help = "TIME_WAITs killed with ss -K"},
	{"end_purged", "PURGED", ENDED(END_PURGED), .help = "TIME_WAITs gone with their network namespace"},
	{"end_fin_wait2_timeout", "FW2-TMO", ENDED(END_FIN_WAIT2_TIMEOUT), .help = "ended in FIN_WAIT2: the peer never closed"},
	{"end_unknown", "END-UNK", ENDED(END_UNKNOWN), .help = "TIME_WAITs that ended nobody knows how"},
	{"close_rate", "CLOSES/s", RATE, .hidden = true, .rank = 7, .get = get_close_rate,
	 .help = "closes per second in the last interval"},
	{"failed_rate", "FAILED/s", RATE, .hidden = true, .get = get_failed_rate,
	 .help = "failed connects per second in the last interval"},
	{"cause_close", "BY-CLOSE", CAUSE(CAUSE_CLOSE), .help = "closed first by this side with close()"},
	{"cause_shutdown", "BY-SHUT", CAUSE(CAUSE_SHUTDOWN), .help = "with shutdown()"},
	{"cause_exit", "BY-EXIT", CAUSE(CAUSE_EXIT), .help = "as its process exited"},
	{"cause_unread_data", "UNREAD", CAUSE(CAUSE_UNREAD_DATA), .help = "reset: close() with data unread"},
	{"cause_linger0", "LINGER0", CAUSE(CAUSE_LINGER0), .help = "reset: SO_LINGER of 0 seconds"},
	{"cause_disconnect", "DISCONN", CAUSE(CAUSE_DISCONNECT), .help = "reset: connect() to nowhere (AF_UNSPEC)"},
	{"cause_killed", "SS-K", CAUSE(CAUSE_KILLED), .help = "reset: ss -K"},
	{"cause_listener_closed", "NO-ACC", CAUSE(CAUSE_LISTENER_CLOSED), .help = "never accepted, the listener closed"},
	{"cause_unknown", "BY-UNK", CAUSE(CAUSE_UNKNOWN), .help = "nobody knows why"},
	{"lifetime_p50", "LIFE-P50", LASTED(get_lifetime, 50), .key = "lifetime_p50_ns",
	 .help = "half of the connections lived no longer"},
	{"lifetime_p99", "LIFE-P99", LASTED(get_lifetime, 99), .key = "lifetime_p99_ns", .help = "99 % of them lived no longer"},
	{"fin_wait2_p50", "FW2-P50", LASTED(get_fin_wait2, 50), .key = "fin_wait2_p50_ns",
	 .help = "half of those that waited for the peer's FIN waited no longer"},
	{"fin_wait2_p99", "FW2-P99", LASTED(get_fin_wait2, 99), .key = "fin_wait2_p99_ns",
	 .help = "99 % of them waited no longer"},
	{"other", "OTHER", BOOL, .get = get_other,
	 .help = "sums up what no row of its own is kept, or shown, for: see --max-rows"},
	{"folded", "FOLDED", COUNT, .hidden = true, .get = get_folded,
	 .help = "how many rows it sums up; one whose key came back counts again"},
	{"partial", "PARTIAL", BOOL, .get = get_partial,
	 .help = "began when the table had been full: more of it may be in other"},
	{.name = NULL},
};

const struct field *field_find(const char *name, size_t len)
{
	for (const struct field *f = fields; f->name; f++)
		if (strlen(f->name) == len && !memcmp(f->name, name, len))
			return f;
	return NULL;
}

const char *field_key(const struct field *field)
{
	return field->key ? field->key : field->name;
}

void field_value(struct value *v, const struct field *field, const struct row *row)
{
	v->kind = VALUE_UNKNOWN;
	if (!row->folded || !field->by) /* the sum of several rows has no key */
		field->get(v, row, field->arg);
}

size_t field_format(char buf[FIELD_TEXT_MAX], const struct field *field, const struct row *row)
{
	struct value v;

	v.kind = VALUE_UNKNOWN;
	field->get(&v, row, field->arg);
	switch (v.kind) {
	case VALUE_WORD:
		return (size_t)snprintf(buf, FIELD_TEXT_MAX, "%s", v.text);
	case VALUE_BYTES:
		return sanitize(buf, FIELD_TEXT_MAX, v.text, v.len);
	case VALUE_BOOL:
		return strlen(strcpy(buf, v.count ? "yes" : "no"));
	case VALUE_COUNT:
		return (size_t)snprintf(buf, FIELD_TEXT_MAX, "%llu", (unsigned long long)v.count);
	case VALUE_PERCENT:
		return strlen(format_percent(buf, v.x));
	case VALUE_RATE:
		return strlen(format_rate(buf, v.x));
	case VALUE_DURATION:
		return strlen(format_duration(buf, v.count));
	case VALUE_UNKNOWN:
		break;
	}
	return strlen(strcpy(buf, "-"));
}

double field_magnitude(const struct field *field, const struct row *row)
{
	struct value v;

	v.kind = VALUE_UNKNOWN;
	field->get(&v, row, field->arg);
	if (v.kind == VALUE_COUNT || v.kind == VALUE_DURATION || v.kind == VALUE_BOOL)
		return (double)v.count;
	return v.kind == VALUE_PERCENT || v.kind == VALUE_RATE ? v.x : -1;
}

static int compare_falling(double a, double b)
{
	return (a < b) - (a > b);
}

static int compare_by(const struct field *field, const struct row *a, const struct row *b)
{
	if (field->compare)
		return field->compare(a, b);
	return compare_falling(field_magnitude(field, a), field_magnitude(field, b));
}

int field_compare(const struct row *a, const struct row *b, const void *field)
{
	int r = compare_by(field, a, b);

	if (!r)
		r = compare_u64(row_closes(b), row_closes(a));
	if (!r)
		r = compare_pid(a, b);
	if (!r)
		r = compare_comm(a, b);
	if (!r)
		r = compare_endpoint(a, b);
	if (!r)
		r = compare_cgroup(a, b);
	return r ? r : compare_netns(a, b);
}

void columns_default(struct columns *columns, unsigned by)
{
	columns->n = 0;
	for (const struct field *f = fields; f->name; f++)
		if (f->by ? f->by & by : !f->hidden)
			columns->fields[columns->n++] = f;
}

void columns_all(struct columns *columns)
{
	columns->n = 0;
	for (const struct field *f = fields; f->name; f++)
		if (!f->text_only && columns->n < COLUMNS_MAX)
			columns->fields[columns->n++] = f;
}

int columns_parse(struct columns *columns, const char *list, const char **bad, size_t *bad_len)
{
	columns->n = 0;
	for (;; list++) {
		size_t len = strcspn(list, ",");
		const struct field *field = field_find(list, len);

		if (!field) {
			*bad = list;
			*bad_len = len;
			return -EINVAL;
		}
		if (columns->n == COLUMNS_MAX)
			return -E2BIG;
		columns->fields[columns->n++] = field;
		list += len;
		if (!*list)
			return 0;
	}
}

void fields_list(FILE *out)
{
	fprintf(out, "%-22s %-9s %-10s %s\n", "NAME", "HEADER", "UNIT", "MEANING (* not shown unless asked for)");
	for (const struct field *f = fields; f->name; f++)
		fprintf(out, "%-22s %-9s %-10s %s%s\n", f->name, f->header, f->unit, f->hidden ? "* " : "", f->help);
}
