/* SPDX-License-Identifier: GPL-2.0-only */
/* store-test.h - what the tests of the object store have in common */
#ifndef STORE_TEST_H
#define STORE_TEST_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "must.h"
#include "store/store.h"

static char home[PATH_MAX];

static inline void make_home_name(void)
{
	const char *dir = getenv("TMPDIR");

	snprintf(home, sizeof(home), "%s/test-store-XXXXXX", dir ? dir : "/tmp");
	cr_assert_not_null(mkdtemp(home));
}

/* Remove files of the home directory whose names begin with @prefix. */
static inline int remove_files(const char *prefix)
{
	DIR *dir = opendir(home);
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

static inline void remove_home(void)
{
	remove_files("");
	rmdir(home);
}

static inline struct store *open_store(void)
{
	struct store *store;

	must(store_open(home, true, &store));
	return store;
}

static inline struct txn *begin(struct store *store)
{
	struct txn *txn;

	must(store_begin(store, STORE_DEADLINE_DEFAULT, &txn));
	return txn;
}

/* In a child: a test that fails leaves nobody behind. */
static inline void die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* The exit status of a child that ended by itself, or -1. */
static inline int status_of(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void check_store(struct store *store, size_t expected)
{
	struct txn *txn = begin(store);
	size_t count = 0;

	must(store_check(txn, &count));
	store_abort(txn);
	cr_assert_eq(count, expected, "%zu objects instead of %zu", count, expected);
}

/* Memory shared with children. */
static inline void *shared_page(size_t size)
{
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	cr_assert_neq(page, MAP_FAILED);
	return page;
}

#endif
