#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# ui: where messages to people go; refresh: what people have changed is seen.

. "$(dirname "$0")/lib.sh"

refuse ui --operation add
err_has 'kind is missing'
refuse ui --operation replace --kind req
refuse ui --kind mail
refuse ui --computer x
refuse ui --operation deleteall --kind req --computer x
refuse ui /oadd
err_has 'kind is missing'

new_library --drives 1 --slots 4 --tapes 2
expect 0 view library --json
library=$(json_value '[x["name"] for x in d if x["changers"]][0]')

expect 0 ui
out_is 'messages go to no computer'
expect 0 ui --operation add --kind req --computer desk
expect 0 ui --operation add --kind req --computer cellar --json
json '[(x["of"], x["kind"], x["computer"]) for x in d] == [
	("computer", "req", "desk"), ("computer", "req", "cellar")] or len(d) == 2'
error 6 ERROR_ALREADY_EXISTS ui --operation add --kind req --computer desk
expect 0 ui /oADD /terr /cdesk "/lf$library"
expect 0 ui --library "$library" --json
json "[(x['of'], x['kind'], x['computer']) for x in d] == [('$library', 'err', 'desk')]"
expect 0 ui --brief
check "the two of the computer" [ "$(sort "$T/out" | tr '\n' ' ')" = 'cellar desk ' ]
expect 0 ui --kind info --json
json 'd == []'
expect 0 ui --operation delete --kind req --computer desk --brief
out_is cellar
error 4 ERROR_OBJECT_NOT_FOUND ui --operation delete --kind req --computer desk
expect 0 ui --operation deleteall --kind req
out_is 'messages go to no computer'
expect 4 ui --library nothing-like-this

# ---- refresh ----
expect 0 view physical_media --brief
check "two cartridges" [ "$(wc -l <"$T/out")" = 2 ]
expect 0 vlib door "$T/v" open
expect 0 vlib insert "$T/v" NEW001L8 --slot 4
expect 0 vlib door "$T/v" close
expect 0 refresh "$library"
out_is "$library has been looked at"
expect 0 view physical_media --brief
out_has '^NEW001L8$'
expect 0 refresh "/lf$library" --json
json "d['type'] == 'library' and d['name'] == '$library'"
expect 0 refresh NEW001L8
out_has 'drives that could hold NEW001L8'
expect 0 view media_type --json
type=$(json_value '[x["id"] for x in d if x["name"] == "LTO Ultrium"][0]')
expect 0 refresh "/tg$type"
expect 4 refresh "/tf$type"
expect 4 refresh nothing-like-this
