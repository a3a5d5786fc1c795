/* SPDX-License-Identifier: GPL-2.0-only */
/* nth-calls.c - calls about media, pools, requests, objects and sessions, and Rsm calls */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "core/request.h"
#include "nth.h"

struct nth_subject it;

/* ---- made ready ---- */

static void new_name(void)
{
	snprintf(it.name, sizeof(it.name), "new %u", it.round++);
	for (size_t i = 0; i <= strlen(it.name); i++)
		it.text[i] = (WCHAR)it.name[i];
}

static void a_pool(void)
{
	new_name();
	must(CreateNtmsMediaPoolA(fx_session, it.name, &it.type, NTMS_CREATE_NEW, NULL, &it.empty));
}

static void a_medium(void)
{
	it.media = fx_allocated("V00001L8");
	it.pool = fx_side(&it.media).side.pool;
}

static void free_both(void)
{
	fx_free_cartridge("V00001L8");
	fx_free_cartridge("V00002L8");
	it.pool = fx_make_pool("A", true, 0);
}

static void nothing_allocated(void)
{
	if (guid_is_null(&it.pool))
		free_both();
	if (!guid_is_null(&it.media)) {
		must(DeallocateNtmsMedia(fx_session, &it.media, 0));
		must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	}
	memset(&it.media, 0, sizeof(it.media));
}

static void one_allocated(void)
{
	if (guid_is_null(&it.pool))
		free_both();
	else
		DeallocateNtmsMedia(fx_session, &it.media, 0);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	it.media = fx_allocate(it.pool);
}

static void two_allocated(void)
{
	if (!guid_is_null(&it.other))
		return;
	free_both();
	it.media = fx_allocate(it.pool);
	it.other = fx_allocate(it.pool);
}

static void a_second_side(NTMS_GUID cartridge)
{
	struct object obj = fx_get(&cartridge, NTMS_PHYSICAL_MEDIA), side;
	NTMS_GUID first;
	DWORD count = 1;

	must(EnumerateNtmsObject(fx_session, &cartridge, &first, &count, NTMS_PARTITION, 0));
	side = fx_get(&first, NTMS_PARTITION);
	memset(&side.guid, 0, sizeof(side.guid));
	side.side.side = 1;
	fx_insert(&side);
	obj.media.sides = 2;
	fx_put(&obj);
}

/* Of the cartridge whose first side it.media is. */
static void a_reserved_side(void)
{
	if (guid_is_null(&it.pool)) {
		it.pool = fx_make_pool("A", false, 0);
		a_second_side(fx_free_cartridge("V00001L8"));
	} else {
		must(DeallocateNtmsMedia(fx_session, &it.other, 0));
		must(DeallocateNtmsMedia(fx_session, &it.media, 0));
	}
	must(AllocateNtmsMedia(fx_session, &it.pool, NULL, &it.media, NTMS_ALLOCATE_NEW, 0, NULL));
}

static DWORD allocate_next(void)
{
	it.other = it.media;
	return AllocateNtmsMedia(fx_session, &it.pool, NULL, &it.other, NTMS_ALLOCATE_NEXT, 0,
				 NULL);
}

/* A new cartridge whose side is ALLOCATED or AVAILABLE, in the offline library. */
static void a_cartridge(uint32_t state)
{
	NTMS_GUID media = fx_find("V00003L8", NTMS_PHYSICAL_MEDIA), side;
	DWORD count = 1;
	struct object obj;

	must(EnumerateNtmsObject(fx_session, &media, &side, &count, NTMS_PARTITION, 0));
	obj = fx_get(&side, NTMS_PARTITION);
	obj.side.state = state;
	fx_put(&obj);
	it.object = side;
}

static void an_available_side(void)
{
	a_cartridge(NTMS_PARTSTATE_AVAILABLE);
}

static void an_attribute(void)
{
	char data[3000] = {1};

	must(SetNtmsObjectAttributeA(fx_session, &fx_library, NTMS_LIBRARY, "name", data,
				     sizeof(data)));
	it.name[0] = it.text[0] = 'n', it.name[1] = it.text[1] = 'a';
	it.name[2] = it.text[2] = 'm', it.name[3] = it.text[3] = 'e';
	it.name[4] = '\0', it.text[4] = 0;
}

static void pool_info(void)
{
	a_pool();
	it.info[0] =
		(NTMS_OBJECTINFORMATIONA){.dwSize = sizeof(*it.info), .dwType = NTMS_MEDIA_POOL};
	it.wide[0] =
		(NTMS_OBJECTINFORMATIONW){.dwSize = sizeof(*it.wide), .dwType = NTMS_MEDIA_POOL};
	must(GetNtmsObjectInformationA(fx_session, &it.empty, it.info));
	must(GetNtmsObjectInformationW(fx_session, &it.empty, it.wide));
	it.info->szDescription[0] = (char)('a' + it.round % 26);
	it.wide->szDescription[0] = (WCHAR)('a' + it.round % 26);
}

