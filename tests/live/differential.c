/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* differential.c: pairs the events of two backends and names every difference that is not one of README's. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "differential.h"
#include "value.h"

/*
 * Either program looks at the clock by itself, and one runs before the other; the timer backend times an unseen turn by the jiffies.
 * A virtual CPU without KVM may be off for 200 ms in between, and jiffies stand still as long.
 */
#define TOLERANCE_NS 500000000LL

struct pair {
	const json_t *timer, *fentry;
	long long *worst_ns;
};

static const char *text_of(const json_t *e, const char *key, char buf[VALUE_TEXT])
{
	return value_text(json_object_get(e, key), buf);
}

static bool is_one_of(const char *word, const char *words)
{
	size_t len = strlen(word);

	for (const char *at = words; len && (at = strstr(at, word)); at += len)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

static bool ends_with(const char *key, const char *end)
{
	size_t n = strlen(key), m = strlen(end);

	return n >= m && !strcmp(key + n - m, end);
}

static bool close_enough(const struct pair *p, const json_t *a, const json_t *b)
{
	long long apart;

	if (!json_is_integer(a) || !json_is_integer(b))
		return json_equal(a, b);
	apart = llabs(json_integer_value(a) - json_integer_value(b));
	if (apart > *p->worst_ns && apart <= TOLERANCE_NS)
		*p->worst_ns = apart;
	return apart <= TOLERANCE_NS;
}

/* Only fentry sees accept(): then the timer backend has no opener, and knows the owner by what it did later, or guesses. */
static bool accept_explains(const struct pair *p, const char *key)
{
	char buf[VALUE_TEXT];

	if (!value_is(p->fentry, "owner_source", "accept"))
		return false;
	if (!strcmp(key, "opener_pid") || !strcmp(key, "opener_comm"))
		return json_is_null(json_object_get(p->timer, key));
	if (!strcmp(key, "owner_source"))
		return is_one_of(text_of(p->timer, key, buf), "close iterator listener unknown null");
	/* whom it is accounted to: the owner, unless our side closed */
	if (!strcmp(key, "pid") || !strcmp(key, "comm"))
		return is_one_of(text_of(p->fentry, "closer", buf), "remote none");
	return false;
}

/* A cause of death that the timer does not show: a RST in FIN_WAIT2 before 6.10, a SYN answered with a cookie. */
static bool route_explains(const struct pair *p, const char *key)
{
	if (strcmp(key, "end"))
		return false;
	if (value_is(p->timer, "end", "unknown"))
		return value_is(p->fentry, "end", "reset") || value_is(p->fentry, "end", "data_reset");
	return value_is(p->timer, "end", "reset") && value_is(p->fentry, "end", "reused_syn");
}

static long long number(const json_t *e, const char *key)
{
	return json_integer_value(json_object_get(e, key));
}

/*
 * Restarts within about 2 s are one to the timer backend, or none. And the first one of all is taken for the turn if that came in
 * the same jiffy as the birth, and no walk has noticed it: what TIME_WAIT then lacks, FIN_WAIT2 has.
 */
static bool wheel_explains(const struct pair *p, const char *key)
{
	if (number(p->timer, "restarts") >= number(p->fentry, "restarts"))
		return false;
	if (!strcmp(key, "restarts"))
		return true;
	if (strcmp(key, "fin_wait2_ns") && strcmp(key, "time_wait_ns"))
		return false;
	return llabs(number(p->timer, "fin_wait2_ns") + number(p->timer, "time_wait_ns") - number(p->fentry, "fin_wait2_ns") -
		     number(p->fentry, "time_wait_ns")) <= TOLERANCE_NS;
}

static bool same(const struct pair *p, const char *key)
{
	const json_t *a = json_object_get(p->timer, key), *b = json_object_get(p->fentry, key);
	char text[VALUE_TEXT];

	if (!strcmp(key, "ts"))
		return true; /* durations say as much, and do not wrap at midnight */
	if (ends_with(key, "_ns") ? close_enough(p, a, b) : json_equal(a, b))
		return true;
	/* whichever came first, and each has an iterator of its own */
	if (!strcmp(key, "owner_source") && is_one_of(text_of(p->timer, key, text), "close iterator") &&
	    is_one_of(text_of(p->fentry, key, text), "close iterator"))
		return true;
	return accept_explains(p, key) || route_explains(p, key) || wheel_explains(p, key);
}

static int differences(const struct pair *p, struct complaint *c)
{
	json_t *all = json_copy((json_t *)p->timer), *value;
	const char *key;
	int n = 0;

	json_object_update(all, (json_t *)p->fentry);
	json_object_foreach(all, key, value) {
		char type[VALUE_TEXT], a[VALUE_TEXT], b[VALUE_TEXT];

		if (same(p, key))
			continue;
		n++;
		if (c)
			complain(c, "%s of lport %lld: %s is %s by timer, %s by fentry", text_of(p->timer, "type", type),
				 (long long)json_integer_value(json_object_get(p->timer, "lport")), key, text_of(p->timer, key, a),
				 text_of(p->fentry, key, b));
	}
	json_decref(all);
	return n;
}

static void left_over(const char *by, const json_t *event, struct complaint *c)
{
	char *text = json_dumps(event, JSON_COMPACT);

	complain(c, "only by %s: %s", by, text);
	free(text);
}

void differential_compare(const json_t *timer, const json_t *fentry, long long *worst_ns, struct complaint *c)
{
	json_t *left = json_copy((json_t *)fentry), *event, *other;
	size_t i, k;

	json_array_foreach(timer, i, event) {
		long long ignored = TOLERANCE_NS;
		int fewest = -1;
		size_t best = 0;

		json_array_foreach(left, k, other) {
			int n;

			if (!json_equal(json_object_get(event, "type"), json_object_get(other, "type")))
				continue;
			n = differences(&(struct pair){ event, other, &ignored }, NULL);
			if (fewest < 0 || n < fewest) {
				fewest = n;
				best = k;
			}
		}
		if (fewest < 0) {
			left_over("timer", event, c);
			continue;
		}
		differences(&(struct pair){ event, json_array_get(left, best), worst_ns }, c);
		json_array_remove(left, best);
	}
	json_array_foreach(left, k, other)
		left_over("fentry", other, c);
	json_decref(left);
}
