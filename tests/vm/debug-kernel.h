/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the debug kernel (scripts/vm --debug-kernel) has that others have not: allocations
 * that fail when told to, and the search for memory that nobody knows any more.
 */
#ifndef TESTS_VM_DEBUG_KERNEL_H
#define TESTS_VM_DEBUG_KERNEL_H

#include "calls.h"

#define KMEMLEAK "/sys/kernel/debug/kmemleak"

/* It does not suspect what is younger than five seconds. */
#define KMEMLEAK_AGE_S 6

static inline bool write_text(const char *path, const char *text)
{
	return write_sysfs(text, "%s", path);
}

/* Prints what memory was lost, and returns in how many places; -1 if this kernel cannot tell. */
static inline int print_leaks(void)
{
	char line[256];
	int found = 0;
	FILE *file;

	/* What was moved while the first scan ran is seen by the second. */
	sleep(KMEMLEAK_AGE_S);
	if (!write_text(KMEMLEAK, "scan") || !write_text(KMEMLEAK, "scan"))
		return -1;
	file = fopen(KMEMLEAK, "re");
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		printf("# %s", line);
		found += !strncmp(line, "unreferenced", 12);
	}
	fclose(file);
	return found;
}

static inline void check_leaks(void)
{
	const int found = print_leaks();

	if (found < 0)
		printf("skipped the search for leaks: this kernel has no kmemleak\n");
	else
		check(!found, "no memory is lost (%d places)", found);
}

#endif /* TESTS_VM_DEBUG_KERNEL_H */
