/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ntmsapi.h - the removable storage (NTMS) interface
 *
 * One shared tape library, many programs: an application asks for a cartridge
 * (AllocateNtmsMedia), has it put into a drive (MountNtmsMedia), reads and writes it
 * through the drive's ordinary device node, gives the drive back (DismountNtmsMedia)
 * and, some day, the cartridge (DeallocateNtmsMedia). In between nobody else gets
 * the drive or the cartridge.
 *
 * Words: a *library* has *drives*, *slots*, *ports* (mail slots), *doors* and a *changer*
 * (the transport, the robot). A cartridge is a *physical medium*, PMID. Its *sides*,
 * called partitions in names, are what is labelled and allocated; an allocated side is
 * known to its owner by a *logical medium*, LMID. Cartridges live in *media pools*; the
 * pools Free (scratch), Import and Unrecognized (foreign) belong to the system. Every object
 * has a GUID that never changes and is never used again; the null GUID means "none".
 *
 * Rules common to all calls:
 *
 *  - A function ends with A (CHAR strings, UTF-8) or W (WCHAR strings, UTF-16) if it takes
 *    strings; without the letter it is a macro for A, or for W where UNICODE is defined.
 *    Lengths of strings are counted in characters of that kind, the closing NUL included.
 *    A string that does not fit where it is returned in a structure is cut between two
 *    characters. Malformed UTF-8 or UTF-16 is an ERROR_INVALID_PARAMETER, in a name an
 *    ERROR_INVALID_NAME.
 *  - All memory is the caller's, before and after; nothing given is kept after the return,
 *    and only GetVolumesFromDrive returns memory to be freed.
 *  - Time-outs are in milliseconds, INFINITE for none. Times are UTC.
 *  - A function that returns a DWORD returns an error code, ERROR_SUCCESS (0) if all is well,
 *    and sets GetLastError() to the same. A failed call has changed nothing but what its text
 *    says.
 *  - "Queued" functions return when the work is on record as a library request
 *    (NTMS_LIBREQUEST); it will be done even if the process that asked for it ends. How it
 *    went is in the request: State and dwErrorCode. "Synchronous" functions return when it
 *    is done.
 *  - Arguments are judged in this order: parameters, existence of the objects, rights,
 *    enabled and online, state.
 *
 * Each function's text gives the right it needs on which object: USE, MODIFY, CONTROL are
 * NTMS_USE_ACCESS and so on, none of which includes another. The object is the computer, the
 * library that the device or cartridge is in, or the pool that the medium is in. Root has all.
 *
 * Errors that mean the same everywhere, and that the texts below name without
 * explaining them:
 *
 *   ERROR_INVALID_HANDLE	the session (or other) handle is not open
 *   ERROR_INVALID_PARAMETER	a pointer that must be given is NULL, a value is out of its
 *				range, an option bit is unknown
 *   ERROR_ACCESS_DENIED	the caller lacks the right
 *   ERROR_NOT_ENOUGH_MEMORY	no memory
 *   ERROR_DATABASE_FAILURE	the database cannot be read or written, or is damaged
 *   ERROR_DATABASE_FULL	no space is left for the database
 *   ERROR_NOT_CONNECTED	the service cannot be reached: no database, or no broker; or the
 *				session is one of the process that this one was forked from
 *				(ERROR_INVALID_HANDLE where the reference has no such code)
 *   ERROR_INVALID_LIBRARY	no library with this GUID, or of the named object
 *   ERROR_INVALID_MEDIA	no medium of the right kind with this GUID
 *   ERROR_INVALID_MEDIA_POOL	no pool with this GUID, or one that does not allow this
 *   ERROR_INVALID_DRIVE	no drive with this GUID
 *   ERROR_OBJECT_NOT_FOUND	no object with this GUID (and type)
 *   ERROR_LIBRARY_OFFLINE	the library is the offline library, or not reachable
 *
 * In every call that takes a session these can appear: ERROR_INVALID_HANDLE,
 * ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY, ERROR_DATABASE_FAILURE,
 * ERROR_NOT_CONNECTED and, where the call changes something, ERROR_DATABASE_FULL. The lists
 * below name what else can.
 *
 * "Source" names where the rules come from: the NTMS reference of Windows (the page of that
 * function), and MS-RSMP, the Removable Storage Manager Remote Protocol, by interface and
 * number of the method in it.
 */
#ifndef NTMS_NTMSAPI_H
#define NTMS_NTMSAPI_H

#include <ntms/ntmswin.h>

#pragma pack(push, 8)

/* Lengths of strings in characters, the closing NUL included (label ids: in bytes). */
#define NTMS_OBJECTNAME_LENGTH	    64
#define NTMS_DESCRIPTION_LENGTH	    127
#define NTMS_DEVICENAME_LENGTH	    64
#define NTMS_SERIALNUMBER_LENGTH    32
#define NTMS_REVISION_LENGTH	    32
#define NTMS_BARCODE_LENGTH	    64
#define NTMS_SEQUENCE_LENGTH	    32
#define NTMS_VENDORNAME_LENGTH	    128
#define NTMS_PRODUCTNAME_LENGTH	    128
#define NTMS_USERNAME_LENGTH	    64
#define NTMS_APPLICATIONNAME_LENGTH 64
#define NTMS_COMPUTERNAME_LENGTH    64
#define NTMS_I1_MESSAGE_LENGTH	    127
#define NTMS_MESSAGE_LENGTH	    256
#define NTMS_POOLHIERARCHY_LENGTH   512
#define NTMS_OMIDLABELID_LENGTH	    255
#define NTMS_OMIDLABELTYPE_LENGTH   64
#define NTMS_OMIDLABELINFO_LENGTH   256
/* An attribute's name, in characters; its data must be shorter than this, in bytes. */
#define NTMS_MAXATTR_NAMELEN 32
#define NTMS_MAXATTR_LENGTH  0x10000

typedef GUID NTMS_GUID;
typedef GUID *LPNTMS_GUID;

/* clang-format off */
#define NTMS_NULLGUID {0, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0}}
/* clang-format on */
#define NTMS_IS_NULLGUID(id)                                                                     \
	((id).Data1 == 0 && (id).Data2 == 0 && (id).Data3 == 0 && (id).Data4[0] == 0 &&          \
	 (id).Data4[1] == 0 && (id).Data4[2] == 0 && (id).Data4[3] == 0 && (id).Data4[4] == 0 && \
	 (id).Data4[5] == 0 && (id).Data4[6] == 0 && (id).Data4[7] == 0)

/* ---- enumerations ------------------------------------------------------------------ */

enum NtmsObjectsTypes {
	NTMS_UNKNOWN = 0, /* type not known: GetNtmsObjectInformation finds it out */
	NTMS_OBJECT = 1,  /* no object has it */
	NTMS_CHANGER = 2,
	NTMS_CHANGER_TYPE = 3, /* vendor and product */
	NTMS_COMPUTER = 4,     /* exactly one */
	NTMS_DRIVE = 5,
	NTMS_DRIVE_TYPE = 6, /* vendor and product */
	NTMS_IEDOOR = 7,
	NTMS_IEPORT = 8,
	NTMS_LIBRARY = 9,
	NTMS_LIBREQUEST = 10,
	NTMS_LOGICAL_MEDIA = 11,
	NTMS_MEDIA_POOL = 12,
	NTMS_MEDIA_TYPE = 13,
	NTMS_PARTITION = 14, /* a side */
	NTMS_PHYSICAL_MEDIA = 15,
	NTMS_STORAGESLOT = 16,
	NTMS_OPREQUEST = 17,
	NTMS_UI_DESTINATION = 18,
	NTMS_NUMBER_OF_OBJECT_TYPES = 19
};

/* NTMS_ASYNC_IO.dwAsyncState */
enum NtmsAsyncStatus {
	NTMS_ASYNCSTATE_QUEUED = 0,
	NTMS_ASYNCSTATE_WAIT_RESOURCE = 1,
	NTMS_ASYNCSTATE_WAIT_OPERATOR = 2,
	NTMS_ASYNCSTATE_INPROCESS = 3,
	NTMS_ASYNCSTATE_COMPLETE = 4
};

/* NTMS_ASYNC_IO.dwOperationType */
enum NtmsAsyncOperations { NTMS_ASYNCOP_MOUNT = 1 };

/* OpenNtmsSession; without effect */
enum NtmsSessionOptions { NTMS_SESSION_QUERYEXPEDITE = 0x01 };

/* MountNtmsMedia: bits */
enum NtmsMountOptions {
	NTMS_MOUNT_READ = 0x01,
	NTMS_MOUNT_WRITE = 0x02,
	NTMS_MOUNT_ERROR_NOT_AVAILABLE = 0x04, /* do not wait for medium or drive */
	NTMS_MOUNT_ERROR_IF_UNAVAILABLE = 0x04,
	NTMS_MOUNT_ERROR_OFFLINE = 0x08, /* do not ask an operator for offline media */
	NTMS_MOUNT_ERROR_IF_OFFLINE = 0x08,
	NTMS_MOUNT_SPECIFIC_DRIVE = 0x10, /* use the drives given */
	NTMS_MOUNT_NOWAIT = 0x20	  /* no waiting at all; the time-out is ignored */
};

/* DismountNtmsMedia, IdentifyNtmsSlot */
enum NtmsDismountOptions {
	NTMS_DISMOUNT_DEFERRED = 0x01, /* the medium stays in the drive until that is needed */
	NTMS_DISMOUNT_IMMEDIATE = 0x02
};

/* MountNtmsMedia: any value from LOWEST to HIGHEST */
enum NtmsMountPriority {
	NTMS_PRIORITY_DEFAULT = 0,
	NTMS_PRIORITY_HIGHEST = 15,
	NTMS_PRIORITY_HIGH = 7,
	NTMS_PRIORITY_NORMAL = 0,
	NTMS_PRIORITY_LOW = -7,
	NTMS_PRIORITY_LOWEST = -15
};

/* AllocateNtmsMedia: bits; NEW and NEXT exclude each other */
enum NtmsAllocateOptions {
	NTMS_ALLOCATE_NEW = 0x0001,
	NTMS_ALLOCATE_NEXT = 0x0002,
	NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE = 0x0004
};

/* CreateNtmsMediaPool: dwAction */
enum NtmsCreateOptions {
	NTMS_OPEN_EXISTING = 0x0001,
	NTMS_CREATE_NEW = 0x0002,
	NTMS_OPEN_ALWAYS = 0x0003
};

/* NTMS_DRIVEINFORMATION.State */
enum NtmsDriveState {
	NTMS_DRIVESTATE_DISMOUNTED = 0,	   /* empty */
	NTMS_DRIVESTATE_MOUNTED = 1,	   /* a medium is in it, not ready yet */
	NTMS_DRIVESTATE_LOADED = 2,	   /* a medium is in it, ready for reading and writing */
	NTMS_DRIVESTATE_UNLOADED = 5,	   /* a medium is in it, on its way out */
	NTMS_DRIVESTATE_BEING_CLEANED = 6, /* cannot be used */
	NTMS_DRIVESTATE_DISMOUNTABLE = 7   /* a medium is in it that nobody holds any more */
};

/* NTMS_LIBRARYINFORMATION.LibraryType */
enum NtmsLibraryType {
	NTMS_LIBRARYTYPE_UNKNOWN = 0,
	NTMS_LIBRARYTYPE_OFFLINE = 1, /* the one for cartridges that are in no device */
	NTMS_LIBRARYTYPE_ONLINE = 2,  /* with a robot */
	NTMS_LIBRARYTYPE_STANDALONE = 3
};

/* NTMS_LIBRARYINFORMATION.dwFlags: bits */
enum NtmsLibraryFlags {
	NTMS_LIBRARYFLAG_FIXEDOFFLINE = 0x01,
	NTMS_LIBRARYFLAG_CLEANERPRESENT = 0x02,
	NTMS_LIBRARYFLAG_AUTODETECTCHANGE = 0x04,
	NTMS_LIBRARYFLAG_IGNORECLEANERUSESREMAINING = 0x08,
	NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE = 0x10
};

/* NTMS_LIBRARYINFORMATION.InventoryMethod (the first three), InventoryNtmsLibrary and
 * AccessNtmsLibraryDoor: dwAction */
enum NtmsInventoryMethod {
	NTMS_INVENTORY_NONE = 0,
	NTMS_INVENTORY_FAST = 1,    /* bar codes, or what changed since */
	NTMS_INVENTORY_OMID = 2,    /* every label is read */
	NTMS_INVENTORY_DEFAULT = 3, /* as the library's InventoryMethod says */
	NTMS_INVENTORY_SLOT = 4,    /* which slots are full */
	NTMS_INVENTORY_STOP = 5,    /* end the inventory that runs */
	NTMS_INVENTORY_MAX = 6
};

/* NTMS_STORAGESLOTINFORMATION.State */
enum NtmsSlotState {
	NTMS_SLOTSTATE_UNKNOWN = 0,
	NTMS_SLOTSTATE_FULL = 1,
	NTMS_SLOTSTATE_EMPTY = 2,
	NTMS_SLOTSTATE_NOTPRESENT = 3, /* its magazine is out */
	NTMS_SLOTSTATE_NEEDSINVENTORY = 4
};

/* NTMS_IEDOORINFORMATION.State */
enum NtmsDoorState {
	NTMS_DOORSTATE_UNKNOWN = 0,
	NTMS_DOORSTATE_CLOSED = 1,
	NTMS_DOORSTATE_OPEN = 2
};

/* NTMS_IEPORTINFORMATION.Position */
enum NtmsPortPosition {
	NTMS_PORTPOSITION_UNKNOWN = 0,
	NTMS_PORTPOSITION_EXTENDED = 1,
	NTMS_PORTPOSITION_RETRACTED = 2
};

/* NTMS_IEPORTINFORMATION.Content */
enum NtmsPortContent {
	NTMS_PORTCONTENT_UNKNOWN = 0,
	NTMS_PORTCONTENT_FULL = 1,
	NTMS_PORTCONTENT_EMPTY = 2
};

/* NTMS_PMIDINFORMATION.BarCodeState */
enum NtmsBarCodeState {
	NTMS_BARCODESTATE_OK = 1,
	NTMS_BARCODESTATE_UNREADABLE = 2 /* or there is none */
};

/* NTMS_PMIDINFORMATION.MediaState */
enum NtmsMediaState {
	NTMS_MEDIASTATE_IDLE = 0,     /* nobody holds it; it may still be in a drive */
	NTMS_MEDIASTATE_INUSE = 1,    /* asked for, or being moved */
	NTMS_MEDIASTATE_MOUNTED = 2,  /* in a drive, not ready yet */
	NTMS_MEDIASTATE_LOADED = 3,   /* in a drive, ready for reading and writing */
	NTMS_MEDIASTATE_UNLOADED = 4, /* in a drive, on its way out */
	NTMS_MEDIASTATE_OPERROR = 5,  /* something failed that can be tried again */
	NTMS_MEDIASTATE_OPREQ = 6     /* an operator has been asked for it */
};

/* NTMS_PARTITIONINFORMATION.State */
enum NtmsPartitionState {
	NTMS_PARTSTATE_UNKNOWN = 0,
	NTMS_PARTSTATE_UNPREPARED = 1, /* to get its free label */
	NTMS_PARTSTATE_INCOMPATIBLE = 2,
	NTMS_PARTSTATE_DECOMMISSIONED = 3, /* never to be allocated again */
	NTMS_PARTSTATE_AVAILABLE = 4,
	NTMS_PARTSTATE_ALLOCATED = 5,
	NTMS_PARTSTATE_COMPLETE = 6, /* allocated, and not to be written any more */
	NTMS_PARTSTATE_FOREIGN = 7,  /* blank, or of an unknown label type */
	NTMS_PARTSTATE_IMPORT = 8,   /* label type known, label not */
	NTMS_PARTSTATE_RESERVED = 9  /* kept for the owner of the other side */
};
#define NTMS_PARTSTATE_NEW NTMS_PARTSTATE_UNKNOWN

