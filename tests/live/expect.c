/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* expect.c: fills in what a row leaves unsaid, finds for each expectation its event, and names every difference. */
#include <stdio.h>
#include <string.h>

#include "expect.h"
#include "value.h"

/* What holds unless a row says otherwise. Whatever is named neither there nor here is not compared. */
static const char *defaults_of(const char *type)
{
	static const char *const defaults[][2] = {
		{ "close", "preexisting=false cause=null timewait=none error=null tx_bytes=0 rx_bytes=0" },
		{ "timewait", "preexisting=false cause=null restarts=0 fin_wait2_ns=0s..5s" },
		{ "connect_failed", "preexisting=false" },
	};

	for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		if (!strcmp(defaults[i][0], type))
			return defaults[i][1];
	return NULL;
}

/* How long a TIME_WAIT lasted that ended this way. */
static const char *time_wait_of(const char *end)
{
	if (!strcmp(end, "expired"))
		return "2msl";
	if (!strcmp(end, "data_reset") || !strcmp(end, "fin_wait2_timeout"))
		return "null";
	return "*";
}

static const char *get(const json_t *e, const char *key)
{
	const char *text = json_string_value(json_object_get(e, key));

	return text ? text : "";
}

static void set_default(json_t *e, const char *key, const char *text)
{
	if (!json_object_get(e, key))
		json_object_set_new(e, key, json_string(text));
}

/* "key=value key=value…", leaving alone what is set. */
static int set_pairs(json_t *e, const char *text)
{
	char copy[512], *at, *pair;

	snprintf(copy, sizeof(copy), "%s", text);
	for (pair = strtok_r(copy, " ", &at); pair; pair = strtok_r(NULL, " ", &at)) {
		char *value = strchr(pair, '=');

		if (!value)
			return -1;
		*value++ = '\0';
		set_default(e, pair, value);
	}
	return 0;
}

/* pid and comm: those of an actor, or of nobody (`-`), or whoever (`*`). */
static void set_process(json_t *e, const char *pid_key, const char *comm_key, const char *name, const struct stage *st)
{
	enum who who = who_of(name);
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", who == WHO_MAX ? 0 : st->pid[who]);
	set_default(e, pid_key, who != WHO_MAX ? pid : *name == '*' ? "*" : "null");
	set_default(e, comm_key, who != WHO_MAX ? name : *name == '*' ? "*" : "null");
}

/*
 * Who opened, who owns, who closed. Where the backend cannot see accept() (no tracepoint is in its way, and function tracing
 * is off), the opener of a server's connection is unknown, and its owner is known by what it did later.
 */
static void set_processes(json_t *e, const struct stage *st, const struct knowledge *k)
{
	bool server = !strcmp(get(e, "side"), "server");
	bool local = !strcmp(get(e, "closer"), "local") || !strcmp(get(e, "closer"), "both");
	bool closes = local || (!strcmp(get(e, "closer"), "remote") && !strcmp(get(e, "how"), "fin"));
	bool accept_known;

	set_default(e, "opener", server ? "srv" : "cli");
	set_default(e, "owner", get(e, "opener"));
	if (!strcmp(get(e, "type"), "connect_failed"))
		set_default(e, "closed_by", "*");
	set_default(e, "closed_by", closes ? (server ? "srv" : "cli") : "-");
	accept_known = server && k->accept && strcmp(get(e, "opener"), "-");
	if (accept_known)
		json_object_set_new(e, "owner_source", json_string("accept"));
	else if (server)
		set_default(e, "owner_source", strcmp(get(e, "closed_by"), "-") ? "close" : "close|iterator");
	else
		set_default(e, "owner_source", "connect");

	set_process(e, "opener_pid", "opener_comm", server && !accept_known ? "-" : get(e, "opener"), st);
	set_process(e, "closer_pid", "closer_comm", get(e, "closed_by"), st);
	set_process(e, "pid", "comm", local ? get(e, "closed_by") : get(e, "owner"), st);
}

static void set_addresses(json_t *e, const struct stage *st)
{
	bool server = !strcmp(get(e, "side"), "server");
	char ports[128];
	int n = snprintf(ports, sizeof(ports), "%d", PEER_PORT);

	for (unsigned i = 0; i < st->nclient_ports; i++)
		n += snprintf(ports + n, sizeof(ports) - n, "|%d", st->client_ports[i]);
	set_default(e, "family", st->family == V6 ? "6" : "4");
	set_default(e, "laddr", stage_local(st));
	set_default(e, "raddr", stage_remote(st));
	set_default(e, "role", get(e, "side"));
	snprintf(ports + n, sizeof(ports) - n, "%s", "");
	set_default(e, server ? "rport" : "lport", ports);
	snprintf(ports, sizeof(ports), "%d", SERVER_PORT);
	set_default(e, server ? "lport" : "rport", ports);
}

/* What a TIME_WAIT says of its connection: the same as the close before it. */
static void inherit(json_t *e, const json_t *list)
{
	static const char *const keys[] = { "closer", "how", "cause", "role", "opener", "owner", "closed_by", "owner_source",
					    "preexisting", "pid", "comm" };
	size_t i;
	json_t *close;

	json_array_foreach(list, i, close) {
		if (strcmp(get(close, "side"), get(e, "side")) || strcmp(get(close, "timewait"), "entered"))
			continue;
		for (size_t j = 0; j < sizeof(keys) / sizeof(*keys); j++)
			if (json_object_get(close, keys[j]))
				set_default(e, keys[j], get(close, keys[j]));
	}
}

