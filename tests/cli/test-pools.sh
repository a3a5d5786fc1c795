#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Pools, free media, allocation.

. "$(dirname "$0")/lib.sh"

new_library --drives 2 --slots 8 --tapes 4
expect 0 view media_type --brief
out_has LTO
type=$(grep -m 1 LTO "$T/out")

# createpool
expect 0 createpool Backup --type "$type"
out_has 'Backup is made'
error 6 ERROR_ALREADY_EXISTS createpool Backup --type "$type"
expect 0 createpool Backup --open existing --json
json 'd["made"] is False and d["path"].endswith("Backup") and d["media_type"]'
expect 0 createpool Backup --open always --draw --return --max-allocates 3 --json
json 'd["made"] is False and d["draw"] and d["return"] and d["max_allocates"] == 3'
error 4 ERROR_OBJECT_NOT_FOUND createpool Nothing --open existing
error 4 ERROR_OBJECT_NOT_FOUND createpool Other --type no-such-type
expect 0 createpool Folder --brief
check "a GUID" is_guid "$(cat "$T/out")"
expect 0 createpool 'Folder\Inner' --type "$type" --json
json 'd["path"].endswith("Folder\\Inner")'
expect 0 createpool Folder/Second --type "$type"
call createpool Nowhere/Inner --type "$type"
check "no pool above: 4 or 6, not $status" [ "$status" = 4 -o "$status" = 6 ]
for name in '\\' 'a\\\\b' "$(printf 'n%.0s' $(seq 64))" "$(printf 'a\nb')" "$(printf 'a\377b')"; do
	call createpool "$name" --type "$type"
	check "refused, not $status" [ "$status" = 6 ]
	err_has 'ERROR_INVALID_NAME'
done
call createpool Free --type "$type"
check "Free is not ours to make" [ "$status" != 0 ]
expect 0 view media_pool --json
json '{"Backup", "Folder", "Folder\\Inner", "Folder\\Second"} <= {x["path"].lstrip("\\") for x in d}'
json 'not any("Nothing" in x["path"] or "Other" in x["path"] for x in d)'
expect 0 view media_pool --container Folder --json
json 'len(d) == 2'

# deletepool
error 6 ERROR_NOT_EMPTY deletepool Folder
expect 0 deletepool 'Folder\Second'
out_has 'is deleted'
error 4 ERROR_OBJECT_NOT_FOUND deletepool 'Folder\Second'
error 6 ERROR_INVALID_MEDIA_POOL deletepool Free
expect 0 deletepool Folder/Inner --json
expect 0 deletepool Folder --brief

# freemedia
expect 0 freemedia V00001L8 V00002L8
out_has '^V00001L8 is free'
out_has '^V00002L8 is free'
expect 0 view partition --json
json '[x["state"] for x in d].count("available") == 2'
json 'all(x["label_type"] for x in d if x["state"] == "available")'
expect 0 freemedia V00001L8 --json
json 'd[0]["argument"] == "V00001L8" and d[0]["pool"].startswith("Free")'
expect 4 freemedia nothing V00003L8 neither
out_has '^V00003L8 is free'
check "both are told of" [ "$(grep -c ERROR_OBJECT_NOT_FOUND "$T/err")" = 2 ]
expect 0 view partition --json
side=$(json_value '[x["id"] for x in d if x["cartridge"] == "V00004L8"][0]')
expect 0 freemedia "$side" --brief
check "a GUID" is_guid "$(cat "$T/out")"
expect 0 view partition --json
json '[x["state"] for x in d].count("available") == 4'

# movemedia
expect 0 movemedia V00004L8 Backup
out_has 'V00004L8 is in pool .*Backup'
error 4 ERROR_OBJECT_NOT_FOUND movemedia V00004L8 Nowhere
error 4 ERROR_OBJECT_NOT_FOUND movemedia nothing Backup
call movemedia V00004L8 Import
check "refused, not $status" [ "$status" = 6 ]
expect 0 view physical_media --container Backup --brief
out_is V00004L8
error 6 ERROR_NOT_EMPTY deletepool Backup

# allocate
expect 0 allocate Backup
out_has '^allocated [0-9a-f-]{36} on cartridge V00004L8 in pool .*Backup'
new_lmid Backup
check "a GUID" is_guid "$lmid"
check "the pool draws" [ "$("$RSM" view physical_media --container Backup --brief | wc -l)" = 2 ]
expect 0 allocate Backup --name 'my tape é' --json
json 'd["name"] == "my tape é" and d["lmid"] == d["id"] and d["state"] == "allocated"'
named=$(json_value 'd["lmid"]')
cartridge=$(json_value 'd["cartridge"]')
expect 0 view logical_media --json
json 'len(d) == 3'
error 4 ERROR_OBJECT_NOT_FOUND allocate Nowhere
error 6 ERROR_INVALID_MEDIA_POOL allocate Free
expect 0 allocate Backup --errunavail
error 6 ERROR_MEDIA_UNAVAILABLE allocate Backup --errunavail
error 6 ERROR_MEDIA_UNAVAILABLE allocate Backup --timeout 0
error 5 ERROR_TIMEOUT allocate Backup --timeout 200
# GUIDs of another type.
drive=$("$RSM" view drive --brief --guid | head -n 1)
error 4 ERROR_OBJECT_NOT_FOUND allocate Backup --next "$drive"
error 4 ERROR_OBJECT_NOT_FOUND allocate Backup --partition "$drive"
error 4 ERROR_OBJECT_NOT_FOUND allocate "$drive"
error 4 ERROR_OBJECT_NOT_FOUND deallocate "$drive"
error 4 ERROR_OBJECT_NOT_FOUND freemedia "$drive"
error 4 ERROR_OBJECT_NOT_FOUND movemedia "$drive" Backup
error 4 ERROR_OBJECT_NOT_FOUND movemedia V00004L8 "$drive"
error 4 ERROR_OBJECT_NOT_FOUND deletepool "$drive"
error 4 ERROR_OBJECT_NOT_FOUND createpool Other --type "$drive"
error 4 ERROR_OBJECT_NOT_FOUND mount "$drive"
error 4 ERROR_OBJECT_NOT_FOUND dismount "$drive"
error 4 ERROR_OBJECT_NOT_FOUND dismount --drive "$lmid"
error 4 ERROR_OBJECT_NOT_FOUND run "$drive" -- true
error 4 ERROR_OBJECT_NOT_FOUND label "$drive"

# An allocated cartridge is freed by its LMID only.
call freemedia "$cartridge"
check "refused, not $status" [ "$status" = 6 ]
call movemedia "$cartridge" Free
check "refused, not $status" [ "$status" != 0 ]
expect 0 view logical_media --json
json 'len(d) == 4'
expect 0 freemedia "$named"
out_has "^$cartridge is free"
expect 0 view logical_media --json
json 'len(d) == 3'

# deallocate
expect 0 deallocate "$lmid"
out_has '^deallocated'
error 4 ERROR_OBJECT_NOT_FOUND deallocate "$lmid"
error 4 ERROR_OBJECT_NOT_FOUND deallocate "$side-"
call deallocate "$side"
check "a side without an LMID, not $status" [ "$status" = 4 -o "$status" = 0 ]

# Output that cannot be written undoes the allocation: nobody has learnt the LMID.
before=$("$RSM" view lmid --brief | wc -l)
"$RSM" allocate Backup --errunavail --brief >/dev/full 2>"$T/err"
check "no success" [ $? != 0 ]
check "nothing allocated" [ "$("$RSM" view lmid --brief | wc -l)" = "$before" ]