/* NTMS_MEDIAPOOLINFORMATION.PoolType */
enum NtmsPoolType {
	NTMS_POOLTYPE_UNKNOWN = 0, /* the root pool */
	NTMS_POOLTYPE_SCRATCH = 1, /* Free */
	NTMS_POOLTYPE_FOREIGN = 2, /* Unrecognized */
	NTMS_POOLTYPE_IMPORT = 3,
	NTMS_POOLTYPE_APPLICATION = 1000
};

/* NTMS_MEDIAPOOLINFORMATION.AllocationPolicy: bits */
enum NtmsAllocationPolicy { NTMS_ALLOCATE_FROMSCRATCH = 1 };

/* NTMS_MEDIAPOOLINFORMATION.DeallocationPolicy: bits */
enum NtmsDeallocationPolicy { NTMS_DEALLOCATE_TOSCRATCH = 1 };

/* NTMS_MEDIATYPEINFORMATION.ReadWriteCharacteristics */
enum NtmsReadWriteCharacteristics {
	NTMS_MEDIARW_UNKNOWN = 0,
	NTMS_MEDIARW_REWRITABLE = 1,
	NTMS_MEDIARW_WRITEONCE = 2,
	NTMS_MEDIARW_READONLY = 3
};

/* NTMS_LIBREQUESTINFORMATION.OperationCode; also the order in which work is looked at */
enum NtmsLmOperation {
	NTMS_LM_REMOVE = 0, /* cancel another request */
	NTMS_LM_DISABLECHANGER = 1,
	NTMS_LM_DISABLELIBRARY = 1,
	NTMS_LM_ENABLECHANGER = 2,
	NTMS_LM_ENABLELIBRARY = 2,
	NTMS_LM_DISABLEDRIVE = 3,
	NTMS_LM_ENABLEDRIVE = 4,
	NTMS_LM_DISABLEMEDIA = 5,
	NTMS_LM_ENABLEMEDIA = 6,
	NTMS_LM_UPDATEOMID = 7,
	NTMS_LM_INVENTORY = 8,
	NTMS_LM_DOORACCESS = 9,
	NTMS_LM_EJECT = 10,
	NTMS_LM_EJECTCLEANER = 11,
	NTMS_LM_INJECT = 12,
	NTMS_LM_INJECTCLEANER = 13,
	NTMS_LM_PROCESSOMID = 14,
	NTMS_LM_CLEANDRIVE = 15,
	NTMS_LM_DISMOUNT = 16,
	NTMS_LM_MOUNT = 17,
	NTMS_LM_WRITESCRATCH = 18, /* write a free label */
	NTMS_LM_CLASSIFY = 19,
	NTMS_LM_RESERVECLEANER = 20,
	NTMS_LM_RELEASECLEANER = 21,
	NTMS_LM_MAXWORKITEM = 22
};

/* NTMS_LIBREQUESTINFORMATION.State */
enum NtmsLmState {
	NTMS_LM_QUEUED = 0,
	NTMS_LM_INPROCESS = 1,
	NTMS_LM_PASSED = 2,
	NTMS_LM_FAILED = 3,
	NTMS_LM_INVALID = 4,
	NTMS_LM_WAITING = 5,  /* for a resource or a person */
	NTMS_LM_DEFERRED = 6, /* until the place is needed */
	NTMS_LM_DEFFERED = 6,
	NTMS_LM_CANCELLED = 7,
	NTMS_LM_STOPPED = 8
};

/* NTMS_OPREQUESTINFORMATION.Request, SubmitNtmsOperatorRequest */
enum NtmsOpreqCommand {
	NTMS_OPREQ_UNKNOWN = 0,
	NTMS_OPREQ_NEWMEDIA = 1,
	NTMS_OPREQ_CLEANER = 2,
	NTMS_OPREQ_DEVICESERVICE = 3,
	NTMS_OPREQ_MOVEMEDIA = 4,
	NTMS_OPREQ_MESSAGE = 5
};

/* NTMS_OPREQUESTINFORMATION.State */
enum NtmsOpreqState {
	NTMS_OPSTATE_UNKNOWN = 0,
	NTMS_OPSTATE_SUBMITTED = 1,
	NTMS_OPSTATE_ACTIVE = 2,
	NTMS_OPSTATE_INPROGRESS = 3,
	NTMS_OPSTATE_REFUSED = 4,
	NTMS_OPSTATE_COMPLETE = 5
};

/* NTMS_COMPUTERINFORMATION.dwLibRequestFlags: bits */
enum NtmsLibRequestFlags {
	NTMS_LIBREQFLAGS_NOAUTOPURGE = 0x01,
	NTMS_LIBREQFLAGS_NOFAILEDPURGE = 0x02
};

/* NTMS_COMPUTERINFORMATION.dwOpRequestFlags: bits */
enum NtmsOpRequestFlags {
	NTMS_OPREQFLAGS_NOAUTOPURGE = 0x01,
	NTMS_OPREQFLAGS_NOFAILEDPURGE = 0x02,
	NTMS_OPREQFLAGS_NOALERTS = 0x10,
	NTMS_OPREQFLAGS_NOTRAYICON = 0x20
};

/* NTMS_COMPUTERINFORMATION.dwMediaPoolPolicy: bits */
enum NtmsMediaPoolPolicy {
	NTMS_POOLPOLICY_PURGEOFFLINESCRATCH = 0x01, /* forget free media that are ejected */
	NTMS_POOLPOLICY_KEEPOFFLINEIMPORT = 0x02    /* do not forget ejected import media */
};

/* NTMS_OBJECTINFORMATION.dwOperationalState */
enum NtmsOperationalState {
	NTMS_READY = 0,
	NTMS_INITIALIZING = 10,
	NTMS_NEEDS_SERVICE = 20,
	NTMS_NOT_PRESENT = 21
};

/* CreateNtmsMedia: dwOptions */
enum NtmsCreateNtmsMediaOptions { NTMS_ERROR_ON_DUPLICATE = 0x0001 };

/* EnumerateNtmsObject: dwOptions */
enum NtmsEnumerateOption { NTMS_ENUM_DEFAULT = 0, NTMS_ENUM_ROOTPOOL = 1 };

/* EjectNtmsMedia, EjectNtmsCleaner, EjectDiskFromSADrive */
enum NtmsEjectOperation {
	NTMS_EJECT_START = 0,
	NTMS_EJECT_STOP = 1,
	NTMS_EJECT_QUEUE = 2,
	NTMS_EJECT_FORCE = 3,
	NTMS_EJECT_IMMEDIATE = 4,
	NTMS_EJECT_ASK_USER = 5
};

/* InjectNtmsMedia, InjectNtmsCleaner */
enum NtmsInjectOperation {
	NTMS_INJECT_START = 0,
	NTMS_INJECT_STOP = 1,
	NTMS_INJECT_RETRACT = 2,
	NTMS_INJECT_STARTMANY = 3
};
/* The documents spell it this way too. */
#define NTMS_INJECT_START_MANY NTMS_INJECT_STARTMANY

enum NtmsDriveType { NTMS_UNKNOWN_DRIVE = 0 };

/* Rights on pools, libraries and the computer: bits */
enum NtmsAccessMask { NTMS_USE_ACCESS = 0x1, NTMS_MODIFY_ACCESS = 0x2, NTMS_CONTROL_ACCESS = 0x4 };
#define NTMS_GENERIC_READ    NTMS_USE_ACCESS
#define NTMS_GENERIC_WRITE   (NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS)
#define NTMS_GENERIC_EXECUTE (NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS)
#define NTMS_GENERIC_ALL     (NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS)

/* Get/SetNtmsUIOptions: dwType */
enum NtmsUITypes {
	NTMS_UITYPE_INVALID = 0,
	NTMS_UITYPE_INFO = 1, /* progress of work */
	NTMS_UITYPE_REQ = 2,  /* operator requests about media */
	NTMS_UITYPE_ERR = 3,  /* operator requests about faults */
	NTMS_UITYPE_MAX = 4
};

/* SetNtmsUIOptions: dwOperation */
enum NtmsUIOperations {
	NTMS_UIDEST_ADD = 1,
	NTMS_UIDEST_DELETE = 2,
	NTMS_UIDEST_DELETEALL = 3,
	NTMS_UIOPERATION_MAX = 4
};

/* NTMS_NOTIFICATIONINFORMATION.dwOperation */
enum NtmsNotificationOperations {
	NTMS_OBJ_UPDATE = 1,
	NTMS_OBJ_INSERT = 2,
	NTMS_OBJ_DELETE = 3,
	NTMS_EVENT_SIGNAL = 4,	/* the object changed its state */
	NTMS_EVENT_COMPLETE = 5 /* the operation ended */
};

/* UpdateNtmsOmidInfo: labelType */
#define NTMS_OMID_TYPE_RAW_LABEL       0x01
#define NTMS_OMID_TYPE_FILESYSTEM_INFO 0x02

/* ---- structures -------------------------------------------------------------------- */

/*
 * Where a structure holds strings it exists twice, with A and W, and the bare name is the
 * one that UNICODE selects. "set" marks what SetNtmsObjectInformation takes from it, "create"
 * what CreateNtmsMedia takes; all else is the library's to fill in.
 */

/* Kept for source compatibility; no call takes it. */
typedef struct _NTMS_ASYNC_IO {
	NTMS_GUID OperationId;
	NTMS_GUID EventId;
	DWORD dwOperationType;
	DWORD dwResult;
	DWORD dwAsyncState;
	HANDLE hEvent;
	BOOL bOnStateChange;
} NTMS_ASYNC_IO, *LPNTMS_ASYNC_IO;

/* MountNtmsMedia; reserved, pass NULL. */
typedef struct _NTMS_MOUNT_INFORMATION {
	DWORD dwSize;
	LPVOID lpReserved;
} NTMS_MOUNT_INFORMATION, *LPNTMS_MOUNT_INFORMATION;

/* AllocateNtmsMedia; dwSize is set by the caller, lpReserved is NULL. */
typedef struct _NTMS_ALLOCATION_INFORMATION {
	DWORD dwSize;
	LPVOID lpReserved;
	NTMS_GUID AllocatedFrom; /* out: the pool that the medium was in */
} NTMS_ALLOCATION_INFORMATION, *LPNTMS_ALLOCATION_INFORMATION;

/* NTMS_DRIVE */
typedef struct _NTMS_DRIVEINFORMATIONA {
	DWORD Number; /* the device's own number for it, from 0 or from 1 */
	DWORD State;  /* NtmsDriveState */
	NTMS_GUID DriveType;
	CHAR szDeviceName[NTMS_DEVICENAME_LENGTH];     /* the node to open, e.g. /dev/nst0 */
	CHAR szSerialNumber[NTMS_SERIALNUMBER_LENGTH]; /* empty if it has none */
	CHAR szRevision[NTMS_REVISION_LENGTH];
	WORD ScsiPort; /* host adapter */
	WORD ScsiBus;
	WORD ScsiTarget;
	WORD ScsiLun;
	DWORD dwMountCount; /* mounts since the drive has been managed */
	SYSTEMTIME LastCleanedTs;
	NTMS_GUID SavedPartitionId; /* the side in it; null while full: not yet identified */
	NTMS_GUID Library;
	NTMS_GUID Reserved;
	DWORD dwDeferDismountDelay; /* set: seconds a medium may stay after a deferred dismount */
} NTMS_DRIVEINFORMATIONA, *LPNTMS_DRIVEINFORMATIONA;

typedef struct _NTMS_DRIVEINFORMATIONW {
	DWORD Number;
	DWORD State;
	NTMS_GUID DriveType;
	WCHAR szDeviceName[NTMS_DEVICENAME_LENGTH];
	WCHAR szSerialNumber[NTMS_SERIALNUMBER_LENGTH];
	WCHAR szRevision[NTMS_REVISION_LENGTH];
	WORD ScsiPort;
	WORD ScsiBus;
	WORD ScsiTarget;
	WORD ScsiLun;
	DWORD dwMountCount;
	SYSTEMTIME LastCleanedTs;
	NTMS_GUID SavedPartitionId;
	NTMS_GUID Library;
	NTMS_GUID Reserved;
	DWORD dwDeferDismountDelay;
} NTMS_DRIVEINFORMATIONW, *LPNTMS_DRIVEINFORMATIONW;

#ifdef UNICODE
typedef NTMS_DRIVEINFORMATIONW NTMS_DRIVEINFORMATION;
typedef LPNTMS_DRIVEINFORMATIONW LPNTMS_DRIVEINFORMATION;
#else
typedef NTMS_DRIVEINFORMATIONA NTMS_DRIVEINFORMATION;
typedef LPNTMS_DRIVEINFORMATIONA LPNTMS_DRIVEINFORMATION;
#endif

/* NTMS_LIBRARY */
typedef struct _NTMS_LIBRARYINFORMATION {
	DWORD LibraryType;     /* NtmsLibraryType */
	NTMS_GUID CleanerSlot; /* the slot reserved for the cleaner, or null */
	NTMS_GUID CleanerSlotDefault;
	BOOL LibrarySupportsDriveCleaning;
	BOOL BarCodeReaderInstalled;
	DWORD InventoryMethod;	      /* set: NONE, FAST or OMID */
	DWORD dwCleanerUsesRemaining; /* set: 0xFFFFFFFF for "do not count" */
	DWORD FirstDriveNumber;
	DWORD dwNumberOfDrives;
	DWORD FirstSlotNumber;
	DWORD dwNumberOfSlots;
	DWORD FirstDoorNumber;
	DWORD dwNumberOfDoors;
	DWORD FirstPortNumber;
	DWORD dwNumberOfPorts;
	DWORD FirstChangerNumber;
	DWORD dwNumberOfChangers;
	DWORD dwNumberOfMedia; /* cartridges in it */
	DWORD dwNumberOfMediaTypes;
	DWORD dwNumberOfLibRequests;
	NTMS_GUID Reserved;
	BOOL AutoRecovery; /* set: a failed mount brings about a full inventory */
	DWORD dwFlags;	   /* set: NtmsLibraryFlags, of which RECOGNIZECLEANERBARCODE is taken */
} NTMS_LIBRARYINFORMATION, *LPNTMS_LIBRARYINFORMATION;

/* NTMS_CHANGER */
typedef struct _NTMS_CHANGERINFORMATIONA {
	DWORD Number;
	NTMS_GUID ChangerType;
	CHAR szSerialNumber[NTMS_SERIALNUMBER_LENGTH];
	CHAR szRevision[NTMS_REVISION_LENGTH];
	CHAR szDeviceName[NTMS_DEVICENAME_LENGTH];
	WORD ScsiPort;
	WORD ScsiBus;
	WORD ScsiTarget;
	WORD ScsiLun;
	NTMS_GUID Library;
} NTMS_CHANGERINFORMATIONA, *LPNTMS_CHANGERINFORMATIONA;

typedef struct _NTMS_CHANGERINFORMATIONW {
	DWORD Number;
	NTMS_GUID ChangerType;
	WCHAR szSerialNumber[NTMS_SERIALNUMBER_LENGTH];
	WCHAR szRevision[NTMS_REVISION_LENGTH];
	WCHAR szDeviceName[NTMS_DEVICENAME_LENGTH];
	WORD ScsiPort;
	WORD ScsiBus;
	WORD ScsiTarget;
	WORD ScsiLun;
	NTMS_GUID Library;
} NTMS_CHANGERINFORMATIONW, *LPNTMS_CHANGERINFORMATIONW;

#ifdef UNICODE
typedef NTMS_CHANGERINFORMATIONW NTMS_CHANGERINFORMATION;
typedef LPNTMS_CHANGERINFORMATIONW LPNTMS_CHANGERINFORMATION;
#else
typedef NTMS_CHANGERINFORMATIONA NTMS_CHANGERINFORMATION;
typedef LPNTMS_CHANGERINFORMATIONA LPNTMS_CHANGERINFORMATION;
#endif

/* NTMS_STORAGESLOT */
typedef struct _NTMS_STORAGESLOTINFORMATION {
	DWORD Number;
	DWORD State; /* NtmsSlotState */
	NTMS_GUID Library;
} NTMS_STORAGESLOTINFORMATION, *LPNTMS_STORAGESLOTINFORMATION;

