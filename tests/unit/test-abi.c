// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interface is that of Windows: every fact of ntms-abi.txt holds, and there are as many as
 * there should be. The table is made by abi-gen when this is built.
 */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include "ntms/ntmsapi.h"
#include "ntms/ntmsmli.h"

enum fact_kind { FACT_NUMBER, FACT_FIELD, FACT_FUNCTION };

struct fact {
	enum fact_kind kind;
	const char *what;
	long long is;
	long long should_be;
	const char *symbol;
};

#include "abi-facts.h"

#define FACT_COUNT   (sizeof(facts) / sizeof(facts[0]))
#define FACTS_WANTED 891

Test(abi, every_fact_is_there)
{
	cr_assert_eq(FACT_COUNT, FACTS_WANTED, "%zu facts, not %d", FACT_COUNT, FACTS_WANTED);
}

Test(abi, values_sizes_and_offsets)
{
	for (size_t i = 0; i < FACT_COUNT; i++) {
		const struct fact *fact = &facts[i];

		if (fact->kind == FACT_FIELD)
			cr_expect_eq(fact->is, fact->should_be,
				     "%s is at %lld with %lld bytes, not at %lld with %lld",
				     fact->what, fact->is / 100000, fact->is % 100000,
				     fact->should_be / 100000, fact->should_be % 100000);
		else
			cr_expect_eq(fact->is, fact->should_be, "%s is %lld, not %lld", fact->what,
				     fact->is, fact->should_be);
	}
}

/* In the shared library as it will be installed, not in what this test happens to link. */
Test(abi, functions_are_exported)
{
	const char *path = getenv("LIBNTMS_SO");
	size_t functions = 0;
	void *library;

	library = dlopen(path ? path : LIBNTMS_SO, RTLD_NOW | RTLD_LOCAL);
	cr_assert_not_null(library, "%s", dlerror());
	for (size_t i = 0; i < FACT_COUNT; i++) {
		if (facts[i].kind != FACT_FUNCTION)
			continue;
		functions++;
		cr_expect_not_null(dlsym(library, facts[i].symbol), "%s is not exported",
				   facts[i].symbol);
	}
	cr_assert_eq(functions, 74);
	cr_expect_not_null(dlsym(library, "GetLastError"));
	cr_expect_not_null(dlsym(library, "SetLastError"));
	cr_expect_null(dlsym(library, "store_open"), "an internal name is exported");
	dlclose(library);
}
