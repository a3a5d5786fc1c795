/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual.c - virtual libraries: making them, a person's hands, faults (rsmapi.h) */
#include <errno.h>
#include "api/api.h"
#include "broker/virtual.h"
#include "ntms/rsmapi.h"

#define MAX_DRIVES 64
#define MAX_SLOTS  10000
#define MAX_PORTS  64

static DWORD create_code(int error)
{
	switch (error) {
	case 0:
		return ERROR_SUCCESS;
	case -EEXIST:
	case -ENOTEMPTY:
		return ERROR_ALREADY_EXISTS;
	case -EINVAL:
	case -ENAMETOOLONG:
		return ERROR_INVALID_PARAMETER;
	case -ENOSPC:
	case -EDQUOT:
		return ERROR_DATABASE_FULL;
	case -ENOMEM:
		return ERROR_NOT_ENOUGH_MEMORY;
	default:
		return ERROR_ACCESS_DENIED;
	}
}

static bool shape_within_limits(const RSM_VIRTUAL_SHAPE *shape)
{
	return shape->dwDrives >= 1 && shape->dwDrives <= MAX_DRIVES &&
	       shape->dwStandAloneDrives <= MAX_DRIVES - shape->dwDrives && shape->dwSlots >= 1 &&
	       shape->dwSlots <= MAX_SLOTS && shape->dwPorts <= MAX_PORTS &&
	       shape->dwTapes <= shape->dwSlots &&
	       shape->dwCleaners <= shape->dwSlots - shape->dwTapes;
}

static DWORD create(LPCSTR directory, const RSM_VIRTUAL_SHAPE *from)
{
	const struct virtual_shape shape = {
		.drives = from->dwDrives,
		.slots = from->dwSlots,
		.ports = from->dwPorts,
		.tapes = from->dwTapes,
		.sides = from->dwMedia == RSM_VIRTUAL_MO ? 2 : 1,
		.standalone = from->dwStandAloneDrives,
		.magazine = from->dwMagazineSlots,
		.cleaners = from->dwCleaners,
		.door = from->bDoor,
		.no_reader = !from->bBarCodeReader,
		.media = from->dwMedia == RSM_VIRTUAL_MO ? VIRTUAL_LTO8
							 : (enum virtual_media)from->dwMedia,
	};

	if (!directory || !directory[0])
		return api_refuse(ERROR_INVALID_PARAMETER, "the directory is missing");
	if (!shape_within_limits(from))
		return api_refuse(ERROR_INVALID_PARAMETER,
				  "a virtual library has 1 to 64 drives, 1 to 10000 slots, 0 to 64 "
				  "ports, and no more tapes and cleaners than slots");
	return api_return(create_code(virtual_create(directory, &shape)));
}

NTMS_EXPORT DWORD RsmCreateVirtualLibraryEx(LPCSTR lpDirectory, const RSM_VIRTUAL_SHAPE *lpShape)
{
	ntms_say_nothing();
	if (!lpShape || lpShape->dwSize != sizeof(*lpShape))
		return api_refuse(ERROR_INVALID_PARAMETER,
				  "the shape is missing, or its dwSize is not its size");
	return create(lpDirectory, lpShape);
}

NTMS_EXPORT DWORD RsmCreateVirtualLibrary(LPCSTR lpDirectory, DWORD dwDrives, DWORD dwSlots,
					  DWORD dwPorts, DWORD dwTapes)
{
	const RSM_VIRTUAL_SHAPE shape = {
		.dwSize = sizeof(shape),
		.dwDrives = dwDrives,
		.dwSlots = dwSlots,
		.dwPorts = dwPorts,
		.dwTapes = dwTapes,
		.dwMedia = RSM_VIRTUAL_LTO8,
		.bDoor = TRUE,
		.bBarCodeReader = TRUE,
	};

	ntms_say_nothing();
	return create(lpDirectory, &shape);
}

/* ---- a person ---- */

static DWORD person_code(int error)
{
	switch (error) {
	case 0:
		return ERROR_SUCCESS;
	case -EBUSY:
		return ERROR_BUSY;
	case -EAGAIN:
		return ERROR_NOT_READY;
	case -ERANGE:
	case -ENOENT:
	case -ENOTDIR:
	case -ENODEV:
		return ERROR_OBJECT_NOT_FOUND;
	case -ENOMEDIUM:
		return ERROR_EMPTY;
	case -ENOTEMPTY:
		return ERROR_NOT_EMPTY;
	case -EEXIST:
		return ERROR_ALREADY_EXISTS;
	case -EOPNOTSUPP:
		return ERROR_NOT_SUPPORTED;
	case -EINVAL:
		return ERROR_INVALID_NAME;
	case -ETIMEDOUT:
		return ERROR_TIMEOUT;
	case -ENOMEM:
		return ERROR_NOT_ENOUGH_MEMORY;
	case -ENOSPC:
	case -EDQUOT:
		return ERROR_DATABASE_FULL;
	case -EACCES:
	case -EPERM:
	case -EROFS:
		return ERROR_ACCESS_DENIED;
	default:
		return ERROR_DATABASE_FAILURE;
	}
}

