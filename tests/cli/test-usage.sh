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
verbs=$("$RSM" help | sed -n '/^Verbs:/,/^$/s/^  \([a-z][a-z]*\) *.*/\1/p')
check "there are verbs" [ "$(echo "$verbs" | wc -w)" -ge 17 ]
for verb in $verbs; do
	refuse "$verb" --bogus
	err_has "unknown option '--bogus'"
	expect 0 "$verb" --help
	out_has "^usage: rsm $verb"
	expect 0 help "$verb"
	out_has "^usage: rsm $verb"
	refuse "$verb" ''
	refuse "$verb" --json --brief a b
done
for verb in devices who; do
	refuse $verb extra
	err_has 'too many arguments'
done
for verb in manage unmanage inventory createpool deletepool freemedia movemedia allocate deallocate \
	mount run dismount label vlib; do
	refuse $verb
done
for verb in manage unmanage inventory createpool deletepool allocate deallocate label help; do
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
