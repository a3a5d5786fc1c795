#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Arguments: what is wrong is said, with the nearest right word, and nothing is done.

. "$(dirname "$0")/lib.sh"

refuse
err_has 'verb is missing'
refuse mont
err_has "did you mean 'mount'"
refuse xyzzyplugh
err_has "no verb 'xyzzyplugh'"
refuse --bogus view
refuse ''

# Every verb: unknown options, too few and too many arguments, empty ones.
list_verbs >"$T/verbs"
check "there are verbs" [ "$(wc -l <"$T/verbs")" -ge 26 ]
while read -r first second; do
	refuse "$first" $second --bogus
	err_has "unknown option '--bogus'"
	expect 0 "$first" $second --help
	out_has "^usage: rsm $first${second:+ $second}"
	expect 0 help "$first" $second
	out_has "^usage: rsm $first${second:+ $second}"
	cp "$T/out" "$T/help"
	expect 0 "$first" $second '/?'
	check "/? is --help" cmp -s "$T/out" "$T/help"
	refuse "$first" $second ''
	refuse "$first" $second --json --brief a b
done <"$T/verbs"
for family in vlib delete; do
	refuse $family
	err_has "^rsm: $family what\? One of: "
	refuse $family nothing
	err_has "no verb '$family nothing'"
	expect 0 $family --help
	out_has "^  $family [a-z]+"
	expect 0 help $family
	out_has "^  $family [a-z]+"
done
refuse delete dribe x
err_has "did you mean 'delete drive'"
refuse help who too
err_has "too many arguments: 'too'"
for verb in devices who; do
	refuse $verb extra
	err_has 'too many arguments'
done
for verb in manage unmanage inventory createpool deletepool freemedia movemedia allocate deallocate \
	mount run dismount label enable disable complete decommission swap; do
	refuse $verb
done
for verb in manage unmanage inventory createpool deletepool allocate deallocate label enable disable \
	complete decommission; do
	refuse $verb one two
done
refuse movemedia one
refuse movemedia one two three

refuse mount x --wirte
err_has "did you mean '--write'"
refuse mount x -w
err_has "unknown option '-w'"
refuse mount x --read=yes
err_has 'takes no value'
refuse mount x --drive
err_has 'needs a value'
refuse mount x --drive ''
refuse mount x y --drive 0
err_has '2 media, but 1 drives'
refuse mount x --priority urgent
err_has 'highest, high, normal, low, lowest'
for number in -1 0x10 1e3 ' 5' 4294967295 99999999999999999999 ten '' 5s; do
	refuse mount x --timeout "$number"
	refuse inventory x --timeout "$number"
done
for number in 16 -16 1x '' 99999999999999999999; do
	refuse mount x --priority "$number"
done
refuse mount
refuse mount x --slot y
err_has 'exclude each other'
refuse mount x --partition y
refuse mount --slot x --partition y
refuse mount x --library y
err_has 'where a --slot is'
refuse mount x --changer y
refuse mount --slot x --changer y --library z
refuse run x --slot y -- true
refuse dismount x --partition y
refuse dismount --partition x --drive y
refuse deallocate x --partition y
refuse freemedia
refuse freemedia x --slot y
refuse freemedia --slot x --drive y
refuse freemedia --drive x --drive y
refuse freemedia x --library y
refuse swap one
refuse swap one two three
refuse delete drive
refuse delete drive one two
refuse allocate x --description "$(printf 'n%.0s' $(seq 128))"
refuse allocate x --side-name "$(printf 'n%.0s' $(seq 64))"
refuse mount x --for 0
refuse mount x --for 4000000000
refuse run x -- 
err_has 'command is missing'
refuse run x true
err_has 'command is missing'
refuse run -- true
refuse inventory x --action quick
refuse createpool x --open maybe
refuse createpool x --max-allocates 0
refuse allocate x --new --next y
err_has 'exclude each other'
refuse allocate x --name ''
refuse allocate x --name "$(printf 'n%.0s' $(seq 64))"
refuse allocate x --name "$(printf 'a\377b')"
refuse dismount
refuse dismount x --drive y
refuse dismount --drive x --drive y
refuse dismount --drive x --deferred
refuse vlib destroy x
refuse vlib create
refuse vlib create x --drives
refuse view nonsense
refuse view librari
err_has "did you mean 'library'"
refuse view --container x
refuse help mont
err_has "did you mean 'mount'"

# Nothing of all that has made a database.
check "no database" [ ! -e "$NTMS_HOME" ]

expect 0 --version
out_has '^rsm .*[0-9]'
expect 0 --help
out_has '^  mount'
expect 0 -h
expect 0 help
