#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The syntax of rsm.exe: each form does what ours does, and what is no switch is refused.

. "$(dirname "$0")/lib.sh"

new_library --drives 2 --slots 6 --ports 1 --tapes 4
expect 0 view physical_media --brief
# shellcheck disable=SC2046
expect 0 freemedia $(cat "$T/out")
kind=$("$RSM" view media_type --brief | grep -m 1 LTO)
expect 0 view media_type --json
kind_id=$(json_value "[x['id'] for x in d if x['name'] == '$kind'][0]")
expect 0 view library --json
library=$(json_value '[x["name"] for x in d if x["changers"]][0]')
library_id=$(json_value '[x["id"] for x in d if x["changers"]][0]')

# same OURS -- THEIRS: both print the same
same()
{
	: >"$T/ours"
	expect 0 $1
	cp "$T/out" "$T/ours"
	shift
	expect 0 "$@"
	check "the same as ours" cmp -s "$T/out" "$T/ours"
	check "something is printed" [ -s "$T/out" ]
}

# ---- help ----
expect 0 '/?'
out_has '^  deletepool NAME'
same 'help mount' mount '/?'
same 'help mount' mount /lfx '/?'
out_has 'rsm mount \[/l\{g\|f\}LMID\]'

# ---- view ----
same 'view physical_media' view /tphysical_media
same 'view physical_media' VIEW /TPhysical_Media
same 'view drive --guid --brief' view /tdrive /guiddisplay /b
same 'view drive --brief' view /b /tdrive
same "view physical_media --container $library_id --brief" \
	view /tphysical_media "/cg$library_id" /b
same "view physical_media --container $library_id --brief" \
	view /tphysical_media "/cg{$library_id}" /b
same 'view drive --json' view /tdrive --json
refuse view /tdrive /x
err_has "no switch '/x'; there are: rsm view"
refuse view /tdrive /cfname
err_has "no switch '/cfname'"
refuse view /tdrive /cgname
err_has "'/cgname': what follows is no GUID"
refuse view /t
err_has "'/t' needs its value right behind it"
refuse view /tdrive /guid
refuse view /tdrive library
err_has "'library' cannot stand beside switches"
refuse view /tdrive /tlibrary
err_has 'too many arguments'

# ---- pools ----
expect 0 createpool /mOne /anew "/tf$kind" /d /r
expect 0 createpool Two --type "$kind" --draw --return
expect 0 view media_pool --json
json '[len(set((p["media_type"], p["draw"], p["return"]) for p in d if p["name"] in ("One", "Two"))),
	len([p for p in d if p["name"] in ("One", "Two") and p["draw"] and p["return"]])] == [1, 2]'
expect 6 createpool /mOne /aNEW
expect 0 createpool /mOne /aExisting
out_has 'exists'
expect 0 createpool /mOne /aalways
refuse createpool /mOne /amaybe
err_has '\-\-open is one of'
expect 0 createpool '/mMy Pool' /anew "/tg$kind_id" /r
expect 0 view media_pool --json
json '[(p["draw"], p["return"]) for p in d if p["name"] == "My Pool"] == [(False, True)]'
expect 0 deletepool '/mMy Pool'
expect 4 deletepool '/mMy Pool'

# Which of two pools is meant nobody knows: neither is deleted.
expect 0 createpool ypool
expect 0 createpool mypool
error 6 ERROR_INVALID_NAME deletepool /mypool
err_has "pool 'ypool'.*pool 'mypool'"
error 6 ERROR_INVALID_NAME createpool /mypool /aexisting
error 6 ERROR_INVALID_NAME allocate /mypool /oerrunavail
expect 0 view media_pool --brief
out_has 'ypool$'
out_has 'mypool$'
expect 0 deletepool -- /mypool
out_has 'mypool is deleted'
expect 0 deletepool /mypool
out_has 'ypool is deleted'
out_lacks 'mypool'

