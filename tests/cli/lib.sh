# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of the command line share: a virtual library of their own in a new
# directory, and checks that say what was expected and what came.
#
# RSM names the program; by default the one just built.

# Whatever hangs is ended.
[ -n "${RSM_GUARDED:-}" ] || RSM_GUARDED=1 exec timeout -k 10 600 sh "$0"

RSM=${RSM:-$(pwd)/tools/rsm}
case $RSM in
/*) ;;
*) RSM=$(pwd)/$RSM ;;
esac
[ -x "$RSM" ] || { echo "no program $RSM; set RSM"; exit 99; }

# Short: names of devices have 63 characters.
T=$(mktemp -d "${TMPDIR:-/tmp}/rsm.XXXXXX") || exit 99
NTMS_HOME=$T/db
NTMS_BROKER=virtual:$T/v
LC_ALL=C.UTF-8
export NTMS_HOME NTMS_BROKER LC_ALL
checks=0
failures=0

# End every mount that is left, and with it its keeper; only those of our own library.
finish()
{
	status=$?
	trap '' EXIT
	for pid in $("$RSM" who --brief 2>/dev/null); do
		grep -qs '^rsm-keeper' "/proc/$pid/comm" && kill "$pid"
	done
	rm -rf "$T"
	[ "$status" = 0 ] || { echo "ended with status $status"; exit "$status"; }
	echo "$checks checks, $failures failures"
	# In a trap, exit alone would give the status from before.
	[ "$checks" -gt 0 ] && [ "$failures" = 0 ] && exit 0
	exit 1
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

bad()
{
	failures=$((failures + 1))
	echo "FAILED: $*"
	echo "  command: ${command:-}"
	sed 's/^/  out: /' "$T/out" | head -n "${LINES_SHOWN:-12}"
	sed 's/^/  err: /' "$T/err" | head -n "${LINES_SHOWN:-12}"
}

# check WHAT CONDITION...: the condition is a command
check()
{
	what=$1
	shift
	checks=$((checks + 1))
	"$@" || bad "$what"
}

# call ARGUMENT...: run rsm; what it says is in $T/out and $T/err, its status in $status
call()
{
	command="rsm $*"
	status=0
	"$RSM" "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
	if grep -qE 'ERROR: [A-Za-z]*Sanitizer|runtime error: ' "$T/err"; then
		bad "a sanitizer complained"
	fi
}

# expect STATUS ARGUMENT...
expect()
{
	wanted=$1
	shift
	call "$@"
	check "status $wanted, not $status" [ "$status" = "$wanted" ]
}

# refuse ARGUMENT...: wrong usage; says so on standard error, and nothing else
refuse()
{
	expect 1 "$@"
	check "nothing on standard output" [ ! -s "$T/out" ]
	check "a message" grep -q '^rsm: ' "$T/err"
}

# error STATUS NAME ARGUMENT...: an error of the API, with its name and number
error()
{
	wanted=$1 name=$2
	shift 2
	expect "$wanted" "$@"
	check "the error $name" grep -qE "^rsm: $1( [a-z]+)?: .+ \($name, [0-9]+\)\$" "$T/err"
}

out_is() { check "'$1' on standard output" [ "$(cat "$T/out")" = "$1" ]; }
out_has() { check "/$1/ on standard output" grep -qE "$1" "$T/out"; }
out_lacks() { checks=$((checks + 1)); ! grep -qE "$1" "$T/out" || bad "no /$1/ on standard output"; }
err_has() { check "/$1/ on standard error" grep -qE "$1" "$T/err"; }
err_empty() { check "nothing on standard error" [ ! -s "$T/err" ]; }

# json EXPRESSION: a Python expression over the document d that must be true
json()
{
	check "json: $1" python3 -c '
import json, re, sys
d = json.load(open(sys.argv[2]))
sys.exit(not eval(sys.argv[1]))
' "$1" "$T/out" 2>>"$T/err"
}

# json_value EXPRESSION: print it
json_value()
{
	python3 -c '
import json, sys
d = json.load(open(sys.argv[2]))
print(eval(sys.argv[1]))
' "$1" "$T/out"
}

# within SECONDS CONDITION...: it becomes true before that
within()
{
	limit=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$limit" ] || return 1
		sleep 0.1
	done
}

# new_library OPTION...: a virtual library, managed
new_library()
{
	expect 0 vlib create "$T/v" "$@"
	expect 0 manage all
}

# new_lmid POOL: allocate; the LMID is in $lmid
new_lmid()
{
	expect 0 allocate "$1" --errunavail --brief
	lmid=$(cat "$T/out")
}

is_guid() { echo "$1" | grep -qxE '[0-9a-f]{32}'; }

drive_state()
{
	"$RSM" view drive --json >"$T/state" 2>/dev/null
	python3 -c '
import json, sys
print([x["state"] for x in json.load(open(sys.argv[1])) if x["number"] == int(sys.argv[2])][0])
' "$T/state" "$1"
}

drive_is() { [ "$(drive_state "$1")" = "$2" ]; }
nobody_holds() { [ -z "$("$RSM" who --brief)" ]; }

# Every verb that the help lists, one or two words a line.
list_verbs()
{
	"$RSM" help | sed -n '/^Options/q; s/^  \([a-z][a-z]*\)\( [a-z]*\)\{0,1\}\( .*\)*$/\1\2/p' |
		sed 's/ *$//'
}

# slow MILLISECONDS: the robot takes so long for a move, for one that is under way, too. Who reads
# it meanwhile has the old number or the new one.
slow()
{
	echo "$1" >"$T/move-ms"
	mv "$T/move-ms" "$T/v/move-ms"
}

# Nobody waits for such a move: what it does can be seen, whenever it is looked at.
an_hour=3600000

# start NAME ARGUMENT...: in the background, with progress; its process is in $pid
start()
{
	name=$1
	shift
	command="rsm $* &"
	: >"$T/$name.progress"
	# A shell without job control has its children ignore SIGINT; python gives them the usual.
	python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
' "$RSM" "$@" --verbose >"$T/$name" 2>"$T/$name.progress" </dev/null &
	pid=$!
}

# told NAME TEXT: its progress has said so
told() { check "$1 says: $2" within 30 grep -qE "$2" "$T/$1.progress"; }

# ends STATUS NAME: what it printed is in $T/out and $T/err
ends()
{
	status=0
	wait "$pid" || status=$?
	cp "$T/$2" "$T/out"
	cp "$T/$2.progress" "$T/err"
	check "status $1, not $status" [ "$status" = "$1" ]
}
