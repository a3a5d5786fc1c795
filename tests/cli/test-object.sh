#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Objects of any kind: names, descriptions, attributes; media types.

. "$(dirname "$0")/lib.sh"

refuse rename x
err_has 'to what. --name or --description'
refuse attribute get x
refuse attribute set x y
err_has 'VALUE or --file'
refuse attribute set x y z --file w
refuse attribute set x y --file /nothing/like/this
err_has 'No such file'
refuse attribute set x y --file /dev/null
err_has 'is empty'

new_library --drives 1 --slots 4 --tapes 2
expect 0 view library --json
library=$(json_value '[x["name"] for x in d if x["changers"]][0]')
expect 0 createpool Work
expect 0 view physical_media --json
tape=$(json_value '[x["id"] for x in d if x["bar_code"] == "V00001L8"][0]')

# ---- rename ----
expect 0 rename V00001L8 --name Monday --json
json "d['name'] == 'Monday' and d['id'] == '$tape' and d['type'] == 'physical_media'"
expect 0 rename Monday --description 'the blue one' --brief
out_is "$(echo "$tape" | tr -d -)"
expect 0 rename "$tape" /nTuesday '/dthe red one'
refuse rename "/g$tape"
expect 0 rename "/g$tape" /nTuesday '/dthe red one'
out_has "is now called 'Tuesday': 'the red one'"
expect 0 rename /tmedia_pool /fWork /nPlay
expect 0 view media_pool --brief
out_has '^Play$'
expect 0 rename "$library" --name 'The library'
expect 0 rename 'The library' --name "$library" --type library
expect 0 view drive --json
drive=$(json_value 'd[0]["name"]')
error 6 ERROR_INVALID_PARAMETER rename "$drive" --name X
err_has 'only a description'
expect 0 rename "$drive" --description 'rattles' --json
json 'd["description"] == "rattles"'
error 6 ERROR_INVALID_PARAMETER rename "$tape" --name X --type nonsense
error 6 ERROR_INVALID_NAME rename "$tape" --name "$(printf 'n%.0s' $(seq 64))"
error 6 ERROR_INVALID_PARAMETER rename "$tape" --name "$(printf 'a\nb')"
error 3 ERROR_ACCESS_DENIED rename Free --name Other
error 4 ERROR_OBJECT_NOT_FOUND rename nothing-like-this --name X
expect 0 view physical_media --json
json "[(x['name'], x['description']) for x in d if x['id'] == '$tape'] == [
	('Tuesday', 'the red one')]"

# ---- attributes ----
error 4 ERROR_OBJECT_NOT_FOUND attribute get Tuesday colour
expect 0 attribute set Tuesday colour 'red and blue'
expect 0 attribute get Tuesday colour
out_is 'red and blue'
expect 0 attribute get "$tape" colour --raw
check "the very bytes" [ "$(wc -c <"$T/out")" = 12 ]
printf 'a\0\377' >"$T/bytes"
expect 0 attribute set "$library" state --file "$T/bytes"
expect 0 attribute get "$library" state
out_is 6100ff
expect 0 attribute get "$library" state --json
json 'd == {"name": "state", "size": 3, "text": None, "hex": "6100ff"}'
expect 0 attribute get "$library" state --raw
check "the very bytes" cmp -s "$T/bytes" "$T/out"
expect 0 attribute set computer owner me
expect 0 attribute get computer owner --json
json 'd["text"] == "me"'
# A value with a control character is not sent to a terminal as it is.
expect 0 attribute set Tuesday evil "$(printf 'a\033[2J')"
expect 0 attribute get Tuesday evil
out_is 'a\x1b[2J'
head -c 65536 /dev/zero >"$T/big"
error 6 ERROR_NO_DATA attribute set Tuesday big --file "$T/big"
error 6 ERROR_INVALID_NAME attribute set Tuesday "$(printf 'n%.0s' $(seq 32))" x
expect 0 attribute delete Tuesday colour
expect 4 attribute get Tuesday colour
error 4 ERROR_OBJECT_NOT_FOUND attribute delete Tuesday colour

# ---- media types ----
expect 0 mediatype list --library "$library" --brief
out_has '^LTO Ultrium$'
taken=$(wc -l <"$T/out")
expect 0 mediatype list --json
json "len(d) > $taken and all(x['type'] == 'media_type' for x in d)"
other=$(json_value '[x["name"] for x in d if x["name"].startswith("DLT")][0]')
expect 0 mediatype add "$other" "$library" --json
json "d['media_type'] == '$other' and d['library'] == '$library'"
expect 0 mediatype list --library "$library" --brief
check "one more" [ "$(wc -l <"$T/out")" = $((taken + 1)) ]
expect 0 view media_pool --brief
out_has "^Free.*$other\$"
expect 0 createpool Other --type "$other"
expect 0 freemedia V00002L8
error 6 ERROR_MEDIA_INCOMPATIBLE movemedia V00002L8 Other
expect 0 mediatype change V00002L8 Other --json
json "d['media_type'] == '$other'"
error 6 ERROR_NOT_EMPTY mediatype delete "$other" "$library"
expect 0 createpool Right --type 'LTO Ultrium'
expect 0 mediatype change V00002L8 Right
expect 0 mediatype delete "$other" "$library"
expect 0 mediatype list --library "$library" --brief
check "as before" [ "$(wc -l <"$T/out")" = "$taken" ]
expect 4 mediatype add nothing-like-this "$library"
