/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-database.c - ExportNtmsDatabase and ImportNtmsDatabase: what goes out comes back, all of it
 * or nothing, and never while somebody works
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/guid.h"
#include "core/export.h"
#include "core/request.h"
#include "faults.h"
#include "store/export.h"
#include "thread-sleeps.h"

TestSuite(database, .timeout = 120, .init = fx_setup, .fini = fx_teardown);

static const char *export_file(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/Export/%s", fx_home, name);
	return path;
}

static void settle(void)
{
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

/* All cartridges, so that an inventory finds nothing new. */
static void identify(void)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_OMID));
	settle();
}

static NTMS_GUID side_of(NTMS_GUID media)
{
	NTMS_GUID side;
	DWORD count = 1;

	must(EnumerateNtmsObject(fx_session, &media, &side, &count, NTMS_PARTITION, 0));
	return side;
}

static struct txn *begin(struct store *store)
{
	struct txn *txn;

	must(store_begin(store, STORE_DEADLINE_DEFAULT, &txn));
	return txn;
}

static struct store *store_of(HANDLE session)
{
	return ((struct session *)session)->system->store;
}

/* ---- all objects but requests, which come and go ---- */

struct all {
	struct object *list;
	size_t count;
};

static int by_guid(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(NTMS_GUID));
}

static struct all read_all(void)
{
	struct txn *txn = begin(store_of(fx_session));
	struct all all = {0};
	struct store_key key;
	NTMS_GUID *list;
	size_t count;

	must(store_check(txn, &count));
	must(export_check(txn));
	key_start(&key);
	must(store_list(txn, IX_TYPE, &key, 0, &list, &count));
	all.list = calloc(count, sizeof(*all.list));
	cr_assert(all.list);
	for (size_t i = 0; i < count; i++) {
		must(store_get(txn, &list[i], NTMS_UNKNOWN, &all.list[all.count]));
		all.count += all.list[all.count].type != NTMS_LIBREQUEST;
	}
	store_abort(txn);
	free(list);
	qsort(all.list, all.count, sizeof(*all.list), by_guid);
	return all;
}

static void expect_same(struct all *before)
{
	struct all now = read_all();

	cr_assert_eq(now.count, before->count);
	for (size_t i = 0; i < now.count; i++)
		cr_assert_arr_eq(&now.list[i], &before->list[i], sizeof(now.list[i]),
				 "object \"%s\" of type %u differs", now.list[i].name,
				 now.list[i].type);
	free(now.list);
	free(before->list);
}

/* ---- there and back ---- */

Test(database, comes_back_as_it_was)
{
	NTMS_GUID media = fx_allocated("V00001L8"), pool, system;
	DWORD count = 1;
	struct all before;

	must(SetNtmsObjectAttributeA(fx_session, &media, NTMS_LOGICAL_MEDIA, "job", "data", 4));
	must(SetNtmsUIOptionsA(fx_session, &fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "desk"));
	identify();
	before = read_all();
	must(ExportNtmsDatabase(fx_session));
	must(DeallocateNtmsMedia(fx_session, &media, 0));
	pool = fx_make_pool("Later", false, 0);
	must(EnumerateNtmsObject(fx_session, NULL, &system, &count, NTMS_COMPUTER, 0));
	fx_deny(&system, 0);
	must(ImportNtmsDatabase(fx_session));
	settle();
	expect_same(&before);
	must_be(DeleteNtmsMediaPool(fx_session, &pool), ERROR_INVALID_MEDIA_POOL);
	/* It works, and is there for whoever starts anew. */
	fx_mount(media);
	fx_dismount(media, 0);
	fx_settle(media);
	before = read_all();
	fx_close(&fx_session);
	fx_session = fx_open();
	expect_same(&before);
}

Test(database, an_export_replaces_the_one_before)
{
	struct all before;

	identify();
	must(ExportNtmsDatabase(fx_session));
	fx_make_pool("Later", false, 0);
	before = read_all();
	must(ExportNtmsDatabase(fx_session));
	must(ImportNtmsDatabase(fx_session));
	settle();
	expect_same(&before);
}

/* The library has been at work since: its places are as it says, not as they were. */
Test(database, cartridges_are_where_the_library_sees_them)
{
	struct object media;
	NTMS_GUID guid = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), slot;

	must(ExportNtmsDatabase(fx_session));
	slot = fx_media(&guid).media.location;
	must(RsmVirtualDoor(fx_vlib, TRUE));
	must(RsmVirtualRemove(fx_vlib, RSM_VIRTUAL_SLOT, 1));
	must(RsmVirtualInsert(fx_vlib, RSM_VIRTUAL_SLOT, 6, "V00001L8"));
	must(RsmVirtualDoor(fx_vlib, FALSE));
	must(ImportNtmsDatabase(fx_session));
	settle();
	media = fx_media(&guid);
	cr_assert(!guid_equal(&media.media.location, &slot));
	cr_assert_eq(fx_get(&media.media.location, NTMS_STORAGESLOT).device.number, 6);
}

