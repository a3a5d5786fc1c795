#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# export and import: what was exported is back after an import, and nothing else.

. "$(dirname "$0")/lib.sh"

refuse import
err_has 'would be replaced by the copy; say --yes'
check "no database" [ ! -e "$NTMS_HOME" ]

new_library --drives 1 --slots 4 --tapes 2
expect 2 import --yes
err_has ERROR_DATABASE_FAILURE
expect 0 createpool Kept
expect 0 export --json
json "d == {'file': '$NTMS_HOME/Export/database'}"
check "the file is there" [ -s "$NTMS_HOME/Export/database" ]
expect 0 deletepool Kept
expect 0 createpool Lost
expect 0 import --yes --brief
out_is "$NTMS_HOME/Export/database"
expect 0 view media_pool --brief
out_has '^Kept$'
out_lacks '^Lost$'
expect 0 view physical_media --brief
check "two cartridges" [ "$(wc -l <"$T/out")" = 2 ]

# A damaged copy changes nothing.
expect 0 deletepool Kept
printf 'x' | dd of="$NTMS_HOME/Export/database" bs=1 seek=100 conv=notrunc 2>/dev/null
expect 2 import --yes
err_has ERROR_DATABASE_FAILURE
expect 0 view media_pool --brief
out_lacks '^Kept$'
