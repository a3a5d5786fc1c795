// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rights: every row of the table in lib/core/rights.c, by a caller who lacks only what it asks for,
 * and by one who has nothing else.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include "session-test.h"
#include "core/media_type.h"
#include "core/rights.h"
#include "core/sd.h"

#define ALL                                                                                      \
	(NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS | READ_CONTROL | WRITE_DAC | \
	 WRITE_OWNER)
#define DLT 0x21

/* Opening a session goes by who this process is. */
#define SOMEBODY (geteuid() ? geteuid() : 4711)

static NTMS_GUID computer, root, pool, other, lmid, lmid2, side, drive, request, object, dlt;

/* ---- rights of SOMEBODY ---- */

/* These rights on a holder, and nobody else any. */
static void grant(const NTMS_GUID *guid, uint32_t rights)
{
	struct object holder = read_object(guid);
	struct sd_ace ace = {.type = SD_ACE_ALLOW, .mask = rights};
	struct obj_security *security = &holder.computer.security;
	struct sd_sid owner;

	if (holder.type == NTMS_LIBRARY)
		security = &holder.library.security;
	if (holder.type == NTMS_MEDIA_POOL)
		security = &holder.pool.security;
	sd_sid_make(&owner, SD_USER, 0);
	sd_sid_make(&ace.sid, SD_USER, SOMEBODY);
	cr_assert(sd_build(security, &owner, &owner, &ace, 1));
	write_object(&holder);
}

static void grant_everywhere(uint32_t rights)
{
	static const uint32_t types[] = {NTMS_COMPUTER, NTMS_LIBRARY, NTMS_MEDIA_POOL};

	for (size_t i = 0; i < 3; i++) {
		struct txn *txn = begin();
		struct store_key key;
		NTMS_GUID *list;
		size_t count;

		key_start(&key);
		key_u32(&key, types[i]);
		must(store_list(txn, IX_TYPE, &key, 0, &list, &count));
		store_abort(txn);
		for (size_t j = 0; j < count; j++)
			grant(&list[j], rights);
		free(list);
	}
}

/* ---- what is there ---- */

static NTMS_GUID first(DWORD type)
{
	NTMS_GUID list[64];
	DWORD count = 64;

	must(EnumerateNtmsObject(session, NULL, list, &count, type, 0));
	cr_assert_gt(count, 0);
	return list[0];
}

static NTMS_GUID insert(struct object *obj)
{
	struct txn *txn = begin();

	obj->enabled = TRUE;
	must(store_insert(txn, obj));
	must(store_commit(txn));
	return obj->guid;
}

static void prepare(void)
{
	computer = first(NTMS_COMPUTER);
	root = read_object(&computer).computer.root_pool;
	drive = first(NTMS_DRIVE);
	pool = make_pool("A");
	other = make_pool("B");
	place_in(&tapes[0], &pool, NTMS_PARTSTATE_AVAILABLE);
	side = side_of(&tapes[0], 0);
}

static void allocated(void)
{
	must(AllocateNtmsMedia(session, &pool, &side, &lmid, 0, 0, NULL));
}

static void two_allocated(void)
{
	NTMS_GUID second = side_of(&tapes[1], 0);

	allocated();
	place_in(&tapes[1], &other, NTMS_PARTSTATE_AVAILABLE);
	must(AllocateNtmsMedia(session, &other, &second, &lmid2, 0, 0, NULL));
}

static void draws_from_free(void)
{
	place_in(&tapes[0], &free_lto, NTMS_PARTSTATE_AVAILABLE);
	set_policy(&pool, NTMS_ALLOCATE_FROMSCRATCH, NTMS_DEALLOCATE_TOSCRATCH, 0);
}

static void drawn_from_free(void)
{
	draws_from_free();
	allocated();
}

static DWORD mount(void)
{
	NTMS_GUID any = NTMS_NULLGUID;

	return MountNtmsMedia(session, &side, &any, 1, NTMS_MOUNT_READ, NTMS_PRIORITY_NORMAL, 60000,
			      NULL);
}

static void mounted(void)
{
	struct object record;

	must(mount());
	record = read_object(&tapes[0]);
	drive = record.media.location;
}

static void offline(const NTMS_GUID *guid)
{
	struct object media = read_object(guid);
	struct txn *txn = begin();

	must(media_leave(txn, &media));
	must(store_commit(txn));
}

static void gone_offline(void)
{
	offline(&tapes[0]);
}

static void not_present(const NTMS_GUID *guid)
{
	struct object obj = read_object(guid);

	obj.opstate = NTMS_NOT_PRESENT;
	write_object(&obj);
}

static void drive_gone(void)
{
	not_present(&drive);
}

static void library_gone(void)
{
	make_absent(&library);
}

static void drive_disabled(void)
{
	must(DisableNtmsObject(session, NTMS_DRIVE, &drive));
}

static void another_type(void)
{
	struct txn *txn = begin();

	must(media_type_ensure(txn, DLT, NULL, &dlt));
	must(store_commit(txn));
	must(CreateNtmsMediaPoolA(session, "DLT", &dlt, NTMS_CREATE_NEW, NULL, &other));
}

