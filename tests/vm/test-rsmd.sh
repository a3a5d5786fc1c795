#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rsmd beside the kernel's broker: devices that come and go by the kernel's and udev's word, who
# is refused one, and what a dead caller left.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

rsm=$build/tools/rsm
if [ -x "$build/tools/.libs/rsm" ]; then rsm=$build/tools/.libs/rsm; fi
rsmd=$build/rsmd/rsmd
if [ -x "$build/rsmd/.libs/rsmd" ]; then rsmd=$build/rsmd/.libs/rsmd; fi
LD_LIBRARY_PATH=$build/.libs
NTMS_HOME=$work/database
STATE_DIRECTORY=$work/state
export LD_LIBRARY_PATH NTMS_HOME STATE_DIRECTORY
mkdir "$STATE_DIRECTORY"

# SERIAL: the SCSI device's directory in /sys.
sysfs_of()
{
	for device in /sys/bus/scsi/devices/[0-9]*; do
		if [ -e "$device/vpd_pg80" ] && tail -c +5 "$device/vpd_pg80" | grep -aq "$1"; then
			echo "$device"
		fi
	done
}
pull_out() { echo 1 >"$(sysfs_of "$1")/delete"; }
plug_in() { for host in /sys/class/scsi_host/host*; do echo '- - -' >"$host/scan"; done; }
# Its device node may be opened, by a process that was granted nothing.
opens() { python3 -c 'import os, sys; os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)' "$1"; }
said() { grep -qE "$1" "$work/log"; }
drive_is()
{
	"$rsm" view drive --json >"$work/drives" && python3 -c '
import json, sys
states = {x["serial"]: x["operational_state"] for x in json.load(open(sys.argv[1]))}
sys.exit(states[sys.argv[2]] != sys.argv[3])' "$work/drives" "$1" "$2"
}

"$rsmd" 2>"$work/log" &
daemon=$!
ok "a library is taken over" "$rsm" manage RSMLIB01
ok "rsmd works it" within 60 said 'is worked by this process'
ok "its changer is marked for udev" within 30 test -e "$STATE_DIRECTORY/managed/RSMLIB01"
ok "and its drives" within 30 test -e "$STATE_DIRECTORY/managed/RSMDRV0101"

# Nobody has mounted anything: nobody gets in.
drive=$(readlink -f /dev/tape/by-serial/RSMDRV0101)
ok "a program is refused" sh -c '! mt -f "$1" status' - "$drive"
ok "that is told" within 60 said "^rsmd: mt \(process [0-9]+\) was refused $drive"

ok "a drive is pulled out" pull_out RSMDRV0101
ok "it is recorded as gone" within 60 drive_is RSMDRV0101 not_present
ok "that is told" within 30 said 'is not connected any more .*RSM_SERIAL=RSMDRV0101'
ok "and plugged in again" plug_in
ok "it is recorded as ready" within 60 drive_is RSMDRV0101 ready
ok "that is told" within 30 said 'is connected again .*RSM_SERIAL=RSMDRV0101'
ok "its link is there" within 30 test -c /dev/tape/by-serial/RSMDRV0101
drive=$(readlink -f /dev/tape/by-serial/RSMDRV0101)
ok "its door is shut" within 30 sh -c '! mt -f "$1" status' - "$drive"

ok "the changer is pulled out" pull_out RSMLIB01
ok "the library cannot be worked" within 60 said 'cannot be worked: .*RSMLIB01 is not connected'
ok "it is plugged in again" plug_in
ok "the library can be worked" within 60 said 'can be worked again'
ok "its link is there" within 30 test -c /dev/tape/by-serial/RSMLIB01

# Who asks is killed as soon as all of it is on record; the library waits until somebody has looked.
kill -STOP "$(pidof -s tgtd)"
"$rsm" freemedia A00001L8 A00002L8 A00003L8 A00004L8 >"$work/asked" 2>&1 &
asker=$!
queued() { "$rsm" request list --brief | grep -q .; }
all_queued() { [ "$("$rsm" request list --brief | wc -l)" -ge 4 ]; }
ok "all of it is queued" within 60 all_queued
kill -9 "$asker"
kill -CONT "$(pidof -s tgtd)"
done_all() { ! queued; }
ok "it is carried out" within 180 done_all
ok "the labels are written" sh -c '[ "$("$1" view partition --json | grep -c "RSM Free")" = 4 ]' - "$rsm"
ok "the cartridges are home" sh -c 'mtx -f /dev/sch0 status >/dev/null 2>&1; "$1" unmanage RSMLIB01 &&
	[ "$(mtx -f /dev/sch0 status | grep -c "Storage Element .*:Full")" = 6 ]' - "$rsm"
ok "rsmd lets go of it" within 60 said 'is not managed any more'
ok "its marks are gone" within 30 sh -c '[ -z "$(ls "$1")" ]' - "$STATE_DIRECTORY/managed"
ok "no refusal is told twice" sh -c '! grep "was refused" "$1" | sort | uniq -d | grep .' - "$work/log"
kill -TERM "$daemon"
status=0
wait "$daemon" || status=$?
same "rsmd ends" "$status" 0
cat "$work/log"

# Of a library that is deleted while its changer alone is gone everybody may have the drives.
ok "it is taken over again" "$rsm" manage RSMLIB01
refused 1 "a drive's door is shut" opens "$drive"
ok "the changer is pulled out" pull_out RSMLIB01
refused 1 "the door stays shut" opens "$drive"
ok "the library is deleted" "$rsm" delete library RSMLIB01
ok "the drive may be opened" opens "$drive"
ok "the changer is plugged in again" plug_in
ok "its link is there" within 30 test -c /dev/tape/by-serial/RSMLIB01
finish
