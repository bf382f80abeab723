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

#define SECOND 1000000000ULL

enum {
	TIME_WAIT_SECONDS = 60, /* TCP_TIMEWAIT_LEN, include/net/tcp.h */
	YOUNG_SECONDS = 10,     /* the TIME_WAITs that tell a rate by their age */
	BINS = TIME_WAIT_SECONDS + 1,
};

static_assert(sizeof(struct port_pair_key) == 40, "port_pair_key must not be padded");

/* TIME_WAITs of one pair by the whole seconds that are left to them. */
struct bins {
	__u16 stamped[BINS]; /* the peer sends timestamps */
	__u16 plain[BINS];
};

struct pair {
	struct port_pair p; /* what is handed out */
	__u32 sockets;      /* in this walk, whatever their port */
	__u32 others;       /* of those that hold a port of the range: not TIME_WAITs */
	__u32 by_bind;      /* those that bind() gave a port of the range; they count in another row */
	__u64 taken;        /* TIME_WAITs begun since the trace began */
	__u64 taken_before; /* ... until the walk before */
	struct port_process *processes;
	struct bins bins;
	UT_hash_handle hh;
};

/* Ports in use at a local address, by whoever; the wildcard is one as well. */
struct local_key {
	__u32 netns;
	__u8 family;
	__u8 pad[3];
	__u8 addr[16];
};

struct local {
	struct local_key key;
	struct port_set used;
	UT_hash_handle hh;
};

struct space {
	__u32 netns;
	const struct sysctls *sysctls; /* NULL: not known */
	long long low, high;
	struct port_set bound; /* ports with a bind bucket that bind() or listen() made */
	__u32 range, reserved, nbound;
	UT_hash_handle hh;
};

struct port_budget {
	const struct sysctls *all;
	size_t nall;
	struct pair *pairs;
	struct local *locals;
	struct space *spaces;
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

static void pair_free(struct port_budget *pb, struct pair *pair)
{
	HASH_DEL(pb->pairs, pair);
	free(pair->processes);
	free(pair);
}

static void forget_walk(struct port_budget *pb)
{
	struct local *local, *next_local;
	struct space *space, *next_space;

	HASH_ITER (hh, pb->locals, local, next_local) {
		HASH_DEL(pb->locals, local);
		free(local);
	}
	HASH_ITER (hh, pb->spaces, space, next_space) {
		HASH_DEL(pb->spaces, space);
		free(space);
	}
	free(pb->rows);
	pb->rows = NULL;
	pb->nrows = 0;
}

void port_budget_free(struct port_budget *pb)
{
	struct pair *pair, *next;

	if (!pb)
		return;
	forget_walk(pb);
	HASH_ITER (hh, pb->pairs, pair, next)
		pair_free(pb, pair);
	free(pb);
}

/* ---- finding what to count in ---- */

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
static struct pair *pair_of_bind(struct port_budget *pb, const struct event *id)
{
	struct port_pair_key key = {.netns = id->netns, .family = id->family, .any_remote = 1};

	memcpy(key.laddr, id->laddr, sizeof(key.laddr));
	return pair_get(pb, &key);
}

/* Few processes share a pair, so they are searched from the front. NULL: no memory. */
static struct port_process *process_get(struct pair *pair, const struct process *process)
{
	struct port_process *grown;
	size_t n = pair->p.nprocesses;

