/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dealloc.c - what an owner does with an allocated side: completes it, relabels it, exchanges it
 * for another, gives it up */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/alloc.h"
#include "core/pool.h"
#include "core/request.h"
#include "core/rights.h"
#include "core/txn.h"

/* An LMID and what it stands for. */
struct owned {
	struct object logical;
	struct object side;
	struct object media;
	struct object pool; /* read by itself */
};

static DWORD read_owned(struct txn *txn, const NTMS_GUID *guid, struct owned *owned)
{
	DWORD code = store_get(txn, guid, NTMS_LOGICAL_MEDIA, &owned->logical);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "there is no such logical medium");
	if (code)
		return code;
	code = store_get(txn, &owned->logical.logical.side, NTMS_PARTITION, &owned->side);
	if (code == ERROR_OBJECT_NOT_FOUND ||
	    (!code && !guid_equal(&owned->side.side.logical, guid)))
		return ntms_say(ERROR_INVALID_PARTITION,
				"the side of logical medium \"%s\" is missing, or another's",
				owned->logical.name);
	if (!code)
		code = store_get(txn, &owned->side.side.media, NTMS_PHYSICAL_MEDIA, &owned->media);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_PARTITION,
				"the cartridge of side %u of \"%s\" is missing",
				owned->side.side.side, owned->logical.name);
	return code;
}

static DWORD read_owned_pool(struct txn *txn, struct owned *owned)
{
	return media_pool(txn, &owned->media.media.pool, owned->media.name, &owned->pool);
}

static DWORD say_mounted(struct txn *txn, DWORD code, const struct object *media)
{
	struct object drive;

	if (media->media.location_type != NTMS_DRIVE ||
	    store_get(txn, &media->media.location, NTMS_DRIVE, &drive))
		return ntms_say(code, "cartridge %s is in use", media->name);
	return ntms_say(code, "cartridge %s is mounted in drive %u (%s); dismount it first",
			media->name, drive.device.number, drive.device.node);
}

/* A free label is on a side, and can be allocated, before its cartridge is home again: what RSM
 * itself still does with it is none of the new owner's business. */
static DWORD being_labelled(struct txn *txn, const struct owned *owned, bool *yes)
{
	struct object request;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	*yes = false;
	key_start(&key);
	key_guid(&key, &owned->media.guid);
	code = store_list(txn, IX_ACTIVE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code && !*yes; i++) {
		code = store_get(txn, &list[i], NTMS_LIBREQUEST, &request);
		*yes = !code && request.librequest.operation == NTMS_LM_WRITESCRATCH &&
		       request.librequest.state == NTMS_LM_INPROCESS &&
		       guid_equal(&request.librequest.side, &owned->side.guid);
	}
	free(list);
	return code;
}

static DWORD check_idle(struct txn *txn, DWORD busy, const struct owned *owned)
{
	const struct object *media = &owned->media;
	bool labelled, pending;
	DWORD code = being_labelled(txn, owned, &labelled);

	if (code || labelled)
		return code;
	if (media->media.state != NTMS_MEDIASTATE_IDLE)
		return say_mounted(txn, busy, media);
	code = request_pending(txn, &media->guid, &pending);
	if (!code && pending)
		code = ntms_say(busy, "work on cartridge %s is still queued", media->name);
	return code;
}

/* Nobody has a side of it, nobody is to import one, and a label can be written. */
static DWORD may_return(struct txn *txn, const struct object *media, bool *yes)
{
	struct object sides[2], library, type;
	size_t count;
	DWORD code = media_sides(txn, &media->guid, sides, &count);

	*yes = false;
	if (!code)
		code = must_exist(store_get(txn, &media->media.media_type, NTMS_MEDIA_TYPE, &type),
				  "media type", media->name);
	if (!code)
		code = must_exist(store_get(txn, &media->media.library, NTMS_LIBRARY, &library),
				  "library", media->name);
	if (code)
		return code;
	if (type.media_type.rw != NTMS_MEDIARW_REWRITABLE ||
	    library.library.kind == NTMS_LIBRARYTYPE_OFFLINE || !library.enabled || !media->enabled)
		return ERROR_SUCCESS;
	for (size_t i = 0; i < count; i++)
		if (sides[i].side.state != NTMS_PARTSTATE_AVAILABLE &&
		    sides[i].side.state != NTMS_PARTSTATE_DECOMMISSIONED)
			return ERROR_SUCCESS;
	*yes = true;
	return ERROR_SUCCESS;
}