static void a_drive_on(void)
{
	it.object = fx_drive_guid(0);
	EnableNtmsObject(fx_session, NTMS_DRIVE, &it.object);
}

static void a_drive_off(void)
{
	it.object = fx_drive_guid(0);
	DisableNtmsObject(fx_session, NTMS_DRIVE, &it.object);
}

static void a_request(uint32_t state)
{
	struct object request;

	request_init(fx_session, NTMS_LM_MOUNT, &it.type, &request);
	request.librequest.state = state;
	request.librequest.order = 1;
	fx_insert(&request);
	it.object = request.guid;
}

static void a_waiting_request(void)
{
	a_request(NTMS_LM_WAITING);
}

static void a_finished_request(void)
{
	a_request(NTMS_LM_PASSED);
}

static void an_oprequest(void)
{
	must(SubmitNtmsOperatorRequestA(fx_session, NTMS_OPREQ_MESSAGE, "please", NULL, NULL,
					&it.object));
}

static void a_satisfied_oprequest(void)
{
	an_oprequest();
	must(SatisfyNtmsOperatorRequest(fx_session, &it.object));
}

/* As a drive's failure leaves it: out of use, and a person is asked. */
static void service_of_a_drive(void)
{
	struct object request = {.type = NTMS_OPREQUEST}, drive = fx_drive(0);

	drive.opstate = NTMS_NEEDS_SERVICE;
	fx_put(&drive);
	request.oprequest.command = NTMS_OPREQ_DEVICESERVICE;
	request.oprequest.state = NTMS_OPSTATE_SUBMITTED;
	request.oprequest.arg1_type = NTMS_DRIVE;
	request.oprequest.arg1 = drive.guid;
	snprintf(request.oprequest.application, sizeof(request.oprequest.application),
		 "Removable Storage");
	fx_insert(&request);
	it.object = request.guid;
}

static void a_drive_that_needs_service(void)
{
	service_of_a_drive();
	it.object = fx_drive_guid(0);
}

static void a_dead_drive(void)
{
	struct object drive = {.type = NTMS_DRIVE, .opstate = NTMS_NOT_PRESENT, .name = "gone"};

	drive.device.library = fx_library;
	drive.device.number = 90 + it.round;
	drive.device.element = 9000 + it.round++;
	fx_insert(&drive);
	it.object = drive.guid;
}

static void a_dead_library(void)
{
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);

	memset(&library.guid, 0, sizeof(library.guid));
	library.opstate = NTMS_NOT_PRESENT;
	snprintf(library.name, sizeof(library.name), "gone %u", it.round);
	snprintf(library.library.serial, sizeof(library.library.serial), "GONE%u", it.round++);
	fx_insert(&library);
	it.object = library.guid;
}

static void media_records(void)
{
	NTMS_OBJECTINFORMATIONA *media = &it.info[0], *side = &it.info[1];
	NTMS_OBJECTINFORMATIONW *wide = &it.wide[0], *wide_side = &it.wide[1];

	if (guid_is_null(&it.pool))
		it.pool = fx_make_pool("A", false, 0);
	memset(it.info, 0, sizeof(it.info));
	memset(it.wide, 0, sizeof(it.wide));
	media->dwSize = side->dwSize = sizeof(*media);
	wide->dwSize = wide_side->dwSize = sizeof(*wide);
	media->dwType = wide->dwType = NTMS_PHYSICAL_MEDIA;
	side->dwType = wide_side->dwType = NTMS_PARTITION;
	media->Enabled = side->Enabled = wide->Enabled = wide_side->Enabled = TRUE;
	media->Info.PhysicalMedia.MediaPool = wide->Info.PhysicalMedia.MediaPool = it.pool;
	media->Info.PhysicalMedia.dwNumberOfPartitions = 1;
	wide->Info.PhysicalMedia.dwNumberOfPartitions = 1;
	side->Info.Partition.State = wide_side->Info.Partition.State = NTMS_PARTSTATE_AVAILABLE;
	side->Info.Partition.dwOmidLabelIdLength = 4;
	wide_side->Info.Partition.dwOmidLabelIdLength = 4;
	memcpy(side->Info.Partition.OmidLabelId, &it.round, 4);
	memcpy(wide_side->Info.Partition.OmidLabelId, &it.round, 4);
	memcpy(side->Info.Partition.szOmidLabelType, "TEST", 5);
	for (int i = 0; i < 4; i++)
		wide_side->Info.Partition.szOmidLabelType[i] = (WCHAR) "TEST"[i];
	it.round++;
}

