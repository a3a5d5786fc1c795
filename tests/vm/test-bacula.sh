#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's Bacula on a library that it shares: its storage daemon calls rsm-changer, as its own user
# by sudo, while a script takes mounts of its own from another pool. Both must finish, with what
# they wrote, and nobody touches the other's cartridges.
#
# RSM_BACULA_MB: size of the backup (200). RSM_BACULA_MOUNTS: the script's mounts (30). run-all
# takes less, unless they are given.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

megabytes=${RSM_BACULA_MB:-200}
mounts=${RSM_BACULA_MOUNTS:-30}
rsm=$build/tools/rsm
if [ -x "$build/tools/.libs/rsm" ]; then rsm=$build/tools/.libs/rsm; fi
# By sudo nothing of the environment comes along: with libtool's wrapper it finds its library.
changer=$build/tools/rsm-changer/rsm-changer
LD_LIBRARY_PATH=$build/.libs
NTMS_HOME=$work/database
export LD_LIBRARY_PATH NTMS_HOME

# Bacula runs without the libraries of the build.
bacula() { env -u LD_LIBRARY_PATH -u NTMS_HOME "$@"; }
home=/run/bacula-test
mkdir -p "$home/data" "$home/restored" /etc/rsm
nst0=$(readlink -f /dev/tape/by-serial/RSMDRV0101)

began=$(date +%s)
lap()
{
	now=$(date +%s)
	echo "        $1: $((now - began)) s"
	began=$now
}

# ---- the library, a pool for each ----
ok "the library is managed" "$rsm" manage all
ok "cartridges are free" "$rsm" freemedia A00001L8 A00002L8 A00003L8 A00004L8 A00005L8
ok "a pool for Bacula" "$rsm" createpool Bacula --type 'LTO Ultrium' --draw
ok "a pool for the script" "$rsm" createpool Script --type 'LTO Ultrium' --draw
for n in 1 2 3; do
	ok "Bacula has cartridge $n" "$rsm" movemedia "A0000${n}L8" Bacula
done
lmids=''
for n in 4 5; do
	lmids="$lmids $("$rsm" allocate Script --errunavail --brief)"
done
# The last one is in a pool of its own: all are then a consumer's that has all these pools.
ok "a pool for what is left" "$rsm" createpool Rest --type 'LTO Ultrium'
ok "the last cartridge is free" "$rsm" freemedia A00006L8
ok "it is in that pool" "$rsm" movemedia A00006L8 Rest
lap "free labels"

cat >/etc/rsm/changer.conf <<CONF
database = "$NTMS_HOME";
consumers = ( { name = "bacula"; pools = [ "Bacula" ]; timeout = 900; } );
CONF
sed 's/name = "bacula"; pools = .*\]/name = "all"; pools = [ "Bacula", "Script", "Rest" ]/' /etc/rsm/changer.conf >/etc/rsm/all.conf
chmod 644 /etc/rsm/changer.conf /etc/rsm/all.conf
printf 'bacula ALL=(root) NOPASSWD: %s --config /etc/rsm/changer.conf *\n' "$changer" >/etc/sudoers.d/rsm-changer
chmod 440 /etc/sudoers.d/rsm-changer

# sudo looks it up, and what it complains of would come between changer and Bacula.
echo "127.0.0.1 localhost $(hostname)" >/etc/hosts

