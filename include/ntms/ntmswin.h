/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ntmswin.h - the Windows base types and constants that the NTMS headers use
 *
 * Only what ntmsapi.h and ntmsmli.h need. Names, sizes and values are those of
 * Windows on a 64-bit machine, so that a program written for Windows compiles
 * unchanged. Two things differ, and are meant to:
 *
 *  - DWORD, LONG and ULONG are 32 bits wide, as on Windows, which makes them int
 *    and not long: print them with "%u" and "%x";
 *  - WCHAR is one UTF-16 code unit of 16 bits, not wchar_t. A string literal for it
 *    is u"text". "A" functions take and give UTF-8.
 */
#ifndef NTMS_NTMSWIN_H
#define NTMS_NTMSWIN_H

#include <stdint.h>

#ifdef __cplusplus
#define NTMS_BEGIN_DECLS extern "C" {
#define NTMS_END_DECLS	 }
#else
#define NTMS_BEGIN_DECLS
#define NTMS_END_DECLS
#endif

/* The calling convention of Windows; Linux has one only. */
#ifndef WINAPI
#define WINAPI
#endif

/* Marks what the shared library exports. */
#ifndef NTMS_EXPORT
#define NTMS_EXPORT __attribute__((visibility("default")))
#endif

typedef uint8_t BYTE;
typedef uint16_t WORD;
typedef uint32_t DWORD;
typedef uint32_t ULONG;
typedef int32_t LONG;
typedef int64_t LONGLONG;
typedef uint64_t ULONGLONG;
typedef uintptr_t ULONG_PTR;
typedef int BOOL;
typedef char CHAR;
/* In C++ char16_t is a type of its own, and the one that u"text" has. */
#if defined(__cplusplus) && __cplusplus >= 201103L
typedef char16_t WCHAR;
#else
typedef uint16_t WCHAR;
#endif
typedef void *PVOID;
typedef void *LPVOID;
typedef void *HANDLE;
typedef void *HWND;
typedef HANDLE *LPHANDLE;
typedef DWORD *LPDWORD;
typedef CHAR *LPSTR;
typedef WCHAR *LPWSTR;
typedef const CHAR *LPCSTR;
typedef const WCHAR *LPCWSTR;

#ifdef UNICODE
typedef WCHAR TCHAR;
typedef LPWSTR LPTSTR;
typedef LPCWSTR LPCTSTR;
#else
typedef CHAR TCHAR;
typedef LPSTR LPTSTR;
typedef LPCSTR LPCTSTR;
#endif

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#define INVALID_HANDLE_VALUE ((HANDLE)(intptr_t)-1)
/* A time-out that never comes. */
#define INFINITE 0xFFFFFFFFu

typedef struct _GUID {
	DWORD Data1;
	WORD Data2;
	WORD Data3;
	BYTE Data4[8];
} GUID;
typedef GUID *LPGUID;

typedef union _LARGE_INTEGER {
	__extension__ struct {
		DWORD LowPart;
		LONG HighPart;
	};
	struct {
		DWORD LowPart;
		LONG HighPart;
	} u;
	LONGLONG QuadPart __attribute__((aligned(8)));
} LARGE_INTEGER;

/* A point in time; the library gives Coordinated Universal Time. */
typedef struct _SYSTEMTIME {
	WORD wYear;
	WORD wMonth;	 /* 1 to 12 */
	WORD wDayOfWeek; /* 0 is Sunday */
	WORD wDay;	 /* 1 to 31 */
	WORD wHour;
	WORD wMinute;
	WORD wSecond;
	WORD wMilliseconds;
} SYSTEMTIME;

/* A self-relative security descriptor; its layout is that of Windows. */
typedef PVOID PSECURITY_DESCRIPTOR;
typedef DWORD SECURITY_INFORMATION;

#define OWNER_SECURITY_INFORMATION 0x00000001u
#define GROUP_SECURITY_INFORMATION 0x00000002u
#define DACL_SECURITY_INFORMATION  0x00000004u
#define SACL_SECURITY_INFORMATION  0x00000008u

/* Standard rights, beside the NTMS_*_ACCESS ones of ntmsapi.h. */
#define READ_CONTROL 0x00020000u
#define WRITE_DAC    0x00040000u
#define WRITE_OWNER  0x00080000u

typedef struct _SECURITY_ATTRIBUTES {
	DWORD nLength;
	LPVOID lpSecurityDescriptor;
	BOOL bInheritHandle;
} SECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;

/*
 * Error codes. The text of each is in the library (see the "rsm" command, which
 * prints it); here is what the number is for.
 */
