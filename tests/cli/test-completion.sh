#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The completion of bash: every verb and option, and names of objects as they are typed.

. "$(dirname "$0")/lib.sh"

script=$(pwd)/bash-completion/rsm
check "the completion is made" [ -s "$script" ]
check "bash reads it" bash -n "$script"

# offer WORD... TYPED: what is offered for the last word, one a line, in $T/out
offer()
{
	command="offer rsm $*"
	# shellcheck disable=SC2016 # for bash
	PATH=$(dirname "$RSM"):$PATH bash -c '
		. "$0"
		COMP_WORDS=(rsm "$@")
		COMP_CWORD=$#
		_rsm rsm "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		[ ${#COMPREPLY[@]} = 0 ] || printf "%s\n" "${COMPREPLY[@]}"
	' "$script" "$@" >"$T/out" 2>"$T/err"
	err_empty
}

# Every verb, and for each of them every option of its help.
list_verbs >"$T/verbs"
check "there are verbs" [ "$(wc -l <"$T/verbs")" -ge 26 ]
cut -d ' ' -f 1 "$T/verbs" | sort -u >"$T/want"
offer ''
check "the first words of all verbs" diff "$T/want" "$T/out"
while read -r first second; do
	if [ "$second" ]; then
		offer "$first" ''
		out_has "^$second\$"
	fi
	# shellcheck disable=SC2086
	"$RSM" help $first $second | sed -n '/^Options:/,$s/^  \(--[a-z-]*\).*/\1/p' | sort >"$T/want"
	offer "$first" $second --
	check "the options of $first $second" diff "$T/want" "$T/out"
done <"$T/verbs"
offer mo
out_is "mount
movemedia"
offer nonsense ''
out_is ''
offer --js
out_is '--json'
offer --json view dri
out_is "drive
drive_type"
offer request ca
out_is cancel
offer help req
out_is request
offer help request o
out_is order

# Values of options.
offer mount --priority h
out_is "high
highest"
offer mount --priority = lo
out_is "low
lowest"
offer mount --timeout i
out_is infinite
offer createpool --open ''
out_is "always
existing
new"
offer createpool x --max-allocates ''
out_is ''

# Names, with nothing there and with a library.
offer deletepool ''
out_is ''
new_library --drives 2 --slots 4 --tapes 2
offer freemedia V
out_is "V00001L8
V00002L8"
offer freemedia V00001L8 V00002
out_is V00002L8
offer movemedia V00001L8 Fr
out_has '^Free\\\\LTO\\ Ultrium$'
# shellcheck disable=SC1003 # that is what is typed
offer movemedia V00001L8 'Free\\LTO\ U'
out_is 'Free\\LTO\ Ultrium'
offer movemedia V00001L8 "'Free\\LTO"
out_is 'Free\LTO Ultrium'
offer movemedia V00001L8 Free V
out_lacks 'V0'
# shellcheck disable=SC1003 # that is what is typed
offer createpool p --type 'LTO\ U'
out_is 'LTO\ Ultrium'
offer disable Dri --type ''
out_has '^media_pool$'
offer run x -- /bin/tru
out_has '^/bin/true$'
mkdir "$T/directory"
touch "$T/file"
offer vlib create "$T/"
out_has '/directory$'
out_lacks '/file$'
offer manage "$T/f"
out_is "$T/file"
