#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rsmd as a service: on the host it is installed into a directory, and the unit is looked at; in
# a machine whose process 1 is systemd, with that directory laid over its root, it is started,
# does its work in its sandbox, and is stopped, killed and started again (--inside).

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

# ---- on the host ----

# The programs are not where the unit looks for them: only that is put right.
verify()
{
	sed "s,^ExecStart=/,ExecStart=$1/," "$2" >"$work/rsmd.service" || return
	said=$(systemd-analyze verify --man=no "$work/rsmd.service" 2>&1) && [ -z "$said" ] && return
	echo "$said"
	return 1
}

outside()
{
	root=$work/root
	ok "the programs are installed into a directory" flock "$build" make -C "$build" install DESTDIR="$root"
	unit=$(find "$root" -name rsmd.service)
	[ -n "$unit" ] || return
	ok "systemd finds nothing wrong with the unit" verify "$root" "$unit"
	# What it was when that was written: less is better, then lower the number.
	ok "its exposure is not above 3.8" systemd-analyze security --no-pager --offline=yes --threshold=38 "$unit"

	# The loader finds the library there without ldconfig, which takes long in the guest.
	mkdir -p "$root/usr/lib"
	library=$(find "$root" -name libntms.so.1)
	ln -s "${library#"$root"}" "$root/usr/lib/"
	rm -rf "$root/usr/local/share"
	status=0
	# shellcheck disable=SC2086 # a list of words
	"$tree/scripts/vm" ${RSM_MACHINE:-} --systemd --root "$root" --drives 1 -- \
		"$0" --inside || status=$?
	same "in the machine all of it holds" "$status" 0
}

# ---- in the machine ----

pull_out() { echo 1 >"$(readlink -f "/sys/class/$1/device")/delete"; }
plug_in() { for host in /sys/class/scsi_host/host*; do echo '- - -' >"$host/scan"; done; }