#define NO_ERROR		     0
#define ERROR_SUCCESS		     0
#define ERROR_ACCESS_DENIED	     5
#define ERROR_INVALID_HANDLE	     6
#define ERROR_NOT_ENOUGH_MEMORY	     8
#define ERROR_BAD_FORMAT	     11
#define ERROR_INVALID_DRIVE	     15
#define ERROR_WRITE_PROTECT	     19
#define ERROR_NOT_READY		     21
#define ERROR_GEN_FAILURE	     31
#define ERROR_SHARING_VIOLATION	     32
#define ERROR_HANDLE_EOF	     38
#define ERROR_NOT_SUPPORTED	     50
#define ERROR_INVALID_PARAMETER	     87
#define ERROR_CALL_NOT_IMPLEMENTED   120
#define ERROR_INSUFFICIENT_BUFFER    122
#define ERROR_INVALID_NAME	     123
#define ERROR_BUSY		     170
#define ERROR_ALREADY_EXISTS	     183
#define ERROR_NO_DATA		     232
#define ERROR_NO_MORE_ITEMS	     259
#define ERROR_INVALID_ADDRESS	     487
#define ERROR_OPERATION_ABORTED	     995
#define ERROR_SERVICE_NOT_ACTIVE     1062
#define ERROR_NO_MEDIA_IN_DRIVE	     1112
#define ERROR_IO_DEVICE		     1117
#define ERROR_CONNECTION_UNAVAIL     1201
#define ERROR_INVALID_COMPUTERNAME   1210
#define ERROR_NO_NETWORK	     1222
#define ERROR_CANCELLED		     1223
#define ERROR_INVALID_SECURITY_DESCR 1338
#define ERROR_NO_SECURITY_ON_OBJECT  1350
#define ERROR_TIMEOUT		     1460
#define RPC_S_INVALID_BOUND	     1734
#define RPC_S_NO_INTERFACES	     1817
#define ERROR_NOT_CONNECTED	     2250

/* The removable storage block. */
#define ERROR_INVALID_MEDIA		    4300
#define ERROR_INVALID_LIBRARY		    4301
#define ERROR_INVALID_MEDIA_POOL	    4302
#define ERROR_DRIVE_MEDIA_MISMATCH	    4303
#define ERROR_MEDIA_OFFLINE		    4304
#define ERROR_LIBRARY_OFFLINE		    4305
#define ERROR_EMPTY			    4306
#define ERROR_NOT_EMPTY			    4307
#define ERROR_MEDIA_UNAVAILABLE		    4308
#define ERROR_RESOURCE_DISABLED		    4309
#define ERROR_INVALID_CLEANER		    4310
#define ERROR_UNABLE_TO_CLEAN		    4311
#define ERROR_OBJECT_NOT_FOUND		    4312
#define ERROR_DATABASE_FAILURE		    4313
#define ERROR_DATABASE_FULL		    4314
#define ERROR_MEDIA_INCOMPATIBLE	    4315
#define ERROR_RESOURCE_NOT_PRESENT	    4316
#define ERROR_INVALID_OPERATION		    4317
#define ERROR_MEDIA_NOT_AVAILABLE	    4318
#define ERROR_DEVICE_NOT_AVAILABLE	    4319
#define ERROR_REQUEST_REFUSED		    4320
#define ERROR_INVALID_DRIVE_OBJECT	    4321
#define ERROR_LIBRARY_FULL		    4322
#define ERROR_MEDIUM_NOT_ACCESSIBLE	    4323
#define ERROR_UNABLE_TO_LOAD_MEDIUM	    4324
#define ERROR_UNABLE_TO_INVENTORY_DRIVE	    4325
#define ERROR_UNABLE_TO_INVENTORY_SLOT	    4326
#define ERROR_UNABLE_TO_INVENTORY_TRANSPORT 4327
#define ERROR_TRANSPORT_FULL		    4328
#define ERROR_CONTROLLING_IEPORT	    4329
#define ERROR_UNABLE_TO_EJECT_MOUNTED_MEDIA 4330
#define ERROR_CLEANER_SLOT_SET		    4331
#define ERROR_CLEANER_SLOT_NOT_SET	    4332
#define ERROR_CLEANER_CARTRIDGE_SPENT	    4333
#define ERROR_UNEXPECTED_OMID		    4334
#define ERROR_CANT_DELETE_LAST_ITEM	    4335
#define ERROR_MESSAGE_EXCEEDS_MAX_SIZE	    4336
#define ERROR_VOLUME_CONTAINS_SYS_FILES	    4337
#define ERROR_INDIGENOUS_TYPE		    4338
#define ERROR_NO_SUPPORTING_DRIVES	    4339
#define ERROR_CLEANER_CARTRIDGE_INSTALLED   4340
#define ERROR_IEPORT_FULL		    4341
#define ERROR_RESOURCE_NOT_AVAILABLE	    5006
#define ERROR_INVALID_STATE		    5023

