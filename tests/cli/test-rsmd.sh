#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rsmd works the queue though nobody calls: what a dead caller left, what a killed rsmd left; it
# stops cleanly in the middle of a move, looks after its libraries, and tells the service manager.

. "$(dirname "$0")/rsmd.sh"

# ---- the command line ----

rsmd_check 0 --version
out_has '^rsmd \(RSM for Linux\) [0-9]'
rsmd_check 0 --help
out_has '^usage: rsmd '
rsmd_check 1 --nonsense
rsmd_check 1 word
err_has "what is 'word' for"

# ---- the configuration ----

# bad_config LINE PATTERN TEXT: refused, with file, line and reason
bad_config()
{
	printf '%s\n' "$3" >"$T/conf"
	rsmd_check 1 --config "$T/conf" --check-config
	err_has "^rsmd: $T/conf:$1: $2"
	check "nothing on standard output" [ ! -s "$T/out" ]
}

: >"$T/conf"
rsmd_check 0 --config "$T/conf" --check-config
out_is "$T/conf is in order"
cat >"$T/conf" <<CONF
# everything
database = "$T/db"
broker = "virtual:$T/v"
hook = [ "/bin/true", "-x" ];
hook-timeout = 5
metrics-directory = "$T"
metrics-interval = 1
CONF
rsmd_check 0 --config "$T/conf" --check-config
bad_config 3 'databse is no setting; there are database, broker, hook' '# a word
# of two lines
databse = "/x"'
bad_config 1 'hook-timeout is 0; give a number of seconds from 1 to 3600' 'hook-timeout = 0'
bad_config 1 'metrics-interval is 3601; ' 'metrics-interval = 3601'
bad_config 1 'hook-timeout is of the wrong kind; it looks like hook-timeout = 60' 'hook-timeout = "1"'
bad_config 1 'hook-timeout is of the wrong kind' 'hook-timeout = 99999999999999L'
bad_config 1 'syntax error' 'hook-timeout = soon'
bad_config 3 'database is "here"; give the whole path' '

database = "here"'
bad_config 1 'broker is "x"; give "kernel", or "virtual:"' 'broker = "x"'
bad_config 1 'hook runs "true"; give the whole path' 'hook = [ "true" ]'
bad_config 1 'hook has a word that is no text' 'hook = [ 1 ]'
bad_config 1 'hook is of the wrong kind' 'hook = "/bin/true"'
bad_config 1 "hook runs \"$T/nothing\", which is not a program" "hook = [ \"$T/nothing\" ]"
bad_config 1 "metrics-directory is \"$T/nothing\", which is not a directory" "metrics-directory = \"$T/nothing\""
bad_config 2 'syntax error' 'database =
}'
printf '#!/bin/sh\n' >"$T/hook"
chmod 777 "$T/hook"
bad_config 1 "hook runs \"$T/hook\", which others can write to" "hook = [ \"$T/hook\" ]"
# All that is wrong is said at once.
bad_config 1 'database is' 'database = "x"
broker = "y"'
err_has "^rsmd: $T/conf:2: broker is"
rsmd_check 1 --config "$T/nothing" --check-config
err_has "$T/nothing: there is no such file"
rsmd_check 1 --config "$T" --check-config
err_has "$T: is not a file"
: >"$T/conf"
chmod 666 "$T/conf"
rsmd_check 1 --config "$T/conf" --check-config
err_has "$T/conf: can be written to by others"
rm "$T/conf"

# ---- at work ----

# Without a library there is nothing to open a session on.
rsmd_check 2
err_has 'ERROR_NOT_CONNECTED'

written()
{
	"$RSM" view partition --json | python3 -c '
import json, sys
print(sum(x["label_type"] == "RSM Free" for x in json.load(sys.stdin)))'
}
all_queued() { [ "$(unfinished)" -ge "$asked_for" ]; }
written_is() { [ "$(written)" = "$1" ]; }

# die_asking REQUESTS ARGUMENT...: rsm asks for something, and is killed in the middle of its first
# move, but not before so many requests are queued: it may move before the last of them is
die_asking()
{
	asked_for=$1
	shift
	"$RSM" "$@" >"$T/asked" 2>&1 &
	asker=$!
	check "all of it is asked for" within 60 all_queued
	check "its first move is under way" within 60 moving
	kill -9 "$asker"
	wait "$asker" 2>/dev/null
}

new_library --drives 1 --slots 8 --tapes 6
library=$("$RSM" view library --brief | grep -vi offline)
slow $an_hour
die_asking 3 freemedia V00001L8 V00002L8 V00003L8
slow 500
check "nobody carries it out" unfinished_is 3
start_rsmd
check "rsmd carries it out, and gives up what nobody waits for" within 60 unfinished_is 0
check "the labels are written" written_is 3
kill -TERM "$rsmd"
ended 0
check "it said that it stops" within 20 notified STOPPING=1
check "it told how it is" notified 'STATUS=working 1 library'

# It stops in the middle of a move: that is ended, the queue stays, and the next one goes on.
slow $an_hour
die_asking 3 freemedia V00004L8 V00005L8 V00006L8
start_rsmd
check "it moves" within 60 moving
kill -TERM "$rsmd"
check "it stops" within 20 notified STOPPING=1
# Not faster: a request and a half must not be carried out before its worker hears of that.
slow 1500
ended 0
check "the move was ended, the rest is queued" [ "$(unfinished)" -ge 1 ]
expect 0 request list --json
json '0 < len(d) < 3 and not any(x["state"] == "in_process" for x in d)'
expect 0 view physical_media --json
json 'len(d) == 6 and all(x["location"] for x in d)'
slow 0
start_rsmd
check "the next one ends it" within 60 unfinished_is 0
check "the labels are written" written_is 6
check "every cartridge has one place" one_place "$library"
kill -TERM "$rsmd"
ended 0

