#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Operator requests: submitted, shown, satisfied, refused, waited for, deleted.

. "$(dirname "$0")/lib.sh"

refuse opreq delete
refuse opreq delete x --all
refuse opreq submit nonsense
err_has 'there are: new_media, cleaner'
refuse opreq submit message
err_has 'message is missing'
refuse opreq submit message x --message y
refuse opreq submit move_media x
err_has 'wants a cartridge and a library'
refuse opreq submit new_media a b c
refuse opreq submit message --message "$(printf 'n%.0s' $(seq 256))"
refuse opreq submit message --message "$(printf 'a\377b')"

new_library --drives 1 --slots 4 --tapes 2
expect 0 view library --json
library=$(json_value '[x["name"] for x in d if x["changers"]][0]')
expect 0 opreq list
out_has 'nobody is asked for anything'
expect 0 opreq list --json
json 'd == []'

expect 0 opreq submit message --message 'Bring a cake' --json
json 'd["request"] == "message" and d["state"] != "complete" and d["message"] == "Bring a cake"'
cake=$(json_value 'd["id"]')
expect 0 opreq submit move_media V00001L8 "$library" --brief
move=$(cat "$T/out")
check "a GUID" is_guid "$move"
expect 0 opreq submit device_service "$library" --message Dust --brief
dust=$(cat "$T/out")
expect 4 opreq submit device_service nothing-like-this
expect 4 opreq submit cleaner V00001L8
expect 0 opreq list --json
json 'sorted(x["request"] for x in d) == ["device_service", "message", "move_media"]'
json "[(x['about'], x['where']) for x in d if x['request'] == 'move_media'] == [
	('V00001L8', '$library')]"
expect 0 opreq list
out_has 'move_media +V00001L8'

error 5 ERROR_TIMEOUT opreq wait "$cake" --timeout 0
"$RSM" opreq wait "$cake" >"$T/waited" 2>&1 &
waiter=$!
"$RSM" opreq wait "$move" >"$T/refused" 2>&1 &
loser=$!
expect 0 opreq satisfy "$(echo "$cake" | cut -c 1-13)"
out_is '1 operator request satisfied'
check "who waited goes on" wait "$waiter"
check "it says so" grep -q "$cake is satisfied" "$T/waited"
expect 0 opreq wait "$cake" --brief
out_is complete
expect 0 opreq refuse "$move" --brief
out_is "$move"
loser_status=0
wait "$loser" || loser_status=$?
check "who waited fails" [ "$loser_status" = 6 ]
check "it says why" grep -q 'ERROR_CANCELLED' "$T/refused"
error 4 ERROR_OBJECT_NOT_FOUND opreq satisfy "$cake"
error 6 ERROR_INVALID_STATE opreq refuse "$move"
expect 4 opreq satisfy zzzz

# One that fails does not keep the others from being done.
error 6 ERROR_INVALID_STATE opreq delete "$dust"
err_has 'satisfy or refuse it first'
expect 6 opreq delete "$dust" "$cake"
out_is '1 operator request deleted'
expect 0 opreq list --brief
out_is "$dust"
expect 0 opreq list --all --json
json 'sorted(x["state"] for x in d if x["request"] == "move_media") == ["refused"] and len(d) == 2'
expect 0 opreq delete --all
out_is '1 operator request deleted'
expect 0 opreq list --all --brief
out_is "$dust"

# Ended by a signal it leaves the request as it is.
"$RSM" opreq wait "$dust" >"$T/waited" 2>&1 &
waiter=$!
sleep_for_session() { grep -q "$RSM\|rsm" "/proc/$waiter/comm" && [ -d "/proc/$waiter/task" ] &&
	[ "$(ls "/proc/$waiter/task" | wc -l)" -gt 1 ]; }
check "it waits" within 20 sleep_for_session
kill -INT "$waiter"
waiter_status=0
wait "$waiter" || waiter_status=$?
check "status 130, not $waiter_status" [ "$waiter_status" = 130 ]
expect 0 opreq list --brief
out_is "$dust"