/*
 * Names that the documentation uses and Windows never gave a number. Each is the
 * code that is really returned there; but ReserveNtmsCleanerSlot says of a slot that is not
 * present what it says of a full one.
 */
#define ERROR_DUPLICATE_OMID	ERROR_INVALID_MEDIA
#define ERROR_INVALID_PARTITION ERROR_INVALID_MEDIA
#define ERROR_ALREADY_RESERVED	ERROR_CLEANER_SLOT_SET
#define ERROR_INVALID_SLOT	ERROR_OBJECT_NOT_FOUND
#define ERROR_SLOT_FULL		ERROR_RESOURCE_NOT_AVAILABLE
#define ERROR_SLOT_EMPTY	ERROR_EMPTY
#define ERROR_SLOT_NOT_PRESENT	ERROR_RESOURCE_NOT_PRESENT
#define ERROR_NO_SLOT_RESERVED	ERROR_CLEANER_SLOT_NOT_SET
#define ERROR_NO_SLOT_SET	ERROR_CLEANER_SLOT_NOT_SET

/* Device types of drives and changers. */
#define FILE_DEVICE_CD_ROM  0x00000002
#define FILE_DEVICE_DISK    0x00000007
#define FILE_DEVICE_TAPE    0x0000001f
#define FILE_DEVICE_CHANGER 0x00000030
#define FILE_DEVICE_DVD	    0x00000033

/* Kinds of cartridge, as in NTMS_MEDIATYPEINFORMATION.MediaType. */
typedef enum _STORAGE_MEDIA_TYPE {
	/* tape */
	DDS_4mm = 0x20,
	MiniQic = 0x21,
	Travan = 0x22,
	QIC = 0x23,
	MP_8mm = 0x24,
	AME_8mm = 0x25,
	AIT1_8mm = 0x26,
	DLT = 0x27,
	NCTP = 0x28,
	IBM_3480 = 0x29,
	IBM_3490E = 0x2a,
	IBM_Magstar_3590 = 0x2b,
	IBM_Magstar_MP = 0x2c,
	STK_DATA_D3 = 0x2d,
	SONY_DTF = 0x2e,
	DV_6mm = 0x2f,
	DMI = 0x30,
	SONY_D2 = 0x31,
	/* cleaning cartridge of any kind of drive */
	CLEANER_CARTRIDGE = 0x32,
	/* CD and DVD */
	CD_ROM = 0x33,
	CD_R = 0x34,
	CD_RW = 0x35,
	DVD_ROM = 0x36,
	DVD_R = 0x37,
	DVD_RW = 0x38,
	/* magneto-optical, phase change, write once */
	MO_3_RW = 0x39,
	MO_5_WO = 0x3a,
	MO_5_RW = 0x3b,
	MO_5_LIMDOW = 0x3c,
	PC_5_WO = 0x3d,
	PC_5_RW = 0x3e,
	PD_5_RW = 0x3f,
	ABL_5_WO = 0x40,
	PINNACLE_APEX_5_RW = 0x41,
	SONY_12_WO = 0x42,
	PHILIPS_12_WO = 0x43,
	HITACHI_12_WO = 0x44,
	CYGNET_12_WO = 0x45,
	KODAK_14_WO = 0x46,
	MO_NFR_525 = 0x47,
	NIKON_12_RW = 0x48,
	/* magnetic disk cartridges */
	IOMEGA_ZIP = 0x49,
	IOMEGA_JAZ = 0x4a,
	SYQUEST_EZ135 = 0x4b,
	SYQUEST_EZFLYER = 0x4c,
	SYQUEST_SYJET = 0x4d,
	AVATAR_F2 = 0x4e,
	/* later tape */
	MP2_8mm = 0x4f,
	DST_S = 0x50,
	DST_M = 0x51,
	DST_L = 0x52,
	VXATape_1 = 0x53,
	VXATape_2 = 0x54,
	STK_9840 = 0x55,
	LTO_Ultrium = 0x56,
	LTO_Accelis = 0x57,
	/* later still */
	DVD_RAM = 0x58,
	AIT_8mm = 0x59,
	ADR_1 = 0x5a,
	ADR_2 = 0x5b,
	STK_9940 = 0x5c,
	SAIT = 0x5d,
	VXATape = 0x5e
} STORAGE_MEDIA_TYPE;

NTMS_BEGIN_DECLS

/*
 * What this thread's last NTMS call ended with, ERROR_SUCCESS or an error. Needed for the calls
 * that return a handle.
 */
NTMS_EXPORT DWORD WINAPI GetLastError(void);

/* Set what GetLastError() returns in this thread. */
NTMS_EXPORT void WINAPI SetLastError(DWORD dwErrCode);

NTMS_END_DECLS

#endif
