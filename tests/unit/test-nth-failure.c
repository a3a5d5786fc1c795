/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-nth-failure.c - every allocation, and every call of Berkeley DB, of every exported call
 * fails once
 *
 * For every row of nth.h, and every n there is, the n-th fails: the call says so, the database is
 * as it was, and nothing is lost. The code that this has by its reference
 * (tests/coverage/calls.txt) must come back at least once.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "faults.h"
#include "nth.h"
#include "scarce.h"

/* Of the address sanitizer, where the program is built with it. */
__attribute__((weak)) int __lsan_do_recoverable_leak_check(void);

/* What Berkeley DB allocated before an allocation failed it often forgets. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libdb-5.3.so";
}

/* Where it is a matter of chance how often a call looks at the database so many refusals are
 * enough, unless RSM_EVERY_ONE in the environment asks for all; RSM_ONLY for one call, by name. */
#define CHANCES 60

/* Exported, and not in the table: they touch neither memory nor the database. */
static const char *const without_row[] = {
	"GetLastError",
	"SetLastError",
};

static size_t rows(void)
{
	return nth_calls_count + nth_works_count;
}

static const struct nth_row *row_at(size_t i)
{
	return i < nth_calls_count ? &nth_calls[i] : &nth_works[i - nth_calls_count];
}

static bool has_row(const char *name)
{
	for (size_t i = 0; i < rows(); i++)
		if (!strcmp(row_at(i)->name, name))
			return true;
	return false;
}

static bool needs_no_row(const char *name)
{
	for (size_t i = 0; i < sizeof(without_row) / sizeof(without_row[0]); i++)
		if (!strcmp(without_row[i], name))
			return true;
	return false;
}

static FILE *open_source(const char *name)
{
	const char *source = getenv("RSM_SOURCE");
	char path[PATH_MAX];
	FILE *file;

	cr_assert(source, "RSM_SOURCE is the directory of the source");
	snprintf(path, sizeof(path), "%s/%s", source, name);
	file = fopen(path, "r");
	cr_assert(file, "%s: %m", path);
	return file;
}

/* No call is forgotten, nor left on the list when it has its row. */
Test(nth, every_exported_call_has_a_row)
{
	FILE *file = open_source("lib/libntms.map");
	char line[256], name[64];
	size_t calls = 0;
	char end;

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " %63[A-Za-z]%c", name, &end) != 2 || end != ';')
			continue;
		calls++;
		cr_expect(has_row(name) != needs_no_row(name), "%s", name);
	}
	fclose(file);
	cr_expect_gt(calls, 70);
}

/* ---- tried ---- */

static const RSM_VIRTUAL_SHAPE shape = {.dwDrives = 2,
					.dwSlots = 6,
					.dwPorts = 1,
					.dwTapes = 4,
					.dwStandAloneDrives = 1,
					.bDoor = TRUE,
					.bBarCodeReader = TRUE};

static void setup(void)
{
	NTMS_GUID media;

	scarce_setup();
	fx_make_shape(&shape);
	fx_open_library();
	memset(&it, 0, sizeof(it));
	media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	it.type = fx_get(&media, NTMS_PHYSICAL_MEDIA).media.media_type;
}

static bool is_code(const char *word, DWORD code)
{
	return word && !strcmp(word, RsmErrorName(code) + strlen("ERROR_"));
}

/* Is it the name of a call, or of its two variants: "NAME/AW", in lines with "never" "NAME"? */
static bool is_named(const char *word, const char *name)
{
	size_t length = strlen(name);

	if (!strcmp(word, name))
		return true;
	if (strncmp(word, name, length - 1) != 0 || !strchr("AW", name[length - 1]))
		return false;
	return !word[length - 1] || !strcmp(word + length - 1, "/AW");
}

/*
 * Does the reference block of a call list this code? Of Rsm calls there is none. The lines are
 * "call NAME", "returns CODE...", and "never NAME CODE REASON".
 */
static bool is_documented(const char *name, DWORD code)
{
	FILE *file = open_source("tests/coverage/calls.txt");
	char line[256], *what, *word, *rest;
	bool inside = false, listed = false, never = false;

	while (fgets(line, sizeof(line), file)) {
		what = strtok_r(line, " \n", &rest);
		word = what ? strtok_r(NULL, " \n", &rest) : NULL;
		if (!word)
			continue;
		if (!strcmp(what, "call"))
			inside = is_named(word, name);
		if (!strcmp(what, "never") && is_named(word, name))
			never = never || is_code(strtok_r(NULL, " \n", &rest), code);
		for (; inside && !strcmp(what, "returns") && word;
		     word = strtok_r(NULL, " \n", &rest))
			listed = listed || is_code(word, code);
	}
	fclose(file);
	return listed && !never;
}