/* The Free pool of the cartridge's type, made if it is missing, and whether the caller may use it.
 */
static DWORD free_pool(struct session *session, struct txn *txn, const struct owned *owned,
		       NTMS_GUID *guid)
{
	struct object type, pool;
	NTMS_GUID same;
	DWORD code =
		must_exist(store_get(txn, &owned->media.media.media_type, NTMS_MEDIA_TYPE, &type),
			   "media type", owned->media.name);

	if (!code)
		code = media_type_ensure(txn, type.media_type.code, NULL, &same);
	if (!code)
		code = media_type_pool(txn, &type.guid, NTMS_POOLTYPE_SCRATCH, guid);
	if (!code)
		code = store_get(txn, guid, NTMS_MEDIA_POOL, &pool);
	code = must_exist(code, "Free pool", type.name);
	return code ? code : rights_check(txn, &session->caller, RIGHT_DEALLOCATE_FREE, &pool);
}

static DWORD release_reserved(struct txn *txn, const struct object *media)
{
	struct object sides[2];
	size_t count;
	DWORD code = media_sides(txn, &media->guid, sides, &count);

	for (size_t i = 0; !code && i < count; i++) {
		if (sides[i].side.state != NTMS_PARTSTATE_RESERVED)
			continue;
		code = side_event(&sides[i], SIDE_UNRESERVE);
		if (!code)
			code = store_update(txn, &sides[i]);
	}
	return code;
}

static DWORD give_up(struct txn *txn, struct owned *owned, bool worn)
{
	DWORD code = side_event(&owned->side, worn ? SIDE_WORN_OUT : SIDE_DEALLOCATE);

	if (code)
		return code;
	code = store_update(txn, &owned->side);
	if (!code)
		code = store_delete(txn, &owned->logical.guid);
	if (!code)
		code = release_reserved(txn, &owned->media);
	return code;
}

DWORD deallocate(struct session *session, struct txn *txn, const NTMS_GUID *logical,
		 NTMS_GUID *queued)
{
	struct owned owned;
	NTMS_GUID scratch;
	bool returns, worn, goes;
	uint32_t limit;
	DWORD code = read_owned(txn, logical, &owned);

	memset(queued, 0, sizeof(*queued));
	if (!code)
		code = must_exist(
			store_get(txn, &owned.media.media.pool, NTMS_MEDIA_POOL, &owned.pool),
			"pool", owned.media.name);
	if (!code)
		code = rights_check(txn, &session->caller, RIGHT_DEALLOCATE, &owned.pool);
	if (code)
		return code;
	limit = owned.pool.pool.max_allocates;
	worn = limit && owned.side.side.allocate_count >= limit;
	returns = !worn && (owned.pool.pool.deallocation_policy & NTMS_DEALLOCATE_TOSCRATCH);
	if (returns)
		code = free_pool(session, txn, &owned, &scratch);
	if (!code)
		code = check_idle(txn, ERROR_BUSY, &owned);
	if (!code)
		code = give_up(txn, &owned, worn);
	if (code || !returns)
		return code;
	code = may_return(txn, &owned.media, &goes);
	if (code || !goes)
		return code;
	code = pool_to_free(session, txn, &owned.media, &scratch);
	*queued = owned.media.media.library;
	return code;
}

DWORD declare_complete(struct txn *txn, const struct caller *caller, const NTMS_GUID *logical)
{
	struct owned owned;
	DWORD code = read_owned(txn, logical, &owned);

	if (!code)
		code = read_owned_pool(txn, &owned);
	if (!code)
		code = rights_check(txn, caller, RIGHT_SET_COMPLETE, &owned.pool);
	if (!code)
		code = check_idle(txn, ERROR_INVALID_STATE, &owned);
	if (!code)
		code = side_event(&owned.side, SIDE_COMPLETE);
	return code ? code : store_update(txn, &owned.side);
}

