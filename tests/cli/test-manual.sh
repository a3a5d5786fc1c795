#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The manual page is made from the tables of verbs: it has all of them, and no page is malformed.

. "$(dirname "$0")/lib.sh"

manual=$(pwd)/man/rsm.1
check "the manual is made" [ -s "$manual" ]
: >"$T/out"
man --warnings=w -E UTF-8 -l -Tutf8 -Z "$manual" >/dev/null 2>"$T/err"
err_empty
MANWIDTH=120 man --no-hyphenation --no-justification -l "$manual" 2>/dev/null | col -bx | tr -s ' ' >"$T/text"
check "it is long" [ "$(wc -l <"$T/text")" -gt 300 ]
cp "$T/text" "$T/out"
out_lacks '@[A-Z]+@'

# says TEXT: the page has it, wherever lines are broken
tr -s '\n ' '  ' <"$T/text" >"$T/line"
says() { check "the manual says: $1" grep -qF -e "$1" "$T/line"; }

list_verbs | sort -u >"$T/help-verbs"
check "there are verbs" [ "$(wc -l <"$T/help-verbs")" -ge 26 ]
while read -r verb; do
	says " rsm $verb "
	# shellcheck disable=SC2086
	"$RSM" help $verb >"$T/help"
	sed -n '/^Options:/,$s/^  --\([a-z-]*\).*/\1/p' "$T/help" |
		grep -vxE 'json|brief|quiet|verbose|help' >"$T/options"
	# From its heading to the next one.
	awk -v "verb=$verb" '
		/^ rsm / { on = index($0, " rsm " verb " ") == 1 || $0 == " rsm " verb }
		/^[A-Z]/ { on = 0 }
		on' "$T/text" >"$T/part"
	while read -r option; do
		check "the manual has --$option of $verb" grep -qE -e "^ --$option( |$)" "$T/part"
	done <"$T/options"
	if grep -q '^As rsm.exe' "$T/help"; then
		says "$(sed -n '/^As rsm.exe/,$p' "$T/help" | sed 1d | tr -s '\n ' '  ' | sed 's/^ //; s/\].*/]/')"
	fi
done <"$T/help-verbs"

for word in json brief quiet verbose help; do
	says " --$word "
done
for status in 0 1 2 3 4 5 6; do
	check "the manual has exit status $status" grep -qE "^ $status [A-Z]" "$T/text"
done
for type in $("$RSM" help view | tr -c 'a-z_' '\n' | grep -xE '[a-z_]*(changer|computer|drive|type|door|port|library|request|media|pool|partition|slot)' | sort -u); do
	says "$type"
done
