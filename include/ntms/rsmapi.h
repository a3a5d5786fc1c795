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
 * or, on a virtual broker, by either. A drive that is in no library is one by itself (stand-alone);
 * what is inside is not touched. Its drives are found by the serial numbers it reports
 * itself, its slots, ports and cartridges by its element status (bar codes; nothing is mounted).
 * Doing it again brings the records up to date and is no error.
 *
 * Needs M on the computer object. ERROR_OBJECT_NOT_FOUND: no such changer or drive, or a drive that
 * is in a library.
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

/*
 * Let a process that does not descend from the caller, and what descends from it, open the device
 * of a medium that this session has mounted (side or LMID), by its name: until the mount ends.
 * The caller and its children may anyway; everybody else is refused with EBUSY. On a virtual
 * broker anybody may, and nothing happens. A process descends by parents that live: a daemon, whose
 * parent has ended, does not, unless the one it came from is a child subreaper (prctl(2)).
 * ERROR_INVALID_STATE: this session does not have it mounted; ERROR_INVALID_MEDIA: no such medium;
 * ERROR_INVALID_PARAMETER: no such process; ERROR_RESOURCE_NOT_AVAILABLE: 16 processes have been
 * let in already.
 */
DWORD RsmGrantProcess(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD dwProcessId);

/* Somebody has tried to open a device of a managed library, and was refused with EBUSY. */
typedef struct _RSM_CONFLICT {
	uint64_t Time; /* Unix time in milliseconds */
	DWORD ProcessId;
	DWORD UserId;
	CHAR szCommand[16];
	DWORD HolderProcessId; /* who held the drive; 0: nobody, or it is a changer's device */
	CHAR szHolderCommand[16];
	CHAR szDeviceName[64]; /* what was to be opened: /dev/nst0, /dev/sg1, /dev/bsg/0:0:0:1 */
	NTMS_GUID DeviceId;    /* drive or changer; null when it is not in the database */
} RSM_CONFLICT;

/* As RsmListDevices: what was refused lately, the oldest first, as far as the broker remembers. */
DWORD RsmListConflicts(HANDLE hSession, RSM_CONFLICT *lpList, LPDWORD lpdwCount);

/* ---- long work ---- */

typedef struct _RSM_PROGRESS {
	NTMS_GUID RequestId; /* library request */
	DWORD dwOperation;   /* NtmsLmOperation */
	DWORD dwState;	     /* NtmsLmState */
	LPCSTR lpText; /* "moving A00001L8 from slot 3 to drive 1", "waiting for drive 0, held by
			  tar (812)", or what keeps everybody here from working for its library */
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

/*
 * Wait until a library request is over. Returns what it ended with, ERROR_CANCELLED for one that
 * was cancelled or stopped; ERROR_TIMEOUT; ERROR_OBJECT_NOT_FOUND: there is none, or none any more.
 */
DWORD RsmWaitForRequest(HANDLE hSession, LPNTMS_GUID lpRequestId, DWORD dwTimeout);

/* Wait until none of this session's mounts is left (another process dismounted them):
 * ERROR_SUCCESS; or until the descriptor iStopFd (-1 for none) polls readable: ERROR_CANCELLED. */
DWORD RsmWaitForMountsEnd(HANDLE hSession, int iStopFd);

/* ---- working libraries for everybody: rsmd ---- */

/*
 * Work the library's queue, whoever put something into it, until bServe is FALSE or the session
 * ends; look at its devices and bar codes now, and whenever the library or the kernel tells that
 * something came, went or was changed by hand. Done again it looks once more. Several processes may
 * serve a library: one of them works it at a time, and another goes on at once when that one dies.
 * Needs C on the library. ERROR_INVALID_LIBRARY; ERROR_LIBRARY_OFFLINE: the offline library, or one
 * of another broker; ERROR_NOT_CONNECTED: the broker cannot be listened to.
 */
DWORD RsmServeLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId, BOOL bServe);

#define RSM_SERVICE_IDLE      1 /* nothing can be carried out now */
#define RSM_SERVICE_WORKING   2
#define RSM_SERVICE_ELSEWHERE 3 /* another process works the library at present */

typedef struct _RSM_SERVICE {
	DWORD dwSize;		  /* in: sizeof(RSM_SERVICE) */
	DWORD dwState;		  /* RSM_SERVICE_* */
	DWORD dwOverdueMs;	  /* 0; or for how long it should have moved on by the longest time
				     that device and database may take: it is stuck */
	DWORD dwErrorCode;	  /* why its last attempt came to nothing; ERROR_SUCCESS */
	CHAR szErrorMessage[256]; /* and what happened to what */
} RSM_SERVICE;

/* How the service of a library by this session stands. It does not touch the database and waits
 * for nobody. ERROR_INVALID_STATE: this session does not serve it. */
