/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* port_budget.c: see port_budget.h. Sockets are counted as they come, what follows is worked out at the end of a walk. */
#define HASH_NONFATAL_OOM 1
#include "port_budget.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "meaning.h"
#include "port_space.h"
#include "tw_bins.h"

#define SECOND 1000000000ULL

static_assert(sizeof(struct port_pair_key) == 40, "port_pair_key must not be padded");

struct member {
	struct port_process p;
	UT_hash_handle hh;
};

struct pair {
	struct port_pair p;             /* what is handed out */
	struct member *members;         /* the processes, by process ID */
	struct port_process *processes; /* the same in order, as of the last port_budget_end() */
	__u64 taken;                    /* TIME_WAITs begun since the trace began */
	__u64 taken_before;             /* ... until the walk before */
	__u32 sockets;                  /* in this walk, whatever their port */
	__u32 others;                   /* of those that hold a port of the range: not TIME_WAITs */
	__u32 by_bind;                  /* those that bind() gave a port of the range; they count in another row */
	struct tw_bins bins;
	UT_hash_handle hh;
};

struct port_budget {
	const struct sysctls *settings;
	size_t nsettings;
	struct pair *pairs;
	struct port_space *spaces;
	const struct port_pair **rows;
	size_t nrows;
	__u64 traced, traced_before; /* how long events had been counted at the end of the last walk, and of the one before */
};

int port_budget_new(struct port_budget **out)
{
	struct port_budget *pb = calloc(1, sizeof(*pb));

	if (!pb)
		return -ENOMEM;
	*out = pb;
	return 0;
}

/* Those that were refused a port are remembered, if told so. */
static void forget_members(struct pair *pair, bool remember)
{
	struct member *member, *next;

	HASH_ITER (hh, pair->members, member, next) {
		member->p.held = 0;
		if (remember && member->p.no_port)
			continue;
		HASH_DEL(pair->members, member);
		free(member);
	}
}

static void pair_free(struct port_budget *pb, struct pair *pair)
{
	HASH_DEL(pb->pairs, pair);
	forget_members(pair, false);
	free(pair->processes);
	free(pair);
}

static void forget_rows(struct port_budget *pb)
{
	free(pb->rows);
	pb->rows = NULL;
	pb->nrows = 0;
}

void port_budget_free(struct port_budget *pb)
{
	struct pair *pair, *next;

	if (!pb)
		return;
	HASH_ITER (hh, pb->pairs, pair, next)
		pair_free(pb, pair);
	port_spaces_free(&pb->spaces);
	forget_rows(pb);
	free(pb);
}

/* ---- counting ---- */

static struct pair *pair_get(struct port_budget *pb, const struct port_pair_key *key)
{
	struct pair *pair;

	HASH_FIND(hh, pb->pairs, key, sizeof(*key), pair);
	if (pair)
		return pair;
	pair = calloc(1, sizeof(*pair));
	if (!pair)
		return NULL;
	pair->p.key = *key;
	HASH_ADD(hh, pb->pairs, p.key, sizeof(*key), pair);
	if (pair->hh.tbl)
		return pair;
	free(pair);
	return NULL;
}

static struct pair *pair_of(struct port_budget *pb, const struct event *id)
{
	struct port_pair_key key = {.netns = id->netns, .rport = id->rport, .family = id->family};

	memcpy(key.laddr, id->laddr, sizeof(key.laddr));
	memcpy(key.raddr, id->raddr, sizeof(key.raddr));
	return pair_get(pb, &key);
}

/* The row of those that bind() to this address before they connect(). */
static struct pair *pair_of_bind(struct port_budget *pb, __u32 netns, __u8 family, const __u8 laddr[16])
{
	struct port_pair_key key = {.netns = netns, .family = family, .any_remote = 1};

	memcpy(key.laddr, laddr, sizeof(key.laddr));
	return pair_get(pb, &key);
}

/* NULL: no memory. */
static struct port_process *process_get(struct pair *pair, const struct process *process)
{
	struct member *member;

	HASH_FIND(hh, pair->members, &process->pid, sizeof(process->pid), member);
	if (member)
		return &member->p;
	member = calloc(1, sizeof(*member));
	if (!member)
		return NULL;
	member->p.process = *process;
	HASH_ADD(hh, pair->members, p.process.pid, sizeof(process->pid), member);
	if (member->hh.tbl)
		return &member->p;
	free(member);
	return NULL;
}

static int count_refused(struct pair *pair, const struct event *e)
{
	struct port_process *process = process_get(pair, event_process(e));

	if (!process)
		return -ENOMEM;
	process->no_port++;
	pair->p.no_port++;
	return 0;
}

int port_budget_event(struct port_budget *pb, const struct event *e)
{
	bool refused = e->type == EVENT_CONNECT_FAILED && e->reason == REASON_NO_PORT;
	bool taken = e->type == EVENT_CLOSE && e->timewait == TIMEWAIT_ENTERED && e->role == ROLE_CLIENT;
	struct pair *pair = refused || taken ? pair_of(pb, e) : NULL;

	if (!refused && !taken)
		return 0;
	if (!pair)
		return -ENOMEM;
	pair->taken += taken;
	return refused ? count_refused(pair, e) : 0;
}

