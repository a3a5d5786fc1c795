#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# One program writes a tape under a reservation, and root does what it can to get at the drive
# and the changer by every other way. None gets in, and the tape is byte for byte what it would
# have been without the module. Then the same with nobody's reservation, and after the library
# was given back, when everything works as ever.

# Programs in single quotes are for the shell or perl they are given to.
# shellcheck disable=SC2016
set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

rsm=$build/tools/rsm
if [ -x "$build/tools/.libs/rsm" ]; then rsm=$build/tools/.libs/rsm; fi
LD_LIBRARY_PATH=$build/.libs
NTMS_HOME=$work/database
export LD_LIBRARY_PATH NTMS_HOME rsm work
cartridge=/run/vtl/1/A00001L8

# --- all ways to a device ------------------------------------------------------------

# SERIAL: the SCSI device's directory in /sys.
sysfs_of()
{
	for device in /sys/bus/scsi/devices/[0-9]*; do
		if [ -e "$device/vpd_pg80" ] && tail -c +5 "$device/vpd_pg80" | grep -aq "$1"; then
			echo "$device"
		fi
	done
}

# SERIAL: all nodes of it.
nodes_of()
{
	for uevent in "$(sysfs_of "$1")"/scsi_tape/*/uevent "$(sysfs_of "$1")"/scsi_changer/*/uevent \
		"$(sysfs_of "$1")"/scsi_generic/*/uevent "$(sysfs_of "$1")"/bsg/*/uevent; do
		if [ -e "$uevent" ]; then sed -n 's,^DEVNAME=,/dev/,p' "$uevent"; fi
	done
}

drive_nodes=$(nodes_of RSMDRV0101)
changer_nodes=$(nodes_of RSMLIB01)
same "a drive has ten nodes" "$(echo "$drive_nodes" | wc -l)" 10
same "a changer has three" "$(echo "$changer_nodes" | wc -l)" 3
sg_of() { echo "$1" | grep /sg; }

# HOW COMMAND...: note who got in.
try()
{
	how=$1
	shift
	echo "$how" >>"$work/tried"
	if "$@" >"$work/answer" 2>&1; then
		echo "$how" >>"$work/got-in"
	elif ! grep -Eq 'busy|EBUSY' "$work/answer"; then
		{
			echo "$how:"
			cat "$work/answer"
		} >>"$work/other-errors"
	fi
}

# Opens each node by its own and other names, in all ways, and what other processes have open
# of them by their descriptors; tells of every try, and of those that were not refused.
cat >"$work/open-all" <<'PERL'
use Fcntl;
my %modes = ("read" => O_RDONLY, "read without waiting" => O_RDONLY | O_NONBLOCK,
	"write" => O_WRONLY, "read and write" => O_RDWR | O_NONBLOCK,
	"alone" => O_RDWR | O_EXCL | O_NONBLOCK, "create" => O_RDWR | O_CREAT | O_NONBLOCK);
