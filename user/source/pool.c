// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* pool.c: see pool.h. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "source/pool.h"
#include "source/tracer.h"
#include "tracer.bpf.skel.h"

#define SEGMENT 8192  /* TW_SEGMENT */
#define PLACES 4      /* records for each line of the index: it has room for five */
#define PATIENCE 100  /* how often in a row pool_tend() finds too many before it takes some away */

static unsigned power_of_two(unsigned n)
{
	unsigned power = 1;

	while (power < n)
		power *= 2;
	return power;
}

void pool_configure(struct pool *p, struct tracer_bpf *skel, unsigned records)
{
	unsigned segments = records / SEGMENT, lines = segments ? power_of_two(records / PLACES) : 1;

	bpf_map__set_max_entries(skel->maps.tw_segments, segments ? segments : 1);
	bpf_map__set_max_entries(skel->maps.tw_free, segments ? segments * SEGMENT : 1);
	bpf_map__set_max_entries(skel->maps.tw_index, lines);
	bpf_map__set_max_entries(skel->maps.timewaits, segments ? records / PLACES : records);
	skel->rodata->tw_index_mask = lines - 1;
	*p = (struct pool){.skel = skel, .most = segments};
	p->place_size = bpf_map__value_size(bpf_map__inner_map(skel->maps.tw_segments)); /* libbpf forgets it at load */
}

/* Places first to last - 1 are free. */
static int hand_out(const struct pool *p, __u32 first, __u32 last)
{
	int fd = bpf_map__fd(p->skel->maps.tw_free);

	/* The highest first: the one on top is taken next */
	for (__u32 place = last; place-- > first;)
		if (place && bpf_map_update_elem(fd, NULL, &place, BPF_ANY)) /* 0 is none */
			return -errno;
	return 0;
}

static int add_segment(struct pool *p)
{
	__u32 at = p->segments;
	int fd, err = 0;

	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tw_segment", sizeof(__u32), p->place_size, SEGMENT, NULL);
	if (fd < 0)
		return -errno;
	if (bpf_map_update_elem(bpf_map__fd(p->skel->maps.tw_segments), &at, &fd, BPF_ANY))
		err = -errno;
	if (!err)
		err = hand_out(p, at * SEGMENT, (at + 1) * SEGMENT);
	if (err) {
		close(fd);
		return err;
	}
	p->fds[p->segments++] = fd;
	p->keep = p->segments;
	p->skel->data->tw_keep = p->keep * SEGMENT;
	return 0;
}

int pool_open(struct pool *p)
{
	if (!p->most)
		return 0;
	p->fds = calloc(p->most, sizeof(*p->fds));
	return p->fds ? add_segment(p) : -ENOMEM;
}

/* Takes the free places of those segments away, and leaves the others. */
static int call_home(struct pool *p)
{
	int fd = bpf_map__fd(p->skel->maps.tw_free), err = 0;
	__u32 *kept = malloc((size_t)p->keep * SEGMENT * sizeof(*kept)), n = 0, place;

	if (!kept)
		return -ENOMEM;
	while (!bpf_map_lookup_and_delete_elem(fd, NULL, &place)) {
		if (place >= p->keep * SEGMENT)
			p->home++;
		else
			kept[n++] = place;
	}
	while (n && !err)
		err = bpf_map_update_elem(fd, NULL, &kept[--n], BPF_ANY) ? -errno : 0;
	free(kept);
	return err;
}

/* The BPF programs count those that come home from now on. */
static int shrink(struct pool *p, unsigned keep)
{
	p->keep = keep;
	p->home = 0;
	p->skel->bss->tw_home = 0;
	p->skel->data->tw_keep = keep * SEGMENT;
	return call_home(p);
}

/* All are home: nobody will look for them any more. */
static int drop_segments(struct pool *p)
{
	for (; p->segments > p->keep; p->segments--) {
		__u32 at = p->segments - 1;

		if (bpf_map_delete_elem(bpf_map__fd(p->skel->maps.tw_segments), &at))
			return -errno;
		close(p->fds[at]);
	}
	return 0;
}

static int shrink_on(struct pool *p)
{
	__u32 out = (p->segments - p->keep) * SEGMENT;

	if (p->home + p->skel->bss->tw_home >= out)
		return drop_segments(p);
	/* One that was on its way to the stack when tw_keep changed lies there now. */
	return p->idle++ % PATIENCE ? 0 : call_home(p);
}

int pool_tend(struct pool *p, __u64 live)
{
	__u64 places = (__u64)p->segments * SEGMENT, wanted = live + live / 4 + SEGMENT / 2;
	int err = 0;

	if (p->keep < p->segments)
		return shrink_on(p);
	while (!err && wanted > (__u64)p->segments * SEGMENT && p->segments < p->most)
		err = add_segment(p);
	p->idle = 2 * wanted < places && p->segments > 1 ? p->idle + 1 : 0;
	if (!err && p->idle > PATIENCE) {
		p->idle = 0;
		err = shrink(p, (unsigned)(wanted / SEGMENT + 1));
	}
	return err;
}

void pool_close(struct pool *p)
{
	while (p->segments)
		close(p->fds[--p->segments]);
	free(p->fds);
}