/* A pair that neither has a socket nor was refused a port is forgotten; so a long run needs no more memory than a short one. */
void port_budget_begin(struct port_budget *pb, const struct sysctls *all, size_t n)
{
	struct pair *pair, *next;
	bool first = !pb->rows;

	HASH_ITER (hh, pb->pairs, pair, next) {
		if (!first && !pair->sockets && !pair->p.no_port) {
			pair_free(pb, pair);
			continue;
		}
		forget_members(pair, true);
		pair->sockets = pair->others = pair->by_bind = 0;
		pair->taken_before = first ? 0 : pair->taken;
		memset(&pair->bins, 0, sizeof(pair->bins));
	}
	pb->traced_before = first ? 0 : pb->traced;
	forget_rows(pb);
	port_spaces_free(&pb->spaces);
	pb->settings = all;
	pb->nsettings = n;
}

static int count_held(struct pair *pair, const struct live_socket *s)
{
	struct port_process *process = process_get(pair, event_process(&s->id));

	if (!process)
		return -ENOMEM;
	process->held++;
	if (s->state == STATE_TIME_WAIT)
		tw_bins_add(&pair->bins, s);
	else
		pair->others++;
	return 0;
}

static int count_client(struct port_budget *pb, const struct live_socket *s, const struct port_space *space)
{
	struct pair *pair = pair_of(pb, &s->id), *by_bind;

	if (!pair)
		return -ENOMEM;
	pair->sockets++;
	if (!port_space_usable(space, s->id.lport))
		return 0;
	if (!(s->flags & SOCKET_BOUND))
		return count_held(pair, s);
	pair->by_bind++;
	by_bind = pair_of_bind(pb, s->id.netns, s->id.family, s->id.laddr);
	if (!by_bind)
		return -ENOMEM;
	by_bind->sockets++;
	by_bind->by_bind++;
	return count_held(by_bind, s);
}

static struct port_space *space_of(struct port_budget *pb, __u32 netns)
{
	return port_space_get(&pb->spaces, netns, pb->settings, pb->nsettings);
}

int port_budget_socket(struct port_budget *pb, const struct live_socket *s)
{
	struct port_space *space;

	if (!live_socket_valid(s))
		return -EINVAL;
	if (!s->id.lport)
		return 0;
	space = space_of(pb, s->id.netns);
	if (!space || port_space_use(space, s))
		return -ENOMEM;
	if (s->state == STATE_LISTEN || s->id.role == ROLE_SERVER)
		return 0;
	return count_client(pb, s, space);
}

/* ---- what follows ---- */

/* tcp_twsk_unique(), less what each TIME_WAIT knows itself. */
static bool may_reuse(const struct port_pair_key *key, const struct sysctls *sysctls)
{
	long long reuse = 0;

	if (key->any_remote) /* bind() does not look for those it could take over */
		return false;
	sysctl_get(sysctls, SYSCTL_TW_REUSE, &reuse);
	if (reuse == 2)
		return address_is_loopback(key->family, key->laddr) || address_is_loopback(key->family, key->raddr);
	return reuse != 0;
}

static double max_rate(const struct port_pair *p, const struct sysctls *sysctls)
{
	__u32 room = p->usable > p->connections ? p->usable - p->connections : 0;
	long long buckets;

	if (sysctl_get(sysctls, SYSCTL_MAX_TW_BUCKETS, &buckets) && buckets < room)
		return HUGE_VAL;
	return p->hold_ns ? room / ((double)p->hold_ns / 1e9) : HUGE_VAL;
}

/* traced_ns: since the walk before. */
static double rate_of(const struct pair *pair, __u64 traced_ns)
{
	if (traced_ns < SECOND)
		return tw_bins_rate(&pair->bins);
	return (double)(pair->taken - pair->taken_before) / ((double)traced_ns / 1e9);
}

static void work_out(struct pair *pair, const struct port_space *space, __u64 traced_ns)
{
	struct port_pair *p = &pair->p;
	struct tw_hold hold;

	tw_hold_make(&hold, &pair->bins, may_reuse(&p->key, space->sysctls), space->sysctls);
	p->range = space->range;
	p->reserved = space->reserved;
	p->bound = p->key.any_remote ? 0 : space->nbound;
	p->usable = p->range - p->reserved - p->bound;
	p->time_wait = tw_bins_holding(&pair->bins, &hold);
	p->reusable = tw_bins_reusable(&pair->bins, &hold);
	p->held = p->key.any_remote ? port_space_used_at(space, p->key.family, p->key.laddr) : pair->others + p->time_wait;
	p->connections = p->held > p->time_wait ? p->held - p->time_wait : 0;
	p->free = p->usable > p->held ? p->usable - p->held : 0;
	p->share = p->usable ? 1 - (double)p->free / p->usable : 1;
	p->hold_ns = hold.ns;
	p->rate = rate_of(pair, traced_ns);
	p->max_rate = max_rate(p, space->sysctls);
	p->left_ns = p->rate > p->max_rate ? tw_bins_last(&pair->bins, &hold, p->free, p->rate) : UNKNOWN_NS;
}

