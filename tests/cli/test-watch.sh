#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rsm watch: changes are shown as they come, of the types asked for, until there is an end to it.

. "$(dirname "$0")/lib.sh"

refuse watch --type nonsense
refuse watch --type librari
err_has "did you mean 'library'"
refuse watch --count 0

new_library --drives 1 --slots 4 --tapes 2
kind=$("$RSM" view media_type --brief | grep -m 1 LTO)

# begin WATCH-OPTION...: watch in the background, from now on
begin()
{
	# Not the remarks of the one before.
	: >"$T/remarks"
	"$RSM" watch "$@" >"$T/told" 2>"$T/remarks" &
	watcher=$!
	check "it watches" within 20 listens
}
listens() { grep -qs watching "$T/remarks"; }
# has_told N: names are looked up when a line is printed, so the next change waits for that
has_told() { check "line $1 is printed" within 20 has_lines "$1"; }
has_lines() { [ "$(wc -l <"$T/told")" -ge "$1" ]; }
# ended: its status is in $ended
ended()
{
	ended=0
	wait "$watcher" || ended=$?
}

begin --type media_pool --count 2
expect 0 createpool Watched --type "$kind"
has_told 1
expect 0 opreq submit message --message 'something else' --brief
expect 0 deletepool Watched
ended
check "status 0, not $ended" [ "$ended" = 0 ]
cp "$T/told" "$T/out"
out_has '^[0-9-]+T[0-9:.]+Z insert   media_pool .* Watched$'
out_lacks 'oprequest'
check "two lines" [ "$(wc -l <"$T/out")" = 2 ]

# JSON: one object a line; several types.
begin --type oprequest --type media_pool --json --count 3
expect 0 opreq submit message --message x --brief
asked=$(cat "$T/out")
expect 0 createpool Watched --type "$kind" --brief
pool=$(cat "$T/out")
has_told 2
expect 0 rename "$pool" --name Other
ended
check "status 0, not $ended" [ "$ended" = 0 ]
{ echo '['; sed '$!s/$/,/' "$T/told"; echo ']'; } >"$T/out"
json 'len(d) == 3 and all(set(x) == {"time", "operation", "type", "name", "id"} for x in d)'
json "[(x['operation'], x['type'], x['name']) for x in d if x['id'].replace('-', '') == '$pool'] == [
	('insert', 'media_pool', 'Watched'), ('update', 'media_pool', 'Other')]"
json "[x['type'] for x in d if x['id'].replace('-', '') == '$asked'] == ['oprequest']"

# Everything: a mount is seen from many sides.
begin --brief
expect 0 freemedia V00001L8
expect 0 view physical_media --json
tape=$(json_value '[x["id"] for x in d if x["bar_code"] == "V00001L8"][0].replace("-", "")')
expect 0 view drive --guid --brief
drive=$(cat "$T/out")
check "the cartridge is told of" within 20 grep -qx "$tape" "$T/told"
check "the drive is told of" within 20 grep -qx "$drive" "$T/told"
check "nothing but GUIDs" sh -c '! grep -qvxE "[0-9a-f]{32}" "$1"' - "$T/told"

# A signal ends it.
kill -INT "$watcher"
ended
check "status 130, not $ended" [ "$ended" = 130 ]
begin --type library
kill -TERM "$watcher"
ended
check "status 143, not $ended" [ "$ended" = 143 ]

# So does time: a failure only when something was still to come.
expect 0 watch --type media_type --timeout 1 --quiet
err_empty
out_is ''
error 5 ERROR_TIMEOUT watch --type media_type --timeout 1 --count 1 --quiet
err_has '1 of the changes did not come'