static void offline_media(void)
{
	media_records();
	must(CreateNtmsMediaA(fx_session, &it.info[0], &it.info[1], 0));
	it.object = it.info[0].ObjectGuid;
}

static void a_session(void)
{
	it.handle = fx_open();
}

static void a_notification(void)
{
	it.handle = OpenNtmsNotification(fx_session, NTMS_MEDIA_POOL);
	cr_assert_neq(it.handle, INVALID_HANDLE_VALUE);
}

static void something_notified(void)
{
	a_notification();
	a_pool();
}

static void some_destination(void)
{
	new_name();
	must(SetNtmsUIOptionsA(fx_session, &fx_library, NTMS_UITYPE_INFO, NTMS_UIDEST_ADD,
			       it.name));
}

static void unmounted(void)
{
	if (guid_is_null(&it.media))
		a_medium();
	at_rest();
	if (fx_media(&it.media).media.state == NTMS_MEDIASTATE_LOADED)
		must(DismountNtmsMedia(fx_session, &it.media, 1, NTMS_DISMOUNT_IMMEDIATE));
	at_rest();
}

static void two_unmounted(void)
{
	NTMS_GUID *each[] = {&it.media, &it.other};

	two_allocated();
	at_rest();
	for (int i = 0; i < 2; i++)
		if (fx_media(each[i]).media.state == NTMS_MEDIASTATE_LOADED)
			must(DismountNtmsMedia(fx_session, each[i], 1, NTMS_DISMOUNT_IMMEDIATE));
	at_rest();
}

static DWORD mount_two(DWORD options)
{
	NTMS_GUID media[] = {it.media, it.other}, drives[2];

	return MountNtmsMedia(fx_session, media, drives, 2, NTMS_MOUNT_READ | options, 0,
			      PATIENCE_MS, NULL);
}

static DWORD dismount_two(void)
{
	NTMS_GUID media[] = {it.media, it.other};

	return DismountNtmsMedia(fx_session, media, 2, NTMS_DISMOUNT_IMMEDIATE);
}

static void two_mounted(void)
{
	two_unmounted();
	must(mount_two(0));
}

static void mounted(void)
{
	unmounted();
	it.object = fx_mount(it.media);
}

/* A type that no library takes, with its GUID in it.other. */
static void a_strange_type(void)
{
	NTMS_GUID list[256];
	DWORD count = 256;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_MEDIA_TYPE, 0));
	for (DWORD i = 0; i < count; i++)
		if (fx_get(&list[i], NTMS_MEDIA_TYPE).media_type.code == DLT)
			it.other = list[i];
	cr_assert(!guid_is_null(&it.other));
}

static void type_not_taken(void)
{
	a_strange_type();
	DeleteNtmsMediaType(fx_session, &it.other, &fx_library);
}

static void type_taken(void)
{
	a_strange_type();
	AddNtmsMediaType(fx_session, &it.other, &fx_library);
}

static void a_descriptor(void)
{
	must(GetNtmsObjectSecurity(fx_session, &fx_library, NTMS_LIBRARY, DACL_SECURITY_INFORMATION,
				   (PSECURITY_DESCRIPTOR)it.bytes, sizeof(it.bytes), &it.size));
}

static void moved_back(void)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	struct object obj = fx_get(&media, NTMS_PHYSICAL_MEDIA);

	if (guid_is_null(&it.pool)) {
		fx_free_cartridge("V00001L8");
		it.pool = fx_get(&media, NTMS_PHYSICAL_MEDIA).media.pool;
		it.empty = fx_make_pool("A", false, 0);
		obj = fx_get(&media, NTMS_PHYSICAL_MEDIA);
	}
	it.object = media;
	if (guid_equal(&obj.media.pool, &it.pool))
		return;
	must(MoveToNtmsMediaPool(fx_session, &media, &it.pool));
	fx_settle(media);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

static void a_raw_label(void)
{
	if (guid_is_null(&it.media))
		a_medium();
	memset(it.bytes, ' ', 80);
	memcpy(it.bytes, "VOL1ABC123", 10);
	it.bytes[79] = '3';
}

static void a_file_system(void)
{
	NTMS_FILESYSTEM_INFO info = {.FileSystemType = {'e', 'x', 't', '4'}, .SerialNumber = 1};

	if (guid_is_null(&it.media))
		a_medium();
	memcpy(it.bytes, &info, sizeof(info));
}

/* From a pool for one type to one for the other. */
static void of_the_wrong_type(void)
{
	if (guid_is_null(&it.other)) {
		a_medium();
		it.object = fx_media(&it.media).guid;
		a_strange_type();
		must(CreateNtmsMediaPoolA(fx_session, "strange", &it.other, NTMS_CREATE_NEW, NULL,
					  &it.other));
	}
	it.empty = fx_media(&it.object).media.pool;
	it.empty = guid_equal(&it.empty, &it.pool) ? it.other : it.pool;
}

