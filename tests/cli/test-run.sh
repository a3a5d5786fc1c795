#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rsm run: mounted for one command, dismounted whatever happens to it.

. "$(dirname "$0")/lib.sh"

new_library --drives 2 --slots 4 --tapes 3
type=$("$RSM" view media_type --brief | grep -m 1 LTO)
expect 0 freemedia V00001L8 V00002L8
expect 0 createpool Backup --type "$type" --draw
new_lmid Backup
first=$lmid
new_lmid Backup
second=$lmid

home() { [ -z "$("$RSM" who --brief)" ] && drive_is 0 dismounted && drive_is 1 dismounted; }

echo 'what was written' >"$T/file"
expect 0 run "$first" -- tar -C "$T" -cf "$T/v/drives/0/nst" file
check "home" home
expect 0 view partition --container "$first" --json
json 'd[0]["label_type"] == "tar"'
expect 0 run "$first" --read -- sh -c 'tar -xOf "$TAPE" file'
out_is 'what was written'
expect 0 run "$first" -- sh -c 'echo "$RSM_LMID" | tr -d -; [ "$TAPE" = "$TAPE0" ] && [ "$RSM_LMID" = "$RSM_LMID0" ]'
out_is "$first"
expect 0 run "$first" "$second" -- sh -c '[ -e "$TAPE0" ] && [ -e "$TAPE1" ] && [ "$TAPE0" != "$TAPE1" ] && echo "$RSM_LMID1" | tr -d -'
out_is "$second"
check "home" home
# The command's own options are its own.
expect 0 run "$first" --drive 1 -- echo --json --help -- "$T"
out_is "--json --help -- $T"

# Whatever happened to it.
expect 3 run "$first" -- sh -c 'exit 3'
check "home" home
expect 137 run "$first" -- sh -c 'kill -9 $$'
check "home" home
expect 127 run "$first" -- "$T/no-such-command"
check "home" home
: >"$T/not-executable"
expect 126 run "$first" -- "$T/not-executable"
check "home" home
error 4 ERROR_OBJECT_NOT_FOUND run nothing -- touch "$T/started"
check "not started" [ ! -e "$T/started" ]

# Signals go to the command; rsm ends with its status.
rm -f "$T/started"
"$RSM" run "$first" -- sh -c 'trap "exit 7" TERM; touch "$0"; while :; do sleep 0.1; done' "$T/started" \
	>"$T/out" 2>"$T/err" &
running=$!
check "started" within 30 [ -e "$T/started" ]
expect 0 who --json
json 'len(d) == 1 and d[0]["command"] in ("rsm", "lt-rsm")'
# In use: nobody else gets it.
error 6 ERROR_BUSY mount "$first" --errunavail
kill -TERM "$running"
wait "$running"
check "the status of the command" [ $? = 7 ]
check "home" home

# Killed: the reservation ends at once, the medium is found by the next caller.
rm -f "$T/started"
"$RSM" run "$first" -- sh -c 'echo $$ >"$0"; exec sleep 1000' "$T/started" >"$T/out" 2>"$T/err" &
running=$!
check "started" within 30 [ -s "$T/started" ]
kill -9 "$running"
wait "$running" 2>/dev/null
kill "$(cat "$T/started")"
expect 0 run "$first" --timeout 60000 -- true
check "home" home

# Interrupted before the medium is mounted: cancelled, the command is not started.
rm -f "$T/started"
"$RSM" mount "$first" >/dev/null
rm -f "$T/wait"
"$RSM" --verbose run "$first" -- touch "$T/started" >"$T/out" 2>"$T/wait" &
running=$!
check "it waits" within 20 [ -s "$T/wait" ]
kill -TERM "$running"
wait "$running"
check "interrupted" [ $? = 143 ]
check "not started" [ ! -e "$T/started" ]
expect 0 dismount "$first"

# What the command leaves behind with the device open is waited for.
start left run "$first" -- sh -c '{ touch "$0/opened"; until [ -e "$0/go" ]; do sleep 0.1; done; } 7<"$TAPE" &
	until [ -e "$0/opened" ]; do sleep 0.1; done' "$T"
told left 'waiting: .*open'
touch "$T/go"
ends 0 left
check "home" home

# What turns itself into a daemon still descends from rsm run, which is what the kernel goes by; what
# has ended of that is no zombie.
cat >"$T/daemon" <<'SH'
setsid sh -c 'setsid sh -c "echo \$\$ >\"\$0/daemon-pid\"; until [ -e \"\$0/stop\" ]; do sleep 0.1; done" "$0" &' "$0"
tries=0
parent() { sed -n 's/^PPid:[[:space:]]*//p' "/proc/$(cat "$0/daemon-pid")/status"; }
until [ -s "$0/daemon-pid" ] && [ "$(parent)" = "$PPID" ]; do
	[ "$((tries += 1))" -lt 200 ] || exit 5
	sleep 0.1
done
touch "$0/stop"
while [ -e "/proc/$(cat "$0/daemon-pid")" ]; do
	[ "$((tries += 1))" -lt 400 ] || exit 6
	sleep 0.1
done
exit 4
SH
expect 4 run "$first" -- sh -c "$(cat "$T/daemon")" "$T"
check "home" home

# Left in the drive.
expect 0 run "$first" --deferred -- true
check "in a drive" sh -c '"$0" view drive --json | grep -q dismountable' "$RSM"
expect 0 who --brief
out_is ''
