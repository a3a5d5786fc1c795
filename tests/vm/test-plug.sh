#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The library is pulled out and plugged in again in the middle of work, so many times (5 unless
# given): the iSCSI session ends, and with it the devices, whoever has them open.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
times=${1:-5}

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

pull_out() { iscsiadm -m node -T "$target" -p 127.0.0.1:3260 --logout; }
plug_in() { iscsiadm -m node -T "$target" -p 127.0.0.1:3260 --login; }
# Each link leads to a device with that serial number, of what is there now.
linked()
{
	for serial in RSMLIB01 RSMDRV0101 RSMDRV0102; do
		node=$(readlink -e "/dev/tape/by-serial/$serial") && [ -c "$node" ] || return
		cat /sys/class/scsi_*/"$(basename "$node")"/device/vpd_pg80 | grep -aq "$serial" || return
	done
}
unlinked() { [ ! -e /dev/tape/by-serial/RSMLIB01 ] && [ ! -e /dev/tape/by-serial/RSMDRV0101 ]; }
open_now() { "$rsm" who --brief | grep -q . && "$rsm" who | grep -q "held"; }
mounting() { "$rsm" request list --brief | grep -q .; }
quiet() { ! mounting; }
mounts() { wc -l <"$work/mounts"; }
more_than() { [ "$(mounts)" -gt "$1" ]; }
# Bar code and slot of each cartridge, as mtx sees them and by the records.
by_mtx() { mtx -f /dev/tape/by-serial/RSMLIB01 status | sed -n 's/.*Storage Element \([0-9]*\):Full.*VolumeTag=\([^ ]*\).*/\2 \1/p' | sort; }

# One mount after the other; one that fails, because the library is away, is followed by the next.
work_on()
{
	while [ ! -e "$work/stop" ]; do
		# shellcheck disable=SC2016 # the shell of rsm run knows TAPE
		if "$rsm" run "$1" --write -- sh -c 'tar -cf "$TAPE" /etc/passwd "$RSM_SOME_DATA"' \
			>"$work/run" 2>&1; then
			echo mounted >>"$work/mounts"
		else
			cat "$work/run" >>"$work/refused"
			sleep 0.5
		fi
	done
}

"$rsmd" 2>"$work/log" &
daemon=$!
: >"$work/mounts"
: >"$work/refused"
ok "a library is taken over" "$rsm" manage RSMLIB01
ok "two cartridges are free" "$rsm" freemedia A00001L8 A00002L8
ok "their labels are written" within 180 quiet
ok "a pool is made" "$rsm" createpool work --type 'LTO Ultrium' --draw
first=$("$rsm" --brief allocate work) second=$("$rsm" --brief allocate work)
same "two LMIDs are allocated" "$(printf '%s\n' "$first" "$second" | grep -c '^[0-9a-f-]*$')" 2
# Long enough to be pulled out from under somebody.
RSM_SOME_DATA=$work/data
export RSM_SOME_DATA
head -c 4M /dev/urandom >"$RSM_SOME_DATA"
work_on "$first" &
one=$!
work_on "$second" &
two=$!
ok "both work" within 180 more_than 1

for n in $(seq "$times"); do
	ok "$n: somebody has a medium mounted" within 120 open_now
	ok "$n: it is pulled out" pull_out
	ok "$n: its links are gone" within 60 unlinked
	ok "$n: it is plugged in" plug_in
	ok "$n: its links are there" within 60 linked
	before=$(mounts)
	ok "$n: the work goes on" within 240 more_than $((before + 1))
done

touch "$work/stop"
wait "$one" "$two"
ok "nothing is left to be done" within 240 quiet
ok "nobody is asked for anything" sh -c '! "$1" opreq list --brief | grep .' - "$rsm"
ok "no database needs a person" sh -c '! grep -i "database.*\(damaged\|failure\)" "$1" "$2"' - "$work/log" "$work/refused"
for lmid in "$first" "$second"; do
	ok "what was written last can be read" "$rsm" run "$lmid" --read -- sh -c 'tar -tf "$TAPE" | grep etc/passwd'
done
ok "all of it is done" within 180 quiet
ok "it is given back" "$rsm" unmanage RSMLIB01
by_mtx >"$work/places"
same "all cartridges are in it, each in one slot" "$(awk '{ print $1 }' "$work/places" | sort -u | wc -l) $(awk '{ print $2 }' "$work/places" | sort -u | wc -l)" "6 6"
echo "$(mounts) mounts went well, $(grep -c . "$work/refused") lines of refusals"
sort "$work/refused" | uniq -c | sort -rn | head -n 10
kill -TERM "$daemon"
wait "$daemon"
finish