/* A pool with nothing in it, and that draws from nowhere. */
static void an_empty_pool(void)
{
	if (guid_is_null(&it.empty))
		a_pool();
}

/* Cartridges of the pool, none of them allocated. */
static void a_free_side(void)
{
	NTMS_GUID cartridge;
	DWORD count = 1;

	nothing_allocated();
	cartridge = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	must(EnumerateNtmsObject(fx_session, &cartridge, &it.object, &count, NTMS_PARTITION, 0));
}

static void an_object_off(void)
{
	it.object = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	DisableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library);
	DisableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &it.object);
}

static void an_object_on(void)
{
	it.object = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
	EnableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library);
	EnableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &it.object);
}

static void a_drive(void)
{
	it.object = fx_drive_guid(0);
}

static void a_cartridge_alone(void)
{
	it.object = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA);
}

static void unmounted_and_a_drive(void)
{
	unmounted();
	a_drive();
}

static void a_quiet_notification(void)
{
	if (!it.handle)
		a_notification();
}

static DWORD submit(DWORD request, NTMS_GUID *first, NTMS_GUID *second)
{
	return SubmitNtmsOperatorRequestA(fx_session, request, "please", first, second, &it.guid);
}

static DWORD enumerate(NTMS_GUID *container, DWORD type, DWORD options)
{
	return EnumerateNtmsObject(fx_session, container, (NTMS_GUID *)(void *)it.bytes, room(250),
				   type, options);
}

/* ---- the calls ---- */

static DWORD code_of(HANDLE handle)
{
	it.handle = handle;
	return handle == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
}

static DWORD close_it(HANDLE handle)
{
	DWORD code = code_of(handle);

	return code ? code : CloseNtmsSession(handle);
}

static DWORD close_notification(HANDLE handle)
{
	DWORD code = code_of(handle);

	return code ? code : CloseNtmsNotification(handle);
}

CALL(OpenNtmsSessionA, close_it(OpenNtmsSessionA(NULL, "nth", 0)))
CALL(OpenNtmsSessionW, close_it(OpenNtmsSessionW(NULL, (const WCHAR[]){'n', 0}, 0)))
CALL(CloseNtmsSession, CloseNtmsSession(it.handle))
CALL(MountNtmsMedia,
     MountNtmsMedia(fx_session, &it.media, &it.guid, 1, NTMS_MOUNT_READ, 0, PATIENCE_MS, NULL))
CALL(DismountNtmsMedia, DismountNtmsMedia(fx_session, &it.media, 1, NTMS_DISMOUNT_IMMEDIATE))
CALL(DismountNtmsDrive, DismountNtmsDrive(fx_session, &it.object))
CALL(AllocateNtmsMedia, AllocateNtmsMedia(fx_session, &it.pool, NULL, &it.media,
					  NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL))
CALL(DeallocateNtmsMedia, DeallocateNtmsMedia(fx_session, &it.media, 0))
CALL(SwapNtmsMedia, SwapNtmsMedia(fx_session, &it.media, &it.other))
CALL(SetNtmsMediaComplete, SetNtmsMediaComplete(fx_session, &it.media))
CALL(DecommissionNtmsMedia, DecommissionNtmsMedia(fx_session, &it.object))
CALL(CreateNtmsMediaPoolA,
     CreateNtmsMediaPoolA(fx_session, it.name, &it.type, NTMS_CREATE_NEW, NULL, &it.guid))
CALL(CreateNtmsMediaPoolW,
     CreateNtmsMediaPoolW(fx_session, it.text, &it.type, NTMS_CREATE_NEW, NULL, &it.guid))
CALL(GetNtmsMediaPoolNameA, GetNtmsMediaPoolNameA(fx_session, &it.empty, it.bytes, room(256)))
CALL(GetNtmsMediaPoolNameW, GetNtmsMediaPoolNameW(fx_session, &it.empty, it.text, room(256)))
CALL(DeleteNtmsMediaPool, DeleteNtmsMediaPool(fx_session, &it.empty))
CALL(MoveToNtmsMediaPool, MoveToNtmsMediaPool(fx_session, &it.object, &it.empty))
CALL(AddNtmsMediaType, AddNtmsMediaType(fx_session, &it.other, &fx_library))
CALL(DeleteNtmsMediaType, DeleteNtmsMediaType(fx_session, &it.other, &fx_library))
CALL(CreateNtmsMediaA, CreateNtmsMediaA(fx_session, &it.info[0], &it.info[1], 0))
CALL(CreateNtmsMediaW, CreateNtmsMediaW(fx_session, &it.wide[0], &it.wide[1], 0))
CALL(DeleteNtmsMedia, DeleteNtmsMedia(fx_session, &it.object))
CALL(InventoryNtmsLibrary, InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST))
CALL(DeleteNtmsDrive, DeleteNtmsDrive(fx_session, &it.object))
CALL(DeleteNtmsLibrary, DeleteNtmsLibrary(fx_session, &it.object))
CALL(CancelNtmsLibraryRequest, CancelNtmsLibraryRequest(fx_session, &it.object))
CALL(GetNtmsRequestOrder, GetNtmsRequestOrder(fx_session, &it.object, &it.size))
CALL(SetNtmsRequestOrder, SetNtmsRequestOrder(fx_session, &it.object, 1 + it.round++))
CALL(DeleteNtmsRequests, DeleteNtmsRequests(fx_session, &it.object, NTMS_LIBREQUEST, 1))
CALL(EnumerateNtmsObject, EnumerateNtmsObject(fx_session, NULL, (NTMS_GUID *)(void *)it.bytes,
					      room(200), NTMS_MEDIA_POOL, 0))
