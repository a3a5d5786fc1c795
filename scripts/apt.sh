# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Where this machine's own packages come from, for what is fetched from there besides.

# The code name of the release, as "bookworm".
# shellcheck source=/dev/null
debian_release() { (. /etc/os-release && echo "${VERSION_CODENAME-}"); }

# The addresses that it is got from, one a line.
debian_sites()
{
	# shellcheck disable=SC2016 # apt's own variable
	apt-get indextargets --format '$(SITE)' 'Created-By: Packages' \
		"Codename: $(debian_release)" 'Component: main' \
		"Architecture: $(dpkg --print-architecture)" | sort -u
}
