/* SPDX-License-Identifier: GPL-2.0-only */
/* property-model.c - what each call has to return, and how things stand then */
#include "property.h"

struct model model;

bool is_owned(const struct side *side)
{
	return side->state == NTMS_PARTSTATE_ALLOCATED || side->state == NTMS_PARTSTATE_COMPLETE;
}

struct cartridge *in_drive(int drive)
{
	for (int i = 0; i < CARTRIDGES; i++)
		if (model.cartridges[i].drive == drive)
			return &model.cartridges[i];
	return NULL;
}

bool is_free(int drive)
{
	const struct cartridge *inside = in_drive(drive);

	return model.drives[drive].enabled && (!inside || inside->process < 0);
}

bool any_drive_free(void)
{
	return is_free(0) || is_free(1);
}

static bool is_usable(const struct cartridge *cartridge)
{
	return cartridge->known && cartridge->enabled && !cartridge->away && model.enabled;
}

static const struct pool *pool_of(const struct cartridge *cartridge)
{
	return &model.pools[cartridge->pool];
}

static struct side *side_of(const struct call *call)
{
	return &call->cartridge->sides[call->side];
}

static struct side *other_side_of(const struct call *call)
{
	return &call->other->sides[call->other_side];
}

/* All sides but @except (-1: all) are in one of the set of states. */
static bool sides_are(const struct cartridge *cartridge, int except, uint32_t states)
{
	for (int i = 0; i < (int)model.sides; i++)
		if (i != except && !(states & 1u << cartridge->sides[i].state))
			return false;
	return true;
}

#define IN(state) (1u << NTMS_PARTSTATE_##state)

/* ---- allocation ---- */

static bool suits(const struct cartridge *cartridge, int side, enum pool_number pool, bool fresh)
{
	uint32_t limit = model.pools[pool].limit;

	if (limit && cartridge->sides[side].allocated >= limit)
		return false;
	if (fresh && !sides_are(cartridge, side, IN(AVAILABLE)))
		return false;
	return cartridge->pool == pool ||
	       (cartridge->process < 0 &&
		sides_are(cartridge, side,
			  IN(AVAILABLE) | IN(DECOMMISSIONED) | IN(IMPORT) | IN(FOREIGN)));
}

static bool is_before(const struct side *a, const struct side *b)
{
	return a->allocated != b->allocated ? a->allocated < b->allocated : a->seq < b->seq;
}

/* The side of @from that is to be allocated for @pool, or NULL. */
static const struct side *best_in(enum pool_number from, enum pool_number pool, bool fresh)
{
	const struct side *best = NULL;

	for (int i = 0; i < CARTRIDGES; i++) {
		const struct cartridge *cartridge = &model.cartridges[i];

		if (!is_usable(cartridge) || cartridge->pool != from)
			continue;
		for (int k = 0; k < (int)model.sides; k++) {
			const struct side *side = &cartridge->sides[k];

			if (side->state == NTMS_PARTSTATE_AVAILABLE &&
			    suits(cartridge, k, pool, fresh) && (!best || is_before(side, best)))
				best = side;
		}
	}
	return best;
}

static const struct side *best(enum pool_number pool, bool fresh)
{
	const struct side *side = best_in(pool, pool, fresh);

	return !side && model.pools[pool].draws ? best_in(POOL_FREE, pool, fresh) : side;
}

static DWORD predict_allocate(const struct call *call)
{
	if (!model.pools[call->pool].application || call->pool == POOL_GROUP)
		return ERROR_INVALID_MEDIA_POOL;
	return best(call->pool, call->operation == ALLOCATE_NEW) ? ERROR_SUCCESS
								 : ERROR_MEDIA_UNAVAILABLE;
}

static DWORD predict_allocate_side(const struct call *call)
{
	const struct side *side = side_of(call);

	if (!model.pools[call->pool].application || call->pool == POOL_GROUP)
		return ERROR_INVALID_MEDIA_POOL;
	if (!call->cartridge->known)
		return ERROR_INVALID_MEDIA;
	if (call->cartridge->away)
		return ERROR_MEDIA_OFFLINE;
	if (!is_usable(call->cartridge) ||
	    (side->state != NTMS_PARTSTATE_AVAILABLE && side->state != NTMS_PARTSTATE_IMPORT))
		return ERROR_MEDIA_UNAVAILABLE;
	return suits(call->cartridge, call->side, call->pool, false) ? ERROR_SUCCESS
								     : ERROR_MEDIA_UNAVAILABLE;
}

