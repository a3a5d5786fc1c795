/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include "base/errname.h"

struct error_word {
	DWORD code;
	const char *name;
	const char *text;
};

#define WORD_OF(code, text)       \
	{                         \
		code, #code, text \
	}

static const struct error_word words[] = {
	WORD_OF(ERROR_SUCCESS, "Done."),
	WORD_OF(ERROR_ACCESS_DENIED, "You do not have the right to do this."),
	WORD_OF(ERROR_INVALID_HANDLE, "The session or other handle is not open."),
	WORD_OF(ERROR_NOT_ENOUGH_MEMORY, "There is not enough memory."),
	WORD_OF(ERROR_BAD_FORMAT, "The label on the medium is of no known format."),
	WORD_OF(ERROR_INVALID_DRIVE, "There is no such drive."),
	WORD_OF(ERROR_WRITE_PROTECT, "The medium must not be written."),
	WORD_OF(ERROR_NOT_READY, "The service is starting; try again in a moment."),
	WORD_OF(ERROR_GEN_FAILURE, "A device does not work."),
	WORD_OF(ERROR_SHARING_VIOLATION, "A file is in use by another program."),
	WORD_OF(ERROR_HANDLE_EOF, "The end of the data has been reached."),
	WORD_OF(ERROR_NOT_SUPPORTED, "This is not possible here."),
	WORD_OF(ERROR_INVALID_PARAMETER, "An argument is missing or not valid."),
	WORD_OF(ERROR_CALL_NOT_IMPLEMENTED, "This version of the library cannot do that."),
	WORD_OF(ERROR_INSUFFICIENT_BUFFER, "The buffer given is too small."),
	WORD_OF(ERROR_INVALID_NAME, "The name is not valid."),
	WORD_OF(ERROR_BUSY, "The medium or the drive is in use."),
	WORD_OF(ERROR_ALREADY_EXISTS, "An object of this name exists already."),
	WORD_OF(ERROR_NO_DATA, "There is too much data, or some of it was lost."),
	WORD_OF(ERROR_NO_MORE_ITEMS, "There is nothing more."),
	WORD_OF(ERROR_INVALID_ADDRESS, "The address is not valid."),
	WORD_OF(ERROR_OPERATION_ABORTED, "The operation was broken off."),
	WORD_OF(ERROR_SERVICE_NOT_ACTIVE, "The service has not been started."),
	WORD_OF(ERROR_NO_MEDIA_IN_DRIVE, "The drive is empty."),
	WORD_OF(ERROR_IO_DEVICE, "A device reported an error."),
	WORD_OF(ERROR_CONNECTION_UNAVAIL, "The connection to the service is gone."),
	WORD_OF(ERROR_INVALID_COMPUTERNAME, "This is not the name of a computer."),
	WORD_OF(ERROR_NO_NETWORK, "Other computers cannot be reached."),
	WORD_OF(ERROR_CANCELLED, "The request was cancelled."),
	WORD_OF(ERROR_INVALID_SECURITY_DESCR, "The security descriptor is malformed."),
	WORD_OF(ERROR_NO_SECURITY_ON_OBJECT, "The object has no security descriptor of its own."),
	WORD_OF(ERROR_TIMEOUT, "It could not be done in the time allowed."),
	WORD_OF(RPC_S_INVALID_BOUND, "The buffer given is too small for the answer."),
	WORD_OF(RPC_S_NO_INTERFACES, "The database is of a later version than this library."),
	WORD_OF(ERROR_NOT_CONNECTED, "The service cannot be reached."),
	WORD_OF(ERROR_INVALID_MEDIA, "There is no such medium, or not one of the kind needed."),
	WORD_OF(ERROR_INVALID_LIBRARY, "There is no such library."),
	WORD_OF(ERROR_INVALID_MEDIA_POOL,
		"There is no such media pool, or it does not allow this."),
	WORD_OF(ERROR_DRIVE_MEDIA_MISMATCH, "The drive and the medium are in different libraries."),
	WORD_OF(ERROR_MEDIA_OFFLINE, "The medium is in no library."),
	WORD_OF(ERROR_LIBRARY_OFFLINE, "The library is offline."),
	WORD_OF(ERROR_EMPTY, "The library, drive, slot or pool is empty."),
	WORD_OF(ERROR_NOT_EMPTY, "The library, drive or pool is not empty."),
	WORD_OF(ERROR_MEDIA_UNAVAILABLE, "No medium is available for this."),
	WORD_OF(ERROR_RESOURCE_DISABLED, "A medium, drive or library that is needed is disabled."),
	WORD_OF(ERROR_INVALID_CLEANER, "This is not a usable cleaner."),
	WORD_OF(ERROR_UNABLE_TO_CLEAN, "The drive could not be cleaned."),
	WORD_OF(ERROR_OBJECT_NOT_FOUND, "There is no such object."),
	WORD_OF(ERROR_DATABASE_FAILURE, "The database cannot be used, or is damaged."),
	WORD_OF(ERROR_DATABASE_FULL, "There is no space left for the database."),
	WORD_OF(ERROR_MEDIA_INCOMPATIBLE, "The pool or device is for another type of media."),
	WORD_OF(ERROR_RESOURCE_NOT_PRESENT, "What is needed for this does not exist here."),
	WORD_OF(ERROR_INVALID_OPERATION, "There is no such operation."),
	WORD_OF(ERROR_MEDIA_NOT_AVAILABLE, "The medium is disabled or cannot be used now."),
	WORD_OF(ERROR_DEVICE_NOT_AVAILABLE, "The drive or library is disabled or not there."),
	WORD_OF(ERROR_REQUEST_REFUSED, "The operator refused."),
	WORD_OF(ERROR_INVALID_DRIVE_OBJECT, "The object is not a drive."),
	WORD_OF(ERROR_LIBRARY_FULL, "The library has no free slot."),
	WORD_OF(ERROR_MEDIUM_NOT_ACCESSIBLE, "The robot cannot reach the medium."),
	WORD_OF(ERROR_UNABLE_TO_LOAD_MEDIUM, "The drive could not load the medium."),
	WORD_OF(ERROR_UNABLE_TO_INVENTORY_DRIVE, "The state of a drive cannot be read."),
	WORD_OF(ERROR_UNABLE_TO_INVENTORY_SLOT, "The state of a slot cannot be read."),
	WORD_OF(ERROR_UNABLE_TO_INVENTORY_TRANSPORT, "The state of the robot cannot be read."),
	WORD_OF(ERROR_TRANSPORT_FULL, "The robot is holding a medium."),
	WORD_OF(ERROR_CONTROLLING_IEPORT, "The port does not obey."),
	WORD_OF(ERROR_UNABLE_TO_EJECT_MOUNTED_MEDIA, "A mounted medium cannot be ejected."),
	WORD_OF(ERROR_CLEANER_SLOT_SET, "The library has a cleaner slot already."),
	WORD_OF(ERROR_CLEANER_SLOT_NOT_SET, "The library has no cleaner slot."),
	WORD_OF(ERROR_CLEANER_CARTRIDGE_SPENT, "The cleaner is used up."),
	WORD_OF(ERROR_UNEXPECTED_OMID, "The label on the medium is not the one expected."),
	WORD_OF(ERROR_CANT_DELETE_LAST_ITEM, "The last one cannot be deleted."),
	WORD_OF(ERROR_MESSAGE_EXCEEDS_MAX_SIZE, "The message is too long."),
	WORD_OF(ERROR_VOLUME_CONTAINS_SYS_FILES, "The volume has files that the system is using."),
	WORD_OF(ERROR_INDIGENOUS_TYPE, "A drive of the library is made for this media type."),
	WORD_OF(ERROR_NO_SUPPORTING_DRIVES, "No enabled drive takes this type of media."),
	WORD_OF(ERROR_CLEANER_CARTRIDGE_INSTALLED, "The library has a cleaner already."),
	WORD_OF(ERROR_IEPORT_FULL, "The port is full."),
	WORD_OF(ERROR_RESOURCE_NOT_AVAILABLE, "What is needed for this is not available."),
	WORD_OF(ERROR_INVALID_STATE, "The object is not in a state that allows this."),
};

static const struct error_word *word_of(DWORD code)
{
	static const struct error_word unknown = {0, "ERROR", "An error without a name."};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].code == code)
			return &words[i];
	return &unknown;
}

const char *ntms_error_name(DWORD code)
{
	return word_of(code)->name;
}

const char *ntms_error_text(DWORD code)
{
	return word_of(code)->text;
}
