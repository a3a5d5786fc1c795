#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The main job on a real SCSI library through /dev/rsm: a client from allocation to
# deallocation, several at once, and clients that are killed. What RSM says of it is
# compared with what mtx, which knows nothing of RSM, reads back.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

rsm=$build/tools/rsm
clients=$build/tests/clients
NTMS_HOME=$work/database
export NTMS_HOME
# The programs as they were built, without libtool's wrappers.
LD_LIBRARY_PATH=$build/.libs
export LD_LIBRARY_PATH
if [ -x "$build/tools/.libs/rsm" ]; then rsm=$build/tools/.libs/rsm; fi
if [ -x "$clients/.libs/backup" ]; then clients=$clients/.libs; fi

changer=/dev/sch0

# What mtx says when RSM has given the library back.
empty_drives() { mtx -f "$changer" status | grep -c 'Data Transfer Element.*:Empty'; }
full_slots() { mtx -f "$changer" status | grep -c ' Storage Element.*:Full'; }

# Drives that a living process holds; an orphan, whose holder is dead, is not held.
held() { "$rsm" who --json | grep -o '"state": *"held"' | wc -l; }
# shellcheck disable=SC2317 # called by within
nobody_holds() { [ "$(held)" -eq 0 ]; }
# shellcheck disable=SC2317
somebody_holds() { [ "$(held)" -gt 0 ]; }

same "mtx sees 6 cartridges in slots" "$(full_slots)" 6
ok "the library is managed" "$rsm" manage all
ok "a client saves and compares files" "$clients/backup" /bin/sh /etc/passwd
same "nobody holds a drive afterwards" "$(held)" 0

mkdir "$work/locks"
ok "two clients share the library, a third only dies" "$clients/two" "${RSM_ROUNDS:-5}" "$work/locks"
same "nobody holds a drive afterwards" "$(held)" 0

# A holder that is killed: its reservation is over at once, its cartridge is found.
ok "a pool is made" "$rsm" createpool Kill --open always --type "LTO Ultrium" --draw --return
media=$("$rsm" allocate Kill --brief)
ok "a cartridge is allocated" test -n "$media"
# shellcheck disable=SC2016 # for the inner shell
"$rsm" run "$media" -- sh -c 'echo $$ >"$0"; exec sleep 600' "$work/pid" >"$work/run" 2>&1 &
runner=$!
ok "it is mounted" within 120 test -s "$work/pid"
ok "somebody holds a drive" somebody_holds
kill -9 "$runner" "$(cat "$work/pid")"
wait "$runner" 2>/dev/null
ok "nobody holds it once they are dead" within 10 nobody_holds
ok "the next one gets the cartridge" "$rsm" run "$media" -- true
ok "it is given back" "$rsm" deallocate "$media"

# A client that is killed while the robot moves, or soon after.
for n in 1 2 3; do
	"$clients/backup" /bin/sh >"$work/backup.$n" 2>&1 &
	client=$!
	ok "client $n has a drive" within 120 somebody_holds
	kill -9 "$client"
	wait "$client" 2>/dev/null
	ok "it is nobody's when client $n is dead" within 60 nobody_holds
done
ok "another client works as if nothing had been" "$clients/backup" /etc/passwd

for drive in 0 1; do "$rsm" dismount --drive "$drive" >/dev/null 2>&1; done
ok "the library is given back" within 60 "$rsm" unmanage RSMLIB01
same "mtx sees both drives empty" "$(empty_drives)" 2
same "mtx sees all cartridges in slots" "$(full_slots)" 6
finish
