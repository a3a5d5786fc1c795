#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/vm itself, on the host: what it hands back, and that it notices a
# guest that hangs, dies or complains. Otherwise no VM test could fail.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2086 # an option or none
vm() { "$tree/scripts/vm" ${RSM_MACHINE:-} --quiet --libraries 0 --no-module --timeout 120 "$@"; }

# shellcheck disable=SC2016 # expanded in the guest, or not at all
same "output, variables and arguments arrive as they are" \
	"$(RSM_TEST="a 'b'" NTMS_TEST='$c' vm --share "$work" -- sh -c \
		'echo "$RSM_TEST $NTMS_TEST $1"; echo kept >/mnt/share/file' - 'd  "e"' 2>"$work/output")" \
	"a 'b' \$c d  \"e\""
same "a shared directory keeps what is written" "$(cat "$work/file")" kept
refused 7 "the command's status is handed back" vm -- sh -c 'exit 7'
refused 126 "a kernel warning fails the run" vm -- sh -c 'echo "<4>WARNING: CPU: 0 PID: 1 test" >/dev/kmsg'
refused 0 "unless that is allowed" vm --allow-kernel-messages -- \
	sh -c 'echo "<4>WARNING: CPU: 0 PID: 1 test" >/dev/kmsg'
refused 126 "a kernel that dies fails the run" vm -- sh -c 'echo c >/proc/sysrq-trigger; sleep 100'
refused 124 "a guest that hangs is ended" vm --timeout 10 -- sleep 1000
refused 125 "an unknown option is refused" vm --bogus -- true
refused 125 "a number too large is refused" vm --drives 1000000 -- true
refused 125 "programs that the guest would not see are refused" \
	env RSM_BUILD=/dev/shm/build "$tree/scripts/vm" --quiet --libraries 0 --no-module -- true
refused 125 "more tapes than slots are refused" vm --slots 3 --tapes 4 -- true
finish
