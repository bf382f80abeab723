// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tracer.c: hand the events and totals of the BPF programs on, from the first hook to the last. See tracer.h. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "model/sum.h"
#include "source/say.h"
#include "source/features.h"
#include "source/iterate.h"
#include "source/nudge.h"
#include "source/sockets.h"
#include "source/setup.h"
#include "tracer.bpf.skel.h"

#define SETTLE_NS 1000000000ull /* how long a close may wait for its owner, an end for its cause, before we go and ask */
#define TEND_NS 100000000ull    /* from one look at the pool of TIME_WAITs to the next */
#define READ_AT_ONCE 65536      /* events, then let the caller see to its signals and its clock */
#define PENDING_LOOK 64         /* how many of them to look at for one that is old */

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static int on_event(void *ctx, void *data, size_t size)
{
	struct tracer *t = ctx;

	if (size < sizeof(struct event))
		return 0;
	t->fn(data, t->ctx);
	return ++t->delivered < READ_AT_ONCE ? 0 : -EAGAIN; /* stops ring_buffer__consume() with this one consumed */
}

static int start(struct tracer *t, const struct tracer_options *opts)
{
	int err;

	t->ncpus = libbpf_num_possible_cpus();
	if (t->ncpus < 0)
		return say_err(t->ncpus, "cannot count the CPUs: %s", strerror(-t->ncpus));
	err = setup_open(t, opts);
	if (!err)
		err = setup_load(t);
	if (err)
		return err;
	t->percpu = calloc(t->ncpus, sizeof(*t->percpu));
	t->ring = ring_buffer__new(bpf_map__fd(t->skel->maps.events), on_event, t, NULL);
	if (!t->percpu || !t->ring)
		return say_err(-ENOMEM, "cannot map the ring buffer: %s", strerror(errno));
	err = setup_attach(t);
	if (err)
		return err;
	t->since = now_ns();
	t->skel->data->shared.watching = 1;
	err = setup_seed(t);
	if (err)
		return err;
	t->next_settle = now_ns() + SETTLE_NS;
	malloc_trim(0); /* libbpf is through with the kernel's BTF */
	return 0;
}

/* -ENOTSUP, if it is the backend that the kernel would not have. */
static int start_with(struct tracer **out, const struct tracer_options *opts, enum backend backend, const char *why)
{
	struct tracer *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return say_err(-ENOMEM, "out of memory");
	t->backend = backend;
	t->why = why;
	err = start(t, opts);
	if (!err) {
		*out = t;
		return 0;
	}
	err = t->refused ? -ENOTSUP : err;
	tracer_free(t);
	return err;
}

int tracer_new(struct tracer **out, const struct tracer_options *opts)
{
	enum backend backend;
	const char *why;
	int err;

	setup_verbose(opts->verbose);
	err = features_require();
	if (err)
		return err;
	backend = features_backend(opts->backend, &why);
	if (backend == BACKEND_AUTO && opts->backend != BACKEND_AUTO)
		return say_err(-ENOTSUP, "backend %s cannot run here: %s", backend_name(opts->backend), why);
	if (backend == BACKEND_AUTO)
		return say_err(-ENOTSUP, "no backend can run: %s", why);
	err = start_with(out, opts, backend, why);
	/* It may refuse the real programs though it took those that tried it out. */
	if (err == -ENOTSUP && opts->backend == BACKEND_AUTO && backend == BACKEND_FENTRY)
		err = start_with(out, opts, BACKEND_TIMER, "the kernel refused backend fentry");
	return err;
}

void tracer_free(struct tracer *t)
{
	if (!t)
		return;
	ring_buffer__free(t->ring);
	pool_close(&t->pool);
	tracer_bpf__destroy(t->skel);
	free(t->percpu);
	free(t);
}

int tracer_fd(const struct tracer *t)
{
	return ring_buffer__epoll_fd(t->ring);
}

/* Those that max_connections left without a record are found among the sockets. */
static int walk_untracked(struct tracer *t)
{
	const struct tracer_bpf__bss *bss = t->skel->bss;

	t->untracked = bss->untracked_time_wait || bss->untracked_fin_wait2;
	if (!t->untracked || bpf_program__fd(t->skel->progs.walk_sockets) < 0)
		return 0;
	return iterate_namespaces(t->skel->progs.walk_sockets);
}