# ---- allocate, deallocate ----
expect 0 allocate /mOne /onew '/lnnamed by /ln' /ldremark /pnside1 /pdabout /t1000 /b
lmid=$(cat "$T/out")
check "only the LMID" is_guid "$lmid"
expect 0 view logical_media --json
json '[(x["name"], x["description"]) for x in d] == [("named by /ln", "remark")]'
expect 0 view partition --json
json '[x["description"] for x in d if x["name"] == "side1"] == ["about"]'
side=$(json_value '[x["id"] for x in d if x["name"] == "side1"][0]')
call allocate One --next "$lmid" --errunavail
ours=$status
cp "$T/err" "$T/ours"
expect "$ours" allocate /mOne /onext "/lg$lmid" /oerrunavail
check "the same message" cmp -s "$T/err" "$T/ours"
refuse allocate /mOne /onext
err_has "'/onext' needs '/l'"
refuse allocate /mOne "/lg$lmid"
err_has "'/l' needs '/onext'"
refuse allocate /mOne /onever
err_has "no switch '/onever'"
refuse allocate /mOne /tsoon
refuse allocate /mOne /t-1
refuse allocate /oerrunavail
refuse allocate /mOne "/pg123"
refuse allocate /mOne extra
expect 0 deallocate "/pg$side"
expect 4 deallocate "/pg$side"
err_has 'is not allocated'
expect 0 allocate /mOne /oerrunavail "/pg$side" /lnagain /b
lmid=$(cat "$T/out")
expect 0 deallocate /lfagain
expect 4 deallocate "/lg$lmid"
expect 0 allocate /mOne "/pfside1" /t0 /b
lmid=$(cat "$T/out")
refuse deallocate "/lf$lmid" "/pg$side"

# ---- mount, dismount ----
expect 0 view drive --json
drive=$(json_value 'd[1]["name"]')
device=$(json_value 'd[1]["device"]')
expect 0 mount "/lg$lmid" "/df$drive" /odrive /oread /rhighest /t60000 --for $$
out_is "$device"
expect 0 view drive --json
json 'd[1]["state"] == "loaded" and d[0]["state"] != "loaded"'
expect 6 mount "/lg$lmid" /oerrunavail --for $$
expect 0 dismount "/lg$lmid" /odeferred
expect 0 view drive --json
json 'd[1]["state"] != "dismounted"'
expect 0 mount "/pg$side" /owrite /rlow /tINFINITE --for $$
expect 0 dismount "/pg$side" /o
expect 0 view physical_media --json
json 'all(x["location"] == x["home_slot"] for x in d)'
refuse mount "/lg$lmid" /odrive
err_has "'/odrive' needs '/d'"
refuse mount "/lg$lmid" /rurgent
refuse mount "/lg$lmid" /oshared
refuse mount "/lg$lmid" "$lmid"
err_has 'cannot stand beside'
refuse mount "/lg$lmid" -- "$lmid"
refuse mount "/lgx"
refuse dismount "/lg$lmid" /onow

expect 0 view physical_media --json
slot=$(json_value "[x['home_slot'] for x in d if '$side'[:8] in str(x)] and '' or d[0]['home_slot']")
expect 0 view changer --json
changer=$(json_value 'd[0]["id"]')
expect 0 mount "/sf$slot" "/cg$changer" --for $$ --json
json 'len(d) == 1'
medium=$(json_value 'd[0]["lmid"]')
expect 0 view physical_media --json
json "[x['location_type'] if 'location_type' in x else x['location'] for x in d if x['home_slot'] == '$slot'] != ['$slot']"
expect 0 dismount "$medium"
refuse mount "/sf$slot"
err_has "'/s' needs '/c'"

# ---- freemedia, inventory ----
expect 6 freemedia "/pg$side"
expect 0 freemedia "/lg$lmid"
out_has 'is free'
expect 4 deallocate "$lmid"
expect 0 freemedia "/sf$slot" --library "$library"
out_has 'is free'
same "inventory $library_id --action fast --brief" inventory "/lf$library" /afast --brief
same "inventory $library_id --action none --brief" inventory "/lg$library_id" /aNone --brief
same "inventory $library_id --action stop --brief" inventory "/lf$library" /astop --brief
refuse inventory "/lf$library" /aquick
refuse inventory /l
refuse inventory "/lf"

# Only a slash makes a switch, and only where the verb has such.
refuse who /b
err_has 'too many arguments'
expect 4 unmanage /lfnothing
expect 4 manage /dev/nothing-like-this
