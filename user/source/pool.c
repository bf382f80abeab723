// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* pool.c: see pool.h. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "model/sum.h"
#include "source/iterate.h"
#include "source/pool.h"
#include "source/tracer.h"
#include "tracer.bpf.skel.h"

#define RECORDS 4    /* for each line of the index, which has room for five */
#define SPILLED 4    /* one in so many may be without a place */
#define PATIENCE 100 /* how often in a row pool_tend() finds too many before it takes some away */

void pool_configure(struct pool *p, struct tracer_bpf *skel, unsigned records)
{
	const struct bpf_map *segment = bpf_map__inner_map(skel->maps.tw_segments); /* libbpf forgets it at load */
	unsigned places = bpf_map__max_entries(segment), most = records / places, lines = most ? power_of_two(records / RECORDS) : 1;

	*p = (struct pool){.skel = skel, .places = places, .place_size = bpf_map__value_size(segment), .most = most};
	bpf_map__set_max_entries(skel->maps.tw_segments, most ? most : 1);
	bpf_map__set_max_entries(skel->maps.tw_free, most ? most * places : 1);
	bpf_map__set_max_entries(skel->maps.tw_index, lines);
	bpf_map__set_max_entries(skel->maps.timewaits, most ? records / SPILLED : records);
	skel->rodata->tw_index_mask = lines - 1;
}

/* All places of a new segment are free. One by one takes ten times as long, but is all that 5.8 can do. */
static int hand_out(const struct pool *p, __u32 first, int segment_fd)
{
	int fd = bpf_map__fd(p->skel->maps.tw_free);

	p->skel->bss->tw_first = first;
	if (bpf_program__fd(p->skel->progs.hand_out) >= 0)
		return iterate(p->skel->progs.hand_out, segment_fd);
	for (__u32 place = first + p->places; place-- > first;)
		if (place && bpf_map_update_elem(fd, NULL, &place, BPF_ANY)) /* 0 is none */
			return -errno;
	return 0;
}

static int add_segment(struct pool *p)
{
	__u32 at = p->segments;
	int fd, err = 0;

	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tw_segment", sizeof(__u32), p->place_size, p->places, NULL);
	if (fd < 0)
		return -errno;
	if (bpf_map_update_elem(bpf_map__fd(p->skel->maps.tw_segments), &at, &fd, BPF_ANY))
		err = -errno;
	if (!err)
		err = hand_out(p, at * p->places, fd);
	if (err) {
		close(fd);
		return err;
	}
	p->fds[p->segments++] = fd;
	p->keep = p->segments;
	p->skel->data->tw_keep = p->keep * p->places;
	return 0;
}

int pool_open(struct pool *p)
{
	if (!p->most)
		return 0;
	p->fds = calloc(p->most, sizeof(*p->fds));
	return p->fds ? add_segment(p) : -ENOMEM;
}

/* Takes the free places of the segments on their way out away, and leaves the others. */
static void call_home(struct pool *p)
{
	int fd = bpf_map__fd(p->skel->maps.tw_free);
	__u32 *kept = malloc((size_t)p->keep * p->places * sizeof(*kept)), n = 0, place;

	if (!kept)
		return;
	while (!bpf_map_lookup_and_delete_elem(fd, NULL, &place)) {
		if (place >= p->keep * p->places)
			p->home++;
		else
			kept[n++] = place;
	}
	while (n)
		bpf_map_update_elem(fd, NULL, &kept[--n], BPF_ANY);
	free(kept);
}

/* The BPF programs count those that come home from now on. */
static void shrink(struct pool *p, unsigned keep)
{
	p->keep = keep;
	p->home = 0;
	p->skel->bss->tw_home = 0;
	p->skel->data->tw_keep = keep * p->places;
	call_home(p);
}

/* All are home: nobody will look for them any more. */
static void drop_segments(struct pool *p)
{
	for (; p->segments > p->keep; p->segments--) {
		__u32 at = p->segments - 1;

		if (bpf_map_delete_elem(bpf_map__fd(p->skel->maps.tw_segments), &at))
			return;
		close(p->fds[at]);
	}
}

static void shrink_on(struct pool *p)
{
	__u32 out = (p->segments - p->keep) * p->places;

	if (p->home + p->skel->bss->tw_home >= out)
		drop_segments(p);
	else if (++p->idle % PATIENCE == 0)
		call_home(p); /* one that was on its way to the stack when tw_keep changed lies there now */
}

void pool_tend(struct pool *p, __u64 live)
{
	__u64 wanted = live + live / 4 + p->places / 2;

	if (p->keep < p->segments) {
		shrink_on(p);
		return;
	}
	while (wanted > (__u64)p->segments * p->places && p->segments < p->most)
		if (add_segment(p))
			break;
	p->idle = 2 * wanted < (__u64)p->segments * p->places ? p->idle + 1 : 0;
	if (p->idle < PATIENCE || p->segments < 2)
		return;
	p->idle = 0;
	shrink(p, (unsigned)(wanted / p->places + 1));
}

void pool_close(struct pool *p)
{
	while (p->segments)
		close(p->fds[--p->segments]);
	free(p->fds);
}
