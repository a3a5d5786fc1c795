/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nth.h - every exported call, with arguments by which it succeeds
 *
 * One row for each path that a call can take: what test-nth-failure.c lets fail.
 */
#ifndef NTH_H
#define NTH_H

#include <criterion/criterion.h>
#include "fixture.h"

/* What the calls are about; each test has its own. */
struct nth_subject {
	NTMS_GUID type;	 /* of media: LTO */
	NTMS_GUID pool;	 /* an application's, that draws from the Free pool */
	NTMS_GUID empty; /* another, or what is made anew for each try */
	NTMS_GUID media; /* an LMID */
	NTMS_GUID other; /* another of the same pool */
	NTMS_GUID object;
	NTMS_GUID guid; /* what a call returns */
	HANDLE handle;
	unsigned int round; /* for names that are new */
	char name[32];
	NTMS_OBJECTINFORMATIONA info[3];
	NTMS_OBJECTINFORMATIONW wide[3];
	char bytes[4096];
	WCHAR text[2048];
	DWORD size;
};
extern struct nth_subject it;

struct nth_row {
	const char *name;
	const char *variant;   /* what is asked of it, "" where there is but one way */
	void (*prepare)(void); /* before a try that may succeed; NULL: nothing is used up */
	DWORD (*call)(void);
	DWORD ends;	      /* what it returns when nothing fails */
	long stride;	      /* of so many only one fails: there are very many */
	bool records;	      /* what it has begun is on record, though it failed */
	bool full_is_failure; /* the documents have one code for all of a database's errors */
};

extern const struct nth_row nth_calls[], nth_works[];
extern const size_t nth_calls_count, nth_works_count;

#define CALL(name, expression)         \
	static DWORD call_##name(void) \
	{                              \
		return (expression);   \
	}

#define TRY(name_, prepare_, ...)                                                         \
	{                                                                                 \
		.name = #name_, .variant = "", .prepare = prepare_, .call = call_##name_, \
		__VA_ARGS__                                                               \
	}
#define TRY_AS(name_, variant_, prepare_, ...)                             \
	{                                                                  \
		.name = #name_, .variant = #variant_, .prepare = prepare_, \
		.call = call_##name_##_##variant_, __VA_ARGS__             \
	}

static inline LPDWORD room(DWORD size)
{
	it.size = size;
	return &it.size;
}

/* Nothing of a library is queued or under way; what went before may have failed. */
static inline void settled(NTMS_GUID *library)
{
	cr_assert_neq(RsmWaitForLibrary(fx_session, library, PATIENCE_MS), ERROR_TIMEOUT);
}

static inline void at_rest(void)
{
	settled(&fx_library);
}

#endif
