#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The connection to a library is lost: for less than the initiator's patience, and for more. The
# devices stay, so whoever holds a drive holds it, the doors stay shut, and nothing hangs: what
# was asked for meanwhile ends, and when the connection is back everything works again.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck source=tests/vm/faithful.sh
. "$(dirname "$0")/faithful.sh"

rsm=$build/tools/rsm
LD_LIBRARY_PATH=$build/.libs
NTMS_HOME=$work/db
export LD_LIBRARY_PATH NTMS_HOME
if [ -x "$build/tools/.libs/rsm" ]; then rsm=$build/tools/.libs/rsm; fi

# ---- the library, and the connection to it ----

tell() { "$tree/tests/vm/library-target.py" --tell "$RSM_TEST_LIBRARY" "$@"; }
login() { iscsiadm -m node -T "$RSM_TEST_TARGET" -p 127.0.0.1:3262 --login; }
# shellcheck disable=SC2317 # called by within
plugged_in() { [ -c /dev/sch0 ] && [ -c /dev/nst0 ] && [ -c /dev/nst1 ]; }
# devices_are STATE: all three of them, as the kernel has it.
# shellcheck disable=SC2317
devices_are() { [ "$(cat /sys/class/scsi_device/*/device/state | sort | uniq -c | tr -s ' ')" = " 3 $1" ]; }

ok "there is a library" tell make 2 6 0 4 0 0 0 1
ok "it is plugged in" login
ok "its devices are there" within 60 plugged_in
udevadm settle --timeout=300
ok "it is managed" "$rsm" manage all

# known NAME: a free cartridge is allocated, and has data; its LMID in $work/NAME.
# shellcheck disable=SC2317
known()
{
	# shellcheck disable=SC2016 # for that shell
	"$rsm" allocate Lost --brief >"$work/$1" &&
		"$rsm" run "$(cat "$work/$1")" --write -- sh -c 'tar -cf "$TAPE" -C /etc passwd'
}
ok "a pool is made" "$rsm" createpool Lost --open always --type "LTO Ultrium" --draw --return
ok "two cartridges are free" "$rsm" freemedia V00001L8 V00002L8
ok "one is known" known first
ok "and another" known second

# ---- what is looked at at every stage ----

# Every node of its devices refuses a stranger, at once.
# shellcheck disable=SC2317
shut()
{
	count=0
	for node in /dev/st[0-9]* /dev/nst[0-9]* /dev/sg[0-9]* /dev/sch[0-9]* /dev/bsg/[0-9]*; do
		if timeout 60 sh -c ': <"$0"' "$node" 2>"$work/refusal"; then
			echo "$node is open"
			return 1
		fi
		grep -q 'resource busy' "$work/refusal" || {
			echo "$node: $(cat "$work/refusal")"
			return 1
		}
		count=$((count + 1))
	done
	echo "$count nodes"
	[ "$count" -eq 23 ]
}

# ends NAME COMMAND...: by itself, not by a signal, and says why if it fails; all in $work/NAME.
# shellcheck disable=SC2317
ends()
{
	name=$1 status=0
	shift
	timeout -s ABRT 300 "$@" >"$work/$name" 2>&1 || status=$?
	said=$(cat "$work/$name")
	echo "status $status" >>"$work/$name"
	cat "$work/$name"
	[ "$status" -le 6 ] || return 1
	[ "$status" -eq 0 ] || [ -n "$said" ]
}

holders() { timeout 60 "$rsm" who --json | tr -d ' \n'; }
# That of the program below, whoever else there is.
# shellcheck disable=SC2317
held() { holders | grep "\"state\":\"held\"[^}]*\"generation\":$generation,"; }

looked_at()
{
	ok "$1: the holder holds it" held
	ok "$1: the doors are shut" shut
	ok "$1: the library can be looked at" timeout 60 "$rsm" view
}

# ---- a program that has its drive open all the time ----