static json_t *expect_one(const char *text, const json_t *before, const struct stage *st, const struct knowledge *k)
{
	char side[16], type[16];
	json_t *e = json_object();
	int n = 0;

	if (sscanf(text, " %15s %15s %n", side, type, &n) < 2 || !n || !defaults_of(type))
		goto malformed;
	set_default(e, "side", side);
	set_default(e, "type", type);
	if (set_pairs(e, text + n))
		goto malformed;
	if (!strcmp(type, "timewait")) {
		inherit(e, before);
		set_default(e, "time_wait_ns", time_wait_of(get(e, "end")));
	}
	set_pairs(e, defaults_of(type));
	if (!strcmp(type, "timewait") && !k->fin_wait2_reset && !strcmp(get(e, "time_wait_ns"), "null") && strstr(get(e, "end"), "reset"))
		json_object_set_new(e, "end", json_string("unknown"));
	set_addresses(e, st);
	set_processes(e, st, k);
	return e;
malformed:
	json_decref(e);
	return NULL;
}

json_t *expect_all(const char *events, const struct stage *st, const struct knowledge *k)
{
	char copy[2048], *at, *text;
	json_t *list = json_array();

	snprintf(copy, sizeof(copy), "%s", events);
	for (text = strtok_r(copy, ";", &at); text; text = strtok_r(NULL, ";", &at)) {
		json_t *e = expect_one(text, list, st, k);

		if (!e) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, e);
	}
	return list;
}

static bool is_server(const json_t *event)
{
	return value_is(event, "lport", "80");
}

/* How many keys differ; each is complained about if there is somewhere to. */
static int differences(json_t *expected, const json_t *event, long long late_ns, struct complaint *c)
{
	static const char *const ours[] = { "side", "opener", "owner", "closed_by" };
	const char *key;
	json_t *want;
	int n = 0;

	json_object_foreach(expected, key, want) {
		const json_t *got = json_object_get(event, key);
		char buf[VALUE_TEXT];
		bool skip = false;

		for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
			skip = skip || !strcmp(key, ours[i]);
		if (skip || value_matches(json_string_value(want), got, late_ns))
			continue;
		n++;
		if (c)
			complain(c, "%s %s: %s expected %s, got %s", get(expected, "side"), get(expected, "type"), key,
				 json_string_value(want), value_text(got, buf));
	}
	return n;
}

void expect_compare(const json_t *expected, const json_t *events, long long late_ns, struct complaint *c)
{
	json_t *left = json_copy((json_t *)events), *e, *event;
	size_t i, k;

	json_array_foreach(expected, i, e) {
		int fewest = -1, n;
		size_t best = 0;

		json_array_foreach(left, k, event) {
			if (!value_is(event, "type", get(e, "type")) || is_server(event) != !strcmp(get(e, "side"), "server"))
				continue;
			n = differences(e, event, late_ns, NULL);
			if (fewest < 0 || n < fewest) {
				fewest = n;
				best = k;
			}
		}
		if (fewest < 0) {
			complain(c, "%s %s: none came", get(e, "side"), get(e, "type"));
			continue;
		}
		differences(e, json_array_get(left, best), late_ns, c);
		json_array_remove(left, best);
	}
	json_array_foreach(left, k, event) {
		char *text = json_dumps(event, JSON_COMPACT);

		complain(c, "unexpected %s %s: %s", is_server(event) ? "server" : "client",
			 json_string_value(json_object_get(event, "type")), text);
		free(text);
	}
	json_decref(left);
}

static void must_equal(struct complaint *c, const char *what, long long counted, const char *by, long long counter)
{
	if (counted != counter)
		complain(c, "%lld %s, but the kernel says %s %lld", counted, what, by, counter);
}

void expect_referee(const json_t *list, const struct counters *moved, struct complaint *c)
{
	long long entered = 0, skipped = 0, recycled = 0, clients = 0, servers = 0, aborts = 0, perhaps = 0;
	const long long *v = moved->value;
	json_t *e;
	size_t i;

	json_array_foreach(list, i, e) {
		bool close = value_is(e, "type", "close"), older = value_is(e, "preexisting", "true");
		bool by_fin = value_is(e, "how", "fin");

		entered += close && value_is(e, "timewait", "entered");
		skipped += close && value_is(e, "timewait", "skipped");
		recycled += value_is(e, "end", "reused_connect");
		servers += close && !older && is_server(e);
		clients += (close && !older && !is_server(e)) ||
			   (value_is(e, "type", "connect_failed") && !value_is(e, "reason", "no_port"));
		/* A connection left ESTABLISHED or CLOSE_WAIT without a FIN of ours; of the latter, events do not always tell. */
		aborts += close && !by_fin;
		perhaps += close && by_fin && value_is(e, "closer", "remote");
	}
	if (counters_tw_at_begin())
		must_equal(c, "closes entered TIME_WAIT", entered, "TW + TWKilled", v[TW] + v[TW_KILLED]);
	must_equal(c, "TIME_WAITs were skipped", skipped, "TCPTimeWaitOverflow", v[TW_OVERFLOW]);
	must_equal(c, "TIME_WAITs were reused by connect", recycled, "TWRecycled", v[TW_RECYCLED]);
	must_equal(c, "connections were opened by us", clients, "ActiveOpens", v[ACTIVE_OPENS]);
	must_equal(c, "connections were accepted", servers, "PassiveOpens", v[PASSIVE_OPENS]);
	if (v[ESTAB_RESETS] < aborts || v[ESTAB_RESETS] > aborts + perhaps)
		complain(c, "%lld to %lld connections were aborted, but the kernel says EstabResets %lld", aborts, aborts + perhaps,
			 v[ESTAB_RESETS]);
}
