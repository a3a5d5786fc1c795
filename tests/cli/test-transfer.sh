#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What passes through the ports and the door: eject, inject, door. A person is played by rsm vlib.

. "$(dirname "$0")/lib.sh"

refuse eject
err_has 'what\?'
refuse eject x --slot 1
refuse eject x --library y
refuse eject --slot 1 --drive 0
refuse eject x --action stop
err_has '\-\-operation is missing'
refuse eject x --operation 1234
refuse eject x --action stop --operation 1234
refuse eject --action queue
refuse eject x y --action immediate
refuse eject x --action hurl
refuse inject x --action stop
refuse inject x --action retract
refuse inject x --operation 1234
refuse inject x --action eject
refuse door x --action slot

new_library --drives 1 --slots 6 --ports 2 --tapes 4
expect 0 view library --json
library=$(json_value '[x["name"] for x in d if x["changers"]][0]')
kind=$("$RSM" view media_type --brief | grep -m 1 LTO)

# place_of CARTRIDGE: the name of its place; nothing when it is nowhere
place_of()
{
	"$RSM" view physical_media --json >"$T/state" 2>/dev/null
	python3 -c '
import json, sys
for x in json.load(open(sys.argv[1])):
	if x["name"] == sys.argv[2]:
		print(x["library"], x["location"])
' "$T/state" "$1"
}
at_home() { place_of "$1" | grep -q "^$library Slot"; }
in_port() { place_of "$1" | grep -q "^$library Port"; }
is_out() { ! place_of "$1" | grep -q "^$library "; }
queue_is() { [ "$("$RSM" request list --brief | wc -l)" = "$1" ]; }

# ---- eject: a person takes it ----
start one eject V00001L8
told one 'waiting for a person to take V00001L8 out of port [12]'
check "it is in a port" in_port V00001L8
port=$(place_of V00001L8 | sed 's/.* //')
expect 0 vlib remove "$T/v" --port "$port"
ends 0 one
out_is "V00001L8 has left $library"
check "it is not in the library any more" is_out V00001L8

# Two share the ports of one operation.
start two eject V00002L8 V00003L8 --json
told two 'V00002L8 out of port'
check "the second is in a port, too" within 30 in_port V00003L8
expect 0 vlib remove "$T/v" --port 1
expect 0 vlib remove "$T/v" --port 2
ends 0 two
json '[x["cartridge"] for x in d] == ["V00002L8", "V00003L8"]'
json 'all(x["state"] == "passed" and x["library"] == "'"$library"'" for x in d)'
json 'd[0]["operation"] == d[1]["operation"] == d[1]["request"] != d[0]["request"]'

# ---- inject: a person brings them back ----
start in inject "$library"
told in 'waiting for a person to put cartridges into the ports'
expect 0 vlib insert "$T/v" V00001L8 --port 1
expect 0 vlib insert "$T/v" V00002L8 --port 2
ends 0 in
out_has "^taken into $library: 2 cartridges \\(V0000[12]L8, V0000[12]L8\\)"
check "one is in a slot" at_home V00001L8
check "so is the other" at_home V00002L8

start again inject "$library" --json
told again 'waiting for a person to put cartridges into the ports'
expect 0 vlib insert "$T/v" V00003L8 --port 1
expect 0 vlib insert "$T/v" NEW002L8 --port 2
ends 0 again
json 'sorted(x["name"] for x in d["found"]) == ["NEW002L8", "V00003L8"]'
json "d['library'] == '$library'"
check "it is in a slot" at_home V00003L8

