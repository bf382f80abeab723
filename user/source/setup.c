// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* setup.c: which BPF programs and maps, how large, and on which hooks. See setup.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "source/features.h"
#include "source/iterate.h"
#include "source/say.h"
#include "source/setup.h"
#include "source/waiting.h"
#include "tracer.bpf.skel.h"
#include "tracer_plain.bpf.skel.h"

#define RING_BYTES (4u << 20)
#define MAX_CONNECTIONS (256u << 10)
#define NEAR_BITS 13            /* of those the first that the small table takes: 1 MB */

static bool be_verbose;

__attribute__((format(printf, 2, 0))) static int on_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (!be_verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, format, args);
}

void setup_verbose(bool verbose)
{
	be_verbose = verbose;
	libbpf_set_print(on_libbpf);
}

/* The coarse clock ticks once a jiffy: include/linux/timekeeping.h, KTIME_LOW_RES. */
static __u64 jiffies_per_second(void)
{
	struct timespec ts;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &ts) || ts.tv_nsec <= 0)
		return 250;
	return (1000000000ull + ts.tv_nsec / 2) / ts.tv_nsec;
}

static bool filter_is_active(const struct filter *f)
{
	return f->npids || f->ncomms || f->nports || f->nremotes || f->nnetns || f->family;
}

/* The programs that follow TIME_WAIT, of the backend chosen and no other. */
static void configure_backend(struct tracer *t)
{
	struct tracer_bpf *skel = t->skel;
	bool fentry = t->backend == BACKEND_FENTRY;
	bool older = fentry && features_parameters("inet_twsk_hashdance");
	bool newer = fentry && features_parameters("inet_twsk_hashdance_schedule");

	bpf_program__set_autoload(skel->progs.timer_started, !fentry);
	bpf_program__set_autoload(skel->progs.timer_cancelled, !fentry);
	bpf_program__set_autoload(skel->progs.timer_expired, !fentry);
	bpf_program__set_autoload(skel->progs.tw_hashed_before_6_11, older && !newer);
	bpf_program__set_autoload(skel->progs.tw_hashed, newer);
	bpf_program__set_autoload(skel->progs.tw_hashed_again, newer);
	bpf_program__set_autoload(skel->progs.tw_scheduled, fentry);
	bpf_program__set_autoload(skel->progs.tw_killed, fentry);
	bpf_program__set_autoload(skel->progs.tw_expired, fentry);
	bpf_program__set_autoload(skel->progs.tw_packet, fentry);
	bpf_program__set_autoload(skel->progs.tw_packet_done, fentry);
	bpf_program__set_autoload(skel->progs.tw_reusable, fentry);
	bpf_program__set_autoload(skel->progs.abort_begins, fentry);
	bpf_program__set_autoload(skel->progs.accept_done, fentry && features_has(FEATURE_TRACE_ACCEPT));
	bpf_program__set_autoload(skel->progs.tw_allocated, fentry && features_has(FEATURE_TRACE_ALLOC));
	if (!fentry) {
		skel->rodata->tw_timer_handler = features_tw_handler();
		skel->rodata->reqsk_timer_handler = features_reqsk_handler();
		return;
	}
	skel->rodata->sees_schedule = true;
	skel->rodata->sees_refusal = features_has(FEATURE_TRACE_ALLOC);
	skel->rodata->accept_args = features_parameters("inet_csk_accept");
	skel->rodata->state_process_args = features_parameters("tcp_timewait_state_process");
}

/* Half of the open connections in the small table, at most, the others in the one that grows. */
static void configure_records(struct tracer_bpf *skel, unsigned most)
{
	unsigned bits = 1;

	while (bits < NEAR_BITS && 2u << bits < most)
		bits++;
	bpf_map__set_max_entries(skel->maps.near, 1u << bits);
	skel->rodata->near_shift = 64 - bits;
	bpf_map__set_max_entries(skel->maps.far, most > 1u << bits ? most - (1u << bits) : 1);
}

