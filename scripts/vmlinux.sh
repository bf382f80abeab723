#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Write vmlinux/vmlinux.h: of a kernel's BTF only the types and members that vmlinux/types names.
#   scripts/vmlinux.sh [BTF] > vmlinux/vmlinux.h        (BTF: /sys/kernel/btf/vmlinux)
# Members of anonymous unions and structs are laid out flat and offsets mean nothing here: every access is relocated (CO-RE)
# against the running kernel. Nothing in the output depends on an architecture.
set -eu
here=$(dirname "$0")
btf=${1:-/sys/kernel/btf/vmlinux}
PATH=$PATH:/usr/sbin:/sbin
dump=$(mktemp) && trap 'rm -f "$dump"' EXIT
bpftool btf dump file "$btf" format c > "$dump"

cat <<EOF
/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * vmlinux.h: the kernel types that the BPF programs read, and no other.
 * Written by scripts/vmlinux.sh from vmlinux/types and the BTF of Linux ${KERNEL:-$(uname -r | sed 's/-.*//')}; do not edit.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __s8 s8;
typedef __u16 u16;
typedef __s16 s16;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;
typedef __s64 s64;
typedef u16 umode_t;
typedef int pid_t;
typedef u32 uid_t;
typedef __u64 __addrpair;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

EOF
# Two passes over the dump: the first learns each wanted type's lines, the second part prints them in the order of vmlinux/types.
awk '
FNR == NR {
	if (/^#/ || NF == 0) next
	name = $1 " " $2; order[++n] = name
	for (i = 3; i <= NF; i++) { want[name, $i] = 1; some[name] = 1 }
	listed[name] = 1
	next
}
# One type is a block from its first line to the one that closes it at column 0.
/^(struct|union) [A-Za-z0-9_]+ \{$/ { block = $1 " " $2; lines = ""; nl = 0; open = 1; next }
/^typedef struct \{$/ { block = "typedef"; nl = 0; open = 1; next }
/^typedef / { t = $NF; sub(/;.*/, "", t); if (("typedef " t) in listed) whole["typedef " t] = $0; next }
open && /^\}/ {
	name = block
	if (block == "typedef") { t = $2; sub(/;.*/, "", t); name = "typedef " t }
	if (name in listed) {
		body = ""
		for (i = 1; i <= nl; i++) {
			line = l[i]
			if (!(name in some)) { body = body line "\n"; continue }
			m = line; sub(/^\t+/, "", m)
			if (m ~ /[{}]/) continue
			id = m; sub(/;.*$/, "", id); sub(/:.*$/, "", id); sub(/\[[^]]*\]$/, "", id)
			if (match(id, /\(\*[A-Za-z0-9_]+\)/)) id = substr(id, RSTART + 2, RLENGTH - 3)
			else sub(/^.*[ *]/, "", id)
			if ((name, id) in want) { body = body "\t" m "\n"; got[name, id] = 1 }
		}
		whole[name] = (block == "typedef" ? "typedef struct {\n" : block " {\n") body $0
	}
	open = 0; next
}
open { l[++nl] = $0 }
END {
	for (k in want) if (!(k in got)) { split(k, p, SUBSEP); print "vmlinux.sh: no " p[2] " in " p[1] > "/dev/stderr"; bad = 1 }
	for (i = 1; i <= n; i++) {
		if (!(order[i] in whole)) {
			if (order[i] ~ /^struct seq_file$/) { print order[i] ";\n"; continue }
			print "vmlinux.sh: no " order[i] > "/dev/stderr"; bad = 1
		} else print whole[order[i]] "\n"
	}
	exit bad
}' "$here/../vmlinux/types" "$dump"
cat <<EOF
#pragma clang attribute pop

#endif
EOF
