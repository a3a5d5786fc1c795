#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rsm-changer, as Bacula calls it: what is printed is compared byte by byte with what its own
# mtx-changer prints for such a library.

. "$(dirname "$0")/lib.sh"

CHANGER=${CHANGER:-${RSM%/tools/rsm}/tools/rsm-changer/rsm-changer}
[ -x "$CHANGER" ] || { echo "no program $CHANGER; set CHANGER"; exit 99; }
CONFIG=$T/changer.conf
nst0=$T/v/drives/0/nst
nst1=$T/v/drives/1/nst

# changer STATUS ARGUMENT...
changer()
{
	wanted=$1
	shift
	command="rsm-changer $*"
	status=0
	"$CHANGER" --config "$CONFIG" "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
	if grep -qE 'ERROR: [A-Za-z]*Sanitizer|runtime error: ' "$T/err"; then
		bad "a sanitizer complained"
	fi
	check "status $wanted, not $status" [ "$status" = "$wanted" ]
}

# silent ARGUMENT...: it does what it is told, and says nothing at all
silent()
{
	changer 0 "$@"
	out_is ''
	err_empty
}

# prints TEXT ARGUMENT...: and nothing else
prints()
{
	text=$1
	shift
	changer 0 "$@"
	out_is "$text"
	err_empty
}

# denies ERROR TEXT ARGUMENT...: nothing on standard output, why on standard error
denies()
{
	name=$1 text=$2
	shift 2
	status=0
	command="rsm-changer $*"
	"$CHANGER" --config "$CONFIG" "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
	check "it fails" [ "$status" != 0 ]
	out_is ''
	err_has "^rsm-changer: .*$text.* \\($name, [0-9]+\\)\$"
}

# misused TEXT ARGUMENT...
misused()
{
	text=$1
	shift
	changer 1 "$@"
	out_is ''
	err_has "^rsm-changer: .*$text"
	err_has '^Usage: rsm-changer '
}

# configure: what comes on standard input
configure()
{
	rm -f "$CONFIG"
	cat >"$CONFIG"
	chmod 600 "$CONFIG"
}

