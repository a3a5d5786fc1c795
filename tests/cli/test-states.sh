#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# docs/states.md and the diagrams say what the tables of the library say now.

. "$(dirname "$0")/lib.sh"

docs=$(cd "$(dirname "$0")/../../docs" && pwd)
print=$(pwd)/docs/states/print-states

# What a reader sees in a diagram, whatever the version of dot that drew it.
texts_of_dot() { grep -o ' *label="[^"]*"' | sed 's/ *label="\(.*\)"/\1/; s/\\n/\n/g' | sort; }
texts_of_svg()
{
	sed -n "s/.*<text [^>]*>\(.*\)<\/text>.*/\1/p" "$1" |
		sed "s/&#45;/-/g; s/&#39;/'/g; s/&amp;/\&/g; s/&#160;/ /g" | sort
}
arrows_of_dot() { sed -n 's/^\t\([A-Za-z_]*\) -> \([A-Za-z_]*\).*/\1 \2/p' | sort; }
arrows_of_svg() { sed -n 's/.*<title>\(.*\)&#45;&gt;\(.*\)<\/title>.*/\1 \2/p' "$1" | sort; }

"$print" >"$T/states.md"
check "docs/states.md is current, else: make docs" cmp "$T/states.md" "$docs/states.md"
"$print" --list >"$T/list"
check "there are machines" [ "$(wc -l <"$T/list")" -ge 12 ]
while read -r name; do
	svg=$docs/states/$name.svg
	"$print" "$name" >"$T/dot"
	texts_of_dot <"$T/dot" >"$T/want"
	texts_of_svg "$svg" >"$T/got"
	check "$name.svg has texts" [ -s "$T/got" ]
	check "the texts of $name.svg are current, else: make docs" diff "$T/want" "$T/got"
	arrows_of_dot <"$T/dot" >"$T/want"
	arrows_of_svg "$svg" >"$T/got"
	check "the arrows of $name.svg are current, else: make docs" diff "$T/want" "$T/got"
done <"$T/list"
check "an unknown machine is refused" sh -c '! "$1" nonsense 2>/dev/null' - "$print"