/* NTMS_IEDOOR */
typedef struct _NTMS_IEDOORINFORMATION {
	DWORD Number;
	DWORD State;	  /* NtmsDoorState */
	WORD MaxOpenSecs; /* set: seconds it may be open before an operator is asked */
	NTMS_GUID Library;
} NTMS_IEDOORINFORMATION, *LPNTMS_IEDOORINFORMATION;

/* NTMS_IEPORT */
typedef struct _NTMS_IEPORTINFORMATION {
	DWORD Number;
	DWORD Content;	    /* NtmsPortContent */
	DWORD Position;	    /* NtmsPortPosition */
	WORD MaxExtendSecs; /* set: seconds it may be extended before an operator is asked */
	NTMS_GUID Library;
} NTMS_IEPORTINFORMATION, *LPNTMS_IEPORTINFORMATION;

/* NTMS_PHYSICAL_MEDIA */
typedef struct _NTMS_PMIDINFORMATIONA {
	NTMS_GUID CurrentLibrary; /* create: null or the offline library */
	NTMS_GUID MediaPool;	  /* create */
	NTMS_GUID Location;	  /* the slot, drive or port it is in; null when offline */
	DWORD LocationType;	  /* NTMS_STORAGESLOT, NTMS_DRIVE or NTMS_IEPORT */
	NTMS_GUID MediaType;
	NTMS_GUID HomeSlot;
	CHAR szBarCode[NTMS_BARCODE_LENGTH]; /* create: trailing blanks are dropped */
	DWORD BarCodeState;		     /* NtmsBarCodeState */
	CHAR szSequenceNumber[NTMS_SEQUENCE_LENGTH];
	DWORD MediaState;	    /* NtmsMediaState */
	DWORD dwNumberOfPartitions; /* create: sides */
	DWORD dwMediaTypeCode;	    /* create: the SCSI medium type, set at the first mount */
	DWORD dwDensityCode;	    /* create: the SCSI density code, set at the first mount */
	NTMS_GUID MountedPartition; /* the side mounted, or null */
} NTMS_PMIDINFORMATIONA, *LPNTMS_PMIDINFORMATIONA;

typedef struct _NTMS_PMIDINFORMATIONW {
	NTMS_GUID CurrentLibrary;
	NTMS_GUID MediaPool;
	NTMS_GUID Location;
	DWORD LocationType;
	NTMS_GUID MediaType;
	NTMS_GUID HomeSlot;
	WCHAR szBarCode[NTMS_BARCODE_LENGTH];
	DWORD BarCodeState;
	WCHAR szSequenceNumber[NTMS_SEQUENCE_LENGTH];
	DWORD MediaState;
	DWORD dwNumberOfPartitions;
	DWORD dwMediaTypeCode;
	DWORD dwDensityCode;
	NTMS_GUID MountedPartition;
} NTMS_PMIDINFORMATIONW, *LPNTMS_PMIDINFORMATIONW;

#ifdef UNICODE
typedef NTMS_PMIDINFORMATIONW NTMS_PMIDINFORMATION;
typedef LPNTMS_PMIDINFORMATIONW LPNTMS_PMIDINFORMATION;
#else
typedef NTMS_PMIDINFORMATIONA NTMS_PMIDINFORMATION;
typedef LPNTMS_PMIDINFORMATIONA LPNTMS_PMIDINFORMATION;
#endif

/* NTMS_LOGICAL_MEDIA */
typedef struct _NTMS_LMIDINFORMATION {
	NTMS_GUID MediaPool;
	DWORD dwNumberOfPartitions; /* sides in it */
} NTMS_LMIDINFORMATION, *LPNTMS_LMIDINFORMATION;

/* NTMS_PARTITION: a side */
typedef struct _NTMS_PARTITIONINFORMATIONA {
	NTMS_GUID PhysicalMedia;
	NTMS_GUID LogicalMedia; /* create: an LMID of the caller's choice; null if not allocated */
	DWORD State;		/* create: NtmsPartitionState */
	WORD Side;		/* 0 or 1 */
	DWORD dwOmidLabelIdLength;		   /* create: bytes of OmidLabelId that count */
	BYTE OmidLabelId[NTMS_OMIDLABELID_LENGTH]; /* create */
	CHAR szOmidLabelType[NTMS_OMIDLABELTYPE_LENGTH]; /* create */
	CHAR szOmidLabelInfo[NTMS_OMIDLABELINFO_LENGTH]; /* create */
	DWORD dwMountCount;				 /* create */
	DWORD dwAllocateCount;				 /* create */
	LARGE_INTEGER Capacity; /* create: bytes, refreshed at the first mount */
} NTMS_PARTITIONINFORMATIONA, *LPNTMS_PARTITIONINFORMATIONA;

typedef struct _NTMS_PARTITIONINFORMATIONW {
	NTMS_GUID PhysicalMedia;
	NTMS_GUID LogicalMedia;
	DWORD State;
	WORD Side;
	DWORD dwOmidLabelIdLength;
	BYTE OmidLabelId[NTMS_OMIDLABELID_LENGTH];
	WCHAR szOmidLabelType[NTMS_OMIDLABELTYPE_LENGTH];
	WCHAR szOmidLabelInfo[NTMS_OMIDLABELINFO_LENGTH];
	DWORD dwMountCount;
	DWORD dwAllocateCount;
	LARGE_INTEGER Capacity;
} NTMS_PARTITIONINFORMATIONW, *LPNTMS_PARTITIONINFORMATIONW;

#ifdef UNICODE
typedef NTMS_PARTITIONINFORMATIONW NTMS_PARTITIONINFORMATION;
typedef LPNTMS_PARTITIONINFORMATIONW LPNTMS_PARTITIONINFORMATION;
#else
typedef NTMS_PARTITIONINFORMATIONA NTMS_PARTITIONINFORMATION;
typedef LPNTMS_PARTITIONINFORMATIONA LPNTMS_PARTITIONINFORMATION;
#endif

/* NTMS_MEDIA_POOL */
typedef struct _NTMS_MEDIAPOOLINFORMATION {
	DWORD PoolType;		  /* NtmsPoolType */
	NTMS_GUID MediaType;	  /* set, while the pool is empty; null for a pool of pools */
	NTMS_GUID Parent;	  /* null at the top */
	DWORD AllocationPolicy;	  /* set: NtmsAllocationPolicy */
	DWORD DeallocationPolicy; /* set: NtmsDeallocationPolicy */
	DWORD dwMaxAllocates; /* set: allocations of a side before it is decommissioned, 0: any */
	DWORD dwNumberOfPhysicalMedia;
	DWORD dwNumberOfLogicalMedia;
	DWORD dwNumberOfMediaPools; /* children */
} NTMS_MEDIAPOOLINFORMATION, *LPNTMS_MEDIAPOOLINFORMATION;

/* NTMS_MEDIA_TYPE */
typedef struct _NTMS_MEDIATYPEINFORMATION {
	DWORD MediaType; /* STORAGE_MEDIA_TYPE */
	DWORD NumberOfSides;
	DWORD ReadWriteCharacteristics; /* NtmsReadWriteCharacteristics */
	DWORD DeviceType;		/* FILE_DEVICE_TAPE and so on */
} NTMS_MEDIATYPEINFORMATION, *LPNTMS_MEDIATYPEINFORMATION;

/* NTMS_DRIVE_TYPE */
typedef struct _NTMS_DRIVETYPEINFORMATIONA {
	CHAR szVendor[NTMS_VENDORNAME_LENGTH];
	CHAR szProduct[NTMS_PRODUCTNAME_LENGTH];
	DWORD NumberOfHeads; /* always 0 */
	DWORD DeviceType;
} NTMS_DRIVETYPEINFORMATIONA, *LPNTMS_DRIVETYPEINFORMATIONA;

typedef struct _NTMS_DRIVETYPEINFORMATIONW {
	WCHAR szVendor[NTMS_VENDORNAME_LENGTH];
	WCHAR szProduct[NTMS_PRODUCTNAME_LENGTH];
	DWORD NumberOfHeads;
	DWORD DeviceType;
} NTMS_DRIVETYPEINFORMATIONW, *LPNTMS_DRIVETYPEINFORMATIONW;

#ifdef UNICODE
typedef NTMS_DRIVETYPEINFORMATIONW NTMS_DRIVETYPEINFORMATION;
typedef LPNTMS_DRIVETYPEINFORMATIONW LPNTMS_DRIVETYPEINFORMATION;
#else
typedef NTMS_DRIVETYPEINFORMATIONA NTMS_DRIVETYPEINFORMATION;
typedef LPNTMS_DRIVETYPEINFORMATIONA LPNTMS_DRIVETYPEINFORMATION;
#endif

/* NTMS_CHANGER_TYPE */
typedef struct _NTMS_CHANGERTYPEINFORMATIONA {
	CHAR szVendor[NTMS_VENDORNAME_LENGTH];
	CHAR szProduct[NTMS_PRODUCTNAME_LENGTH];
	DWORD DeviceType; /* FILE_DEVICE_CHANGER */
} NTMS_CHANGERTYPEINFORMATIONA, *LPNTMS_CHANGERTYPEINFORMATIONA;

typedef struct _NTMS_CHANGERTYPEINFORMATIONW {
	WCHAR szVendor[NTMS_VENDORNAME_LENGTH];
	WCHAR szProduct[NTMS_PRODUCTNAME_LENGTH];
	DWORD DeviceType;
} NTMS_CHANGERTYPEINFORMATIONW, *LPNTMS_CHANGERTYPEINFORMATIONW;

#ifdef UNICODE
typedef NTMS_CHANGERTYPEINFORMATIONW NTMS_CHANGERTYPEINFORMATION;
typedef LPNTMS_CHANGERTYPEINFORMATIONW LPNTMS_CHANGERTYPEINFORMATION;
#else
typedef NTMS_CHANGERTYPEINFORMATIONA NTMS_CHANGERTYPEINFORMATION;
typedef LPNTMS_CHANGERTYPEINFORMATIONA LPNTMS_CHANGERTYPEINFORMATION;
#endif

/* NTMS_LIBREQUEST: an entry of a work queue */
typedef struct _NTMS_LIBREQUESTINFORMATIONA {
	DWORD OperationCode;   /* NtmsLmOperation */
	DWORD OperationOption; /* mount, dismount, eject, inject: 0 at once, 1 deferred, 2 forced,
				  3 forced and deferred, 4 several slots; inventory: 0 full,
				  1 slots only */
	DWORD State;	       /* NtmsLmState */
	NTMS_GUID PartitionId; /* what it was about; the objects may be gone by now */
	NTMS_GUID DriveId;
	NTMS_GUID PhysMediaId;
	NTMS_GUID Library;
	NTMS_GUID SlotId;
	SYSTEMTIME TimeQueued;
	SYSTEMTIME TimeCompleted;
	CHAR szApplication[NTMS_APPLICATIONNAME_LENGTH]; /* as given to OpenNtmsSession */
	CHAR szUser[NTMS_USERNAME_LENGTH];
	CHAR szComputer[NTMS_COMPUTERNAME_LENGTH];
	DWORD dwErrorCode;    /* why it failed */
	NTMS_GUID WorkItemId; /* the request that NTMS_LM_REMOVE is to cancel, else its own id */
	DWORD dwPriority;     /* NtmsMountPriority: a signed number */
} NTMS_LIBREQUESTINFORMATIONA, *LPNTMS_LIBREQUESTINFORMATIONA;

typedef struct _NTMS_LIBREQUESTINFORMATIONW {
	DWORD OperationCode;
	DWORD OperationOption;
	DWORD State;
	NTMS_GUID PartitionId;
	NTMS_GUID DriveId;
	NTMS_GUID PhysMediaId;
	NTMS_GUID Library;
	NTMS_GUID SlotId;
	SYSTEMTIME TimeQueued;
	SYSTEMTIME TimeCompleted;
	WCHAR szApplication[NTMS_APPLICATIONNAME_LENGTH];
	WCHAR szUser[NTMS_USERNAME_LENGTH];
	WCHAR szComputer[NTMS_COMPUTERNAME_LENGTH];
	DWORD dwErrorCode;
	NTMS_GUID WorkItemId;
	DWORD dwPriority;
} NTMS_LIBREQUESTINFORMATIONW, *LPNTMS_LIBREQUESTINFORMATIONW;

#ifdef UNICODE
typedef NTMS_LIBREQUESTINFORMATIONW NTMS_LIBREQUESTINFORMATION;
typedef LPNTMS_LIBREQUESTINFORMATIONW LPNTMS_LIBREQUESTINFORMATION;
#else
typedef NTMS_LIBREQUESTINFORMATIONA NTMS_LIBREQUESTINFORMATION;
typedef LPNTMS_LIBREQUESTINFORMATIONA LPNTMS_LIBREQUESTINFORMATION;
#endif

/* NTMS_OPREQUEST: something a person is asked to do */
typedef struct _NTMS_OPREQUESTINFORMATIONA {
	DWORD Request; /* NtmsOpreqCommand */
	SYSTEMTIME Submitted;
	DWORD State; /* NtmsOpreqState */
	CHAR szMessage[NTMS_MESSAGE_LENGTH];
	DWORD Arg1Type; /* NtmsObjectsTypes */
	NTMS_GUID Arg1; /* the pool, library, device or cartridge it is about */
	DWORD Arg2Type;
	NTMS_GUID Arg2; /* the library to put a cartridge into */
	CHAR szApplication[NTMS_APPLICATIONNAME_LENGTH];
	CHAR szUser[NTMS_USERNAME_LENGTH];
	CHAR szComputer[NTMS_COMPUTERNAME_LENGTH];
} NTMS_OPREQUESTINFORMATIONA, *LPNTMS_OPREQUESTINFORMATIONA;

typedef struct _NTMS_OPREQUESTINFORMATIONW {
	DWORD Request;
	SYSTEMTIME Submitted;
	DWORD State;
	WCHAR szMessage[NTMS_MESSAGE_LENGTH];
	DWORD Arg1Type;
	NTMS_GUID Arg1;
	DWORD Arg2Type;
	NTMS_GUID Arg2;
	WCHAR szApplication[NTMS_APPLICATIONNAME_LENGTH];
	WCHAR szUser[NTMS_USERNAME_LENGTH];
	WCHAR szComputer[NTMS_COMPUTERNAME_LENGTH];
} NTMS_OPREQUESTINFORMATIONW, *LPNTMS_OPREQUESTINFORMATIONW;

#ifdef UNICODE
typedef NTMS_OPREQUESTINFORMATIONW NTMS_OPREQUESTINFORMATION;
typedef LPNTMS_OPREQUESTINFORMATIONW LPNTMS_OPREQUESTINFORMATION;
#else
typedef NTMS_OPREQUESTINFORMATIONA NTMS_OPREQUESTINFORMATION;
typedef LPNTMS_OPREQUESTINFORMATIONA LPNTMS_OPREQUESTINFORMATION;
#endif

/* NTMS_COMPUTER */
typedef struct _NTMS_COMPUTERINFORMATION {
	DWORD dwLibRequestPurgeTime; /* set: seconds that finished library requests are kept */
	DWORD dwOpRequestPurgeTime;  /* set: seconds that finished operator requests are kept */
	DWORD dwLibRequestFlags;     /* set: NtmsLibRequestFlags */
	DWORD dwOpRequestFlags;	     /* set: NtmsOpRequestFlags */
	DWORD dwMediaPoolPolicy;     /* set: NtmsMediaPoolPolicy */
} NTMS_COMPUTERINFORMATION, *LPNTMS_COMPUTERINFORMATION;