Test(database, whoever_listens_has_to_look_anew)
{
	HANDLE notification = OpenNtmsNotification(fx_session, NTMS_MEDIA_POOL);
	NTMS_NOTIFICATIONINFORMATION information;

	cr_assert_neq(notification, INVALID_HANDLE_VALUE);
	must(ExportNtmsDatabase(fx_session));
	must(ImportNtmsDatabase(fx_session));
	must_be(WaitForNtmsNotification(notification, &information, PATIENCE_MS), ERROR_NO_DATA);
	must(CloseNtmsNotification(notification));
}

/* ---- requests that were not finished ---- */

static NTMS_GUID queue_free_label(NTMS_GUID media)
{
	NTMS_GUID free_pool = fx_find("Free\\LTO Ultrium", NTMS_MEDIA_POOL), list[64];
	DWORD count = 64;

	must(MoveToNtmsMediaPool(fx_session, &media, &free_pool));
	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		if (fx_get(&list[i], NTMS_LIBREQUEST).librequest.operation == NTMS_LM_WRITESCRATCH)
			return list[i];
	cr_assert_fail("no free label is queued");
	return list[0];
}

Test(database, what_was_queued_then_is_cancelled)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), side = side_of(media), request;
	struct object record;

	identify();
	fx_stop_work();
	request = queue_free_label(media);
	must(ExportNtmsDatabase(fx_session));
	fx_let_work();
	must(RsmWaitForMedia(fx_session, &media, PATIENCE_MS));
	settle();
	cr_assert_eq(fx_side(&side).side.state, NTMS_PARTSTATE_AVAILABLE);
	must(ImportNtmsDatabase(fx_session));
	record = fx_get(&request, NTMS_LIBREQUEST);
	cr_assert_eq(record.librequest.state, NTMS_LM_CANCELLED);
	cr_assert_eq(record.librequest.error, ERROR_CANCELLED);
	settle();
	/* Nobody writes a label because somebody once wanted it. */
	cr_assert_eq(fx_side(&side).side.state, NTMS_PARTSTATE_UNPREPARED);
}

/* The robot had it in its hand: where it is by now, the library is asked. */
Test(database, a_move_that_was_open_is_settled)
{
	NTMS_GUID media = fx_allocated("V00001L8"), drive = fx_drive_guid(0), guid;
	struct object record = fx_media(&media), request;

	settle();
	request_init(NULL, NTMS_LM_DISMOUNT, &fx_library, &request);
	request.librequest.media = record.guid;
	request.librequest.side = side_of(record.guid);
	request.librequest.drive = drive;
	request.librequest.state = NTMS_LM_INPROCESS;
	request.librequest.move = OBJ_MOVE_INTENDED;
	request.librequest.move_media = record.guid;
	request.librequest.move_from = record.media.location;
	request.librequest.move_to = drive;
	fx_stop_work();
	fx_insert(&request);
	guid = request.guid;
	must(ExportNtmsDatabase(fx_session));
	fx_delete(&guid);
	fx_let_work();
	must(ImportNtmsDatabase(fx_session));
	settle();
	request = fx_get(&guid, NTMS_LIBREQUEST);
	cr_assert_eq(request.librequest.move, OBJ_MOVE_NONE);
	fx_expect_home("V00001L8");
}

/* ---- while others work ---- */

static NTMS_GUID busy_pool;

static int work_on(const struct child *parent)
{
	HANDLE session = fx_open();
	NTMS_GUID media;

	say_byte(parent, 'w');
	for (;;) {
		child_must(AllocateNtmsMedia(session, &busy_pool, NULL, &media,
					     NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL));
		child_must(DeallocateNtmsMedia(session, &media, 0));
	}
}

/* The export as the content of a store elsewhere. */
static void expect_consistent(void)
{
	char other[128], command[600];
	struct store *store;
	struct txn *txn;
	size_t count;

	snprintf(other, sizeof(other), "%s/elsewhere", fx_top);
	snprintf(command, sizeof(command), "rm -rf %s; mkdir -p %s && cp -r %s/Export %s", other,
		 other, fx_home, other);
	cr_assert_eq(system(command), 0);
	must(store_open(other, true, &store));
	txn = begin(store);
	must(store_import(txn));
	must(export_check(txn));
	must(store_check(txn, &count));
	must(store_commit(txn));
	store_close(store);
}