/* What a call may return when this is scarce: the documents do not name all that there is. */
static void check_code(const struct nth_row *row, long after, DWORD code, DWORD expected)
{
	cr_assert_eq(code, expected, "%s %s, number %ld: %s, %s", row->name, row->variant, after,
		     RsmErrorName(code), RsmLastMessage());
	cr_assert_neq(RsmLastMessage()[0], '\0', "%s %s, number %ld: nothing is said", row->name,
		      row->variant, after);
}

/* Let the call fail at one place: false when it does not get there. *@refused when it says so. */
static bool try_one(const struct nth_row *row, void (*arm)(long after), long after, DWORD expected,
		    bool *refused)
{
	struct fx_dump *before = fx_dump();
	DWORD code;
	bool failed;

	arm(after);
	code = row->call();
	failed = scarce_end() > 0;
	/* What it can do without it may do without. */
	*refused = failed && code != row->ends;
	if (*refused)
		check_code(row, after, code, expected);
	else
		cr_assert_eq(code, row->ends, "%s %s: %s, %s", row->name, row->variant,
			     RsmErrorName(code), RsmLastMessage());
	if (*refused && !row->records)
		fx_expect_unchanged(before);
	else
		fx_dump_free(before);
	return failed;
}

static const struct nth_row *locked_row;

static DWORD call_locked_row(HANDLE session)
{
	(void)session;
	return locked_row->call();
}

/*
 * What the reference block of a call lists it must have returned. If it reads and writes none of
 * the database's objects, then when they cannot be had.
 */
static void expect_documented(const struct nth_row *row, DWORD expected, size_t refusals)
{
	if (!is_documented(row->name, expected))
		return;
	locked_row = row;
	if (!refusals && expected == ERROR_DATABASE_FAILURE)
		refusals += fault_locked_out(call_locked_row) == expected;
	cr_assert_gt(refusals, 0, "%s %s never returns %s", row->name, row->variant,
		     RsmErrorName(expected));
}

/* Fail the n-th of what @arm counts, for all there are. */
static void try_each(const struct nth_row *row, void (*arm)(long after), DWORD expected)
{
	bool refused = false, every_one = getenv("RSM_EVERY_ONE");
	const char *only = getenv("RSM_ONLY");
	size_t refusals = 0;
	long after = 0;

	if (only && strcmp(only, row->name) != 0)
		cr_skip_test("RSM_ONLY asks for another");
	if (row->full_is_failure && expected == ERROR_DATABASE_FULL)
		expected = ERROR_DATABASE_FAILURE;
	do {
		cr_assert_lt(after, 100000);
		if ((!refused || row->records) && row->prepare)
			row->prepare();
		if (!try_one(row, arm, after, expected, &refused))
			break;
		after += row->stride && !every_one ? row->stride : 1;
		refusals += refused;
	} while (!row->records || every_one || refusals < CHANCES);
	expect_documented(row, expected, refusals);
	if (__lsan_do_recoverable_leak_check)
		cr_assert_eq(__lsan_do_recoverable_leak_check(), 0, "%s %s leaks", row->name,
			     row->variant);
}

static void damaged(long after)
{
	scarce_database(after, EIO);
}

static void full(long after)
{
	scarce_database(after, ENOSPC);
}

static size_t numbers[256];

static struct criterion_test_params all_rows(void)
{
	cr_assert_leq(rows(), sizeof(numbers) / sizeof(numbers[0]));
	for (size_t i = 0; i < rows(); i++)
		numbers[i] = i;
	return cr_make_param_array(size_t, numbers, rows());
}

ParameterizedTestParameters(nth, allocation)
{
	return all_rows();
}

ParameterizedTest(size_t *number, nth, allocation, .init = setup, .fini = fx_teardown,
		  .timeout = 3600)
{
	try_each(row_at(*number), scarce_memory, ERROR_NOT_ENOUGH_MEMORY);
}

ParameterizedTestParameters(nth, call_of_the_database)
{
	return all_rows();
}

ParameterizedTest(size_t *number, nth, call_of_the_database, .init = setup, .fini = fx_teardown,
		  .timeout = 3600)
{
	try_each(row_at(*number), damaged, ERROR_DATABASE_FAILURE);
}

ParameterizedTestParameters(nth, call_of_a_full_database)
{
	return all_rows();
}

ParameterizedTest(size_t *number, nth, call_of_a_full_database, .init = setup, .fini = fx_teardown,
		  .timeout = 3600)
{
	try_each(row_at(*number), full, ERROR_DATABASE_FULL);
}
