/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/access.h"
#include "core/rights.h"

#define U NTMS_USE_ACCESS
#define M NTMS_MODIFY_ACCESS
#define C NTMS_CONTROL_ACCESS

#define POOL	 NTMS_MEDIA_POOL
#define LIBRARY	 NTMS_LIBRARY
#define COMPUTER NTMS_COMPUTER
#define ITS_TYPE HOLDER_BY_TYPE

/* A Free pool belongs to all who may use it: of these it takes U what other pools take C for. */
#define FREE_POOL "a Free pool"

static const struct right_row rows[RIGHT_COUNT] = {
	[RIGHT_ACCESS_DOOR] = {"AccessNtmsLibraryDoor", NULL, LIBRARY, C},
	[RIGHT_ADD_TYPE] = {"AddNtmsMediaType", NULL, LIBRARY, M},
	[RIGHT_ALLOCATE] = {"AllocateNtmsMedia", NULL, POOL, C},
	[RIGHT_ALLOCATE_FREE] = {"AllocateNtmsMedia", FREE_POOL, POOL, U},
	[RIGHT_CANCEL_LIBRARY_REQUEST] = {"CancelNtmsLibraryRequest", NULL, LIBRARY, C},
	[RIGHT_CANCEL_OPERATOR_REQUEST] = {"CancelNtmsOperatorRequest", NULL, COMPUTER, C},
	[RIGHT_CHANGE_TYPE] = {"ChangeNtmsMediaType", NULL, POOL, M},
	/* As with a move; the table of the reference has no word on it. */
	[RIGHT_CHANGE_TYPE_FREE] = {"ChangeNtmsMediaType", FREE_POOL, POOL, U},
	[RIGHT_CHANGE_TYPE_COMPUTER] = {"ChangeNtmsMediaType", NULL, COMPUTER, M},
	[RIGHT_CLEAN_DRIVE] = {"CleanNtmsDrive", NULL, LIBRARY, C},
	[RIGHT_CREATE_MEDIA] = {"CreateNtmsMedia", NULL, POOL, M},
	[RIGHT_CREATE_MEDIA_COMPUTER] = {"CreateNtmsMedia", NULL, COMPUTER, M},
	[RIGHT_CREATE_POOL_ROOT] = {"CreateNtmsMediaPool", "the root", POOL, C},
	[RIGHT_CREATE_POOL_PARENT] = {"CreateNtmsMediaPool", "the parent", POOL, C},
	/* Nothing is made: it is opened, as GetNtmsMediaPoolName does. */
	[RIGHT_CREATE_POOL_EXISTING] = {"CreateNtmsMediaPool", "the pool itself", POOL, U},
	[RIGHT_DEALLOCATE] = {"DeallocateNtmsMedia", NULL, POOL, C},
	[RIGHT_DEALLOCATE_FREE] = {"DeallocateNtmsMedia", FREE_POOL, POOL, U},
	[RIGHT_DECOMMISSION] = {"DecommissionNtmsMedia", NULL, POOL, C},
	[RIGHT_DELETE_DRIVE] = {"DeleteNtmsDrive", NULL, LIBRARY, M},
	[RIGHT_DELETE_LIBRARY] = {"DeleteNtmsLibrary", NULL, LIBRARY, M},
	[RIGHT_DELETE_MEDIA] = {"DeleteNtmsMedia", NULL, POOL, M},
	[RIGHT_DELETE_MEDIA_COMPUTER] = {"DeleteNtmsMedia", NULL, COMPUTER, M},
	[RIGHT_DELETE_POOL] = {"DeleteNtmsMediaPool", NULL, POOL, M},
	[RIGHT_DELETE_TYPE] = {"DeleteNtmsMediaType", NULL, LIBRARY, M},
	[RIGHT_DELETE_REQUESTS] = {"DeleteNtmsRequests", NULL, COMPUTER, M},
	[RIGHT_DISABLE] = {"DisableNtmsObject", NULL, LIBRARY, M},
	[RIGHT_DISMOUNT_DRIVE] = {"DismountNtmsDrive", NULL, LIBRARY, M},
	[RIGHT_DISMOUNT_MEDIA_POOL] = {"DismountNtmsMedia", NULL, POOL, U},
	[RIGHT_DISMOUNT_MEDIA_LIBRARY] = {"DismountNtmsMedia", NULL, LIBRARY, U},
	[RIGHT_EJECT_DISK] = {"EjectDiskFromSADrive", NULL, LIBRARY, C},
	[RIGHT_EJECT_CLEANER] = {"EjectNtmsCleaner", NULL, LIBRARY, C},
	[RIGHT_EJECT_MEDIA] = {"EjectNtmsMedia", NULL, LIBRARY, C},
	[RIGHT_ENABLE] = {"EnableNtmsObject", NULL, LIBRARY, M},
	[RIGHT_ENUMERATE] = {"EnumerateNtmsObject", NULL, ITS_TYPE, U},
	[RIGHT_EXPORT_DATABASE] = {"ExportNtmsDatabase", NULL, COMPUTER, C},
	[RIGHT_GET_POOL_NAME] = {"GetNtmsMediaPoolName", NULL, POOL, U},
	[RIGHT_GET_ATTRIBUTE] = {"GetNtmsObjectAttribute", NULL, ITS_TYPE, U},
	[RIGHT_GET_INFORMATION] = {"GetNtmsObjectInformation", NULL, ITS_TYPE, U},
	[RIGHT_GET_SECURITY] = {"GetNtmsObjectSecurity", NULL, ITS_TYPE, READ_CONTROL},
	[RIGHT_GET_ORDER] = {"GetNtmsRequestOrder", NULL, COMPUTER, C},
	[RIGHT_GET_UI_OPTIONS] = {"GetNtmsUIOptions", NULL, ITS_TYPE, U},
	[RIGHT_IDENTIFY_SLOT] = {"IdentifyNtmsSlot", NULL, LIBRARY, C},
	[RIGHT_IMPORT_DATABASE] = {"ImportNtmsDatabase", NULL, COMPUTER, C},
	[RIGHT_INJECT_CLEANER] = {"InjectNtmsCleaner", NULL, LIBRARY, C},
	[RIGHT_INJECT_MEDIA] = {"InjectNtmsMedia", NULL, LIBRARY, C},
	[RIGHT_INVENTORY] = {"InventoryNtmsLibrary", NULL, LIBRARY, C},
	[RIGHT_MOUNT_POOL] = {"MountNtmsMedia", NULL, POOL, U},
	[RIGHT_MOUNT_LIBRARY] = {"MountNtmsMedia", NULL, LIBRARY, U},
	[RIGHT_MOVE_TO_POOL] = {"MoveToNtmsMediaPool", NULL, POOL, C},
	[RIGHT_MOVE_TO_POOL_FREE] = {"MoveToNtmsMediaPool", FREE_POOL, POOL, U},
	[RIGHT_OPEN_NOTIFICATION] = {"OpenNtmsNotification", NULL, COMPUTER, U},
	[RIGHT_OPEN_SESSION] = {"OpenNtmsSession", NULL, COMPUTER, U},
	[RIGHT_RELEASE_CLEANER_SLOT] = {"ReleaseNtmsCleanerSlot", NULL, LIBRARY, C},
	[RIGHT_RESERVE_CLEANER_SLOT] = {"ReserveNtmsCleanerSlot", NULL, LIBRARY, C},
	[RIGHT_SATISFY_OPERATOR_REQUEST] = {"SatisfyNtmsOperatorRequest", NULL, COMPUTER, C},
	[RIGHT_SET_COMPLETE] = {"SetNtmsMediaComplete", NULL, POOL, C},
	[RIGHT_SET_ATTRIBUTE] = {"SetNtmsObjectAttribute", NULL, ITS_TYPE, M},
	[RIGHT_SET_INFORMATION] = {"SetNtmsObjectInformation", NULL, ITS_TYPE, M},
	[RIGHT_SET_INFORMATION_LIBRARY] = {"SetNtmsObjectInformation", NULL, LIBRARY, C},
	[RIGHT_SET_SECURITY_DACL] = {"SetNtmsObjectSecurity", "the DACL", ITS_TYPE, WRITE_DAC},
	[RIGHT_SET_SECURITY_OWNER] = {"SetNtmsObjectSecurity", "owner or group", ITS_TYPE,
				      WRITE_OWNER},
	[RIGHT_SET_ORDER] = {"SetNtmsRequestOrder", NULL, COMPUTER, C},
	[RIGHT_SET_UI_OPTIONS] = {"SetNtmsUIOptions", NULL, ITS_TYPE, U | M},
	[RIGHT_SUBMIT_ABOUT_MEDIA] = {"SubmitNtmsOperatorRequest", NULL, POOL, C},
	[RIGHT_SUBMIT_ABOUT_DEVICE] = {"SubmitNtmsOperatorRequest", NULL, LIBRARY, C},
	[RIGHT_SUBMIT_MESSAGE] = {"SubmitNtmsOperatorRequest", NULL, COMPUTER, U},
	[RIGHT_SWAP] = {"SwapNtmsMedia", NULL, POOL, M},
	[RIGHT_UPDATE_OMID] = {"UpdateNtmsOmidInfo", NULL, LIBRARY, C},

	/* The call itself needs none; nobody is told of what he may not see. */
	[RIGHT_WAIT_NOTIFICATION] = {"WaitForNtmsNotification", "what is told", ITS_TYPE, U},

	/* Calls of rsmapi.h. */
	[RIGHT_RSM_DESTINATIONS] = {"RsmRequestDestinations", NULL, ITS_TYPE, U},
	[RIGHT_RSM_MANAGE] = {"RsmManageLibrary", NULL, COMPUTER, M},
	[RIGHT_RSM_UNMANAGE] = {"RsmUnmanageLibrary", NULL, LIBRARY, C},
	[RIGHT_RSM_SERVE] = {"RsmServeLibrary", NULL, LIBRARY, C},
	[RIGHT_RSM_REFRESH_POOL] = {"RsmRefreshLabel", NULL, POOL, U},
	[RIGHT_RSM_REFRESH_LIBRARY] = {"RsmRefreshLabel", NULL, LIBRARY, U},
};

const struct right_row *right_row(enum right right)
{
	return &rows[right];
}

DWORD rights_check(struct txn *txn, const struct caller *caller, enum right right,
		   const struct object *obj)
{
	if (!obj)
		return access_check_computer(txn, caller, rows[right].rights);
	return access_check(txn, caller, obj, rows[right].rights);
}
