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
ok "nobody holds it once they are dead" within 60 nobody_holds
ok "the next one gets the cartridge" "$rsm" run "$media" -- true
# What is erased is gone, and nobody finds a label.
# shellcheck disable=SC2016 # for that shell
ok "it is written" "$rsm" run "$media" -- sh -c 'tar -cf "$TAPE" -C /etc passwd'
# shellcheck disable=SC2016
ok "it can be read" "$rsm" run "$media" --read -- sh -c 'tar -tf "$TAPE"'
ok "it is erased" "$rsm" erase "$media"
# shellcheck disable=SC2016
ok "nothing of it can be read" sh -c '! "$0" run "$1" --read -- sh -c "tar -tf \"\$TAPE\""' "$rsm" "$media"
# A holder dies while a child of it still writes: nobody takes the drive, or the tape, until the
# child has closed it, and then whoever waits has it, with all that was written.
mkfifo "$work/pipe"
exec 8<>"$work/pipe"
cat >"$work/parent" <<'SH'
setsid sh -c 'exec cat "$0" >"$TAPE"' "$0/pipe" 8>&- &
echo $$ >"$0/pid2"
exec sleep 600 8>&-
SH
"$rsm" run "$media" --write -- sh -c "$(cat "$work/parent")" "$work" >"$work/run2" 2>&1 8>&- &
runner=$!
ok "it is mounted again" within 120 test -s "$work/pid2"
# shellcheck disable=SC2317 # called by within
child_has_it() { readlink /proc/[0-9]*/fd/1 | grep -q /dev/nst; }
head -c 65536 /dev/zero | tr '\0' a >&8
ok "the holder's child has the drive open" within 60 child_has_it
"$rsm" watch --kernel >"$work/closed" 2>"$work/closed-remarks" 8>&- &
watcher=$!
ok "somebody listens" within 20 grep -q watching "$work/closed-remarks"
kill -9 "$runner" "$(cat "$work/pid2")"
wait "$runner" 2>/dev/null
ok "nobody holds it once they are dead" within 60 nobody_holds
# shellcheck disable=SC2016 # for that shell
"$rsm" run "$media" --read -- sh -c 'dd if="$TAPE" bs=1M of="$0/back" status=none; : >"$0/read"' \
	"$work" >"$work/run3" 2>&1 8>&- &
reader=$!
# shellcheck disable=SC2317 # called by within
waits() { "$rsm" request list 2>/dev/null | grep -q waiting; }
ok "another one waits for it" within 60 waits
head -c 65536 /dev/zero | tr '\0' b >&8
ok "the child still has it" child_has_it
ok "nothing was taken from under it" test ! -e "$work/read"
refused 1 "nobody was told that it is closed" grep -q ' closed ' "$work/closed"
exec 8>&-
ok "the other one reads it when the child has closed it" within 60 test -e "$work/read"
wait "$reader"
same "and ends well" "$?" 0
cat "$work/run3"
ok "the module has told of the closing" within 20 grep -q ' closed ' "$work/closed"
kill -INT "$watcher"
wait "$watcher" 2>/dev/null
letters() { head -c 65536 /dev/zero | tr '\0' "$1"; }
{
	letters a
	letters b
} >"$work/expected"
ok "all that the child wrote is there" cmp "$work/back" "$work/expected"

ok "it is given back" "$rsm" deallocate "$media"

# A client that is killed while the robot moves, or soon after. On a slow machine one may be
# done before anybody has looked: that is no death, and it must have ended well.
# shellcheck disable=SC2317 # called by within
holds_or_over() { somebody_holds || ! kill -0 "$client" 2>/dev/null; }
for n in 1 2 3; do
	"$clients/backup" /bin/sh /bin/bash /bin/tar >"$work/backup.$n" 2>&1 &
	client=$!
	ok "client $n has a drive" within 120 holds_or_over
	if kill -9 "$client" 2>/dev/null; then
		wait "$client" 2>/dev/null
		ok "it is nobody's when client $n is dead" within 60 nobody_holds
	else
		wait "$client" && status=0 || status=$?
		cat "$work/backup.$n"
		same "client $n was done before, and well" "$status" 0
	fi
done
ok "another client works as if nothing had been" "$clients/backup" /etc/passwd

for drive in 0 1; do "$rsm" dismount --drive "$drive" >/dev/null 2>&1; done
ok "the library is given back" within 60 "$rsm" unmanage RSMLIB01
same "mtx sees both drives empty" "$(empty_drives)" 2
same "mtx sees all cartridges in slots" "$(full_slots)" 6
finish
