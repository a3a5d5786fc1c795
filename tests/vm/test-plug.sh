#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The library is pulled out and plugged in again in the middle of work, so many times (5 unless
# given): the iSCSI session ends, and with it the devices, whoever has them open. It is pulled out
# at any time, and every third time when a cartridge is said to be moved: the library answers
# nothing from then on until its devices are being taken away. After each time all rest, and every
# cartridge has to be where the records say. The second argument is the seed (1).

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
times=${1:-5} seed=${2:-1}

rsm=$build/tools/rsm
if [ -x "$build/tools/.libs/rsm" ]; then rsm=$build/tools/.libs/rsm; fi
rsmd=$build/rsmd/rsmd
if [ -x "$build/rsmd/.libs/rsmd" ]; then rsmd=$build/rsmd/.libs/rsmd; fi
LD_LIBRARY_PATH=$build/.libs
NTMS_HOME=$work/database
STATE_DIRECTORY=$work/state
export LD_LIBRARY_PATH NTMS_HOME STATE_DIRECTORY
mkdir "$STATE_DIRECTORY"
target=iqn.2024-01.rsm.vm:library1
tgtd=$(pidof -s tgtd)
any_time=0 moving=0

# ---- the library comes and goes ----

pull_out() { iscsiadm -m node -T "$target" -p 127.0.0.1:3260 --logout; }
plug_in() { iscsiadm -m node -T "$target" -p 127.0.0.1:3260 --login; }
serials='RSMLIB01 RSMDRV0101 RSMDRV0102'
# The changer, and both drives.
there()
{
	for device in /sys/class/scsi_changer/sch[0-9] /sys/class/scsi_tape/nst[0-9]; do echo "$device"; done |
		grep -c '[0-9]$' | grep -qx 3
}
# Each link leads to a device with that serial number, of what is there now.
leads_to()
{
	node=$(readlink -e "/dev/tape/by-serial/$1") && [ -c "$node" ] &&
		grep -aq "$1" /sys/class/scsi_*/"${node##*/}"/device/vpd_pg80
}
linked()
{
	udevadm settle --timeout 60 || return
	for serial in $serials; do
		if ! leads_to "$serial"; then
			echo "not so: $serial, vpd_pg80 and properties of what is there:"
			ls -l /dev/tape/by-serial /dev/nst[0-9] /dev/sch[0-9]
			for device in /sys/class/scsi_changer/sch[0-9] /sys/class/scsi_tape/nst[0-9]; do
				tail -c +5 "$device/device/vpd_pg80"
				udevadm info "$device"
			done
			return 1
		fi
	done
}
unlinked()
{
	udevadm settle --timeout 60 || return
	for serial in $serials; do [ ! -L "/dev/tape/by-serial/$serial" ] || return; done
}
# Up to four seconds from now: a mount and a dismount take about so long.
pull_out_any_time()
{
	sleep "$(awk -v seed="$((seed * 1000 + n))" 'BEGIN { srand(seed); print 4 * rand() }')"
	pull_out
}
# One after the other goes, and the first of them waits for what it has been sent.
is_leaving() { [ "$(cat /sys/class/scsi_changer/sch*/device/state /sys/class/scsi_tape/nst[0-9]/device/state 2>/dev/null | grep -cx running)" -lt 3 ]; }
# The library has been stopped by who heard that a cartridge is moved.
pull_out_moving()
{
	pull_out &
	pulling=$!
	within 60 is_leaving
	kill -CONT "$tgtd"
	wait "$pulling"
}

# ---- robot commands that are under way ----

tracing=/sys/kernel/tracing
[ -e "$tracing/events" ] || mount -t tracefs tracefs "$tracing"
for event in start "done"; do
	echo 'opcode == 0xa5' >"$tracing/events/scsi/scsi_dispatch_cmd_$event/filter"
	echo 1 >"$tracing/events/scsi/scsi_dispatch_cmd_$event/enable"
