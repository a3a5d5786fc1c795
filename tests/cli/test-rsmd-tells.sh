#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What rsmd tells: messages with their fields, the hook for operator requests, metrics.

. "$(dirname "$0")/rsmd.sh"

metrics() { "$RSM_SOURCE/tests/cli/check-metrics.py" "$T/metrics/rsm.prom" "$1" >"$T/out" 2>"$T/err"; }
# metrics_are EXPRESSION: soon
metrics_are() { command="metrics $1"; check "metrics: $1" within 30 metrics "$1"; }

: >"$T/out"
: >"$T/err"
# The manual has every kind of message, by the id that it has.
sed -n 's/^#define MESSAGE_\([A-Z_]*\)[ \t]*"\([0-9a-f]*\)"$/\2 \1/p' "$RSM_SOURCE/rsmd/messages.h" |
	sort >"$T/messages"
sed -n 's/^\([0-9a-f]\{32\}\)  \([A-Z_]*\): .*/\1 \2/p' "$RSM_SOURCE/man/rsmd.8" | sort >"$T/manual"
check "there are messages" [ "$(wc -l <"$T/messages")" -ge 10 ]
check "rsmd(8) lists every kind of message" diff "$T/messages" "$T/manual"
check "no two have the same id" [ "$(cut -d ' ' -f 1 "$T/messages" | sort -u | wc -l)" = "$(wc -l <"$T/messages")" ]
for page in rsmd.8 rsmd.conf.5; do
	man --warnings=w -E UTF-8 -l -Tutf8 -Z "$RSM_SOURCE/man/$page" >"$T/out" 2>"$T/err"
	err_empty
done
# The service runs the program where it is installed.
check "the unit names rsmd" grep -qx 'ExecStart=/.*/rsmd' "${RSM%/tools/rsm}/rsmd/rsmd.service"
# The file that is installed changes nothing; with all its examples it is in order, too.
cp "$RSM_SOURCE/rsmd/rsmd.conf" "$T/conf"
chmod 644 "$T/conf"
rsmd_check 0 --config "$T/conf" --check-config
sed -e "s|^#\(metrics-directory = \).*|\1\"$T\"|" -e 's|^#\(hook = \).*|\1[ "/bin/true", "--by" ]|' \
	-e 's/^#\([a-z-]* = .*\)/\1/' "$T/conf" >"$T/conf.all"
rsmd_check 0 --config "$T/conf.all" --check-config
check "every setting has an example" [ "$(grep -c '^[a-z]' "$T/conf.all")" = 6 ]

# ---- requests ----

new_library --drives 2 --slots 6 --tapes 4
kind=$("$RSM" view media_type --brief | grep -m 1 LTO)
expect 0 view library --json
library=$(json_value '[x["id"] for x in d if x["changers"]][0]')
expect 0 freemedia V00001L8 V00002L8
expect 0 createpool Work --type "$kind" --draw
new_lmid Work
mkdir "$T/metrics"
cat >"$T/hook" <<'HOOK'
#!/bin/sh
# Notes what it was given, and when it runs.
echo $$ >"$HOOKED/pid.$3"
env >"$HOOKED/$2.$3"
echo "begin $*" >>"$HOOKED/calls"
[ ! -e "$HOOKED/wait" ] || while [ -e "$HOOKED/wait" ]; do sleep 0.1; done
echo "end $*" >>"$HOOKED/calls"
exit "$(cat "$HOOKED/status")"
HOOK
chmod 755 "$T/hook"
mkdir "$T/hooked"
echo 0 >"$T/hooked/status"
# Its environment is made for it: it has to be told where.
sed -i "2i HOOKED=$T/hooked" "$T/hook"
cat >"$T/conf" <<CONF
hook = [ "$T/hook", "one word; touch \$HOOKED/shell" ]
hook-timeout = 600
metrics-directory = "$T/metrics"
metrics-interval = 1
CONF

# What a person was asked before rsmd came.
expect 0 opreq submit message --message 'from before' --brief
before=$(cat "$T/out")
before=$("$RSM" opreq list --json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["id"])')
start_rsmd --config "$T/conf"
check "it is told when rsmd comes" within 20 grep -q "^end .* asked $before\$" "$T/hooked/calls"
metrics_are 'value("rsm_mounts_total") == 0 and value("rsm_mount_wait_seconds_count") == 0'
slow $an_hour
"$RSM" mount "$lmid" --for $$ >"$T/first" 2>&1 &
asker=$!
check "a mount begins" within 60 said "^rsmd: mount of V00001L8 in library .*, asked for by rsm mount: begins RSM_REQUEST=[0-9a-f-]{36} RSM_OPERATION=mount RSM_STATE=in_process RSM_LIBRARY=.* RSM_LIBRARY_ID=.* RSM_MEDIA=V00001L8 RSM_MEDIA_ID="
slow 0
check "it is mounted" wait "$asker"
check "and ends" within 20 said "^rsmd: mount of V00001L8 .*: passed after [0-9.]+ s RSM_REQUEST=.* RSM_STATE=passed .* RSM_DRIVE=Drive 0 "
metrics_are 'value("rsm_mounts_total") == 1 and value("rsm_requests_total", operation="mount", state="passed") == 1'
metrics_are 'value("rsm_mount_wait_seconds_bucket", le="60") == 1 and 0 <= value("rsm_mount_wait_seconds_sum") < 60'
metrics_are 'value("rsm_drive_state", drive="0", state="loaded") == 1 and value("rsm_drive_state", drive="0", state="dismounted") == 0'
metrics_are 'value("rsm_drive_state", drive="1", state="dismounted") == 1 and value("rsm_drive_mounts_total", drive="0") == 1'
metrics_are 'value("rsm_library_up") == 1 and value("rsm_operator_requests") == 1 and value("rsm_reservation_conflicts_total") == 0'

