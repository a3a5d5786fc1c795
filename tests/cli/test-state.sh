#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# enable, disable, complete, decommission, swap, delete; mounts by slot and side.

. "$(dirname "$0")/lib.sh"

new_library --drives 2 --slots 6 --ports 1 --tapes 4
expect 0 view physical_media --brief
# shellcheck disable=SC2046
expect 0 freemedia $(cat "$T/out")
kind=$("$RSM" view media_type --brief | grep -m 1 LTO)
expect 0 createpool Work --type "$kind" --draw
expect 0 view library --json
library=$(json_value '[x["name"] for x in d if x["changers"]][0]')
expect 0 view drive --json
drive=$(json_value 'd[0]["name"]')
drive_id=$(json_value 'd[0]["id"]')

# ---- enable, disable ----
expect 0 disable "$drive" --type drive --json
json 'd["type"] == "drive" and d["enabled"] is False'
expect 0 view drive --json
json '[x["enabled"] for x in d] == [False, True]'
expect 0 enable "$drive_id"
out_has 'is enabled'
expect 0 view drive --json
json 'all(x["enabled"] for x in d)'
expect 0 view physical_media --json
cartridge_id=$(json_value 'd[0]["id"]')
code=$(json_value 'd[0]["bar_code"]')
expect 0 disable "$code" --brief
check "the GUID" is_guid "$(cat "$T/out")"
expect 0 view physical_media --json
json "[x['enabled'] for x in d if x['id'] == '$cartridge_id'] == [False]"
expect 0 enable "$code"
expect 0 disable "$library"
expect 0 view library --json
json '[x["enabled"] for x in d if x["changers"]] == [False]'
expect 0 enable "$library"
expect 0 view library --json
json '[x["enabled"] for x in d if x["changers"]] == [True]'
error 4 ERROR_OBJECT_NOT_FOUND disable nothing-like-this
error 6 ERROR_INVALID_PARAMETER disable "$drive" --type media_pool
error 6 ERROR_INVALID_PARAMETER disable "$drive" --type nonsense
expect 0 view media_pool --json
pool=$(json_value 'd[0]["id"]')
error 4 ERROR_OBJECT_NOT_FOUND disable "$pool"
err_has 'cannot be done with a media_pool'

# ---- swap ----
new_lmid Work
first=$lmid
new_lmid Work
second=$lmid
expect 0 view logical_media --json
cp "$T/out" "$T/before"
expect 0 swap "$first" "$second" --json
json '{x["id"]: x["cartridge"] for x in d} == {
	x["id"]: y["cartridge"] for b in [json.load(open("'"$T/before"'"))]
	for x in b for y in b if x["id"] != y["id"]} and len(d) == 2'
expect 4 swap "$first" nothing-like-this

# ---- complete ----
expect 0 complete "$first" --json
json 'd["state"] == "complete"'
expect 0 view logical_media --json
json "sorted((x['id'].replace('-', ''), x['state'] == 'complete') for x in d) == sorted([
	('$first', True), ('$second', False)])"
error 6 ERROR_WRITE_PROTECT mount "$first" --write --for $$
expect 0 mount "$first" --read --for $$
expect 0 dismount "$first"
expect 4 complete nothing-like-this

# ---- mount options ----
expect 0 mount "$second" --for $$ --priority -15
error 6 ERROR_BUSY mount "$second" --errbusy --for $$
error 6 ERROR_BUSY mount "$second" --nowait --for $$
expect 0 dismount "$second"
expect 0 view logical_media --json
expect 0 view physical_media --json
slot=$(json_value "[x['home_slot'] for x in d][0]")
expect 0 mount --slot "$slot" --library "$library" --for $$ --json
medium=$(json_value 'd[0]["lmid"]')
json "d[0]['cartridge'] == '$code'"
expect 0 dismount "$medium"
expect 0 view slot --json
empty=$(json_value '[x["name"] for x in d if x["state"] == "empty"][0]')
error 6 ERROR_EMPTY mount --slot "$empty" --library "$library" --for $$
error 4 ERROR_OBJECT_NOT_FOUND mount --slot 4711 --library "$library" --for $$
err_has "has no slot '4711'"
error 4 ERROR_OBJECT_NOT_FOUND mount --partition nothing-like-this --for $$

# ---- decommission ----
error 6 ERROR_INVALID_STATE decommission "$first"
expect 0 view partition --json
side=$(json_value '[x["id"] for x in d if x["state"] == "available" or not x["lmid"]][0]')
call decommission "$side"
if [ "$status" != 0 ]; then
	expect 0 view partition
	bad "decommission"
fi
expect 0 view partition --json
json "[x['state'] for x in d if x['id'] == '$side'] == ['decommissioned']"

# ---- delete ----
error 6 ERROR_INVALID_STATE delete media "$cartridge_id"
error 6 ERROR_INVALID_STATE delete drive "$drive"
err_has 'still connected'
error 6 ERROR_INVALID_STATE delete library "$library"
err_has 'still connected'
error 4 ERROR_OBJECT_NOT_FOUND delete drive nothing-like-this
error 4 ERROR_OBJECT_NOT_FOUND delete library nothing-like-this
expect 0 view drive --brief
check "both drives" [ "$(wc -l <"$T/out")" = 2 ]
expect 0 deallocate "$first"
expect 0 deallocate "$second"
expect 0 unmanage "$library"
expect 0 delete media "$cartridge_id" --json
json "d['id'] == '$cartridge_id' and d['bar_code'] == '$code'"
expect 4 delete media "$cartridge_id"
expect 0 view physical_media --brief
check "the others stay" [ "$(wc -l <"$T/out")" = 3 ]