static int walk(struct tracer *t)
{
	struct tracer_bpf *s = t->skel;
	int err;

	s->bss->walk_open = s->bss->walk_time_wait = s->bss->walk_fin_wait2 = 0;
	memset(s->bss->walk_turned, 0, sizeof(s->bss->walk_turned));
	err = iterate(s->progs.walk_near, bpf_map__fd(s->maps.near));
	if (!err)
		err = iterate(s->progs.walk_far, bpf_map__fd(s->maps.far));
	if (!err)
		err = iterate(s->progs.walk_timewaits, bpf_map__fd(s->maps.timewaits));
	for (unsigned i = 0; !err && i < t->pool.segments; i++)
		err = iterate(s->progs.walk_pool, t->pool.fds[i]);
	return err ? err : walk_untracked(t);
}

/* Has a close waited so long that its owner will hardly let go by itself? Most do within microseconds. */
static bool pending_is_old(const struct tracer *t, __u64 now)
{
	int fd = bpf_map__fd(t->skel->maps.pending);
	__u64 key, *previous = NULL;
	struct event e;

	if (!t->skel->data->shared.pending_count)
		return false;
	for (int i = 0; i < PENDING_LOOK && !bpf_map_get_next_key(fd, previous, &key); i++) {
		if (!bpf_map_lookup_elem(fd, &key, &e) && now - e.ts > SETTLE_NS)
			return true;
		previous = &key;
	}
	return false;
}

static int settle(struct tracer *t, bool all)
{
	__u64 now = now_ns();

	t->next_settle = now + SETTLE_NS;
	if (t->skel->bss->limbo_count)
		nudge_cpus(bpf_map__fd(t->skel->maps.limbo), bpf_map__value_size(t->skel->maps.limbo), t->ncpus);
	if (all ? t->skel->data->shared.pending_count != 0 : pending_is_old(t, now))
		return iterate(t->skel->progs.seed_files, -1);
	return 0;
}

int tracer_settle(struct tracer *t)
{
	return settle(t, true);
}

/* inet_timewait_socks there are, by the count of those that came and went. */
static __u64 timewaits_now(const struct totals *m)
{
	__u64 came = m->tw_present + m->tw_begun + m->fin_wait2_present + m->fin_wait2_begun;
	__u64 gone = sum(m->tw_ended, END_MAX) + sum(m->fin_wait2_ended, END_MAX);

	return minus(came, gone + m->fin_wait2_turned); /* those were counted as begun twice */
}

static int tend(struct tracer *t, __u64 now)
{
	struct totals totals[TOTALS_MAX];
	int err = tracer_totals(t, totals);

	t->next_tend = now + TEND_NS;
	if (!err)
		pool_tend(&t->pool, timewaits_now(&totals[TOTALS_HOST]));
	return err;
}

/* What is not urgent but must not wait for ever. */
static int housekeep(struct tracer *t)
{
	__u64 now = now_ns();
	int err = 0;

	if (t->attached && now >= t->next_tend)
		err = tend(t, now);
	if (!err && t->attached && now >= t->next_settle)
		err = settle(t, false);
	return err;
}

int tracer_read(struct tracer *t, tracer_event_fn fn, void *ctx)
{
	int err = housekeep(t);

	if (err)
		return err;
	t->fn = fn;
	t->ctx = ctx;
	t->delivered = 0;
	err = ring_buffer__consume(t->ring);
	return err < 0 && err != -EAGAIN ? err : t->delivered;
}

int tracer_stop(struct tracer *t)
{
	int err;

	if (!t->attached)
		return 0;
	/* All hooks stop at once, not one by one as they are detached; what they hold back comes out meanwhile. */
	t->skel->data->shared.watching = 0;
	err = tracer_settle(t);
	tracer_bpf__detach(t->skel);
	t->attached = false;
	if (t->skel->data->shared.pending_count && t->can_walk)
		err = iterate(t->skel->progs.flush_pending, bpf_map__fd(t->skel->maps.pending));
	return err;
}