static int reserved_side(const struct cartridge *cartridge)
{
	for (int i = 0; i < (int)model.sides; i++)
		if (cartridge->sides[i].state == NTMS_PARTSTATE_RESERVED)
			return i;
	return -1;
}

static DWORD predict_allocate_next(const struct call *call)
{
	const struct cartridge *cartridge = call->cartridge;
	int next = reserved_side(cartridge);

	if (!model.pools[call->pool].application || call->pool == POOL_GROUP)
		return ERROR_INVALID_MEDIA_POOL;
	if (!is_owned(side_of(call)))
		return ERROR_INVALID_MEDIA;
	if (cartridge->pool != call->pool)
		return ERROR_INVALID_MEDIA_POOL;
	if (next < 0 || !side_of(call)->fresh)
		return ERROR_MEDIA_UNAVAILABLE;
	if (cartridge->away)
		return ERROR_MEDIA_OFFLINE;
	return is_usable(cartridge) ? ERROR_SUCCESS : ERROR_MEDIA_UNAVAILABLE;
}

static void take(struct cartridge *cartridge, int number, const NTMS_GUID *logical, bool fresh)
{
	struct side *side = &cartridge->sides[number];

	side->state = NTMS_PARTSTATE_ALLOCATED;
	side->logical = *logical;
	side->allocated++;
	side->fresh = fresh;
}

static void allocated(const struct call *call, const NTMS_GUID *logical)
{
	bool fresh = call->operation == ALLOCATE_NEW;
	const struct side *wanted = best(call->pool, fresh);
	NTMS_GUID found = fx_side(logical).guid;

	for (int i = 0; i < CARTRIDGES; i++) {
		struct cartridge *cartridge = &model.cartridges[i];

		for (int k = 0; k < (int)model.sides; k++) {
			if (&cartridge->sides[k] != wanted)
				continue;
			cr_assert(guid_equal(&wanted->guid, &found),
				  "another side was allocated than side %d of %s", k,
				  cartridge->barcode);
			cartridge->pool = call->pool;
			take(cartridge, k, logical, fresh);
			if (fresh && model.sides == 2)
				cartridge->sides[!k].state = NTMS_PARTSTATE_RESERVED;
			return;
		}
	}
}

/* ---- what an owner does ---- */

static void become_free(struct cartridge *cartridge, uint32_t state)
{
	cartridge->pool = POOL_FREE;
	for (int i = 0; i < (int)model.sides; i++)
		if (cartridge->sides[i].state != NTMS_PARTSTATE_DECOMMISSIONED)
			cartridge->sides[i].state = state;
}

static bool is_worn(const struct call *call)
{
	uint32_t limit = pool_of(call->cartridge)->limit;

	return limit && side_of(call)->allocated >= limit;
}

/* A side is given up: does the cartridge go back to the Free pool? */
static bool goes_back(const struct call *call)
{
	return pool_of(call->cartridge)->returns && !is_worn(call) && is_usable(call->cartridge) &&
	       sides_are(call->cartridge, call->side,
			 IN(AVAILABLE) | IN(DECOMMISSIONED) | IN(RESERVED));
}

static void deallocated(const struct call *call)
{
	struct cartridge *cartridge = call->cartridge;
	bool returns = goes_back(call);

	side_of(call)->state =
		is_worn(call) ? NTMS_PARTSTATE_DECOMMISSIONED : NTMS_PARTSTATE_AVAILABLE;
	for (int i = 0; i < (int)model.sides; i++)
		if (cartridge->sides[i].state == NTMS_PARTSTATE_RESERVED)
			cartridge->sides[i].state = NTMS_PARTSTATE_AVAILABLE;
	if (returns)
		become_free(cartridge, NTMS_PARTSTATE_AVAILABLE);
}

static DWORD predict_deallocate(const struct call *call)
{
	if (!is_owned(side_of(call)))
		return ERROR_INVALID_MEDIA;
	return call->cartridge->process >= 0 ? ERROR_BUSY : ERROR_SUCCESS;
}

