#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What one mount and one dismount of a known cartridge cost in SCSI commands: counted by the
# kernel's own tracepoint, for the changer and its drives together, beside mtx and, where it is
# installed, the cycle of Bacula's mtx-changer; in a library of 10 slots and in one of 1,000.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

rsm=$build/tools/rsm
if [ -x "$build/tools/.libs/rsm" ]; then rsm=$build/tools/.libs/rsm; fi
once=$build/tests/clients/once
if [ -x "$build/tests/clients/.libs/once" ]; then once=$build/tests/clients/.libs/once; fi
LD_LIBRARY_PATH=$build/.libs
NTMS_HOME=$work/database
export LD_LIBRARY_PATH NTMS_HOME

# --- two libraries, a small one and a large one -----------------------------------------

# shellcheck disable=SC2317 # called by what is sourced below
fail() { echo "FAILED  $*"; exit 1; }
# shellcheck disable=SC2034 # for make_library
vm_debug='' vm_drives=2 vm_ports=1 vm_tapes=3 vm_tape_size=16
if [ -e /sys/kernel/debug/kmemleak ]; then vm_debug=1; fi
# shellcheck source=scripts/vm.d/libraries
. "$tree/scripts/vm.d/libraries"
start_tgtd
start_iscsid

# plug_in NUMBER SLOTS
# shellcheck disable=SC2317 # called by ok
plug_in()
{
	# shellcheck disable=SC2034 # for make_library
	vm_slots=$2
	make_library "$1"
	name=iqn.2024-01.rsm.vm:library$1
	iscsiadm -m node -T "$name" -p 127.0.0.1:3260 -o new >/dev/null &&
		iscsiadm -m node -T "$name" -p 127.0.0.1:3260 --login >/dev/null &&
		within 60 test -c "/dev/sch$(($1 - 1))" -a -c "/dev/nst$(($1 * 2 - 1))"
}
ok "a library of 10 slots is plugged in" plug_in 1 10
ok "and one of 1,000" plug_in 2 1000
udevadm settle

# host_of CHANGER: of all its devices.
host_of() { basename "$(realpath "/sys/class/scsi_changer/$1/device")" | cut -d: -f1; }

# --- counting ---------------------------------------------------------------------------

tracing=/sys/kernel/tracing
[ -e "$tracing/events" ] || mount -t tracefs tracefs "$tracing"
event=$tracing/events/scsi/scsi_dispatch_cmd_start

# counted HOST NAME COMMAND...: the commands that HOST is sent until COMMAND has ended, one a
# line, with all their bytes, in $work/NAME; what is said, in $work/NAME.said.
# shellcheck disable=SC2317 # called by ok
counted()
{
	host=$1 counts=$work/$2
	shift 2
	echo "host_no == $host" >"$event/filter" && echo >"$tracing/trace" && echo 1 >"$event/enable" || return
	status=0
	"$@" >"$counts.said" 2>&1 || status=$?
	echo 0 >"$event/enable"
	sed -n 's/.*lun=\([0-9]*\) .*cmnd=(\([A-Z0-9_]*\).* raw=\([0-9a-f ]*\)).*/\1 \2 \3/p' "$tracing/trace" >"$counts"
	cat "$counts.said"
	return "$status"
}
total() { wc -l <"$work/$1"; }
of() { awk -v name="$2" '$2 == name { n++ } END { print n + 0 }' "$work/$1"; }
# READ ELEMENT STATUS of more than one element.
whole() { awk '$2 == "READ_ELEMENT_STATUS" && ($7 $8) != "0001" && ($7 $8) != "0000" { n++ } END { print n + 0 }' "$work/$1"; }

# Those that st sends by itself whenever its device is opened: it looks whether the drive is ready,
# which blocks it takes, and which are set. RSM sends none of the three to a known cartridge's
# drive. The changer is the last of three LUNs.
by_st()
{
	awk '$1 != 3 && ($2 == "TEST_UNIT_READY" || $2 == "READ_BLOCK_LIMITS" || $2 == "MODE_SENSE") { n++ }
		END { print n + 0 }' "$work/$1"
}

# table NAME...: what of each command was sent.
table()
{
	(
		cd "$work" || exit
		printf '%-24s' command
		printf '%18s' "$@"
		echo
		cat "$@" | cut -d' ' -f2 | sort -u | while read -r command; do
			printf '%-24s' "$command"
			for column; do printf '%18s' "$(of "$column" "$command")"; done
			echo
		done
		printf '%-24s' total
		for column; do printf '%18s' "$(total "$column")"; done
		echo
		printf '%-24s' 'of them by st, at open'
		for column; do printf '%18s' "$(by_st "$column")"; done
		echo
	)
}

# --- mtx, and Bacula's script with it ------------------------------------------------------

# What Bacula's storage daemon has the script do for one volume: what is loaded? load; is it?
# unload what is there.
script=/etc/bacula/scripts/mtx-changer
# shellcheck disable=SC2317
bacula_cycle()
{
	"$script" /dev/sch0 loaded 1 /dev/nst0 0 && "$script" /dev/sch0 load 1 /dev/nst0 0 &&
		"$script" /dev/sch0 loaded 1 /dev/nst0 0 && "$script" /dev/sch0 unload 1 /dev/nst0 0
}
ok "mtx loads" counted "$(host_of sch0)" mtx-load mtx -f /dev/sch0 load 1 0
ok "mtx unloads" counted "$(host_of sch0)" mtx-unload mtx -f /dev/sch0 unload 1 0
cat "$work/mtx-load" "$work/mtx-unload" >"$work/mtx"
# It asks who the device is, what it has, and for the status of each of four kinds of elements; then
# it moves.
for half in load unload; do
	number=$(total "mtx-$half")
	ok "mtx $half takes $number commands" test "$number" -ge 5 -a "$number" -le 9
