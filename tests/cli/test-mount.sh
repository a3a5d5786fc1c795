#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Mounts: how they begin, what keeps them, and everything that ends them.

. "$(dirname "$0")/lib.sh"

new_library --drives 2 --slots 6 --tapes 4
type=$("$RSM" view media_type --brief | grep -m 1 LTO)
expect 0 freemedia V00001L8 V00002L8 V00003L8
expect 0 createpool Backup --type "$type" --draw
new_lmid Backup
first=$lmid
new_lmid Backup
second=$lmid
new_lmid Backup
third=$lmid

# ---- the main job ----

# The pipe of the caller is not held open.
"$RSM" mount "$first" 2>"$T/err" | {
	cat >"$T/out"
	touch "$T/ended"
} &
command="rsm mount into a pipe"
check "the pipe ends" within 20 [ -e "$T/ended" ]
[ -e "$T/ended" ] || exit 1
expect 0 dismount "$first"

# The device alone on standard output.
device=$("$RSM" mount "$first" 2>"$T/err")
check "mounted" [ $? = 0 ]
check "a device, not '$device'" [ -w "$device" ]
check "no remarks where nobody reads" [ ! -s "$T/err" ]
expect 0 who --json
json 'len(d) == 1 and d[0]["command"] == "rsm-keeper" and d[0]["state"] == "held"'
json 'd[0]["lmid"].replace("-", "") == "'"$first"'" and d[0]["drive"] and d[0]["cartridge"]'
json 'd[0]["device"] == "'"$device"'" and d[0]["since"].endswith("Z")'
keeper=$(json_value 'd[0]["pid"]')
expect 0 who
out_has "$keeper +rsm-keeper"
expect 0 view
out_has "rsm-keeper \($keeper\) since [0-9]+:"
expect 0 view --json
json '[x["holder"]["pid"] for x in d["libraries"][0]["drives"] if x["holder"]] == ['"$keeper"']'
check "the keeper holds on to nothing of ours" sh -c '
	for fd in 0 1 2; do [ "$(readlink "/proc/$1/fd/$fd")" = /dev/null ] || exit 1; done
	[ "$(readlink "/proc/$1/cwd")" = / ]' - "$keeper"

# A medium that is mounted is not mounted again, deallocated, moved or freed.
error 6 ERROR_BUSY mount "$first" --errunavail
error 5 ERROR_TIMEOUT mount "$first" --timeout 300
error 6 ERROR_BUSY deallocate "$first"
call freemedia "$first"
check "refused, not $status" [ "$status" = 6 ]
call unmanage "$("$RSM" view library --brief | grep -v -i offline)"
check "refused, not $status" [ "$status" = 6 ]
err_has ERROR_BUSY

echo 'what was written' >"$T/file"
tar -C "$T" -cf "$device" file
check "tar writes" [ $? = 0 ]

# A device that is open is not taken away.
exec 7<"$device"
error 6 ERROR_INVALID_STATE dismount "$first"
err_has 'open'
expect 6 dismount --drive "$("$RSM" view drive --json | python3 -c '
import json, sys
print([x["id"] for x in json.load(sys.stdin) if x["device"] == sys.argv[1]][0])' "$device")"
err_has 'open'
exec 7<>"$device"
error 6 ERROR_INVALID_STATE label "$first"
error 6 ERROR_INVALID_STATE dismount "$first"
exec 7<&-
check "still held" [ "$("$RSM" who --brief)" = "$keeper" ]

expect 0 label "$first"
out_has 'of type tar'
expect 0 dismount "$first"
out_has '^V0000[1-3]L8 is dismounted; it is in [Ss]lot'
check "the keeper ends with its mount" within 20 [ ! -e "/proc/$keeper" ]
expect 0 who --brief
out_is ''
error 6 ERROR_INVALID_STATE dismount "$first"
expect 0 view partition --container "$first" --json
json 'd[0]["label_type"] == "tar" and d[0]["mount_count"] >= 1'

# Again, in the other drive: what was written is there.
expect 0 mount "$first" --drive 1 --read --json
json 'len(d) == 1 and d[0]["device"].endswith("/1/nst") and d[0]["cartridge"].startswith("V0000")'
check "the same files" [ "$(tar -xOf "$(json_value 'd[0]["device"]')" file)" = 'what was written' ]
expect 0 dismount "$first" --deferred --json
json 'd[0]["deferred"] is True'
check "it stays in the drive" drive_is 1 dismountable
expect 0 mount "$first" --brief
check "no move for the same medium" [ "$(cat "$T/out")" = "$T/v/drives/1/nst" ]
expect 0 dismount --drive 1
check "the drive is empty" drive_is 1 dismounted
expect 6 dismount --drive 1
err_has ERROR_INVALID_STATE

# ---- several at once ----

expect 0 mount "$first" "$second" --brief
check "two devices" [ "$(sort -u "$T/out" | wc -l)" = 2 ]
error 6 ERROR_BUSY mount "$third" --errunavail
expect 0 dismount "$first" "$second" --brief
out_is "$(printf '%s\n' "$first" "$second")"
error 6 ERROR_INVALID_MEDIA mount "$first" "$first"
expect 0 mount "$first" "$second" --drive 1 --drive 0 --json
json '[x["device"][-5] for x in d] == ["1", "0"]'
expect 0 dismount "$first" "$second"