done
# Each command takes so long that it is heard of while it goes on.
slow_down() { tc qdisc add dev lo root netem delay 100ms; }
speed_up() { tc qdisc del dev lo root; }
on_its_way() { [ "$(grep -c cmd_start: "$tracing/trace")" -gt "$(grep -c cmd_done: "$tracing/trace")" ]; }

# ---- who works ----

mounts() { cat "$work"/mounts-* | wc -l; }
more_than() { [ "$(mounts)" -gt "$1" ]; }
nothing_queued() { ! "$rsm" request list --brief | grep -q .; }
at_rest() { [ -e "$work/rests-1" ] && [ -e "$work/rests-2" ] && nothing_queued; }
stopped() { [ -e "$work/stopped" ]; }

# hear NAME: what rsm says; the first who hears of a move, if that is wanted, stops the library.
hear()
{
	while IFS= read -r line; do
		case $line in
		'rsm: moving '*)
			if rm "$work/stop-it" 2>/dev/null; then
				kill -STOP "$tgtd"
				: >"$work/stopped"
			fi
			;;
		'rsm: run: '*) echo "$line" ;;
		# The progress of the request.
		'rsm: '*) ;;
		*) echo "$line" ;;
		esac
	done >"$work/said-$1"
}
# work_on NAME LMID: one mount after the other; one that fails, because the library is away, is
# followed by the next. tar itself would make a file of the node's name where the drive has just gone,
# and the kernel then no node when it comes back.
work_on()
{
	while [ ! -e "$work/end" ]; do
		if [ -e "$work/rest" ]; then
			: >"$work/rests-$1"
			sleep 0.1
			continue
		fi
		rm -f "$work/rests-$1"
		# shellcheck disable=SC2016 # the shell of rsm run knows TAPE
		{
			"$rsm" run "$2" --write --verbose -- sh -c 'dd if="$0/data.tar" of="$TAPE" bs=64k conv=nocreat,notrunc status=none' "$work" 2>&1
			echo $? >"$work/status-$1"
		} | hear "$1"
		if [ "$(cat "$work/status-$1")" -eq 0 ]; then
			echo mounted >>"$work/mounts-$1"
		else
			cat "$work/said-$1" >>"$work/refused-$1"
			sleep 0.5
		fi
	done
}

# What may be said to who works while the library goes and comes, and nothing else.
# What mounts and dismounts are documented to return when a device is not there, or not what it was.
cat >"$work/may-be-said" <<'SAID'
rsm: run: .* \(ERROR_DEVICE_NOT_AVAILABLE, 4319\)
rsm: run: .* \(ERROR_RESOURCE_NOT_AVAILABLE, 5006\)
rsm: run: .* \(ERROR_INVALID_STATE, 5023\)
rsm: run: waiting: cartridge A0000[12]L8 is not in a drive
rsm: run: A0000[12]L8 is dismounted, but its label was not recorded: .*
dd: (failed to open|error writing|closing output file) '/dev/nst[01]': (Input/output error|No such device( or address)?|No such file or directory)
SAID
unexpected() { cat "$work"/refused-* | grep -vxEf "$work/may-be-said"; }

# ---- places ----

# Bar code and place of each cartridge, as mtx numbers them, and by the records.
by_mtx()
{
	"$tree/tests/vm/with-lease.py" RSMLIB01 mtx -f /dev/tape/by-serial/RSMLIB01 status >"$work/elements" || return
	sed -n 's/^ *Storage Element \([0-9]*\):Full.*VolumeTag *= *\([^ ]*\).*/\2 Slot \1/p
		s/^ *Storage Element \([0-9]*\) IMPORT.*:Full.*VolumeTag *= *\([^ ]*\).*/\2 Port \1/p
		s/^ *Data Transfer Element \([0-9]*\):Full.*VolumeTag *= *\([^ ]*\).*/\2 Drive \1/p' "$work/elements" |
		sort
}
by_records()
{
	"$rsm" view physical_media --json |
		sed -n 's/^ *"bar_code": "\(.*\)",/\1/p; s/^ *"location": "\(.*\)",/\1/p' | paste -d ' ' - - | sort
}
places_agree()
{
	by_mtx >"$work/places" && by_records >"$work/records" && diff "$work/places" "$work/records" &&
		[ "$(cut -d ' ' -f 1 "$work/places" | uniq | wc -l)" = 6 ] &&
		[ "$(cut -d ' ' -f 2- "$work/places" | sort -u | wc -l)" = 6 ]
}
move_by_hand() { "$tree/tests/vm/with-lease.py" RSMLIB01 mtx -f /dev/tape/by-serial/RSMLIB01 transfer "$1" "$2"; }

