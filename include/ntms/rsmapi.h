/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rsmapi.h - what NTMS has no call for and Linux needs
 *
 * Which libraries RSM looks after, who holds what, how far long work has come,
 * and what went wrong in words. Strings are UTF-8. Unless said otherwise every
 * function returns a Win32 code, needs a session of OpenNtmsSession, and gives
 * ERROR_INVALID_HANDLE for a bad one, ERROR_INVALID_PARAMETER for a missing
 * argument, ERROR_DATABASE_FAILURE, ERROR_DATABASE_FULL, ERROR_NOT_ENOUGH_MEMORY
 * as every NTMS call does.
 *
 * Environment, read by OpenNtmsSession: NTMS_HOME, the directory of the database
 * (default /var/lib/rsm); NTMS_BROKER, "kernel" (default) or "virtual:DIR".
 */
#ifndef NTMS_RSMAPI_H
#define NTMS_RSMAPI_H

#include <stdint.h>
#include "ntms/ntmsapi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what went wrong ---- */

/* "ERROR_INVALID_MEDIA", or "ERROR" for a code without a name. Static. No session needed. */
const char *RsmErrorName(DWORD code);

/* What the code means, one plain sentence. Static. */
const char *RsmErrorText(DWORD code);

/* What happened to what in this thread's last failed call, "" if there is nothing to add.
 * Valid until the thread's next call of libntms. */
const char *RsmLastMessage(void);

/* ---- libraries and their devices ---- */

typedef struct _RSM_DEVICE {
	DWORD IsChanger;   /* TRUE: a changer, FALSE: a drive */
	DWORD Managed;	   /* TRUE when it belongs to a managed library */
	NTMS_GUID Library; /* that library */
	CHAR szVendor[16];
	CHAR szProduct[24];
	CHAR szRevision[8];
	CHAR szSerialNumber[64];
	CHAR szDeviceName[64]; /* /dev/nst0, /dev/sch0; empty when there is none */
	DWORD ScsiHost, ScsiChannel, ScsiTarget, ScsiLun;
	WORD FirstElement[5]; /* changer: by SCSI element type code 1..4 */
	WORD NumberOfElements[5];
} RSM_DEVICE;

/* The changers and drives the broker sees, managed or not. *lpdwCount: in, room in lpList; out,
 * how many there are. ERROR_INSUFFICIENT_BUFFER when the room is too small. */
DWORD RsmListDevices(HANDLE hSession, RSM_DEVICE *lpList, LPDWORD lpdwCount);

/*
 * Take a library into management: by serial number of its changer, by one of its device nodes
 * or, on a virtual broker, by either. Its drives are found by the serial numbers it reports
 * itself, its slots, ports and cartridges by its element status (bar codes; nothing is mounted).
 * Doing it again brings the records up to date and is no error.
 *
 * Needs M on the computer object. ERROR_OBJECT_NOT_FOUND: no such changer.
 * ERROR_DEVICE_NOT_AVAILABLE: it does not answer, has no serial number, or another process
 * works on it. ERROR_ACCESS_DENIED.
 */
DWORD RsmManageLibrary(HANDLE hSession, LPCSTR lpName, LPNTMS_GUID lpLibraryId);

/*
 * Give a library back at once: its devices are forgotten, its cartridges become offline and keep
 * pools, labels and allocations. Needs C on the library. ERROR_BUSY: a medium is mounted or work is
 * under way; the message says which. ERROR_INVALID_LIBRARY.
 */
DWORD RsmUnmanageLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId);

/* ---- who holds what ---- */

#define RSM_HOLDER_HELD	    1 /* a living process holds the drive */
#define RSM_HOLDER_ORPHANED 2 /* its holder died with a medium inside; settled by the next work */

typedef struct _RSM_HOLDER {
	DWORD State; /* RSM_HOLDER_* */
	DWORD ProcessId;
	DWORD UserId;
	CHAR szCommand[16];
	uint64_t Since; /* Unix time in milliseconds */
	uint64_t Generation;
	NTMS_GUID DriveId; /* null when the drive is not in the database */
	NTMS_GUID MediaId; /* the cartridge (PMID), null for none */
	CHAR szDeviceName[64];
} RSM_HOLDER;