DWORD RsmGetService(HANDLE hSession, LPNTMS_GUID lpLibraryId, RSM_SERVICE *lpService);

/*
 * A descriptor that polls readable (POLLIN) when something may have changed in the database: then
 * WaitForNtmsNotification need not wait. What can be read from it means nothing, but read it until
 * there is nothing left, before looking. To be closed with close(). ERROR_NOT_ENOUGH_MEMORY also
 * when there are too many inotify instances.
 */
DWORD RsmWatchChanges(HANDLE hSession, int *lpDescriptor);

/* ---- dismounts of what was written without knowing of RSM ---- */

/*
 * As DismountNtmsMedia; but who carries it out reads the label of each medium that was in use, when
 * nobody else can open its device any more, and records it as RsmRefreshLabel does, whoever it was
 * that had the medium mounted. Waits until all that is done; it goes on after ERROR_TIMEOUT.
 * ERROR_UNABLE_TO_INVENTORY_DRIVE: all are dismounted, but a label could not be read, so that the
 * one before is on record; the message says which. ERROR_BUSY: a process has opened the device in
 * the last moment. Else the errors and rights of DismountNtmsMedia.
 */
DWORD RsmDismountMedia(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD dwCount, DWORD dwOptions,
		       DWORD dwTimeout);

/* The same with what is in a drive, as DismountNtmsDrive. */
DWORD RsmDismountDrive(HANDLE hSession, LPNTMS_GUID lpDriveId, DWORD dwTimeout);

/* ---- messages to people ---- */

/*
 * The computers that are to hear of a request (SetNtmsUIOptions): of an operator request those of
 * the application that has submitted it, of its library and of this computer, none with
 * NTMS_OPREQFLAGS_NOALERTS; of a library request those of its library and of this computer. The
 * list is as that of GetNtmsUIOptions. ERROR_OBJECT_NOT_FOUND, ERROR_ACCESS_DENIED (USE),
 * ERROR_INSUFFICIENT_BUFFER.
 */
DWORD RsmRequestDestinations(HANDLE hSession, LPNTMS_GUID lpRequestId, LPSTR lpszDestination,
			     LPDWORD lpdwBufSize);

/* ---- labels ---- */

/*
 * Read the label of the medium mounted for the LMID, or side, and record it as its identity, like
 * UpdateNtmsOmidInfo with the bytes from the tape. What no label format claims is recorded as
 * "no label". For programs that write without knowing of RSM (tar). Rewinds the tape.
 *
 * The calling process opens the device, as any program may that holds the drive or was let in
 * (RsmGrantProcess). ERROR_BUSY: it may not. ERROR_INVALID_STATE: not mounted, or its device is
 * still open. Rights as MountNtmsMedia.
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

/* Make one in a directory that is empty, or missing like those above it. No session needed.
 * ERROR_ALREADY_EXISTS, ERROR_INVALID_PARAMETER (shape: 1-64 drives, 1-10000 slots, 0-64 ports,
 * tapes at most slots; or the path is too long), ERROR_ACCESS_DENIED, ERROR_DATABASE_FULL. */
DWORD RsmCreateVirtualLibrary(LPCSTR lpDirectory, DWORD dwDrives, DWORD dwSlots, DWORD dwPorts,
			      DWORD dwTapes);

#define RSM_VIRTUAL_LTO8 0
#define RSM_VIRTUAL_LTO5 1
#define RSM_VIRTUAL_DLT	 2
#define RSM_VIRTUAL_MO	 3 /* two-sided, in a jukebox that turns them over */

typedef struct _RSM_VIRTUAL_SHAPE {
	DWORD dwSize; /* sizeof(RSM_VIRTUAL_SHAPE) */
	DWORD dwDrives, dwSlots, dwPorts, dwTapes;
	DWORD dwMedia;		  /* RSM_VIRTUAL_*: what drives and cartridges are */
	DWORD dwStandAloneDrives; /* beside the library; people fill them */
	DWORD dwMagazineSlots;	  /* slots in each magazine, 0: there are none; divides dwSlots */
	DWORD dwCleaners;	  /* CLN001L8 and on, in the last slots */
	BOOL bDoor;		  /* it has a door that opens all slots to people */
	BOOL bBarCodeReader;
} RSM_VIRTUAL_SHAPE;

/* As RsmCreateVirtualLibrary, which makes one of LTO-8 drives with a door and a bar code reader.
 * ERROR_INVALID_PARAMETER also when drives of both kinds are more than 64, tapes and cleaners more
 * than slots, or dwSize is not the size of the structure. */
DWORD RsmCreateVirtualLibraryEx(LPCSTR lpDirectory, const RSM_VIRTUAL_SHAPE *lpShape);

