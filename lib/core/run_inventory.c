/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* run_inventory.c - carry out an inventory: the records against the library, then the labels */
#include <stdlib.h>
#include "core/control.h"
#include "core/identify.h"
#include "core/run.h"

/* How many cartridges are still to be identified for it? */
static DWORD count_left(struct turn *turn, const struct object *request, size_t *left)
{
	struct object *list;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = control_members(txn, &turn->library, NTMS_LM_CLASSIFY, &request->guid, &list, left);
	free(list);
	store_abort(txn);
	return code;
}

DWORD run_inventory(struct turn *turn, struct object *request)
{
	uint32_t option = request->librequest.option;
	size_t left = 0;
	DWORD code = ERROR_SUCCESS;

	if (!(request->librequest.phase & PHASE_TAKEN)) {
		code = run_progress(turn, request, "reading the library's element status");
		if (!code)
			code = inventory_take(turn, request, option != INVENTORY_OPTION_SLOTS,
					      option == INVENTORY_OPTION_FULL);
		turn->queued = !code;
	}
	if (!code)
		code = count_left(turn, request, &left);
	if (code || left == 0)
		return code;
	/* That is other work in the same queue; it goes on as that does. */
	code = run_progress(turn, request,
			    left == 1 ? "%zu label is still to be read"
				      : "%zu labels are still to be read",
			    left);
	return code ? code : RUN_WAITS;
}