static DWORD predict_complete(const struct call *call)
{
	if (!is_owned(side_of(call)))
		return ERROR_INVALID_MEDIA;
	if (call->cartridge->process >= 0 || side_of(call)->state == NTMS_PARTSTATE_COMPLETE)
		return ERROR_INVALID_STATE;
	return ERROR_SUCCESS;
}

static DWORD predict_swap(const struct call *call)
{
	const struct side *a = side_of(call), *b = other_side_of(call);

	if (!is_owned(a) || !is_owned(b))
		return ERROR_INVALID_MEDIA;
	if (call->cartridge->pool != call->other->pool)
		return ERROR_INVALID_MEDIA_POOL;
	if (call->cartridge->process >= 0 || call->other->process >= 0)
		return ERROR_INVALID_MEDIA;
	if (a->state != NTMS_PARTSTATE_ALLOCATED || b->state != NTMS_PARTSTATE_ALLOCATED)
		return ERROR_INVALID_STATE;
	return ERROR_SUCCESS;
}

static void swapped(const struct call *call)
{
	NTMS_GUID logical = side_of(call)->logical;

	side_of(call)->logical = other_side_of(call)->logical;
	other_side_of(call)->logical = logical;
}

/* ---- moves between pools ---- */

static bool move_is_allowed(const struct call *call)
{
	const struct cartridge *cartridge = call->cartridge;

	switch (call->pool) {
	case POOL_FREE:
		return sides_are(cartridge, -1,
				 ~(IN(ALLOCATED) | IN(COMPLETE) | IN(RESERVED) | IN(INCOMPATIBLE)));
	case POOL_IMPORT:
		return pool_of(cartridge)->application && sides_are(cartridge, -1, IN(IMPORT));
	case POOL_FOREIGN:
	case POOL_GROUP:
		return false;
	default:
		return cartridge->pool == POOL_FREE || pool_of(cartridge)->application;
	}
}

static bool awaits_label(const struct cartridge *cartridge)
{
	return !sides_are(cartridge, -1, ~IN(UNPREPARED));
}

static DWORD predict_move(const struct call *call)
{
	const struct cartridge *cartridge = call->cartridge;

	if (!cartridge->known)
		return ERROR_INVALID_MEDIA;
	if (cartridge->pool == call->pool && !awaits_label(cartridge))
		return ERROR_SUCCESS;
	if (!move_is_allowed(call))
		return ERROR_INVALID_MEDIA_POOL;
	if (cartridge->process >= 0)
		return ERROR_BUSY;
	if (call->pool == POOL_FREE ? !is_usable(cartridge) : awaits_label(cartridge))
		return ERROR_BUSY;
	return ERROR_SUCCESS;
}

static void moved(const struct call *call)
{
	struct cartridge *cartridge = call->cartridge;

	if (cartridge->pool == call->pool && !awaits_label(cartridge))
		return;
	if (call->pool == POOL_FREE)
		become_free(cartridge, call->operation == CANCEL_LABELS ? NTMS_PARTSTATE_UNPREPARED
									: NTMS_PARTSTATE_AVAILABLE);
	else
		cartridge->pool = call->pool;
}

/* ---- drives ---- */

static DWORD predict_mount_there(const struct call *call)
{
	int drive = call->cartridge->drive;

	if (call->operation == MOUNT_SPECIFIC)
		return is_free(call->drive) ? ERROR_SUCCESS : ERROR_BUSY;
	if (drive >= 0)
		return is_free(drive) ? ERROR_SUCCESS : ERROR_BUSY;
	return any_drive_free() ? ERROR_SUCCESS : ERROR_BUSY;
}

static DWORD predict_mount(const struct call *call)
{
	const struct cartridge *cartridge = call->cartridge;
	const struct side *side = side_of(call);

	if (!cartridge->known || (call->by_logical && !is_owned(side)))
		return ERROR_INVALID_MEDIA;
	if (call->operation == MOUNT_SPECIFIC && !model.drives[call->drive].enabled)
		return ERROR_RESOURCE_DISABLED;
	if (cartridge->away)
		return ERROR_MEDIA_OFFLINE;
	if (!model.enabled || !cartridge->enabled)
		return ERROR_RESOURCE_DISABLED;
	if (call->write && side->state == NTMS_PARTSTATE_COMPLETE)
		return ERROR_WRITE_PROTECT;
	if (cartridge->process >= 0)
		return ERROR_BUSY;
	if (!model.drives[0].enabled && !model.drives[1].enabled)
		return ERROR_RESOURCE_DISABLED;
	return predict_mount_there(call);
}

