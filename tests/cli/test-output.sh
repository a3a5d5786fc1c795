#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What is printed: in every form the same, never a control character of somebody else's,
# and nobody's rights are forgotten.

. "$(dirname "$0")/lib.sh"

new_library --drives 1 --slots 4 --tapes 2
type=$("$RSM" view media_type --brief | grep -m 1 LTO)
expect 0 freemedia V00001L8
expect 0 createpool Backup --type "$type" --draw

# No control character (but the line's end), whatever names contain: C1, DEL, direction marks.
clean() { ! tr -d '\n' <"$1" | LC_ALL=C grep -qP '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]'; }
for bytes in 'c\302\233x' 'd\177x' 'r\342\200\256x'; do
	name=$(printf '%b' "$(echo "$bytes" | sed 's/\\\([0-7]\)/\\0\1/g')")
	call createpool "$name"
	check "clean text" clean "$T/out"
	check "clean errors" clean "$T/err"
	call createpool "$name"
	check "clean errors" clean "$T/err"
	call "$name"
	check "clean errors" clean "$T/err"
	expect 0 view media_pool
	check "clean table" clean "$T/out"
	expect 0 view
	check "clean picture" clean "$T/out"
	expect 0 view media_pool --brief
	check "clean names" clean "$T/out"
	expect 0 view media_pool --json
	check "clean JSON" clean "$T/out"
	json 'len(d) >= 7'
done
refuse allocate Backup --name "$(printf 'a\033[31mb')"
err_has 'control'

# The forms agree.
expect 0 view drive --json
id=$(json_value 'd[0]["id"]')
json 'd[0]["operational_state"] == "ready" and d[0]["enabled"] is True'
json 're.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", d[0]["created"])'
expect 0 view drive --brief --guid
out_is "$(echo "$id" | tr -d -)"
expect 0 --brief view drive --guid
out_is "$(echo "$id" | tr -d -)"
expect 0 view drive --guid
out_has "^$id "
# A GUID is good with dashes, without, in braces, in capitals.
for guid in "$id" "$(echo "$id" | tr -d -)" "{$id}" "$(echo "$id" | tr a-f A-F)"; do
	error 6 ERROR_INVALID_STATE dismount --drive "$guid"
done

# Progress: nothing where there is no terminal, lines with --verbose, a line rewritten on one. Who
# looks late sees only what still goes on: that lasts until it was seen.
expect 0 freemedia V00002L8
err_empty
library=$("$RSM" view library --brief | grep -vi offline)
slow $an_hour
start inventory inventory "$library" --action full
told inventory '^rsm: .'
slow 0
ends 0 inventory
out_has 'cartridges'
if command -v script >/dev/null; then
	command="rsm inventory on a terminal"
	: >"$T/out"
	rewritten() { grep -q "$(printf '\r..*\033\[K')" "$T/terminal"; }
	slow $an_hour
	script -qec "'$RSM' inventory '$library' --action full" /dev/null >"$T/terminal" 2>"$T/err" </dev/null &
	script=$!
	check "the line is rewritten" within 30 rewritten
	slow 0
	check "it ends well" wait "$script"
else
	echo "SKIPPED: progress on a terminal, there is no script(1)"
fi

# --quiet: what was asked for, no remarks.
expect 0 createpool Quiet --quiet
check "a GUID" is_guid "$(cat "$T/out")"
expect 0 allocate Backup --quiet
lmid=$(cat "$T/out")
check "a GUID" is_guid "$lmid"
expect 0 freemedia V00002L8 --quiet
out_is ''
expect 0 who --quiet
out_is ''
expect 0 mount "$lmid" --quiet
out_is "$T/v/drives/0/nst"
expect 0 dismount "$lmid" --quiet
out_is ''

# Output that does not arrive is a failure.
for verb in 'view' 'view drive' 'view --json' 'devices' 'help' '--version'; do
	# shellcheck disable=SC2086
	"$RSM" $verb >/dev/full 2>"$T/err"
	check "$verb fails" [ $? = 6 ]
	err_has 'cannot write'
done

# Somebody else: in a user namespace we are.
library=$("$RSM" view library --json | python3 -c '
import json, sys
print([x["id"] for x in json.load(sys.stdin) if x["library_type"] == "online"][0])')
if unshare --map-user=12345 true 2>/dev/null; then
	for verb in 'manage all' "deallocate $lmid" "mount $lmid" "freemedia V00001L8" \
		"movemedia V00001L8 Backup" "deletepool Backup" "allocate Backup --errunavail" \
		"unmanage $library"; do
		status=0
		# shellcheck disable=SC2086
		unshare --map-user=12345 "$RSM" $verb >"$T/out" 2>"$T/err" || status=$?
		command="rsm $verb, as somebody else"
		# What one may not see is not found.
		check "denied, not $status" [ "$status" = 3 -o "$status" = 4 ]
	done
	status=0
	unshare --map-user=12345 "$RSM" manage all >"$T/out" 2>"$T/err" || status=$?
	check "status 3, not $status" [ "$status" = 3 ]
	err_has 'ERROR_ACCESS_DENIED, 5'
	status=0
	unshare --map-user=12345 "$RSM" view >"$T/out" 2>"$T/err" || status=$?
	check "everybody may look" [ "$status" = 0 ]
	expect 0 view lmid --json
	json 'len(d) == 1'
else
	echo "SKIPPED: somebody else's rights, there are no user namespaces"
fi