done
others=mtx
if [ -x "$script" ]; then
	ok "Bacula's script loads and unloads" counted "$(host_of sch0)" mtx-changer bacula_cycle
	others="mtx mtx-changer"
else
	echo "skipped the cycle of Bacula's mtx-changer: $script is not installed"
fi

# --- RSM ---------------------------------------------------------------------------------

ok "both libraries are managed" "$rsm" manage all
ok "a pool is made" "$rsm" createpool Count --open always --type "LTO Ultrium" --draw --return
# known BARCODE: made free, allocated, and written once without counting, so that it has data of
# its own and is known by the label they make; its LMID in $work/lmid.
# shellcheck disable=SC2317 # called by ok
known()
{
	# shellcheck disable=SC2016 # for that shell
	"$rsm" freemedia "$1" && "$rsm" allocate Count --brief >"$work/lmid" &&
		"$rsm" run "$(cat "$work/lmid")" --write -- sh -c 'tar -cf "$TAPE" -C /etc passwd'
}

for number in 1 2; do
	host=$(host_of "sch$((number - 1))")
	slots=10
	[ "$number" -eq 1 ] || slots=1000
	ok "$slots slots: the cartridge is known" known "$(echo AB | cut -c"$number")00001L8"
	lmid=$(cat "$work/lmid")
	ok "$slots slots: a program mounts and dismounts it" counted "$host" "ntms-$slots" "$once" "$(echo "$lmid" | tr -d -)"
	# shellcheck disable=SC2016 # for that shell
	ok "$slots slots: so does rsm" counted "$host" "rsm-$slots" sh -c '"$0" mount "$1" --brief --read && "$0" dismount "$1"' "$rsm" "$lmid"
	[ "$number" -gt 1 ] || first=$lmid
	for how in ntms rsm; do
		same "$slots slots, $how: the robot moves once each way" "$(of "$how-$slots" MOVE_MEDIUM)" 2
		same "$slots slots, $how: nothing asks for more than one element" "$(whole "$how-$slots")" 0
	done
done

# With rsmd, whose worker does it all. Besides it asks a quiet changer every ten seconds whether it
# is ready, at any moment of this.
rsmd=$build/rsmd/rsmd
if [ -x "$build/rsmd/.libs/rsmd" ]; then rsmd=$build/rsmd/.libs/rsmd; fi
STATE_DIRECTORY=$work/state
export STATE_DIRECTORY
mkdir "$STATE_DIRECTORY"
"$rsmd" 2>"$work/log" &
daemon=$!
# shellcheck disable=SC2317 # called by ok
works_both() { [ "$(grep -c 'is worked by this process' "$work/log")" -eq 2 ]; }
ok "rsmd works both libraries" within 120 works_both
# Its first turns have looked what is there.
ok "rsmd mounts and dismounts" "$rsm" run "$first" --read -- true
# shellcheck disable=SC2016 # for that shell
ok "with rsmd: rsm mounts and dismounts" counted "$(host_of sch0)" rsmd-10 sh -c '"$0" mount "$1" --brief --read && "$0" dismount "$1"' "$rsm" "$first"
same "with rsmd: the robot moves once each way" "$(of rsmd-10 MOVE_MEDIUM)" 2
same "with rsmd: nothing asks for more than one element" "$(whole rsmd-10)" 0
kill -TERM "$daemon"
wait "$daemon"

# shellcheck disable=SC2086 # a list of names
table $others ntms-10 rsm-10 ntms-1000 rsm-1000 rsmd-10
for name in ntms-10 rsm-10; do
	echo "$name, in order:"
	cut -d' ' -f1,2 "$work/$name" | sed 's/^/  lun /'
done
# What is left, and why: each turn asks the changer whether it is ready (its door, and whether
# a person was there); a move each way; the label is read and the tape rewound for its user; the
# drive unloads; it is asked whether it has to be cleaned.
own=$(($(total ntms-10) - $(by_st ntms-10)))
ok "RSM itself needs $own commands, no more than 8" test "$own" -gt 0 -a "$own" -le 8
ok "with st's there are $(total ntms-10), no more than 12" test "$(total ntms-10)" -le 12
# rsm dismount has the label of what may have been written read again.
ok "by rsm mount and rsm dismount $(total rsm-10), no more than 18" test "$(total rsm-10)" -le 18
ok "that is less than Bacula's script" test ! -e "$work/mtx-changer" -o "$(total rsm-10)" -lt "$(total "${others##* }")"
# A dismount may come early enough for the turn of the mount, or have one of its own.
without_turns() { awk '!($1 == 3 && $2 == "TEST_UNIT_READY") { print $2 }' "$work/$1"; }
for how in ntms rsm; do
	same "$how: the drive is asked once whether it has to be cleaned" "$(of "$how-10" LOG_SENSE)" 1
	same "$how: the commands are the same at 10 and at 1,000 slots" \
		"$(without_turns "$how-10")" "$(without_turns "$how-1000")"
done
finish