static DWORD predict_dismount(const struct call *call)
{
	const struct cartridge *cartridge = call->cartridge;

	if (!cartridge->known || (call->by_logical && !is_owned(side_of(call))))
		return ERROR_INVALID_MEDIA;
	if (cartridge->away)
		return ERROR_MEDIA_OFFLINE;
	if (!cartridge->enabled)
		return ERROR_MEDIA_NOT_AVAILABLE;
	if (cartridge->drive < 0)
		return ERROR_INVALID_STATE;
	if (!model.enabled || !model.drives[cartridge->drive].enabled)
		return ERROR_DEVICE_NOT_AVAILABLE;
	return cartridge->up == call->side ? ERROR_SUCCESS : ERROR_INVALID_STATE;
}

static DWORD predict_dismount_drive(const struct call *call)
{
	if (!model.enabled || !model.drives[call->drive].enabled)
		return ERROR_DEVICE_NOT_AVAILABLE;
	return in_drive(call->drive) ? ERROR_SUCCESS : ERROR_INVALID_STATE;
}

void mounted(struct cartridge *cartridge, int side, const NTMS_GUID *guid, int process)
{
	int drive = guid_equal(guid, &model.drives[1].guid);
	struct cartridge *inside = in_drive(drive);

	cr_assert(guid_equal(guid, &model.drives[drive].guid), "mounted in a drive nobody knows");
	cr_assert(is_free(drive), "%s was mounted in a drive that is not free", cartridge->barcode);
	if (inside)
		inside->drive = -1;
	cartridge->drive = drive;
	cartridge->up = side;
	cartridge->process = process;
}

static void dismounted(struct cartridge *cartridge)
{
	cartridge->drive = cartridge->process = -1;
}

static void emptied(int drive)
{
	struct cartridge *inside = in_drive(drive);

	if (inside && inside->process < 0)
		inside->drive = -1;
}

/* ---- in and out ---- */

static DWORD predict_eject(const struct call *call)
{
	const struct cartridge *cartridge = call->cartridge;

	if (!cartridge->known)
		return ERROR_INVALID_MEDIA;
	if (cartridge->away)
		return ERROR_LIBRARY_OFFLINE;
	if (!model.enabled)
		return ERROR_DEVICE_NOT_AVAILABLE;
	if (!cartridge->enabled)
		return ERROR_MEDIA_NOT_AVAILABLE;
	if (cartridge->drive >= 0 && !model.drives[cartridge->drive].enabled)
		return ERROR_RESOURCE_DISABLED;
	return cartridge->process >= 0 ? ERROR_BUSY : ERROR_SUCCESS;
}

static void ejected(const struct call *call)
{
	struct cartridge *cartridge = call->cartridge;

	cartridge->drive = -1;
	if (!call->taken)
		return;
	cartridge->away = true;
	/* What belongs to nobody is forgotten. */
	if (cartridge->pool == POOL_FOREIGN || cartridge->pool == POOL_IMPORT)
		cartridge->known = false;
}

static DWORD predict_delete(const struct call *call)
{
	if (!call->cartridge->known)
		return ERROR_INVALID_MEDIA;
	if (!call->cartridge->away)
		return ERROR_INVALID_STATE;
	return sides_are(call->cartridge, -1, ~(IN(ALLOCATED) | IN(COMPLETE) | IN(RESERVED)))
		       ? ERROR_SUCCESS
		       : ERROR_INVALID_STATE;
}

/* ---- requests to people ---- */

static DWORD predict_operator(enum operation operation, uint32_t state)
{
	switch (operation) {
	case SATISFY:
		return state == NTMS_OPSTATE_SUBMITTED ? ERROR_SUCCESS : ERROR_OBJECT_NOT_FOUND;
	case REFUSE:
		if (state == NTMS_OPSTATE_UNKNOWN)
			return ERROR_OBJECT_NOT_FOUND;
		return state == NTMS_OPSTATE_SUBMITTED ? ERROR_SUCCESS : ERROR_INVALID_STATE;
	default:
		if (state == NTMS_OPSTATE_UNKNOWN)
			return ERROR_OBJECT_NOT_FOUND;
		if (state == NTMS_OPSTATE_SUBMITTED)
			return ERROR_TIMEOUT;
		return state == NTMS_OPSTATE_COMPLETE ? ERROR_SUCCESS : ERROR_CANCELLED;
	}
}

