#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rsm erase: nothing is left on the medium, no label is on record, and it is brought home.

. "$(dirname "$0")/lib.sh"

new_library --drives 1 --slots 4 --tapes 3
type=$("$RSM" view media_type --brief | grep -m 1 LTO)
expect 0 freemedia V00001L8 V00002L8
expect 0 createpool Backup --type "$type" --draw
new_lmid Backup
first=$lmid
new_lmid Backup
second=$lmid
echo 'what was written' >"$T/file"
home() { [ -z "$("$RSM" who --brief)" ] && drive_is 0 dismounted; }
write() { expect 0 run "$1" -- sh -c 'tar -C "$0" -cf "$TAPE" file' "$T"; }
# LMID LABEL: that is on record.
labelled() { expect 0 view partition --container "$1" --json && json "d[0][\"label_type\"] == \"$2\""; }
# LMID: how many bytes are on it
bytes() { "$RSM" run "$1" --read -- sh -c 'wc -c <"$TAPE"' 2>"$T/remarks"; }

write "$first"
write "$second"
labelled "$first" tar
expect 0 erase "$first"
out_is 'cartridge V00001L8 is erased'
err_has 'erasing what is in'
check "home" home
check "nothing is left" [ "$(bytes "$first")" = 0 ]
labelled "$first" ''
# The other is as it was; it can be mounted, and the erased one written again.
labelled "$second" tar
expect 0 run "$second" --read -- sh -c 'tar -xOf "$TAPE" file'
out_is 'what was written'
write "$first"
labelled "$first" tar

# By its side, for scripts, and in the words of rsm.exe.
expect 0 view partition --container "$first" --json
side=$(json_value 'd[0]["id"]')
expect 0 erase --partition "$side" --brief --quiet --whole
out_is "$(echo "$first" | tr -d -)"
err_empty
check "nothing is left" [ "$(bytes "$first")" = 0 ]
write "$first"
expect 0 erase "/pg$side" /b /rhigh /t60000
out_is "$(echo "$first" | tr -d -)"
check "nothing is left" [ "$(bytes "$first")" = 0 ]
write "$first"
expect 0 erase "$first" --json --quiet
json 'd["cartridge"] == "V00001L8" and "device" in d'

# Not what belongs to nobody, what is complete, what is in use, what is not there.
expect 0 view partition --container V00003L8 --json
free=$(json_value 'd[0]["id"]')
error 6 ERROR_INVALID_STATE erase --partition "$free"
err_has 'not allocated; rsm freemedia'
expect 0 complete "$second"
error 6 ERROR_WRITE_PROTECT erase "$second"
check "home" home
expect 0 run "$second" --read -- sh -c 'tar -xOf "$TAPE" file'
out_is 'what was written'
error 4 ERROR_OBJECT_NOT_FOUND erase nothing
refuse erase
refuse erase "$first" "$second"
refuse erase "$first" --partition "$side"
refuse erase "$first" --read
write "$first"
"$RSM" run "$first" -- sh -c 'touch "$0"; while [ ! -e "$1" ]; do sleep 0.1; done' "$T/in-use" "$T/go" &
user=$!
check "in use" within 30 [ -e "$T/in-use" ]
error 5 ERROR_TIMEOUT erase "$first" --timeout 100
touch "$T/go"
wait "$user"
labelled "$first" tar

finish
