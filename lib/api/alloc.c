/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include "api/args.h"
#include "base/utf.h"
#include "core/alloc.h"
#include "core/request.h"
#include "core/txn.h"

#define ALLOCATE_OPTIONS \
	(NTMS_ALLOCATE_NEW | NTMS_ALLOCATE_NEXT | NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE)

static DWORD check_allocate(LPNTMS_GUID pool, LPNTMS_GUID media, DWORD options,
			    LPNTMS_ALLOCATION_INFORMATION information)
{
	if (!pool)
		return api_bad("lpMediaPool");
	if (!media)
		return api_bad("lpMediaId");
	if (options & ~(DWORD)ALLOCATE_OPTIONS)
		return api_bad("dwOptions");
	if ((options & NTMS_ALLOCATE_NEW) && (options & NTMS_ALLOCATE_NEXT))
		return ntms_say(ERROR_INVALID_PARAMETER,
				"NTMS_ALLOCATE_NEW and NTMS_ALLOCATE_NEXT exclude each other");
	if (information && information->dwSize < sizeof(*information))
		return api_bad("lpAllocateInformation->dwSize");
	return ERROR_SUCCESS;
}

NTMS_EXPORT DWORD WINAPI AllocateNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaPool,
					   LPNTMS_GUID lpPartition, LPNTMS_GUID lpMediaId,
					   DWORD dwOptions, DWORD dwTimeout,
					   LPNTMS_ALLOCATION_INFORMATION lpAllocateInformation)
{
	struct session *session = session_get(hSession);
	struct allocation allocation = {.options = dwOptions, .timeout_ms = dwTimeout};
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	code = check_allocate(lpMediaPool, lpMediaId, dwOptions, lpAllocateInformation);
	if (code)
		return api_done(session, code);
	allocation.pool = *lpMediaPool;
	if (lpPartition)
		allocation.side = *lpPartition;
	if (dwOptions & NTMS_ALLOCATE_NEXT)
		allocation.logical = *lpMediaId;
	code = allocate(session, &allocation);
	if (!code)
		*lpMediaId = allocation.logical;
	else if (!(dwOptions & NTMS_ALLOCATE_NEXT))
		memset(lpMediaId, 0, sizeof(*lpMediaId));
	if (!code && lpAllocateInformation)
		lpAllocateInformation->AllocatedFrom = allocation.from;
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI DeallocateNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId,
					     DWORD dwOptions)
{
	struct session *session = session_get(hSession);
	NTMS_GUID queued = NTMS_NULLGUID;
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(ERROR_INVALID_HANDLE);
	if (!lpMediaId || dwOptions)
		return api_done(session, api_bad(lpMediaId ? "dwOptions" : "lpMediaId"));
	code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, deallocate(session, txn, lpMediaId, &queued));
	/* It is on record now; whoever next looks after the library does it if we cannot. */
	if (!code && !NTMS_IS_NULLGUID(queued))
		request_work(session, &queued);
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI SetNtmsMediaComplete(HANDLE hSession, LPNTMS_GUID lpMediaId)
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
		code = txn_end(txn, declare_complete(txn, &session->caller, lpMediaId));
	return api_done(session, code);
}

NTMS_EXPORT DWORD WINAPI DecommissionNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId)
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
		code = txn_end(txn, decommission(txn, &session->caller, lpMediaId));
	return api_done(session, code);
}

/* A file system's label: its type, its serial number and its name. */
static DWORD file_system_label(const NTMS_FILESYSTEM_INFO *information, struct label *label)
{
	memset(label, 0, sizeof(*label));
	if (!utf16_take(information->FileSystemType, NTMS_OMIDLABELTYPE_LENGTH, label->type,
			sizeof(label->type)) ||
	    !label->type[0] ||
	    !utf16_take(information->VolumeName, NTMS_OMIDLABELINFO_LENGTH, label->info,
			sizeof(label->info)))
		return api_bad("a string of the NTMS_FILESYSTEM_INFO");
	label->id_length = sizeof(information->SerialNumber);
	for (size_t i = 0; i < label->id_length; i++)
		label->id[i] = (uint8_t)(information->SerialNumber >> 8 * i);
	return ERROR_SUCCESS;
}

static DWORD make_label(DWORD type, DWORD size, const void *buffer, struct label *label)
{
	NTMS_FILESYSTEM_INFO information;
	DWORD code;

	if (!buffer || size == 0)
		return api_bad("lpBuffer or numberOfBytes");
	switch (type) {
	case NTMS_OMID_TYPE_RAW_LABEL:
		code = label_claim(buffer, size, label);
		if (code == ERROR_BAD_FORMAT)
			return ntms_say(code, "no label library recognises the label");
		return code;
	case NTMS_OMID_TYPE_FILESYSTEM_INFO:
		if (size != sizeof(information))
			return api_bad("numberOfBytes");
		memcpy(&information, buffer, sizeof(information));
		return file_system_label(&information, label);
	default:
		return api_bad("labelType");
	}
}

NTMS_EXPORT DWORD WINAPI UpdateNtmsOmidInfo(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD labelType,
					    DWORD numberOfBytes, LPVOID lpBuffer)
{
	struct session *session = session_get(hSession);
	struct label label;
	struct txn *txn;
	DWORD code;

	if (!session)
		return api_return(session_missing(hSession));
	code = lpMediaId ? make_label(labelType, numberOfBytes, lpBuffer, &label)
			 : api_bad("lpMediaId");
	if (!code)
		code = session_begin(session, &txn);
	if (!code)
		code = txn_end(txn, record_label(txn, &session->caller, lpMediaId, &label));
	return api_done(session, code);
}
