// SPDX-License-Identifier: GPL-2.0-only
/* A refused change of state is told to the system's log, once, when its transaction has ended. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include "base/refusal.h"
#include "core/states.h"
#include "fixture.h"

TestSuite(refusal, .timeout = 60, .init = fx_setup, .fini = fx_teardown);

static unsigned int told;
static char last[512];

/* Instead of the C library's. */
void syslog(int priority, const char *format, ...)
{
	va_list arguments;

	(void)priority;
	va_start(arguments, format);
	vsnprintf(last, sizeof(last), format, arguments);
	va_end(arguments);
	told++;
}

static struct txn *begin(void)
{
	struct session *session = fx_session;
	struct txn *txn;

	must(store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn));
	return txn;
}

/* What no caller asks for: an unknown side has got its free label. */
static void refuse(unsigned int times)
{
	struct object side = {.type = NTMS_PARTITION, .name = "R00001L8"};

	while (times--)
		must_be(side_event(&side, SIDE_FREE_LABELLED), ERROR_INVALID_STATE);
}

static struct refusal_counts count_all(void)
{
	struct refusal_counts counts;
	struct txn *txn = begin();

	store_refusals(txn, &counts);
	store_abort(txn);
	return counts;
}

Test(refusal, is_told_when_the_transaction_has_ended)
{
	struct txn *txn = begin();
	size_t count;

	refuse(1);
	cr_expect_eq(told, 0, "told while the lock is held");
	store_abort(txn);
	cr_expect_eq(told, 1);
	cr_expect_not_null(strstr(last, "R00001L8"), "\"%s\"", last);
	refusals_noted(&count);
	cr_expect_eq(count, 0);
	store_abort(begin());
	cr_expect_eq(told, 1, "told twice");
	txn = begin();
	refuse(1);
	must(store_commit(txn));
	cr_expect_eq(told, 2, "a commit tells it too");
}

Test(refusal, many_are_counted)
{
	struct txn *txn = begin();

	refuse(REFUSALS_MAX + 3);
	store_abort(txn);
	cr_expect_eq(told, REFUSALS_MAX + 1);
	cr_expect_not_null(strstr(last, " 3 more"), "\"%s\"", last);
}

/* Callers make mistakes; the log is for what should not have come to pass. */
Test(refusal, of_a_callers_mistake_is_counted_and_not_told)
{
	struct refusal_counts before = count_all(), after;
	struct object side = {.type = NTMS_PARTITION, .name = "R00001L8"};
	struct txn *txn = begin();

	must_be(side_event(&side, SIDE_COMPLETE), ERROR_INVALID_STATE);
	must_be(side_event(&side, SIDE_DEALLOCATE), ERROR_INVALID_STATE);
	refuse(1);
	store_abort(txn);
	cr_expect_eq(told, 1);
	after = count_all();
	cr_expect_eq(after.expected, before.expected + 2);
	cr_expect_eq(after.unexpected, before.unexpected + 1);
}

/* A state that there is not is damage, whatever is asked of it. */
Test(refusal, in_no_state_is_told)
{
	struct object side = {.type = NTMS_PARTITION, .name = "R00001L8", .side.state = 77};
	struct txn *txn = begin();

	must_be(side_event(&side, SIDE_COMPLETE), ERROR_INVALID_STATE);
	store_abort(txn);
	cr_expect_eq(told, 1);
}
