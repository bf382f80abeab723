// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* footprint.c: see footprint.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "model/sum.h"
#include "source/footprint.h"
#include "source/setup.h"
#include "tracer.bpf.skel.h"

#define BUCKET 16   /* struct bucket, kernel/bpf/hashtab.c: a list head and a lock */
#define NODE 8      /* bpf_mem_alloc() keeps a list node in front of each object (LLIST_NODE_SZ, 6.1) */
#define ELEMENT 48  /* struct htab_elem, where BTF does not tell */

/* What the kernel charges for a map: fdinfo's memlock. */
static __u64 charged(int fd)
{
	char path[64], line[128];
	__u64 bytes = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %llu", &bytes) == 1)
			break;
	if (f)
		fclose(f);
	return bytes;
}

/* kmalloc's sizes: powers of two, and 96 and 192 (mm/slab_common.c). */
static __u64 allocated(__u64 bytes)
{
	if (bytes > 64 && bytes <= 96)
		return 96;
	return bytes > 128 && bytes <= 192 ? 192 : power_of_two(bytes);
}

/* Grows with what is in it; until 6.4 the kernel charges it as if it were full. */
static bool grows(const struct bpf_map *map)
{
	return bpf_map__map_flags(map) & BPF_F_NO_PREALLOC;
}

static __u64 fixed(const struct bpf_map *map)
{
	return grows(map) ? power_of_two(bpf_map__max_entries(map)) * BUCKET : charged(bpf_map__fd(map));
}

static __u64 element_size(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int id = libbpf_get_error(btf) ? -1 : btf__find_by_name_kind(btf, "htab_elem", BTF_KIND_STRUCT);
	__u64 size = id > 0 ? btf__type_by_id(btf, (__u32)id)->size : ELEMENT;

	if (!libbpf_get_error(btf))
		btf__free(btf);
	return size;
}

static __u64 per_entry(const struct bpf_map *map, __u64 element)
{
	return allocated(NODE + element + (bpf_map__key_size(map) + 7) / 8 * 8 + (bpf_map__value_size(map) + 7) / 8 * 8);
}

/*
 * Instructions walked, by the log of the verifier: "processed 4711 insns (limit ...". The log is at BPF_LOG_STATS (5.2, 06ee7115b0d1), a
 * few lines for each program. (bpf_prog_info has the number as well, but not before 5.16.)
 */
enum { LOG_STATS = 4, LOG_BYTES = 1 << 16 };

static __u64 take_logs(struct bpf_object *obj)
{
	struct bpf_program *prog;
	__u64 sum = 0, one;

	bpf_object__for_each_program(prog, obj) {
		size_t size;
		const char *log = bpf_program__log_buf(prog, &size);
		const char *at = log ? strstr(log, "processed ") : NULL;

		if (at && sscanf(at, "processed %llu insns", &one) == 1)
			sum += one;
		free((void *)log);
	}
	return sum;
}

static void keep_logs(struct bpf_object *obj)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj) {
		char *log = bpf_program__autoload(prog) ? calloc(1, LOG_BYTES) : NULL;

		if (log && bpf_program__set_log_buf(prog, log, LOG_BYTES))
			free(log);
		else if (log)
			bpf_program__set_log_level(prog, LOG_STATS);
	}
}

int footprint_measure(struct footprint *f, enum backend backend, const struct tracer_options *opts)
{
	struct tracer t = {.backend = backend};
	struct bpf_map *map;
	__u64 element;
	int err;

	setup_verbose(opts->verbose);
	err = setup_open(&t, opts);
	if (!err) {
		keep_logs(t.skel->obj);
		err = setup_load(&t);
	}
	*f = (struct footprint){0};
	if (t.skel)
		f->verified = take_logs(t.skel->obj);
	if (!err) {
		bpf_object__for_each_map(map, t.skel->obj)
			f->tables += fixed(map);
		f->ring = fixed(t.skel->maps.events);
		f->tables -= f->ring;
		for (unsigned i = 0; i < t.pool.segments; i++)
			f->tables += charged(t.pool.fds[i]);
		element = element_size();
		f->per_connection = per_entry(t.skel->maps.far, element);
		f->per_time_wait = t.pool.segments ? t.pool.place_size : per_entry(t.skel->maps.timewaits, element);
	}
	pool_close(&t.pool);
	tracer_bpf__destroy(t.skel);
	return err;
}