# ---- Bacula ----
common="WorkingDirectory = $home; PidDirectory = $home; Plugin Directory = /usr/lib/bacula"
cat >"$home/dir.conf" <<CONF
Director {
  Name = dir; DIRport = 9101; DirAddress = 127.0.0.1; Password = x; Messages = all
  QueryFile = /dev/null; Maximum Concurrent Jobs = 1; WorkingDirectory = $home; PidDirectory = $home
}
Catalog { Name = catalog; dbname = bacula; dbuser = ""; dbpassword = "" }
Client { Name = fd; Address = 127.0.0.1; FDPort = 9102; Catalog = catalog; Password = x }
Storage {
  Name = sd; Address = 127.0.0.1; SDPort = 9103; Password = x
  Device = Library; Media Type = LTO; Autochanger = yes
}
# Each job has a cartridge of its own: none spans two. Where a job of Bacula (9.6.7) goes on on the
# next cartridge of tgt a part of a block is missing when it is restored, with Debian's own
# mtx-changer and without our module, too; it says itself that its last block is another when it
# reads that once more. tgt goes back two blocks when it is told to go back a file mark and one block.
Pool {
  Name = Tapes; Pool Type = Backup
  Maximum Volume Jobs = 1
}
$(for n in 1 2 3; do cat <<JOB
FileSet { Name = data$n; Include { Options { signature = MD5 } File = $home/data/$n } }
Job {
  Name = backup$n; Type = Backup; Level = Full; Client = fd; FileSet = data$n; Storage = sd; Pool = Tapes
  Messages = all
}
JOB
done)
Job {
  Name = restore; Type = Restore; Client = fd; FileSet = data1; Storage = sd; Pool = Tapes
  Messages = all; Where = $home/restored
}
Messages { Name = all; append = "$home/log" = all, !skipped }
CONF
cat >"$home/sd.conf" <<CONF
Storage { Name = sd; SDPort = 9103; SDAddress = 127.0.0.1; $common }
Director { Name = dir; Password = x }
Autochanger {
  Name = Library; Device = Drive-0; Changer Device = /dev/sch0
  Changer Command = "/usr/bin/sudo $changer --config /etc/rsm/changer.conf %c %o %S %a %d"
}
Device {
  Name = Drive-0; Drive Index = 0; Archive Device = $nst0; Media Type = LTO; Autochanger = yes
  AutomaticMount = yes; AlwaysOpen = no; RemovableMedia = yes; RandomAccess = no
  Maximum Changer Wait = 1000; Maximum Rewind Wait = 600; Maximum Open Wait = 60
}
Messages { Name = all; Director = dir = all }
CONF
cat >"$home/fd.conf" <<CONF
FileDaemon { Name = fd; FDport = 9102; FDAddress = 127.0.0.1; $common }
Director { Name = dir; Password = x }
Messages { Name = all; Director = dir = all }
CONF
cat >"$home/console.conf" <<CONF
Director { Name = dir; DIRport = 9101; Address = 127.0.0.1; Password = x }
CONF
chown -R bacula:bacula "$home"
chmod 755 "$home"

# console COMMAND...: what it says is in $work/console, and in the output of this test
exec 3>&1
console()
{
	printf '%s\n' "$@" quit | bacula timeout 1200 bconsole -c "$home/console.conf" >"$work/console" 2>&1
	sed 's/^/        console: /' "$work/console" >&3
}
# shellcheck disable=SC2317 # called by within
listens() { python3 -c '
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2).close()' "$1"; }
as_bacula="setpriv --reuid=bacula --regid=tape --groups=tape,bacula"

# ---- rsm-changer beside Bacula's own script, which is let in with the library's lease ----
# A bar code has blanks behind it there.
real() { "$tree/tests/vm/with-lease.py" RSMLIB01 /etc/bacula/scripts/mtx-changer /dev/sch0 "$@" 2>&1 | sed 's/ *$//'; }
same_as_real()
{
	for command in list listall slots; do
		same "$1: $command says what mtx-changer says" \
			"$("$changer" --config /etc/rsm/all.conf /dev/sch0 "$command" 2>&1)" "$(real "$command")"
	done
	for drive in 0 1; do
		node=$(readlink -f "/dev/tape/by-serial/RSMDRV010$((drive + 1))")
		same "$1: so does loaded of drive $drive" \
			"$("$changer" --config /etc/rsm/all.conf /dev/sch0 loaded 0 "$node" "$drive" 2>&1)" \
			"$(real loaded 0 "$node" "$drive")"
	done
}
same "mtx-changer sees six cartridges" "$(real list | grep -c ':A0000[1-6]L8$')" 6
same_as_real "all in their slots"

# ---- btape, for which this shell loads a cartridge first ----
same "Bacula's changer sees its slots" "$(bacula $as_bacula sudo "$changer" --config /etc/rsm/changer.conf /dev/sch0 list 2>&1)" \
	'1:A00001L8
2:A00002L8
3:A00003L8'
call() { bacula "$changer" --config /etc/rsm/changer.conf "$@"; }
ok "a cartridge is loaded for this shell" call /dev/sch0 load 1 "$nst0" 0
same "it is seen by a link to the changer" "$(call /dev/tape/by-serial/RSMLIB01 loaded 0 "$nst0" 0)" 1
for node in /sys/class/scsi_generic/*; do
	if [ -e "$node/device/scsi_changer" ]; then generic=/dev/${node##*/}; fi
done
same "by its generic node, too" "$(call "$generic" loaded 0 "$nst0" 0)" 1
same_as_real "one in a drive"
printf '%s\n' autochanger y quit | bacula timeout 900 btape -c "$home/sd.conf" Drive-0 >"$work/btape" 2>&1
sed 's/^/        btape: /' "$work/btape"
ok "btape: the autochanger test works" grep -q 'The test autochanger worked' "$work/btape"
lap "btape"

# ---- the daemons ----
bacula sqlite3 "$home/bacula.db" </usr/share/dbconfig-common/data/bacula-director-sqlite3/install/sqlite3 ||
	echo "no catalog"
chown bacula:bacula "$home/bacula.db"
for n in 1 2 3; do
	mkdir "$home/data/$n"
	for file in a b; do
		head -c "$((megabytes * 1024 * 1024 / 6))" /dev/urandom >"$home/data/$n/$file"
	done
