// SPDX-License-Identifier: GPL-2.0-only
/* Every state of a side against every event: the table of the reference, written down once more. */
#include <criterion/criterion.h>
#include <string.h>
#include "base/say.h"
#include "core/media.h"
#include "core/side_state.h"

#define STATES 10
#define NO     -1

/* Row: the event; column: the state it comes in; the state it leaves, or NO. States by number:
 * 0 unknown, 1 unprepared, 2 incompatible, 3 decommissioned, 4 available, 5 allocated, 6 complete,
 * 7 foreign, 8 import, 9 reserved. */
static const int expected[SIDE_EVENTS][STATES] = {
	/*			     0   1   2   3   4   5   6   7   8   9 */
	[SIDE_FOUND_FOREIGN] = {7, NO, NO, NO, NO, NO, NO, NO, NO, NO},
	[SIDE_FOUND_IMPORT] = {8, NO, NO, NO, NO, NO, NO, NO, NO, NO},
	[SIDE_FOUND_INCOMPATIBLE] = {2, NO, NO, NO, NO, NO, NO, NO, NO, NO},
	[SIDE_TO_FREE] = {1, 1, NO, NO, 1, NO, NO, 1, 1, NO},
	[SIDE_FREE_LABELLED] = {NO, 4, NO, NO, NO, NO, NO, NO, NO, NO},
	[SIDE_ALLOCATE] = {NO, NO, NO, NO, 5, NO, NO, NO, 5, NO},
	[SIDE_RESERVE] = {NO, NO, NO, NO, 9, NO, NO, NO, NO, NO},
	[SIDE_ALLOCATE_NEXT] = {NO, NO, NO, NO, NO, NO, NO, NO, NO, 5},
	[SIDE_COMPLETE] = {NO, NO, NO, NO, NO, 6, NO, NO, NO, NO},
	[SIDE_DEALLOCATE] = {NO, NO, NO, NO, NO, 4, 4, NO, NO, NO},
	[SIDE_WORN_OUT] = {NO, NO, NO, NO, NO, 3, 3, NO, NO, NO},
	[SIDE_UNRESERVE] = {NO, NO, NO, NO, NO, NO, NO, NO, NO, 4},
	[SIDE_DECOMMISSION] = {NO, NO, NO, NO, 3, NO, NO, NO, NO, NO},
	[SIDE_SWAP] = {NO, NO, NO, NO, NO, 5, NO, NO, NO, NO},
};

Test(side_state, every_state_and_event)
{
	for (int event = 0; event < SIDE_EVENTS; event++) {
		for (uint32_t state = 0; state < STATES; state++) {
			struct object side = {.type = NTMS_PARTITION, .name = "A00001L8"};
			int want = expected[event][state];
			DWORD code;

			side.side.state = state;
			ntms_say_nothing();
			code = side_event(&side, (enum side_event)event);
			if (want == NO) {
				cr_expect_eq(code, ERROR_INVALID_STATE, "event %d in state %u",
					     event, state);
				cr_expect_eq(side.side.state, state, "a refused event changed it");
				cr_expect_not_null(strstr(ntms_said(), "A00001L8"));
				continue;
			}
			cr_expect_eq(code, ERROR_SUCCESS, "event %d in state %u", event, state);
			cr_expect_eq(side.side.state, (uint32_t)want,
				     "event %d in state %u gave %u", event, state, side.side.state);
		}
	}
}

Test(side_state, nonsense_is_refused)
{
	struct object side = {.type = NTMS_PARTITION};

	side.side.state = 4711;
	cr_expect_eq(side_event(&side, SIDE_TO_FREE), ERROR_INVALID_STATE);
	cr_expect_eq(side.side.state, 4711);
	cr_expect_str_eq(side_state_word(4711), "in an unknown state");
	side.side.state = NTMS_PARTSTATE_AVAILABLE;
	cr_expect_eq(side_event(&side, SIDE_EVENTS), ERROR_INVALID_STATE);
	cr_expect_eq(side_event(&side, (enum side_event) - 1), ERROR_INVALID_STATE);
}
