# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# For test scripts that run inside the virtual machine; to be sourced first.
#   ok WHAT COMMAND...            WHAT is true when COMMAND succeeds
#   refused STATUS WHAT COMMAND... WHAT is true when COMMAND ends with STATUS
#   same WHAT IS SHOULD-BE        two texts are equal
#   within SECONDS COMMAND...     wait until COMMAND succeeds
#   finish                        the closing line, and the exit status
# A script that ends before finish has failed.

# shellcheck disable=SC2034 # for those who source this
tree=$(cd "$(dirname "$0")/../.." && pwd -P)
# shellcheck disable=SC2034
build=${RSM_BUILD:-$tree}
passed=0 failed=0 finished=''
work=$(mktemp -d)

# shellcheck disable=SC2317 # called by the trap
at_exit()
{
	status=$?
	trap - EXIT
	rm -rf "$work"
	if [ -z "$finished" ]; then
		echo "FAILED: $0 ended early, with status $status"
		exit 1
	fi
	exit "$status"
}
trap at_exit EXIT

result()
{
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok      $2"
	else
		failed=$((failed + 1))
		echo "FAILED  $2"
		if [ -s "$work/output" ]; then sed 's/^/        | /' "$work/output"; fi
	fi
}

ok()
{
	what=$1
	shift
	if "$@" >"$work/output" 2>&1; then result 0 "$what"; else result 1 "$what"; fi
}

refused()
{
	expected=$1 what=$2
	shift 2
	got=0
	"$@" >"$work/output" 2>&1 || got=$?
	if [ "$got" -eq "$expected" ]; then
		result 0 "$what"
	else
		echo "status $got, not $expected" >>"$work/output"
		result 1 "$what"
	fi
}

same()
{
	printf 'is:        %s\nshould be: %s\n' "$2" "$3" >"$work/output"
	if [ "$2" = "$3" ]; then result 0 "$1"; else result 1 "$1"; fi
}

within()
{
	deadline=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$deadline" ] || return 1
		sleep 0.1
	done
}

finish()
{
	finished=1
	echo "$passed passed, $failed failed"
	# No test at all is no success.
	if [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]; then exit 0; else exit 1; fi
}