# ---- the end of the caller ----

# A script ends: deferred dismount, the label of what it wrote is known.
sh -c 'device=$("$0" mount "$1") && tar -C "$2" -cf "$device" file; :' "$RSM" "$second" "$T"
check "released at the end of the script" within 20 nobody_holds
expect 0 view partition --container "$second" --json
json 'd[0]["label_type"] == "tar"'
check "left in a drive" sh -c '"$0" view drive --json | grep -q dismountable' "$RSM"

# A subshell is not the script, and a program that runs us and ends with us is not either: the
# keeper watches the script (its process descriptor is number 4).
cat >"$T/script" <<'END'
( "$1" mount "$2"; : ) >/dev/null
sed -n 's/^Pid:[[:space:]]*//p' "/proc/$("$1" who --brief)/fdinfo/4"
"$1" dismount "$2" >/dev/null
timeout 60 "$1" mount "$2" >/dev/null
sed -n 's/^Pid:[[:space:]]*//p' "/proc/$("$1" who --brief)/fdinfo/4"
echo $$
END
sh "$T/script" "$RSM" "$first" >"$T/out" 2>"$T/err"
command="the script"
check "three times the same process" [ "$(uniq -c "$T/out" | awk '{print $1}')" = 3 ]
check "released after the script" within 20 nobody_holds

# A child of the script goes on writing: the medium stays until it has closed the device.
rm -f "$T/go"
mkfifo "$T/go"
sh -c 'device=$("$0" mount "$1"); { touch "$2/opened"; read line <"$2/go"; } 7<"$device" &
	until [ -e "$2/opened" ]; do sleep 0.1; done' "$RSM" "$first" "$T"
check "held for the child" [ -n "$("$RSM" who --brief)" ]
error 6 ERROR_BUSY mount "$first" --errunavail
echo >"$T/go"
check "released after the child" within 30 nobody_holds

# Another process can be named.
sleep 1000 &
other=$!
sh -c '"$0" mount "$1" --for "$2" >/dev/null' "$RSM" "$first" "$other"
check "held for the other one" [ -n "$("$RSM" who --brief)" ]
kill -9 "$other"
wait "$other" 2>/dev/null
check "released after the other one" within 20 nobody_holds

# ---- the end of the keeper ----

# kill -9: the reservation ends at once, and the next one gets the medium.
expect 0 mount "$first"
keeper=$("$RSM" who --brief)
kill -9 "$keeper"
check "nobody living holds it" within 20 sh -c '! "$0" who --json | grep -q "\"held\""' "$RSM"
expect 0 mount "$first" --timeout 60000
check "somebody else holds it" [ "$("$RSM" who --brief)" != "$keeper" ]
# kill: in good order.
kill "$("$RSM" who --brief)"
check "released" within 20 nobody_holds

# kill -9, then dismount by hand.
expect 0 mount "$second"
kill -9 "$("$RSM" who --brief)"
expect 0 dismount "$second"
expect 0 mount "$second" --timeout 60000
expect 0 dismount "$second"

# ---- the end of rsm mount ----

# Interrupted while it waits: cancelled, nothing is left.
expect 0 mount "$first"
before=$("$RSM" who --brief)
for signal in INT TERM HUP; do
	rm -f "$T/wait"
	env --default-signal=INT "$RSM" --verbose mount "$first" 2>"$T/wait" >"$T/out" &
	waiting=$!
	check "it waits and says so" within 20 [ -s "$T/wait" ]
	kill -$signal "$waiting"
	wait "$waiting"
	check "interrupted" [ $? -gt 128 ]
	check "nothing printed" [ ! -s "$T/out" ]
done
# Killed while it waits: the keeper notices.
rm -f "$T/wait"
"$RSM" --verbose mount "$first" 2>"$T/wait" >"$T/out" &
waiting=$!
check "it waits" within 20 [ -s "$T/wait" ]
kill -9 "$waiting"
wait "$waiting" 2>/dev/null
check "no request is left" within 20 sh -c \
	'! "$0" view librequest --json | grep -qE "\"state\": \"(queued|waiting|in_process)\""' "$RSM"
check "the first is not disturbed" [ "$("$RSM" who --brief)" = "$before" ]
expect 0 dismount "$first"

# Nobody learns the device: the mount is undone.
"$RSM" mount "$first" >/dev/full 2>"$T/err"
check "no success" [ $? != 0 ]
check "undone" within 20 nobody_holds

# ---- who may not ----

error 4 ERROR_OBJECT_NOT_FOUND mount nothing
error 4 ERROR_OBJECT_NOT_FOUND mount "$first" --drive nothing
error 4 ERROR_OBJECT_NOT_FOUND dismount --drive nothing
error 4 ERROR_OBJECT_NOT_FOUND label nothing
error 6 ERROR_INVALID_STATE label "$third"