# ---- one that cannot leave keeps the others in ----
expect 0 inventory "$library" --action none
expect 0 freemedia V00001L8 V00002L8 V00003L8
expect 0 createpool Work --type "$kind" --draw
new_lmid Work
expect 0 view logical_media --json
expect 0 mount "$lmid" --for $$
used=$("$RSM" view physical_media --json | python3 -c '
import json, sys
print([x["name"] for x in json.load(sys.stdin) if x["state"] == "loaded"][0])')
free=V00003L8
error 6 ERROR_BUSY eject "$free" "$used"
err_has "$used is in use"
check "nothing is left in the queue" within 30 queue_is 0
check "the other one is in its slot" at_home "$free"
expect 0 dismount "$lmid"

# Without waiting; stopped by the beginning of the operation's name.
expect 0 eject "$free" --nowait --brief
operation=$(cat "$T/out")
check "the operation" is_guid "$operation"
check "it is in a port" in_port "$free"
error 6 ERROR_BUSY eject "$free"
error 5 ERROR_TIMEOUT request wait "$operation" --timeout 0
expect 0 eject --action stop --operation "$(echo "$operation" | cut -c 1-8)"
out_has 'goes back to its slot'
check "it is in its slot again" within 30 at_home "$free"
error 6 ERROR_INVALID_OPERATION eject --action stop --operation "$operation"
error 4 ERROR_OBJECT_NOT_FOUND eject --action stop --operation ffffffff-ffff-ffff-ffff-ffffffffffff

# The time to wait is over, the work goes on.
error 5 ERROR_TIMEOUT eject "$free" --timeout 1
err_has 'the work goes on'
expect 0 request list --json
operation=$(json_value '[x["id"] for x in d if x["operation"] == "eject"][0]')
expect 0 eject /astop "/o$operation"
check "it is in its slot again" within 30 at_home "$free"

# Interrupted.
start stopped eject "$free"
told stopped 'waiting for a person'
kill -INT "$pid"
ends 130 stopped
err_has 'interrupted; the eject is stopped'
check "it is in its slot again" within 30 at_home "$free"
check "nothing is left in the queue" within 30 queue_is 0

# Collected, then begun; what is only collected can be dropped.
expect 0 eject V00004L8 --action queue --brief
expect 0 eject --action stop --operation "$(cat "$T/out")"
check "it is dropped" queue_is 0
expect 0 eject V00004L8 --action queue
out_has 'is collected'
check "it stays where it is" at_home V00004L8
start collected eject --action start
told collected 'take V00004L8 out'
expect 0 vlib remove "$T/v" --port 1
ends 0 collected
out_is "V00004L8 has left $library"
error 6 ERROR_INVALID_PARAMETER eject --action start

# Of a drive and a slot, as rsm.exe says it.
expect 0 view physical_media --json
slot=$(json_value "[x['location'] for x in d if x['name'] == '$free'][0]")
expect 0 eject "/sf$slot" "/lf$library" /aqueue --json
json "[x['cartridge'] for x in d] == ['$free']"
expect 0 eject /astop "/o$(json_value 'd[0]["request"]')"
start immediate eject "$free" --action immediate
told immediate 'waiting for a person'
expect 0 vlib remove "$T/v" --port 1
ends 0 immediate
out_is "$free has left $library"

# ---- inject: ended in other ways ----
expect 0 inject "/lf$library" /astartmany --nowait --brief
operation=$(cat "$T/out")
expect 0 vlib insert "$T/v" "$free" --port 1
expect 0 inject "$library" --action retract --operation "$operation"
check "it is in a slot" within 30 at_home "$free"
error 5 ERROR_TIMEOUT request wait "$operation" --timeout 0
expect 0 inject "$library" --action stop --operation "$operation"
out_has 'is stopped'
check "the operation is over" within 30 queue_is 0
error 6 ERROR_INVALID_OPERATION inject "$library" --action stop --operation "$operation"
start interrupted inject "$library"
told interrupted 'waiting for a person'
kill -INT "$pid"
ends 130 interrupted
err_has 'interrupted; the operation is stopped'
check "the operation is over" within 30 queue_is 0
expect 4 inject nothing-like-this

# ---- door ----
start door door "$library"
told door 'waiting for a person to open the door'
expect 0 vlib door "$T/v" open
told door 'the door is open; waiting for a person to close it'
expect 0 vlib insert "$T/v" NEW001L8 --slot 6
expect 0 vlib door "$T/v" close
ends 0 door
out_is "the door of $library is closed: 1 new (NEW001L8), 0 gone"
# A person opens the door and closes it; $request is over then.
visit_door()
{
	start visit request wait "$request"
	told visit 'to open the door'
	expect 0 vlib door "$T/v" open
	told visit 'the door is open'
	expect 0 vlib door "$T/v" close
	ends 0 visit
}

# What a person is to open is not taken back; he ends it.
start locked door "$library"
told locked 'waiting for a person'
kill -INT "$pid"
ends 130 locked
err_has 'interrupted; the request stays: the door is unlocked until it has been opened and closed'
expect 0 request list --json
request=$(json_value '[x["id"] for x in d if x["operation"] == "door_access"][0]')
visit_door
expect 0 door "$library" --nowait --json
json "d['found'] is None and d['library'] == '$library'"
request=$(json_value 'd["request"]')
error 5 ERROR_TIMEOUT request wait "$request" --timeout 0
visit_door
error 5 ERROR_TIMEOUT door "$library" --timeout 1
err_has 'the work goes on'