int tracer_count(struct tracer *t, struct tracer_now *now)
{
	struct tracer_bpf__bss *bss = t->skel->bss;
	int err;

	memset(now, 0, sizeof(*now));
	if (!t->can_walk)
		return -ENOTSUP;
	err = walk(t);
	if (err)
		return err;
	now->open = bss->walk_open + t->skel->data->shared.untracked_open;
	now->time_wait = bss->walk_time_wait;
	now->fin_wait2 = bss->walk_fin_wait2;
	return 0;
}

/* Of those without a record nobody saw the turn from FIN_WAIT2 to TIME_WAIT: what is there, and has ended, must have begun. */
static void add_untracked_turns(struct totals *m, __u64 now)
{
	__u64 ended = sum(m->tw_ended, END_MAX), turned;

	if (ended + now <= m->tw_present + m->tw_begun)
		return;
	turned = ended + now - m->tw_present - m->tw_begun;
	m->tw_begun += turned;
	m->fin_wait2_turned += turned;
}

/* Without a filter the kernel side saves itself counting twice. */
static void copy_host(struct totals *matched, const struct totals *host)
{
	*matched = *host;
	matched->present = matched->opened = matched->tw_entered = 0;
	memset(matched->lost, 0, sizeof(matched->lost));
}

int tracer_sockets(struct tracer *t, socket_fn fn, void *ctx)
{
	struct sockets_walk walk = {
		.files = t->skel->progs.census_files,
		.sockets = t->skel->progs.census_sockets,
		.since = t->since,
		.fn = fn,
		.ctx = ctx,
	};

	return bpf_program__fd(walk.sockets) < 0 ? -ENOTSUP : sockets_walk(&walk);
}

int tracer_totals(const struct tracer *t, struct totals totals[TOTALS_MAX])
{
	const struct tracer_bpf__bss *bss = t->skel->bss;
	__u32 zero = 0;
	__u64 *sum = (__u64 *)totals;

	if (bpf_map_lookup_elem(bpf_map__fd(t->skel->maps.counters), &zero, t->percpu))
		return -errno;
	memset(totals, 0, sizeof(*t->percpu));
	for (int cpu = 0; cpu < t->ncpus; cpu++) {
		const __u64 *one = (const __u64 *)&t->percpu[cpu];

		for (size_t i = 0; i < sizeof(*t->percpu) / sizeof(*one); i++)
			sum[i] += one[i];
	}
	if (!t->skel->rodata->filter_active)
		copy_host(&totals[TOTALS_MATCHED], &totals[TOTALS_HOST]);
	/* Turned from FIN_WAIT2 to TIME_WAIT: those that have ended, and those that the last walk found */
	for (int i = 0; i < TOTALS_MAX; i++) {
		totals[i].fin_wait2_turned += bss->walk_turned[i];
		totals[i].tw_begun += totals[i].fin_wait2_turned;
	}
	if (t->untracked)
		add_untracked_turns(&totals[TOTALS_MATCHED], bss->walk_time_wait);
	if (t->untracked && !t->skel->rodata->filter_active)
		add_untracked_turns(&totals[TOTALS_HOST], bss->walk_time_wait);
	return 0;
}

int tracer_missed(const struct tracer *t, __u64 *missed)
{
	struct bpf_program *prog;

	*missed = 0;
	bpf_object__for_each_program(prog, t->skel->obj) {
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);
		int fd = bpf_program__fd(prog);

		if (fd < 0)
			continue;
		if (bpf_obj_get_info_by_fd(fd, &info, &len))
			return -errno;
		if (len < offsetof(struct bpf_prog_info, recursion_misses) + sizeof(info.recursion_misses))
			return -ENOTSUP;
		*missed += info.recursion_misses;
	}
	return 0;
}

const char *backend_name(enum backend backend)
{
	static const char *const names[] = {[BACKEND_AUTO] = "auto", [BACKEND_FENTRY] = "fentry", [BACKEND_TIMER] = "timer"};

	return names[backend];
}

const char *tracer_backend_name(const struct tracer *t)
{
	return backend_name(t->backend);
}

const char *tracer_backend_why(const struct tracer *t)
{
	return t->why;
}