static int compare_processes(const void *x, const void *y)
{
	const struct port_process *a = x, *b = y;
	__u64 of_a = a->no_port + a->held, of_b = b->no_port + b->held;

	if (of_a != of_b)
		return of_a > of_b ? -1 : 1;
	return a->process.pid < b->process.pid ? -1 : a->process.pid > b->process.pid;
}

static int list_processes(struct pair *pair)
{
	struct member *member, *next;
	size_t n = 0;

	free(pair->processes);
	pair->processes = malloc((HASH_COUNT(pair->members) + 1) * sizeof(*pair->processes));
	if (!pair->processes)
		return -ENOMEM;
	HASH_ITER (hh, pair->members, member, next)
		pair->processes[n++] = member->p;
	qsort(pair->processes, n, sizeof(*pair->processes), compare_processes);
	pair->p.processes = pair->processes;
	pair->p.nprocesses = n;
	return 0;
}

static int pair_end(struct port_budget *pb, struct pair *pair)
{
	const struct port_space *space = space_of(pb, pair->p.key.netns);

	pair->p = (struct port_pair){.key = pair->p.key, .no_port = pair->p.no_port, .left_ns = UNKNOWN_NS};
	pair->p.known = space->sysctls;
	if (pair->p.known)
		work_out(pair, space, pb->traced - pb->traced_before);
	return list_processes(pair);
}

/* What those begin that bind() first is known by their pairs only. */
static int add_taken_by_bind(struct port_budget *pb)
{
	struct pair *pair, *next, *by_bind;

	HASH_ITER (hh, pb->pairs, pair, next)
		if (pair->p.key.any_remote)
			pair->taken = pair->taken_before = 0;
	HASH_ITER (hh, pb->pairs, pair, next) {
		if (pair->p.key.any_remote || !pair->by_bind)
			continue;
		by_bind = pair_of_bind(pb, pair->p.key.netns, pair->p.key.family, pair->p.key.laddr);
		if (!by_bind)
			return -ENOMEM;
		by_bind->taken += pair->taken;
		by_bind->taken_before += pair->taken_before;
	}
	return 0;
}

/* Has it to do with ports of the range at all? A pair whose sockets all were bound is another row's. */
static bool is_row(const struct pair *pair)
{
	if (pair->p.key.any_remote)
		return pair->by_bind;
	return pair->p.no_port || pair->p.held || pair->p.reusable || (pair->taken && !pair->by_bind);
}

static int compare_rows(const void *x, const void *y)
{
	const struct port_pair *a = *(const struct port_pair *const *)x, *b = *(const struct port_pair *const *)y;

	if (a->no_port != b->no_port)
		return a->no_port > b->no_port ? -1 : 1;
	if (a->left_ns != b->left_ns)
		return a->left_ns < b->left_ns ? -1 : 1;
	if (a->share != b->share)
		return a->share > b->share ? -1 : 1;
	return memcmp(&a->key, &b->key, sizeof(a->key));
}

int port_budget_end(struct port_budget *pb, __u64 traced_ns)
{
	struct port_space *space, *next_space;
	struct pair *pair, *next;

	if (add_taken_by_bind(pb))
		return -ENOMEM;
	pb->traced = traced_ns;
	forget_rows(pb);
	pb->rows = malloc((HASH_COUNT(pb->pairs) + 1) * sizeof(*pb->rows));
	if (!pb->rows)
		return -ENOMEM;
	HASH_ITER (hh, pb->pairs, pair, next) /* of those without a socket, too */
		if (!space_of(pb, pair->p.key.netns))
			return -ENOMEM;
	HASH_ITER (hh, pb->spaces, space, next_space)
		port_space_count(space);
	HASH_ITER (hh, pb->pairs, pair, next) {
		if (pair_end(pb, pair))
			return -ENOMEM;
		if (is_row(pair))
			pb->rows[pb->nrows++] = &pair->p;
	}
	return 0;
}

const struct port_pair *const *port_budget_pairs(struct port_budget *pb, size_t *n)
{
	if (pb->nrows)
		qsort(pb->rows, pb->nrows, sizeof(*pb->rows), compare_rows);
	*n = pb->nrows;
	return pb->rows;
}

bool port_pair_passes(const struct port_pair *pair, const struct filter *f)
{
	const struct port_pair_key *key = &pair->key;
	struct event e = {.netns = key->netns, .family = key->family, .rport = key->rport};

	memcpy(e.laddr, key->laddr, sizeof(e.laddr));
	memcpy(e.raddr, key->raddr, sizeof(e.raddr));
	for (size_t i = 0; i < pair->nprocesses; i++) {
		e.owner = pair->processes[i].process;
		if (filter_passes(f, &e))
			return true;
	}
	return !pair->nprocesses && filter_passes(f, &e);
}
