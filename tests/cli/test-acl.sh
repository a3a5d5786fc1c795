#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rsm acl: rights are shown and changed in words, and what they say holds.

. "$(dirname "$0")/lib.sh"

refuse acl
refuse acl computer nonsense
err_has 'one is like user:alice:use,modify'
refuse acl computer user:nobody
refuse acl computer user::use
refuse acl computer user:nobody:write
err_has "no right 'write'; there are: use, modify, control"
refuse acl computer user:nobody:0xZ
refuse acl computer user:nobody:0x123456789
refuse acl computer user:no-such-user-here:use
err_has "no user 'no-such-user-here'"
refuse acl computer group:no-such-group-here:use
refuse acl computer user:4294967295:use
refuse acl computer --owner no-such-user-here
refuse acl computer --replace
check "no database" [ ! -e "$NTMS_HOME" ]

new_library --drives 1 --slots 4 --tapes 2
kind=$("$RSM" view media_type --brief | grep -m 1 LTO)
expect 0 view library --json
library=$(json_value '[x["name"] for x in d if x["changers"]][0]')
expect 0 createpool Work --type "$kind"

expect 0 acl Work --json
json 'd["type"] == "media_pool" and d["name"] == "Work" and d["owner"] == "user:root"'
json 'all(x["who"] and x["rights"] and x["allowed"] for x in d["entries"])'
expect 0 acl Work
out_has '^media_pool Work, owner user:root'

# Set, changed, taken away; what is denied comes first.
expect 0 acl Work --replace user:nobody:use,modify group:4711:all everyone:none --brief
out_is 'user:nobody:use,modify
group:4711:all'
expect 0 acl Work deny:user:nobody:control below:everyone:use here:everyone:read-control,0x10000 --brief
out_is 'deny:user:nobody:control
user:nobody:use,modify
group:4711:all
below:everyone:use
here:everyone:read-control,0x10000'
cp "$T/out" "$T/list"
expect 0 acl Work --json
json '[x["where"] for x in d["entries"]] == ["here and below"] * 3 + ["below", "here"]'
json '[x["allowed"] for x in d["entries"]] == [False] + [True] * 4'
json 'd["entries"][4]["rights"] == ["read-control", "0x10000"]'
expect 0 acl Work user:nobody:use --brief
out_has '^user:nobody:use$'
out_has '^deny:user:nobody:control$'
expect 0 acl Work user:nobody:none deny:user:nobody:none --brief
out_lacks nobody
check "the others stay" [ "$(wc -l <"$T/out")" = 3 ]

# What is printed is what is read.
expect 0 createpool Copy --type "$kind"
# shellcheck disable=SC2046
expect 0 acl Copy --replace $(cat "$T/list") --brief
check "the same list" cmp -s "$T/list" "$T/out"
expect 0 acl Copy --owner nobody --group 4711 --json
json 'd["owner"] == "user:nobody" and d["group"] == "group:4711"'
check "the list stays" [ "$("$RSM" acl Copy --brief)" = "$(cat "$T/list")" ]

# A pool below gets what goes for those below.
expect 0 createpool Above
expect 0 acl Above --replace user:nobody:use below:user:4712:modify here:user:4713:use
expect 0 createpool Above/Below
expect 0 acl Above/Below --json
json '[(x["who"], x["rights"]) for x in d["entries"] if x["inherited"]] == [
	("user:nobody", ["use"]), ("user:4712", ["modify"])]'
expect 0 acl Above/Below
out_has 'user:nobody:use  \(from the pool above\)'

# Other holders; the root pool; what has none of its own.
expect 0 acl computer --json
json 'd["type"] == "computer"'
expect 0 acl "$library" group:4711:control --json
json 'd["type"] == "library" and any(x["who"] == "group:4711" for x in d["entries"])'
expect 0 acl '\' --json
json 'd["type"] == "media_pool"'
root=$(json_value 'd["id"]')
expect 0 acl / --json
json "d['id'] == '$root'"
expect 0 view drive --guid --brief
expect 4 acl "$(cat "$T/out")"
err_has 'cannot be done with a drive'
expect 4 acl nothing-like-this
too_many=$(seq -f 'user:%g:use' 1000 1200)
# shellcheck disable=SC2086
error 6 ERROR_INVALID_PARAMETER acl Work --replace $too_many
check "nothing is changed" [ "$("$RSM" acl Work --brief | wc -l)" = 3 ]

# It holds: as somebody else.
[ "$(id -u)" = 0 ] || { bad "these need root"; exit; }
chmod 755 "$T"
as_nobody()
{
	command="as nobody: rsm $*"
	status=0
	setpriv --reuid=65534 --regid=65534 --clear-groups "$RSM" "$@" >"$T/out" 2>"$T/err" \
		</dev/null || status=$?
}
chmod -R a+rwX "$NTMS_HOME" "$T/v"
expect 0 acl computer user:nobody:use
expect 0 acl Work --replace user:4711:all
as_nobody acl Work
check "not even to be seen" [ "$status" = 3 ]
err_has ERROR_ACCESS_DENIED
expect 0 acl Work user:nobody:read-control
as_nobody acl Work --brief
check "seen" [ "$status" = 0 ]
out_has '^user:nobody:read-control$'
as_nobody acl Work user:nobody:all
check "not changed" [ "$status" = 3 ]
err_has 'lacks the write-dac right'
expect 0 acl Work user:nobody:read-control,write-dac
as_nobody acl Work user:nobody:all
check "changed" [ "$status" = 0 ]
