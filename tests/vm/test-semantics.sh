#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A tape drive behaves under a reservation as it does without the module: the same operations are
# done by hand, with no module there, and under rsm run. Every status, every error, all that is
# read and the tape itself have to be the same.

# Programs in single quotes are for the shell they are given to.
# shellcheck disable=SC2016
set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

rsm=$build/tools/rsm
if [ -x "$build/tools/.libs/rsm" ]; then rsm=$build/tools/.libs/rsm; fi
LD_LIBRARY_PATH=$build/.libs
NTMS_HOME=$work/database
export LD_LIBRARY_PATH NTMS_HOME work
cartridge=/run/vtl/1/A00001L8
tape=/dev/nst0

dd if=/dev/urandom of="$work/random" bs=64k count=4 status=none

# $1: nst, $2: st. Everything that happens is said.
cat >"$work/operations" <<'SH2'
nst=$1 st=$2
random=$work/random

# Do it, and say how it ended and where the tape is.
try()
{
	echo "== $*"
	"$@" 2>&1
	echo "status $?"
	mt -f "$nst" status 2>&1
	echo "status $?"
}
at() { try mt -f "$nst" "$@"; }
put() { dd if="$random" of="$1" bs="$2" count="$3" status=none; }
# What is read may be any bytes. Behind the last file tgt says that it has read all that was asked for,
# and has put nothing into the buffer; no block that is written here is as long.
get()
{
	dd if="$1" bs="$2" count="$3" of="$work/got" status=none
	status=$?
	if [ "$(wc -c <"$work/got")" -eq 65536 ]; then
		echo "65536 of nothing"
	else
		cksum <"$work/got"
	fi
	return "$status"
}
all()
{
	mt -f "$nst" rewind
	for file in 1 2 3 4 5 6 7 8 9 10 11 12; do
		echo "file $file"
		get "$nst" 65536 1000 || return
	done
}

at rewind
at setblk 0
# Blocks of any size.
try put "$nst" 10000 5
try put "$nst" 333 3
at weof 2
# Fixed blocks.
at setblk 512
try put "$nst" 5120 4
try put "$nst" 700 1
at weof 1
at rewind
at fsf 4
try get "$nst" 5120 2
at tell
try get "$nst" 700 1
# Blocks of any size under a fixed one, and into a buffer that is too short.
at rewind
try get "$nst" 5120 1
at setblk 0
at rewind
try get "$nst" 333 1
at tell
# To and fro.
at rewind
at fsf 1
at bsf 1
at fsf 2
at bsfm 1
at fsr 2
at bsr 1
at fsr 9
at bsf 9
at rewind
at fsfm 1
at fsf 99
at eod
try get "$nst" 65536 1
# Behind what is there.
at eod
try put "$nst" 20000 2
# A node that rewinds when it is closed.
at eod
try put "$st" 4000 3
try get "$st" 10000 2
try all
# One that has it from its parent, and longer.
inherited()
{
	mkfifo "$work/closed"
	{
		dd if="$random" bs=6000 count=1 status=none >&3
		echo "its parent: $?"
		{
			read -r _ <"$work/closed"
			dd if="$random" bs=7000 count=2 status=none >&3
			echo "the child: $?"
		} &
		child=$!
	} 3<>"$nst"
	put "$nst" 512 1
	echo "in the meantime: $?"
	echo >"$work/closed"
	wait "$child"
	echo "it ended: $?"
	rm "$work/closed"
}
at eod
try inherited
try all
# In the midst: what is behind is lost.
at rewind
at fsf 1
at fsr 1
try put "$nst" 8000 1
try all
at rewind
exit 7
SH2

ok "the library is managed" "$rsm" manage all
ok "a cartridge is made free" "$rsm" freemedia A00001L8
ok "a pool is made" "$rsm" createpool Semantics --open always --type "LTO Ultrium" --draw --return
lmid=$("$rsm" allocate Semantics --brief)
ok "it is allocated" test -n "$lmid"
ok "the library is given back" "$rsm" unmanage RSMLIB01
cp --sparse=always "$cartridge" "$work/before"

ok "the module goes" rmmod rsm
ok "the cartridge is loaded by hand" mtx -f /dev/sch0 load 1 0
refused 7 "the tape is used by hand" sh -c 'sh "$work/operations" /dev/nst0 /dev/st0 >"$work/by-hand"'
mt -f "$tape" offline
ok "it is unloaded" mtx -f /dev/sch0 unload 1 0
cp --sparse=always "$cartridge" "$work/expected"
ok "that has changed the tape" sh -c '! cmp -s "$work/before" "$work/expected"'
cp --sparse=always "$work/before" "$cartridge"

ok "the module comes again" insmod "${RSM_MODULE:-$tree/kmod/rsm.ko}"
ok "its node is there" within 10 test -c /dev/rsm
udevadm settle
ok "the library is managed" "$rsm" manage all
refused 7 "the tape is used under a reservation" sh -c '
	"$0" run "$1" --drive /dev/nst0 --read --write -- sh "$work/operations" /dev/nst0 /dev/st0 \
		>"$work/reserved"' "$rsm" "$lmid"
ok "the library is given back" "$rsm" unmanage RSMLIB01
ok "all went as by hand" diff -U 3 "$work/by-hand" "$work/reserved"
ok "the tape is byte for byte the same" cmp "$cartridge" "$work/expected"
# For whoever wants to see whether what was meant to be tried was.
cat "$work/by-hand"
finish