/* Every object: what all have in common, and the part of its type. */
typedef struct _NTMS_OBJECTINFORMATIONA {
	DWORD dwSize; /* in: size of this structure */
	DWORD dwType; /* in: NtmsObjectsTypes; says which member of Info is meant */
	SYSTEMTIME Created;
	SYSTEMTIME Modified;
	NTMS_GUID ObjectGuid;		     /* create */
	BOOL Enabled;			     /* create */
	DWORD dwOperationalState;	     /* NtmsOperationalState */
	CHAR szName[NTMS_OBJECTNAME_LENGTH]; /* create; set, for libraries, pools and media */
	CHAR szDescription[NTMS_DESCRIPTION_LENGTH]; /* create; set */
	union {
		NTMS_DRIVEINFORMATIONA Drive;
		NTMS_DRIVETYPEINFORMATIONA DriveType;
		NTMS_LIBRARYINFORMATION Library;
		NTMS_CHANGERINFORMATIONA Changer;
		NTMS_CHANGERTYPEINFORMATIONA ChangerType;
		NTMS_STORAGESLOTINFORMATION StorageSlot;
		NTMS_IEDOORINFORMATION IEDoor;
		NTMS_IEPORTINFORMATION IEPort;
		NTMS_PMIDINFORMATIONA PhysicalMedia;
		NTMS_LMIDINFORMATION LogicalMedia;
		NTMS_PARTITIONINFORMATIONA Partition;
		NTMS_MEDIAPOOLINFORMATION MediaPool;
		NTMS_MEDIATYPEINFORMATION MediaType;
		NTMS_LIBREQUESTINFORMATIONA LibRequest;
		NTMS_OPREQUESTINFORMATIONA OpRequest;
		NTMS_COMPUTERINFORMATION Computer;
	} Info;
} NTMS_OBJECTINFORMATIONA, *LPNTMS_OBJECTINFORMATIONA;

typedef struct _NTMS_OBJECTINFORMATIONW {
	DWORD dwSize;
	DWORD dwType;
	SYSTEMTIME Created;
	SYSTEMTIME Modified;
	NTMS_GUID ObjectGuid;
	BOOL Enabled;
	DWORD dwOperationalState;
	WCHAR szName[NTMS_OBJECTNAME_LENGTH];
	WCHAR szDescription[NTMS_DESCRIPTION_LENGTH];
	union {
		NTMS_DRIVEINFORMATIONW Drive;
		NTMS_DRIVETYPEINFORMATIONW DriveType;
		NTMS_LIBRARYINFORMATION Library;
		NTMS_CHANGERINFORMATIONW Changer;
		NTMS_CHANGERTYPEINFORMATIONW ChangerType;
		NTMS_STORAGESLOTINFORMATION StorageSlot;
		NTMS_IEDOORINFORMATION IEDoor;
		NTMS_IEPORTINFORMATION IEPort;
		NTMS_PMIDINFORMATIONW PhysicalMedia;
		NTMS_LMIDINFORMATION LogicalMedia;
		NTMS_PARTITIONINFORMATIONW Partition;
		NTMS_MEDIAPOOLINFORMATION MediaPool;
		NTMS_MEDIATYPEINFORMATION MediaType;
		NTMS_LIBREQUESTINFORMATIONW LibRequest;
		NTMS_OPREQUESTINFORMATIONW OpRequest;
		NTMS_COMPUTERINFORMATION Computer;
	} Info;
} NTMS_OBJECTINFORMATIONW, *LPNTMS_OBJECTINFORMATIONW;

#ifdef UNICODE
typedef NTMS_OBJECTINFORMATIONW NTMS_OBJECTINFORMATION;
typedef LPNTMS_OBJECTINFORMATIONW LPNTMS_OBJECTINFORMATION;
#else
typedef NTMS_OBJECTINFORMATIONA NTMS_OBJECTINFORMATION;
typedef LPNTMS_OBJECTINFORMATIONA LPNTMS_OBJECTINFORMATION;
#endif

/*
 * The layouts of the first version of the interface (Windows 2000), which the library
 * tells by dwSize.
 */
typedef struct _NTMS_I1_LIBRARYINFORMATION {
	DWORD LibraryType;
	NTMS_GUID CleanerSlot;
	NTMS_GUID CleanerSlotDefault;
	BOOL LibrarySupportsDriveCleaning;
	BOOL BarCodeReaderInstalled;
	DWORD InventoryMethod;
	DWORD dwCleanerUsesRemaining;
	DWORD FirstDriveNumber;
	DWORD dwNumberOfDrives;
	DWORD FirstSlotNumber;
	DWORD dwNumberOfSlots;
	DWORD FirstDoorNumber;
	DWORD dwNumberOfDoors;
	DWORD FirstPortNumber;
	DWORD dwNumberOfPorts;
	DWORD FirstChangerNumber;
	DWORD dwNumberOfChangers;
	DWORD dwNumberOfMedia;
	DWORD dwNumberOfMediaTypes;
	DWORD dwNumberOfLibRequests;
	NTMS_GUID Reserved;
} NTMS_I1_LIBRARYINFORMATION, *LPNTMS_I1_LIBRARYINFORMATION;

typedef struct _NTMS_I1_LIBREQUESTINFORMATIONA {
	DWORD OperationCode;
	DWORD OperationOption;
	DWORD State;
	NTMS_GUID PartitionId;
	NTMS_GUID DriveId;
	NTMS_GUID PhysMediaId;
	NTMS_GUID Library;
	NTMS_GUID SlotId;
	SYSTEMTIME TimeQueued;
	SYSTEMTIME TimeCompleted;
	CHAR szApplication[NTMS_APPLICATIONNAME_LENGTH];
	CHAR szUser[NTMS_USERNAME_LENGTH];
	CHAR szComputer[NTMS_COMPUTERNAME_LENGTH];
} NTMS_I1_LIBREQUESTINFORMATIONA, *LPNTMS_I1_LIBREQUESTINFORMATIONA;

typedef struct _NTMS_I1_LIBREQUESTINFORMATIONW {
	DWORD OperationCode;
	DWORD OperationOption;
	DWORD State;
	NTMS_GUID PartitionId;
	NTMS_GUID DriveId;
	NTMS_GUID PhysMediaId;
	NTMS_GUID Library;
	NTMS_GUID SlotId;
	SYSTEMTIME TimeQueued;
	SYSTEMTIME TimeCompleted;
	WCHAR szApplication[NTMS_APPLICATIONNAME_LENGTH];
	WCHAR szUser[NTMS_USERNAME_LENGTH];
	WCHAR szComputer[NTMS_COMPUTERNAME_LENGTH];
} NTMS_I1_LIBREQUESTINFORMATIONW, *LPNTMS_I1_LIBREQUESTINFORMATIONW;

#ifdef UNICODE
typedef NTMS_I1_LIBREQUESTINFORMATIONW NTMS_I1_LIBREQUESTINFORMATION;
typedef LPNTMS_I1_LIBREQUESTINFORMATIONW LPNTMS_I1_LIBREQUESTINFORMATION;
#else
typedef NTMS_I1_LIBREQUESTINFORMATIONA NTMS_I1_LIBREQUESTINFORMATION;
typedef LPNTMS_I1_LIBREQUESTINFORMATIONA LPNTMS_I1_LIBREQUESTINFORMATION;
#endif

typedef struct _NTMS_I1_PMIDINFORMATIONA {
	NTMS_GUID CurrentLibrary;
	NTMS_GUID MediaPool;
	NTMS_GUID Location;
	DWORD LocationType;
	NTMS_GUID MediaType;
	NTMS_GUID HomeSlot;
	CHAR szBarCode[NTMS_BARCODE_LENGTH];
	DWORD BarCodeState;
	CHAR szSequenceNumber[NTMS_SEQUENCE_LENGTH];
	DWORD MediaState;
	DWORD dwNumberOfPartitions;
} NTMS_I1_PMIDINFORMATIONA, *LPNTMS_I1_PMIDINFORMATIONA;

typedef struct _NTMS_I1_PMIDINFORMATIONW {
	NTMS_GUID CurrentLibrary;
	NTMS_GUID MediaPool;
	NTMS_GUID Location;
	DWORD LocationType;
	NTMS_GUID MediaType;
	NTMS_GUID HomeSlot;
	WCHAR szBarCode[NTMS_BARCODE_LENGTH];
	DWORD BarCodeState;
	WCHAR szSequenceNumber[NTMS_SEQUENCE_LENGTH];
	DWORD MediaState;
	DWORD dwNumberOfPartitions;
} NTMS_I1_PMIDINFORMATIONW, *LPNTMS_I1_PMIDINFORMATIONW;

#ifdef UNICODE
typedef NTMS_I1_PMIDINFORMATIONW NTMS_I1_PMIDINFORMATION;
typedef LPNTMS_I1_PMIDINFORMATIONW LPNTMS_I1_PMIDINFORMATION;
#else
typedef NTMS_I1_PMIDINFORMATIONA NTMS_I1_PMIDINFORMATION;
typedef LPNTMS_I1_PMIDINFORMATIONA LPNTMS_I1_PMIDINFORMATION;
#endif

typedef struct _NTMS_I1_PARTITIONINFORMATIONA {
	NTMS_GUID PhysicalMedia;
	NTMS_GUID LogicalMedia;
	DWORD State;
	WORD Side;
	DWORD dwOmidLabelIdLength;
	BYTE OmidLabelId[NTMS_OMIDLABELID_LENGTH];
	CHAR szOmidLabelType[NTMS_OMIDLABELTYPE_LENGTH];
	CHAR szOmidLabelInfo[NTMS_OMIDLABELINFO_LENGTH];
	DWORD dwMountCount;
	DWORD dwAllocateCount;
} NTMS_I1_PARTITIONINFORMATIONA, *LPNTMS_I1_PARTITIONINFORMATIONA;

typedef struct _NTMS_I1_PARTITIONINFORMATIONW {
	NTMS_GUID PhysicalMedia;
	NTMS_GUID LogicalMedia;
	DWORD State;
	WORD Side;
	DWORD dwOmidLabelIdLength;
	BYTE OmidLabelId[NTMS_OMIDLABELID_LENGTH];
	WCHAR szOmidLabelType[NTMS_OMIDLABELTYPE_LENGTH];
	WCHAR szOmidLabelInfo[NTMS_OMIDLABELINFO_LENGTH];
	DWORD dwMountCount;
	DWORD dwAllocateCount;
} NTMS_I1_PARTITIONINFORMATIONW, *LPNTMS_I1_PARTITIONINFORMATIONW;

#ifdef UNICODE
typedef NTMS_I1_PARTITIONINFORMATIONW NTMS_I1_PARTITIONINFORMATION;
typedef LPNTMS_I1_PARTITIONINFORMATIONW LPNTMS_I1_PARTITIONINFORMATION;
#else
typedef NTMS_I1_PARTITIONINFORMATIONA NTMS_I1_PARTITIONINFORMATION;
typedef LPNTMS_I1_PARTITIONINFORMATIONA LPNTMS_I1_PARTITIONINFORMATION;
#endif

typedef struct _NTMS_I1_OPREQUESTINFORMATIONA {
	DWORD Request;
	SYSTEMTIME Submitted;
	DWORD State;
	CHAR szMessage[NTMS_I1_MESSAGE_LENGTH];
	DWORD Arg1Type;
	NTMS_GUID Arg1;
	DWORD Arg2Type;
	NTMS_GUID Arg2;
	CHAR szApplication[NTMS_APPLICATIONNAME_LENGTH];
	CHAR szUser[NTMS_USERNAME_LENGTH];
	CHAR szComputer[NTMS_COMPUTERNAME_LENGTH];
} NTMS_I1_OPREQUESTINFORMATIONA, *LPNTMS_I1_OPREQUESTINFORMATIONA;

typedef struct _NTMS_I1_OPREQUESTINFORMATIONW {
	DWORD Request;
	SYSTEMTIME Submitted;
	DWORD State;
	WCHAR szMessage[NTMS_I1_MESSAGE_LENGTH];
	DWORD Arg1Type;
	NTMS_GUID Arg1;
	DWORD Arg2Type;
	NTMS_GUID Arg2;
	WCHAR szApplication[NTMS_APPLICATIONNAME_LENGTH];
	WCHAR szUser[NTMS_USERNAME_LENGTH];
	WCHAR szComputer[NTMS_COMPUTERNAME_LENGTH];
} NTMS_I1_OPREQUESTINFORMATIONW, *LPNTMS_I1_OPREQUESTINFORMATIONW;

#ifdef UNICODE
typedef NTMS_I1_OPREQUESTINFORMATIONW NTMS_I1_OPREQUESTINFORMATION;
typedef LPNTMS_I1_OPREQUESTINFORMATIONW LPNTMS_I1_OPREQUESTINFORMATION;
#else
typedef NTMS_I1_OPREQUESTINFORMATIONA NTMS_I1_OPREQUESTINFORMATION;
typedef LPNTMS_I1_OPREQUESTINFORMATIONA LPNTMS_I1_OPREQUESTINFORMATION;
#endif

typedef struct _NTMS_I1_OBJECTINFORMATIONA {
	DWORD dwSize;
	DWORD dwType;
	SYSTEMTIME Created;
	SYSTEMTIME Modified;
	NTMS_GUID ObjectGuid;
	BOOL Enabled;
	DWORD dwOperationalState;
	CHAR szName[NTMS_OBJECTNAME_LENGTH];
	CHAR szDescription[NTMS_DESCRIPTION_LENGTH];
	union {
		NTMS_DRIVEINFORMATIONA Drive;
		NTMS_DRIVETYPEINFORMATIONA DriveType;
		NTMS_I1_LIBRARYINFORMATION Library;
		NTMS_CHANGERINFORMATIONA Changer;
		NTMS_CHANGERTYPEINFORMATIONA ChangerType;
		NTMS_STORAGESLOTINFORMATION StorageSlot;
		NTMS_IEDOORINFORMATION IEDoor;
		NTMS_IEPORTINFORMATION IEPort;
		NTMS_I1_PMIDINFORMATIONA PhysicalMedia;
		NTMS_LMIDINFORMATION LogicalMedia;
		NTMS_I1_PARTITIONINFORMATIONA Partition;
		NTMS_MEDIAPOOLINFORMATION MediaPool;
		NTMS_MEDIATYPEINFORMATION MediaType;
		NTMS_I1_LIBREQUESTINFORMATIONA LibRequest;
		NTMS_I1_OPREQUESTINFORMATIONA OpRequest;
	} Info;
} NTMS_I1_OBJECTINFORMATIONA, *LPNTMS_I1_OBJECTINFORMATIONA;

typedef struct _NTMS_I1_OBJECTINFORMATIONW {
	DWORD dwSize;
	DWORD dwType;
	SYSTEMTIME Created;
	SYSTEMTIME Modified;
	NTMS_GUID ObjectGuid;
	BOOL Enabled;
	DWORD dwOperationalState;
	WCHAR szName[NTMS_OBJECTNAME_LENGTH];
	WCHAR szDescription[NTMS_DESCRIPTION_LENGTH];
	union {
		NTMS_DRIVEINFORMATIONW Drive;
		NTMS_DRIVETYPEINFORMATIONW DriveType;
		NTMS_I1_LIBRARYINFORMATION Library;
		NTMS_CHANGERINFORMATIONW Changer;
		NTMS_CHANGERTYPEINFORMATIONW ChangerType;
		NTMS_STORAGESLOTINFORMATION StorageSlot;
		NTMS_IEDOORINFORMATION IEDoor;
		NTMS_IEPORTINFORMATION IEPort;
		NTMS_I1_PMIDINFORMATIONW PhysicalMedia;
		NTMS_LMIDINFORMATION LogicalMedia;
		NTMS_I1_PARTITIONINFORMATIONW Partition;
		NTMS_MEDIAPOOLINFORMATION MediaPool;
		NTMS_MEDIATYPEINFORMATION MediaType;
		NTMS_I1_LIBREQUESTINFORMATIONW LibRequest;
		NTMS_I1_OPREQUESTINFORMATIONW OpRequest;
	} Info;
} NTMS_I1_OBJECTINFORMATIONW, *LPNTMS_I1_OBJECTINFORMATIONW;

#ifdef UNICODE
typedef NTMS_I1_OBJECTINFORMATIONW NTMS_I1_OBJECTINFORMATION;
typedef LPNTMS_I1_OBJECTINFORMATIONW LPNTMS_I1_OBJECTINFORMATION;
#else
typedef NTMS_I1_OBJECTINFORMATIONA NTMS_I1_OBJECTINFORMATION;
typedef LPNTMS_I1_OBJECTINFORMATIONA LPNTMS_I1_OBJECTINFORMATION;
#endif

