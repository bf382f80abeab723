# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# suite.sh: Debian packages of any suite and architecture, without installing them; sourced by bash scripts.
# Sets cache and mirror from TWTRACE_CACHE (default ~/.cache/twtrace) and MIRROR (default http://deb.debian.org).
# Suites are written as in apt's sources.list with / for the space: debian/trixie, archive/debian/bullseye.
cache=${TWTRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/twtrace}
mirror=${MIRROR:-http://deb.debian.org}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { echo "scripts/${0##*/}: $*" >&2; }

# One at a time: what two of them download would get in each other's way. With a NAME the lock is on that part of the cache alone.
lock_cache() { # [NAME]
	[ -r $keyring ] || { say "no $keyring: install debian-archive-keyring"; return 1; }
	mkdir -p "$cache"
	exec {cache_lock}> "$cache/${1:+$1.}lock"
	flock "$cache_lock"
}

# A suite as a line of apt's sources.list. A list past its date will do, as long as it is signed: archives have no newer one, and a
# mirror may be behind.
source_line() { # SUITE
	local base=$mirror/${1%/*}
	case $base in */archive/*) base=http://archive.debian.org/${base##*/archive/} ;; esac
	echo "deb [signed-by=$keyring check-valid-until=no] $base ${1##*/} main"
}

# apt with a root of its own for one suite: the system's lists and state stay as they are.
in_suite() { # ARCH SUITE COMMAND...
	local arch=$1 root=$cache/apt/$1/${2//\//_} source
	source=$(source_line "$2")
	shift 2
	mkdir -p "$root"/{lists/partial,archives/partial,etc/preferences.d}
	: > "$root/status"
	echo "$source" > "$root/sources.list"
	"$@" -q -o Dir::State="$root" -o Dir::State::status="$root/status" -o Dir::Cache="$root" -o Dir::Etc="$root/etc" \
		-o Dir::Etc::sourcelist="$root/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Acquire::GzipIndexes=true \
		-o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o Acquire::Retries=2
}

# Lists not older than an hour are good enough.
update() { # ARCH SUITE
	local stamp=$cache/apt/$1/${2//\//_}.updated
	[ -z "$(find "$stamp" -mmin -60 2>/dev/null)" ] || return 0
	in_suite "$1" "$2" apt-get update -o APT::Update::Error-Mode=any >/dev/null 2>&1 && touch "$stamp"
}

# Download packages and unpack them into a directory.
unpack() { # DIR ARCH SUITE PACKAGE...
	local dir=$1 arch=$2 suite=$3 debs=$1.debs deb
	shift 3
	rm -rf "$debs" && mkdir -p "$debs" "$dir" || return
	(cd "$debs" && in_suite "$arch" "$suite" apt-get download "$@" 2>&1 >/dev/null | sed -n '/^E: /p' >&2 && [ "${PIPESTATUS[0]}" = 0 ]) || return
	for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$dir" || return; done
	rm -rf "$debs"
}