static void free_of_another_type(void)
{
	struct txn *txn;

	another_type();
	txn = begin();
	must(media_type_pool(txn, &dlt, NTMS_POOLTYPE_SCRATCH, &other));
	store_abort(txn);
}

static void type_added(void)
{
	another_type();
	must(AddNtmsMediaType(session, &dlt, &library));
}

static void request_in(uint32_t state)
{
	struct object obj = {.type = NTMS_LIBREQUEST};

	obj.librequest.library = library;
	obj.librequest.operation = NTMS_LM_MOUNT;
	obj.librequest.state = state;
	obj.librequest.completed_ms = 1;
	request = insert(&obj);
}

static void request_queued(void)
{
	request_in(NTMS_LM_DEFERRED);
}

static void request_over(void)
{
	request_in(NTMS_LM_PASSED);
}

static void message_sent(void)
{
	must(SubmitNtmsOperatorRequestA(session, NTMS_OPREQ_MESSAGE, "hello", NULL, NULL,
					&request));
}

/* ---- the calls ---- */

static DWORD add_type(void)
{
	return AddNtmsMediaType(session, &dlt, &library);
}

static DWORD delete_type(void)
{
	return DeleteNtmsMediaType(session, &dlt, &library);
}

static DWORD allocate(void)
{
	return AllocateNtmsMedia(session, &pool, NULL, &lmid, NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0,
				 NULL);
}

static DWORD allocate_given(void)
{
	return AllocateNtmsMedia(session, &other, &side, &lmid, 0, 0, NULL);
}

static DWORD deallocate_it(void)
{
	return DeallocateNtmsMedia(session, &lmid, 0);
}

static DWORD swap(void)
{
	return SwapNtmsMedia(session, &lmid, &lmid2);
}

static DWORD complete(void)
{
	return SetNtmsMediaComplete(session, &lmid);
}

static DWORD decommission_it(void)
{
	return DecommissionNtmsMedia(session, &side);
}

static DWORD cancel_request(void)
{
	return CancelNtmsLibraryRequest(session, &request);
}

static DWORD get_order(void)
{
	DWORD order;

	return GetNtmsRequestOrder(session, &request, &order);
}

static DWORD set_order(void)
{
	return SetNtmsRequestOrder(session, &request, 1);
}

static DWORD delete_requests(void)
{
	return DeleteNtmsRequests(session, &request, NTMS_LIBREQUEST, 1);
}

static DWORD cancel_message(void)
{
	return CancelNtmsOperatorRequest(session, &request);
}

static DWORD satisfy_message(void)
{
	return SatisfyNtmsOperatorRequest(session, &request);
}

static DWORD change_type(void)
{
	return ChangeNtmsMediaType(session, &tapes[0], &other);
}

static DWORD move_to_other(void)
{
	return MoveToNtmsMediaPool(session, &tapes[0], &other);
}

static DWORD move_to_free(void)
{
	return MoveToNtmsMediaPool(session, &tapes[0], &free_lto);
}

static void in_free(void)
{
	place_in(&tapes[0], &free_lto, NTMS_PARTSTATE_AVAILABLE);
}

static DWORD create_media(void)
{
	NTMS_OBJECTINFORMATIONA media = {.dwSize = sizeof(media), .dwType = NTMS_PHYSICAL_MEDIA};
	NTMS_OBJECTINFORMATIONA sides = {.dwSize = sizeof(sides), .dwType = NTMS_PARTITION};

	media.Enabled = sides.Enabled = TRUE;
	media.Info.PhysicalMedia.MediaPool = pool;
	media.Info.PhysicalMedia.dwNumberOfPartitions = 1;
	snprintf(media.Info.PhysicalMedia.szBarCode, NTMS_BARCODE_LENGTH, "NEW001L8");
	sides.Info.Partition.State = NTMS_PARTSTATE_IMPORT;
	sides.Info.Partition.dwOmidLabelIdLength = 1;
	sides.Info.Partition.OmidLabelId[0] = 'x';
	snprintf(sides.Info.Partition.szOmidLabelType, NTMS_OMIDLABELTYPE_LENGTH, "tar");
	return CreateNtmsMediaA(session, &media, &sides, 0);
}

static DWORD delete_media(void)
{
	return DeleteNtmsMedia(session, &tapes[0]);
}

static DWORD create_pool(void)
{
	NTMS_GUID made;

	return CreateNtmsMediaPoolA(session, "A\\new", &lto, NTMS_CREATE_NEW, NULL, &made);
}

static DWORD open_pool(void)
{
	NTMS_GUID found;

	return CreateNtmsMediaPoolA(session, "A", NULL, NTMS_OPEN_EXISTING, NULL, &found);
}

static DWORD pool_name(void)
{
	char name[256];
	DWORD size = sizeof(name);

	return GetNtmsMediaPoolNameA(session, &pool, name, &size);
}

static DWORD delete_pool(void)
{
	return DeleteNtmsMediaPool(session, &other);
}

static DWORD delete_drive(void)
{
	return DeleteNtmsDrive(session, &drive);
}

static DWORD delete_library(void)
{
	return DeleteNtmsLibrary(session, &library);
}

static DWORD disable(void)
{
	return DisableNtmsObject(session, NTMS_DRIVE, &drive);
}