CALL(GetNtmsObjectInformationA, GetNtmsObjectInformationA(fx_session, &it.empty, it.info))
CALL(GetNtmsObjectInformationW, GetNtmsObjectInformationW(fx_session, &it.empty, it.wide))
CALL(SetNtmsObjectInformationA, SetNtmsObjectInformationA(fx_session, &it.empty, it.info))
CALL(SetNtmsObjectInformationW, SetNtmsObjectInformationW(fx_session, &it.empty, it.wide))
CALL(GetNtmsObjectAttributeA,
     GetNtmsObjectAttributeA(fx_session, &fx_library, NTMS_LIBRARY, it.name, it.bytes, room(4000)))
CALL(GetNtmsObjectAttributeW,
     GetNtmsObjectAttributeW(fx_session, &fx_library, NTMS_LIBRARY, it.text, it.bytes, room(4000)))
CALL(SetNtmsObjectAttributeA,
     SetNtmsObjectAttributeA(fx_session, &fx_library, NTMS_LIBRARY, it.name, it.bytes, 3000))
CALL(SetNtmsObjectAttributeW,
     SetNtmsObjectAttributeW(fx_session, &fx_library, NTMS_LIBRARY, it.text, it.bytes, 3000))
CALL(GetNtmsObjectSecurity,
     GetNtmsObjectSecurity(fx_session, &fx_library, NTMS_LIBRARY, DACL_SECURITY_INFORMATION,
			   (PSECURITY_DESCRIPTOR)it.bytes, sizeof(it.bytes), &it.size))
CALL(SetNtmsObjectSecurity,
     SetNtmsObjectSecurity(fx_session, &fx_library, NTMS_LIBRARY, DACL_SECURITY_INFORMATION,
			   (PSECURITY_DESCRIPTOR)it.bytes))
CALL(DisableNtmsObject, DisableNtmsObject(fx_session, NTMS_DRIVE, &it.object))
CALL(EnableNtmsObject, EnableNtmsObject(fx_session, NTMS_DRIVE, &it.object))
CALL(SubmitNtmsOperatorRequestA,
     SubmitNtmsOperatorRequestA(fx_session, NTMS_OPREQ_MESSAGE, "please", NULL, NULL, &it.guid))
CALL(SubmitNtmsOperatorRequestW,
     SubmitNtmsOperatorRequestW(fx_session, NTMS_OPREQ_MESSAGE, (const WCHAR[]){'p', 0}, NULL, NULL,
				&it.guid))
CALL(WaitForNtmsOperatorRequest, WaitForNtmsOperatorRequest(fx_session, &it.object, PATIENCE_MS))
CALL(CancelNtmsOperatorRequest, CancelNtmsOperatorRequest(fx_session, &it.object))
CALL(SatisfyNtmsOperatorRequest, SatisfyNtmsOperatorRequest(fx_session, &it.object))
CALL(OpenNtmsNotification, close_notification(OpenNtmsNotification(fx_session, NTMS_DRIVE)))
CALL(WaitForNtmsNotification,
     WaitForNtmsNotification(it.handle, (NTMS_NOTIFICATIONINFORMATION *)(void *)it.bytes,
			     PATIENCE_MS))
CALL(CloseNtmsNotification, CloseNtmsNotification(it.handle))
CALL(GetNtmsUIOptionsA,
     GetNtmsUIOptionsA(fx_session, &fx_library, NTMS_UITYPE_INFO, it.bytes, room(2000)))
CALL(GetNtmsUIOptionsW,
     GetNtmsUIOptionsW(fx_session, &fx_library, NTMS_UITYPE_INFO, it.text, room(2000)))
CALL(SetNtmsUIOptionsA,
     SetNtmsUIOptionsA(fx_session, &fx_library, NTMS_UITYPE_INFO, NTMS_UIDEST_ADD, it.name))
