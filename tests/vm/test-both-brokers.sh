#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Unit tests of what people and applications do, once more: this time the library is a SCSI one
# behind the kernel broker (tests/unit/fixture-kernel.h). What cannot be done there is skipped,
# and each skip says why. Arguments: all tests of these programs instead.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck source=tests/vm/faithful.sh
. "$(dirname "$0")/faithful.sh"

# ---- the tests ----

# program NAME [TEST]...: all of a program's tests, or these.
program()
{
	name=$1 status=0
	shift
	filter=$(echo "$*" | tr ' ' '|')
	# shellcheck disable=SC2086 # an option or none
	"$build/tests/unit/test-$name" --jobs 1 --verbose ${filter:+--filter "*/@($filter)"} \
		>"$work/said" 2>&1 || status=$?
	if [ "$status" -ne 0 ]; then cat "$work/said"; fi
	sed -n "s/^\[PASS\] /ok      /p; /: Test is disabled$/d; s/^\[SKIP\] /skipped /p" "$work/said"
	count=$(sed -n 's/.*Synthesis: Tested: \([0-9]*\) | Passing: .*/\1/p' "$work/said")
	# A program that has run no test has shown nothing.
	[ "$status" -eq 0 ] && [ "${count:-0}" -gt 0 ]
	result $? "$name: ${count:-no} tests"
}

if [ $# -gt 0 ]; then
	for name; do program "$name"; done
else
	program sequences
	program written
	program standalone managing_it_does_not_touch_what_is_inside the_drive_of_a_library_is_none \
		what_is_on_the_shelf_is_asked_for_and_mounted_when_it_comes \
		mounted_dismounted_and_mounted_again a_detection_sees_what_is_put_in_and_taken_out \
		another_cartridge_is_not_overwritten it_ejects what_is_in_use_is_ejected_by_force \
		the_next_caller_gets_what_a_dead_one_had a_wrong_one_is_said_and_asked_again
	program eject a_person_takes_it_out what_nobody_takes_in_time_stays_within_reach \
		stopped_it_goes_back_to_its_slot
	program inject one_that_was_away_is_known_by_its_bar_code \
		one_without_a_bar_code_is_known_by_its_label
	program door fast_looks_for_what_is_new a_mount_waits_until_it_is_closed \
		is_unlocked_when_the_library_is_given_back
	program change people_are_noticed_until_the_end
	program clean a_drive_is_cleaned a_drive_that_does_not_ask_is_let_alone
	program cleaner no_cartridge_is_put_into_the_reserved_slot one_that_is_found_is_the_librarys
	program identify what_a_person_has_put_there_is_found a_cleaner
fi
finish