static DWORD enable(void)
{
	return EnableNtmsObject(session, NTMS_DRIVE, &drive);
}

static DWORD dismount_drive(void)
{
	return DismountNtmsDrive(session, &drive);
}

static DWORD dismount_media(void)
{
	return DismountNtmsMedia(session, &side, 1, NTMS_DISMOUNT_IMMEDIATE);
}

static DWORD eject_cleaner(void)
{
	return EjectNtmsCleaner(session, &library, &object, NTMS_EJECT_START);
}

static DWORD inject_cleaner(void)
{
	return InjectNtmsCleaner(session, &library, &object, 20, NTMS_INJECT_START);
}

static DWORD clean(void)
{
	return CleanNtmsDrive(session, &drive);
}

static DWORD inventory(void)
{
	return InventoryNtmsLibrary(session, &library, NTMS_INVENTORY_FAST);
}

static DWORD access_door(void)
{
	return AccessNtmsLibraryDoor(session, &library, NTMS_INVENTORY_NONE);
}

static DWORD eject(void)
{
	NTMS_GUID operation;

	return EjectNtmsMedia(session, &tapes[0], &operation, NTMS_EJECT_START);
}

static DWORD inject(void)
{
	NTMS_GUID operation;

	return InjectNtmsMedia(session, &library, &operation, NTMS_INJECT_START);
}

static DWORD open_notification(void)
{
	HANDLE notification = OpenNtmsNotification(session, NTMS_DRIVE);

	if (notification == INVALID_HANDLE_VALUE)
		return GetLastError();
	return CloseNtmsNotification(notification);
}

/* Not by the session that there is: by another of this process. */
static DWORD open_session(void)
{
	uid_t before = geteuid();
	HANDLE opened;
	DWORD code;

	cr_assert_eq(seteuid(SOMEBODY), 0);
	opened = OpenNtmsSessionA(NULL, "second", 0);
	code = opened == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
	cr_assert_eq(seteuid(before), 0);
	return code ? code : CloseNtmsSession(opened);
}

static DWORD submit(DWORD command, NTMS_GUID *arg1, NTMS_GUID *arg2)
{
	NTMS_GUID made;

	return SubmitNtmsOperatorRequestA(session, command, "please", arg1, arg2, &made);
}

static DWORD submit_new_media(void)
{
	return submit(NTMS_OPREQ_NEWMEDIA, &pool, NULL);
}

static DWORD submit_move_media(void)
{
	return submit(NTMS_OPREQ_MOVEMEDIA, &tapes[0], &library);
}

static DWORD submit_cleaner(void)
{
	return submit(NTMS_OPREQ_CLEANER, &library, NULL);
}

static DWORD submit_service(void)
{
	return submit(NTMS_OPREQ_DEVICESERVICE, &drive, NULL);
}

static DWORD submit_service_of_media(void)
{
	return submit(NTMS_OPREQ_DEVICESERVICE, &tapes[0], NULL);
}

static DWORD submit_message(void)
{
	return submit(NTMS_OPREQ_MESSAGE, NULL, NULL);
}

static DWORD update_omid(void)
{
	NTMS_FILESYSTEM_INFO info = {.FileSystemType = u"ext4", .VolumeName = u"x"};

	return UpdateNtmsOmidInfo(session, &lmid, NTMS_OMID_TYPE_FILESYSTEM_INFO, sizeof(info),
				  &info);
}

static DWORD export_it(void)
{
	return ExportNtmsDatabase(session);
}

static void exported(void)
{
	must(ExportNtmsDatabase(session));
}

static DWORD import_it(void)
{
	return ImportNtmsDatabase(session);
}

static DWORD manage_it(void)
{
	NTMS_GUID managed;

	return RsmManageLibrary(session, "all the same", &managed);
}

static DWORD unmanage(void)
{
	return RsmUnmanageLibrary(session, &library);
}

static DWORD serve(void)
{
	DWORD code = RsmServeLibrary(session, &library, TRUE);

	return code ? code : RsmServeLibrary(session, &library, FALSE);
}

static DWORD refresh_label(void)
{
	return RsmRefreshLabel(session, &side);
}

static DWORD dismount_media_labelled(void)
{
	return RsmDismountMedia(session, &side, 1, NTMS_DISMOUNT_IMMEDIATE, 60000);
}

static DWORD dismount_drive_labelled(void)
{
	return RsmDismountDrive(session, &drive, 60000);
}

static DWORD destinations(void)
{
	char text[256];
	DWORD size = sizeof(text);

	return RsmRequestDestinations(session, &request, text, &size);
}

/* ---- calls for objects of many types ---- */

static DWORD get_attribute(void)
{
	char data[16];
	DWORD size = sizeof(data);

	return GetNtmsObjectAttributeA(session, &object, NTMS_UNKNOWN, "a", data, &size);
}

static DWORD set_attribute(void)
{
	return SetNtmsObjectAttributeA(session, &object, NTMS_UNKNOWN, "a", "data", 5);
}

static DWORD get_information(void)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info)};

	return GetNtmsObjectInformationA(session, &object, &info);
}