/* As RsmListDevices, of the drives that are held. */
DWORD RsmListHolders(HANDLE hSession, RSM_HOLDER *lpList, LPDWORD lpdwCount);

/* ---- long work ---- */

typedef struct _RSM_PROGRESS {
	NTMS_GUID RequestId; /* library request */
	DWORD dwOperation;   /* NtmsLmOperation */
	DWORD dwState;	     /* NtmsLmState */
	LPCSTR lpText; /* "moving A00001L8 from slot 3 to drive 1", "waiting for drive 0, held by
			  tar (812)" */
} RSM_PROGRESS;

typedef void (*RSM_PROGRESS_ROUTINE)(void *lpContext, const RSM_PROGRESS *lpProgress);

/* Have lpRoutine called, in the thread that waits, whenever something a blocking call of this
 * session waits for has moved on. NULL ends it. The routine must not call libntms. */
DWORD RsmSetProgress(HANDLE hSession, RSM_PROGRESS_ROUTINE lpRoutine, void *lpContext);

/*
 * Wait until no queued work names the cartridge (PMID, side or LMID): a dismount has been carried
 * out, a free label is written. Returns what the last finished piece of it ended with;
 * ERROR_TIMEOUT; ERROR_OBJECT_NOT_FOUND.
 */
DWORD RsmWaitForMedia(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD dwTimeout);

/* Wait until the library has no queued work left. ERROR_TIMEOUT; ERROR_INVALID_LIBRARY. */
DWORD RsmWaitForLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId, DWORD dwTimeout);

/* Wait until none of this session's mounts is left (another process dismounted them):
 * ERROR_SUCCESS; or until the descriptor iStopFd (-1 for none) polls readable: ERROR_CANCELLED. */
DWORD RsmWaitForMountsEnd(HANDLE hSession, int iStopFd);

/* ---- labels ---- */

/*
 * Read the label of the medium mounted for the LMID and record it as its identity, like
 * UpdateNtmsOmidInfo with the bytes from the tape. What no label format claims is recorded as
 * "no label". For programs that write without knowing of RSM (tar). Rewinds the tape.
 * ERROR_INVALID_STATE: not mounted, or its device is still open. Rights as MountNtmsMedia.
 */
DWORD RsmRefreshLabel(HANDLE hSession, LPNTMS_GUID lpMediaId);

/* ---- finding things by the names people use ---- */

/*
 * GUID (with or without dashes and braces), pool name (\ or / between the levels), bar code,
 * serial number or friendly name of an object of dwType; device node or number of a drive, slot or
 * port; for NTMS_LOGICAL_MEDIA and NTMS_PARTITION also the name or bar code of the cartridge when
 * that leaves one choice; for NTMS_PHYSICAL_MEDIA also a side's or LMID's GUID.
 * ERROR_OBJECT_NOT_FOUND; ERROR_NOT_SUPPORTED for a type without names; ERROR_INVALID_NAME when
 * several objects have that name (the message lists them).
 */
DWORD RsmFindObject(HANDLE hSession, LPCSTR lpText, DWORD dwType, LPNTMS_GUID lpObjectId);

/* ---- virtual libraries ---- */

/* Make one in a directory that is missing or empty. No session needed.
 * ERROR_ALREADY_EXISTS, ERROR_INVALID_PARAMETER (shape: 1-64 drives, 1-10000 slots, 0-64 ports,
 * tapes at most slots), ERROR_ACCESS_DENIED, ERROR_DATABASE_FULL. */
DWORD RsmCreateVirtualLibrary(LPCSTR lpDirectory, DWORD dwDrives, DWORD dwSlots, DWORD dwPorts,
			      DWORD dwTapes);

#ifdef __cplusplus
}
#endif

#endif
