# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# One Makefile, no recursion. `make help` lists the targets.

VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
export PATH := $(PATH):/usr/sbin:/sbin

CC ?= cc
CLANG ?= clang
LLVM_STRIP ?= llvm-strip
BPFTOOL ?= bpftool
PKG_CONFIG ?= pkg-config
INSTALL ?= install

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
endif

HOST_ARCH := $(shell uname -m | sed -e 's/x86_64/amd64/' -e 's/aarch64/arm64/' -e 's/ppc64le/ppc64el/')
ARCH ?= $(HOST_ARCH)
CFLAGS ?= -O2 -g
# Everything built is below B. Another architecture is built against a sysroot, which holds all that pkg-config would name.
TRIPLET_amd64 := x86_64-linux-gnu
TRIPLET_arm64 := aarch64-linux-gnu
TRIPLET_ppc64el := powerpc64le-linux-gnu
TRIPLET_riscv64 := riscv64-linux-gnu
TRIPLET_s390x := s390x-linux-gnu
ifneq ($(ARCH),$(HOST_ARCH))
$(if $(TRIPLET_$(ARCH)),,$(error ARCH is amd64, arm64, ppc64el, riscv64 or s390x, not $(ARCH)))
B := build/$(ARCH)
SYSROOT := $(shell scripts/sysroot $(ARCH))
$(if $(SYSROOT),,$(error no sysroot for $(ARCH)))
CC := $(TRIPLET_$(ARCH))-gcc --sysroot=$(SYSROOT)
AR := $(TRIPLET_$(ARCH))-ar
PKG_CONFIG := false
ifeq ($(ARCH),s390x)
BPFTOOL := qemu-s390x -L $(SYSROOT) $(SYSROOT)/usr/sbin/bpftool
endif
else ifeq ($(SAN),1)
B := build/san
SAN_LDFLAGS := -fsanitize=address,undefined
SAN_CFLAGS := $(SAN_LDFLAGS) -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else
B := build
endif
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef
# Some architectures' __u64 is a long otherwise, and no %llu.
DEFS := -D_GNU_SOURCE -D__SANE_USERSPACE_TYPES__ -DTWTRACE_VERSION='"$(VERSION)"'
INCS := -Ibpf -Iuser -I$(B)
# The live screen needs ncursesw; without, twtrace is built all the same, and says so. NCURSES=0 leaves it out.
NCURSES ?= $(if $(SYSROOT),$(if $(wildcard $(SYSROOT)/usr/include/curses.h),1,0),$(if $(shell $(PKG_CONFIG) --exists ncursesw 2>/dev/null && echo yes),1,0))
ifeq ($(NCURSES),1)
NCURSES_CFLAGS := -DHAVE_NCURSES $(shell $(PKG_CONFIG) --cflags ncursesw 2>/dev/null)
NCURSES_LIBS := $(shell $(PKG_CONFIG) --libs ncursesw 2>/dev/null || echo -lncursesw -ltinfo)
endif
LIBS := $(NCURSES_LIBS) $(shell $(PKG_CONFIG) --libs libbpf 2>/dev/null || echo -lbpf) -lelf -lz -lyajl -lpthread
LIBBPF_CFLAGS := $(shell $(PKG_CONFIG) --cflags libbpf 2>/dev/null)
# What a user or a packaging tool gives as CPPFLAGS, CFLAGS and LDFLAGS is added after our own flags and has the last word, in no place
# instead of them. _FORTIFY_SOURCE is ours only where they do not name it; it works with optimization alone, and hides errors from ASan.
OPTIMIZED := $(filter-out -O0,$(lastword $(filter -O%,$(CFLAGS))))
FORTIFY := $(if $(OPTIMIZED),$(if $(SAN_CFLAGS)$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-D_FORTIFY_SOURCE=2))
HARDEN_CFLAGS := -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE $(FORTIFY)
HARDENED := relro bind_now $(if $(filter -no-pie,$(LDFLAGS)),,pie) $(if $(filter -fno-stack-protector,$(CFLAGS)),,stack_protector) $(if $(FORTIFY),fortify)
ALL_CFLAGS := -std=gnu11 $(HARDEN_CFLAGS) $(SAN_CFLAGS) $(WARN) $(DEFS) $(INCS) $(LIBBPF_CFLAGS) -MMD -MP $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS := $(CFLAGS) -pie -Wl,-z,relro,-z,now $(SAN_LDFLAGS) $(LDFLAGS)