CALL(SetNtmsUIOptionsW,
     SetNtmsUIOptionsW(fx_session, &fx_library, NTMS_UITYPE_INFO, NTMS_UIDEST_ADD, it.text))
CALL(RsmListDevices, RsmListDevices(fx_session, (RSM_DEVICE *)(void *)it.bytes, room(8)))
CALL(RsmListHolders, RsmListHolders(fx_session, (RSM_HOLDER *)(void *)it.bytes, room(8)))
CALL(RsmSetProgress, RsmSetProgress(fx_session, NULL, NULL))
CALL(RsmWaitForMedia, RsmWaitForMedia(fx_session, &it.media, PATIENCE_MS))
CALL(RsmWaitForLibrary, RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS))
CALL(RsmRefreshLabel, RsmRefreshLabel(fx_session, &it.media))
CALL(RsmDismountMedia,
     RsmDismountMedia(fx_session, &it.media, 1, NTMS_DISMOUNT_IMMEDIATE, PATIENCE_MS))
CALL(RsmDismountDrive, RsmDismountDrive(fx_session, &it.object, PATIENCE_MS))
CALL(RsmFindObject, RsmFindObject(fx_session, "V00001L8", NTMS_PHYSICAL_MEDIA, &it.guid))

CALL(AllocateNtmsMedia_NEW,
     AllocateNtmsMedia(fx_session, &it.pool, NULL, &it.media,
		       NTMS_ALLOCATE_NEW | NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL))
CALL(AllocateNtmsMedia_side,
     AllocateNtmsMedia(fx_session, &it.pool, &it.object, &it.media, 0, 0, NULL))
CALL(AllocateNtmsMedia_NEXT, allocate_next())
CALL(AllocateNtmsMedia_waits, AllocateNtmsMedia(fx_session, &it.empty, NULL, &it.media, 0, 1, NULL))
CALL(MountNtmsMedia_SPECIFIC_DRIVE,
     MountNtmsMedia(fx_session, &it.media, &it.object, 1,
		    NTMS_MOUNT_WRITE | NTMS_MOUNT_SPECIFIC_DRIVE, 0, PATIENCE_MS, NULL))
CALL(MountNtmsMedia_NOWAIT, MountNtmsMedia(fx_session, &it.media, &it.guid, 1,
					   NTMS_MOUNT_READ | NTMS_MOUNT_NOWAIT, 0, 0, NULL))
CALL(MountNtmsMedia_two, mount_two(0))
CALL(MountNtmsMedia_two_NOWAIT, mount_two(NTMS_MOUNT_NOWAIT))
CALL(DismountNtmsMedia_two, dismount_two())
CALL(DismountNtmsMedia_DEFERRED,
     DismountNtmsMedia(fx_session, &it.media, 1, NTMS_DISMOUNT_DEFERRED))
CALL(CreateNtmsMediaPoolA_ALWAYS,
     CreateNtmsMediaPoolA(fx_session, it.name, &it.type, NTMS_OPEN_ALWAYS, NULL, &it.guid))
CALL(CreateNtmsMediaPoolA_EXISTING,
     CreateNtmsMediaPoolA(fx_session, it.name, &it.type, NTMS_OPEN_EXISTING, NULL, &it.guid))
CALL(ChangeNtmsMediaType, ChangeNtmsMediaType(fx_session, &it.object, &it.empty))
CALL(CreateNtmsMediaA_DUPLICATE,
     CreateNtmsMediaA(fx_session, &it.info[0], &it.info[1], NTMS_ERROR_ON_DUPLICATE))
CALL(UpdateNtmsOmidInfo_RAW_LABEL,
     UpdateNtmsOmidInfo(fx_session, &it.media, NTMS_OMID_TYPE_RAW_LABEL, 80, it.bytes))
CALL(UpdateNtmsOmidInfo_FILESYSTEM_INFO,
     UpdateNtmsOmidInfo(fx_session, &it.media, NTMS_OMID_TYPE_FILESYSTEM_INFO,
			sizeof(NTMS_FILESYSTEM_INFO), it.bytes))
CALL(DeleteNtmsRequests_OPREQUEST, DeleteNtmsRequests(fx_session, &it.object, NTMS_OPREQUEST, 1))
CALL(EnumerateNtmsObject_ROOTPOOL, enumerate(NULL, NTMS_MEDIA_POOL, NTMS_ENUM_ROOTPOOL))
CALL(EnumerateNtmsObject_DRIVE, enumerate(&fx_library, NTMS_DRIVE, 0))
CALL(EnumerateNtmsObject_LIBRARY, enumerate(NULL, NTMS_LIBRARY, 0))
CALL(EnumerateNtmsObject_PHYSICAL_MEDIA, enumerate(&fx_library, NTMS_PHYSICAL_MEDIA, 0))
CALL(DisableNtmsObject_LIBRARY, DisableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library))
CALL(EnableNtmsObject_LIBRARY, EnableNtmsObject(fx_session, NTMS_LIBRARY, &fx_library))
CALL(DisableNtmsObject_PHYSICAL_MEDIA,
     DisableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &it.object))