Test(database, consistent_while_others_work)
{
	struct child child;

	fx_free_cartridge("V00001L8");
	busy_pool = fx_make_pool("Busy", false, 0);
	settle();
	child = start_child(work_on);
	cr_assert_eq(child_byte(&child), 'w');
	for (int i = 0; i < 20; i++) {
		must(ExportNtmsDatabase(fx_session));
		expect_consistent();
	}
	kill_child(&child);
}

/* ---- content that no system could have left ---- */

struct flaw {
	const char *what;
	uint32_t type;
	size_t offset;
	uint32_t value; /* or a GUID */
	enum { NUMBER, NOTHING, NOBODY, THE_LIBRARY, ITSELF } kind;
};

#define FLAW(type, member, kind, value)                                     \
	{                                                                   \
#member, type, offsetof(struct object, member), value, kind \
	}

static const struct flaw flaws[] = {
	FLAW(NTMS_COMPUTER, computer.root_pool, NOTHING, 0),
	FLAW(NTMS_COMPUTER, computer.root_pool, THE_LIBRARY, 0),
	FLAW(NTMS_COMPUTER, computer.offline_library, NOBODY, 0),
	FLAW(NTMS_COMPUTER, computer.offline_library, THE_LIBRARY, 0),
	FLAW(NTMS_COMPUTER, computer.security.bytes, NUMBER, 0xFFFFFFFF),
	FLAW(NTMS_LIBRARY, library.kind, NUMBER, 4),
	FLAW(NTMS_LIBRARY, library.kind, NUMBER, 0),
	FLAW(NTMS_LIBRARY, library.cleaner_slot, THE_LIBRARY, 0),
	FLAW(NTMS_LIBRARY, library.security.bytes, NUMBER, 0xFFFFFFFF),
	FLAW(NTMS_LIBRARY, opstate, NUMBER, 1),
	FLAW(NTMS_LIBRARY, enabled, NUMBER, 2),
	FLAW(NTMS_CHANGER, device.library, NOBODY, 0),
	FLAW(NTMS_CHANGER, device.device_type, THE_LIBRARY, 0),
	FLAW(NTMS_DRIVE, device.library, NOTHING, 0),
	FLAW(NTMS_DRIVE, device.state, NUMBER, 3),
	FLAW(NTMS_DRIVE, device.side, NOBODY, 0),
	FLAW(NTMS_STORAGESLOT, device.library, ITSELF, 0),
	FLAW(NTMS_STORAGESLOT, device.state, NUMBER, 77),
	FLAW(NTMS_IEPORT, device.library, NOBODY, 0),
	FLAW(NTMS_IEPORT, device.position, NUMBER, 9),
	FLAW(NTMS_MEDIA_POOL, pool.parent, ITSELF, 0),
	FLAW(NTMS_MEDIA_POOL, pool.parent, NOTHING, 0),
	FLAW(NTMS_MEDIA_POOL, pool.media_type, THE_LIBRARY, 0),
	FLAW(NTMS_MEDIA_TYPE, media_type.sides, NUMBER, 3),
	FLAW(OBJ_TYPE_RELATION, relation.library, NOBODY, 0),
	FLAW(OBJ_TYPE_RELATION, relation.media_type, NOTHING, 0),
	FLAW(OBJ_TYPE_ATTRIBUTE, attribute.owner, NOBODY, 0),
	FLAW(NTMS_PHYSICAL_MEDIA, media.library, NOBODY, 0),
	FLAW(NTMS_PHYSICAL_MEDIA, media.pool, THE_LIBRARY, 0),
	FLAW(NTMS_PHYSICAL_MEDIA, media.media_type, NOTHING, 0),
	FLAW(NTMS_PHYSICAL_MEDIA, media.location, THE_LIBRARY, 0),
	FLAW(NTMS_PHYSICAL_MEDIA, media.home_slot, NOBODY, 0),
	FLAW(NTMS_PHYSICAL_MEDIA, media.state, NUMBER, 7),
	FLAW(NTMS_PHYSICAL_MEDIA, media.sides, NUMBER, 0),
	FLAW(NTMS_PARTITION, side.media, NOBODY, 0),
	FLAW(NTMS_PARTITION, side.logical, NOBODY, 0),
	FLAW(NTMS_PARTITION, side.pool, NOBODY, 0),
	FLAW(NTMS_PARTITION, side.state, NUMBER, 10),
	FLAW(NTMS_PARTITION, side.side, NUMBER, 2),
	FLAW(NTMS_LOGICAL_MEDIA, logical.side, NOTHING, 0),
	FLAW(NTMS_LOGICAL_MEDIA, logical.pool, NOBODY, 0),
	FLAW(NTMS_LIBREQUEST, librequest.library, NOBODY, 0),
	FLAW(NTMS_LIBREQUEST, librequest.operation, NUMBER, 22),
	FLAW(NTMS_LIBREQUEST, librequest.state, NUMBER, 9),
	FLAW(NTMS_LIBREQUEST, librequest.move, NUMBER, 2),
	FLAW(NTMS_OPREQUEST, oprequest.command, NUMBER, 6),
	FLAW(NTMS_OPREQUEST, oprequest.state, NUMBER, 6),
	FLAW(NTMS_UI_DESTINATION, destination.owner, NOBODY, 0),
	FLAW(NTMS_UI_DESTINATION, destination.ui_type, NUMBER, 4),
};