my ($work, @nodes) = @ARGV;
open(my $tried, ">>", "$work/tried") or die;
open(my $got_in, ">>", "$work/got-in") or die;
open(my $other, ">>", "$work/other-errors") or die;
open(my $descriptors, ">>", "$work/descriptors") or die;
sub note {
	my ($how, $success) = @_;
	my $error = $!;
	print $tried "$how\n";
	print $got_in "$how\n" if $success;
	print $other "$how: $error\n" if !$success && $error != 16; # EBUSY
}
sub try_descriptors {
	for my $link (glob("/proc/[0-9]*/fd/*")) {
		next if (readlink($link) // "") !~ m,^/dev/(n?st\d|sg\d|sch\d|bsg/),;
		my $success = sysopen(my $file, $link, O_RDONLY | O_NONBLOCK);
		next if !$success && $! == 2; # closed in between
		note("reopen $link", $success);
		print $descriptors "$link\n";
	}
}
sub try_path {
	my ($path) = @_;
	for my $mode (sort keys %modes) {
		note("$mode $path", sysopen(my $file, $path, $modes{$mode}));
	}
	# O_PATH opens no device; what /proc has of it then does
	sysopen(my $place, $path, 010000000) or die "$path: $!";
	note("reopen $path", sysopen(my $file, "/proc/self/fd/" . fileno($place), O_RDWR | O_NONBLOCK));
}
try_descriptors();
for my $node (@nodes) {
	my $name = $node =~ s,/,_,gr;
	my %names = (hard => "/dev/hard$name", soft => "$work/soft$name", fresh => "$work/fresh$name");
	my $rdev = (stat $node)[6];
	unlink values %names;
	link($node, $names{hard}) or die "$names{hard}: $!";
	symlink($node, $names{soft}) or die "$names{soft}: $!";
	system("mknod", $names{fresh}, "c", $rdev >> 8 & 0xfff, $rdev & 0xff | $rdev >> 12 & 0xfff00)
		and die "$names{fresh}: mknod failed";
	try_path($_) for $node, sort values %names;
	unlink values %names;
}
try_descriptors();
PERL

try_programs()
{
	drive=$(echo "$drive_nodes" | grep -x '/dev/nst[0-9]*')
	try "mt status" mt -f "$drive" status
	try "mt rewind" mt -f "$drive" rewind
	try "mt erase" mt -f "$drive" erase
	try "dd of" dd if=/dev/zero of="$drive" bs=512 count=1
	try "dd if" dd if="$drive" of=/dev/null bs=512 count=1
	try "tar" tar -cf "$drive" /etc/passwd
	for node in $changer_nodes; do
		try "mtx $node" mtx -f "$node" status
		try "mtx load $node" mtx -f "$node" load 3 1
	done
	for node in $(echo "$drive_nodes $changer_nodes" | tr ' ' '\n' | grep -E '/(sg|bsg)'); do
		try "sg_raw rewind $node" sg_raw "$node" 01 00 00 00 00 00
		try "sg_persist $node" sg_persist --in -k "$node"
		try "sg_inq $node" sg_inq "$node"
	done
}

# shellcheck disable=SC2086 # lists of nodes
attack()
{
	perl "$work/open-all" "$work" $drive_nodes $changer_nodes >>"$work/other-errors" 2>&1 ||
		echo "open-all failed" >>"$work/other-errors"
	try_programs
}

forget_attacks()
{
	rm -f "$work/tried" "$work/got-in" "$work/other-errors" "$work/descriptors"
	touch "$work/tried" "$work/got-in" "$work/other-errors" "$work/descriptors"
}

# shellcheck disable=SC2317 # called by ok
repelled()
{
	cat "$work/got-in" "$work/other-errors"
	[ ! -s "$work/got-in" ] && [ ! -s "$work/other-errors" ]
}
tries() { wc -l <"$work/tried"; }

# --- what udev knows of the devices ----------------------------------------------------

udev_state()
{
	for node in $drive_nodes $changer_nodes; do
		udevadm info --query=property --name="$node" |
			grep -Ev '^(SEQNUM|USEC_INITIALIZED|ACTION|SYNTH_UUID|DEVLINKS|CURRENT_TAGS|TAGS)=' | sort
		udevadm info --query=symlink --name="$node" | tr ' ' '\n' | sort
	done
	find /dev/tape -type l -printf '%p %l\n' | sort
}

# --- the tape without us ---------------------------------------------------------------

mkdir "$work/files"
seq 400000 >"$work/files/numbers"
dd if=/dev/urandom of="$work/files/random" bs=64k count=48 status=none
# In the midst of it, with the drive open, it waits if it is told to.
cat >"$work/halt" <<'SH'
[ -e "$work/halt-please" ] && [ ! -e "$work/halted" ] || exit 0
touch "$work/halted"
tries=0
until [ -e "$work/go-on" ] || [ "$((tries += 1))" -gt 3000 ]; do sleep 0.1; done
SH
write_tape='tar -b 64 --checkpoint=60 --checkpoint-action=exec="sh $work/halt" \
	-C "$work/files" -cf "$0" numbers random'

ok "the library is managed" "$rsm" manage all
ok "a cartridge is made free" "$rsm" freemedia A00001L8
ok "a pool is made" "$rsm" createpool Attack --open always --type "LTO Ultrium" --draw --return
lmid=$("$rsm" allocate Attack --brief)
ok "it is allocated" test -n "$lmid"
ok "the library is given back" "$rsm" unmanage RSMLIB01
cp --sparse=always "$cartridge" "$work/before"
ok "the module goes" rmmod rsm
ok "the cartridge is loaded by hand" mtx -f /dev/sch0 load 1 0
tape=$(echo "$drive_nodes" | grep -x '/dev/nst[0-9]*')
ok "the tape is written by hand" sh -c "$write_tape" "$tape"
ok "it is rewound" mt -f "$tape" rewind
ok "and read" tar -b 64 -C "$work/files" --compare -f "$tape"
mt -f "$tape" rewind
mt -f "$tape" offline
ok "it is unloaded" mtx -f /dev/sch0 unload 1 0
cp --sparse=always "$cartridge" "$work/expected"
ok "writing has changed the tape" sh -c '! cmp -s "$work/before" "$work/expected"'
cp --sparse=always "$work/before" "$cartridge"
ok "the module comes again" insmod "${RSM_MODULE:-$tree/kmod/rsm.ko}"
ok "its node is there" within 10 test -c /dev/rsm
udevadm settle

# What the kernel traces of us.
tracing=/sys/kernel/tracing
[ -e "$tracing/events" ] || mount -t tracefs tracefs "$tracing"
echo 1 >"$tracing/events/rsm/enable"
"$rsm" watch --kernel >"$work/events" 2>"$work/events-remarks" &
watcher=$!
"$rsm" watch --kernel --json >"$work/events-json" 2>"$work/events-json-remarks" &
json_watcher=$!
for remarks in events-remarks events-json-remarks; do
	ok "rsm watch --kernel listens" within 20 grep -qs watching "$work/$remarks"
done

# --- under a reservation ----------------------------------------------------------------

ok "the library is managed" "$rsm" manage all
udev_state >"$work/udev-before"
# The writer, in a session of its own: nothing of ours descends from it. st admits one, and refuses
# by itself whoever opens what the writer has open of it; sg admits all, so only the gate refuses.
touch "$work/halt-please"
setsid sh -c '
	trap "touch $work/ended" EXIT
	tape=$("$rsm" mount "$1" --brief --drive /dev/nst0 --read --write) || exit 1
	exec 9<>"$3"
	echo "$tape" >"$work/mounted"
	while [ ! -e "$work/write" ]; do sleep 0.1; done
	sh -c "$2" "$tape" || exit 1
	mt -f "$tape" rewind || exit 1
	tar -b 64 -C "$work/files" --compare -f "$tape" || exit 1
	touch "$work/written"
	while [ ! -e "$work/leave" ]; do sleep 0.1; done
	exec 9>&-
	"$rsm" dismount "$1"' writer "$lmid" "$write_tape" "$(sg_of "$drive_nodes")" \
	>"$work/writer.log" 2>&1 &
writer=$!
ok "the cartridge is mounted for the writer" within 300 test -s "$work/mounted"
forget_attacks
attack
ok "before it writes, none of $(tries) attacks gets in" repelled
forget_attacks
touch "$work/write"
ok "it has begun to write" within 300 test -e "$work/halted"
attack
ok "in the midst of writing none of $(tries) attacks gets in" repelled
ok "the writer has the generic node open" test -c "/proc/$writer/fd/9"
ok "its descriptor was among the ways" grep -qx "/proc/$writer/fd/9" "$work/descriptors"
ok "and was refused" sh -c 'grep -qx "reopen $1" "$work/tried" && ! grep -qx "reopen $1" "$work/got-in"' \
	sh "/proc/$writer/fd/9"
forget_attacks
touch "$work/go-on"
# shellcheck disable=SC2317 # called by within
attack_until_written()
{
	attack
	[ -e "$work/written" ] || [ -e "$work/ended" ]
}
ok "it comes to an end" within 300 attack_until_written
ok "while it writes and reads none of $(tries) attacks gets in" repelled
ok "the archive is intact" test -e "$work/written"
# shellcheck disable=SC2086 # a list of nodes
ok "udev looks at the devices again" udevadm trigger --settle --action=change $drive_nodes $changer_nodes
udev_state >"$work/udev-after"
ok "and all links and properties are there" diff "$work/udev-before" "$work/udev-after"
cat >"$work/both-named" <<'PYTHON'
import json, sys
work, tape = sys.argv[1:]
keepers = [row["pid"] for row in json.load(open(work + "/holders")) if row["command"] == "rsm-keeper"]
rows = json.load(open(work + "/conflicts"))
good = [row for row in rows if row["command"] == "mt" and row["device"] == tape
        and row["holder_pid"] in keepers and row["holder_command"] == "rsm-keeper"]
print(keepers, *rows[-40:], sep="\n")
sys.exit(not good)
PYTHON
ok "it is known who holds the drive" sh -c '"$rsm" who --json >"$work/holders"'
ok "and who was refused" sh -c '"$rsm" who --conflicts --json >"$work/conflicts"'
ok "one line names mt, the node and the holder" python3 "$work/both-named" "$work" "$tape"
touch "$work/leave"
ok "the writer ends" within 300 test -e "$work/ended"
[ -e "$work/ended" ] || kill -9 "$writer"
ok "and ends well" wait "$writer"
cat "$work/writer.log"
ok "nobody holds a drive" sh -c '[ -z "$("$rsm" who --brief)" ]'

for event in reservation lease robot conflict device; do
	ok "rsm_$event is traced" grep -q "rsm_$event: " "$tracing/trace"
done
echo 0 >"$tracing/events/rsm/enable"
# A signal ends it though there is more to be shown.
for events in events events-json; do
	ok "rsm watch --kernel has come to the end" within 60 grep -qw released "$work/$events"
done
kill -INT "$watcher" "$json_watcher"
wait "$watcher" "$json_watcher"
for event in managed lease_taken lease_lost robot_begin robot_end reserved transferred released conflict; do
	ok "rsm watch --kernel shows $event" grep -q " $event " "$work/events"
done
ok "it names who was refused, and who held the drive" \
	grep -Eq ' conflict +drive .* RSMDRV0101  node [0-9]+:[0-9]+  by [^ ]+ \([0-9]+\), held by rsm-keeper \([0-9]+\)' "$work/events"
ok "it shows the robot's moves" grep -Eq ' robot_end +changer .* RSMLIB01  move [0-9]+ to [0-9]+' "$work/events"
ok "each event came once, in order" sh -c '
	sed -n "s/.*\"sequence\": *\([0-9]*\).*/\1/p" "$1" | awk "NR > 1 && \$1 != last + 1 { exit 1 } { last = \$1 } END { exit NR < 20 }"' \
	sh "$work/events-json"

# --- under nobody's ----------------------------------------------------------------------

forget_attacks
attack
ok "with no reservation none of $(tries) attacks gets in" repelled
ok "the library is given back" "$rsm" unmanage RSMLIB01
ok "the tape is byte for byte that which was written by hand" cmp "$cartridge" "$work/expected"

# --- as before ---------------------------------------------------------------------------

ok "mtx may look" mtx -f /dev/sch0 status
ok "mtx may load" mtx -f /dev/sch0 load 1 0
ok "tar may read" tar -b 64 -C "$work/files" --compare -f "$tape"
for node in $(sg_of "$drive_nodes") $(sg_of "$changer_nodes"); do
	ok "sg_inq may ask $node" sg_inq "$node"
done
mt -f "$tape" offline
ok "mtx may unload" mtx -f /dev/sch0 unload 1 0
# shellcheck disable=SC2086 # a list of nodes
ok "udev looks at the devices again" udevadm trigger --settle --action=change $drive_nodes $changer_nodes
udev_state >"$work/udev-after"
ok "and all links and properties are there" diff "$work/udev-before" "$work/udev-after"
finish