static void configure(struct tracer *t, const struct tracer_options *opts)
{
	struct tracer_bpf *skel = t->skel;
	size_t ring = opts->ring_bytes ? opts->ring_bytes : RING_BYTES;
	unsigned most = opts->max_connections ? opts->max_connections : MAX_CONNECTIONS;
	char comm[COMM_LEN] = "";

	bpf_map__set_max_entries(skel->maps.events, ring);
	configure_records(skel, most);
	pool_configure(&t->pool, skel, most);
	skel->rodata->filter = opts->filter;
	skel->rodata->filter_active = filter_is_active(&opts->filter);
	skel->rodata->ring_wakeup_at = ring / 4;
	skel->rodata->timewait_jiffies = 60 * jiffies_per_second();
	skel->rodata->tracer_pid = getpid();
	prctl(PR_GET_NAME, comm);
	memcpy((void *)skel->rodata->tracer_comm, comm, sizeof(skel->rodata->tracer_comm));
	skel->rodata->send_reset_has_tw = features_has(FEATURE_SEND_RESET_TW);
	skel->rodata->watched_twice = features_has(FEATURE_PREEMPTIBLE);
	bpf_program__set_autoload(skel->progs.state_change_again, skel->rodata->watched_twice);
	if (!skel->rodata->watched_twice)
		bpf_map__set_max_entries(skel->maps.notes, 1);
	t->can_walk = features_has(FEATURE_ITER_MAP_ELEM);
	bpf_program__set_autoload(skel->progs.walk_near, t->can_walk);
	bpf_program__set_autoload(skel->progs.walk_far, t->can_walk);
	bpf_program__set_autoload(skel->progs.hand_out, t->can_walk);
	bpf_program__set_autoload(skel->progs.walk_pool, t->can_walk);
	bpf_program__set_autoload(skel->progs.walk_timewaits, t->can_walk);
	bpf_program__set_autoload(skel->progs.flush_pending, t->can_walk);
	bpf_program__set_autoload(skel->progs.seed_sockets, features_has(FEATURE_ITER_TCP));
	bpf_program__set_autoload(skel->progs.walk_sockets, features_has(FEATURE_ITER_TCP));
	bpf_program__set_autoload(skel->progs.census_sockets, opts->sockets && features_has(FEATURE_ITER_TCP));
	bpf_program__set_autoload(skel->progs.census_files, opts->sockets && features_has(FEATURE_ITER_TCP));
	configure_backend(t);
	features_release();
}

_Static_assert(sizeof(struct tracer_bpf) == sizeof(struct tracer_plain_bpf) &&
		       sizeof(struct tracer_bpf__rodata) == sizeof(struct tracer_plain_bpf__rodata) &&
		       sizeof(struct tracer_bpf__bss) == sizeof(struct tracer_plain_bpf__bss),
	       "the two objects differ in how they read, and in no map, program or global");

/* The skeleton of tracer.bpf.c, around the object whose reads this kernel allows: see PEEK() in bpf/kernel.h. NULL, and errno. */
static struct tracer_bpf *open_object(bool plain)
{
	struct tracer_bpf *skel = calloc(1, sizeof(*skel));
	int err = skel ? tracer_bpf__create_skeleton(skel) : -ENOMEM;

	if (!err && plain)
		skel->skeleton->data = (void *)tracer_plain_bpf__elf_bytes(&skel->skeleton->data_sz);
	if (!err)
		err = bpf_object__open_skeleton(skel->skeleton, NULL);
	if (!err)
		return skel;
	tracer_bpf__destroy(skel);
	errno = -err;
	return NULL;
}

static unsigned count_programs(struct tracer_bpf *skel)
{
	struct bpf_program *prog;
	unsigned n = 0;

	bpf_object__for_each_program(prog, skel->obj) n += bpf_program__autoload(prog);
	return n;
}