/*
 * What a person does at a virtual library, from any process, with or without RSM at work on it.
 * Whoever watches the library learns of it as of a real one. No session is needed.
 *
 * ERROR_SUCCESS; ERROR_BUSY: locked by RSM, or a program has the drive open; ERROR_NOT_READY: out
 * of reach, because the door is closed; ERROR_OBJECT_NOT_FOUND: no such library, port, slot, drive
 * or magazine; ERROR_EMPTY, ERROR_NOT_EMPTY: nothing, or something, is there; ERROR_ALREADY_EXISTS:
 * the cartridge is somewhere else in the library; ERROR_INVALID_NAME: no bar code;
 * ERROR_NOT_SUPPORTED: the library has no door, no magazines; ERROR_INVALID_PARAMETER;
 * ERROR_ACCESS_DENIED; ERROR_TIMEOUT: another process sits on the library;
 * ERROR_NOT_ENOUGH_MEMORY; ERROR_DATABASE_FULL; ERROR_DATABASE_FAILURE: a file of it is damaged.
 */
#define RSM_VIRTUAL_PORT  1 /* from 1 */
#define RSM_VIRTUAL_SLOT  2 /* from 1; through the open door, or in a magazine that is out */
#define RSM_VIRTUAL_DRIVE 3 /* from 0, of the drives that stand alone */

/* Put in a cartridge by its bar code: from the shelf, or a new one if there is none of that name.
 * Names that begin with CLN are cleaners; with _, cartridges without a bar code. */
DWORD RsmVirtualInsert(LPCSTR lpDirectory, DWORD dwPlace, DWORD dwNumber, LPCSTR lpBarCode);

/* Take out what is there and put it on the shelf. */
DWORD RsmVirtualRemove(LPCSTR lpDirectory, DWORD dwPlace, DWORD dwNumber);

/* Open or close the door. The robot does nothing while it is open. */
DWORD RsmVirtualDoor(LPCSTR lpDirectory, BOOL bOpen);

/* Take out magazine dwNumber, from 1, with what is in it, or put it back. */
DWORD RsmVirtualMagazine(LPCSTR lpDirectory, DWORD dwNumber, BOOL bOut);

/* Plug in or pull out: a drive, by its number among all (those that stand alone come last), or the
 * changer. */
#define RSM_VIRTUAL_CHANGER 0xFFFFFFFFu
DWORD RsmVirtualPlug(LPCSTR lpDirectory, DWORD dwDrive, BOOL bIn);

/* The drive asks to be cleaned, or does not any more. */
DWORD RsmVirtualDirty(LPCSTR lpDirectory, DWORD dwDrive, BOOL bDirty);

/* ---- faults of virtual libraries, for tests ---- */

#define RSM_FAULT_MOVE	   1 /* dwWhere: element address, source or destination */
#define RSM_FAULT_ELEMENTS 2 /* looking at the elements */
#define RSM_FAULT_SCAN	   3 /* having the library look at everything itself */
#define RSM_FAULT_ACCESS   4 /* locking and unlocking door and ports */
#define RSM_FAULT_READY	   5 /* the library is not ready */
/* Opening a tape; here and below dwWhere: number of the drive. With sense key 2, not ready, it is
 * waited for, as long as the fault lasts; unloading likewise. */
#define RSM_FAULT_OPEN	    6
#define RSM_FAULT_READ	    7
#define RSM_FAULT_WRITE	    8
#define RSM_FAULT_UNLOAD    9
#define RSM_FAULT_ATTENTION 10 /* the library does not tell that it was changed by hand */
#define RSM_FAULT_LATE	    11 /* as RSM_FAULT_MOVE, but the move is made, too late for who waits */

#define RSM_FAULT_ANYWHERE 0xFFFFFFFFu

typedef struct _RSM_VIRTUAL_FAULT {
	DWORD dwSize;		/* sizeof(RSM_VIRTUAL_FAULT) */
	DWORD dwOperation;	/* RSM_FAULT_* */
	DWORD dwWhere;		/* or RSM_FAULT_ANYWHERE */
	DWORD dwSkip;		/* so many go well before */
	DWORD dwCount;		/* so many go wrong then; 0: all */
	DWORD dwMilliseconds;	/* no longer than that from now on; 0: without limit */
	BYTE bKey, bAsc, bAscq; /* SCSI sense data; all 0: what is usual for the operation */
	BYTE bReserved;		/* 0 */
} RSM_VIRTUAL_FAULT;

/* Have it happen, or with NULL: no more faults. Several add up; the first that fits is taken.
 * Errors as above; ERROR_INVALID_PARAMETER. */
DWORD RsmVirtualFault(LPCSTR lpDirectory, const RSM_VIRTUAL_FAULT *lpFault);

#ifdef __cplusplus
}
#endif

#endif
