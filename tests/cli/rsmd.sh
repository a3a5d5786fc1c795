# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of rsmd share: rsmd in the background, told on by a service manager of our own.

. "$(dirname "$0")/lib.sh"

RSMD=${RSMD:-${RSM%/tools/rsm}/rsmd/rsmd}
[ -x "$RSMD" ] || { echo "no program $RSMD; set RSMD"; exit 99; }
RSM_SOURCE=${RSM_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
unset NOTIFY_SOCKET WATCHDOG_USEC WATCHDOG_PID JOURNAL_STREAM STATE_DIRECTORY

daemons=''
listeners=''
stop_all()
{
	status=$?
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$daemons$listeners" ] || kill -9 $daemons $listeners 2>/dev/null
	wait 2>/dev/null
	[ -z "${RSMD_LOG:-}" ] || cp "$T/log" "$RSMD_LOG"
	(exit "$status")
	finish
}
trap stop_all EXIT

# rsmd_check STATUS ARGUMENT...: run it to its end
rsmd_check()
{
	wanted=$1
	shift
	command="rsmd $*"
	status=0
	"$RSMD" "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
	check "status $wanted, not $status" [ "$status" = "$wanted" ]
}

# listen: to an rsmd that is about to begin, and to no other; what it tells comes to $heard, in
# its order, but not at once
listen()
{
	heard=$(mktemp "$T/heard.XXXXXX")
	"$RSM_SOURCE/tests/cli/notify-listener.py" "$heard.socket" "$heard" &
	listeners="$listeners $!"
	check "the listener listens" within 20 [ -S "$heard.socket" ]
}
notified() { grep -qxF "$1" "$heard"; }
notified_times() { [ "$(grep -cxF "$2" "$heard")" = "$1" ]; }
said() { grep -qE "$1" "$T/log"; }
said_times() { [ "$(grep -cE "$2" "$T/log")" = "$1" ]; }

# start_rsmd: in the background, its number in $rsmd; when it is ready
start_rsmd()
{
	listen
	: >"$T/log"
	NOTIFY_SOCKET=$heard.socket "$RSMD" "$@" 2>>"$T/log" &
	rsmd=$!
	daemons="$daemons $rsmd"
	# shellcheck disable=SC2034 # bad() shows it
	command="rsmd $*"
	check "rsmd is ready" within 30 notified READY=1
}

# ended STATUS: rsmd has ended with it
ended()
{
	status=0
	wait "$rsmd" || status=$?
	check "rsmd ended with $1, not $status" [ "$status" = "$1" ]
	if grep -E 'ERROR: [A-Za-z]*Sanitizer|runtime error: ' "$T/log"; then bad "a sanitizer complained"; fi
}

unfinished() { "$RSM" request list --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))'; }
unfinished_is() { [ "$(unfinished)" = "$1" ]; }
moving() { "$RSM" request list --json | grep -q in_process; }

# one_place LIBRARY: every cartridge of the records is where the library has it, and nowhere else
one_place()
{
	"$RSM" view physical_media --json >"$T/records"
	"$RSM" inventory "$1" --action slot --quiet >"$T/inventory" 2>&1 || return 1
	"$RSM" view physical_media --json >"$T/after"
	python3 -c '
import json, sys
a, b = ({x["bar_code"]: x["location"] for x in json.load(open(f))} for f in sys.argv[1:3])
sys.exit(a != b or not a or None in a.values() or len(set(a.values())) != len(a))' "$T/records" "$T/after"
}
