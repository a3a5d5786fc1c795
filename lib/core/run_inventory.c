/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* run_inventory.c - carry out an inventory: the records against the library */
#include "core/run.h"

DWORD run_inventory(struct turn *turn, struct object *request)
{
	uint32_t option = request->librequest.option;
	DWORD code = run_progress(turn, request, "reading the library's element status");

	if (code)
		return code;
	return inventory_reconcile(turn, option != INVENTORY_OPTION_SLOTS,
				   option == INVENTORY_OPTION_FULL);
}