CALL(EnableNtmsObject_PHYSICAL_MEDIA, EnableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &it.object))
CALL(EnableNtmsObject_SERVICE, EnableNtmsObject(fx_session, NTMS_DRIVE, &it.object))
CALL(SatisfyNtmsOperatorRequest_SERVICE, SatisfyNtmsOperatorRequest(fx_session, &it.object))
CALL(SubmitNtmsOperatorRequestA_NEWMEDIA, submit(NTMS_OPREQ_NEWMEDIA, &it.empty, NULL))
CALL(SubmitNtmsOperatorRequestA_CLEANER, submit(NTMS_OPREQ_CLEANER, &fx_library, NULL))
CALL(SubmitNtmsOperatorRequestA_DEVICESERVICE, submit(NTMS_OPREQ_DEVICESERVICE, &it.object, NULL))
CALL(SubmitNtmsOperatorRequestA_MOVEMEDIA, submit(NTMS_OPREQ_MOVEMEDIA, &it.object, &fx_library))
CALL(WaitForNtmsOperatorRequest_timeout, WaitForNtmsOperatorRequest(fx_session, &it.object, 1))
CALL(WaitForNtmsNotification_timeout,
     WaitForNtmsNotification(it.handle, (NTMS_NOTIFICATIONINFORMATION *)(void *)it.bytes, 1))
CALL(SetNtmsUIOptionsA_DELETE,
     SetNtmsUIOptionsA(fx_session, &fx_library, NTMS_UITYPE_INFO, NTMS_UIDEST_DELETE, it.name))
CALL(SetNtmsUIOptionsA_DELETEALL,
     SetNtmsUIOptionsA(fx_session, &fx_library, NTMS_UITYPE_INFO, NTMS_UIDEST_DELETEALL, NULL))