/* The last object of a type: the youngest. */
static struct object youngest(uint32_t type)
{
	struct txn *txn = begin(store_of(fx_session));
	struct store_key key;
	NTMS_GUID *list, guid;
	size_t count;

	key_start(&key);
	key_u32(&key, type);
	must(store_list(txn, IX_TYPE, &key, 0, &list, &count));
	cr_assert_gt(count, 0, "there is no object of type %u", type);
	guid = list[count - 1];
	free(list);
	store_abort(txn);
	return fx_get(&guid, type);
}

static void make_flaw(const struct flaw *flaw, struct object *obj)
{
	uint8_t *member = (uint8_t *)obj + flaw->offset;
	NTMS_GUID guid = NTMS_NULLGUID;

	if (flaw->kind == NUMBER) {
		memcpy(member, &flaw->value, sizeof(flaw->value));
		return;
	}
	if (flaw->kind == NOBODY)
		guid_make(&guid);
	if (flaw->kind == THE_LIBRARY)
		guid = fx_library;
	if (flaw->kind == ITSELF)
		guid = obj->guid;
	memcpy(member, &guid, sizeof(guid));
}

Test(database, what_cannot_be_is_not_imported)
{
	NTMS_GUID media = fx_allocated("V00001L8"), request;

	must(SetNtmsObjectAttributeA(fx_session, &media, NTMS_LOGICAL_MEDIA, "job", "data", 4));
	must(SetNtmsUIOptionsA(fx_session, &fx_library, NTMS_UITYPE_REQ, NTMS_UIDEST_ADD, "desk"));
	must(SubmitNtmsOperatorRequestA(fx_session, NTMS_OPREQ_MESSAGE, NULL, NULL, NULL,
					&request));
	settle();
	for (size_t i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		struct object good = youngest(flaws[i].type), bad = good;
		struct fx_dump *before;
		DWORD code;

		make_flaw(&flaws[i], &bad);
		fx_put(&bad);
		must(ExportNtmsDatabase(fx_session));
		fx_put(&good);
		before = fx_dump();
		code = ImportNtmsDatabase(fx_session);
		cr_assert_eq(code, ERROR_DATABASE_FAILURE, "%s, kind %d: %u", flaws[i].what,
			     flaws[i].kind, code);
		cr_assert_not_null(strstr(RsmLastMessage(), "the export cannot be used"), "%s: %s",
				   flaws[i].what, RsmLastMessage());
		fx_expect_unchanged(before);
	}
	must(ExportNtmsDatabase(fx_session));
	must(ImportNtmsDatabase(fx_session));
}

/* ---- the codes of their tables ---- */

Test(database, invalid_handle)
{
	refused(ExportNtmsDatabase(NULL), ERROR_INVALID_HANDLE);
	refused(ImportNtmsDatabase(NULL), ERROR_INVALID_HANDLE);
	refused(ExportNtmsDatabase(&fx_session), ERROR_INVALID_HANDLE);
	refused(ImportNtmsDatabase(&fx_session), ERROR_INVALID_HANDLE);
}

static DWORD export_call(HANDLE session)
{
	return ExportNtmsDatabase(session);
}

static DWORD import_call(HANDLE session)
{
	return ImportNtmsDatabase(session);
}

Test(database, access_denied)
{
	NTMS_GUID system;
	DWORD count = 1;
	struct fx_dump *before;

	must(EnumerateNtmsObject(fx_session, NULL, &system, &count, NTMS_COMPUTER, 0));
	fx_deny(&system, NTMS_CONTROL_ACCESS);
	must(ExportNtmsDatabase(fx_session));
	before = fx_dump();
	must_be(fault_other_user(export_call), ERROR_ACCESS_DENIED);
	must_be(fault_other_user(import_call), ERROR_ACCESS_DENIED);
	cr_assert_neq(fault_said[0], '\0');
	fx_expect_unchanged(before);
	cr_assert_eq(access(export_file(STORE_EXPORT_NEW), F_OK), -1);
}

