#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The kill campaign (docs/campaigns.md) on a SCSI library behind the kernel broker, in rounds of 50,
# each with a new database. Arguments: how many kills (20), the seed of the first round (1).
#
# RSM_CAMPAIGN_TALLY: a file to add what happened to. RSM_CAMPAIGN_KEEP_GOING: after a finding, too.

set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
runs=${1:-20} seed=${2:-1} keep_going=${RSM_CAMPAIGN_KEEP_GOING-}
# shellcheck source=tests/vm/faithful.sh
. "$(dirname "$0")/faithful.sh"

program=$build/tests/campaign/kill rsmd=$build/rsmd/rsmd
if [ -x "$build/rsmd/.libs/rsmd" ]; then rsmd=$build/rsmd/.libs/rsmd; fi
LD_LIBRARY_PATH=$build/.libs
RSM_CAMPAIGN_TALLY=${RSM_CAMPAIGN_TALLY:-$work/tally}
# This machine is emulated.
RSM_CAMPAIGN_LIMIT_MS=${RSM_CAMPAIGN_LIMIT_MS:-30000}
export LD_LIBRARY_PATH RSM_CAMPAIGN_TALLY RSM_CAMPAIGN_LIMIT_MS

# campaign RSMD RUNS SEED
# shellcheck disable=SC2317 # called by ok
campaign()
{
	RSM_CAMPAIGN_RSMD=$1 RSM_CAMPAIGN_RUNS=$2 RSM_CAMPAIGN_SEED=$3 \
		"$program" --filter 'campaign/*' >"$work/said" 2>&1 && return
	cat "$work/said"
	return 1
}

# As on the host, the daemon itself is one of the processes every other time.
round=0 size=50
if [ "$runs" -lt 100 ]; then size=$(((runs + 1) / 2)); fi
while [ "$runs" -gt 0 ]; do
	if [ "$size" -gt "$runs" ]; then size=$runs; fi
	if [ $((round % 2)) -eq 0 ]; then daemon='' words=''; else daemon=$rsmd words=', rsmd is one of them'; fi
	ok "seed $((seed + round)): $size kills$words" campaign "$daemon" "$size" $((seed + round))
	if [ "$failed" -gt 0 ] && [ -z "$keep_going" ]; then break; fi
	round=$((round + 1)) runs=$((runs - size))
done
grep '^longest' "$RSM_CAMPAIGN_TALLY"
finish
