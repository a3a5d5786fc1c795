#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A library whose answers are cut, endless, contradictory or noise: a clear error or a right
# answer, in time, and once it answers well again everything is where it was. What the
# module makes of it shows in the kernel's log, on the debug kernel above all.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

rsm=$build/tools/rsm
LD_LIBRARY_PATH=$build/.libs
export LD_LIBRARY_PATH
if [ -x "$build/tools/.libs/rsm" ]; then rsm=$build/tools/.libs/rsm; fi

# ---- the target ----

# shellcheck disable=SC2317 # called by what is sourced below
fail() { echo "FAILED  $*"; exit 1; }
vm_debug=''
if [ -d /sys/kernel/debug/kmemleak ] || [ -e /sys/kernel/debug/kmemleak ]; then vm_debug=1; fi
export vm_debug
# shellcheck source=scripts/vm.d/libraries
. "$tree/scripts/vm.d/libraries"
start_iscsid
target=iqn.2024-01.rsm.vm:hostile
echo good >"$work/scenario"
"$tree/tests/vm/hostile-target.py" 3261 "$work/scenario" >"$work/target" 2>&1 &
ok "the target is ready" within 30 grep -q ready "$work/target"
ok "it is known" iscsiadm -m node -T "$target" -p 127.0.0.1:3261 -o new

scenario()
{
	echo "$*" >"$work/scenario.new"
	mv "$work/scenario.new" "$work/scenario"
}

plugged_in() { [ -e /sys/class/scsi_changer/sch0 ] && [ -c /dev/nst0 ] && [ -c /dev/sch0 ]; }
# shellcheck disable=SC2317 # called by within
gone() { [ ! -e /sys/class/scsi_changer/sch0 ] && [ ! -e /sys/class/scsi_tape/st0 ]; }
login() { iscsiadm -m node -T "$target" -p 127.0.0.1:3261 --login; }
logout() { iscsiadm -m node -T "$target" -p 127.0.0.1:3261 --logout && within 30 gone; }

# in_time COMMAND...: it ends by itself, is not killed by a signal, and says why if it fails.
in_time()
{
	status=0
	timeout -s ABRT 200 "$@" >"$work/said" 2>&1 || status=$?
	cat "$work/said"
	echo "status $status"
	[ "$status" -le 6 ] || return 1
	[ "$status" -eq 0 ] || [ -s "$work/said" ]
}

# The library as it is: managed, and every cartridge known once, in its slot.
right()
{
	# Bar codes are read when it is taken over: what was read wrong is read again.
	"$rsm" unmanage HOSTLIB1 >"$work/given" 2>&1
	"$rsm" manage all || return
	"$rsm" inventory HOSTLIB1 --action slot || return
	"$rsm" view >"$work/view" || return
	cat "$work/view"
	for n in 1 2 3; do
		[ "$(grep -c "H0000${n}L8" "$work/view")" -eq 1 ] || return
		grep -qE "^ +$n +full +H0000${n}L8 " "$work/view" || return
	done
}

NTMS_HOME=$work/db
export NTMS_HOME
ok "it is plugged in" login
ok "its devices are there" within 30 plugged_in
ok "RSM knows it" sh -c "'$rsm' devices | grep -q HOSTLIB1"
ok "a library that answers well is right" right

# ---- answers while it is known, and while it is taken over ----

names() { grep -A 2 "^@only(.*$1" "$tree/tests/vm/hostile-target.py" | sed -n 's/^def \([a-z_]*\)(.*/\1/p'; }

attempt()
{
	wrong=$1
	scenario "$wrong"
	ok "$wrong: an inventory ends" in_time "$rsm" inventory HOSTLIB1 --action slot
	ok "$wrong: it is given back" "$rsm" unmanage HOSTLIB1
	# Half taken over is as good as not at all; everything follows below.
	ok "$wrong: taking it over ends" in_time "$rsm" manage all
	scenario good
	ok "$wrong: everything is in its place afterwards" right
}

for name in $(names STATUS) $(names MODE); do
	attempt "$name"
done
for seed in $(seq "${RSM_ROUNDS:-1}"); do
	attempt "noise $seed 300"
done
ok "it is given back" "$rsm" unmanage HOSTLIB1

# ---- answers while it is plugged in ----

# Not MODE: the kernel's own driver asks for every element that such a page tells of.
for name in $(names INQUIRY); do
	ok "$name: it is unplugged" logout
	scenario "$name"
	ok "$name: it is plugged in" login
	udevadm settle --timeout=30
	ok "$name: looking at devices ends" in_time "$rsm" devices
	ok "$name: taking it over ends" in_time "$rsm" manage all
	"$rsm" unmanage all >/dev/null 2>&1
done
ok "it is unplugged" logout
scenario good
ok "it is plugged in" login
ok "its devices are there" within 30 plugged_in
# What was managed under serial numbers that are none is not looked for again.
NTMS_HOME=$work/db-last
ok "a library that answers well is right again" right
finish
