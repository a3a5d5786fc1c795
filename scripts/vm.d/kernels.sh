# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the scripts share that provide a kernel beside the machine's own. The caller has set
# `tree`, the root of the sources, and `name`, its own name. A kernel is a directory outside
# of the source tree, $RSM_KERNEL_CACHE, or rsm/kernels in $XDG_CACHE_HOME or ~/.cache:
#   vmlinuz   to boot
#   release   its version
#   build/    what building a module needs
#   modules/  its modules, as lib/modules/RELEASE below it; missing if all is built in

: "${tree:?}" "${name:?}"
cache=${RSM_CACHE:-$tree/.cache}
kernels=${RSM_KERNEL_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/rsm/kernels}

die()
{
	echo "$name: $*" >&2
	exit 1
}

# Two at once make a kernel once. Held until the script ends; a child that may outlive it closes 9.
kernels_lock()
{
	mkdir -p "$kernels"
	exec 9>"$kernels/lock.$name"
	flock 9
}

# $1: megabytes that making it takes. Prints a new directory, to be given to kernels_keep.
kernels_new()
{
	free=$(df -Pk "$kernels" | awk 'NR == 2 { print int($4 / 1024) }')
	[ "$free" -ge "$1" ] || die "$kernels has $free MB free; this needs $1"
	mktemp -d "$kernels/new.XXXXXX"
}

kernels_keep()
{
	mv -T "$1" "$2" 2>/dev/null || [ -e "$2/vmlinuz" ] || die "cannot move $1 to $2"
}

# Build rsm.ko for the kernel in directory $1, as kmod-KIND/kmod/rsm.ko in the cache; $2: KIND.
kernels_module()
{
	copy=$cache/kmod-$2
	mkdir -p "$copy/include/uapi/linux" "$copy/kmod"
	# No older object may survive a change of the kernel.
	if [ "$(cat "$copy/kernel" 2>/dev/null)" != "$1" ]; then
		rm -rf "$copy/kmod"
		mkdir -p "$copy/kmod"
		echo "$1" >"$copy/kernel"
	fi
	(cd "$tree" && git ls-files -z --cached --others --exclude-standard kmod include/uapi |
		xargs -0 cp -pu --parents -t "$copy")
	make -C "$1/build" M="$copy/kmod" W=1 modules >"$copy/log" 2>&1 || {
		cat "$copy/log" >&2
		die "rsm.ko does not build for the kernel $(cat "$1/release")"
	}
	# Whatever the headers of a released kernel are like: our own files get no warning.
	if grep -F "$copy/" "$copy/log" | grep 'warning:' >&2; then
		die "rsm.ko builds with warnings for the kernel $(cat "$1/release")"
	fi
}
