/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* counters.c: reads /proc/net/{netstat,snmp,sockstat,sockstat6}. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "counters.h"

const char *const counter_names[COUNTERS_MAX] = {
	[TW] = "TW",
	[TW_RECYCLED] = "TWRecycled",
	[TW_KILLED] = "TWKilled",
	[TW_OVERFLOW] = "TCPTimeWaitOverflow",
	[ABORT_ON_DATA] = "TCPAbortOnData",
	[ABORT_ON_CLOSE] = "TCPAbortOnClose",
	[ABORT_ON_MEMORY] = "TCPAbortOnMemory",
	[ABORT_ON_TIMEOUT] = "TCPAbortOnTimeout",
	[ABORT_ON_LINGER] = "TCPAbortOnLinger",
	[ABORT_FAILED] = "TCPAbortFailed",
	[ACTIVE_OPENS] = "ActiveOpens",
	[PASSIVE_OPENS] = "PassiveOpens",
	[ATTEMPT_FAILS] = "AttemptFails",
	[ESTAB_RESETS] = "EstabResets",
	[OUT_RSTS] = "OutRsts",
};

static enum counter counter_of(const char *name, size_t len)
{
	for (int i = 0; i < COUNTERS_MAX; i++)
		if (strlen(counter_names[i]) == len && !memcmp(counter_names[i], name, len))
			return i;
	return COUNTERS_MAX;
}

/* Both files are pairs of lines with the same prefix: names, then values. */
static int read_pairs(const char *path, const char *prefix, struct counters *c)
{
	static char names[16384], values[16384];
	FILE *f = fopen(path, "re");

	if (!f)
		return -errno;
	while (fgets(names, sizeof(names), f) && fgets(values, sizeof(values), f)) {
		char *name_at, *value_at, *name, *value;

		if (strncmp(names, prefix, strlen(prefix)))
			continue;
		name = strtok_r(names, " \n", &name_at);
		value = strtok_r(values, " \n", &value_at);
		while ((name = strtok_r(NULL, " \n", &name_at)) && (value = strtok_r(NULL, " \n", &value_at))) {
			enum counter i = counter_of(name, strlen(name));

			if (i != COUNTERS_MAX)
				c->value[i] = atoll(value);
		}
	}
	fclose(f);
	return 0;
}

int counters_read(struct counters *c)
{
	int r;

	memset(c, 0, sizeof(*c));
	r = read_pairs("/proc/net/netstat", "TcpExt:", c);
	return r ? r : read_pairs("/proc/net/snmp", "Tcp:", c);
}

struct counters counters_since(const struct counters *now, const struct counters *then)
{
	struct counters moved;

	for (int i = 0; i < COUNTERS_MAX; i++)
		moved.value[i] = now->value[i] - then->value[i];
	return moved;
}

int counters_parse(struct counters *c, const char *text)
{
	memset(c, 0, sizeof(*c));
	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t len = strcspn(text, "=");
		enum counter i = counter_of(text, len);
		char *end;

		if (i == COUNTERS_MAX || text[len] != '=')
			return -EINVAL;
		c->value[i] = strtoll(text + len + 1, &end, 10);
		text = end;
	}
	return 0;
}

bool counters_tw_at_begin(void)
{
	struct utsname u;
	int major, minor;

	if (uname(&u) || sscanf(u.release, "%d.%d", &major, &minor) != 2)
		return false;
	return major > 6 || (major == 6 && minor >= 1);
}

/* The number behind `name` in the line that starts with `line`. */
static int sockstat(const char *path, const char *line, const char *name)
{
	char text[256], *at;
	int n = 0;
	FILE *f = fopen(path, "re");

	if (!f)
		return -errno;
	while (fgets(text, sizeof(text), f))
		if (!strncmp(text, line, strlen(line)) && (at = strstr(text, name)))
			n = atoi(at + strlen(name));
	fclose(f);
	return n;
}

int tcp_sockets_left(void)
{
	int v4 = sockstat("/proc/net/sockstat", "TCP:", " inuse ");
	int v6 = sockstat("/proc/net/sockstat6", "TCP6:", " inuse ");

	return v4 < 0 ? v4 : v4 + (v6 > 0 ? v6 : 0);
}

int tcp_timewaits_left(void)
{
	return sockstat("/proc/net/sockstat", "TCP:", " tw ");
}