/* UpdateNtmsOmidInfo with NTMS_OMID_TYPE_FILESYSTEM_INFO */
typedef struct _NTMS_FILESYSTEM_INFO {
	WCHAR FileSystemType[64]; /* becomes the label type */
	WCHAR VolumeName[256];	  /* becomes the label information */
	DWORD SerialNumber;	  /* becomes the label id */
} NTMS_FILESYSTEM_INFO, *LPNTMS_FILESYSTEM_INFO;

/* WaitForNtmsNotification */
typedef struct _NTMS_NOTIFICATIONINFORMATION {
	DWORD dwOperation; /* NtmsNotificationOperations */
	NTMS_GUID ObjectId;
} NTMS_NOTIFICATIONINFORMATION, *LPNTMS_NOTIFICATIONINFORMATION;

/* Kept for source compatibility; no call takes it. */
typedef struct _RSM_MESSAGE {
	LPGUID lpguidOperation;
	DWORD dwNtmsType;
	DWORD dwState;
	DWORD dwFlags;
	DWORD dwPriority;
	DWORD dwErrorCode;
	LPWSTR lpszComputerName;
	LPWSTR lpszApplication;
	LPWSTR lpszUser;
	LPWSTR lpszTimeSubmitted;
	LPWSTR lpszMessage;
} RSM_MESSAGE, *LPRSM_MESSAGE;

/* A security descriptor with its length, as it crosses a wire; no call takes it. */
typedef struct _SECURITY_ATTRIBUTES_NTMS {
	DWORD nLength;
	BYTE *lpSecurityDescriptor;
	BOOL bInheritHandle;
	DWORD nDescriptorLength;
} SECURITY_ATTRIBUTES_NTMS, *LPSECURITY_ATTRIBUTES_NTMS;

#pragma pack(pop)

/* ---- functions --------------------------------------------------------------------- */

NTMS_BEGIN_DECLS

/* -- sessions -- */

/*
 * OpenNtmsSession - connect; needed before any other call. Right: USE on the computer.
 *
 * lpServer: NULL or "" for this computer, which is the only one there can be;
 * lpApplication: the name that requests show, at most NTMS_APPLICATIONNAME_LENGTH - 1
 * characters, NULL for "RSM"; dwOptions: 0, or NTMS_SESSION_QUERYEXPEDITE, which does nothing.
 * A session may be used by several threads, and belongs to the process that opened it.
 *
 * Returns the session, to be closed with CloseNtmsSession, or INVALID_HANDLE_VALUE; then
 * GetLastError() tells why.
 *
 *   ERROR_INVALID_COMPUTERNAME	lpServer is not the name of a computer
 *   ERROR_NO_NETWORK		lpServer is another computer
 *   ERROR_INVALID_PARAMETER	an unknown option, or the application's name too long
 *   ERROR_NOT_CONNECTED	no broker here
 *   ERROR_NOT_READY		somebody else keeps the database locked: wait and try again
 *   ERROR_ACCESS_DENIED, ERROR_NOT_ENOUGH_MEMORY, ERROR_DATABASE_FAILURE
 * Source: NTMS reference; MS-RSMP INtmsSession1 3 and 4.
 */
NTMS_EXPORT HANDLE WINAPI OpenNtmsSessionW(LPCWSTR lpServer, LPCWSTR lpApplication,
					   DWORD dwOptions);
NTMS_EXPORT HANDLE WINAPI OpenNtmsSessionA(LPCSTR lpServer, LPCSTR lpApplication, DWORD dwOptions);

/*
 * CloseNtmsSession - end a session and free all it has. Right: none.
 *
 * Calls that still wait in the session return ERROR_CANCELLED. Media that it has mounted are
 * given back as if dismounted with NTMS_DISMOUNT_DEFERRED; allocated media stay allocated.
 *
 * Returns ERROR_SUCCESS, also when the database or the broker vanished meanwhile, or
 * ERROR_INVALID_HANDLE.
 * Source: NTMS reference; MS-RSMP INtmsSession1 5.
 */
NTMS_EXPORT DWORD WINAPI CloseNtmsSession(HANDLE hSession);

/* -- mounting -- */

/*
 * MountNtmsMedia - put media into drives and hold them there. Synchronous. Right: USE on
 * the pools and on the library.
 *
 * lpMediaId: dwCount LMIDs or sides, all different and all in one library. lpDriveId: dwCount
 * drives; in with NTMS_MOUNT_SPECIFIC_DRIVE, out always: which medium is in which drive, in the
 * same order. dwOptions: NtmsMountOptions. dwPriority: NTMS_PRIORITY_LOWEST to
 * NTMS_PRIORITY_HIGHEST; the higher goes first. dwTimeout: ms. lpMountInformation: NULL.
 *
 * Either all media are mounted or none. The label of each is read and compared before the caller
 * gets it. Offline media are asked for by an operator request. The device to open is
 * NTMS_DRIVEINFORMATION.szDeviceName; its block mode is not defined.
 *
 *   ERROR_BUSY			medium or drive in use, and the options say not to wait
 *   ERROR_TIMEOUT		dwTimeout has passed; the request is cancelled
 *   ERROR_CANCELLED		the session was closed meanwhile
 *   ERROR_DRIVE_MEDIA_MISMATCH	a drive given is in another library than the medium
 *   ERROR_INVALID_DRIVE, ERROR_INVALID_LIBRARY
 *   ERROR_INVALID_MEDIA	no such medium, or one is given twice
 *   ERROR_INVALID_PARAMETER	dwCount is 0, a pointer is NULL, an unknown option, a
 *				priority out of range
 *   ERROR_INVALID_STATE	medium or device in a state that was not expected
 *   ERROR_MEDIA_OFFLINE	offline, and NTMS_MOUNT_ERROR_OFFLINE was given
 *   ERROR_REQUEST_REFUSED	the operator said no
 *   ERROR_RESOURCE_DISABLED	medium, drive or library is disabled
 *   ERROR_RESOURCE_NOT_AVAILABLE	no drive of the library takes the medium
 *   ERROR_WRITE_PROTECT	NTMS_MOUNT_WRITE of a side that is COMPLETE
 *   ERROR_UNEXPECTED_OMID	the label on the medium is another one
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 3.
 */
NTMS_EXPORT DWORD WINAPI MountNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId,
					LPNTMS_GUID lpDriveId, DWORD dwCount, DWORD dwOptions,
					int dwPriority, DWORD dwTimeout,
					LPNTMS_MOUNT_INFORMATION lpMountInformation);

/*
 * DismountNtmsMedia - give mounted media back. Queued. Right: USE on pool and library.
 *
 * lpMediaId: dwCount LMIDs or sides. dwOptions: NTMS_DISMOUNT_DEFERRED leaves the medium in the
 * drive, which becomes DISMOUNTABLE, until the place is needed; NTMS_DISMOUNT_IMMEDIATE, or 0,
 * has it carried home at once. The media state turns IDLE when done. To be called once for each
 * MountNtmsMedia; nobody else can use what has not been given back.
 *
 *   ERROR_INVALID_MEDIA	no such medium, or one is given twice
 *   ERROR_INVALID_LIBRARY	the library that the medium is in is not valid
 *   ERROR_INVALID_PARAMETER	dwCount is 0, lpMediaId is NULL, both or unknown options
 *   ERROR_INVALID_STATE	not in a drive, its device still open, or another unexpected state
 *   ERROR_MEDIA_OFFLINE	the medium is offline
 *   ERROR_MEDIA_NOT_AVAILABLE	the medium is disabled
 *   ERROR_DEVICE_NOT_AVAILABLE	drive or library is disabled or not present
 *   ERROR_TIMEOUT		the drive, medium or database could not be had in time
 *   ERROR_ACCESS_DENIED, ERROR_DATABASE_FAILURE, ERROR_DATABASE_FULL,
 *   ERROR_NOT_ENOUGH_MEMORY	as everywhere
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 4.
 */
NTMS_EXPORT DWORD WINAPI DismountNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD dwCount,
					   DWORD dwOptions);

/*
 * DismountNtmsDrive - empty a drive: what is in it goes to its slot. Queued. Right: MODIFY
 * on the library.
 *
 * On a stand-alone drive it only puts the drive into the DISMOUNTABLE state.
 *
 *   ERROR_INVALID_DRIVE	no such drive
 *   ERROR_INVALID_LIBRARY	the drive's library is not valid
 *   ERROR_LIBRARY_OFFLINE	it is the offline library
 *   ERROR_INVALID_PARAMETER	lpDriveId is NULL
 *   ERROR_INVALID_STATE	the drive is empty
 *   ERROR_BUSY			the medium in it is open or held by somebody else
 *   ERROR_DEVICE_NOT_AVAILABLE	drive or library is disabled or not present
 *   ERROR_ACCESS_DENIED, ERROR_DATABASE_FAILURE, ERROR_DATABASE_FULL,
 *   ERROR_INVALID_HANDLE, ERROR_NOT_ENOUGH_MEMORY as everywhere
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 7.
 */
NTMS_EXPORT DWORD WINAPI DismountNtmsDrive(HANDLE hSession, LPNTMS_GUID lpDriveId);

/* -- allocation -- */

/*
 * AllocateNtmsMedia - make a side the caller's own. Synchronous. Right: CONTROL on the
 * pool; for a medium drawn from a Free pool also USE on that.
 *
 * lpMediaPool: an application pool with a media type. lpPartition: the side wanted, which must
 * be AVAILABLE or IMPORT, or NULL for any. lpMediaId: out: the new LMID; with
 * NTMS_ALLOCATE_NEXT in: the LMID of the side already owned. dwOptions: NtmsAllocateOptions; NEW
 * takes a cartridge none of whose sides is allocated and reserves the other side, NEXT takes that
 * side. dwTimeout: ms to wait for an operator to bring media; 0 does not wait.
 * lpAllocateInformation: NULL, or filled in.
 *
 * Sides of the pool itself come first, then those of the Free pool if the pool's policy has
 * NTMS_ALLOCATE_FROMSCRATCH; among them the least often allocated, then the oldest. Only enabled
 * media that are in a library are taken.
 *
 *   ERROR_MEDIA_UNAVAILABLE	none to be had, and no waiting was asked for; or no side
 *				is left for NEXT; or lpPartition is not allocatable
 *   ERROR_TIMEOUT		nobody brought a medium in time
 *   ERROR_CANCELLED		the operator refused, or the session was closed
 *   ERROR_INVALID_MEDIA	no such side, or with NEXT no such LMID
 *   ERROR_INVALID_MEDIA_POOL	no such pool, or not an application pool for media, or not for
 *				media of lpPartition's type; with NEXT another pool than the LMID's
 *   ERROR_INVALID_PARAMETER	lpMediaPool or lpMediaId is NULL; NEW with NEXT
 *   ERROR_MEDIA_OFFLINE	lpPartition is offline
 *   ERROR_DEVICE_NOT_AVAILABLE	something in between is missing, as the Free pool
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 6.
 */
NTMS_EXPORT DWORD WINAPI AllocateNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaPool,
					   LPNTMS_GUID lpPartition, LPNTMS_GUID lpMediaId,
					   DWORD dwOptions, DWORD dwTimeout,
					   LPNTMS_ALLOCATION_INFORMATION lpAllocateInformation);

/*
 * DeallocateNtmsMedia - give an allocated side up. Synchronous. Right: CONTROL on the
 * pool; if the side returns to a Free pool also USE on that.
 *
 * lpMediaId: the LMID, which ceases to exist. dwOptions: 0. The side becomes AVAILABLE, or
 * DECOMMISSIONED if it has been allocated as often as its pool allows. If the pool's policy has
 * NTMS_DEALLOCATE_TOSCRATCH and no other side is allocated the cartridge goes to the Free pool
 * and gets a free label, which is queued.
 *
 *   ERROR_INVALID_MEDIA	no such LMID; also ERROR_INVALID_PARTITION, its side is not valid
 *   ERROR_INVALID_PARAMETER	lpMediaId is NULL, dwOptions is not 0
 *   ERROR_BUSY			the side is mounted
 *   ERROR_ACCESS_DENIED, ERROR_DATABASE_FAILURE, ERROR_DATABASE_FULL,
 *   ERROR_INVALID_HANDLE, ERROR_NOT_ENOUGH_MEMORY as everywhere
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 7.
 */
NTMS_EXPORT DWORD WINAPI DeallocateNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId,
					     DWORD dwOptions);

/*
 * SwapNtmsMedia - exchange the sides behind two LMIDs of one pool. Synchronous. Right:
 * MODIFY on the pools. Neither may be in use.
 *
 *   ERROR_INVALID_MEDIA	no such LMID, or one in use
 *   ERROR_INVALID_MEDIA_POOL	the LMIDs are in different pools, or in none
 *   ERROR_INVALID_STATE	a side is not ALLOCATED
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 8.
 */
NTMS_EXPORT DWORD WINAPI SwapNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId1,
				       LPNTMS_GUID lpMediaId2);

/*
 * SetNtmsMediaComplete - declare that an LMID will not be written any more. Synchronous.
 * Right: CONTROL on the pool. The side turns from ALLOCATED to COMPLETE, and cannot be mounted
 * for writing.
 *
 *   ERROR_INVALID_MEDIA, ERROR_INVALID_MEDIA_POOL
 *   ERROR_INVALID_STATE	not ALLOCATED, or mounted
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 10.
 */
NTMS_EXPORT DWORD WINAPI SetNtmsMediaComplete(HANDLE hSession, LPNTMS_GUID lpMediaId);

/*
 * DecommissionNtmsMedia - take an AVAILABLE side (not an LMID) out of use for ever.
 * Synchronous. Right: CONTROL on the pool.
 *
 *   ERROR_INVALID_MEDIA, ERROR_INVALID_MEDIA_POOL
 *   ERROR_INVALID_STATE	the side is not AVAILABLE
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 9.
 */
NTMS_EXPORT DWORD WINAPI DecommissionNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId);

/* -- pools and media types -- */

/*
 * CreateNtmsMediaPool - create or open an application pool. Synchronous. Right: to
 * create, CONTROL on the root pool and on the parent; to open, USE on the pool.
 *
 * lpPoolName: the full path, levels separated by '\', with or without one in front; each
 * level has at most NTMS_OBJECTNAME_LENGTH - 1 characters, all of it at most
 * NTMS_POOLHIERARCHY_LENGTH - 1, and all levels but the last exist. lpMediaType: the type of its
 * media, or NULL for a pool of pools. dwAction: NtmsCreateOptions. lpSecurityAttributes: NULL, or
 * the new pool's descriptor, self-relative. lpPoolId: out. A new pool has no policies; see
 * SetNtmsObjectInformation.
 *
 *   ERROR_ALREADY_EXISTS	exists, and NTMS_CREATE_NEW
 *   ERROR_OBJECT_NOT_FOUND	does not exist, and NTMS_OPEN_EXISTING; or the parent does not
 *   ERROR_INVALID_MEDIA	no such media type
 *   ERROR_INVALID_NAME		an empty level, a level or the name too long, a control
 *				character; a name below Free, Import or Unrecognized, or below a
 *				pool that is for media
 *   ERROR_INVALID_PARAMETER	lpPoolName or lpPoolId is NULL, dwAction is none of the three, the
 *				security descriptor is malformed or longer than 1024 bytes
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 12 and 13.
 */
NTMS_EXPORT DWORD WINAPI CreateNtmsMediaPoolA(HANDLE hSession, LPCSTR lpPoolName,
					      LPNTMS_GUID lpMediaType, DWORD dwAction,
					      LPSECURITY_ATTRIBUTES lpSecurityAttributes,
					      LPNTMS_GUID lpPoolId);
NTMS_EXPORT DWORD WINAPI CreateNtmsMediaPoolW(HANDLE hSession, LPCWSTR lpPoolName,
					      LPNTMS_GUID lpMediaType, DWORD dwAction,
					      LPSECURITY_ATTRIBUTES lpSecurityAttributes,
					      LPNTMS_GUID lpPoolId);

