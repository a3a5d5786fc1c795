#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Section 3 and 7 of the manual: every function that the library exports has a page, and no page
# is malformed.

. "$(dirname "$0")/lib.sh"

source=${RSM_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
pages=$(pwd)/man/man3
: >"$T/out"
: >"$T/err"
check "the pages are made" [ -d "$pages" ]

sed -n 's/^\t\([A-Za-z]*\);$/\1/p' "$source/lib/libntms.map" >"$T/exported"
check "there are exported names" [ "$(wc -l <"$T/exported")" -ge 75 ]
# Rsm* of the list stands for what the header declares.
grep -oE '(^| |\*)Rsm[A-Za-z]+\(' "$source/include/ntms/rsmapi.h" | tr -cd 'A-Za-z\n' |
	sort -u >"$T/ours"
check "there are names of our own" [ "$(wc -l <"$T/ours")" -ge 20 ]
sort -u "$T/exported" "$T/ours" >"$T/names"

while read -r name; do
	leads_to=$(sed -n 's/^\.so man3\/\(.*\)$/\1/p' "$pages/$name.3" 2>/dev/null)
	check "$name has a page" [ -n "$leads_to" ]
	[ -n "$leads_to" ] || continue
	check "$leads_to is there" [ -s "$pages/$leads_to" ]
	# Its name, its prototype and its text.
	check "$leads_to is about $name" grep -qE "^(.*, )?$name(, .*)? \\\\- " "$pages/$leads_to"
	check "$leads_to has the prototype of $name" grep -qE "^.fB.*$name\(?.*\(" "$pages/$leads_to"
	check "$leads_to describes $name" grep -qE "^\.SS \"(.*, )?$name(, .*)?\"" "$pages/$leads_to"
done <"$T/names"

# Nothing else is there, and nothing leads nowhere.
(cd "$pages" && grep -l '^\.so' ./*.3 | sed 's/^\.\///; s/\.3$//') | sort >"$T/linked"
check "a page for each, no page without" diff "$T/names" "$T/linked"

for page in "$pages"/[nr]*.3 "$source/man/ntms.7"; do
	man --warnings=w -E UTF-8 -l -Tutf8 -Z "$page" >/dev/null 2>"$T/err"
	err_empty
	check "$page has a name and a purpose" sh -c 'lexgrog "$1" | grep -q " - .* .*"' - "$page"
done

# What the headers say arrives, with its errors.
MANWIDTH=100 man -l "$pages/ntms_mounting.3" 2>/dev/null | col -bx | tr -s ' \n' '  ' >"$T/out"
out_has 'DWORD DismountNtmsMedia\(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD dwCount, DWORD dwOptions\);'
out_has 'ERROR_WRITE_PROTECT NTMS_MOUNT_WRITE of a side that is COMPLETE'
out_lacks 'Source:'
out_lacks 'NTMS_EXPORT'
MANWIDTH=100 man -l "$source/man/ntms.7" 2>/dev/null | col -bx >"$T/out"
for word in NTMS_HOME NTMS_BROKER /var/lib/rsm use modify control; do
	out_has "$word"
done
# The words for states are those of the command.
for word in waits_for_operator dismountable unprepared in_process needs_service; do
	out_has "$word"
	check "the command says $word" grep -qF "\"$word\"" "$source/tools/words.c"
done
