#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The queue: shown, ordered, cancelled, its finished requests deleted.

. "$(dirname "$0")/lib.sh"

wait_fails() { ! wait "$1"; }

refuse request delete
refuse request delete x --all
refuse request order x 0
refuse request order x -- -1
refuse request order x first
err_has "1 or more, or 'last'"
refuse request order x 4294967295

new_library --drives 1 --slots 6 --tapes 3
kind=$("$RSM" view media_type --brief | grep -m 1 LTO)
expect 0 freemedia V00001L8 V00002L8 V00003L8
expect 0 createpool Work --type "$kind" --draw
new_lmid Work
first=$lmid
new_lmid Work
second=$lmid
new_lmid Work
third=$lmid
expect 0 request list
out_has 'nothing is queued'
expect 0 request list --all --json
json 'len(d) > 0 and all(x["state"] == "passed" and x["order"] is None for x in d)'
over=$(json_value 'd[0]["id"]')
error 4 ERROR_OBJECT_NOT_FOUND request cancel "$over"

# One drive, held: two mounts wait for it.
expect 0 mount "$first" --for $$
queued() { [ "$("$RSM" request list --brief | wc -l)" = "$1" ]; }
"$RSM" mount "$second" --for $$ >"$T/second" 2>&1 &
one=$!
check "the first one waits" within 20 queued 1
"$RSM" mount "$third" --for $$ >"$T/third" 2>&1 &
two=$!
check "the second one waits" within 20 queued 2

expect 0 request list --json
json 'sorted(x["order"] for x in d) == [1, 2] and all(x["operation"] == "mount" for x in d)'
a=$(json_value '[x["id"] for x in d if x["order"] == 1][0]')
b=$(json_value '[x["id"] for x in d if x["order"] == 2][0]')
expect 0 request order "$b" --brief
out_is 2
expect 0 request order "$b" 1 --brief
out_is 1
expect 0 request order "$a" --brief
out_is 2
expect 0 request order "$b" last
out_has "request $b is number 2"
error 4 ERROR_OBJECT_NOT_FOUND request order zzzz
error 4 ERROR_OBJECT_NOT_FOUND request order ffffffff-ffff-ffff-ffff-ffffffffffff

error 5 ERROR_TIMEOUT request wait "$a" --timeout 0
"$RSM" request wait "$a" >"$T/waited" 2>&1 &
waiter=$!
error 6 ERROR_INVALID_STATE request delete "$a"
err_has 'cancel it first'
check "both are still there" queued 2
# By the beginning of its GUID; the other one stays.
expect 0 request cancel "$(echo "$a" | cut -c 1-13)"
out_has '^1 request cancelled'
check "its mount has ended" wait_fails "$one"
check "it says why" grep -q ERROR_CANCELLED "$T/second"
check "who waited for the request knows" wait_fails "$waiter"
check "and why" grep -q ERROR_CANCELLED "$T/waited"
error 6 ERROR_CANCELLED request wait "$a"
expect 0 request wait "$over" --json
json 'd["state"] == "passed"'
error 4 ERROR_OBJECT_NOT_FOUND request wait ffffffff-ffff-ffff-ffff-ffffffffffff
expect 0 request list --brief
out_is "$(echo "$b" | tr -d -)"
expect 4 request cancel "$a" "$b"
out_has '^1 request cancelled'
check "its mount has ended" wait_fails "$two"
expect 0 request list
out_has 'nothing is queued'

expect 0 request delete "$over" --brief
out_is "$(echo "$over" | tr -d -)"
error 4 ERROR_OBJECT_NOT_FOUND request delete "$over"
expect 0 dismount "$first"
expect 0 request delete --all
out_has '^[0-9]+ requests deleted'
expect 0 request list --all
out_has 'there are no requests'
