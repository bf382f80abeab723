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

HOST_ARCH := $(shell uname -m | sed -e 's/x86_64/amd64/' -e 's/aarch64/arm64/')
ARCH ?= $(HOST_ARCH)
CFLAGS ?= -O2 -g
# Everything built is below B. Another architecture is built against a sysroot, which holds all that pkg-config would name.
TRIPLET_amd64 := x86_64-linux-gnu
TRIPLET_arm64 := aarch64-linux-gnu
ifneq ($(ARCH),$(HOST_ARCH))
$(if $(TRIPLET_$(ARCH)),,$(error ARCH is amd64 or arm64, not $(ARCH)))
B := build/$(ARCH)
SYSROOT := $(shell scripts/sysroot $(ARCH))
$(if $(SYSROOT),,$(error no sysroot for $(ARCH)))
CC := $(TRIPLET_$(ARCH))-gcc --sysroot=$(SYSROOT)
AR := $(TRIPLET_$(ARCH))-ar
PKG_CONFIG := false
else ifeq ($(SAN),1)
B := build/san
CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
else
B := build
endif
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef
DEFS := -D_GNU_SOURCE -DTWTRACE_VERSION='"$(VERSION)"'
INCS := -Ibpf -Iuser -I$(B)
# The live screen needs ncursesw; without, twtrace is built all the same, and says so. NCURSES=0 leaves it out.
NCURSES ?= $(if $(SYSROOT),$(if $(wildcard $(SYSROOT)/usr/include/curses.h),1,0),$(if $(shell $(PKG_CONFIG) --exists ncursesw 2>/dev/null && echo yes),1,0))
ifeq ($(NCURSES),1)
NCURSES_CFLAGS := -DHAVE_NCURSES $(shell $(PKG_CONFIG) --cflags ncursesw 2>/dev/null)
NCURSES_LIBS := $(shell $(PKG_CONFIG) --libs ncursesw 2>/dev/null || echo -lncursesw -ltinfo)
endif
LIBS := $(NCURSES_LIBS) $(shell $(PKG_CONFIG) --libs libbpf 2>/dev/null || echo -lbpf) -lelf -lz -lyajl -lpthread
LIBBPF_CFLAGS := $(shell $(PKG_CONFIG) --cflags libbpf 2>/dev/null)
ALL_CFLAGS := -std=gnu11 $(CFLAGS) $(WARN) $(DEFS) $(INCS) $(LIBBPF_CFLAGS) -MMD -MP

# BPF: one object per backend-independent program set; -MMD tracks its headers as well.
BPF_ARCH := $(shell echo $(ARCH) | sed -e 's/amd64/x86/' -e 's/ppc64le/powerpc/' -e 's/riscv64/riscv/' -e 's/s390x/s390/')
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
BPF_CFLAGS := -target bpf -mcpu=v2 -O2 -g -Wall -Wextra -Werror -Wno-missing-declarations -Wno-unused-parameter -D__TARGET_ARCH_$(BPF_ARCH) -Ivmlinux -Ibpf -Iuser $(if $(SYSROOT),--sysroot=$(SYSROOT)) $(if $(MULTIARCH),-idirafter $(SYSROOT)/usr/include/$(MULTIARCH)) $(LIBBPF_CFLAGS) -MMD -MP

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
SCDOC := $(shell command -v scdoc)
MANUAL := $(if $(SCDOC),$(B)/twtrace.8)

.PHONY: all help check check-live check-load check-vm bench bench-report install clean
.SECONDARY:
all: $(TWTRACE) $(MANUAL)  ## build twtrace and its manual page

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo 'V=1 shows commands, SAN=1 builds with ASan and UBSan into build/san, DESTDIR= and PREFIX= steer install.'

$(TWTRACE): $(B)/user/main.o $(B)/libtwtrace.a
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

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
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libtwtrace.a -lcmocka -lm $(LIBS)