Test(database, sharing_violation)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd;

	must(ExportNtmsDatabase(fx_session));
	fd = open(export_file(STORE_EXPORT_NEW), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(fcntl(fd, F_OFD_SETLK, &whole), 0);
	refused(ExportNtmsDatabase(fx_session), ERROR_SHARING_VIOLATION);
	close(fd);
	must(ExportNtmsDatabase(fx_session));
}

Test(database, failure_nothing_exported)
{
	refused(ImportNtmsDatabase(fx_session), ERROR_DATABASE_FAILURE);
}

Test(database, failure_damaged_export)
{
	must(ExportNtmsDatabase(fx_session));
	cr_assert_eq(truncate(export_file(STORE_EXPORT_FILE), 1000), 0);
	refused(ImportNtmsDatabase(fx_session), ERROR_DATABASE_FAILURE);
}

Test(database, failure_damaged_database)
{
	must_be(fault_damage("objects", export_call), ERROR_DATABASE_FAILURE);
	must(ExportNtmsDatabase(fx_session));
	must_be(fault_damage("index", import_call), ERROR_DATABASE_FAILURE);
	must(ImportNtmsDatabase(fx_session));
}

Test(database, failure_locked)
{
	must(ExportNtmsDatabase(fx_session));
	must_be(fault_locked_out(export_call), ERROR_DATABASE_FAILURE);
	must_be(fault_locked_out(import_call), ERROR_DATABASE_FAILURE);
}

Test(database, failure_full_disk, .init = fault_setup_small_disk)
{
	struct fx_dump *before = fx_dump();

	must(ExportNtmsDatabase(fx_session));
	must_be(fault_full_disk(export_call), ERROR_DATABASE_FAILURE);
	must_be(fault_full_disk(import_call), ERROR_DATABASE_FAILURE);
	fx_expect_unchanged(before);
	must(ImportNtmsDatabase(fx_session));
}

Test(database, not_enough_memory, .init = fault_setup_heap)
{
	fault_little_memory(export_call);
}

Test(database, busy_while_mounted)
{
	NTMS_GUID media = fx_allocated("V00001L8");

	must(ExportNtmsDatabase(fx_session));
	fx_mount(media);
	must(ExportNtmsDatabase(fx_session));
	refused(ImportNtmsDatabase(fx_session), ERROR_BUSY);
	fx_dismount(media, 0);
	fx_settle(media);
	settle();
	/* What was mounted then is nobody's now. */
	must(ImportNtmsDatabase(fx_session));
	settle();
	cr_assert_eq(fx_media(&media).media.state, NTMS_MEDIASTATE_IDLE);
	fx_mount(media);
}

Test(database, busy_while_requests_are_not_finished)
{
	must(ExportNtmsDatabase(fx_session));
	fx_stop_work();
	refused(ImportNtmsDatabase(fx_session), ERROR_BUSY); /* somebody has the robot */
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	fx_let_work();
	settle();
	must(ImportNtmsDatabase(fx_session));
}

struct import {
	pid_t task;
	sem_t begun;
	DWORD code;
};

static void *import(void *arg)
{
	struct import *import = arg;

	import->task = gettid();
	sem_post(&import->begun);
	import->code = ImportNtmsDatabase(fx_session);
	return NULL;
}

/* A worker is still there for a moment when all of its work is done. */
Test(database, a_robot_about_to_be_free_is_waited_for)
{
	struct import other = {.code = ERROR_BUSY};
	pthread_t thread;
	char state;

	must(ExportNtmsDatabase(fx_session));
	fx_stop_work();
	sem_init(&other.begun, 0, 0);
	cr_assert_eq(pthread_create(&thread, NULL, import, &other), 0);
	sem_wait(&other.begun);
	while ((state = thread_state(other.task)) != 'S' && state)
		sched_yield();
	fx_let_work();
	pthread_join(thread, NULL);
	must(other.code);
}

/* Not even one that no worker can begin: somebody may wait for it. */
Test(database, busy_while_a_mount_waits)
{
	struct object request;

	must(ExportNtmsDatabase(fx_session));
	request_init(NULL, NTMS_LM_MOUNT, &fx_library, &request);
	request.librequest.state = NTMS_LM_WAITING;
	fx_insert(&request);
	refused(ImportNtmsDatabase(fx_session), ERROR_BUSY);
	fx_delete(&request.guid);
	must(ImportNtmsDatabase(fx_session));
}
