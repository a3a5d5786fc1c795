#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Libraries: made, managed, looked at, given back.

. "$(dirname "$0")/lib.sh"

# The broker cannot be reached: status 2, whatever the verb.
for verb in devices who view 'view drive' 'manage all' 'unmanage x' 'inventory x' 'createpool x' \
	'deletepool x' 'freemedia x' 'movemedia x y' 'allocate x' 'deallocate x' 'mount x' \
	'run x -- true' 'dismount x' 'label x'; do
	# shellcheck disable=SC2086
	expect 2 $verb
	check "an error with its number" grep -qE '\(ERROR_[A-Z_]+, [0-9]+\)$' "$T/err"
done

for shape in '--drives 0' '--drives 65' '--slots 0' '--slots 10001' '--ports 65' \
	'--slots 2 --tapes 3'; do
	# shellcheck disable=SC2086
	error 6 ERROR_INVALID_PARAMETER vlib create "$T/v" $shape
	check "nothing was made" [ ! -e "$T/v/library" ]
done
expect 0 vlib create "$T/v" --drives 2 --slots 6 --ports 1 --tapes 3 --json
json 'd["broker"].startswith("virtual:/") and d["tapes"] == 3 and d["drives"] == 2'
error 6 ERROR_ALREADY_EXISTS vlib create "$T/v"
expect 0 vlib create "$T/other" --slots 1 --brief
out_is "virtual:$T/other"
# The directories above are made, too.
expect 0 vlib create "$T/not/yet/there" --slots 1 --brief
out_is "virtual:$T/not/yet/there"
error 3 ERROR_ACCESS_DENIED vlib create "$T/other/library/below/a/file"

expect 0 view
out_has 'No library is managed'
expect 0 view --json
json 'd["libraries"] == [] and d["offline"] == []'
expect 0 devices --json
json 'len(d) == 3 and [x["type"] for x in d].count("drive") == 2 and not d[0]["managed"]'
serial=$(json_value '[x["serial"] for x in d if x["type"] == "changer"][0]')
expect 0 devices --brief
check "three serial numbers" [ "$(wc -l <"$T/out")" = 3 ]
expect 0 devices
out_has "changer .*$serial"

error 4 ERROR_OBJECT_NOT_FOUND manage no-such-serial
expect 0 manage "$serial" --brief
library=$(cat "$T/out")
check "a GUID" is_guid "$library"
expect 0 manage "$serial" --brief
out_is "$library"
expect 0 manage all
out_has '2 drives, 6 slots, 1 port, 3 cartridges'
expect 0 manage all --quiet
out_is ''
expect 0 devices --json
json 'all(x["managed"] for x in d)'

# The picture.
expect 0 view
err_empty
out_has '^Library .*online, ready'
out_has "serial number $serial"
out_has '^ *1 .*dismounted'
out_has 'V00001L8'
out_has '^ *[0-9]-[0-9] +empty|^ *[0-9] +empty'
out_has 'Free.LTO'
expect 0 view --json
json 'len(d["libraries"]) == 1 and len(d["libraries"][0]["slots"]) == 6'
json 'sum(1 for s in d["libraries"][0]["slots"] if s["cartridge"]) == 3'
json 'd["libraries"][0]["slots"][0]["cartridge"]["bar_code"] == "V00001L8"'
json 'd["libraries"][0]["slots"][0]["cartridge"]["pool"].startswith("Unrecognized")'
json 'all(x["holder"] is None and x["cartridge"] is None for x in d["libraries"][0]["drives"])'
expect 0 view --brief
out_is "$(printf 'V0000%sL8\n' 1 2 3)"
expect 0 view --guid
out_has '[0-9a-f]{8}-[0-9a-f]{4}-'

# Every type, in every form.
for type in changer changer_type computer drive drive_type iedoor ieport library librequest \
	logical_media media_pool media_type oprequest partition physical_media storageslot \
	media pool side lmid slot port request; do
	expect 0 view $type
	err_empty
	expect 0 view $type --json
	json 'isinstance(d, list) and all(re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", x["id"]) for x in d)'
	expect 0 view $type --brief --guid
	out_lacks '[^0-9a-f]'
	expect 0 view $type --brief
	expect 0 view $type --guid
done
expect 0 view physical_media --json
json 'len(d) == 3 and d[0]["bar_code"] == "V00001L8" and d[0]["location"] and d[0]["library"]'
expect 0 view storageslot --json
json '[x["state"] for x in d].count("full") == 3 and [x["state"] for x in d].count("empty") == 3'
expect 0 view library --brief
name=$(grep -vi offline "$T/out")
for container in "$library" "$name"; do
	expect 0 view physical_media --container "$container" --brief
	out_is "$(printf 'V0000%sL8\n' 1 2 3)"
	expect 0 view drive --container "$container" --json
	json 'len(d) == 2'
done
expect 0 view partition --container V00002L8 --json
json 'len(d) == 1 and d[0]["cartridge"] == "V00002L8"'
error 6 ERROR_INVALID_PARAMETER view drive --container "$(json_value 'd[0]["id"]')"
error 4 ERROR_OBJECT_NOT_FOUND view drive --container 00000000000000000000000000000001
error 4 ERROR_OBJECT_NOT_FOUND view drive --container nowhere

# Names: of another type, without sense, too long, empty of meaning.
expect 0 view drive --brief --guid
drive=$(head -n 1 "$T/out")
long=$(printf 'n%.0s' $(seq 3000))
for name in "$drive" nobody "$long" '\\' '{}' "$(printf 'a\377')" "$(printf '\033[31m')"; do
	for verb in 'inventory' 'unmanage'; do
		call $verb "$name"
		check "not found or no name, not $status" [ "$status" = 4 -o "$status" = 6 ]
		check "no raw control character" sh -c '! LC_ALL=C grep -q "[[:cntrl:]]" "$1"' - "$T/err"
	done
done

expect 0 inventory "$library" --action fast
out_has '3 cartridges: 0 new, 0 gone'
expect 0 inventory "$library" --action none --json
json 'd["cartridges"] == 3 and d["found"] == [] and d["gone"] == [] and d["failed"] == []'
for action in fast slot default full; do
	expect 0 inventory "$library" --action $action --brief
	out_is 3
done
expect 0 view physical_media --json
json '{x["pool"].split("\\")[0] for x in d} == {"Unrecognized"}'

# What has no worth of its own is forgotten with the library; what is known stays.
expect 0 freemedia V00002L8
expect 0 unmanage "$library"
out_has 'given back'
expect 0 devices --json
json 'not any(x["managed"] for x in d)'
expect 0 view --json
json 'd["libraries"] == [] and "V00002L8" in [x["bar_code"] for x in d["offline"]]'
expect 0 view
out_has '^Offline:'
error 4 ERROR_OBJECT_NOT_FOUND unmanage "$library"
expect 0 manage all --json
json 'd[0]["media"] == 3'

# A library that is not of this broker is waited for, and why is said.
library=$(json_value 'd[0]["id"]')
NTMS_BROKER=virtual:$T/other
start elsewhere inventory "$library"
told elsewhere 'belongs to the broker virtual:[^ ]*/v, not to virtual:[^ ]*/other'
kill -INT "$pid"
ends 130 elsewhere
NTMS_BROKER=virtual:$T/v

# The database cannot be reached: status 2.
NTMS_HOME=/proc/nowhere/db
expect 2 view
NTMS_HOME=$T/db
NTMS_BROKER=nonsense
expect 2 view
NTMS_BROKER=kernel
[ -e /dev/rsm ] || expect 2 view
NTMS_BROKER=virtual:$T/v
