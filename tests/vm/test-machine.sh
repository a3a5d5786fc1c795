#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The ground the other VM tests stand on: the libraries have the shape that was
# asked for (two of them: 2 drives, 5 slots, 1 port, 3 tapes), devices have the
# serial numbers and links they should, a tape keeps what is written on it, and
# the module comes and goes. RSM has no part in it but its module and rules.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

# CHANGER PATTERN: how many of its elements look so.
elements()
{
	mtx -f "/dev/$1" status | grep -c "$2"
}

for n in 0 1; do
	same "library $n has 2 drives" "$(elements sch$n 'Data Transfer Element')" 2
	same "library $n has 5 slots and 1 port" "$(elements sch$n ' Storage Element')" 6
	same "library $n has 1 port" "$(elements sch$n 'IMPORT/EXPORT')" 1
	same "library $n has 3 cartridges" "$(elements sch$n ':Full')" 3
done
ok "cartridges have bar codes of their library" sh -c '
	mtx -f /dev/sch0 status | grep -q A00003L8 && mtx -f /dev/sch1 status | grep -q B00003L8'

for serial in RSMLIB01 RSMLIB02; do
	ok "changer $serial has a link by its serial number" test -c "/dev/tape/by-serial/$serial"
done
for serial in RSMDRV0101 RSMDRV0102 RSMDRV0201 RSMDRV0202; do
	ok "drive $serial has a link by its serial number" test -c "/dev/tape/by-serial/$serial"
	same "the link of $serial leads to that drive" \
		"$(sg_inq -p 0x80 "/dev/tape/by-serial/$serial" 2>/dev/null | grep -o 'RSMDRV[0-9]*')" "$serial"
done
# READ ELEMENT STATUS of the drives with DVCID.
ok "the library answers READ ELEMENT STATUS" \
	sg_raw -r 1024 -o "$work/elements" /dev/sch0 b8 14 01 00 00 02 01 00 04 00 00 00
# Not the last drive's: tgt leaves out the last eight bytes of every such answer.
ok "and names RSMDRV0101 in it" grep -aq RSMDRV0101 "$work/elements"
ok "links survive a change event" sh -c '
	udevadm trigger --action=change /dev/sch0 /dev/nst0 && udevadm settle &&
	test -c /dev/tape/by-serial/RSMLIB01 && test -c /dev/tape/by-serial/RSMDRV0101'

ok "a cartridge is loaded" mtx -f /dev/sch1 load 2 1
drive=/dev/tape/by-serial/RSMDRV0202
seq 200000 >"$work/data"
ok "a tape is written" tar -cf "$drive" -C "$work" data
ok "a tape is rewound" mt -f "$drive" rewind
ok "a tape is read" tar -xf "$drive" -O --to-command="cmp - $work/data"
ok "a cartridge is unloaded" mtx -f /dev/sch1 unload 2 1

if [ -d /sys/module/rsm ]; then
	ok "/dev/rsm is there" test -c /dev/rsm
	same "/dev/rsm is root's alone" "$(stat -c '%a %U' /dev/rsm)" "600 root"
	ok "the module goes" rmmod rsm
	ok "/dev/rsm goes with it" test ! -e /dev/rsm
	ok "and comes again" insmod "${RSM_MODULE:-$tree/kmod/rsm.ko}"
	ok "/dev/rsm is back" within 10 test -c /dev/rsm
fi
finish
