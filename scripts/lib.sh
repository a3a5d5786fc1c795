# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the scripts share. The caller has set `tree`, the root of the sources.
#   step NAME COMMAND...   run one step, its output in a log, and say how it went; status 77 of
#                          the command: it could not be done here, which is said, too
#   verdict                the closing lines; status 1 if a step failed
#   user_space DIR OPT...  configure and build user space in DIR, quickly when done before
#   kernel_module          build kmod/rsm.ko for the kernel that scripts/vm boots

: "${tree:?}"
cache=${RSM_CACHE:-$tree/.cache}
logs=$cache/logs
# The products, as tests look for them.
RSM_BUILD=$cache/build
export RSM_CACHE="$cache" RSM_BUILD
jobs=$(nproc)

# The checkout may well belong to somebody else than root.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
# Nobody's shell may change what a test sees.
export LC_ALL=C.UTF-8
mkdir -p "$logs"

passed=0 failed=0 left_out=0 failures='' missed='' began=$(date +%s)

# What of a failed step's log says why: first what the tests of any kind print, else its end.
step_reasons()
{
	if ! grep -aE '^(FAIL|ERROR): |^[ |:]*(\[(FAIL|----)\]|not ok|FAIL)| FAILED ' "$step_log"; then
		tail -n 5 "$step_log"
	fi | head -n 30 | sed 's/^/    | /'
}

# A step that fails is counted, and its log shown; the next ones still run.
step()
{
	step_name=$1
	shift
	step_log=$logs/$(echo "$step_name" | tr -cs 'A-Za-z0-9\n' '-').log
	printf '%-44s' "$step_name"
	step_began=$(date +%s)
	step_status=0
	("$@") >"$step_log" 2>&1 </dev/null || step_status=$?
	if [ "$step_status" -eq 0 ]; then
		passed=$((passed + 1))
		printf ' ok     %4d s\n' $(($(date +%s) - step_began))
		return 0
	fi
	if [ "$step_status" -eq 77 ]; then
		left_out=$((left_out + 1))
		missed="$missed  $step_name: $(tail -n 1 "$step_log")
"
		printf ' LEFT OUT: %s\n' "$(tail -n 1 "$step_log")"
		return 77
	fi
	failed=$((failed + 1))
	failures="$failures  $step_name: $step_log
$(step_reasons)
"
	printf ' FAILED %4d s\n' $(($(date +%s) - step_began))
	tail -n "${step_lines:-60}" "$step_log" | sed 's/^/    | /'
	return 1
}

# Lines of the last step's log worth seeing although it passed.
show()
{
	grep -aE "$1" "$step_log" | sed 's/^/    /' || :
}

verdict()
{
	echo
	printf 'It took %d s. ' $(($(date +%s) - began))
	if [ "$failed" -eq 0 ]; then
		echo "All is well."
	else
		printf 'FAILED:\n%s' "$failures"
	fi
	if [ "$left_out" -gt 0 ]; then printf 'Left out:\n%s' "$missed"; fi
	echo "$passed passed, $failed failed, $left_out left out"
	[ "$failed" -eq 0 ]
}

# Prints the directory to configure from: the tree itself, or a copy of it when
# somebody has configured it in place, which automake does not let us share.
source_directory()
{
	if [ ! -e "$tree/config.status" ]; then
		echo "$tree"
		return
	fi
	mkdir -p "$cache/source"
	(cd "$tree" && git ls-files -z --cached --others --exclude-standard |
		xargs -0 cp -pu --parents -t "$cache/source")
	echo "$cache/source"
}

user_space()
{
	directory=$1
	shift
	source=$(source_directory) || return
	# make itself looks after configure from then on.
	if [ ! -x "$source/configure" ]; then
		(cd "$source" && autoreconf -fi) || return
	fi
	mkdir -p "$directory" || return
	if [ "$(cat "$directory/configured-with" 2>/dev/null)" != "$source $*" ] ||
		[ ! -e "$directory/Makefile" ]; then
		(cd "$directory" && "$source/configure" "$@") || return
		echo "$source $*" >"$directory/configured-with"
	fi
	make -C "$directory" -j"$jobs" all
}

newest_kernel()
{
	for directory in /lib/modules/*/; do
		version=$(basename "$directory")
		if [ -e "/boot/vmlinuz-$version" ]; then echo "$version"; fi
	done | sort -V | tail -n 1
}

kernel_module()
{
	make -C "$tree/kmod" KDIR="/lib/modules/$(newest_kernel)/build" modules
}
