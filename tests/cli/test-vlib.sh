#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What a person does at a virtual library, and its faults.

. "$(dirname "$0")/lib.sh"

refuse vlib insert "$T/v" X
err_has 'One of --port, --slot and --drive'
refuse vlib insert "$T/v" X --port 1 --slot 2
refuse vlib insert "$T/v" X --port 0
refuse vlib door "$T/v" ajar
err_has "neither 'open' nor 'close'"
refuse vlib magazine "$T/v" one out
err_has 'no number'
refuse vlib magazine "$T/v" 1 away
refuse vlib plug "$T/v" -1
refuse vlib plug "$T/v" 4294967295
refuse vlib dirty "$T/v" first
refuse vlib fault "$T/v" nonsense
err_has 'there are: move, elements'
for sense in x 3 3/11 3/11/ 3/11/0/ 33/11/0 3/111/0 3/11/00x ' 3/1/1' 3/-1/0; do
	refuse vlib fault "$T/v" move --sense "$sense"
done
refuse vlib create "$T/v" --media lto99
error 4 ERROR_OBJECT_NOT_FOUND vlib door "$T/v" open

expect 0 vlib create "$T/v" --drives 1 --slots 6 --tapes 2 --ports 1 --magazine 3 --standalone 1 \
	--cleaners 1 --json
json 'd["standalone"] == 1 and d["cleaners"] == 1 and d["slots"] == 6'
# The library, and the drive that stands alone; not the one that the library has.
for _ in 1 2; do
	expect 0 manage all --json
	json '[(x["library_type"], x["drives"]) for x in d] == [("online", 1), ("standalone", 1)]'
done

# state WHAT NUMBER: of a slot or port
state() { "$RSM" view "$1" --json | python3 -c '
import json, sys
print([x["state"] for x in json.load(sys.stdin) if x["number"] == int(sys.argv[1])][0])' "$2"; }
slot_is() { [ "$(state storageslot "$1")" = "$2" ]; }

# The port; a cartridge that is there cannot be somewhere else as well.
expect 0 vlib insert "$T/v" NEW001L8 --port 1
out_is 'NEW001L8 is put into port 1'
error 6 ERROR_NOT_EMPTY vlib insert "$T/v" NEW002L8 --port 1
error 6 ERROR_ALREADY_EXISTS vlib insert "$T/v" NEW001L8 --drive 0
expect 0 vlib remove "$T/v" --port 1 --json
json 'd["action"] == "remove"'
error 6 ERROR_EMPTY vlib remove "$T/v" --port 1
error 4 ERROR_OBJECT_NOT_FOUND vlib remove "$T/v" --port 2
error 6 ERROR_INVALID_NAME vlib insert "$T/v" "$(printf 'a\nb')" --port 1

# Through the door.
error 2 ERROR_NOT_READY vlib remove "$T/v" --slot 1
expect 0 vlib door "$T/v" open
expect 0 vlib remove "$T/v" --slot 1
expect 0 vlib door "$T/v" close
expect 0 view library --json
library=$(json_value '[x["name"] for x in d if x["library_type"] == "online"][0]')
expect 0 inventory "$library" --action fast
check "slot 1 is empty" slot_is 1 empty
expect 0 view physical_media --json
json '"V00002L8" in [x["bar_code"] for x in d] and "V00001L8" not in [x["bar_code"] for x in d]'

# A magazine, a drive and the changer.
expect 0 vlib magazine "$T/v" 2 out
expect 0 vlib magazine "$T/v" 2 in
error 4 ERROR_OBJECT_NOT_FOUND vlib magazine "$T/v" 3 out
expect 0 vlib unplug "$T/v" 0
expect 0 devices --json
json 'len([x for x in d if x["type"] == "drive"]) == 1'
expect 0 vlib plug "$T/v" 0
expect 0 vlib unplug "$T/v" changer
expect 0 devices --json
json 'not [x for x in d if x["type"] == "changer"]'
expect 0 vlib plug "$T/v" changer
expect 0 devices --json
json 'len([x for x in d if x["type"] == "changer"]) == 1'
expect 0 vlib insert "$T/v" ALONE1L8 --drive 0
expect 0 vlib remove "$T/v" --drive 0
expect 0 vlib dirty "$T/v" 0
out_is 'drive 0 asks to be cleaned'
expect 0 vlib dirty "$T/v" 0 --clean
error 4 ERROR_OBJECT_NOT_FOUND vlib dirty "$T/v" 7

# What is to fail does, and no more than asked for.
expect 0 vlib fault "$T/v" move --count 1 --sense 4/15/1
expect 6 freemedia V00002L8
expect 0 vlib fault "$T/v" none
expect 0 vlib fault "$T/v" elements
expect 6 inventory "$library" --action fast
expect 0 vlib fault "$T/v" none
out_is 'there are no more faults'
expect 0 inventory "$library" --action fast