done
(cd "$home/data" && sha256sum [123]/*) >"$work/sums"
bacula bacula-fd -f -c "$home/fd.conf" >"$work/fd.log" 2>&1 &
bacula $as_bacula bacula-sd -f -c "$home/sd.conf" >"$work/sd.log" 2>&1 &
sd=$!
bacula $as_bacula bacula-dir -f -c "$home/dir.conf" >"$work/dir.log" 2>&1 &
for port in 9101 9102 9103; do
	ok "a daemon listens at $port" within 120 listens "$port"
done
lap "start, data"

# What Bacula says, as it comes.
touch "$home/log"
chown bacula "$home/log"
tail -n +1 -f "$home/log" 2>/dev/null | sed 's/^/        bacula: /' &

# ---- the script: its own mounts, from its own pool, all the while ----
mkdir "$work/script"
# shellcheck disable=SC2086,SC2016 # a list of words; for the inner shell
script()
{
	n=0
	while [ "$n" -lt "$mounts" ]; do
		for lmid in $lmids; do
			n=$((n + 1))
			head -c 200000 /dev/urandom >"$work/script/file"
			"$rsm" run "$lmid" -- sh -c 'tar -cf "$TAPE" -C "$1" file' - "$work/script" || return
			# It is read when it is mounted the next time.
			n=$((n + 1))
			"$rsm" run "$lmid" --read -- sh -c 'tar -xOf "$TAPE" file | cmp - "$1/file"' - "$work/script" || return
		done
	done
	echo "$n mounts"
}
script >"$work/script.log" 2>&1 &
script=$!

# ---- Bacula labels, saves, restores ----
ok "Bacula labels its cartridges" console 'label barcodes storage=sd pool=Tapes slots=1-3 drive=0' \
	yes wait messages
lap "labels"
ok "they are in the catalog" sh -c '[ "$(sqlite3 "$0" "select count(*) from Media where InChanger = 1")" = 3 ]' "$home/bacula.db"
ok "Bacula saves" console 'run job=backup1 yes' 'run job=backup2 yes' 'run job=backup3 yes' wait messages
same "the backups are good" "$(grep -c 'Termination: *Backup OK$' "$home/log")" 3
lap "backup of $megabytes MB"
ok "Bacula restores" console 'restore client=fd where='"$home/restored"' jobid=1,2,3 all done yes' wait messages
ok "the restore is good" grep -q 'Termination: *Restore OK$' "$home/log"
lap "restore"
ok "what is restored is what was saved" sh -c 'cd "$0" && sha256sum -c --quiet "$1"' "$home/restored$home/data" "$work/sums"
status=0
wait "$script" || status=$?
cat "$work/script.log"
same "the script has had its mounts, and read what it wrote" "$status" 0
same "so many of them" "$(tail -n 1 "$work/script.log")" "$(((mounts + 3) / 4 * 4)) mounts"
lap "the script's rest"

# ---- who has what ----
label_of() { "$rsm" view partition --json | python3 -c '
import json, sys
print([x["label_type"] + " " + x["label_info"] for x in json.load(sys.stdin) if x["name"] == sys.argv[1]][0])' "$1"; }
ok "Bacula gives back what it holds" console 'umount storage=sd drive=0' 'quit'
kill "$sd"
wait "$sd"
rests() { ! "$rsm" who --json | grep -q '"state": *"held"'; }
ok "nobody holds a drive when it has ended" within 120 rests
for drive in 0 1; do "$rsm" dismount --drive "$drive" >/dev/null 2>&1; done
for n in 1 2 3; do
	ok "cartridge $n has Bacula's label" sh -c 'echo "$0" | grep "Bacula volume A0000$1L8"' "$(label_of "A0000${n}L8")" "$n"
done
for n in 4 5; do
	ok "cartridge $n has the script's" sh -c 'echo "$0" | grep -i "^tar "' "$(label_of "A0000${n}L8")"
done
ok "Bacula has used slots 1 to 3 only" sh -c '! grep -E "[Ss]lot ([04-9]|1[0-9])" "$0"' "$home/log"
ok "and more than one of them" sh -c '[ "$(grep -c "Issuing autochanger .load " "$0")" -ge 4 ]' "$home/log"
# What Bacula tried before it had anything mounted is all that was refused.
"$rsm" who --conflicts
ok "the script was never refused" sh -c '! "$0" who --conflicts | grep -w tar' "$rsm"
ok "the library is given back" within 60 "$rsm" unmanage RSMLIB01
same "mtx sees all cartridges in slots" "$(mtx -f /dev/sch0 status | grep -c ' Storage Element.*:Full')" 6
if [ "$failed" -gt 0 ]; then cat "$work/fd.log" "$work/sd.log" "$work/dir.log"; fi
finish