# in_slot BARCODE SLOT, in_drive BARCODE DRIVE: what the records say
located() { "$RSM" view physical_media --json | python3 -c '
import json, sys
sys.exit(not any(x["name"] == sys.argv[1] and x["location"] == sys.argv[2] for x in json.load(sys.stdin)))
' "$1" "$2"; }
pool_is() { "$RSM" view physical_media --json | python3 -c '
import json, sys
sys.exit(not any(x["name"] == sys.argv[1] and x["pool"] == sys.argv[2] for x in json.load(sys.stdin)))
' "$1" "$2"; }
drive_free() { drive_is "$1" dismounted; }

new_library --drives 2 --slots 7 --ports 1 --tapes 6
type=$("$RSM" view media_type --brief | grep -m 1 LTO)
expect 0 freemedia V00001L8 V00002L8 V00003L8 V00004L8 V00005L8
expect 0 createpool Bacula --type "$type" --draw
expect 0 createpool Tar --type "$type" --draw
expect 0 createpool Other --type "$type"
new_lmid Bacula
new_lmid Bacula
second=$lmid
new_lmid Tar
expect 0 view library --json
library=$(json_value '[x["name"] for x in d if x["changers"]][0]')
expect 0 devices --json
serial=$(json_value '[x["serial"] for x in d if x["type"] == "changer"][0]')

# The hasty one is for what is not done in any time.
configure <<CONF
consumers = (
  { name = "bacula"; pools = [ "Bacula" ]; },
  { name = "tar"; pools = [ "Tar" ]; scratch = true; },
  { name = "hasty"; pools = [ "Tar" ]; scratch = true; timeout = 2; }
);
CONF

# ---- what each of them sees ----
prints 'D:0:E
D:1:E
S:1:F:V00001L8
S:2:F:V00002L8
S:3:E
S:4:E
S:5:E
S:6:E
S:7:E
I:8:E' bacula listall
prints '1:V00001L8
2:V00002L8' bacula list
prints 8 bacula slots
prints 0 bacula loaded 0 "$nst0" 0
# Those that are free, too; not the one that is not known.
prints '3:V00003L8
4:V00004L8
5:V00005L8' tar list
# All five arguments, as Bacula gives them.
prints 8 bacula slots 0 "$nst0" 0
prints '1:V00001L8
2:V00002L8' bacula list 0 "$nst0" 0

# ---- load and unload ----
silent bacula load 2 "$nst0" 0
prints 2 bacula loaded 0 "$nst0" 0
prints 2 bacula loaded -1 "$nst0" 0
prints 0 bacula loaded 0 "$nst1" 1
prints '1:V00001L8
2:V00002L8' bacula list
prints 'D:0:F:2:V00002L8
D:1:E
S:1:F:V00001L8
S:2:E
S:3:E
S:4:E
S:5:E
S:6:E
S:7:E
I:8:E' bacula listall
# To the other one that drive is empty.
prints 0 tar loaded 0 "$nst0" 0
prints 'D:0:E
D:1:E
S:1:E
S:2:E
S:3:F:V00003L8
S:4:F:V00004L8
S:5:F:V00005L8
S:6:E
S:7:E
I:8:E' tar listall

# It is kept for the one that called, by a process of its own.
expect 0 who --json
json 'len(d) == 1 and d[0]["command"] == "rsm-keeper" and d[0]["cartridge"] == "V00002L8"'

denies ERROR_BUSY 'drive 0 is not empty: V00002L8 of slot 2' bacula load 1 "$nst0" 0
denies ERROR_BUSY 'drive 0 is not empty: V00002L8 of slot 2' bacula load 2 "$nst0" 0
denies ERROR_BUSY 'V00002L8 of slot 2 is loaded in drive 0' bacula load 2 "$nst1" 1
denies ERROR_EMPTY 'drive 0 holds nothing of consumer tar' tar unload 2 "$nst0" 0
denies ERROR_EMPTY 'drive 1 holds nothing of consumer bacula' bacula unload 1 "$nst1" 1
denies ERROR_INVALID_PARAMETER 'V00002L8 of slot 2, not of slot 1' bacula unload 1 "$nst0" 0
check "nothing was lost by that" located V00002L8 'Drive 0'
# The other one waits for its turn, no longer than it may.
denies ERROR_TIMEOUT '' hasty load 3 "$nst0" 0
check "its cartridge is at home" located V00003L8 'Slot 3'
prints 2 bacula loaded 0 "$nst0" 0

# An open drive is not taken from anybody.
exec 8<"$nst0"
denies ERROR_INVALID_STATE 'still open in process' bacula unload 2 "$nst0" 0
exec 8<&-
prints 2 bacula loaded 0 "$nst0" 0

# What Bacula writes is the label from then on, and is found again.
python3 - "$nst0" <<'PY'
import struct, sys
def text(s): return s.encode() + b"\0"
label = text("Bacula 1.0 immortal\n") + struct.pack(">I", 11) + bytes(32)
label += text("Vol-0002") + text("") + text("Default") + text("Backup") + text("LTO") + text("h") + text("l") + text("p")
record = struct.pack(">iiI", -1, 1, len(label)) + label
block = struct.pack(">III4sII", 0, 24 + len(record), 1, b"BB02", 1, 1) + record
open(sys.argv[1], "r+b", buffering=0).write(block)
PY
silent bacula unload 2 "$nst0" 0
check "it is at home" located V00002L8 'Slot 2'
check "nobody holds a drive" nobody_holds
expect 0 view partition --container "$second" --json
json '"Bacula" in d[0]["label_type"] and "volume Vol-0002" in d[0]["label_info"]'
denies ERROR_EMPTY 'drive 0 holds nothing of consumer bacula' bacula unload 2 "$nst0" 0
prints 0 bacula loaded 0 "$nst0" 0
silent bacula load 2 "$nst1" 1
prints 2 bacula loaded 0 "$nst1" 1
silent bacula unload 2 "$nst1" 1

# ---- what is free is allocated by the load ----
silent tar load 4 "$nst0" 0
check "it is in the pool" pool_is V00004L8 Tar
silent bacula load 1 "$nst1" 1
prints 4 tar loaded 0 "$nst0" 0
prints 0 tar loaded 0 "$nst1" 1
prints 1 bacula loaded 0 "$nst1" 1
silent tar unload 4 "$nst0" 0
silent bacula unload 1 "$nst1" 1
check "it stays in the pool" pool_is V00004L8 Tar

# ---- wrong places ----
denies ERROR_EMPTY 'slot 3 has nothing for consumer bacula: V00003L8 is in pool Tar' bacula load 3 "$nst0" 0
denies ERROR_EMPTY 'slot 7 is empty' bacula load 7 "$nst0" 0
denies ERROR_OBJECT_NOT_FOUND 'no slot 9; it has 7' bacula load 9 "$nst0" 0
denies ERROR_OBJECT_NOT_FOUND 'no slot 0' bacula load 0 "$nst0" 0
denies ERROR_INVALID_PARAMETER 'slot 8 is a port' bacula load 8 "$nst0" 0
denies ERROR_INVALID_DRIVE 'no drive 2; it has 2' bacula load 1 "$nst0" 2
denies ERROR_INVALID_DRIVE "$nst1 is no device of drive 0, which is $nst0" bacula load 1 "$nst1" 0
denies ERROR_INVALID_DRIVE "$nst1 is no device of drive 0, which is $nst0" bacula unload 1 "$nst1" 0
denies ERROR_INVALID_DRIVE "$nst1 is no device of drive 0, which is $nst0" bacula loaded 0 "$nst1" 0
denies ERROR_INVALID_DRIVE '/dev/null is no device of drive 0' bacula load 1 /dev/null 0
denies ERROR_NOT_SUPPORTED "V00001L8 stays in slot 1.*'rsm eject V00001L8'" bacula transfer 1 7
denies ERROR_EMPTY 'slot 7 is empty' bacula transfer 7 1
denies ERROR_OBJECT_NOT_FOUND 'no slot 99' bacula transfer 99 1
check "nobody holds a drive" nobody_holds

# A cartridge that must not be written any more is not loaded either.
expect 0 freemedia V00006L8
expect 0 movemedia V00006L8 Other
configure <<CONF
consumers = ( { name = "bacula"; pools = [ "Bacula", "Other" ]; } );
CONF
expect 0 view partition --json
side=$(json_value '[x["id"] for x in d if x["name"] == "V00006L8"][0]')
expect 0 decommission "$side"
denies ERROR_MEDIA_UNAVAILABLE 'V00006L8 in slot 6 is decommissioned' bacula load 6 "$nst0" 0
prints '1:V00001L8
2:V00002L8
6:V00006L8' bacula list

# ---- for whom ----
# The program has ended: what it has loaded stays in the drive until somebody needs the drive.
"$CHANGER" --config "$CONFIG" --for $$ bacula loaded 0 "$nst0" 0 >"$T/out" 2>"$T/err"
out_is 0
sleep 1000 &
daemon=$!
changer 0 --for "$daemon" bacula load 1 "$nst0" 0
prints 1 bacula loaded 0 "$nst0" 0
kill -9 "$daemon"
wait "$daemon" 2>/dev/null
prints 0 bacula loaded 0 "$nst0" 0
check "it rests in the drive" within 30 drive_is 0 dismountable
prints 0 bacula loaded 0 "$nst0" 0
prints '1:V00001L8
2:V00002L8
6:V00006L8' bacula list
# Its successor takes it as it is, or sends it home.
silent bacula load 1 "$nst0" 0
prints 1 bacula loaded 0 "$nst0" 0
silent bacula unload 1 "$nst0" 0
check "it is at home" located V00001L8 'Slot 1'
misused 'no process' --for x bacula list
changer 1 --for 999999999 bacula list
err_has 'cannot be watched'

# The keeper is killed: the drive is nobody's, and the cartridge is found.
silent bacula load 2 "$nst0" 0
keeper=$("$RSM" who --brief)
kill -9 "$keeper"
orphaned() { "$RSM" who --json | grep -q '"state": *"orphaned"'; }
check "nobody holds the drive" within 30 orphaned
prints '1:V00001L8
2:V00002L8
6:V00006L8' bacula list
prints 0 bacula loaded 0 "$nst0" 0
silent bacula load 1 "$nst0" 0
check "the other one is at home" located V00002L8 'Slot 2'
silent bacula unload 1 "$nst0" 0

# ---- who is meant ----
for name in "$T/v" "$T/./v" "$serial" "$library"; do
	prints 8 "$name" slots
done
ln -s "$T/v" "$T/alias"
prints 8 "$T/alias" slots
denies ERROR_OBJECT_NOT_FOUND 'nothing is neither a managed library' nothing list
me=$(id -un)
configure <<CONF
consumers = (
  { name = "$T/link"; pools = [ "Bacula" ]; library = "$serial"; user = "nobody"; },
  { name = "mine"; pools = [ "Tar" ]; user = "$me"; },
  { name = "anybody"; pools = [ "Bacula" ]; }
);
CONF
prints '3:V00003L8
4:V00004L8' "$serial" list
prints '1:V00001L8
2:V00002L8' anybody list
prints '1:V00001L8
2:V00002L8' "$T/link" list
configure <<CONF
consumers = (
  { name = "one"; pools = [ "Bacula" ]; },
  { name = "other"; pools = [ "Tar" ]; }
);
CONF
denies ERROR_INVALID_NAME "$serial stands for consumers one and other" "$serial" list
configure <<CONF
consumers = ( { name = "one"; pools = [ "Bacula" ]; user = "nobody"; } );
CONF
denies ERROR_OBJECT_NOT_FOUND "no consumer .* is for user $me and $serial" "$serial" list
configure <<CONF
consumers = (
  { name = "one"; pools = [ "Bacula", "No such" ]; },
  { name = "lost"; pools = [ "Bacula" ]; library = "nowhere"; },
  { name = "greedy"; pools = [ "Free" ]; },
  { name = "wrong"; pools = [ "Free\\\\$type" ]; }
);
CONF
denies ERROR_OBJECT_NOT_FOUND 'no pool "No such", which changer.conf gives to consumer one' one list
denies ERROR_OBJECT_NOT_FOUND 'nowhere is neither a managed library' lost list
denies ERROR_INVALID_MEDIA_POOL "pool Free is the system's" greedy list
denies ERROR_INVALID_MEDIA_POOL "is the system's" wrong list
# A pool of pools gives all that is below it.
expect 0 createpool Everything
expect 0 createpool 'Everything\Below' --type "$type" --draw
new_lmid 'Everything\Below'
configure <<CONF
database = "$NTMS_HOME"; broker = "$NTMS_BROKER";
consumers = ( { name = "all"; pools = [ "Everything" ]; } );
CONF
prints '5:V00005L8' all list
(unset NTMS_HOME NTMS_BROKER; prints '5:V00005L8' all list; exit "$failures") || failures=$((failures + 1))

# ---- wrong configurations: all that is wrong is said, with its line ----
changer 0 --check-config
out_is ''
configure <<CONF
broker = "nothing";
consumers = (
  { pools = [ ]; },
  { name = ""; pools = [ 1 ]; timeout = 0; priority = 16; },
  { name = "x"; pools = "Bacula"; scratch = 1; user = "no such user"; colour = "red"; }
);
database = "here";
CONF
changer 1 --check-config
out_is ''
err_has "changer.conf:1: broker is \"nothing\"; give"
err_has "changer.conf:7: database is \"here\"; give the whole path"
sed -i '/^broker\|^database/d' "$CONFIG"
changer 1 bacula list
err_has "changer.conf:2: pools is empty"
err_has "changer.conf:2: a consumer has no name"
err_has "changer.conf:3: name is empty"
err_has "changer.conf:3: pools has something that is no name"
err_has "changer.conf:3: timeout is 0; give"
err_has "changer.conf:3: priority is 16; give"
err_has "changer.conf:4: pools is of the wrong kind; it looks like pools = \\[ \"Bacula\" \\]"
err_has "changer.conf:4: scratch is of the wrong kind"
err_has "changer.conf:4: user is \"no such user\", and there is no such user"
err_has "changer.conf:4: colour is no setting; there are name, library, "
configure <<CONF
consumers = ( { name = "x"; pools = [ "Bacula" ]; }, { name = "x"; pools = [ "Tar" ]; } );
CONF
changer 1 x list
err_has 'called "x", as another one is'
echo 'consumers = ( ' | configure
changer 1 x list
err_has 'changer.conf:[0-9]+: .*syntax error; see changer.conf\(5\)'
echo '# nothing' | configure
changer 1 x list
err_has 'names no consumers'
chmod 666 "$CONFIG"
changer 1 x list
err_has 'can be written to by others'
rm "$CONFIG"
changer 1 x list
err_has 'there is no such file'
# The one that is installed is in order, and gives nothing to anybody.
cp "${RSM_SOURCE:-.}/tools/rsm-changer/changer.conf" "$CONFIG"
changer 1 x list
err_has 'names no consumers'
sed -i '/^#consumers/,/^#);/s/^#//' "$CONFIG"
sed -i '/user = /d' "$CONFIG"
changer 0 --check-config

# ---- wrong calls ----
misused 'DEVICE and COMMAND are needed'
misused 'DEVICE and COMMAND are needed' bacula
misused "'hurl' is no command" bacula hurl
misused 'load needs more arguments' bacula load
misused 'load needs more arguments' bacula load 1 "$nst0"
misused 'loaded needs more arguments' bacula loaded
misused 'transfer needs more arguments' bacula transfer 1
misused "'x' is no number of a slot" bacula load x "$nst0" 0
misused "'-1' is no number of a slot" bacula load -1 "$nst0" 0
misused "'1 ' is no number of a slot" bacula unload '1 ' "$nst0" 0
misused "'9999999999' is no number of a slot" bacula load 9999999999 "$nst0" 0
misused "'' is no number of a drive" bacula loaded 0 "$nst0" ''
misused 'one argument too many' bacula load 1 "$nst0" 0 0
misused 'no such option' --what bacula list
changer 0 --version
out_has '^rsm-changer \(RSM for Linux\) [0-9]'
changer 0 --help
out_has '^Usage: rsm-changer '
