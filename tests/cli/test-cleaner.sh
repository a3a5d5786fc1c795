#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Cleaners and what is cleaned with them; a slot that is looked into; an inventory that is stopped.
# A person is played by rsm vlib.

. "$(dirname "$0")/lib.sh"

refuse cleaner
err_has 'reserve, release, inject, eject'
refuse cleaner reserve x
refuse cleaner release
refuse cleaner inject x --uses 0
refuse cleaner inject x --uses many
refuse cleaner inject x --action stop
err_has '\-\-operation is missing'
refuse cleaner inject x --operation 1234
refuse cleaner inject x --action retract
refuse cleaner eject x --action queue
refuse cleaner eject x --uses 3
refuse clean
refuse clean x y
refuse identify
refuse identify x --timeout 5

new_library --drives 1 --slots 6 --ports 1 --tapes 3
expect 0 view library --json
library=$(json_value '[x["name"] for x in d if x["changers"]][0]')
cleaner_is() { [ "$("$RSM" view physical_media --brief | grep -c '^CLN')" = "$1" ]; }
queue_is() { [ "$("$RSM" request list --brief | wc -l)" = "$1" ]; }

# ---- the slot ----
error 6 ERROR_CLEANER_SLOT_NOT_SET cleaner release "$library"
error 6 ERROR_CLEANER_SLOT_NOT_SET cleaner inject "$library"
error 6 ERROR_CLEANER_SLOT_NOT_SET cleaner eject "$library"
error 6 ERROR_RESOURCE_NOT_AVAILABLE cleaner reserve "$library" 1
error 4 ERROR_OBJECT_NOT_FOUND cleaner reserve "$library" 7
error 4 ERROR_OBJECT_NOT_FOUND cleaner reserve nothing-like-this 6
expect 0 cleaner reserve "$library" 6 --json
json "d['library'] == '$library' and d['slot'].endswith('6') and d['present'] is False"
json 'd["uses"] is None'
slot=$(json_value 'd["slot"]')
error 6 ERROR_CLEANER_SLOT_SET cleaner reserve "$library" 5
expect 0 cleaner release "$library"
out_is "$slot of $library is a slot for any cartridge again"
expect 0 cleaner reserve "$library" "$slot" --brief
out_is "$slot"

# ---- in, by the port ----
error 6 ERROR_EMPTY cleaner eject "$library"
start in cleaner inject "$library" --uses 2 --json
told in 'waiting for a person to put the cleaner into a port'
expect 0 vlib insert "$T/v" NEW001L8 --port 1
told in 'NEW001L8 in port 1 is no cleaner'
expect 0 vlib remove "$T/v" --port 1
expect 0 vlib insert "$T/v" CLN001L8 --port 1
ends 0 in
json "d['library'] == '$library' and d['slot'] == '$slot' and d['present'] and d['uses'] == 2"
check "there is a cleaner" cleaner_is 1
error 6 ERROR_RESOURCE_NOT_AVAILABLE cleaner inject "$library"
error 6 ERROR_RESOURCE_NOT_AVAILABLE cleaner release "$library"

# ---- cleaning ----
expect 0 vlib dirty "$T/v" 0
expect 0 clean 0 --library "$library" --json
json 'd["state"] == "passed" and d["uses"] == 1 and d["last_cleaned"]'
json "d['library'] == '$library'"
drive=$(json_value 'd["drive"]')
error 4 ERROR_OBJECT_NOT_FOUND clean "$(json_value 'd["library_id"]')"
slow $an_hour
start clean clean "$drive"
told clean 'moving CLN001L8'
slow 0
ends 0 clean
out_is "$drive is clean; the cleaner can be used 0 more times"
expect 0 opreq list --json
json 'any("used up" in x["message"] for x in d)'

# Used up: a person is asked for another one.
start waits clean "$drive"
told waits 'waiting for a person to bring a cleaner'
kill -INT "$pid"
ends 130 waits
err_has 'interrupted; the request is cancelled'
expect 0 clean "$drive" --nowait --brief
request=$(cat "$T/out")
check "the request" is_guid "$request"
error 5 ERROR_TIMEOUT request wait "$request" --timeout 0
error 5 ERROR_TIMEOUT clean "$drive" --timeout 1
err_has 'the work goes on'
expect 0 request list --json
json "[x['id'].replace('-', '') for x in d] == ['$request']"
expect 0 request cancel "$request"

# ---- out, by the port ----
start leave cleaner eject "$library"
told leave 'waiting for a person to take CLN001L8 out of port 1'
expect 0 vlib remove "$T/v" --port 1
ends 0 leave
out_is "the cleaner has left $library"
check "there is none" cleaner_is 0