$(B)/tests/live/%.o: tests/live/%.c
	$(say) CC $@
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/tests/load/%.o: tests/load/%.c
	$(say) CC $@
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -c -o $@ $<

$(LIVE_BIN): $(LIVE_SRCS:%.c=$(B)/%.o)
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -ljansson -lpthread

$(TRAFFIC): $(patsubst %.c,$(B)/%.o,$(wildcard tests/load/traffic*.c))
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(B)/tests/load/tally $(B)/tests/load/reuse: %: %.o
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(NULL_BIN) $(WITNESS_BIN): $(B)/%: %.c $(B)/%.bpf.skel.h
	$(say) CC $@
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(LIBS)

$(RECORD_BIN): tests/bench/record.c $(B)/libtwtrace.a
	$(say) CC $@
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libtwtrace.a -lm $(LIBS)

check: $(TWTRACE) $(MANUAL) $(UNIT_BINS)  ## unit tests, no root needed
	$(Q)rc=0; for t in $(UNIT_BINS) tests/unit/sum; do TWTRACE=$(CURDIR)/$(TWTRACE) $$t || rc=1; done; exit $$rc

check-live: $(TWTRACE) $(LIVE_BIN) $(WITNESS_BIN)  ## tests on this kernel, needs root
	$(Q)TWTRACE=$(CURDIR)/$(TWTRACE) WITNESS='$(CURDIR)/$(WITNESS_BIN)' LIVE=$(CURDIR)/$(LIVE_BIN) tests/live/run

check-load: $(TWTRACE) $(LOAD_BINS) $(WITNESS_BIN)  ## exact under load and faults, needs root; LOAD_CONNECTIONS=1000000 is the full size
	$(Q)TWTRACE=$(CURDIR)/$(TWTRACE) WITNESS='$(CURDIR)/$(WITNESS_BIN)' LOAD=$(CURDIR)/$(B)/tests/load tests/load/run

check-vm: $(TWTRACE) $(LIVE_BIN)  ## the same on other kernels, in VMs; KERNELS=6.1 picks, ARCH=arm64 for the other architecture
	$(Q)ARCH=$(ARCH) SYSROOT=$(SYSROOT) TWTRACE=$(CURDIR)/$(TWTRACE) LIVE=$(CURDIR)/$(LIVE_BIN) tests/vm/run

bench: $(TWTRACE) $(NULL_BIN) $(TRAFFIC)  ## what tracing costs, beside other tracers, needs root; ROUNDS=5 BENCH_STARTS=11 BENCH_CONNECTIONS=40000 BENCH_MAX=1000000 BENCH_OTHER=PATH, BENCH_FLAGS=--json
	$(Q)TWTRACE=$(CURDIR)/$(TWTRACE) NULL=$(CURDIR)/$(NULL_BIN) TRAFFIC=$(CURDIR)/$(TRAFFIC) tests/bench/bench $(BENCH_FLAGS)

bench-report: $(TWTRACE) $(RECORD_BIN)  ## how fast a recording is read, beside jq; LINES=1000000 ROWS=1000 ROUNDS=3
	$(Q)TWTRACE=$(CURDIR)/$(TWTRACE) RECORD=$(CURDIR)/$(RECORD_BIN) tests/bench/recording

install: $(TWTRACE) $(MANUAL)  ## install to DESTDIR/PREFIX
	$(Q)$(INSTALL) -D -m 755 $(TWTRACE) $(DESTDIR)$(PREFIX)/sbin/twtrace
	$(Q)$(INSTALL) -D -m 644 user/cmd/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/twtrace
ifneq ($(MANUAL),)
	$(Q)$(INSTALL) -D -m 644 $(MANUAL) $(DESTDIR)$(PREFIX)/share/man/man8/twtrace.8
else
	@echo 'make install: without the manual page twtrace(8): scdoc is not installed' >&2
endif

clean:  ## remove what was built
	$(Q)rm -rf build twtrace

-include $(shell find build -name '*.d' 2>/dev/null)