/* ---- all together ---- */

static DWORD predict_enable(bool is, bool wanted)
{
	return is == wanted ? ERROR_INVALID_STATE : ERROR_SUCCESS;
}

DWORD predict(const struct call *call)
{
	const struct cartridge *cartridge = call->cartridge;

	switch (call->operation) {
	case ALLOCATE:
	case ALLOCATE_NEW:
		return predict_allocate(call);
	case ALLOCATE_NEXT:
		return predict_allocate_next(call);
	case ALLOCATE_SIDE:
		return predict_allocate_side(call);
	case DEALLOCATE:
		return predict_deallocate(call);
	case COMPLETE:
		return predict_complete(call);
	case DECOMMISSION:
		if (!cartridge->known)
			return ERROR_INVALID_MEDIA;
		return side_of(call)->state == NTMS_PARTSTATE_AVAILABLE ? ERROR_SUCCESS
									: ERROR_INVALID_STATE;
	case SWAP:
		return predict_swap(call);
	case MOVE:
	case CANCEL_LABELS:
		return predict_move(call);
	case MOUNT:
	case MOUNT_SPECIFIC:
		return predict_mount(call);
	case DISMOUNT:
	case DISMOUNT_DEFERRED:
		return predict_dismount(call);
	case DISMOUNT_DRIVE:
		return predict_dismount_drive(call);
	case ENABLE_MEDIA:
	case DISABLE_MEDIA:
		if (!cartridge->known)
			return ERROR_OBJECT_NOT_FOUND;
		return predict_enable(cartridge->enabled, call->operation == ENABLE_MEDIA);
	case ENABLE_DRIVE:
	case DISABLE_DRIVE:
		return predict_enable(model.drives[call->drive].enabled,
				      call->operation == ENABLE_DRIVE);
	case ENABLE_LIBRARY:
	case DISABLE_LIBRARY:
		return predict_enable(model.enabled, call->operation == ENABLE_LIBRARY);
	case INVENTORY:
	case INVENTORY_FULL:
		return model.enabled ? ERROR_SUCCESS : ERROR_RESOURCE_DISABLED;
	case EJECT:
		return predict_eject(call);
	case INJECT:
		return model.enabled ? ERROR_SUCCESS : ERROR_DEVICE_NOT_AVAILABLE;
	case DELETE_MEDIA:
		return predict_delete(call);
	case SATISFY:
	case REFUSE:
	case WAIT_OPERATOR:
		return predict_operator(call->operation, model.requests[call->request].state);
	default:
		return ERROR_SUCCESS;
	}
}

/* A medium that nobody has is in a drive that is out of use: work on it would wait. */
static bool is_stuck(const struct cartridge *cartridge)
{
	return cartridge->drive >= 0 && cartridge->process < 0 &&
	       !model.drives[cartridge->drive].enabled;
}

static bool any_stuck(void)
{
	for (int i = 0; i < CARTRIDGES; i++)
		if (is_stuck(&model.cartridges[i]))
			return true;
	return false;
}

static bool any_doubt(void)
{
	for (int i = 0; i < CARTRIDGES; i++)
		if (model.cartridges[i].doubt)
			return true;
	return false;
}

static bool would_label(const struct call *call)
{
	if (call->operation == DEALLOCATE)
		return goes_back(call);
	return call->pool == POOL_FREE &&
	       (call->cartridge->pool != POOL_FREE || awaits_label(call->cartridge));
}

