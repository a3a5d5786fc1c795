#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A library that is reached on two ways, as with two cables: each device is there twice, and its nodes
# on both ways are doors to the same medium.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

rsm=$build/tools/rsm
if [ -x "$build/tools/.libs/rsm" ]; then rsm=$build/tools/.libs/rsm; fi
LD_LIBRARY_PATH=$build/.libs
NTMS_HOME=$work/database
export LD_LIBRARY_PATH NTMS_HOME
target=iqn.2024-01.rsm.vm:library1

# SERIAL: all nodes of the devices that say they have this serial number.
nodes_of()
{
	for device in /sys/bus/scsi/devices/[0-9]*; do
		[ -e "$device/vpd_pg80" ] && tail -c +5 "$device/vpd_pg80" | grep -aq "$1" || continue
		for uevent in "$device"/scsi_tape/*/uevent "$device"/scsi_changer/*/uevent \
			"$device"/scsi_generic/*/uevent "$device"/bsg/*/uevent; do
			if [ -e "$uevent" ]; then sed -n 's,^DEVNAME=,/dev/,p' "$uevent"; fi
		done
	done
}
all_nodes() { nodes_of RSMDRV0101 && nodes_of RSMDRV0102 && nodes_of RSMLIB01; }
there_are() { [ "$(all_nodes | wc -l)" -eq "$1" ]; }
node_is_there() { for node in $(all_nodes); do [ -c "$node" ] || return; done; }

# Those that can be opened; a tape drive's need not have a tape for that.
open_nodes()
{
	# shellcheck disable=SC2046 # a list of nodes
	perl -e 'use Fcntl; for (@ARGV) { print "$_\n" if sysopen(my $file, $_, O_RDONLY | O_NONBLOCK) }' $(all_nodes)
}

ok "there is one way" there_are 23
ok "there is an interface for the second" iscsiadm -m iface -I second -o new
ok "it leads to the library" iscsiadm -m node -T "$target" -p 127.0.0.1:3260 -I second -o new
ok "which is plugged in once more" iscsiadm -m node -T "$target" -p 127.0.0.1:3260 -I second --login
ok "all its devices are there twice" within 60 there_are 46
ok "with all nodes" within 60 node_is_there
udevadm settle
same "before it is managed all can be opened" "$(open_nodes)" "$(all_nodes)"

second=$(nodes_of RSMDRV0101 | grep '/sg' | tail -n 1)
exec 9<"$second"
refused 6 "somebody has the second way open: it cannot be managed" sh -c '"$1" manage all 2>"$2"' - "$rsm" "$work/said"
ok "and is told by which node" grep -q "$second is open" "$work/said"
exec 9<&-
same "all can be opened as before" "$(open_nodes)" "$(all_nodes)"

ok "it is managed" "$rsm" manage all
same "none can be opened, on either way" "$(open_nodes)" ""
ok "a cartridge is made free" "$rsm" freemedia A00001L8
ok "a pool is made" "$rsm" createpool Ways --open always --type "LTO Ultrium" --draw --return
lmid=$("$rsm" allocate Ways --brief)
ok "it is mounted, written and read by its holder" "$rsm" run "$lmid" --read --write -- sh -c '
	tar -cf "$TAPE" /etc/passwd && mt -f "$TAPE" rewind && tar -tf "$TAPE"'
same "none can be opened" "$(open_nodes)" ""
ok "it is given back" "$rsm" unmanage RSMLIB01
same "and all can be opened as ever" "$(open_nodes)" "$(all_nodes)"
ok "the second way is unplugged" iscsiadm -m node -T "$target" -p 127.0.0.1:3260 -I second --logout
ok "and forgotten" iscsiadm -m node -T "$target" -p 127.0.0.1:3260 -I second -o delete
ok "one is left" within 60 there_are 23
finish