const struct nth_row nth_calls[] = {
	TRY(OpenNtmsSessionA, NULL),
	TRY(OpenNtmsSessionW, NULL),
	TRY(CloseNtmsSession, a_session),
	TRY(MountNtmsMedia, unmounted, .records = true),
	TRY(DismountNtmsMedia, mounted),
	TRY(DismountNtmsDrive, mounted),
	TRY(AllocateNtmsMedia, nothing_allocated),
	TRY(DeallocateNtmsMedia, one_allocated),
	TRY(SwapNtmsMedia, two_allocated),
	TRY(SetNtmsMediaComplete, one_allocated),
	TRY(DecommissionNtmsMedia, an_available_side),
	TRY(CreateNtmsMediaPoolA, new_name),
	TRY(CreateNtmsMediaPoolW, new_name),
	TRY(GetNtmsMediaPoolNameA, a_pool),
	TRY(GetNtmsMediaPoolNameW, a_pool),
	TRY(DeleteNtmsMediaPool, a_pool),
	TRY(MoveToNtmsMediaPool, moved_back),
	TRY(AddNtmsMediaType, type_not_taken),
	TRY(DeleteNtmsMediaType, type_taken),
	TRY(CreateNtmsMediaA, media_records),
	TRY(CreateNtmsMediaW, media_records),
	TRY(DeleteNtmsMedia, offline_media),
	TRY(InventoryNtmsLibrary, at_rest),
	TRY(DeleteNtmsDrive, a_dead_drive),
	TRY(DeleteNtmsLibrary, a_dead_library),
	TRY(CancelNtmsLibraryRequest, a_waiting_request),
	TRY(GetNtmsRequestOrder, a_waiting_request),
	TRY(SetNtmsRequestOrder, a_waiting_request),
	TRY(DeleteNtmsRequests, a_finished_request),
	TRY(EnumerateNtmsObject, NULL),
	TRY(GetNtmsObjectInformationA, pool_info),
	TRY(GetNtmsObjectInformationW, pool_info),
	TRY(SetNtmsObjectInformationA, pool_info),
	TRY(SetNtmsObjectInformationW, pool_info),
	TRY(GetNtmsObjectAttributeA, an_attribute),
	TRY(GetNtmsObjectAttributeW, an_attribute),
	TRY(SetNtmsObjectAttributeA, an_attribute),
	TRY(SetNtmsObjectAttributeW, an_attribute),
	TRY(GetNtmsObjectSecurity, NULL),
	TRY(SetNtmsObjectSecurity, a_descriptor),
	TRY(DisableNtmsObject, a_drive_on),
	TRY(EnableNtmsObject, a_drive_off),
	TRY(SubmitNtmsOperatorRequestA, NULL),
	TRY(SubmitNtmsOperatorRequestW, NULL),
	TRY(WaitForNtmsOperatorRequest, a_satisfied_oprequest),
	TRY(CancelNtmsOperatorRequest, an_oprequest),
	TRY(SatisfyNtmsOperatorRequest, an_oprequest),
	TRY(OpenNtmsNotification, NULL),
	TRY(WaitForNtmsNotification, something_notified),
	TRY(CloseNtmsNotification, a_notification),
	TRY(GetNtmsUIOptionsA, some_destination),
	TRY(GetNtmsUIOptionsW, some_destination),
	TRY(SetNtmsUIOptionsA, new_name),
	TRY(SetNtmsUIOptionsW, new_name),
	TRY(RsmListDevices, NULL),
	TRY(RsmListHolders, NULL),
	TRY(RsmSetProgress, NULL),
	TRY(RsmWaitForMedia, unmounted),
	TRY(RsmWaitForLibrary, NULL),
	TRY(RsmRefreshLabel, mounted, .records = true),
	TRY(RsmDismountMedia, mounted, .records = true),
	TRY(RsmDismountDrive, mounted, .records = true),
	TRY(RsmFindObject, NULL),
	TRY_AS(AllocateNtmsMedia, NEW, nothing_allocated),
	TRY_AS(AllocateNtmsMedia, NEXT, a_reserved_side),
	TRY_AS(AllocateNtmsMedia, side, a_free_side),
	TRY_AS(AllocateNtmsMedia, waits, an_empty_pool, .ends = ERROR_TIMEOUT),
	TRY_AS(MountNtmsMedia, SPECIFIC_DRIVE, unmounted_and_a_drive, .records = true),
	TRY_AS(MountNtmsMedia, NOWAIT, unmounted, .records = true),
	TRY_AS(MountNtmsMedia, two, two_unmounted, .records = true),
	TRY_AS(MountNtmsMedia, two_NOWAIT, two_unmounted, .records = true),
	TRY_AS(DismountNtmsMedia, two, two_mounted),
	TRY_AS(DismountNtmsMedia, DEFERRED, mounted),
	TRY_AS(CreateNtmsMediaPoolA, ALWAYS, new_name),
	TRY_AS(CreateNtmsMediaPoolA, EXISTING, a_pool),
	TRY(ChangeNtmsMediaType, of_the_wrong_type),
	TRY_AS(CreateNtmsMediaA, DUPLICATE, media_records),
	TRY_AS(UpdateNtmsOmidInfo, RAW_LABEL, a_raw_label),
	TRY_AS(UpdateNtmsOmidInfo, FILESYSTEM_INFO, a_file_system),
	TRY_AS(DeleteNtmsRequests, OPREQUEST, a_satisfied_oprequest),
	TRY_AS(EnumerateNtmsObject, ROOTPOOL, NULL),
	TRY_AS(EnumerateNtmsObject, DRIVE, NULL),
	TRY_AS(EnumerateNtmsObject, LIBRARY, NULL),
	TRY_AS(EnumerateNtmsObject, PHYSICAL_MEDIA, NULL),
	TRY_AS(DisableNtmsObject, LIBRARY, an_object_on),
	TRY_AS(EnableNtmsObject, LIBRARY, an_object_off),
	TRY_AS(DisableNtmsObject, PHYSICAL_MEDIA, an_object_on),
	TRY_AS(EnableNtmsObject, PHYSICAL_MEDIA, an_object_off),
	TRY_AS(EnableNtmsObject, SERVICE, a_drive_that_needs_service),
	TRY_AS(SatisfyNtmsOperatorRequest, SERVICE, service_of_a_drive),
	TRY_AS(SubmitNtmsOperatorRequestA, NEWMEDIA, an_empty_pool),
	TRY_AS(SubmitNtmsOperatorRequestA, CLEANER, NULL),
	TRY_AS(SubmitNtmsOperatorRequestA, DEVICESERVICE, a_drive),
	TRY_AS(SubmitNtmsOperatorRequestA, MOVEMEDIA, a_cartridge_alone),
	TRY_AS(WaitForNtmsOperatorRequest, timeout, an_oprequest, .ends = ERROR_TIMEOUT),
	TRY_AS(WaitForNtmsNotification, timeout, a_quiet_notification, .ends = ERROR_TIMEOUT),
	TRY_AS(SetNtmsUIOptionsA, DELETE, some_destination),
	TRY_AS(SetNtmsUIOptionsA, DELETEALL, some_destination),
};
const size_t nth_calls_count = sizeof(nth_calls) / sizeof(nth_calls[0]);