property() { systemctl show --property "$1" --value rsmd; }
is() { [ "$(property "$1")" = "$2" ]; }
started_again() { is SubState running && ! is MainPID "$1" && ! is MainPID 0; }
# Has the journal something of rsmd since the last mark, that fits: FIELD=VALUE, or --grep=TEXT?
# (--after-cursor would leave out the first that fits.)
told() { journalctl --quiet --no-pager --unit rsmd --cursor "$cursor" "$@" | grep -q .; }
mark() { cursor=$(journalctl --quiet --lines 1 --output json | sed 's/.*"__CURSOR":"\([^"]*\)".*/\1/'); }
queued() { rsm --quiet request list --brief | grep -q .; }
not() { ! "$@"; }
free_sides() { [ "$(rsm view partition --json | grep -c '"RSM Free')" = "$1" ]; }

# Ids of messages, as rsmd(8) lists them.
page=$tree/man/rsmd.8
id_of() { sed -n "s/^\([0-9a-f]\{32\}\)  $1:.*/MESSAGE_ID=\1/p" "$page"; }

# A cartridge to be made free by somebody who is killed as soon as that is on record: it waits
# for the drive.
ask_and_die()
{
	rsm freemedia "$1" >/dev/null 2>&1 &
	asker=$!
	within 60 queued || return
	kill -9 "$asker"
	wait "$asker" 2>/dev/null
	return 0
}

# Something that holds the only drive.
hold()
{
	# shellcheck disable=SC2016 # expanded by the shell that rsm runs
	rsm --quiet run "$1" -- sh -c ': >"$1" && exec sleep 1000' - "$work/held" &
	holder=$!
	within 120 test -e "$work/held"
}

# $1: what the hook is to be called with.
configure()
{
	metrics=/var/lib/prometheus/node-exporter
	configuration=$(rsmd --help | sed -n 's/.* instead of //p')
	mkdir -p "$metrics" "$(dirname "$configuration")"
	printf '%s\n' "metrics-directory = \"$metrics\"" 'metrics-interval = 1' \
		"hook = [ \"/usr/local/sbin/tell-operator\", \"$1\" ]" >"$configuration"
}

# It says what it was told, and what the sandbox lets it do.
write_hook()
{
	cat >/usr/local/sbin/tell-operator <<-'HOOK'
		#!/bin/sh
		echo "hook: $RSM_EVENT $RSM_COMMAND: $RSM_MESSAGE ($1)"
		for node in nst0 $(ls /sys/class/scsi_tape/nst0/device/scsi_generic); do
			(: <"/dev/$node") 2>&1 | grep -q 'resource busy' || echo "hook: $node is not busy"
		done
		(: >/var/spool/rsm-was-here) && echo "hook: mail can be sent"
		(: >/etc/rsm-was-here) 2>/dev/null || echo "hook: /etc is safe"
		echo "hook: end"
	HOOK
	chmod 755 /usr/local/sbin/tell-operator
}

drivers_are_modules() { [ -e "/lib/modules/$(uname -r)/modules.dep" ]; }

start()
{
	write_hook
	configure first
	# What a machine is like whose drives are switched on after it.
	if drivers_are_modules; then
		later=1
		ok "no driver is loaded" modprobe -r st ch sg
	else
		later=''
		echo "skipped drivers that come after rsmd: this kernel has them built in"
	fi
	mark
	ok "rsmd is enabled and started" systemctl enable --now rsmd
	same "it has said that it is ready" "$(property Type) $(property SubState)" "notify running"
	same "it is watched" "$(property WatchdogUSec)" 3min
	beat=$(property WatchdogTimestampMonotonic)
	if [ -n "$later" ]; then ok "the drivers are loaded" modprobe -a st ch sg; fi
	ok "changer and drive are there" udevadm wait --timeout 60 /dev/sch0 /dev/nst0
	ok "a library is managed" rsm manage RSMLIB01
	ok "rsmd works it" within 60 told "$(id_of LIBRARY_SERVED)"
	ok "the changer is marked for udev" within 60 test -e /var/lib/rsmd/managed/RSMLIB01
	ok "metrics are written" within 60 grep -q '^rsm_library_up{.*} 1$' "$metrics/rsm.prom"
}

sandbox()
{
	asked=$(rsm --brief opreq submit message --message 'Dust the robot.')
	ok "a person who is asked for something hears of it" within 60 told --grep='hook: asked message: Dust the robot\. \(first\)'
	ok "the hook ends" within 60 told --grep='hook: end'
	ok "what is in the sandbox may use the devices" not told --grep='hook: .* is not busy'
	ok "and may send mail" told --grep='hook: mail can be sent'
	ok "and can change nothing of the system" told --grep='hook: /etc is safe'
	ok "the person says that it is done" rsm opreq satisfy "$asked"
	ok "that is told, too" within 60 told --grep='hook: answered message: Dust the robot\. \(first\)'
}

plug()
{
	ok "rsmd beats" within 60 sh -c '[ "$(systemctl show --property WatchdogTimestampMonotonic --value rsmd)" != "$1" ]' \
		- "$beat"
	ok "it is stopped" systemctl stop rsmd
	same "that was a success" "$(property Result) $(property ExecMainStatus)" "success 0"
	ok "the changer is pulled out" pull_out scsi_changer/sch0
	ok "its link goes" within 60 not test -e /dev/tape/by-serial/RSMLIB01
	mark
	ok "it is plugged in again" plug_in
	ok "its link is there" within 60 test -c /dev/tape/by-serial/RSMLIB01
	ok "udev has rsmd started" within 60 is SubState running
	ok "rsmd works the library" within 60 told "$(id_of LIBRARY_SERVED)"
	ok "the drive's link is there, too" test -c /dev/tape/by-serial/RSMDRV0101
}

reload()
{
	configure second
	mark
	ok "another configuration is given" systemctl reload rsmd
	ok "it is read" within 60 told --grep='configuration is read again'
	ok "rsmd is ready again" within 60 is SubState running
	asked=$(rsm --brief opreq submit message --message 'Oil it.')
	ok "there is another hook" within 60 told --grep='hook: asked message: Oil it\. \(second\)'
	ok "the person says that it is done" rsm opreq satisfy "$asked"
}

main_job()
{
	mark
	ok "free labels are written" rsm freemedia A00001L8 A00002L8
	ok "the journal tells of a cartridge" within 30 told RSM_MEDIA=A00001L8 "$(id_of REQUEST_ENDS)"
	rsm --quiet createpool backup --type 'LTO Ultrium' --draw --return >"$work/output"
	medium=$(rsm --brief allocate backup)
	# shellcheck disable=SC2016 # expanded by the shell that rsm runs
	ok "a client writes" rsm run "$medium" --write -- sh -c 'tar -cf "$TAPE" -C "$1" include' - "$tree"
	# shellcheck disable=SC2016
	ok "and reads" rsm run "$medium" -- sh -c 'tar -df "$TAPE" -C "$1"' - "$tree"
	ok "mounts are counted" within 60 grep -qE '^rsm_mounts_total\{.*\} [1-9]' "$metrics/rsm.prom"
}

stop_and_start()
{
	ok "somebody holds the only drive" hold "$medium"
	ok "somebody asks for a free cartridge, and dies" ask_and_die A00003L8
	ok "rsmd is stopped" systemctl stop rsmd
	same "that was a success" "$(property Result) $(property ExecMainStatus)" "success 0"
	ok "what was asked for is in the queue" queued
	kill -9 "$holder"
	wait "$holder" 2>/dev/null
	ok "rsmd is started" systemctl start rsmd
	ok "it carries out what was left" within 180 not queued
	ok "the label is written" free_sides 2
	main=$(property MainPID)
	ok "it is killed" systemctl kill --kill-whom main --signal KILL rsmd
	ok "it is there again" within 60 started_again "$main"
}

watchdog()
{
	mkdir -p /run/systemd/system/rsmd.service.d
	# The one that ships would take its minutes.
	printf '[Service]\nWatchdogSec=10\nRestartSec=1\n' >/run/systemd/system/rsmd.service.d/watchdog.conf
	systemctl daemon-reload
	systemctl restart rsmd
	main=$(property MainPID)
	mark
	ok "rsmd is made to stand still" systemctl kill --kill-whom main --signal STOP rsmd
	ok "systemd starts another one" within 90 started_again "$main"
	ok "because of the watchdog" within 30 told --grep='Watchdog timeout'
}

journal()
{
	journalctl --quiet --no-pager --unit rsmd --output json _COMM=rsmd >"$work/journal"
	ok "the journal has the fields of rsmd(8), and no others" python3 - "$work/journal" "$page" <<-'CHECK'
		import json, re, sys
		lines = [json.loads(line) for line in open(sys.argv[1])]
		page = open(sys.argv[2]).read()
		known = set(re.findall(r'RSM_[A-Z_]+', page))
		ids = set(re.findall(r'^[0-9a-f]{32}', page, re.M))
		fields = {name for line in lines for name in line if name.startswith(('RSM_', 'NTMS_'))}
		unknown = {name for name in fields if re.sub('_ID$', '', name) not in known}
		missing = {'RSM_LIBRARY', 'RSM_LIBRARY_ID', 'RSM_MEDIA', 'RSM_MEDIA_ID', 'RSM_DRIVE', 'RSM_REQUEST',
		           'RSM_OPERATION', 'RSM_STATE', 'RSM_OPREQUEST', 'RSM_COMMAND', 'RSM_MESSAGE'} - fields
		strange = {line['MESSAGE_ID'] for line in lines if 'MESSAGE_ID' in line} - ids
		print(len(lines), 'messages; not documented:', unknown, strange, 'not there:', missing)
		sys.exit(bool(unknown or missing or strange or not lines))
	CHECK
	ok "rsmd has complained of nothing" python3 - "$work/journal" <<-'CHECK'
		import json, sys
		bad = [line['MESSAGE'] for line in map(json.loads, open(sys.argv[1])) if int(line['PRIORITY']) < 4]
		print('\n'.join(bad))
		sys.exit(bool(bad))
	CHECK
}

if [ "${1-}" = --inside ]; then
	unset NTMS_HOME NTMS_BROKER
	cursor=''
	start
	sandbox
	plug
	reload
	main_job
	stop_and_start
	watchdog
	journal
	if [ "$failed" -gt 0 ]; then journalctl --quiet --no-pager --unit rsmd; fi
else
	outside
fi
finish
