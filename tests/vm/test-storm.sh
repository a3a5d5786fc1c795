#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Storms on the module (storm.c), judged by their own programs, by the log of the module's
# events (check-events.c), by the search for lost memory, and by scripts/vm, which fails when
# the kernel says a word. For the debug kernel.
#
# Usage: test-storm.sh [SECONDS [SEED]]: so long for the holders' storm (default 60), half of
# it for each of the two others.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
programs=$build/tests/vm
seconds=${1:-60} seed=${2:-1}

# storm KIND SECONDS
storm()
{
	status=0
	"$programs/storm" "$1" "$2" "$seed" "$work/$1.log" "$work/$1.calls" || status=$?
	same "$1: the storm itself" "$status" 0
}

# The log of a storm of KIND can have been so.
judged()
{
	status=0
	"$programs/check-events" "$work/$1.log" "$work/$1.calls" || status=$?
	same "$1: what the log of events tells" "$status" 0
}

storm holders "$seconds"
judged holders
storm unplug "$((seconds / 2))"
judged unplug
storm load "$((seconds / 2))"

if [ -e /sys/kernel/debug/kmemleak ]; then
	# What is younger than five seconds is not suspected.
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak >"$work/lost"
	same "no memory is lost" "$(cat "$work/lost")" ""
else
	echo "skipped the search for lost memory: this kernel has no kmemleak"
fi
finish
