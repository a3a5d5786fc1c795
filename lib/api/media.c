/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* media.c - records of media entered, deleted and exchanged, and the types they are of */
#include <string.h>
#include "api/args.h"
#include "core/alloc.h"
#include "core/catalogue.h"
#include "core/info.h"
#include "core/media_type.h"
#include "core/presence.h"
#include "core/txn.h"

NTMS_EXPORT DWORD WINAPI SwapNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId1,
				       LPNTMS_GUID lpMediaId2)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpMediaId1 || !lpMediaId2)
		return api_done(session, api_bad("lpMediaId1 or lpMediaId2"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, swap_media(txn, &session->caller, lpMediaId1, lpMediaId2));
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI AddNtmsMediaType(HANDLE hSession, LPNTMS_GUID lpMediaTypeId,
					  LPNTMS_GUID lpLibId)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpMediaTypeId || !lpLibId)
		return api_done(session, api_bad("lpMediaTypeId or lpLibId"));
	code = presence_look(session, RIGHT_ADD_TYPE, lpLibId);
	if (!code)
		code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn,
			       library_add_type(txn, &session->caller, lpMediaTypeId, lpLibId));
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI DeleteNtmsMediaType(HANDLE hSession, LPNTMS_GUID lpMediaTypeId,
					     LPNTMS_GUID lpLibId)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpMediaTypeId || !lpLibId)
		return api_done(session, api_bad("lpMediaTypeId or lpLibId"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn,
			       library_delete_type(txn, &session->caller, lpMediaTypeId, lpLibId));
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI DeleteNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId)
{
	struct session *session = session_get(hSession);
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpMediaId)
		return api_done(session, api_bad("lpMediaId"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, catalogue_delete(txn, &session->caller, lpMediaId));
	return api_done(session, code);
}

/* ---- records entered ---- */

/* What is given back, kept apart until it is true. */
struct reply {
	NTMS_OBJECTINFORMATIONW records[1 + CATALOGUE_SIDES_MAX];
};

static size_t record_size(bool wide)
{
	return wide ? sizeof(NTMS_OBJECTINFORMATIONW) : sizeof(NTMS_OBJECTINFORMATIONA);
}

static struct info list_element(void *list, size_t number, bool wide)
{
	return (struct info){.bytes = (char *)list + number * record_size(wide), .wide = wide};
}

static DWORD take_entry(void *media, void *list, bool wide, struct entry *entry)
{
	struct info info = list_element(media, 0, wide);
	DWORD code = info_check_exactly(&info, NTMS_PHYSICAL_MEDIA);

	if (!code)
		code = info_take(&info, NTMS_PHYSICAL_MEDIA, &entry->media);
	/* No medium has more sides; that there are too many is found against its type. */
	for (size_t i = 0; i < entry->media.media.sides && i < CATALOGUE_SIDES_MAX && !code; i++) {
		info = list_element(list, i, wide);
		code = info_check_exactly(&info, NTMS_PARTITION);
		if (!code)
			code = info_take(&info, NTMS_PARTITION, &entry->sides[i]);
	}
	return code;
}

static DWORD fill_reply(struct txn *txn, const struct entry *entry, bool wide, struct reply *reply)
{
	DWORD code = ERROR_SUCCESS;

	for (size_t i = 0; i < 1 + entry->media.media.sides && !code; i++) {
		struct info info = {.bytes = &reply->records[i], .wide = wide};

		reply->records[i].dwSize = (DWORD)record_size(wide);
		code = info_give(txn, i ? &entry->sides[i - 1] : &entry->media, &info);
	}
	return code;
}

static DWORD create_media(struct session *session, void *media, void *list, bool wide,
			  DWORD options)
{
	struct entry entry = {0};
	struct reply reply;
	struct txn *txn;
	DWORD code;

	if (!media || !list)
		return api_bad("lpMedia or lpList");
	if (options & ~(DWORD)NTMS_ERROR_ON_DUPLICATE)
		return api_bad("dwOptions");
	code = take_entry(media, list, wide, &entry);
	if (!code)
		code = session_begin(session, &txn);
	if (code)
		return code;
	code = catalogue_enter(txn, &session->caller, &entry, options & NTMS_ERROR_ON_DUPLICATE);
	if (!code)
		code = fill_reply(txn, &entry, wide, &reply);
	code = txn_end(txn, code);
	if (code)
		return code;
	memcpy(media, &reply.records[0], record_size(wide));
	for (size_t i = 0; i < entry.media.media.sides; i++)
		memcpy(list_element(list, i, wide).bytes, &reply.records[1 + i], record_size(wide));
	return ERROR_SUCCESS;
}

NTMS_EXPORT DWORD WINAPI CreateNtmsMediaA(HANDLE hSession, LPNTMS_OBJECTINFORMATIONA lpMedia,
					  LPNTMS_OBJECTINFORMATIONA lpList, DWORD dwOptions)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, create_media(session, lpMedia, lpList, false, dwOptions));
}

NTMS_EXPORT DWORD WINAPI CreateNtmsMediaW(HANDLE hSession, LPNTMS_OBJECTINFORMATIONW lpMedia,
					  LPNTMS_OBJECTINFORMATIONW lpList, DWORD dwOptions)
{
	struct session *session = session_get(hSession);

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	return api_done(session, create_media(session, lpMedia, lpList, true, dwOptions));
}