/*
 * GetNtmsMediaPoolName - the full path of a pool, without a leading '\'. Synchronous.
 * Right: USE on the pool.
 *
 * lpNameBuf: the caller's buffer, NULL only if its size is 0. lpdwBufSize: in: characters it
 * holds; out: characters needed, the NUL included.
 *
 *   ERROR_INSUFFICIENT_BUFFER	too small; nothing is written but *lpdwBufSize
 *   ERROR_INVALID_MEDIA_POOL
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 14 and 15.
 */
NTMS_EXPORT DWORD WINAPI GetNtmsMediaPoolNameA(HANDLE hSession, LPNTMS_GUID lpPoolId,
					       LPSTR lpNameBuf, LPDWORD lpdwBufSize);
NTMS_EXPORT DWORD WINAPI GetNtmsMediaPoolNameW(HANDLE hSession, LPNTMS_GUID lpPoolId,
					       LPWSTR lpNameBuf, LPDWORD lpdwBufSize);

/*
 * DeleteNtmsMediaPool - delete an application pool that is empty. Synchronous. Right:
 * MODIFY on the pool.
 *
 *   ERROR_INVALID_MEDIA_POOL	no such pool, or Free, Import, Unrecognized or below one of them
 *   ERROR_NOT_EMPTY		it has media or pools
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 17.
 */
NTMS_EXPORT DWORD WINAPI DeleteNtmsMediaPool(HANDLE hSession, LPNTMS_GUID lpPoolId);

/*
 * MoveToNtmsMediaPool - move a cartridge to another pool. Synchronous; the free label
 * that a cartridge gets in a Free pool is queued, and destroys what was on it. Right: CONTROL on
 * both pools, for a Free pool USE.
 *
 * lpMediaId: a PMID. lpPoolId: a pool for its media type.
 *
 *   ERROR_BUSY			a side is mounted or being worked on, or is to get a free label and
 *				is in no library that could write it
 *   ERROR_INVALID_MEDIA	no such cartridge
 *   ERROR_INVALID_MEDIA_POOL	no such pool; or a move that is not allowed: allocated,
 *				complete or reserved sides to Free, media of Unrecognized or Import
 *				elsewhere than to Free, media to Import that are not IMPORT
 *   ERROR_MEDIA_INCOMPATIBLE	the pool is for another media type
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 16.
 */
NTMS_EXPORT DWORD WINAPI MoveToNtmsMediaPool(HANDLE hSession, LPNTMS_GUID lpMediaId,
					     LPNTMS_GUID lpPoolId);

/*
 * ChangeNtmsMediaType - correct a cartridge's type: moves it to the pool and gives it the
 * pool's media type. Synchronous. Right: MODIFY on the pool and on the computer. The rules of
 * MoveToNtmsMediaPool apply, but for the type.
 *
 *   ERROR_BUSY, ERROR_INVALID_MEDIA, ERROR_INVALID_MEDIA_POOL as there
 *   ERROR_LIBRARY_OFFLINE
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 20.
 */
NTMS_EXPORT DWORD WINAPI ChangeNtmsMediaType(HANDLE hSession, LPNTMS_GUID lpMediaId,
					     LPNTMS_GUID lpPoolId);

/*
 * AddNtmsMediaType - say that a library takes a media type, and make the type's pools in Free,
 * Import and Unrecognized. Synchronous. Right: MODIFY on the library. Being said already is
 * no error.
 *
 *   ERROR_INVALID_LIBRARY, ERROR_LIBRARY_OFFLINE
 *   ERROR_INVALID_MEDIA	no such media type
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 18.
 */
NTMS_EXPORT DWORD WINAPI AddNtmsMediaType(HANDLE hSession, LPNTMS_GUID lpMediaTypeId,
					  LPNTMS_GUID lpLibId);

/*
 * DeleteNtmsMediaType - take that back. The type's system pools go with its last library and
 * its last cartridge. Synchronous. Right: MODIFY on the library.
 *
 *   ERROR_INVALID_LIBRARY
 *   ERROR_INVALID_MEDIA	no such media type
 *   ERROR_NOT_EMPTY		the library has media of the type
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 19.
 */
NTMS_EXPORT DWORD WINAPI DeleteNtmsMediaType(HANDLE hSession, LPNTMS_GUID lpMediaTypeId,
					     LPNTMS_GUID lpLibId);

/* -- records of media -- */

/*
 * CreateNtmsMedia - enter a cartridge that is not in any library into the database, for
 * example from another computer's catalogue. Synchronous. Right: MODIFY on the computer and
 * on the pool.
 *
 * lpMedia: one record of type NTMS_PHYSICAL_MEDIA; lpList: its dwNumberOfPartitions records of
 * type NTMS_PARTITION. Members marked "create" are taken, all others are filled in; GUIDs that
 * are null are made up. The cartridge goes to the offline library. dwOptions: 0, or
 * NTMS_ERROR_ON_DUPLICATE.
 *
 *   ERROR_DUPLICATE_OMID	NTMS_ERROR_ON_DUPLICATE, and a medium has this label
 *   ERROR_INVALID_MEDIA	a medium has this bar code or GUID
 *   ERROR_INVALID_MEDIA_POOL	not an import or application pool
 *   ERROR_MEDIA_INCOMPATIBLE	the number of sides is not that of the pool's media type
 *   ERROR_INVALID_PARAMETER	a pointer is NULL, dwSize or dwType is wrong, a label is empty
 * Source: NTMS reference; MS-RSMP INtmsObjectInfo1 7 and 8.
 */
NTMS_EXPORT DWORD WINAPI CreateNtmsMediaA(HANDLE hSession, LPNTMS_OBJECTINFORMATIONA lpMedia,
					  LPNTMS_OBJECTINFORMATIONA lpList, DWORD dwOptions);
NTMS_EXPORT DWORD WINAPI CreateNtmsMediaW(HANDLE hSession, LPNTMS_OBJECTINFORMATIONW lpMedia,
					  LPNTMS_OBJECTINFORMATIONW lpList, DWORD dwOptions);

/*
 * DeleteNtmsMedia - forget a cartridge (PMID) that is offline. Synchronous. Right: MODIFY on
 * the computer and on the pool.
 *
 *   ERROR_INVALID_MEDIA, ERROR_INVALID_MEDIA_POOL
 *   ERROR_INVALID_STATE	not offline, or a side is allocated, complete or reserved
 * Source: NTMS reference; MS-RSMP INtmsMediaServices1 11.
 */
NTMS_EXPORT DWORD WINAPI DeleteNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId);

/* -- libraries -- */

/*
 * EjectNtmsMedia - move a cartridge (PMID) to the port. Queued. Right: CONTROL on the library.
 *
 * dwAction: NTMS_EJECT_START begins, and gives the operation's id in lpEjectOperation;
 * NTMS_EJECT_STOP ends the operation with that id; NTMS_EJECT_QUEUE collects cartridges for a port
 * of many places; FORCE, IMMEDIATE and ASK_USER as START, but also if in use, waiting for the
 * end, and the same. The cartridge goes offline, or is forgotten if it was foreign or a cleaner.
 *
 *   ERROR_BUSY			in use, or more queued than the port has places
 *   ERROR_DEVICE_NOT_AVAILABLE	the library is disabled or not present, or it has no port: use
 *				AccessNtmsLibraryDoor
 *   ERROR_INVALID_OPERATION	STOP with an id that is none
 *   ERROR_INVALID_PARAMETER	a pointer is NULL, dwAction is unknown
 *   ERROR_LIBRARY_OFFLINE, ERROR_INVALID_MEDIA
 *   ERROR_MEDIA_NOT_AVAILABLE	the cartridge is disabled
 *   ERROR_RESOURCE_DISABLED	the cartridge is in a drive that is disabled
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 3.
 */
NTMS_EXPORT DWORD WINAPI EjectNtmsMedia(HANDLE hSession, LPNTMS_GUID lpMediaId,
					LPNTMS_GUID lpEjectOperation, DWORD dwAction);

/*
 * InjectNtmsMedia - take cartridges in through the port. Queued. Right: CONTROL on the library.
 *
 * dwAction: NTMS_INJECT_START and STARTMANY (the port opens again after each load) begin and give
 * the operation's id in lpInjectOperation; NTMS_INJECT_STOP ends the operation with that id,
 * NTMS_INJECT_RETRACT has its port closed and looked at.
 *
 *   ERROR_DEVICE_NOT_AVAILABLE	the library is disabled or not present, or it has no port
 *   ERROR_INVALID_OPERATION	STOP or RETRACT with an id that is none
 *   ERROR_INVALID_LIBRARY, ERROR_LIBRARY_OFFLINE
 *   ERROR_LIBRARY_FULL		no slot is free
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 4.
 */
NTMS_EXPORT DWORD WINAPI InjectNtmsMedia(HANDLE hSession, LPNTMS_GUID lpLibraryId,
					 LPNTMS_GUID lpInjectOperation, DWORD dwAction);

/*
 * AccessNtmsLibraryDoor - unlock the door, as soon as the library is idle. Queued. Right:
 * CONTROL on the library.
 *
 * dwAction: the inventory to make after the door is closed: NTMS_INVENTORY_NONE, FAST, OMID or
 * DEFAULT.
 *
 *   ERROR_INVALID_PARAMETER	dwAction is none of these
 *   ERROR_INVALID_LIBRARY
 *   ERROR_LIBRARY_OFFLINE	the offline library
 *   ERROR_RESOURCE_DISABLED	the library is disabled
 *   ERROR_RESOURCE_NOT_PRESENT	the library has no door
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 5.
 */
NTMS_EXPORT DWORD WINAPI AccessNtmsLibraryDoor(HANDLE hSession, LPNTMS_GUID lpLibraryId,
					       DWORD dwAction);

/*
 * InventoryNtmsLibrary - find out what is in a library. Queued. Right: CONTROL on the library.
 *
 * dwAction: NTMS_INVENTORY_FAST (bar codes; without a reader, what changed), OMID (every label is
 * read, which takes long), DEFAULT (as the library is set), SLOT (which slots are full), NONE, or
 * STOP to end the inventories that run or are queued: their requests are STOPPED, the cartridge
 * that is being looked at goes home, slots not looked at stay NTMS_SLOTSTATE_NEEDSINVENTORY and
 * are by the next inventory. None to be stopped is no error.
 *
 *   ERROR_INVALID_LIBRARY
 *   ERROR_INVALID_PARAMETER	lpLibraryId is NULL, dwAction is none of these
 *   ERROR_LIBRARY_OFFLINE	the offline library
 *   ERROR_DEVICE_NOT_AVAILABLE	the library is not present
 *   ERROR_RESOURCE_DISABLED	the library is disabled
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 8.
 */
NTMS_EXPORT DWORD WINAPI InventoryNtmsLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId,
					      DWORD dwAction);

/*
 * IdentifyNtmsSlot - read the label of the cartridge in a slot. Synchronous. Right:
 * CONTROL on the library.
 *
 * dwOption: what becomes of the cartridge afterwards: NTMS_DISMOUNT_DEFERRED or
 * NTMS_DISMOUNT_IMMEDIATE (also 0). An empty slot is no error. A cleaner is not mounted for it.
 *
 *   ERROR_INVALID_PARAMETER	lpSlotId is NULL, dwOption is none of these
 *   ERROR_OBJECT_NOT_FOUND	no such slot, or it is out with its magazine
 *   ERROR_LIBRARY_OFFLINE, ERROR_RESOURCE_DISABLED
 *   ERROR_DEVICE_NOT_AVAILABLE	the library is not present or fails, the tape cannot be read
 *   ERROR_MEDIA_INCOMPATIBLE	an allocated cartridge that the drive cannot use
 *   ERROR_CANCELLED		the request has been taken out of the queue, or the session closed;
 *				the documents list no code for that, nor for the three above
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl2 23.
 */
NTMS_EXPORT DWORD WINAPI IdentifyNtmsSlot(HANDLE hSession, LPNTMS_GUID lpSlotId, DWORD dwOption);

/*
 * CleanNtmsDrive - clean a drive with the library's cleaner. Queued. Right: CONTROL on
 * the library. For a stand-alone drive only the time is noted. A medium that is in the drive after
 * a deferred dismount goes home first. Without a cleaner that can be used the request waits for a
 * person (NTMS_OPREQ_CLEANER). A cleaning of the drive that has not ended stands for this one.
 *
 * What the request ends with: ERROR_UNABLE_TO_CLEAN, the drive still asks to be cleaned;
 * ERROR_REQUEST_REFUSED, no cleaner; ERROR_DEVICE_NOT_AVAILABLE, the robot or the drive fails.
 *
 *   ERROR_INVALID_PARAMETER	lpDriveId is NULL
 *   ERROR_INVALID_DRIVE	no such drive
 *   ERROR_RESOURCE_DISABLED	drive or library is disabled
 *   ERROR_RESOURCE_NOT_PRESENT	the library is not present
 *   ERROR_DEVICE_NOT_AVAILABLE	the drive is not present
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 6.
 */
NTMS_EXPORT DWORD WINAPI CleanNtmsDrive(HANDLE hSession, LPNTMS_GUID lpDriveId);

/*
 * DeleteNtmsDrive - forget a drive that is NTMS_NOT_PRESENT. Synchronous. Right: MODIFY on
 * the library. A stand-alone drive takes its library with it.
 *
 *   ERROR_INVALID_DRIVE, ERROR_INVALID_LIBRARY
 *   ERROR_INVALID_STATE	the drive is present
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 16.
 */
NTMS_EXPORT DWORD WINAPI DeleteNtmsDrive(HANDLE hSession, LPNTMS_GUID lpDriveId);

/*
 * DeleteNtmsLibrary - forget a library that is NTMS_NOT_PRESENT and its devices; its
 * cartridges go offline. Synchronous. Right: MODIFY on the library. Drives that are still
 * connected may be opened by everybody afterwards.
 *
 *   ERROR_INVALID_LIBRARY
 *   ERROR_INVALID_STATE	the library is present, or is the offline library
 *   ERROR_INVALID_STATE	a living process holds a drive that is still connected
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 15.
 */
NTMS_EXPORT DWORD WINAPI DeleteNtmsLibrary(HANDLE hSession, LPNTMS_GUID lpLibraryId);

/*
 * CancelNtmsLibraryRequest - take a request out of the queue. Queued. Right: CONTROL on the
 * library, administrators only.
 *
 *   ERROR_ACCESS_DENIED	also when the request is being carried out and cannot stop
 *   ERROR_OBJECT_NOT_FOUND	no such request, or done already
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 10.
 */
NTMS_EXPORT DWORD WINAPI CancelNtmsLibraryRequest(HANDLE hSession, LPNTMS_GUID lpRequestId);

/*
 * GetNtmsRequestOrder - a request's place in its queue. Synchronous. Right: CONTROL on the
 * computer.
 *
 * lpdwOrderNumber: out: 1 is next; 0 means no order: it is no mount, is being carried out, or is
 * finished.
 *
 *   ERROR_OBJECT_NOT_FOUND	no such request
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 17.
 */
NTMS_EXPORT DWORD WINAPI GetNtmsRequestOrder(HANDLE hSession, LPNTMS_GUID lpRequestId,
					     LPDWORD lpdwOrderNumber);

/*
 * SetNtmsRequestOrder - change it. Synchronous. Right: CONTROL on the computer. Only mount
 * requests that wait are ordered; a number beyond the end, as 0xFFFFFFFF, puts one last, also of
 * those of its priority that are still to come.
 *
 *   ERROR_INVALID_PARAMETER	a pointer is NULL, dwOrderNumber is 0, or the request has no order
 *   ERROR_OBJECT_NOT_FOUND	no such request, or it is finished
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 18.
 */
NTMS_EXPORT DWORD WINAPI SetNtmsRequestOrder(HANDLE hSession, LPNTMS_GUID lpRequestId,
					     DWORD dwOrderNumber);

/*
 * DeleteNtmsRequests - delete finished requests. Synchronous. Right: MODIFY on the computer.
 *
 * lpRequestId: dwCount requests, all of dwType, NTMS_LIBREQUEST or NTMS_OPREQUEST. Requests that
 * are not finished stay, and unknown ones are no error.
 *
 *   ERROR_INVALID_PARAMETER	dwType is neither, or the pointer is NULL
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 19.
 */