# ---- stopped ----
expect 0 cleaner inject "$library" --nowait --brief
operation=$(cat "$T/out")
check "the operation" is_guid "$operation"
error 6 ERROR_RESOURCE_NOT_AVAILABLE cleaner inject "$library"
expect 0 cleaner inject "$library" --action stop --operation "$(echo "$operation" | cut -c 1-8)"
out_is "$library: the operation is stopped"
check "the operation is over" within 30 queue_is 0
error 6 ERROR_INVALID_OPERATION cleaner inject "$library" --action stop --operation "$operation"
start stopped cleaner inject "$library"
told stopped 'waiting for a person'
kill -INT "$pid"
ends 130 stopped
err_has 'interrupted; the operation is stopped'
check "the operation is over" within 30 queue_is 0
error 5 ERROR_TIMEOUT cleaner inject "$library" --timeout 1
err_has 'the work goes on'
operation=$("$RSM" request list --brief)
expect 0 vlib insert "$T/v" CLN002L8 --port 1
expect 0 request wait "$operation"
check "it was taken in" cleaner_is 1
start back cleaner eject "$library"
told back 'take CLN002L8 out'
kill -TERM "$pid"
ends 143 back
err_has 'interrupted; the operation is stopped'
check "the operation is over" within 30 queue_is 0
check "the cleaner has stayed" cleaner_is 1

# ---- a slot that is looked into ----
expect 0 identify 1 --library "$library"
out_is "Slot 1 has V00001L8 (unrecognized)"
expect 0 identify "$slot" --library "$library" --brief
out_is CLN002L8
expect 0 identify 5 --library "$library" --json
json 'd["cartridge"] is None and d["cartridge_id"] is None and d["sides"] == []'
expect 0 identify 5 --library "$library" --brief
out_is ""

# ---- an inventory that is stopped ----
expect 0 inventory "$library" --action stop --json
json "d == {'library': '$library', 'library_id': d['library_id']}"
slow $an_hour
start inventory inventory "$library" --action full
told inventory 'still to be read|to [Dd]rive 0'
# What is read now is read to its end.
slow 3000
expect 0 inventory "$library" --action stop
slow 0
out_has "^$library: no inventory goes on"
# Who waits for it is told, whatever of it was over by then.
ends 6 inventory
err_has 'has stopped the inventory \(ERROR_CANCELLED, 1223\)$'
expect 0 inventory "$library" --action none
expect 0 request list --all --json
json '[x["state"] for x in d if x["operation"] == "inventory"].count("stopped") == 1'

# ---- a slot that is looked into, and what was in it left in the drive ----
slow $an_hour
start identify identify 2 --library "$library" --deferred --json
told identify 'moving V00002L8'
slow 0
ends 0 identify
json 'd["cartridge"] is None'
expect 0 view drive --json
json '[x["state"] for x in d] == ["dismountable"]'
error 4 ERROR_OBJECT_NOT_FOUND identify 77 --library "$library"
# The drive keeps its medium for a while. Who waits for that is told of it once, and nobody works.
start kept identify 1 --library "$library"
told kept 'keeps its medium after a deferred dismount'
kill -INT "$pid"
ends 130 kept
check "it is told of once" [ "$(grep -c 'keeps its medium' "$T/err")" = 1 ]
expect 0 request cancel "$("$RSM" request list --brief)"

# ---- by the door, where there is no port ----
expect 0 unmanage "$library"
rm -rf "$T/v"
new_library --drives 1 --slots 4 --ports 0 --tapes 1
expect 0 view library --json
library=$(json_value '[x["name"] for x in d if x["changers"]][0]')
expect 0 cleaner reserve "$library" 4
start door cleaner inject "$library"
told door 'waiting for a person to open the door and put the cleaner into Slot 4'
kill -INT "$pid"
ends 130 door
err_has 'interrupted; the operation goes on: .*has no port'
start wait request wait "$("$RSM" request list --brief)"
expect 0 vlib door "$T/v" open
told wait 'waiting for a person to put the cleaner into Slot 4 and close it'
expect 0 vlib insert "$T/v" CLN003L8 --slot 4
expect 0 vlib door "$T/v" close
ends 0 wait
check "it is there" cleaner_is 1
start gone cleaner eject "$library"
told gone 'waiting for a person to open the door and take the cleaner out of Slot 4'
expect 0 vlib door "$T/v" open
told gone 'the door is open'
expect 0 vlib remove "$T/v" --slot 4
expect 0 vlib door "$T/v" close
ends 0 gone
check "it is gone" cleaner_is 0
