/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/awaited.h"
#include "core/oprequest.h"
#include "core/standalone.h"
#include "core/txn.h"

/* ---- asked for ---- */

DWORD awaited_ask(struct txn *txn, struct object *request, struct object *media,
		  const struct object *library, const char *why)
{
	struct obj_librequest *details = &request->librequest;
	char message[OBJ_MESSAGE_SIZE];
	DWORD code = ERROR_SUCCESS;

	if (library->library.kind == NTMS_LIBRARYTYPE_STANDALONE)
		snprintf(message, sizeof(message), "%sinsert cartridge %s into drive %s; %s waits",
			 why, media_name(media), library->name, details->application);
	else
		snprintf(message, sizeof(message), "%sput cartridge %s into library %s; %s waits",
			 why, media_name(media), library->name, details->application);
	/* What is open says something else. */
	if (why[0])
		code = oprequest_withdraw(txn, NTMS_OPREQ_MOVEMEDIA, &media->guid, &library->guid);
	if (!code)
		code = oprequest_raise(txn, NTMS_OPREQ_MOVEMEDIA, &media->guid, &library->guid,
				       message, &details->work_item);
	if (!code)
		code = request_event(request, REQUEST_WAITS);
	if (code)
		return code;
	snprintf(details->waits_for, sizeof(details->waits_for),
		 "%.50swaiting for a person to put %.36s into %.36s", why, media_name(media),
		 library->name);
	if (media->media.state != NTMS_MEDIASTATE_IDLE)
		return ERROR_SUCCESS;
	code = media_event(media, MEDIA_ASKED_FOR);
	return code ? code : store_update(txn, media);
}

DWORD awaited_refused(struct txn *txn, const struct object *request)
{
	uint32_t state;
	DWORD code;

	if (guid_is_null(&request->librequest.work_item))
		return ERROR_SUCCESS;
	code = oprequest_state(txn, &request->librequest.work_item, &state);
	if (!code && state == NTMS_OPSTATE_REFUSED)
		return ntms_say(ERROR_REQUEST_REFUSED,
				"the operator has refused to bring the cartridge: %s",
				request->librequest.waits_for);
	return code;
}

/* ---- over ---- */

/* Other unfinished mounts of the cartridge: at the same library, at any. */
static DWORD count_others(struct txn *txn, const struct object *request, size_t *here, size_t *any)
{
	struct object other;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	*here = *any = 0;
	key_start(&key);
	key_guid(&key, &request->librequest.media);
	code = store_list(txn, IX_ACTIVE, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_LIBREQUEST, &other);
		if (code || other.librequest.operation != NTMS_LM_MOUNT ||
		    guid_equal(&other.guid, &request->guid))
			continue;
		++*any;
		if (guid_equal(&other.librequest.library, &request->librequest.library))
			++*here;
	}
	free(list);
	return code;
}

/* Accepted or asked for, and never moved. */
static bool is_pending(const struct object *media)
{
	return media->media.state == NTMS_MEDIASTATE_OPREQ ||
	       (media->media.state == NTMS_MEDIASTATE_INUSE &&
		media->media.location_type != NTMS_DRIVE);
}

DWORD awaited_end(struct txn *txn, const struct object *request)
{
	const struct obj_librequest *details = &request->librequest;
	struct object media;
	size_t here, any;
	DWORD code;

	if (details->operation != NTMS_LM_MOUNT || guid_is_null(&details->work_item))
		return ERROR_SUCCESS;
	code = count_others(txn, request, &here, &any);
	if (!code && !here)
		code = oprequest_withdraw(txn, NTMS_OPREQ_MOVEMEDIA, &details->media,
					  &details->library);
	if (code || any)
		return code;
	code = store_get(txn, &details->media, NTMS_PHYSICAL_MEDIA, &media);
	if (code)
		return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
	if (!is_pending(&media))
		return ERROR_SUCCESS;
	code = media_event(&media, MEDIA_GIVEN_UP);
	return code ? code : store_update(txn, &media);
}

/* ---- come ---- */

struct awaited {
	struct object media;
	struct object place; /* the library it is in */
	struct object library;
	uint32_t asked; /* NtmsOpreqState */
};

static DWORD look(struct txn *txn, struct turn *turn, const struct object *request,
		  struct awaited *awaited)
{
	DWORD code =
		store_get(txn, &request->librequest.media, NTMS_PHYSICAL_MEDIA, &awaited->media);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "the cartridge to be mounted is no more");
	if (!code)
		code = must_exist(store_get(txn, &awaited->media.media.library, NTMS_LIBRARY,
					    &awaited->place),
				  "library", media_name(&awaited->media));
	if (!code)
		code = store_get(txn, &turn->library, NTMS_LIBRARY, &awaited->library);
	if (!code)
		code = oprequest_state(txn, &request->librequest.work_item, &awaited->asked);
	return code;
}

static bool is_here(const struct turn *turn, const struct awaited *awaited)
{
	return guid_equal(&awaited->media.media.library, &turn->library);
}