NTMS_EXPORT DWORD WINAPI DeleteNtmsRequests(HANDLE hSession, LPNTMS_GUID lpRequestId, DWORD dwType,
					    DWORD dwCount);

/*
 * EjectDiskFromSADrive - eject from a stand-alone drive, without a session. Right: CONTROL
 * on the library.
 *
 * lpComputerName, lpAppName: as for OpenNtmsSession. lpDeviceName: the drive's device node.
 * hWnd, lpTitle, lpMessage: ignored, there is no window. dwOptions: NtmsEjectOperation;
 * ASK_USER is taken as IMMEDIATE.
 *
 *   the errors of OpenNtmsSession and EjectNtmsMedia: ERROR_BUSY, what is inside is mounted,
 *   and dwOptions is not FORCE
 *   ERROR_DEVICE_NOT_AVAILABLE	no stand-alone drive has this device node
 * Source: NTMS reference.
 */
NTMS_EXPORT DWORD WINAPI EjectDiskFromSADriveW(LPCWSTR lpComputerName, LPCWSTR lpAppName,
					       LPCWSTR lpDeviceName, HWND hWnd, LPCWSTR lpTitle,
					       LPCWSTR lpMessage, DWORD dwOptions);
NTMS_EXPORT DWORD WINAPI EjectDiskFromSADriveA(LPCSTR lpComputerName, LPCSTR lpAppName,
					       LPCSTR lpDeviceName, HWND hWnd, LPCSTR lpTitle,
					       LPCSTR lpMessage, DWORD dwOptions);

/*
 * GetVolumesFromDrive - the block device of a disk drive and where it is mounted.
 * Synchronous, no session, no right.
 *
 * pszDriveName: the device node of a disk, of its partition, or the generic node of a disk drive.
 * VolumeNameBufferPtr: set to the block device of the one partition, or of the whole disk if it has
 * none; DriveLetterBufferPtr: to its mount point, "" if it is not mounted. Both are allocated with
 * malloc(); the caller frees them with free().
 *
 *   ERROR_INVALID_PARAMETER	a pointer is NULL
 *   ERROR_INVALID_DRIVE	no such device, or one without volumes: a tape drive, a changer
 *   ERROR_NOT_READY		no medium is in the drive
 *   ERROR_NOT_SUPPORTED	the disk has several partitions
 *   ERROR_ACCESS_DENIED, ERROR_DEVICE_NOT_AVAILABLE	the kernel does not tell of it
 * Source: NTMS reference.
 */
NTMS_EXPORT DWORD WINAPI GetVolumesFromDriveW(LPWSTR pszDriveName, LPWSTR *VolumeNameBufferPtr,
					      LPWSTR *DriveLetterBufferPtr);
NTMS_EXPORT DWORD WINAPI GetVolumesFromDriveA(LPSTR pszDriveName, LPSTR *VolumeNameBufferPtr,
					      LPSTR *DriveLetterBufferPtr);

/* -- the cleaner of a library; right: CONTROL on the library -- */

/*
 * ReserveNtmsCleanerSlot - keep an empty slot for the cleaner. Done at once; the library request
 * that tells of it has passed when the call returns. Right: CONTROL on the library.
 *
 *   ERROR_INVALID_PARAMETER	lpLibrary or lpSlot is NULL
 *   ERROR_ALREADY_RESERVED	the library has such a slot
 *   ERROR_INVALID_SLOT		no such slot in the library
 *   ERROR_RESOURCE_NOT_AVAILABLE	the slot is not empty (also called ERROR_SLOT_FULL), the
 *				robot is bringing something to it, or it is not present (of
 *				this call alone not ERROR_SLOT_NOT_PRESENT)
 *   ERROR_DEVICE_NOT_AVAILABLE, ERROR_INVALID_LIBRARY, ERROR_LIBRARY_OFFLINE,
 *   ERROR_RESOURCE_DISABLED
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 11.
 */
NTMS_EXPORT DWORD WINAPI ReserveNtmsCleanerSlot(HANDLE hSession, LPNTMS_GUID lpLibrary,
						LPNTMS_GUID lpSlot);

/*
 * ReleaseNtmsCleanerSlot - make it an ordinary slot again. Done at once, as
 * ReserveNtmsCleanerSlot. Right: CONTROL on the library.
 *
 *   ERROR_INVALID_PARAMETER	lpLibrary is NULL
 *   ERROR_NO_SLOT_RESERVED	the library has no such slot
 *   ERROR_SLOT_FULL		also while the cleaner that belongs there is in a drive
 *   ERROR_SLOT_NOT_PRESENT
 *   ERROR_DEVICE_NOT_AVAILABLE, ERROR_INVALID_LIBRARY, ERROR_LIBRARY_OFFLINE,
 *   ERROR_RESOURCE_DISABLED
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 12.
 */
NTMS_EXPORT DWORD WINAPI ReleaseNtmsCleanerSlot(HANDLE hSession, LPNTMS_GUID lpLibrary);

/*
 * InjectNtmsCleaner - take a cleaner into the reserved slot. Queued. Right: CONTROL on the
 * library.
 *
 * lpInjectOperation: out with NTMS_INJECT_START, in with NTMS_INJECT_STOP, the two dwActions.
 * dwNumberOfCleansLeft: how often it can still be used, from 1; 0xFFFFFFFF: do not count. Of no
 * meaning with STOP.
 *
 * A person puts it into a port, which is open for MaxExtendSecs; where there is none, through the
 * door into the slot itself, and nothing is identified afterwards. What he brings is taken for a
 * cleaner unless it is known as a cartridge for data, or has a bar code that does not begin with
 * CLN where the library goes by that. What is not stays in the port for him to exchange, or in the
 * slot.
 *
 * What the request ends with: ERROR_TIMEOUT, nobody has brought one; ERROR_INVALID_CLEANER, what
 * was brought is none; ERROR_SLOT_EMPTY, the slot is empty after the door was closed;
 * ERROR_SLOT_FULL, ERROR_NO_SLOT_SET, ERROR_SLOT_NOT_PRESENT, when that has come about meanwhile;
 * ERROR_DEVICE_NOT_AVAILABLE, the robot fails.
 *
 *   ERROR_INVALID_PARAMETER	lpLibrary or lpInjectOperation is NULL, dwAction is another, or
 *				START and dwNumberOfCleansLeft is 0
 *   ERROR_NO_SLOT_SET		no slot is reserved
 *   ERROR_SLOT_FULL		also while the cleaner is in a drive, or one is being injected
 *   ERROR_SLOT_NOT_PRESENT	also when the library has neither port nor door
 *   ERROR_NOT_SUPPORTED	STOP, and the library has no port
 *   ERROR_INVALID_OPERATION	STOP with an id that is none, or of an operation that is over
 *   ERROR_DEVICE_NOT_AVAILABLE	the library is not connected
 *   ERROR_INVALID_LIBRARY, ERROR_LIBRARY_OFFLINE
 *   ERROR_RESOURCE_DISABLED	the library is disabled
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 13.
 */
NTMS_EXPORT DWORD WINAPI InjectNtmsCleaner(HANDLE hSession, LPNTMS_GUID lpLibrary,
					   LPNTMS_GUID lpInjectOperation,
					   DWORD dwNumberOfCleansLeft, DWORD dwAction);

/*
 * EjectNtmsCleaner - put the cleaner out; its record is deleted. Queued. Right: CONTROL on the
 * library.
 *
 * lpEjectOperation: out with NTMS_EJECT_START, in with NTMS_EJECT_STOP, the two dwActions.
 *
 * By a port, as EjectNtmsMedia; where there is none a person takes it out of its slot through the
 * door. One that is cleaning a drive is waited for. The slot stays reserved. With STOP it goes back
 * to it.
 *
 * What the request ends with: ERROR_TIMEOUT, nobody has taken it; ERROR_SLOT_FULL, it is still
 * there after the door was closed; ERROR_DEVICE_NOT_AVAILABLE, the robot fails.
 *
 *   ERROR_INVALID_PARAMETER	lpLibrary or lpEjectOperation is NULL, or dwAction is another
 *   ERROR_NO_SLOT_SET		no slot is reserved
 *   ERROR_SLOT_EMPTY		the library has no cleaner, or it is being ejected already
 *   ERROR_SLOT_NOT_PRESENT	also when the library has neither port nor door
 *   ERROR_INVALID_OPERATION	STOP with an id that is none, or there is no port
 *   ERROR_LIBRARY_OFFLINE	also when it is not connected
 *   ERROR_INVALID_LIBRARY
 *   ERROR_RESOURCE_DISABLED	the library is disabled
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 14.
 */
NTMS_EXPORT DWORD WINAPI EjectNtmsCleaner(HANDLE hSession, LPNTMS_GUID lpLibrary,
					  LPNTMS_GUID lpEjectOperation, DWORD dwAction);

/* -- objects -- */

/*
 * EnumerateNtmsObject - list objects of a type. Synchronous. Right: objects on which the
 * caller lacks USE are left out; USE on the container.
 *
 * lpContainerId: NULL for all of the type, or where to look: a library (changers, drives, doors,
 * ports, slots, requests, media types, cartridges), a pool (pools, cartridges, sides, LMIDs), a
 * cartridge (sides), a side (its LMID), an LMID (its sides). For pools NULL means those at the
 * top. lpList: the caller's array. lpdwListSize: in: GUIDs it holds; out: how many there are.
 * dwType: NtmsObjectsTypes. dwOptions: NTMS_ENUM_ROOTPOOL puts the root pool first (pools and
 * NULL only).
 *
 *   ERROR_INSUFFICIENT_BUFFER	more than the array holds; it is filled as far as it goes
 *   ERROR_INVALID_PARAMETER	lpdwListSize is NULL; lpList is NULL and its size is not
 *				0; the type does not exist in that container; a bad option
 *   ERROR_OBJECT_NOT_FOUND	no such container
 * Source: NTMS reference; MS-RSMP INtmsObjectManagement1 9.
 */
NTMS_EXPORT DWORD WINAPI EnumerateNtmsObject(HANDLE hSession, const LPNTMS_GUID lpContainerId,
					     LPNTMS_GUID lpList, LPDWORD lpdwListSize, DWORD dwType,
					     DWORD dwOptions);

/*
 * GetNtmsObjectInformation - read an object's record. Synchronous. Right: USE.
 *
 * lpInfo: the caller's; dwSize (that of this structure or of the I1 one, or more) and dwType (or
 * NTMS_UNKNOWN) are set before.
 *
 *   ERROR_INVALID_PARAMETER	a pointer is NULL, dwSize or dwType is not valid
 *   ERROR_OBJECT_NOT_FOUND	no object of that type
 * Source: NTMS reference; MS-RSMP INtmsObjectInfo1 3 and 4.
 */
NTMS_EXPORT DWORD WINAPI GetNtmsObjectInformationA(HANDLE hSession, LPNTMS_GUID lpObjectId,
						   LPNTMS_OBJECTINFORMATIONA lpInfo);
NTMS_EXPORT DWORD WINAPI GetNtmsObjectInformationW(HANDLE hSession, LPNTMS_GUID lpObjectId,
						   LPNTMS_OBJECTINFORMATIONW lpInfo);

/*
 * SetNtmsObjectInformation - change an object's record. Synchronous. Right: MODIFY, for
 * libraries CONTROL.
 *
 * Takes every member marked "set" for the type from lpInfo, and nothing else: read it with
 * GetNtmsObjectInformation, change it, write it back.
 *
 *   ERROR_INVALID_PARAMETER	a pointer is NULL, dwSize or dwType is not valid, a value is
 *				out of its range; the media type of a pool that is not empty; a
 *				pool's new name is taken, empty, too long or has a '\'
 *   ERROR_ACCESS_DENIED	also: the name, type or policies of a pool of the system
 *   ERROR_OBJECT_NOT_FOUND	no object of that type
 * Source: NTMS reference; MS-RSMP INtmsObjectInfo1 5 and 6.
 */
NTMS_EXPORT DWORD WINAPI SetNtmsObjectInformationA(HANDLE hSession, LPNTMS_GUID lpObjectId,
						   LPNTMS_OBJECTINFORMATIONA lpInfo);
NTMS_EXPORT DWORD WINAPI SetNtmsObjectInformationW(HANDLE hSession, LPNTMS_GUID lpObjectId,
						   LPNTMS_OBJECTINFORMATIONW lpInfo);

/*
 * GetNtmsObjectAttribute - read private data that an application keeps with an object.
 * Synchronous. Right: USE.
 *
 * dwType: the object's. lpAttributeName: exact name. lpAttributeData: the caller's
 * buffer. lpAttributeSize: in: its bytes; out: the bytes of the attribute.
 *
 *   ERROR_INSUFFICIENT_BUFFER	too small; nothing is written but *lpAttributeSize
 *   ERROR_OBJECT_NOT_FOUND	no such object, or it has no such attribute
 * Source: NTMS reference; MS-RSMP INtmsObjectManagement1 5 and 6.
 */
NTMS_EXPORT DWORD WINAPI GetNtmsObjectAttributeA(HANDLE hSession, LPNTMS_GUID lpObjectId,
						 DWORD dwType, LPCSTR lpAttributeName,
						 LPVOID lpAttributeData, LPDWORD lpAttributeSize);
NTMS_EXPORT DWORD WINAPI GetNtmsObjectAttributeW(HANDLE hSession, LPNTMS_GUID lpObjectId,
						 DWORD dwType, LPCWSTR lpAttributeName,
						 LPVOID lpAttributeData, LPDWORD lpAttributeSize);

/*
 * SetNtmsObjectAttribute - write it. Synchronous. Right: MODIFY.
 *
 * dwAttributeSize: bytes, less than NTMS_MAXATTR_LENGTH; 0 deletes the attribute. The name has
 * at most NTMS_MAXATTR_NAMELEN - 1 characters; the A and the W form of a name mean the same.
 *
 *   ERROR_INVALID_NAME		the name is empty or too long
 *   ERROR_NO_DATA		too much data
 *   ERROR_OBJECT_NOT_FOUND	no such object
 * Source: NTMS reference; MS-RSMP INtmsObjectManagement1 7 and 8.
 */
NTMS_EXPORT DWORD WINAPI SetNtmsObjectAttributeA(HANDLE hSession, LPNTMS_GUID lpObjectId,
						 DWORD dwType, LPCSTR lpAttributeName,
						 LPVOID lpAttributeData, DWORD dwAttributeSize);
NTMS_EXPORT DWORD WINAPI SetNtmsObjectAttributeW(HANDLE hSession, LPNTMS_GUID lpObjectId,
						 DWORD dwType, LPCWSTR lpAttributeName,
						 LPVOID lpAttributeData, DWORD dwAttributeSize);

/*
 * GetNtmsObjectSecurity - read the security descriptor of the computer, a library or a
 * pool. Synchronous. Right: READ_CONTROL.
 *
 * RequestedInformation: the parts wanted. lpSecurityDescriptor: the caller's buffer of nLength
 * bytes, filled with a self-relative descriptor. lpnLengthNeeded: out: its bytes.
 *
 *   ERROR_INSUFFICIENT_BUFFER	too small; nothing is written but *lpnLengthNeeded
 *   ERROR_NO_SECURITY_ON_OBJECT	objects of this type have none of their own
 *   ERROR_OBJECT_NOT_FOUND
 * Source: NTMS reference; MS-RSMP INtmsObjectManagement1 3.
 */
NTMS_EXPORT DWORD WINAPI GetNtmsObjectSecurity(HANDLE hSession, LPNTMS_GUID lpObjectId,
					       DWORD dwType,
					       SECURITY_INFORMATION RequestedInformation,
					       PSECURITY_DESCRIPTOR lpSecurityDescriptor,
					       DWORD nLength, LPDWORD lpnLengthNeeded);

