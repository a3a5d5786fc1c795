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

printf 'metrics-directory = "%s"\nmetrics-interval = 1\n' "$work" >"$work/rsmd.conf"
"$rsmd" --config "$work/rsmd.conf" 2>"$work/log" &
daemon=$!
ok "a library is taken over" "$rsm" manage RSMLIB01
ok "rsmd works it" within 60 said 'is worked by this process'
ok "its changer is marked for udev" within 30 test -e "$STATE_DIRECTORY/managed/RSMLIB01"
ok "and its drives" within 30 test -e "$STATE_DIRECTORY/managed/RSMDRV0101"

# Nobody has mounted anything: nobody gets in.
drive=$(readlink -f /dev/tape/by-serial/RSMDRV0101)
ok "a program is refused" sh -c '! mt -f "$1" status' - "$drive"
ok "that is told" within 60 said "^rsmd: mt \(process [0-9]+\) was refused $drive"
ok "and counted" within 60 awk '$1 == "rsm_reservation_conflicts_total" && $2 >= 1 { n++ } END { exit !n }' "$work/rsm.prom"

ok "a drive is pulled out" pull_out RSMDRV0101
ok "it is recorded as gone" within 60 drive_is RSMDRV0101 not_present
ok "that is told" within 30 said 'is not connected any more .*RSM_SERIAL=RSMDRV0101'
ok "and plugged in again" plug_in
ok "it is recorded as ready" within 60 drive_is RSMDRV0101 ready
ok "that is told" within 30 said 'is connected again .*RSM_SERIAL=RSMDRV0101'
ok "its link is there" within 30 test -c /dev/tape/by-serial/RSMDRV0101
drive=$(readlink -f /dev/tape/by-serial/RSMDRV0101)
ok "its door is shut" within 30 sh -c '! mt -f "$1" status' - "$drive"

# ---- a drive goes in the middle of a mount ----
ok "a cartridge is free" "$rsm" freemedia A00005L8
ok "a pool is made" "$rsm" createpool work --type 'LTO Ultrium' --draw
lmid=$("$rsm" --brief allocate work)
serial_of() { tail -c +5 "/sys/class/scsi_tape/${1##*/}/device/vpd_pg80" | tr -d ' '; }
nobody_holds() { ! "$rsm" who --brief | grep -q .; }
# shellcheck disable=SC2016 # the shell of rsm run knows TAPE
reads() { "$rsm" run "$lmid" --read -- sh -c 'tar -xOf "$TAPE" passwd | cmp - /etc/passwd'; }
comes_back()
{
	plug_in && within 60 drive_is "$1" ready && within 60 test -c "/dev/tape/by-serial/$1"
}

# A program has the medium, and the drive open. It goes on writing when the drive is gone.
mkfifo "$work/go"
# shellcheck disable=SC2016 # the shell of rsm run knows TAPE
"$rsm" run "$lmid" --write -- sh -c 'tar -C /etc -cf "$TAPE" passwd && exec 3>"$TAPE" && echo "$TAPE" >"$0/node" &&
	read -r _ <"$0/go" && exec dd if=/etc/passwd >&3' "$work" >"$work/said" 2>&1 &
user=$!
ok "a medium is mounted" within 120 test -s "$work/node"
serial=$(serial_of "$(cat "$work/node")")
ok "its drive is pulled out" pull_out "$serial"
ok "it is recorded as gone" within 60 drive_is "$serial" not_present
ok "nobody has it any more" within 60 nobody_holds
echo go >"$work/go"
refused 1 "its user's writing fails" wait "$user"
cat "$work/said"
ok "the drive comes back" comes_back "$serial"
ok "the next mount works" reads

# A cartridge is on its way to the drive. The library answers nothing until the drive is being
# taken away.
tgtd=$(pidof -s tgtd)
# shellcheck disable=SC2317 # called by ok
pull_out_stopped()
{
	device=$(sysfs_of "$1")
	echo 1 >"$device/delete" &
	pulling=$!
	within 60 is_leaving "$device"
	kill -CONT "$tgtd"
	wait "$pulling"
}
is_leaving() { ! grep -qsx running "$1/state"; }
stop_at_move()
{
	while IFS= read -r line; do
		echo "$line"
		case $line in
		*' to drive '*)
			kill -STOP "$tgtd"
			echo "${line##* }" >"$work/drive"
			;;
		esac
	done
}
# Each command takes so long that it is heard of while the mount goes on.
tc qdisc add dev lo root netem delay 100ms
{
	"$rsm" run "$lmid" --read --verbose -- true 2>&1
	echo $? >"$work/status"
} | stop_at_move >"$work/said" &
ok "a cartridge is moved to a drive" within 120 test -s "$work/drive"
tc qdisc del dev lo root
serial=RSMDRV010$(($(cat "$work/drive") + 1))
ok "the drive is pulled out" pull_out_stopped "$serial"
ok "the mount ends" within 120 test -s "$work/status"
cat "$work/said"
same "with its error" "$(grep -o '(ERROR_[A-Z_]*, [0-9]*)' "$work/said")" "(ERROR_INVALID_STATE, 5023)"
ok "the drive is recorded as gone" within 60 drive_is "$serial" not_present
ok "the drive comes back" comes_back "$serial"
ok "the next mount works" reads
ok "all of it is done" within 120 sh -c '! "$0" request list --brief | grep .' "$rsm"

# ---- the changer goes ----
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