	for (size_t i = 0; i < n; i++)
		if (pair->processes[i].process.pid == process->pid)
			return &pair->processes[i];
	grown = realloc(pair->processes, (n + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	pair->processes = grown;
	grown[n] = (struct port_process){.process = *process};
	pair->p.nprocesses++;
	return &grown[n];
}

static struct local *local_get(struct port_budget *pb, const struct port_pair_key *of, const __u8 addr[16])
{
	struct local_key key = {.netns = of->netns, .family = of->family};
	struct local *local;

	memcpy(key.addr, addr, sizeof(key.addr));
	HASH_FIND(hh, pb->locals, &key, sizeof(key), local);
	if (local)
		return local;
	local = calloc(1, sizeof(*local));
	if (!local)
		return NULL;
	local->key = key;
	HASH_ADD(hh, pb->locals, key, sizeof(key), local);
	if (local->hh.tbl)
		return local;
	free(local);
	return NULL;
}

static void space_init(struct space *space, const struct sysctls *sysctls)
{
	bool has_range = sysctl_get(sysctls, SYSCTL_PORT_LOW, &space->low) && sysctl_get(sysctls, SYSCTL_PORT_HIGH, &space->high);

	if (!has_range || space->low < 0 || space->high > 65535 || space->low > space->high)
		return;
	space->sysctls = sysctls;
	space->range = (__u32)(space->high - space->low + 1);
}

static struct space *space_get(struct port_budget *pb, __u32 netns)
{
	struct space *space;

	HASH_FIND(hh, pb->spaces, &netns, sizeof(netns), space);
	if (space)
		return space;
	space = calloc(1, sizeof(*space));
	if (!space)
		return NULL;
	space->netns = netns;
	space_init(space, sysctls_find(pb->all, pb->nall, netns));
	HASH_ADD(hh, pb->spaces, netns, sizeof(netns), space);
	if (space->hh.tbl)
		return space;
	free(space);
	return NULL;
}

/* ---- counting ---- */

int port_budget_event(struct port_budget *pb, const struct event *e)
{
	bool no_port = e->type == EVENT_CONNECT_FAILED && e->reason == REASON_NO_PORT;
	bool taken = e->type == EVENT_CLOSE && e->timewait == TIMEWAIT_ENTERED && e->role == ROLE_CLIENT;
	struct port_process *process;
	struct pair *pair;

	if (!no_port && !taken)
		return 0;
	pair = pair_of(pb, e);
	process = pair ? process_get(pair, event_process(e)) : NULL;
	if (!process)
		return -ENOMEM;
	pair->taken += taken;
	process->taken += taken;
	pair->p.no_port += no_port;
	process->no_port += no_port;
	return 0;
}

/* A pair that neither holds a port nor was refused one is forgotten; so a long run needs no more memory than a short one. */
void port_budget_begin(struct port_budget *pb, const struct sysctls *all, size_t n)
{
	struct pair *pair, *next;
	bool first = !pb->rows;

	HASH_ITER (hh, pb->pairs, pair, next) {
		if (!first && !pair->sockets && !pair->p.no_port) {
			pair_free(pb, pair);
			continue;
		}
		pair->sockets = pair->others = pair->by_bind = 0;
		pair->taken_before = first ? 0 : pair->taken;
		memset(&pair->bins, 0, sizeof(pair->bins));
		for (size_t i = 0; i < pair->p.nprocesses; i++)
			pair->processes[i].held = 0;
	}
	if (!first)
		pb->traced_before = pb->traced;
	forget_walk(pb);
	pb->all = all;
	pb->nall = n;
}

static bool usable(const struct space *space, __u16 port)
{
	return space->sysctls && port >= space->low && port <= space->high && !port_set_has(&space->sysctls->reserved, port);
}

static void bins_add(struct bins *bins, const struct live_socket *s)
{
	__u64 left = s->left_ns == UNKNOWN_NS ? TIME_WAIT_SECONDS : s->left_ns / SECOND;
	unsigned bin = left < TIME_WAIT_SECONDS ? (unsigned)left : TIME_WAIT_SECONDS;

	if (s->flags & SOCKET_TIMESTAMPS)
		bins->stamped[bin]++;
	else
		bins->plain[bin]++;
}

static int count_held(struct pair *pair, const struct live_socket *s)
{
	struct port_process *process = process_get(pair, event_process(&s->id));

	if (!process)
		return -ENOMEM;
	process->held++;
	if (s->state == STATE_TIME_WAIT)
		bins_add(&pair->bins, s);
	else
		pair->others++;
	return 0;
}

static int count_client(struct port_budget *pb, const struct live_socket *s, const struct space *space)
{
	struct pair *pair = pair_of(pb, &s->id), *by_bind;

	if (!pair)
		return -ENOMEM;
	pair->sockets++;
	if (!usable(space, s->id.lport))
		return 0;
	if (!(s->flags & SOCKET_BOUND))
		return count_held(pair, s);
	pair->by_bind++;
	by_bind = pair_of_bind(pb, &s->id);
	if (!by_bind)
		return -ENOMEM;
	by_bind->sockets++;
	by_bind->by_bind++;
	return count_held(by_bind, s);
}

int port_budget_socket(struct port_budget *pb, const struct live_socket *s)
{
	struct port_pair_key where = {.netns = s->id.netns, .family = s->id.family};
	struct local *local;
	struct space *space;

	if (!live_socket_valid(s))
		return -EINVAL;
	if (!s->id.lport)
		return 0;
	space = space_get(pb, s->id.netns);
	local = local_get(pb, &where, s->id.laddr);
	if (!space || !local)
		return -ENOMEM;
	port_set_add(&local->used, s->id.lport);
	if (s->flags & SOCKET_BOUND)
		port_set_add(&space->bound, s->id.lport);
	if (s->state == STATE_LISTEN || s->id.role == ROLE_SERVER)
		return 0;
	return count_client(pb, s, space);
}

/* ---- what follows ---- */

static bool is_loopback(unsigned family, const __u8 addr[16])
{
	static const __u8 one[16] = {[15] = 1};

	return family == 4 ? addr[0] == 127 : !memcmp(addr, one, sizeof(one));
}

/* tcp_twsk_unique(), less what each TIME_WAIT knows itself. */
static bool may_reuse(const struct port_pair_key *key, const struct sysctls *sysctls)
{
	long long reuse = 0;

	if (key->any_remote) /* bind() does not look for those it could take over */
		return false;
	sysctl_get(sysctls, SYSCTL_TW_REUSE, &reuse);
	if (reuse == 2)
		return is_loopback(key->family, key->laddr) || is_loopback(key->family, key->raddr);
	return reuse != 0;
}

static __u64 reuse_delay(const struct sysctls *sysctls)
{
	long long ms;

	return sysctl_get(sysctls, SYSCTL_TW_REUSE_DELAY, &ms) && ms >= 0 ? (__u64)ms * 1000000 : SECOND;
}

static __u32 sum(const __u16 bins[BINS], unsigned from)
{
	__u32 n = 0;

	for (unsigned i = from; i < BINS; i++)
		n += bins[i];
	return n;
}

/* How long a port is held by a TIME_WAIT that begins now: they will be like most that are there. */
static __u64 hold_of(const struct pair *pair, const struct sysctls *sysctls)
{
	__u32 stamped = sum(pair->bins.stamped, 0), plain = sum(pair->bins.plain, 0);
	long long timestamps = 0;
	bool likely = stamped > plain;
	__u64 delay = reuse_delay(sysctls);

	if (!stamped && !plain)
		likely = sysctl_get(sysctls, SYSCTL_TIMESTAMPS, &timestamps) && timestamps;
	if (!likely || !may_reuse(&pair->p.key, sysctls) || delay > TIME_WAIT_SECONDS * SECOND)
		return TIME_WAIT_SECONDS * SECOND;
	return delay;
}

/* The first bin of those with timestamps that still hold their port. */
static unsigned first_holding(const struct pair *pair, const struct sysctls *sysctls)
{
	__u64 seconds = (reuse_delay(sysctls) + SECOND - 1) / SECOND;

	if (!may_reuse(&pair->p.key, sysctls))
		return 0;
	return seconds < TIME_WAIT_SECONDS ? (unsigned)(TIME_WAIT_SECONDS - seconds) : 0;
}

static __u32 count_ports(const struct space *space, const struct port_set *a, const struct port_set *b, const struct port_set *c)
{
	__u32 n = 0;

	for (long long port = space->low; port <= space->high; port++) {
		__u16 at = (__u16)port;

		n += usable(space, at) && (port_set_has(a, at) || (b && port_set_has(b, at)) || (c && port_set_has(c, at)));
	}
	return n;
}

static void space_count(struct space *space)
{
	if (!space->sysctls)
		return;
	space->reserved = 0;
	for (long long port = space->low; port <= space->high; port++)
		space->reserved += port_set_has(&space->sysctls->reserved, (__u16)port);
	space->nbound = count_ports(space, &space->bound, NULL, NULL);
}

static const struct port_set *used_at(struct port_budget *pb, __u32 netns, __u8 family, const __u8 addr[16])
{
	struct local_key key = {.netns = netns, .family = family};
	struct local *local;

	memcpy(key.addr, addr, sizeof(key.addr));
	HASH_FIND(hh, pb->locals, &key, sizeof(key), local);
	return local ? &local->used : NULL;
}

/* Ports that a bind() to this address cannot have: used there, or at a wildcard, which IPv6's is for IPv4 as well. */
static __u32 count_used(struct port_budget *pb, const struct port_pair_key *key, const struct space *space)
{
	static const __u8 any[16];
	const struct port_set *here = used_at(pb, key->netns, key->family, key->laddr);

	return here ? count_ports(space, here, used_at(pb, key->netns, 4, any), used_at(pb, key->netns, 6, any)) : 0;
}

/* set_free[t]: ports that TIME_WAITs in place will have set free by the end of second t. */
static void plan(const struct pair *pair, unsigned first, __u32 set_free[BINS])
{
	memset(set_free, 0, BINS * sizeof(*set_free));
	for (unsigned bin = 0; bin < BINS; bin++) {
		set_free[bin] += pair->bins.plain[bin];
		if (bin >= first)
			set_free[bin - first] += pair->bins.stamped[bin];
	}
}

/* See port_budget.h. */
static __u64 time_left(const struct pair *pair, unsigned first)
{
	const struct port_pair *p = &pair->p;
	double have = p->free, hold = (double)p->hold_ns / 1e9;
	__u32 set_free[BINS];

	if (p->rate <= p->max_rate)
		return UNKNOWN_NS;
	plan(pair, first, set_free);
	for (unsigned second = 0; second < hold; second++) {
		if (have / p->rate <= second + 1)
			return (__u64)(have / p->rate * 1e9);
		have += set_free[second];
	}
	return p->hold_ns;
}

/* traced_ns: since the walk before. */
static double rate_of(const struct pair *pair, __u64 traced_ns)
{
	unsigned from = TIME_WAIT_SECONDS - YOUNG_SECONDS;

	if (traced_ns >= SECOND)
		return (double)(pair->taken - pair->taken_before) / ((double)traced_ns / 1e9);
	return (double)(sum(pair->bins.stamped, from) + sum(pair->bins.plain, from)) / YOUNG_SECONDS;
}

static double max_rate(const struct port_pair *p, const struct sysctls *sysctls)
{
	__u32 room = p->usable > p->connections ? p->usable - p->connections : 0;
	long long buckets;

	if (sysctl_get(sysctls, SYSCTL_MAX_TW_BUCKETS, &buckets) && buckets < room)
		return HUGE_VAL;
	return p->hold_ns ? room / ((double)p->hold_ns / 1e9) : HUGE_VAL;
}

static int compare_processes(const void *x, const void *y)
{
	const struct port_process *a = x, *b = y;
	__u64 of_a = a->no_port + a->held, of_b = b->no_port + b->held;

	if (of_a != of_b)
		return of_a > of_b ? -1 : 1;
	return a->process.pid < b->process.pid ? -1 : a->process.pid > b->process.pid;
}

static void work_out(struct port_budget *pb, struct pair *pair, const struct space *space, __u64 traced_ns)
{
	const struct sysctls *sysctls = space->sysctls;
	struct port_pair *p = &pair->p;
	unsigned first = first_holding(pair, sysctls);

	p->range = space->range;
	p->reserved = space->reserved;
	p->bound = p->key.any_remote ? 0 : space->nbound;
	p->usable = p->range - p->reserved - p->bound;
	p->time_wait = sum(pair->bins.plain, 0) + sum(pair->bins.stamped, first);
	p->reusable = sum(pair->bins.stamped, 0) - sum(pair->bins.stamped, first);
	p->held = p->key.any_remote ? count_used(pb, &p->key, space) : pair->others + p->time_wait;
	p->connections = p->held > p->time_wait ? p->held - p->time_wait : 0;
	p->free = p->usable > p->held ? p->usable - p->held : 0;
	p->share = p->usable ? 1 - (double)p->free / p->usable : 1;
	p->hold_ns = hold_of(pair, sysctls);
	p->rate = rate_of(pair, traced_ns);
	p->max_rate = max_rate(p, sysctls);
	p->left_ns = time_left(pair, first);
}

static void clear_numbers(struct port_pair *p)
{
	struct port_pair blank = {.key = p->key, .no_port = p->no_port, .left_ns = UNKNOWN_NS, .nprocesses = p->nprocesses};

	*p = blank;
}

/* What those begin that bind() first is known by their pairs only. */
static int add_taken_by_bind(struct port_budget *pb)
{
	struct pair *pair, *next, *by_bind;

	HASH_ITER (hh, pb->pairs, pair, next)
		if (pair->p.key.any_remote)
			pair->taken = pair->taken_before = 0;
	HASH_ITER (hh, pb->pairs, pair, next) {
		struct event id = {.netns = pair->p.key.netns, .family = pair->p.key.family};

		if (pair->p.key.any_remote || !pair->by_bind)
			continue;
		memcpy(id.laddr, pair->p.key.laddr, sizeof(id.laddr));
		by_bind = pair_of_bind(pb, &id);
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
	struct pair *pair, *next;
	struct space *space, *next_space;

	if (add_taken_by_bind(pb))
		return -ENOMEM;
	pb->traced = traced_ns;
	free(pb->rows);
	pb->nrows = 0;
	pb->rows = malloc((HASH_COUNT(pb->pairs) + 1) * sizeof(*pb->rows));
	if (!pb->rows)
		return -ENOMEM;
	HASH_ITER (hh, pb->pairs, pair, next) /* those without a socket any more */
		if (!space_get(pb, pair->p.key.netns))
			return -ENOMEM;
	HASH_ITER (hh, pb->spaces, space, next_space)
		space_count(space);
	HASH_ITER (hh, pb->pairs, pair, next) {
		clear_numbers(&pair->p);
		space = space_get(pb, pair->p.key.netns);
		pair->p.known = space->sysctls;
		if (pair->p.known)
			work_out(pb, pair, space, traced_ns - pb->traced_before);
		if (pair->p.nprocesses)
			qsort(pair->processes, pair->p.nprocesses, sizeof(*pair->processes), compare_processes);
		pair->p.processes = pair->processes;
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