static DWORD check_directory(LPCSTR directory)
{
	ntms_say_nothing();
	if (!directory || !directory[0])
		return api_refuse(ERROR_INVALID_PARAMETER, "the directory is missing");
	return ERROR_SUCCESS;
}

/* People count ports and slots from 1. */
static DWORD check_place(LPCSTR directory, DWORD place, DWORD *number)
{
	DWORD code = check_directory(directory);

	if (code)
		return code;
	if (place < RSM_VIRTUAL_PORT || place > RSM_VIRTUAL_DRIVE)
		return api_refuse(ERROR_INVALID_PARAMETER, "there is no such kind of place");
	if (place == RSM_VIRTUAL_DRIVE)
		return ERROR_SUCCESS;
	if (*number == 0)
		return api_refuse(ERROR_OBJECT_NOT_FOUND, "ports and slots are counted from 1");
	(*number)--;
	return ERROR_SUCCESS;
}

NTMS_EXPORT DWORD RsmVirtualInsert(LPCSTR lpDirectory, DWORD dwPlace, DWORD dwNumber,
				   LPCSTR lpBarCode)
{
	DWORD code = check_place(lpDirectory, dwPlace, &dwNumber);

	if (code)
		return code;
	if (!lpBarCode)
		return api_refuse(ERROR_INVALID_PARAMETER, "the bar code is missing");
	return api_return(person_code(
		virtual_insert(lpDirectory, (enum virtual_place)dwPlace, dwNumber, lpBarCode)));
}

NTMS_EXPORT DWORD RsmVirtualRemove(LPCSTR lpDirectory, DWORD dwPlace, DWORD dwNumber)
{
	DWORD code = check_place(lpDirectory, dwPlace, &dwNumber);

	if (code)
		return code;
	return api_return(
		person_code(virtual_remove(lpDirectory, (enum virtual_place)dwPlace, dwNumber)));
}

NTMS_EXPORT DWORD RsmVirtualDoor(LPCSTR lpDirectory, BOOL bOpen)
{
	DWORD code = check_directory(lpDirectory);

	return code ? code : api_return(person_code(virtual_door(lpDirectory, bOpen)));
}

NTMS_EXPORT DWORD RsmVirtualMagazine(LPCSTR lpDirectory, DWORD dwNumber, BOOL bOut)
{
	DWORD code = check_directory(lpDirectory);

	if (code)
		return code;
	if (dwNumber == 0)
		return api_refuse(ERROR_OBJECT_NOT_FOUND, "magazines are counted from 1");
	return api_return(person_code(virtual_magazine(lpDirectory, dwNumber - 1, bOut)));
}

NTMS_EXPORT DWORD RsmVirtualPlug(LPCSTR lpDirectory, DWORD dwDrive, BOOL bIn)
{
	DWORD code = check_directory(lpDirectory);

	_Static_assert(RSM_VIRTUAL_CHANGER == VIRTUAL_CHANGER, "passed on as it is");
	return code ? code : api_return(person_code(virtual_plug(lpDirectory, dwDrive, bIn)));
}

NTMS_EXPORT DWORD RsmVirtualDirty(LPCSTR lpDirectory, DWORD dwDrive, BOOL bDirty)
{
	DWORD code = check_directory(lpDirectory);

	return code ? code : api_return(person_code(virtual_dirty(lpDirectory, dwDrive, bDirty)));
}

/* ---- faults ---- */

_Static_assert(RSM_FAULT_MOVE == (int)VIRTUAL_MOVE && RSM_FAULT_READY == (int)VIRTUAL_READY &&
		       RSM_FAULT_UNLOAD == (int)VIRTUAL_UNLOAD &&
		       RSM_FAULT_ATTENTION == (int)VIRTUAL_ATTENTION &&
		       RSM_FAULT_LATE == (int)VIRTUAL_LATE,
	       "operations are passed on as they are");

NTMS_EXPORT DWORD RsmVirtualFault(LPCSTR lpDirectory, const RSM_VIRTUAL_FAULT *lpFault)
{
	struct virtual_fault fault;
	DWORD code = check_directory(lpDirectory);
	int error;

	if (code)
		return code;
	if (!lpFault)
		return api_return(person_code(virtual_fault_clear(lpDirectory)));
	/* What is beyond leaves the robot so that only a test gets it on. */
	if (lpFault->dwOperation > RSM_FAULT_LATE)
		return api_refuse(ERROR_INVALID_PARAMETER, "there is no such fault");
	if (lpFault->dwSize != sizeof(*lpFault) || lpFault->bReserved)
		return api_refuse(ERROR_INVALID_PARAMETER,
				  "the fault's dwSize is not its size, or bReserved is not 0");
	fault = (struct virtual_fault){
		.operation = (enum virtual_operation)lpFault->dwOperation,
		.where = lpFault->dwWhere,
		.skip = lpFault->dwSkip,
		.count = lpFault->dwCount,
		.ms = lpFault->dwMilliseconds,
		.key = lpFault->bKey,
		.asc = lpFault->bAsc,
		.ascq = lpFault->bAscq,
	};
	error = virtual_fault_add(lpDirectory, &fault);
	return api_return(error == -EINVAL ? ERROR_INVALID_PARAMETER : person_code(error));
}
