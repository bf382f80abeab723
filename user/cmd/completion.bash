# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# completion.bash: completes twtrace's command line. Commands, options and fields are those that the program itself names; the words
# of --by and --backend are here, and tests/unit/test_documents.c holds them against the program.
#
# Names of processes are hostile input: candidates are compared as they are and never expanded (compgen -W would), and only those that
# need no quotes are offered.

# Of the words on standard input those that begin with PREFIX, with BEFORE in front.
_twtrace_offer() { # PREFIX [BEFORE]
	local word
	while IFS= read -r word; do
		[[ $word == "$1"* && $word =~ ^[A-Za-z0-9_.:/@+-]+$ ]] && COMPREPLY+=("${2-}$word")
	done
}

# The same for the last item of a list with commas.
_twtrace_offer_item() { # LIST
	local before=''
	[[ $1 != *,* ]] || before=${1%,*},
	compopt -o nospace 2>/dev/null
	_twtrace_offer "${1##*,}" "$before"
}

# What options a command has: lines of LETTER NAME ARGUMENT, - for none.
_twtrace_options() { # PROGRAM [COMMAND]
	local line
	"$1" ${2:+"$2"} --help 2>/dev/null | while IFS= read -r line; do
		[[ $line =~ ^' '+((-.), )?(--[a-z0-9-]+)(' '[A-Z][A-Z0-9,]*)?(' '|$) ]] || continue
		echo "${BASH_REMATCH[2]:--}" "${BASH_REMATCH[3]}" "${BASH_REMATCH[4]:--}"
	done
}

_twtrace_commands() { # PROGRAM
	"$1" --help 2>/dev/null | sed -n 's/^\(Usage:\|      \) twtrace \([a-z]\{1,\}\) .*/\2/p'
}

_twtrace_fields() { # PROGRAM
	"$1" --list-columns 2>/dev/null | sed '1d; s/ .*//'
}

_twtrace_value() { # PROGRAM OPTION VALUE
	case $2 in
	--pid) _twtrace_offer "$3" < <(printf '%s\n' /proc/[0-9]* | sed 's,.*/,,') ;;
	--comm) _twtrace_offer "$3" < <(cat /proc/[0-9]*/comm 2>/dev/null | sort -u) ;;
	--netns) _twtrace_offer "$3" < <(echo self; ip netns list 2>/dev/null | sed 's/ .*//') ;;
	--by) _twtrace_offer_item "$3" < <(printf '%s\n' process endpoint comm remote cgroup netns) ;;
	--sort) _twtrace_offer "$3" < <(_twtrace_fields "$1") ;;
	--columns) _twtrace_offer_item "$3" < <(_twtrace_fields "$1") ;;
	--backend) _twtrace_offer "$3" < <(printf '%s\n' auto fentry timer) ;;
	esac
}

_twtrace() {
	local program=$1 cur=${COMP_WORDS[COMP_CWORD]} command='' option='' letter name argument i
	local -A long=() takes=()
	COMPREPLY=()
	while read -r letter name argument; do
		long[$name]=$name
		[ "$letter" = - ] || long[$letter]=$name
		[ "$argument" = - ] || takes[$name]=yes
	done < <(_twtrace_options "$program")

	# What is before the word at hand: the command, and the option that waits for a value.
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		=) ;; # --by=comm comes as three words
		-*)
			option=${long[${COMP_WORDS[i]}]-}
			[ "${takes[${option:-none}]-}" ] || option=''
			;;
		*)
			[ "$option$command" ] || command=${COMP_WORDS[i]}
			option=''
			;;
		esac
	done
	[ "$cur" != = ] || cur=''

	if [ "$option" ]; then
		_twtrace_value "$program" "$option" "$cur"
	elif [[ $cur == -* ]]; then
		_twtrace_offer "$cur" < <(_twtrace_options "$program" "$command" | while read -r letter name argument; do
			echo "$name"
			[ "$letter" = - ] || echo "$letter"
		done)
	elif [ -z "$command" ]; then
		_twtrace_offer "$cur" < <(_twtrace_commands "$program")
	elif [[ $command == report || $command == doctor ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}

complete -F _twtrace twtrace