/*
 * SetNtmsObjectSecurity - replace the parts named in SecurityInformation. Synchronous. Right:
 * WRITE_DAC or ownership for the DACL, WRITE_OWNER or ownership for owner and group, root for
 * the SACL.
 *
 *   ERROR_INVALID_PARAMETER	a pointer is NULL, dwType or SecurityInformation is not valid, or
 *				the descriptor is: malformed, not self-relative, without a part
 *				that SecurityInformation names, longer than 1024 bytes in all
 *   ERROR_NO_SECURITY_ON_OBJECT	objects of this type have none of their own
 *   ERROR_OBJECT_NOT_FOUND
 * Source: NTMS reference; MS-RSMP INtmsObjectManagement1 4.
 */
NTMS_EXPORT DWORD WINAPI SetNtmsObjectSecurity(HANDLE hSession, LPNTMS_GUID lpObjectId,
					       DWORD dwType,
					       SECURITY_INFORMATION SecurityInformation,
					       PSECURITY_DESCRIPTOR lpSecurityDescriptor);

/*
 * DisableNtmsObject - take a drive, library or cartridge out of use. Done at once, and on record as
 * a library request. Right: MODIFY on the library.
 *
 * dwType: NTMS_DRIVE, NTMS_LIBRARY or NTMS_PHYSICAL_MEDIA. A medium that a deferred dismount has
 * left in a drive is queued to be carried home.
 *
 *   ERROR_INVALID_PARAMETER	any other type, or lpObjectId is NULL
 *   ERROR_INVALID_STATE	disabled already
 *   ERROR_LIBRARY_OFFLINE	the offline library
 *   ERROR_OBJECT_NOT_FOUND
 * Source: NTMS reference; MS-RSMP INtmsObjectManagement1 10.
 */
NTMS_EXPORT DWORD WINAPI DisableNtmsObject(HANDLE hSession, DWORD dwType, LPNTMS_GUID lpObjectId);

/*
 * EnableNtmsObject - the opposite, with the same rules; ERROR_INVALID_STATE: enabled already.
 * A drive that is NTMS_NEEDS_SERVICE, enabled or not, is NTMS_READY afterwards.
 * Source: NTMS reference; MS-RSMP INtmsObjectManagement1 11.
 */
NTMS_EXPORT DWORD WINAPI EnableNtmsObject(HANDLE hSession, DWORD dwType, LPNTMS_GUID lpObjectId);

/* -- labels -- */

/*
 * UpdateNtmsOmidInfo - tell which label has just been written on a medium. Synchronous. Right:
 * CONTROL on the library.
 *
 * lpMediaId: an LMID. labelType: NTMS_OMID_TYPE_RAW_LABEL, lpBuffer being the first numberOfBytes
 * bytes of the tape, which a media label library must recognise; or
 * NTMS_OMID_TYPE_FILESYSTEM_INFO, lpBuffer being an NTMS_FILESYSTEM_INFO. To be called right
 * after the label is written, or the next mount finds a label it does not expect.
 *
 *   ERROR_BAD_FORMAT		no label library recognises it
 *   ERROR_INVALID_MEDIA	no such LMID, or its side is complete, which is not written any
 *				more; also ERROR_INVALID_PARTITION, its side is not valid
 *   ERROR_INVALID_PARAMETER	a pointer is NULL, a type or a size that is not valid
 * Source: NTMS reference.
 */
NTMS_EXPORT DWORD WINAPI UpdateNtmsOmidInfo(HANDLE hSession, LPNTMS_GUID lpMediaId, DWORD labelType,
					    DWORD numberOfBytes, LPVOID lpBuffer);

/* -- operator requests -- */

/*
 * SubmitNtmsOperatorRequest - ask a person to do something. Returns when the request is on
 * record.
 *
 * dwRequest and what goes with it:
 *   NTMS_OPREQ_NEWMEDIA	Arg1 a pool, Arg2 a library or NULL	CONTROL on the pool
 *   NTMS_OPREQ_CLEANER		Arg1 a library or slot			CONTROL on the library
 *   NTMS_OPREQ_DEVICESERVICE	Arg1 a door, library, drive or PMID	CONTROL on the library
 *   NTMS_OPREQ_MOVEMEDIA	Arg1 a PMID, Arg2 a library		CONTROL on the pool
 *   NTMS_OPREQ_MESSAGE		neither					USE on the computer
 * lpMessage: text, at most NTMS_MESSAGE_LENGTH - 1 characters, or NULL. lpRequestId: out.
 *
 *   ERROR_INVALID_PARAMETER	dwRequest is none of these, lpRequestId is NULL, the text is too
 *				long, an argument is missing
 *   ERROR_OBJECT_NOT_FOUND	an argument names no object of a type that fits
 * Source: NTMS reference; MS-RSMP INtmsSession1 6 and 7.
 */
NTMS_EXPORT DWORD WINAPI SubmitNtmsOperatorRequestW(HANDLE hSession, DWORD dwRequest,
						    LPCWSTR lpMessage, LPNTMS_GUID lpArg1Id,
						    LPNTMS_GUID lpArg2Id, LPNTMS_GUID lpRequestId);
NTMS_EXPORT DWORD WINAPI SubmitNtmsOperatorRequestA(HANDLE hSession, DWORD dwRequest,
						    LPCSTR lpMessage, LPNTMS_GUID lpArg1Id,
						    LPNTMS_GUID lpArg2Id, LPNTMS_GUID lpRequestId);

/*
 * WaitForNtmsOperatorRequest - wait until a request is done. Synchronous. Right: none.
 *
 * dwTimeout: ms; 0 only looks.
 *
 *   ERROR_CANCELLED		refused, or the session was closed
 *   ERROR_TIMEOUT		not done in time
 *   ERROR_OBJECT_NOT_FOUND	no such request (any more)
 * Source: NTMS reference; MS-RSMP INtmsSession1 8.
 */
NTMS_EXPORT DWORD WINAPI WaitForNtmsOperatorRequest(HANDLE hSession, LPNTMS_GUID lpRequestId,
						    DWORD dwTimeout);

/*
 * CancelNtmsOperatorRequest - refuse a request. Synchronous. Right: CONTROL on the
 * computer, administrators only.
 *
 *   ERROR_INVALID_STATE	done or refused already
 *   ERROR_OBJECT_NOT_FOUND	no such request
 * Source: NTMS reference; MS-RSMP INtmsSession1 9.
 */
NTMS_EXPORT DWORD WINAPI CancelNtmsOperatorRequest(HANDLE hSession, LPNTMS_GUID lpRequestId);

/*
 * SatisfyNtmsOperatorRequest - say that a request is done. Synchronous. Right: CONTROL on the
 * computer, administrators only. A drive that is NTMS_NEEDS_SERVICE is NTMS_READY again when the
 * request is RSM's own for its service.
 *
 *   ERROR_OBJECT_NOT_FOUND	no such request, or done already
 * Source: NTMS reference; MS-RSMP INtmsSession1 10.
 */
NTMS_EXPORT DWORD WINAPI SatisfyNtmsOperatorRequest(HANDLE hSession, LPNTMS_GUID lpRequestId);

/* -- the database -- */

/*
 * ExportNtmsDatabase - write a consistent copy into the directory Export below the
 * database's, in the place of the one before. Synchronous. Right: CONTROL on the computer.
 *
 *   ERROR_SHARING_VIOLATION	another process is writing one
 *   ERROR_DATABASE_FAILURE	also: it cannot be written
 * Source: NTMS reference; MS-RSMP INtmsSession1 12.
 */
NTMS_EXPORT DWORD WINAPI ExportNtmsDatabase(HANDLE hSession);

/*
 * ImportNtmsDatabase - have the copy in Export take the place of the database: at once, and all
 * of it or nothing. Synchronous. Right: CONTROL on the computer. Unfinished requests in it are
 * cancelled, every library is inventoried, notifications end with ERROR_NO_DATA.
 *
 *   ERROR_BUSY			a medium is mounted, somebody works on a library, or requests
 *				are not finished. Not in the documents, whose service was yet
 *				to be started then
 *   ERROR_DATABASE_FAILURE	also: there is no copy, it is damaged, or of a newer version
 * Source: NTMS reference; MS-RSMP INtmsSession1 11.
 */
NTMS_EXPORT DWORD WINAPI ImportNtmsDatabase(HANDLE hSession);

/* -- notification -- */

/*
 * OpenNtmsNotification - be told of all changes to objects of one type. Right: USE on the
 * computer.
 *
 * Returns a handle for WaitForNtmsNotification, to be closed with CloseNtmsNotification, or
 * INVALID_HANDLE_VALUE and an error in GetLastError(), one of those common to all calls. Of a
 * dwType that is no type nothing is ever told. Closing the session closes it, too.
 * Source: NTMS reference; MS-RSMP INtmsSession1 14.
 */
NTMS_EXPORT HANDLE WINAPI OpenNtmsNotification(HANDLE hSession, DWORD dwType);

/*
 * WaitForNtmsNotification - the next change. Synchronous.
 *
 * lpNotificationInformation: out. dwTimeout: ms.
 *
 *   ERROR_TIMEOUT		nothing happened
 *   ERROR_NO_DATA		events were lost: close the handle, open a new one, look at all
 *   ERROR_CANCELLED		the handle or its session was closed meanwhile
 *   ERROR_INVALID_HANDLE	it was closed before
 *   ERROR_INVALID_PARAMETER	lpNotificationInformation is NULL
 * Only objects that the session's user has the USE right on are told of.
 * Source: NTMS reference.
 */
NTMS_EXPORT DWORD WINAPI
WaitForNtmsNotification(HANDLE hNotification,
			LPNTMS_NOTIFICATIONINFORMATION lpNotificationInformation, DWORD dwTimeout);

/*
 * CloseNtmsNotification - no more of it. A call that waits returns ERROR_CANCELLED.
 * Errors: ERROR_INVALID_PARAMETER for NULL, ERROR_INVALID_HANDLE.
 * Source: NTMS reference; MS-RSMP INtmsSession1 15.
 */
NTMS_EXPORT DWORD WINAPI CloseNtmsNotification(HANDLE hNotification);

/* -- stand-alone drives: noticing that somebody changed the medium; no right needed -- */

/*
 * BeginNtmsDeviceChangeDetection - get a handle (lpDetectHandle, out) to name drives with; ended
 * by EndNtmsDeviceChangeDetection or with the session.
 *
 *   ERROR_INVALID_PARAMETER	lpDetectHandle is NULL
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 20.
 */
NTMS_EXPORT DWORD WINAPI BeginNtmsDeviceChangeDetection(HANDLE hSession, LPHANDLE lpDetectHandle);

/*
 * SetNtmsDeviceChangeDetection - have drives watched; with a NULL handle, look once.
 *
 * lpRequestId: dwCount objects of dwType: NTMS_LIBRARY, or NTMS_MEDIA_TYPE or
 * NTMS_PHYSICAL_MEDIA for every stand-alone library that could hold it. Each look is queued
 * (RsmWaitForLibrary waits for it); libraries that are disabled or not present are passed over.
 *
 *   ERROR_INVALID_HANDLE	also: DetectHandle is not one of this session's
 *   ERROR_INVALID_LIBRARY, ERROR_INVALID_MEDIA	an object is not there
 *   ERROR_INVALID_PARAMETER	another type, objects of different types, a NULL pointer
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 21.
 */
NTMS_EXPORT DWORD WINAPI SetNtmsDeviceChangeDetection(HANDLE hSession, HANDLE DetectHandle,
						      LPNTMS_GUID lpRequestId, DWORD dwType,
						      DWORD dwCount);

/*
 * EndNtmsDeviceChangeDetection - stop watching what was named with this handle.
 * ERROR_INVALID_HANDLE also when it is not one of this session's.
 * Source: NTMS reference; MS-RSMP INtmsLibraryControl1 22.
 */
NTMS_EXPORT DWORD WINAPI EndNtmsDeviceChangeDetection(HANDLE hSession, HANDLE DetectHandle);

/* -- where messages to people go -- */

/*
 * GetNtmsUIOptions - the computers that messages go to. Synchronous. Right: USE on the object.
 *
 * lpObjectId: NULL for this session, a library, or the computer. dwType: NtmsUITypes.
 * lpszDestination: filled with names, each ended by a NUL, and one more NUL. lpdwBufSize: in: its
 * characters; out: characters needed, 0 for none.
 *
 *   ERROR_INSUFFICIENT_BUFFER	too small; nothing is written but *lpdwBufSize
 *   ERROR_OBJECT_NOT_FOUND
 * Source: NTMS reference; MS-RSMP INtmsObjectManagement2 13 and 14.
 */
NTMS_EXPORT DWORD WINAPI GetNtmsUIOptionsA(HANDLE hSession, const LPNTMS_GUID lpObjectId,
					   DWORD dwType, LPSTR lpszDestination,
					   LPDWORD lpdwBufSize);
NTMS_EXPORT DWORD WINAPI GetNtmsUIOptionsW(HANDLE hSession, const LPNTMS_GUID lpObjectId,
					   DWORD dwType, LPWSTR lpszDestination,
					   LPDWORD lpdwBufSize);

/*
 * SetNtmsUIOptions - add one, delete one, or delete all. Synchronous. Right: USE and
 * MODIFY on the object.
 *
 * dwOperation: NtmsUIOperations. lpszDestination: a computer's name, "" for this one; not looked
 * at with NTMS_UIDEST_DELETEALL. Names are not looked up, and case makes no difference. What is
 * set for a session ends with it.
 *
 *   ERROR_ALREADY_EXISTS	NTMS_UIDEST_ADD of a name that is there
 *   ERROR_OBJECT_NOT_FOUND	no such library or computer; NTMS_UIDEST_DELETE of a name that is
 *				not there
 * Source: NTMS reference; MS-RSMP INtmsObjectManagement2 15 and 16.
 */
NTMS_EXPORT DWORD WINAPI SetNtmsUIOptionsA(HANDLE hSession, const LPNTMS_GUID lpObjectId,
					   DWORD dwType, DWORD dwOperation, LPCSTR lpszDestination);
NTMS_EXPORT DWORD WINAPI SetNtmsUIOptionsW(HANDLE hSession, const LPNTMS_GUID lpObjectId,
					   DWORD dwType, DWORD dwOperation,
					   LPCWSTR lpszDestination);

NTMS_END_DECLS

#ifdef UNICODE
#define OpenNtmsSession		  OpenNtmsSessionW
#define GetNtmsObjectInformation  GetNtmsObjectInformationW
#define SetNtmsObjectInformation  SetNtmsObjectInformationW
#define CreateNtmsMediaPool	  CreateNtmsMediaPoolW
#define GetNtmsMediaPoolName	  GetNtmsMediaPoolNameW
#define GetNtmsObjectAttribute	  GetNtmsObjectAttributeW
#define SetNtmsObjectAttribute	  SetNtmsObjectAttributeW
#define GetNtmsUIOptions	  GetNtmsUIOptionsW
#define SetNtmsUIOptions	  SetNtmsUIOptionsW
#define SubmitNtmsOperatorRequest SubmitNtmsOperatorRequestW
#define CreateNtmsMedia		  CreateNtmsMediaW
#define EjectDiskFromSADrive	  EjectDiskFromSADriveW
#define GetVolumesFromDrive	  GetVolumesFromDriveW
#else
#define OpenNtmsSession		  OpenNtmsSessionA
#define GetNtmsObjectInformation  GetNtmsObjectInformationA
#define SetNtmsObjectInformation  SetNtmsObjectInformationA
#define CreateNtmsMediaPool	  CreateNtmsMediaPoolA
#define GetNtmsMediaPoolName	  GetNtmsMediaPoolNameA
#define GetNtmsObjectAttribute	  GetNtmsObjectAttributeA
#define SetNtmsObjectAttribute	  SetNtmsObjectAttributeA
#define GetNtmsUIOptions	  GetNtmsUIOptionsA
#define SetNtmsUIOptions	  SetNtmsUIOptionsA
#define SubmitNtmsOperatorRequest SubmitNtmsOperatorRequestA
#define CreateNtmsMedia		  CreateNtmsMediaA
#define EjectDiskFromSADrive	  EjectDiskFromSADriveA
#define GetVolumesFromDrive	  GetVolumesFromDriveA
#endif

#endif
