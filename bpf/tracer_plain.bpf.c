// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tracer_plain.bpf.c: the same programs for kernels that let BPF call no kernel function: see PEEK() in kernel.h. */
#define PLAIN_READS
#include "tracer.bpf.c"