static DWORD set_information(void)
{
	static NTMS_OBJECTINFORMATIONA info;

	/* What there is is set again: read as the system's administrator. */
	info = (NTMS_OBJECTINFORMATIONA){.dwSize = sizeof(info)};
	become(0);
	must(GetNtmsObjectInformationA(session, &object, &info));
	become(SOMEBODY);
	return SetNtmsObjectInformationA(session, &object, &info);
}

static DWORD list_inside(void)
{
	NTMS_GUID list[64];
	DWORD count = 64, type = NTMS_PHYSICAL_MEDIA;

	if (guid_equal(&object, &tapes[0]))
		type = NTMS_PARTITION;
	return EnumerateNtmsObject(session, &object, list, &count, type, 0);
}

static DWORD get_security(void)
{
	uint8_t bytes[OBJ_SD_MAX];
	DWORD needed;

	return GetNtmsObjectSecurity(session, &object, NTMS_UNKNOWN, DACL_SECURITY_INFORMATION,
				     bytes, sizeof(bytes), &needed);
}

static DWORD set_security(uint32_t parts)
{
	struct obj_security security;
	struct sd_ace ace = {.type = SD_ACE_ALLOW, .mask = NTMS_USE_ACCESS};
	struct sd_sid owner;

	sd_sid_make(&owner, SD_USER, 0);
	sd_sid_make(&ace.sid, SD_EVERYONE, 0);
	cr_assert(sd_build(&security, &owner, &owner, &ace, 1));
	return SetNtmsObjectSecurity(session, &object, NTMS_UNKNOWN, parts, security.bytes);
}

static DWORD set_dacl(void)
{
	return set_security(DACL_SECURITY_INFORMATION);
}

static DWORD set_owner(void)
{
	return set_security(OWNER_SECURITY_INFORMATION);
}

static DWORD set_group(void)
{
	return set_security(GROUP_SECURITY_INFORMATION);
}

static DWORD get_ui(void)
{
	char names[64];
	DWORD size = sizeof(names);

	return GetNtmsUIOptionsA(session, &object, NTMS_UITYPE_INFO, names, &size);
}

static DWORD set_ui(void)
{
	return SetNtmsUIOptionsA(session, &object, NTMS_UITYPE_INFO, NTMS_UIDEST_ADD, "here");
}

static void at_pool(void)
{
	object = pool;
}

static void at_media(void)
{
	object = tapes[0];
}

static void at_side(void)
{
	object = side;
}

static void at_library(void)
{
	object = library;
}

static void at_drive(void)
{
	object = drive;
}

static void at_computer(void)
{
	object = computer;
}

static void at_type(void)
{
	object = lto;
}

/* ---- the scenarios ---- */

/* One way to come to a call, and all rights that it then takes, by the holders of these. */
struct scenario {
	const char *name;
	void (*prepare)(void);
	DWORD (*call)(void);
	struct {
		enum right right;
		const NTMS_GUID *holder;
	} needs[3];
};

#define NEEDS(right, holder)     \
	{                        \
		right, &(holder) \
	}