# It reads what it has written whenever it is told to; a drive that was reset wants to be rewound,
# and has news for whoever comes first.
cat >"$work/holder" <<'END'
import fcntl, os, struct, sys
def tape(operation):
    fcntl.ioctl(fd, 0x40086d01, struct.pack("hi", operation, 1))
def read():
    for last in (0, 0, 0, 1):
        try:
            tape(6)  # rewind
            return os.read(fd, 65536) == b"mine" * 1024
        except OSError as error:
            if last:
                raise
            print(error, flush=True)
fd = os.open(os.environ["TAPE"], os.O_RDWR)
os.write(fd, b"mine" * 1024)
tape(5)  # filemark
print("open", flush=True)
for line in iter(sys.stdin.readline, ""):
    print("read" if read() else "wrong", flush=True)
END
mkfifo "$work/orders"
"$rsm" run "$(cat "$work/first")" --write -- python3 "$work/holder" <"$work/orders" >"$work/answers" 2>&1 &
holder=$!
exec 9>"$work/orders"
# answered NUMBER WORD: so often.
# shellcheck disable=SC2317
answered() { [ "$(grep -cx "$2" "$work/answers")" -eq "$1" ]; }
reads=0
holder_reads()
{
	reads=$((reads + 1))
	echo >&9
	ok "$1: the holder reads what it has written" within 120 answered "$reads" read
}
ok "a program has its drive open" within 120 answered 1 open
holder_reads "connected"
generation=$(holders | sed -n 's/.*"state":"held"[^}]*"generation":\([0-9]*\),.*/\1/p')
ok "it has a reservation" test -n "$generation"
looked_at "connected"

# ---- for less than its patience ----

# Whoever comes meanwhile: with a mount, and with an inventory.
come()
{
	ends mount "$rsm" run "$(cat "$work/second")" --read -- true >/dev/null 9>&- &
	mount=$!
	ends inventory "$rsm" inventory LIB00001 --action slot >/dev/null 9>&- &
	inventory=$!
}
# shellcheck disable=SC2317
asked() { [ "$(timeout 60 "$rsm" request list --brief | wc -l)" -ge 2 ]; }
# answered_to PROCESS NAME
# shellcheck disable=SC2317
answered_to()
{
	answer=0
	wait "$1" || answer=$?
	cat "$work/$2"
	return "$answer"
}
# shellcheck disable=SC2317
served() { answered_to "$@" && grep -qx 'status 0' "$work/$2"; }

ok "the connection is lost" tell wire cut
ok "the devices are blocked" within 60 devices_are blocked
come
ok "somebody asks for a mount, and for an inventory" within 120 asked
looked_at "blocked"
ok "it comes back" tell wire mend
ok "the devices are there" within 120 devices_are running
ok "the mount is served" served "$mount" mount
ok "so is the inventory" served "$inventory" inventory
looked_at "back"
holder_reads "back"

# ---- for more ----

for file in /sys/class/iscsi_session/session*/recovery_tmo; do echo 1 >"$file"; done
ok "the connection is lost" tell wire cut
come
ok "the initiator gives up" within 60 devices_are transport-offline
looked_at "lost"
ok "it comes back" tell wire mend
ok "the devices are there" within 120 devices_are running
ok "the mount has an answer" answered_to "$mount" mount
ok "so has the inventory" answered_to "$inventory" inventory
looked_at "back again"
holder_reads "back again"

# ---- afterwards ----

exec 9>&-
ok "the holder ends well" wait "$holder"
cat "$work/answers"
ok "the next mount works" "$rsm" run "$(cat "$work/second")" --read -- sh -c 'tar -tf "$TAPE" | grep passwd'
ok "and that of what was held" "$rsm" run "$(cat "$work/first")" --read -- sh -c 'dd if="$TAPE" bs=64k count=1 | grep -q ^mine'
ok "the library is given back" "$rsm" unmanage LIB00001
for name in V00001L8 V00002L8 V00003L8 V00004L8; do
	ok "$name is in its slot" test "$(tell where "$name")" -ge 1024
done
finish
