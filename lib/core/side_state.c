/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/say.h"
#include "core/media.h"
#include "core/side_state.h"

#define FROM(state) (1u << NTMS_PARTSTATE_##state)

/* Every change of a side's state there is. What has no row here cannot happen. */
static const struct {
	unsigned int from;
	uint32_t to;
	const char *verb;
} transitions[SIDE_EVENTS] = {
	[SIDE_FOUND_FOREIGN] = {FROM(UNKNOWN), NTMS_PARTSTATE_FOREIGN, "classified as foreign"},
	[SIDE_FOUND_IMPORT] = {FROM(UNKNOWN), NTMS_PARTSTATE_IMPORT, "classified for import"},
	[SIDE_FOUND_INCOMPATIBLE] = {FROM(UNKNOWN), NTMS_PARTSTATE_INCOMPATIBLE,
				     "classified as incompatible"},
	/* An unknown side too: whoever moves it to the Free pool has decided what it is. */
	[SIDE_TO_FREE] = {FROM(UNKNOWN) | FROM(FOREIGN) | FROM(IMPORT) | FROM(AVAILABLE) |
				  FROM(UNPREPARED),
			  NTMS_PARTSTATE_UNPREPARED, "given a free label"},
	[SIDE_FREE_LABELLED] = {FROM(UNPREPARED), NTMS_PARTSTATE_AVAILABLE, "made available"},
	[SIDE_ALLOCATE] = {FROM(AVAILABLE) | FROM(IMPORT), NTMS_PARTSTATE_ALLOCATED, "allocated"},
	[SIDE_RESERVE] = {FROM(AVAILABLE), NTMS_PARTSTATE_RESERVED, "reserved"},
	[SIDE_ALLOCATE_NEXT] = {FROM(RESERVED), NTMS_PARTSTATE_ALLOCATED,
				"allocated as the next side"},
	[SIDE_COMPLETE] = {FROM(ALLOCATED), NTMS_PARTSTATE_COMPLETE, "declared complete"},
	[SIDE_DEALLOCATE] = {FROM(ALLOCATED) | FROM(COMPLETE), NTMS_PARTSTATE_AVAILABLE,
			     "deallocated"},
	[SIDE_WORN_OUT] = {FROM(ALLOCATED) | FROM(COMPLETE), NTMS_PARTSTATE_DECOMMISSIONED,
			   "deallocated"},
	[SIDE_UNRESERVE] = {FROM(RESERVED), NTMS_PARTSTATE_AVAILABLE, "released"},
	[SIDE_DECOMMISSION] = {FROM(AVAILABLE), NTMS_PARTSTATE_DECOMMISSIONED, "decommissioned"},
	/* It gets another LMID; its own state stays. */
	[SIDE_SWAP] = {FROM(ALLOCATED), NTMS_PARTSTATE_ALLOCATED, "swapped"},
};

static const char *const words[] = {
	[NTMS_PARTSTATE_UNKNOWN] = "not identified yet",
	[NTMS_PARTSTATE_UNPREPARED] = "waiting for its free label",
	[NTMS_PARTSTATE_INCOMPATIBLE] = "incompatible",
	[NTMS_PARTSTATE_DECOMMISSIONED] = "decommissioned",
	[NTMS_PARTSTATE_AVAILABLE] = "available",
	[NTMS_PARTSTATE_ALLOCATED] = "allocated",
	[NTMS_PARTSTATE_COMPLETE] = "complete",
	[NTMS_PARTSTATE_FOREIGN] = "foreign",
	[NTMS_PARTSTATE_IMPORT] = "to be imported",
	[NTMS_PARTSTATE_RESERVED] = "reserved",
};

const char *side_state_word(uint32_t state)
{
	if (state >= sizeof(words) / sizeof(words[0]))
		return "in an unknown state";
	return words[state];
}

DWORD side_event(struct object *side, enum side_event event)
{
	uint32_t state = side->side.state;

	if ((unsigned int)event >= SIDE_EVENTS)
		return ntms_say(ERROR_INVALID_STATE, "there is no event %d of a side", (int)event);
	if (state >= sizeof(words) / sizeof(words[0]) || !(transitions[event].from & 1u << state))
		return ntms_say(ERROR_INVALID_STATE,
				"side %u of cartridge %s is %s; it cannot be %s", side->side.side,
				side->name, side_state_word(state), transitions[event].verb);
	side->side.state = transitions[event].to;
	return ERROR_SUCCESS;
}