DWORD decommission(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid)
{
	struct object side, pool;
	DWORD code = store_get(txn, guid, NTMS_PARTITION, &side);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "there is no such side");
	if (!code)
		code = media_pool(txn, &side.side.pool, side.name, &pool);
	if (!code)
		code = rights_check(txn, caller, RIGHT_DECOMMISSION, &pool);
	if (!code)
		code = side_event(&side, SIDE_DECOMMISSION);
	return code ? code : store_update(txn, &side);
}

DWORD record_label(struct txn *txn, const struct caller *caller, const NTMS_GUID *logical,
		   const struct label *label)
{
	struct object library;
	struct owned owned;
	DWORD code = read_owned(txn, logical, &owned);

	if (!code)
		code = must_exist(
			store_get(txn, &owned.media.media.library, NTMS_LIBRARY, &library),
			"library", owned.media.name);
	if (!code)
		code = rights_check(txn, caller, RIGHT_UPDATE_OMID, &library);
	if (code)
		return code;
	code = side_event(&owned.side, SIDE_LABELLED_BY_OWNER);
	if (code)
		return code;
	side_set_label(&owned.side, label);
	return store_update(txn, &owned.side);
}

/* An LMID is called like its cartridge, unless somebody has given it a name of its own. */
static void follow_name(struct owned *owned, const struct owned *other)
{
	if (!strcmp(owned->logical.name, owned->media.name))
		memcpy(owned->logical.name, other->media.name, sizeof(owned->logical.name));
}

/* Whether siblings are reserved for an LMID is a fact of the cartridge it comes to. */
static void exchange(struct owned *a, struct owned *b)
{
	uint32_t allocated_new = a->logical.logical.allocated_new;

	a->logical.logical.side = b->side.guid;
	b->logical.logical.side = a->side.guid;
	a->logical.logical.allocated_new = b->logical.logical.allocated_new;
	b->logical.logical.allocated_new = allocated_new;
	a->side.side.logical = b->logical.guid;
	b->side.side.logical = a->logical.guid;
	follow_name(a, b);
	follow_name(b, a);
}

static DWORD store_owned(struct txn *txn, struct owned *owned)
{
	DWORD code = store_update(txn, &owned->logical);

	return code ? code : store_update(txn, &owned->side);
}

DWORD swap_media(struct txn *txn, const struct caller *caller, const NTMS_GUID *logical1,
		 const NTMS_GUID *logical2)
{
	struct owned owned[2];
	DWORD code = read_owned(txn, logical1, &owned[0]);

	if (!code)
		code = read_owned(txn, logical2, &owned[1]);
	for (size_t i = 0; i < 2 && !code; i++)
		code = read_owned_pool(txn, &owned[i]);
	for (size_t i = 0; i < 2 && !code; i++)
		code = rights_check(txn, caller, RIGHT_SWAP, &owned[i].pool);
	if (code)
		return code;
	if (!guid_equal(&owned[0].pool.guid, &owned[1].pool.guid))
		return ntms_say(ERROR_INVALID_MEDIA_POOL,
				"cartridge %s is in pool \"%s\" and cartridge %s in pool \"%s\"",
				owned[0].media.name, owned[0].pool.name, owned[1].media.name,
				owned[1].pool.name);
	for (size_t i = 0; i < 2 && !code; i++)
		code = check_idle(txn, ERROR_INVALID_MEDIA, &owned[i]);
	for (size_t i = 0; i < 2 && !code; i++)
		code = side_event(&owned[i].side, SIDE_SWAP);
	if (code || guid_equal(logical1, logical2))
		return code;
	exchange(&owned[0], &owned[1]);
	code = store_owned(txn, &owned[0]);
	return code ? code : store_owned(txn, &owned[1]);
}
