# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# For test scripts whose programs have the library of tests/unit/fixture-kernel.h: a SCSI one that does
# what a real one does. To be sourced after lib.sh; it is in RSM_TEST_LIBRARY and RSM_TEST_TARGET.
# shellcheck disable=SC2154 # tree and work are set by lib.sh

# shellcheck disable=SC2317 # called by what is sourced below
fail() { echo "FAILED  $*"; exit 1; }
vm_debug=''
if [ -e /sys/kernel/debug/kmemleak ]; then vm_debug=1; fi
export vm_debug
# shellcheck source=scripts/vm.d/libraries
. "$tree/scripts/vm.d/libraries"
start_iscsid
RSM_TEST_LIBRARY=$work/library
RSM_TEST_TARGET=iqn.2024-01.rsm.vm:faithful
export RSM_TEST_LIBRARY RSM_TEST_TARGET
"$tree/tests/vm/library-target.py" 3262 "$RSM_TEST_LIBRARY" >"$work/target" 2>&1 &
ok "the library is ready" within 30 grep -q ready "$work/target"
ok "it is known" iscsiadm -m node -T "$RSM_TEST_TARGET" -p 127.0.0.1:3262 -o new
# Who may use the module is an administrator's to say; one of the tests has an ordinary user.
chmod 666 /dev/rsm