bool is_out_of_question(const struct call *call)
{
	const struct cartridge *cartridge = call->cartridge;

	switch (call->operation) {
	case CANCEL_LABELS:
		return call->pool != POOL_FREE || !any_drive_free() || is_stuck(cartridge);
	case DEALLOCATE:
	case MOVE:
		return would_label(call) && (!any_drive_free() || is_stuck(cartridge));
	case LABEL:
		return cartridge->process != call->process || cartridge->up != call->side ||
		       side_of(call)->state != NTMS_PARTSTATE_ALLOCATED;
	case MOUNT_SPECIFIC:
		return cartridge->away || is_stuck(cartridge);
	case INVENTORY:
		return any_doubt() && (!any_drive_free() || any_stuck());
	case INVENTORY_FULL:
		return !any_drive_free() || any_stuck();
	case INJECT:
		return (cartridge->known && !cartridge->away) || !any_drive_free();
	case SUBMIT:
		return model.requests[call->request].state == NTMS_OPSTATE_SUBMITTED;
	case DIE:
		return !model.enabled || (any_doubt() && (!any_drive_free() || any_stuck()));
	case CANCEL_QUEUED:
		return cartridge->process < 0 || predict_dismount(call);
	case MOUNTS_IN_LINE:
		return cartridge == call->other || cartridge->drive >= 0 ||
		       call->other->drive >= 0 || !is_usable(cartridge) ||
		       !is_usable(call->other) || !any_drive_free() || any_stuck();
	default:
		return false;
	}
}

void left(int process)
{
	for (int i = 0; i < CARTRIDGES; i++)
		if (model.cartridges[i].process == process)
			model.cartridges[i].process = -1;
}

static void drives_happened(const struct call *call, const struct reply *reply)
{
	struct cartridge *cartridge = call->cartridge;

	switch (call->operation) {
	case MOUNT:
	case MOUNT_SPECIFIC:
		mounted(cartridge, call->side, &reply->guid, call->process);
		break;
	case DISMOUNT:
		dismounted(cartridge);
		break;
	case DISMOUNT_DEFERRED:
		cartridge->process = -1;
		break;
	case DISMOUNT_DRIVE:
		dismounted(in_drive(call->drive));
		break;
	case ENABLE_DRIVE:
		model.drives[call->drive].enabled = true;
		break;
	case DISABLE_DRIVE:
		model.drives[call->drive].enabled = false;
		emptied(call->drive);
		break;
	case DISABLE_LIBRARY:
		emptied(0);
		emptied(1);
		break;
	default:
		break;
	}
}

static void requests_happened(const struct call *call, const struct reply *reply)
{
	struct request *request = &model.requests[call->request];

	switch (call->operation) {
	case SUBMIT:
		request->guid = reply->guid;
		request->state = NTMS_OPSTATE_SUBMITTED;
		break;
	case SATISFY:
		request->state = NTMS_OPSTATE_COMPLETE;
		break;
	case REFUSE:
		request->state = NTMS_OPSTATE_REFUSED;
		break;
	case DELETE_REQUEST:
		if (request->state != NTMS_OPSTATE_SUBMITTED)
			request->state = NTMS_OPSTATE_UNKNOWN;
		break;
	default:
		break;
	}
}

static void media_happened(const struct call *call, const struct reply *reply)
{
	struct cartridge *cartridge = call->cartridge;

	switch (call->operation) {
	case ALLOCATE:
	case ALLOCATE_NEW:
		allocated(call, &reply->guid);
		break;
	case ALLOCATE_NEXT:
		take(cartridge, reserved_side(cartridge), &reply->guid, true);
		break;
	case ALLOCATE_SIDE:
		cartridge->pool = call->pool;
		take(cartridge, call->side, &reply->guid, false);
		break;
	case DEALLOCATE:
		deallocated(call);
		break;
	case COMPLETE:
		side_of(call)->state = NTMS_PARTSTATE_COMPLETE;
		break;
	case DECOMMISSION:
		side_of(call)->state = NTMS_PARTSTATE_DECOMMISSIONED;
		break;
	case SWAP:
		swapped(call);
		break;
	case MOVE:
	case CANCEL_LABELS:
		moved(call);
		break;
	case DELETE_MEDIA:
		cartridge->known = false;
		break;
	case ENABLE_MEDIA:
	case DISABLE_MEDIA:
		cartridge->enabled = call->operation == ENABLE_MEDIA;
		break;
	case EJECT:
		ejected(call);
		break;
	case INJECT:
		cartridge->away = false;
		break;
	default:
		break;
	}
}

void happened(const struct call *call, const struct reply *reply)
{
	media_happened(call, reply);
	drives_happened(call, reply);
	requests_happened(call, reply);
	if (call->operation == ENABLE_LIBRARY || call->operation == DISABLE_LIBRARY)
		model.enabled = call->operation == ENABLE_LIBRARY;
	if (call->operation == CLOSE_SESSION || call->operation == DIE)
		left(call->process);
}
