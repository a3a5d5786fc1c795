/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/export.h"
#include "core/media.h"
#include "core/request.h"
#include "core/rights.h"
#include "core/run.h"
#include "core/states.h"
#include "core/txn.h"
#include "store/export.h"

/* The documents have one code for all that is wrong with the database here. */
static DWORD documented(DWORD code)
{
	return code == ERROR_DATABASE_FULL || code == ERROR_TIMEOUT ? ERROR_DATABASE_FAILURE : code;
}

static DWORD check_right(struct session *session, enum right right)
{
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = rights_check(txn, &session->caller, right, NULL);
	store_abort(txn);
	return code;
}

/* ---- export ---- */

static DWORD write_all(struct session *session, struct store_export *export)
{
	struct txn *txn;
	DWORD code = session_begin(session, &txn);

	if (code)
		return code;
	code = store_export_write(export, txn);
	store_abort(txn);
	return code;
}

DWORD database_export(struct session *session)
{
	struct store_export *export;
	DWORD code = check_right(session, RIGHT_EXPORT_DATABASE);

	if (!code)
		code = store_export_open(session->system->store, &export);
	if (code)
		return documented(code);
	code = write_all(session, export);
	if (!code)
		return documented(store_export_finish(export));
	store_export_drop(export);
	return documented(code);
}

/* ---- import: nobody works meanwhile ---- */

/* A worker whose queue has just become empty is still there for a moment. */
#define LEASE_WAIT_MS 5000

struct leases {
	struct broker_lease **list;
	size_t count;
};

static void give_leases(struct leases *leases)
{
	for (size_t i = 0; i < leases->count; i++)
		broker_lease_give(leases->list[i]);
	free(leases->list);
	*leases = (struct leases){0};
}

/* Those of all changers, and of all drives that are in no library. */
static DWORD take_leases(struct broker *broker, struct leases *leases)
{
	uint64_t deadline = clock_deadline(LEASE_WAIT_MS);
	struct broker_device *devices = NULL;
	size_t count = 0;
	int error = broker_devices(broker, &devices, &count);

	if (error)
		return broker_code(error);
	leases->list = calloc(count ? count : 1, sizeof(*leases->list));
	if (!leases->list)
		error = -ENOMEM;
	for (size_t i = 0; i < count && !error; i++) {
		error = turn_take_lease(broker, devices[i].id, deadline,
					&leases->list[leases->count]);
		if (!error)
			leases->count++;
		/* A drive of a library, or a device that went away. */
		if (error == -ENODEV || (error == -EPERM && devices[i].kind == BROKER_DRIVE))
			error = 0;
	}
	free(devices);
	if (!error)
		return ERROR_SUCCESS;
	give_leases(leases);
	if (error == -EBUSY)
		return ntms_say(ERROR_BUSY, "somebody works on a library; import when nobody does");
	return broker_code(error);
}

static DWORD refuse_when_held(struct broker *broker)
{
	struct broker_holder *list = NULL;
	DWORD code = ERROR_SUCCESS;
	size_t count = 0;
	int error = broker_holders(broker, &list, &count);

	if (error)
		return broker_code(error);
	if (count)
		code = ntms_say(ERROR_BUSY,
				"a medium is mounted: process %d (%s) has a drive; nothing can be "
				"imported until all are dismounted",
				list[0].pid, list[0].command);
	free(list);
	return code;
}

static DWORD refuse_when_busy(struct session *session, struct txn *txn)
{
	struct store_key all;
	size_t count;
	DWORD code = refuse_when_held(session->system->broker);

	key_start(&all);
	if (!code)
		code = store_count(txn, IX_QUEUE, &all, &count);
	if (!code && count)
		return ntms_say(ERROR_BUSY,
				"%zu library requests are not finished; wait for them, or cancel "
				"them",
				count);
	return code;
}

/* ---- import: as if the system had been started with this database (reference 6.1) ---- */

/* Its cartridge is nobody's any more, unless something of it has been moved. */
static DWORD release_media(struct txn *txn, const NTMS_GUID *guid)
{
	struct object media;
	DWORD code = store_get(txn, guid, NTMS_PHYSICAL_MEDIA, &media);

	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	if (media.media.state != NTMS_MEDIASTATE_OPREQ &&
	    (media.media.state != NTMS_MEDIASTATE_INUSE || media.media.location_type == NTMS_DRIVE))
		return ERROR_SUCCESS;
	code = media_event(&media, MEDIA_GIVEN_UP);
	return code ? code : store_update(txn, &media);
}

/* Where a cartridge is that was being moved, the library is asked by the next worker. */
static DWORD end_request(struct txn *txn, const NTMS_GUID *guid)
{
	struct object request;
	DWORD code = store_get(txn, guid, NTMS_LIBREQUEST, &request);

	if (code || request.librequest.move != OBJ_MOVE_NONE)
		return code;
	code = request_end(txn, &request, REQUEST_GIVEN_UP, ERROR_CANCELLED,
			   "it was in the database that was imported");
	return code ? code : release_media(txn, &request.librequest.media);
}

static DWORD end_requests(struct txn *txn)
{
	struct store_key all;
	NTMS_GUID *list;
	size_t count;
	DWORD code;

	key_start(&all);
	code = store_list(txn, IX_QUEUE, &all, 0, &list, &count);
	if (code)
		return code;
	for (size_t i = 0; i < count && !code; i++)
		code = end_request(txn, &list[i]);
	free(list);
	return code;
}

/* What is where may have changed since the export. */
static DWORD queue_inventory(struct txn *txn, const NTMS_GUID *guid)
{
	struct object library, request;
	DWORD code = store_get(txn, guid, NTMS_LIBRARY, &library);

	if (code || library.library.kind == NTMS_LIBRARYTYPE_OFFLINE || !library.enabled)
		return code;
	request_init(NULL, NTMS_LM_INVENTORY, guid, &request);
	request.librequest.option = library.library.inventory_method == NTMS_INVENTORY_NONE
					    ? INVENTORY_OPTION_SLOTS
					    : INVENTORY_OPTION_FAST;
	return store_insert(txn, &request);
}

static DWORD list_libraries(struct txn *txn, NTMS_GUID **list, size_t *count)
{
	struct store_key key;

	key_start(&key);
	key_u32(&key, NTMS_LIBRARY);
	return store_list(txn, IX_TYPE, &key, 0, list, count);
}

/* *@libraries: all there are now, to be freed. */
static DWORD replace(struct session *session, struct txn *txn, NTMS_GUID **libraries, size_t *count)
{
	DWORD code = rights_check(txn, &session->caller, RIGHT_IMPORT_DATABASE, NULL);

	if (!code)
		code = refuse_when_busy(session, txn);
	if (!code)
		code = store_import(txn);
	if (!code)
		code = export_check(txn);
	if (!code)
		code = end_requests(txn);
	if (!code)
		code = list_libraries(txn, libraries, count);
	for (size_t i = 0; i < *count && !code; i++)
		code = queue_inventory(txn, &(*libraries)[i]);
	return code;
}

DWORD database_import(struct session *session)
{
	NTMS_GUID *libraries = NULL;
	struct leases leases = {0};
	size_t count = 0;
	struct txn *txn;
	DWORD code = check_right(session, RIGHT_IMPORT_DATABASE);

	if (!code)
		code = take_leases(session->system->broker, &leases);
	if (!code)
		code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, replace(session, txn, &libraries, &count));
	give_leases(&leases);
	/* It is on record now; whoever next looks after a library does it if we cannot. */
	for (size_t i = 0; i < count && !code; i++)
		request_work(session, &libraries[i]);
	free(libraries);
	return documented(code);
}
