#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The manual page and the help list the same verbs, options and types.

. "$(dirname "$0")/lib.sh"

manual=${RSM_SOURCE:-$(dirname "$0")/../..}/man/rsm.1
check "the manual is there" [ -r "$manual" ]
plain=$T/manual
sed 's/\\f[A-Z]//g; s/\\-/-/g; s/"//g' "$manual" >"$plain"

"$RSM" help | sed -n '/^Verbs:/,/^$/s/^  \([a-z][a-z]*\) *.*/\1/p' | sort -u >"$T/help-verbs"
sed -n 's/^\.BI rsm \([a-z]*\).*/\1/p' "$plain" | sort -u >"$T/man-verbs"
check "there are verbs" [ "$(wc -l <"$T/help-verbs")" -ge 17 ]
: >"$T/out"
diff "$T/help-verbs" "$T/man-verbs" >"$T/err"
check "the manual and the help have the same verbs" [ ! -s "$T/err" ]

while read -r verb; do
	"$RSM" help "$verb" | sed -n '/^Options:/,$s/^  --\([a-z-]*\).*/\1/p' |
		grep -vxE 'json|brief|quiet|verbose|help' >"$T/options"
	while read -r option; do
		case $verb:$option in
		# the options that mount and run have in common are described once
		mount:drive | mount:read | mount:write | mount:priority | mount:timeout | \
			mount:errunavail | run:drive | run:read | run:write | run:priority | \
			run:timeout | run:errunavail)
			check "the manual explains --$option" grep -qE "^\.(BI|BR|B) .*--$option" "$plain"
			;;
		*)
			check "the manual has --$option of $verb" \
				grep -qE "^\.BI rsm $verb .*--$option" "$plain"
			;;
		esac
	done <"$T/options"
done <"$T/help-verbs"

for word in json brief quiet verbose help; do
	check "the manual has --$word" grep -qE "^\.(B|BR) .*--$word" "$plain"
done
for status in 0 1 2 3 4 5 6; do
	check "the manual has exit status $status" grep -qx "\.B $status" "$plain"
done
for type in $("$RSM" help view | tr ',. ' '\n\n\n' | grep -xE '[a-z_]*(changer|computer|drive|type|door|port|library|request|media|pool|partition|slot)' | sort -u); do
	check "the manual has the type $type" grep -qw "$type" "$plain"
done