int setup_open(struct tracer *t, const struct tracer_options *opts)
{
	if (t->backend == BACKEND_TIMER && !features_has(FEATURE_TW_TIMER_HANDLER))
		return say_err(-ENOTSUP, "%s", NO_TW_HANDLER);
	t->skel = open_object(!features_has(FEATURE_RDONLY_CAST));
	if (!t->skel)
		return say_err(-errno, "cannot open the BPF object: %s", strerror(errno));
	configure(t, opts);
	return 0;
}

int setup_load(struct tracer *t)
{
	int err;

	waiting_for("the kernel to verify %u BPF programs", count_programs(t->skel));
	err = tracer_bpf__load(t->skel);

	t->refused = err && err != -ENOMEM && err != -EPERM;
	if (err == -EPERM || err == -EACCES)
		return say_err(-EPERM, "the kernel refuses to load BPF programs: %s (see --verbose)", strerror(-err));
	if (err)
		return say_err(err, "cannot load the BPF programs: %s (see --verbose)", strerror(-err));
	err = pool_open(&t->pool);
	return err ? say_err(err, "cannot make room for TIME_WAITs: %s", strerror(-err)) : 0;
}

static int attach_one(struct bpf_program *prog, struct bpf_link **link)
{
	struct bpf_link *l = bpf_program__attach(prog);
	long err = libbpf_get_error(l);

	if (err)
		return say_err((int)err, "cannot attach %s: %s", bpf_program__section_name(prog), strerror((int)-err));
	*link = l;
	return 0;
}

/*
 * state_change before state_change_again: programs at a tracepoint run in the order they were attached. None of them does
 * anything before all are there.
 */
int setup_attach(struct tracer *t)
{
	struct tracer_bpf *s = t->skel;
	struct {
		struct bpf_program *prog;
		struct bpf_link **link;
	} hooks[] = {
		{s->progs.timer_started, &s->links.timer_started},
		{s->progs.timer_cancelled, &s->links.timer_cancelled},
		{s->progs.timer_expired, &s->links.timer_expired},
		{s->progs.tw_expired, &s->links.tw_expired},
		{s->progs.tw_packet, &s->links.tw_packet},
		{s->progs.tw_packet_done, &s->links.tw_packet_done},
		{s->progs.tw_reusable, &s->links.tw_reusable},
		{s->progs.abort_begins, &s->links.abort_begins},
		{s->progs.tw_allocated, &s->links.tw_allocated},
		{s->progs.tw_killed, &s->links.tw_killed},
		{s->progs.tw_scheduled, &s->links.tw_scheduled},
		{s->progs.tw_hashed_before_6_11, &s->links.tw_hashed_before_6_11},
		{s->progs.tw_hashed, &s->links.tw_hashed},
		{s->progs.tw_hashed_again, &s->links.tw_hashed_again},
		{s->progs.accept_done, &s->links.accept_done},
		{s->progs.send_reset, &s->links.send_reset},
		{s->progs.destroy, &s->links.destroy},
		{s->progs.state_change, &s->links.state_change},
		{s->progs.state_change_again, &s->links.state_change_again},
	};

	waiting_for("the kernel to attach the BPF programs");
	t->attached = true;
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		int err = bpf_program__autoload(hooks[i].prog) ? attach_one(hooks[i].prog, hooks[i].link) : 0;

		t->refused = err;
		if (err)
			return err;
	}
	return 0;
}

int setup_seed(struct tracer *t)
{
	int err;

	waiting_for("a list of the open sockets");
	t->skel->bss->seeding = 1;
	err = iterate(t->skel->progs.seed_files, -1);
	t->skel->bss->seeding = 0;
	if (err)
		return say_err(err, "cannot list open sockets: %s", strerror(-err));
	if (bpf_program__fd(t->skel->progs.seed_sockets) < 0)
		return 0;
	waiting_for("the sockets of every network namespace");
	err = iterate_namespaces(t->skel->progs.seed_sockets);
	if (err)
		return say_err(err, "cannot list sockets by network namespace: %s", strerror(-err));
	t->skel->data->shared.seeded = 1;
	return 0;
}