static DWORD read_awaited(struct turn *turn, const struct object *request, struct awaited *awaited)
{
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = look(txn, turn, request, awaited);
	store_abort(txn);
	return code;
}

static DWORD ask_again(struct turn *turn, struct object *request, const char *why)
{
	struct awaited awaited;
	struct object current;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &request->guid, NTMS_LIBREQUEST, &current);
	if (!code && request_is_final(&current))
		code = ERROR_CANCELLED;
	if (!code)
		code = look(txn, turn, &current, &awaited);
	if (!code)
		code = awaited_ask(txn, &current, &awaited.media, &awaited.library, why);
	if (!code)
		code = store_update(txn, &current);
	code = txn_end(txn, code);
	if (!code)
		*request = current;
	return code ? code : RUN_WAITS;
}

static bool is_elsewhere(const struct turn *turn, const struct awaited *awaited)
{
	return awaited->place.library.kind != NTMS_LIBRARYTYPE_OFFLINE && !is_here(turn, awaited);
}

static DWORD say_elsewhere(const struct awaited *awaited)
{
	return ntms_say(ERROR_MEDIA_OFFLINE,
			"cartridge %s is in library %s now, it was to be mounted in %s",
			media_name(&awaited->media), awaited->place.name, awaited->library.name);
}

#define STILL_NOT_FOUND "still not found: "

/* It is not there: somebody is to be asked for it, or, as the caller wants it, nobody. */
static DWORD ask_or_fail(struct turn *turn, struct object *request, const struct awaited *awaited,
			 const char *why)
{
	if (request->librequest.mount_options & AWAITED_ASK_NOBODY)
		return ntms_say(ERROR_MEDIA_OFFLINE, "%scartridge %s is not in library %s", why,
				media_name(&awaited->media), awaited->library.name);
	return ask_again(turn, request, why);
}

/* In a drive that stands alone: what was inside and is not wanted is said, and asked again. */
static DWORD look_alone(struct turn *turn, struct object *request, struct awaited *awaited)
{
	/* Who says that it is there is believed once: then even what is known is looked at. */
	bool said = awaited->asked == NTMS_OPSTATE_COMPLETE, here = false;
	char ejected[96] = "", why[160] = "";
	DWORD code = standalone_look(turn, true, said);

	if (!code)
		code = standalone_has(turn, &request->librequest.side, &here);
	if (!code && !here)
		code = read_awaited(turn, request, awaited);
	if (code || here)
		return code;
	if (is_elsewhere(turn, awaited))
		return say_elsewhere(awaited);
	code = standalone_make_room(turn, request, ejected, sizeof(ejected));
	if (!code)
		code = read_awaited(turn, request, awaited);
	if (code)
		return code;
	if (ejected[0])
		snprintf(why, sizeof(why), "%s was in the drive, take it out: ", ejected);
	else if (said)
		snprintf(why, sizeof(why), STILL_NOT_FOUND);
	if (why[0] || awaited->asked == NTMS_OPSTATE_UNKNOWN)
		return ask_or_fail(turn, request, awaited, why);
	return RUN_WAITS;
}

DWORD awaited_look(struct turn *turn, struct object *request)
{
	struct awaited awaited;
	DWORD code = read_awaited(turn, request, &awaited);

	if (!code && turn->standalone)
		return look_alone(turn, request, &awaited);
	if (code || is_here(turn, &awaited))
		return code;
	if (is_elsewhere(turn, &awaited))
		return say_elsewhere(&awaited);
	switch (awaited.asked) {
	case NTMS_OPSTATE_UNKNOWN: /* deleted, or it has only now left the library */
		return ask_or_fail(turn, request, &awaited, "");
	case NTMS_OPSTATE_COMPLETE:
		code = inventory_reconcile(turn, false, false);
		if (!code)
			code = read_awaited(turn, request, &awaited);
		if (code || is_here(turn, &awaited))
			return code;
		return ask_or_fail(turn, request, &awaited, STILL_NOT_FOUND);
	default: /* refused: the caller hears of it himself */
		return RUN_WAITS;
	}
}

/* Straight into a drive it may have come too; there it is like one that was left there. */
static DWORD come_online(struct object *media)
{
	DWORD code = media_event(media, MEDIA_CAME_ONLINE);

	if (code || media->media.location_type != NTMS_DRIVE)
		return code;
	code = media_event(media, MEDIA_IN_DRIVE);
	return code ? code : media_event(media, MEDIA_RELEASED);
}

DWORD awaited_accept(struct turn *turn, const struct object *request)
{
	struct object media;
	struct txn *txn;
	DWORD code = store_begin(turn->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, &request->librequest.media, NTMS_PHYSICAL_MEDIA, &media);
	if (code || media.media.state != NTMS_MEDIASTATE_OPREQ) {
		store_abort(txn);
		return code;
	}
	code = come_online(&media);
	if (!code)
		code = store_update(txn, &media);
	return txn_end(txn, code);
}