# A request that waits is in the queue's length.
"$RSM" mount "$lmid" --for $$ >"$T/second" 2>&1 &
waiter=$!
metrics_are 'value("rsm_queue_length", state="waiting") == 1 and value("rsm_queue_length", state="queued") == 0'
expect 0 request list --brief
expect 0 request cancel "$(cat "$T/out")"
wait "$waiter" 2>/dev/null
check "what is given up is told" within 20 said 'mount of V00001L8 .*: cancelled after '
expect 0 dismount "$lmid"

# A drive that goes in the middle of a mount fails that request; it comes back without a person.
slow $an_hour
start lost mount "$lmid" --drive 0 --for $$
told lost 'moving V00001L8'
expect 0 vlib unplug "$T/v" 0
slow 0
lost=0
wait "$pid" || lost=$?
cp "$T/lost.progress" "$T/err"
err_has "is unplugged .ERROR_INVALID_STATE"
check "a failure, not $lost" [ "$lost" != 0 ]
check "that is told" within 20 said 'mount of V00001L8 .*: has failed: .* RSM_ERROR=ERROR_DEVICE_NOT_AVAILABLE$'
check "the drive went" within 20 said 'Drive 0 of library .* is not connected any more .*RSM_DRIVE=Drive 0 .*RSM_SERIAL='
metrics_are 'value("rsm_robot_errors_total") == 1 and value("rsm_drive_state", drive="0", state="not_present") == 1'
expect 0 vlib plug "$T/v" 0
check "the drive is back" within 20 said 'Drive 0 of library .* is connected again'
metrics_are 'value("rsm_drive_state", drive="0", state="not_present") == 0'
check "the queue is empty" within 60 unfinished_is 0
expect 0 mount "$lmid" --for $$
expect 0 dismount "$lmid"
check "every cartridge has one place" one_place "$library"

# Names that the format has to be told of.
expect 0 rename "$library" --name 'A "b" \c'
metrics_are 'value("rsm_library_up", library="A \"b\" \\c") == 1 and value("rsm_queue_length", library="A \"b\" \\c", state="queued") == 0'
# What is still being written has a name of its own, which nobody reads.
check "nobody sees half a file" [ "$(ls "$T/metrics")" = rsm.prom ]

# ---- operator requests ----

# submit ARGUMENT...: its id in $asked
submit()
{
	expect 0 opreq submit "$@" --json
	asked=$(json_value 'd["id"]')
}
called() { grep -qxF "$1 one word; touch \$HOOKED/shell $2" "$T/hooked/calls"; }
given() { grep -qxF "$2" "$T/hooked/$1"; }

submit message --message 'Bring "cake"; $(touch shell)'
check "the hook is called" within 20 called end "asked $asked"
check "with the message as it is" given "asked.$asked" 'RSM_MESSAGE=Bring "cake"; $(touch shell)'
check "with the command" given "asked.$asked" RSM_COMMAND=message
check "with the event" given "asked.$asked" RSM_EVENT=asked
check "with the id" given "asked.$asked" "RSM_OPREQUEST=$asked"
check "with the database" given "asked.$asked" "NTMS_HOME=$NTMS_HOME"
check "no shell has seen it" [ ! -e shell ]
check "nor the arguments" [ ! -e "$T/hooked/shell" ]
check "the journal has it" within 20 said "a person is asked: Bring \"cake\"; .* RSM_OPREQUEST=$asked RSM_COMMAND=message RSM_STATE=submitted RSM_MESSAGE="

# One at a time for a request, and nothing waits for it.
touch "$T/hooked/wait"
submit device_service "$library" --message Dust
check "the hook runs" within 20 called begin "asked $asked"
check "with the library" given "asked.$asked" 'RSM_LIBRARY=A "b" \c'
expect 0 opreq satisfy "$asked"
check "the answer is told to the journal" within 20 said "what a person was asked is complete: Dust .*RSM_OPREQUEST=$asked"
expect 0 mount "$lmid" --for $$
expect 0 dismount "$lmid"
check "the hook is not called a second time meanwhile" sh -c '! grep -q "answered $1" "$2"' - "$asked" "$T/hooked/calls"
rm "$T/hooked/wait"
check "but after that" within 20 called end "answered $asked"
check "in this order" [ "$(grep "$asked" "$T/hooked/calls" | sed 's/ .* / /' | tr '\n' ' ')" = \
	"begin $asked end $asked begin $asked end $asked " ]
check "with how it ended" given "answered.$asked" RSM_STATE=complete
metrics_are 'value("rsm_operator_requests") == 2'

# One that fails is told of, one that hangs is ended.
echo 3 >"$T/hooked/status"
submit message --message again
check "its status is told" within 20 said "the hook ended with status 3 RSM_OPREQUEST=$asked"
sed -i 's/^hook-timeout.*/hook-timeout = 1/' "$T/conf"
kill -HUP "$rsmd"
check "it reads its configuration again" within 20 said 'the configuration is read again'
touch "$T/hooked/wait"
submit message --message forever
check "it is ended" within 30 said "the hook is ended; it has taken more seconds than 1 RSM_OPREQUEST=$asked"
is_gone() { ! kill -0 "$1" 2>/dev/null; }
check "and runs no more" within 30 is_gone "$(cat "$T/hooked/pid.$asked")"
kill -TERM "$rsmd"
ended 0
check "nothing is left half-written" [ "$(ls -A "$T/metrics")" = rsm.prom ]