#define BY_TYPE(right, call)                                                             \
	{#call " of a pool", at_pool, call, {NEEDS(right, pool)}},                       \
		{#call " of a cartridge", at_media, call, {NEEDS(right, pool)}},         \
		{#call " of a side", at_side, call, {NEEDS(right, pool)}},               \
		{#call " of a drive", at_drive, call, {NEEDS(right, library)}},          \
		{#call " of the computer", at_computer, call, {NEEDS(right, computer)}}, \
	{                                                                                \
#call " of a media type", at_type, call,                                 \
		{                                                                        \
			NEEDS(right, computer)                                           \
		}                                                                        \
	}
/* Of those that have a descriptor. */
#define BY_HOLDER(right, call)                                                      \
	{#call " of a pool", at_pool, call, {NEEDS(right, pool)}},                  \
		{#call " of a library", at_library, call, {NEEDS(right, library)}}, \
	{                                                                           \
#call " of the computer", at_computer, call,                        \
		{                                                                   \
			NEEDS(right, computer)                                      \
		}                                                                   \
	}

static const struct scenario scenarios[] = {
	{"add a type", another_type, add_type, {NEEDS(RIGHT_ADD_TYPE, library)}},
	{"delete a type", type_added, delete_type, {NEEDS(RIGHT_DELETE_TYPE, library)}},
	{"allocate", NULL, allocate, {NEEDS(RIGHT_ALLOCATE, pool)}},
	{"allocate from Free",
	 draws_from_free,
	 allocate,
	 {NEEDS(RIGHT_ALLOCATE, pool), NEEDS(RIGHT_ALLOCATE_FREE, free_lto)}},
	{"allocate a given side of Free",
	 in_free,
	 allocate_given,
	 {NEEDS(RIGHT_ALLOCATE, other), NEEDS(RIGHT_ALLOCATE_FREE, free_lto)}},
	{"cancel a library request",
	 request_queued,
	 cancel_request,
	 {NEEDS(RIGHT_CANCEL_LIBRARY_REQUEST, library)}},
	{"cancel an operator request",
	 message_sent,
	 cancel_message,
	 {NEEDS(RIGHT_CANCEL_OPERATOR_REQUEST, computer)}},
	{"satisfy an operator request",
	 message_sent,
	 satisfy_message,
	 {NEEDS(RIGHT_SATISFY_OPERATOR_REQUEST, computer)}},
	{"correct a type",
	 another_type,
	 change_type,
	 {NEEDS(RIGHT_CHANGE_TYPE, pool), NEEDS(RIGHT_CHANGE_TYPE, other),
	  NEEDS(RIGHT_CHANGE_TYPE_COMPUTER, computer)}},
	{"correct a type, into Free",
	 free_of_another_type,
	 change_type,
	 {NEEDS(RIGHT_CHANGE_TYPE, pool), NEEDS(RIGHT_CHANGE_TYPE_FREE, other),
	  NEEDS(RIGHT_CHANGE_TYPE_COMPUTER, computer)}},
	{"enter media",
	 NULL,
	 create_media,
	 {NEEDS(RIGHT_CREATE_MEDIA, pool), NEEDS(RIGHT_CREATE_MEDIA_COMPUTER, computer)}},
	{"delete media",
	 gone_offline,
	 delete_media,
	 {NEEDS(RIGHT_DELETE_MEDIA, pool), NEEDS(RIGHT_DELETE_MEDIA_COMPUTER, computer)}},
	{"make a pool",
	 NULL,
	 create_pool,
	 {NEEDS(RIGHT_CREATE_POOL_ROOT, root), NEEDS(RIGHT_CREATE_POOL_PARENT, pool)}},
	{"open a pool", NULL, open_pool, {NEEDS(RIGHT_CREATE_POOL_EXISTING, pool)}},
	{"name a pool", NULL, pool_name, {NEEDS(RIGHT_GET_POOL_NAME, pool)}},
	{"delete a pool", NULL, delete_pool, {NEEDS(RIGHT_DELETE_POOL, other)}},
	{"deallocate", allocated, deallocate_it, {NEEDS(RIGHT_DEALLOCATE, pool)}},
	{"deallocate to Free",
	 drawn_from_free,
	 deallocate_it,
	 {NEEDS(RIGHT_DEALLOCATE, pool), NEEDS(RIGHT_DEALLOCATE_FREE, free_lto)}},
	{"decommission", NULL, decommission_it, {NEEDS(RIGHT_DECOMMISSION, pool)}},
	{"delete a drive", drive_gone, delete_drive, {NEEDS(RIGHT_DELETE_DRIVE, library)}},
	{"delete a library", library_gone, delete_library, {NEEDS(RIGHT_DELETE_LIBRARY, library)}},
	{"delete requests",
	 request_over,
	 delete_requests,
	 {NEEDS(RIGHT_DELETE_REQUESTS, computer)}},
	{"disable", NULL, disable, {NEEDS(RIGHT_DISABLE, library)}},
	{"enable", drive_disabled, enable, {NEEDS(RIGHT_ENABLE, library)}},
	{"dismount a drive", mounted, dismount_drive, {NEEDS(RIGHT_DISMOUNT_DRIVE, library)}},
	{"dismount media",
	 mounted,
	 dismount_media,
	 {NEEDS(RIGHT_DISMOUNT_MEDIA_POOL, pool), NEEDS(RIGHT_DISMOUNT_MEDIA_LIBRARY, library)}},
	{"mount media",
	 NULL,
	 mount,
	 {NEEDS(RIGHT_MOUNT_POOL, pool), NEEDS(RIGHT_MOUNT_LIBRARY, library)}},
	{"list the media of a pool", at_pool, list_inside, {NEEDS(RIGHT_ENUMERATE, pool)}},
	{"list the sides of a cartridge", at_media, list_inside, {NEEDS(RIGHT_ENUMERATE, pool)}},
	{"list the media of a library", at_library, list_inside, {NEEDS(RIGHT_ENUMERATE, library)}},
	BY_TYPE(RIGHT_GET_ATTRIBUTE, get_attribute),
	BY_TYPE(RIGHT_SET_ATTRIBUTE, set_attribute),
	BY_TYPE(RIGHT_GET_INFORMATION, get_information),
	BY_TYPE(RIGHT_SET_INFORMATION, set_information),
	{"set_information of a library",
	 at_library,
	 set_information,
	 {NEEDS(RIGHT_SET_INFORMATION_LIBRARY, library)}},
	BY_HOLDER(RIGHT_GET_SECURITY, get_security),
	BY_HOLDER(RIGHT_SET_SECURITY_DACL, set_dacl),
	BY_HOLDER(RIGHT_SET_SECURITY_OWNER, set_owner),
	BY_HOLDER(RIGHT_SET_SECURITY_OWNER, set_group),
	{"destinations of a library", at_library, get_ui, {NEEDS(RIGHT_GET_UI_OPTIONS, library)}},
	{"destinations of the computer",
	 at_computer,
	 get_ui,
	 {NEEDS(RIGHT_GET_UI_OPTIONS, computer)}},
	{"a destination for a library", at_library, set_ui, {NEEDS(RIGHT_SET_UI_OPTIONS, library)}},
	{"a destination for the computer",
	 at_computer,
	 set_ui,
	 {NEEDS(RIGHT_SET_UI_OPTIONS, computer)}},
	{"place in the queue", request_queued, get_order, {NEEDS(RIGHT_GET_ORDER, computer)}},
	{"another place in the queue",
	 request_queued,
	 set_order,
	 {NEEDS(RIGHT_SET_ORDER, computer)}},
	{"access the door", NULL, access_door, {NEEDS(RIGHT_ACCESS_DOOR, library)}},
	{"eject the cleaner", NULL, eject_cleaner, {NEEDS(RIGHT_EJECT_CLEANER, library)}},
	{"inject a cleaner", NULL, inject_cleaner, {NEEDS(RIGHT_INJECT_CLEANER, library)}},
	{"clean a drive", NULL, clean, {NEEDS(RIGHT_CLEAN_DRIVE, library)}},
	{"eject media", NULL, eject, {NEEDS(RIGHT_EJECT_MEDIA, library)}},
	{"inject media", NULL, inject, {NEEDS(RIGHT_INJECT_MEDIA, library)}},
	{"inventory", NULL, inventory, {NEEDS(RIGHT_INVENTORY, library)}},
	{"move to a pool",
	 NULL,
	 move_to_other,
	 {NEEDS(RIGHT_MOVE_TO_POOL, pool), NEEDS(RIGHT_MOVE_TO_POOL, other)}},
	{"move to Free",
	 NULL,
	 move_to_free,
	 {NEEDS(RIGHT_MOVE_TO_POOL, pool), NEEDS(RIGHT_MOVE_TO_POOL_FREE, free_lto)}},
	{"move out of Free",
	 in_free,
	 move_to_other,
	 {NEEDS(RIGHT_MOVE_TO_POOL_FREE, free_lto), NEEDS(RIGHT_MOVE_TO_POOL, other)}},
	{"be notified", NULL, open_notification, {NEEDS(RIGHT_OPEN_NOTIFICATION, computer)}},
	{"open a session", NULL, open_session, {NEEDS(RIGHT_OPEN_SESSION, computer)}},
	{"declare complete", allocated, complete, {NEEDS(RIGHT_SET_COMPLETE, pool)}},
	{"ask for new media", NULL, submit_new_media, {NEEDS(RIGHT_SUBMIT_ABOUT_MEDIA, pool)}},
	{"ask for a cartridge", NULL, submit_move_media, {NEEDS(RIGHT_SUBMIT_ABOUT_MEDIA, pool)}},
	{"ask for a cleaner", NULL, submit_cleaner, {NEEDS(RIGHT_SUBMIT_ABOUT_DEVICE, library)}},
	{"ask for service", NULL, submit_service, {NEEDS(RIGHT_SUBMIT_ABOUT_DEVICE, library)}},
	{"ask for service of a cartridge",
	 NULL,
	 submit_service_of_media,
	 {NEEDS(RIGHT_SUBMIT_ABOUT_DEVICE, library)}},
	{"send a message", NULL, submit_message, {NEEDS(RIGHT_SUBMIT_MESSAGE, computer)}},
	{"swap", two_allocated, swap, {NEEDS(RIGHT_SWAP, pool), NEEDS(RIGHT_SWAP, other)}},
	{"record a label", allocated, update_omid, {NEEDS(RIGHT_UPDATE_OMID, library)}},
	{"export", NULL, export_it, {NEEDS(RIGHT_EXPORT_DATABASE, computer)}},
	{"import", exported, import_it, {NEEDS(RIGHT_IMPORT_DATABASE, computer)}},
	{"manage a library", NULL, manage_it, {NEEDS(RIGHT_RSM_MANAGE, computer)}},
	{"give a library back", NULL, unmanage, {NEEDS(RIGHT_RSM_UNMANAGE, library)}},
	{"work a library for all", NULL, serve, {NEEDS(RIGHT_RSM_SERVE, library)}},
	{"read a label again",
	 mounted,
	 refresh_label,
	 {NEEDS(RIGHT_RSM_REFRESH_POOL, pool), NEEDS(RIGHT_RSM_REFRESH_LIBRARY, library)}},
	{"dismount media with their labels",
	 mounted,
	 dismount_media_labelled,
	 {NEEDS(RIGHT_DISMOUNT_MEDIA_POOL, pool), NEEDS(RIGHT_DISMOUNT_MEDIA_LIBRARY, library)}},
	{"dismount a drive with its label",
	 mounted,
	 dismount_drive_labelled,
	 {NEEDS(RIGHT_DISMOUNT_DRIVE, library)}},
	{"who is told of a message",
	 message_sent,
	 destinations,
	 {NEEDS(RIGHT_RSM_DESTINATIONS, computer)}},
	{"who is told of a library request",
	 request_queued,
	 destinations,
	 {NEEDS(RIGHT_RSM_DESTINATIONS, library)}},
};

#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))
#define NEEDS_MAX 3

/* Whom nothing is told of what he may not see is not refused anything: test-notify.c. Those that
 * need another library than ours: test-standalone.c, test-identify.c, test-cleaner.c. */
static const enum right elsewhere[] = {
	RIGHT_WAIT_NOTIFICATION,    RIGHT_EJECT_DISK,		RIGHT_IDENTIFY_SLOT,
	RIGHT_RELEASE_CLEANER_SLOT, RIGHT_RESERVE_CLEANER_SLOT,
};

static void lacking(const struct scenario *scenario, const NTMS_GUID *holder, uint32_t right)
{
	uint64_t before;
	DWORD code;

	grant_everywhere(ALL);
	grant(holder, ALL & ~right);
	before = newest_change();
	become(SOMEBODY);
	code = scenario->call();
	cr_expect_neq(RsmLastMessage()[0], '\0', "%s: nothing is said", scenario->name);
	become(0);
	cr_expect_eq(code, ERROR_ACCESS_DENIED, "%s without right 0x%x: %s", scenario->name, right,
		     RsmErrorName(code));
	cr_expect_eq(newest_change(), before, "%s: the refused call changed something",
		     scenario->name);
}

static void nothing_else(const struct scenario *scenario)
{
	uint32_t rights[NEEDS_MAX] = {0};
	DWORD code;

	grant_everywhere(0);
	for (size_t i = 0; i < NEEDS_MAX && scenario->needs[i].holder; i++) {
		for (size_t j = 0; j < NEEDS_MAX && scenario->needs[j].holder; j++)
			if (guid_equal(scenario->needs[i].holder, scenario->needs[j].holder))
				rights[i] |= right_row(scenario->needs[j].right)->rights;
		grant(scenario->needs[i].holder, rights[i]);
	}
	become(SOMEBODY);
	code = scenario->call();
	become(0);
	cr_expect_neq(code, ERROR_ACCESS_DENIED, "%s with all rights it takes: %s", scenario->name,
		      RsmLastMessage());
}

ParameterizedTestParameters(rights, scenario)
{
	static int numbers[SCENARIOS];

	for (size_t i = 0; i < SCENARIOS; i++)
		numbers[i] = (int)i;
	return cr_make_param_array(int, numbers, SCENARIOS);
}

ParameterizedTest(int *number, rights, scenario, .init = open_library, .fini = close_library)
{
	const struct scenario *scenario = &scenarios[*number];

	prepare();
	if (scenario->prepare)
		scenario->prepare();
	for (size_t i = 0; i < NEEDS_MAX && scenario->needs[i].holder; i++) {
		const struct right_row *row = right_row(scenario->needs[i].right);
		uint32_t type = read_object(scenario->needs[i].holder).type;

		cr_assert(row->holder == HOLDER_BY_TYPE || row->holder == type,
			  "%s: another holder than the table says", scenario->name);
		for (uint32_t right = 1; right <= row->rights; right <<= 1)
			if (row->rights & right)
				lacking(scenario, scenario->needs[i].holder, right);
	}
	nothing_else(scenario);
}

/* Without a container a list is not refused: it has what the caller may see. */
Test(rights, lists_leave_out_what_is_hidden, .init = open_library, .fini = close_library)
{
	static const DWORD types[] = {NTMS_MEDIA_TYPE, NTMS_DRIVE, NTMS_PHYSICAL_MEDIA};
	const NTMS_GUID *const holders[] = {&computer, &library, &unrecognized_lto};

	prepare();
	for (size_t i = 0; i < 3; i++) {
		NTMS_GUID list[64];
		DWORD all = 64, some = 64;

		must(EnumerateNtmsObject(session, NULL, list, &all, types[i], 0));
		grant_everywhere(ALL);
		grant(holders[i], ALL & ~right_row(RIGHT_ENUMERATE)->rights);
		become(SOMEBODY);
		must(EnumerateNtmsObject(session, NULL, list, &some, types[i], 0));
		become(0);
		cr_expect_lt(some, all);
		grant_everywhere(0);
		grant(holders[i], right_row(RIGHT_ENUMERATE)->rights);
		become(SOMEBODY);
		some = 64;
		must(EnumerateNtmsObject(session, NULL, list, &some, types[i], 0));
		become(0);
		cr_expect_gt(some, 0);
	}
}

/* ---- the table as a whole ---- */

static bool has_scenario(enum right right)
{
	for (size_t i = 0; i < SCENARIOS; i++)
		for (size_t j = 0; j < NEEDS_MAX && scenarios[i].needs[j].holder; j++)
			if (scenarios[i].needs[j].right == right)
				return true;
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (elsewhere[i] == right)
			return true;
	return false;
}

Test(rights_table, each_row_has_a_scenario)
{
	for (int right = 0; right < RIGHT_COUNT; right++) {
		const struct right_row *row = right_row((enum right)right);

		cr_assert_not_null(row->call, "row %d is empty", right);
		cr_expect(has_scenario((enum right)right), "no scenario for a row of %s",
			  row->call);
	}
}

/* Reference 7.3, written down a second time: pool, library, computer. A call that takes a right of
 * objects by their types has it in all three columns. */
static const struct {
	const char *call, *columns[3];
} reference[] = {
	{"AccessNtmsLibraryDoor", {"", "C", ""}},
	{"AddNtmsMediaType", {"", "M", ""}},
	{"AllocateNtmsMedia", {"CU", "", ""}},
	{"CancelNtmsLibraryRequest", {"", "C", ""}},
	{"CancelNtmsOperatorRequest", {"", "", "C"}},
	{"ChangeNtmsMediaType", {"MU", "", "M"}},
	{"CleanNtmsDrive", {"", "C", ""}},
	{"CreateNtmsMedia", {"M", "", "M"}},
	{"CreateNtmsMediaPool", {"CCU", "", ""}},
	{"DeallocateNtmsMedia", {"CU", "", ""}},
	{"DecommissionNtmsMedia", {"C", "", ""}},
	{"DeleteNtmsDrive", {"", "M", ""}},
	{"DeleteNtmsLibrary", {"", "M", ""}},
	{"DeleteNtmsMedia", {"M", "", "M"}},
	{"DeleteNtmsMediaPool", {"M", "", ""}},
	{"DeleteNtmsMediaType", {"", "M", ""}},
	{"DeleteNtmsRequests", {"", "", "M"}},
	{"DisableNtmsObject", {"", "M", ""}},
	{"DismountNtmsDrive", {"", "M", ""}},
	{"DismountNtmsMedia", {"U", "U", ""}},
	{"EjectDiskFromSADrive", {"", "C", ""}},
	{"EjectNtmsCleaner", {"", "C", ""}},
	{"EjectNtmsMedia", {"", "C", ""}},
	{"EnableNtmsObject", {"", "M", ""}},
	{"EnumerateNtmsObject", {"U", "U", "U"}},
	{"ExportNtmsDatabase", {"", "", "C"}},
	{"GetNtmsMediaPoolName", {"U", "", ""}},
	{"GetNtmsObjectAttribute", {"U", "U", "U"}},
	{"GetNtmsObjectInformation", {"U", "U", "U"}},
	{"GetNtmsObjectSecurity", {"R", "R", "R"}},
	{"GetNtmsRequestOrder", {"", "", "C"}},
	{"GetNtmsUIOptions", {"U", "U", "U"}},
	{"IdentifyNtmsSlot", {"", "C", ""}},
	{"ImportNtmsDatabase", {"", "", "C"}},
	{"InjectNtmsCleaner", {"", "C", ""}},
	{"InjectNtmsMedia", {"", "C", ""}},
	{"InventoryNtmsLibrary", {"", "C", ""}},
	{"MountNtmsMedia", {"U", "U", ""}},
	{"MoveToNtmsMediaPool", {"CU", "", ""}},
	{"OpenNtmsNotification", {"", "", "U"}},
	{"OpenNtmsSession", {"", "", "U"}},
	{"ReleaseNtmsCleanerSlot", {"", "C", ""}},
	{"ReserveNtmsCleanerSlot", {"", "C", ""}},
	{"SatisfyNtmsOperatorRequest", {"", "", "C"}},
	{"SetNtmsMediaComplete", {"C", "", ""}},
	{"SetNtmsObjectAttribute", {"M", "M", "M"}},
	{"SetNtmsObjectInformation", {"M", "MC", "M"}},
	{"SetNtmsObjectSecurity", {"WO", "WO", "WO"}},
	{"SetNtmsRequestOrder", {"", "", "C"}},
	{"SetNtmsUIOptions", {"UM", "UM", "UM"}},
	{"SubmitNtmsOperatorRequest", {"C", "C", "U"}},
	{"SwapNtmsMedia", {"M", "", ""}},
	{"UpdateNtmsOmidInfo", {"", "C", ""}},
	{"WaitForNtmsNotification", {"U", "U", "U"}},
	{"RsmManageLibrary", {"", "", "M"}},
	{"RsmUnmanageLibrary", {"", "C", ""}},
	{"RsmServeLibrary", {"", "C", ""}},
	{"RsmRefreshLabel", {"U", "U", ""}},
	{"RsmRequestDestinations", {"U", "U", "U"}},
};

static void add_letters(char *text, DWORD rights)
{
	static const struct {
		DWORD right;
		char letter;
	} letters[] = {{NTMS_USE_ACCESS, 'U'},	   {NTMS_MODIFY_ACCESS, 'M'},
		       {NTMS_CONTROL_ACCESS, 'C'}, {READ_CONTROL, 'R'},
		       {WRITE_DAC, 'W'},	   {WRITE_OWNER, 'O'}};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (rights & letters[i].right)
			text[strlen(text)] = letters[i].letter;
}

Test(rights_table, is_that_of_the_reference)
{
	static const uint32_t holders[3] = {NTMS_MEDIA_POOL, NTMS_LIBRARY, NTMS_COMPUTER};
	size_t rows = 0;

	for (size_t i = 0; i < sizeof(reference) / sizeof(reference[0]); i++) {
		char columns[3][16] = {"", "", ""};

		for (int right = 0; right < RIGHT_COUNT; right++) {
			const struct right_row *row = right_row((enum right)right);

			if (strcmp(row->call, reference[i].call) != 0)
				continue;
			rows++;
			for (size_t j = 0; j < 3; j++)
				if (row->holder == holders[j] || row->holder == HOLDER_BY_TYPE)
					add_letters(columns[j], row->rights);
		}
		for (size_t j = 0; j < 3; j++)
			cr_expect_str_eq(columns[j], reference[i].columns[j], "%s",
					 reference[i].call);
	}
	cr_expect_eq(rows, RIGHT_COUNT, "a call that the reference does not have");
}