"$rsmd" 2>"$work/log" &
daemon=$!
for n in 1 2; do : >"$work/mounts-$n" && : >"$work/refused-$n"; done
ok "a library is taken over" "$rsm" manage RSMLIB01
ok "two cartridges are free" "$rsm" freemedia A00001L8 A00002L8
ok "their labels are written" within 180 nothing_queued
ok "a pool is made" "$rsm" createpool work --type 'LTO Ultrium' --draw
first=$("$rsm" --brief allocate work) second=$("$rsm" --brief allocate work)
same "two LMIDs are allocated" "$(printf '%s\n' "$first" "$second" | grep -c '^[0-9a-f-]*$')" 2
# Long enough to be pulled out from under somebody.
head -c 1M /dev/urandom >"$work/data"
tar -C "$work" -b 128 -cf "$work/data.tar" data
before=0
work_on 1 "$first" &
one=$!
work_on 2 "$second" &
two=$!

for n in $(seq "$times"); do
	ok "$n: the work goes on" within 240 more_than "$before"
	if [ $((n % 3)) -eq 0 ]; then
		slow_down
		: >"$work/stop-it"
		ok "$n: a cartridge is moved" within 240 stopped
		speed_up
		if on_its_way; then moving=$((moving + 1)); fi
		ok "$n: the library is pulled out" pull_out_moving
		rm -f "$work/stopped" "$work/stop-it"
	else
		ok "$n: the library is pulled out" pull_out_any_time
		any_time=$((any_time + 1))
	fi
	ok "$n: its links are gone" unlinked
	rm -f "$work"/rests-*
	: >"$work/rest"
	ok "$n: it is plugged in" plug_in
	ok "$n: its devices are there" within 60 there
	ok "$n: its links are right" linked
	ok "$n: all rest" within 240 at_rest
	ok "$n: all cartridges are where the records say" places_agree
	before=$(mounts)
	rm -f "$work/rest"
done

ok "the work goes on" within 240 more_than "$before"
: >"$work/end"
wait "$one" "$two"
ok "nothing is left to be done" within 240 nothing_queued
ok "nobody is asked for anything" sh -c '! "$1" opreq list --brief | grep .' - "$rsm"
ok "no database needs a person" sh -c '! grep -i "database.*\(damaged\|failure\)" "$@"' - "$work/log" "$work"/refused-*
ok "nothing else than may be was said" sh -c '[ -z "$1" ] || { echo "$1"; false; }' - "$(unexpected)"
for lmid in "$first" "$second"; do
	# shellcheck disable=SC2016 # the shell of rsm run knows TAPE
	ok "what was written last can be read" "$rsm" run "$lmid" --read -- sh -c 'tar -b 128 -xOf "$TAPE" data | cmp - "$0/data"' "$work"
done
ok "all of it is done" within 180 nothing_queued
ok "all cartridges are where the records say" places_agree
# Had one been somewhere else, it would have been seen.
ok "a cartridge is moved by hand" move_by_hand 3 8
refused 1 "that is seen" places_agree
ok "it is moved back" move_by_hand 8 3
ok "all cartridges are where the records say" places_agree
ok "it is given back" "$rsm" unmanage RSMLIB01
echo "Seed $seed: pulled out $any_time times at any time, $((times - any_time)) times at a move (the robot's command was on its way $moving times)."
echo "$(mounts) mounts went well, $(cat "$work"/refused-* | wc -l) lines of refusals:"
sed 's/[0-9A-F]\{8,\}-[-0-9A-F]*/GUID/g' "$work"/refused-* | sort | uniq -c | sort -rn
kill -TERM "$daemon"
wait "$daemon"
finish