# BPF: one object per backend-independent program set; -MMD tracks its headers as well.
BPF_ARCH := $(shell echo $(ARCH) | sed -e 's/amd64/x86/' -e 's/ppc64el/powerpc/' -e 's/riscv64/riscv/' -e 's/s390x/s390/')
# Where <asm/types.h> is: no default of clang's for BPF, and each compiler knows it by another option, so see what is included.
ASM_DIR := $(patsubst %/asm/types.h,%,$(filter %/asm/types.h,$(shell $(CC) $(CPPFLAGS) -M -include asm/types.h -x c /dev/null 2>/dev/null)))
BPF_CFLAGS := -target $(if $(filter s390x,$(ARCH)),bpfeb,bpfel) -mcpu=v2 -O2 -g -Wall -Wextra -Werror -Wno-missing-declarations -Wno-unused-parameter -D__TARGET_ARCH_$(BPF_ARCH) -Ivmlinux -Ibpf -Iuser $(if $(SYSROOT),--sysroot=$(SYSROOT)) $(ASM_DIR:%=-idirafter %) $(filter -I%,$(CPPFLAGS)) $(LIBBPF_CFLAGS) -MMD -MP

BPF_SRCS := $(wildcard bpf/*.bpf.c)
SKELS := $(BPF_SRCS:bpf/%.bpf.c=$(B)/%.bpf.skel.h)
USER_SRCS := $(wildcard user/source/*.c user/model/*.c user/view/*.c user/cmd/*.c)
USER_OBJS := $(USER_SRCS:%.c=$(B)/%.o)
UNIT_SRCS := $(wildcard tests/unit/test_*.c)
UNIT_BINS := $(UNIT_SRCS:%.c=$(B)/%)
LIVE_SRCS := $(wildcard tests/live/*.c)
LIVE_BIN := $(B)/tests/live/catalogue
TRAFFIC := $(B)/tests/load/traffic
LOAD_BINS := $(TRAFFIC) $(B)/tests/load/tally $(B)/tests/load/reuse
NULL_BIN := $(B)/tests/bench/null
WITNESS_BIN := $(B)/tests/witness
RECORD_BIN := $(B)/tests/bench/record

TWTRACE := $(if $(filter build,$(B)),twtrace,$(B)/twtrace)
# The manual page needs scdoc; without, all else is built. SCDOC= leaves it out.
ifeq ($(origin SCDOC),undefined)
SCDOC := $(shell command -v scdoc)
endif
MANUAL := $(if $(SCDOC),$(B)/twtrace.8)

# What is too old or missing is said in one line, before anything is compiled; these goals do without.
ifneq ($(filter-out clean help check-distros,$(or $(MAKECMDGOALS),all)),)
LACKING := $(shell CC='$(CC)' CLANG='$(CLANG)' BPFTOOL='$(BPFTOOL)' CPPFLAGS='$(filter -I%,$(CPPFLAGS)) $(LIBBPF_CFLAGS)' LDFLAGS='$(LDFLAGS)' LIBS='$(LIBS)' scripts/lacking)
$(if $(LACKING),$(error to build twtrace: $(LACKING)))
endif

.PHONY: all help programs check check-live check-load check-vm check-distros bench bench-report install clean
.SECONDARY:
all: $(TWTRACE) $(MANUAL)  ## build twtrace and its manual page

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo 'V=1 shows commands, SAN=1 builds with ASan and UBSan into build/san, DESTDIR= and PREFIX= steer install.'

$(TWTRACE): $(B)/user/main.o $(B)/libtwtrace.a
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/twtrace.8: user/cmd/twtrace.8.scd
	$(say) SCDOC $@
	$(Q)mkdir -p $(@D) && $(SCDOC) < $< > $@.tmp && mv $@.tmp $@

$(B)/libtwtrace.a: $(USER_OBJS)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/user/view/screen_curses.o: ALL_CFLAGS += $(NCURSES_CFLAGS)
$(B)/user/%.o: user/%.c | $(SKELS)
	$(say) CC $@
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/%.bpf.o: bpf/%.bpf.c
	$(say) BPF $@
	$(Q)mkdir -p $(@D) && $(CLANG) $(BPF_CFLAGS) -c -o $@ $< && { ! command -v $(LLVM_STRIP) >/dev/null || $(LLVM_STRIP) -g $@; }

$(B)/tests/%.bpf.o: tests/%.bpf.c
	$(say) BPF $@
	$(Q)mkdir -p $(@D) && $(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(B)/%.bpf.skel.h: $(B)/%.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name $(subst .,_,$(notdir $*))_bpf > $@.tmp && mv $@.tmp $@

$(B)/tests/unit/%: tests/unit/%.c $(B)/libtwtrace.a
	$(say) CC $@
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(B)/libtwtrace.a -lcmocka -lm $(LIBS)

$(B)/tests/live/%.o: tests/live/%.c
	$(say) CC $@
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/tests/load/%.o: tests/load/%.c
	$(say) CC $@
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -c -o $@ $<

$(LIVE_BIN): $(LIVE_SRCS:%.c=$(B)/%.o)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -ljansson -lpthread

$(TRAFFIC): $(patsubst %.c,$(B)/%.o,$(wildcard tests/load/traffic*.c))
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

$(B)/tests/load/tally $(B)/tests/load/reuse: %: %.o
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^

$(WITNESS_BIN): $(B)/libtwtrace.a
$(NULL_BIN) $(WITNESS_BIN): $(B)/%: %.c $(B)/%.bpf.skel.h
	$(say) CC $@
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(filter %.a,$^) $(LIBS)

$(RECORD_BIN): tests/bench/record.c $(B)/libtwtrace.a
	$(say) CC $@
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(B)/libtwtrace.a -lm $(LIBS)

programs: $(TWTRACE) $(UNIT_BINS) $(LIVE_BIN) $(LOAD_BINS) $(WITNESS_BIN) $(NULL_BIN) $(RECORD_BIN)  ## all programs, those of tests and benchmarks included

check: $(TWTRACE) $(MANUAL) $(UNIT_BINS)  ## unit tests, and how it is built; no root needed
	$(Q)export TWTRACE='$(CURDIR)/$(TWTRACE)' HARDENED='$(HARDENED)'; rc=0; for t in $(UNIT_BINS) tests/unit/sum $(if $(SAN_CFLAGS),,tests/unit/build); do $$t || rc=1; done; exit $$rc

check-live: $(TWTRACE) $(LIVE_BIN) $(WITNESS_BIN)  ## tests on this kernel, needs root
	$(Q)TWTRACE='$(CURDIR)/$(TWTRACE)' WITNESS='$(CURDIR)/$(WITNESS_BIN)' LIVE='$(CURDIR)/$(LIVE_BIN)' tests/live/run

check-load: $(TWTRACE) $(LOAD_BINS) $(WITNESS_BIN)  ## exact under load and faults, needs root; LOAD_CONNECTIONS=1000000 is the full size
	$(Q)TWTRACE='$(CURDIR)/$(TWTRACE)' WITNESS='$(CURDIR)/$(WITNESS_BIN)' LOAD='$(CURDIR)/$(B)/tests/load' tests/load/run

check-vm: $(TWTRACE) $(LIVE_BIN)  ## the same on other kernels, in VMs; KERNELS=6.1 picks, ARCH=arm64, riscv64 or s390x for another architecture
	$(Q)ARCH=$(ARCH) SYSROOT=$(SYSROOT) TWTRACE='$(CURDIR)/$(TWTRACE)' LIVE='$(CURDIR)/$(LIVE_BIN)' tests/vm/run

check-distros:  ## build, make check and scripts/try in chroots of other distributions, needs root; DISTROS=sid picks
	$(Q)scripts/distros $(DISTROS)

bench: $(TWTRACE) $(NULL_BIN) $(TRAFFIC)  ## what tracing costs, beside other tracers, needs root; ROUNDS=5 BENCH_STARTS=11 BENCH_CONNECTIONS=40000 BENCH_MAX=1000000 BENCH_OTHER=PATH, BENCH_FLAGS=--json
	$(Q)TWTRACE='$(CURDIR)/$(TWTRACE)' NULL='$(CURDIR)/$(NULL_BIN)' TRAFFIC='$(CURDIR)/$(TRAFFIC)' tests/bench/bench $(BENCH_FLAGS)

bench-report: $(TWTRACE) $(RECORD_BIN)  ## how fast a recording is read, beside jq; LINES=1000000 ROWS=1000 ROUNDS=3
	$(Q)TWTRACE='$(CURDIR)/$(TWTRACE)' RECORD='$(CURDIR)/$(RECORD_BIN)' tests/bench/recording

install: $(TWTRACE) $(MANUAL)  ## install to DESTDIR/PREFIX
	$(Q)$(INSTALL) -D -m 755 $(TWTRACE) '$(DESTDIR)$(PREFIX)/sbin/twtrace'
	$(Q)$(INSTALL) -D -m 644 user/cmd/completion.bash '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/twtrace'
ifneq ($(MANUAL),)
	$(Q)$(INSTALL) -D -m 644 $(MANUAL) '$(DESTDIR)$(PREFIX)/share/man/man8/twtrace.8'
else ifeq ($(origin SCDOC),file)
	@echo 'make install: without the manual page twtrace(8): scdoc is not installed' >&2
endif

clean:  ## remove what was built
	$(Q)rm -rf build twtrace

-include $(shell find build -name '*.d' 2>/dev/null)