# It dies in the middle of a move: another one that is there goes on at once.
slow $an_hour
expect 0 createpool Work --type "$("$RSM" view media_type --brief | grep -m 1 LTO)" --draw
new_lmid Work
start_rsmd
first=$rsmd
start_rsmd
"$RSM" mount "$lmid" --for $$ >"$T/mounted" 2>&1 &
asker=$!
check "something moves" within 60 moving
kill -9 "$first"
wait "$first" 2>/dev/null
slow 500
check "the mount is carried out all the same" wait "$asker"
expect 0 dismount "$lmid"
check "the queue is empty" within 60 unfinished_is 0
slow 0
check "every cartridge has one place" one_place "$library"
kill -TERM "$rsmd"
ended 0

# The watchdog hears of it as long as the workers go on, and no longer.
beats() { grep -c '^WATCHDOG=1$' "$heard"; }
more_beats_than() { [ "$(beats)" -gt "$1" ]; }
WATCHDOG_USEC=200000
NTMS_STEP_LIMIT=300
export WATCHDOG_USEC NTMS_STEP_LIMIT
start_rsmd
unset WATCHDOG_USEC NTMS_STEP_LIMIT
check "the heart beats" within 20 more_beats_than 3
kill -TERM "$rsmd"
ended 0
slow $an_hour
die_asking 1 inventory "$library" --action full
WATCHDOG_USEC=200000
NTMS_STEP_LIMIT=300
export WATCHDOG_USEC NTMS_STEP_LIMIT
start_rsmd
unset WATCHDOG_USEC NTMS_STEP_LIMIT
check "a worker that does not go on is told of" within 30 said 'is stuck: its worker has taken longer .* RSM_LIBRARY='
# Time for more than one beat: that many other things it does meanwhile. What it told before the
# first of them is heard by then.
for i in 1 2 3 4 5; do
	kill -HUP "$rsmd"
	check "it listens all the same" within 20 said_times "$i" 'the configuration is read again'
	check "and is heard" within 20 notified_times $((i + 1)) READY=1
	[ "$i" -gt 1 ] || silent=$(beats)
	sleep 0.1
done
check "the heart stands still" [ "$(beats)" = "$silent" ]
slow 0
check "it goes on" within 30 said 'goes on: its worker has moved again'
check "the heart beats again" within 30 more_beats_than "$silent"
check "the queue is empty" within 60 unfinished_is 0
kill -TERM "$rsmd"
ended 0

# ---- what comes and goes ----

export WATCHDOG_USEC=400000
start_rsmd
unset WATCHDOG_USEC
drive_there() { "$RSM" view drive --json | python3 -c '
import json, sys
sys.exit(json.load(sys.stdin)[0]["operational_state"] != sys.argv[1])' "$1"; }
expect 0 vlib unplug "$T/v" 0
check "a drive that went is recorded as gone" within 20 drive_there not_present
expect 0 vlib plug "$T/v" 0
check "and as back" within 20 drive_there ready
expect 0 vlib unplug "$T/v" changer
check "without its changer there is trouble" within 60 said 'cannot be worked: .*not connected'
expect 0 vlib plug "$T/v" changer
check "that ends" within 60 said 'can be worked again'

# Rearranged by hand: the records follow.
slot_of() { "$RSM" view physical_media --json | python3 -c '
import json, sys
print([x["location"] for x in json.load(sys.stdin) if x["bar_code"] == sys.argv[1]][0])' "$1"; }
is_in() { [ "$(slot_of "$1")" = "$2" ]; }
expect 0 vlib door "$T/v" open
expect 0 vlib remove "$T/v" --slot 1
expect 0 vlib insert "$T/v" NEW001L8 --slot 8
expect 0 vlib door "$T/v" close
check "what was put in by hand is known" within 20 is_in NEW001L8 'Slot 8'
check "what was taken out is offline" within 20 is_in V00001L8 None

# Libraries come and go, and so does the configuration.
expect 0 unmanage "$library"
check "it lets go of the library" within 20 said "library .* is not managed any more"
expect 0 manage all
check "and takes it up again" within 20 said_times 2 'is worked by this process'
kill -TERM "$rsmd"
ended 0
: >"$T/conf"
start_rsmd --config "$T/conf"
echo 'hook-timeout = 61' >"$T/conf"
kill -HUP "$rsmd"
check "it reads its configuration again" within 20 said 'the configuration is read again'
check "and says so" within 20 notified_times 2 READY=1
check "before and after" notified RELOADING=1
echo 'hook-timeout = never' >"$T/conf"
kill -HUP "$rsmd"
check "what is wrong changes nothing" within 20 said 'the configuration stays as it was'
check "and is said" said "$T/conf:1: syntax error"
kill -INT "$rsmd"
ended 0

# Another database comes in place of the one that it has open: the session is lost, the next one
# works what is there.
WATCHDOG_USEC=400000
export WATCHDOG_USEC
start_rsmd
unset WATCHDOG_USEC
check "it works" within 20 said 'is worked by this process'
mv "$NTMS_HOME" "$T/old"
check "the session is lost" within 30 said 'the session is lost, another one is tried for: the directory'
check "and there is another one" within 30 said 'there is a session again'
expect 0 manage all
check "that works what there is" within 30 said_times 2 'is worked by this process'
expect 0 freemedia V00002L8
check "its heart beats" within 20 more_beats_than "$(beats)"
kill -TERM "$rsmd"
ended 0
