/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-sides.c - cartridges with two sides, in a jukebox that turns them over
 *
 * What faces the heads is asked of the library itself: the device node leads to the side inside.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/media.h"
#include "core/run.h"
#include "faults.h"
#include "kill-at.h"

#define TAPE "V00001MO"

static void setup(void)
{
	fx_make_shape(&(RSM_VIRTUAL_SHAPE){.dwDrives = 1,
					   .dwSlots = 4,
					   .dwPorts = 1,
					   .dwTapes = 3,
					   .dwMedia = RSM_VIRTUAL_MO,
					   .bBarCodeReader = TRUE});
	fx_open_library();
}

TestSuite(sides, .timeout = 180, .init = setup, .fini = fx_teardown);

static bool same(NTMS_GUID a, NTMS_GUID b)
{
	return guid_equal(&a, &b);
}

/* ---- what is asked ---- */

static NTMS_GUID side_of(const char *barcode, unsigned int number)
{
	NTMS_GUID media = fx_find(barcode, NTMS_PHYSICAL_MEDIA), list[4];
	DWORD count = 4;

	must(EnumerateNtmsObject(fx_session, &media, list, &count, NTMS_PARTITION, 0));
	cr_assert_eq(count, 2);
	cr_assert_eq(fx_get(&list[number], NTMS_PARTITION).side.side, number);
	return list[number];
}

static struct object side_record(const char *barcode, unsigned int number)
{
	NTMS_GUID guid = side_of(barcode, number);

	return fx_get(&guid, NTMS_PARTITION);
}

/* Which file the drive's users open, after "tapes/". */
static const char *at_the_heads(void)
{
	static char target[PATH_MAX];
	NTMS_GUID drive = fx_drive_guid(0);
	ssize_t length = readlink(fx_node(drive), target, sizeof(target) - 1);
	const char *last;

	cr_assert_gt(length, 0);
	target[length] = '\0';
	last = strrchr(target, '/');
	return last ? last + 1 : target;
}

static bool is_in_drive(const char *barcode, unsigned int side)
{
	NTMS_GUID guid = side_of(barcode, side);

	return same(fx_drive(0).device.side, guid);
}

/* Pool of the type of the cartridges, which draws from the Free pool. */
static NTMS_GUID make_pool(const char *name, bool returns, DWORD max_allocates)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_MEDIA_POOL};
	NTMS_GUID media = fx_find(TAPE, NTMS_PHYSICAL_MEDIA), pool;
	NTMS_GUID type = fx_get(&media, NTMS_PHYSICAL_MEDIA).media.media_type;

	must(CreateNtmsMediaPoolA(fx_session, name, &type, NTMS_CREATE_NEW, NULL, &pool));
	must(GetNtmsObjectInformationA(fx_session, &pool, &info));
	info.Info.MediaPool.AllocationPolicy = NTMS_ALLOCATE_FROMSCRATCH;
	info.Info.MediaPool.DeallocationPolicy = returns ? NTMS_DEALLOCATE_TOSCRATCH : 0;
	info.Info.MediaPool.dwMaxAllocates = max_allocates;
	must(SetNtmsObjectInformationA(fx_session, &pool, &info));
	return pool;
}

static DWORD allocate(NTMS_GUID pool, const NTMS_GUID *side, DWORD options, NTMS_GUID *logical)
{
	NTMS_GUID wanted = side ? *side : (NTMS_GUID)NTMS_NULLGUID;

	return AllocateNtmsMedia(fx_session, &pool, side ? &wanted : NULL, logical,
				 options | NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL);
}

/* Both sides of the first cartridge, allocated. */
static void allocate_both(NTMS_GUID logical[2])
{
	NTMS_GUID pool;

	fx_free_cartridge(TAPE);
	pool = make_pool("app", false, 0);
	must(allocate(pool, NULL, NTMS_ALLOCATE_NEW, &logical[0]));
	logical[1] = logical[0];
	must(allocate(pool, NULL, NTMS_ALLOCATE_NEXT, &logical[1]));
}

static void work_done(void)
{
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
}

static void inventory(DWORD action)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, action));
	work_done();
}

/* At home, and the way it was brought. */
static void expect_home(void)
{
	fx_expect_home(TAPE);
	cr_assert(!fx_is_inverted(TAPE), "it lies in its slot upside down");
}

/* ---- what there is ---- */

Test(sides, a_cartridge_is_a_medium_with_two_sides)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info)};
	NTMS_GUID media = fx_find(TAPE, NTMS_PHYSICAL_MEDIA), type;

	must(GetNtmsObjectInformationA(fx_session, &media, &info));
	cr_assert_eq(info.Info.PhysicalMedia.dwNumberOfPartitions, 2);
	type = info.Info.PhysicalMedia.MediaType;
	memset(&info, 0, sizeof(info));
	info.dwSize = sizeof(info);
	must(GetNtmsObjectInformationA(fx_session, &type, &info));
	cr_assert_eq(info.Info.MediaType.MediaType, MO_5_RW);
	cr_assert_eq(info.Info.MediaType.NumberOfSides, 2);
	cr_assert_eq(info.Info.MediaType.DeviceType, FILE_DEVICE_DISK);
	for (WORD number = 0; number < 2; number++) {
		NTMS_GUID side = side_of(TAPE, number);

		memset(&info, 0, sizeof(info));
		info.dwSize = sizeof(info);
		must(GetNtmsObjectInformationA(fx_session, &side, &info));
		cr_assert_eq(info.dwType, NTMS_PARTITION);
		cr_assert_eq(info.Info.Partition.Side, number);
		cr_assert(guid_equal(&info.Info.Partition.PhysicalMedia, &media));
		cr_assert_eq(info.Info.Partition.State, NTMS_PARTSTATE_UNKNOWN);
	}
}

Test(sides, the_drive_is_for_disks)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info)};
	NTMS_GUID type = fx_drive(0).device.device_type;

	must(GetNtmsObjectInformationA(fx_session, &type, &info));
	cr_assert_eq(info.Info.DriveType.DeviceType, FILE_DEVICE_DISK);
}

Test(sides, an_inventory_identifies_both)
{
	inventory(NTMS_INVENTORY_OMID);
	cr_assert_eq(side_record(TAPE, 0).side.state, NTMS_PARTSTATE_FOREIGN);
	cr_assert_eq(side_record(TAPE, 1).side.state, NTMS_PARTSTATE_FOREIGN);
	expect_home();
}

Test(sides, both_get_a_free_label_of_their_own)
{
	struct object side[2];

	fx_free_cartridge(TAPE);
	for (unsigned int i = 0; i < 2; i++) {
		side[i] = side_record(TAPE, i);
		cr_assert_eq(side[i].side.state, NTMS_PARTSTATE_AVAILABLE);
		cr_assert_gt(side[i].side.label_id_length, 0);
	}
	cr_assert_neq(
		memcmp(side[0].side.label_id, side[1].side.label_id, side[0].side.label_id_length),
		0, "both sides have the same label");
	expect_home();
}

/* ---- mounts ---- */

Test(sides, the_side_asked_for_faces_the_heads)
{
	NTMS_GUID logical[2], mounted;

	allocate_both(logical);
	fx_mount(logical[1]);
	cr_assert_str_eq(at_the_heads(), TAPE "@B");
	cr_assert(is_in_drive(TAPE, 1));
	mounted = side_of(TAPE, 1);
	cr_assert(same(fx_media(&logical[1]).media.mounted_side, mounted));
	fx_dismount(logical[1], 0);
	expect_home();
	fx_mount(logical[0]);
	cr_assert_str_eq(at_the_heads(), TAPE);
	cr_assert(is_in_drive(TAPE, 0));
	fx_dismount(logical[0], 0);
	expect_home();
}

Test(sides, what_is_written_on_one_is_not_on_the_other)
{
	NTMS_GUID logical[2], drive;

	allocate_both(logical);
	drive = fx_mount(logical[0]);
	fx_write_tape(fx_node(drive), "first");
	fx_dismount(logical[0], 0);
	drive = fx_mount(logical[1]);
	fx_expect_tape(fx_node(drive), "");
	fx_write_tape(fx_node(drive), "second");
	fx_dismount(logical[1], 0);
	drive = fx_mount(logical[0]);
	fx_expect_tape(fx_node(drive), "first");
	fx_dismount(logical[0], 0);
	drive = fx_mount(logical[1]);
	fx_expect_tape(fx_node(drive), "second");
}

/* The medium is in the drive already, the wrong way round. */
Test(sides, a_released_medium_is_turned_over_for_its_other_side)
{
	NTMS_GUID logical[2];
	unsigned long long robot;

	allocate_both(logical);
	fx_mount(logical[0]);
	fx_dismount(logical[0], NTMS_DISMOUNT_DEFERRED);
	fx_mount(logical[1]);
	cr_assert_str_eq(at_the_heads(), TAPE "@B");
	cr_assert(is_in_drive(TAPE, 1));
	fx_dismount(logical[1], NTMS_DISMOUNT_DEFERRED);
	/* The same side again needs no robot. */
	robot = fx_robot();
	fx_mount(logical[1]);
	cr_assert_eq(fx_robot(), robot);
	cr_assert_str_eq(at_the_heads(), TAPE "@B");
	fx_dismount(logical[1], 0);
	expect_home();
}

Test(sides, the_other_side_of_a_mounted_medium_is_busy)
{
	NTMS_GUID logical[2], both[2], drives[2];
	HANDLE other = fx_open();

	allocate_both(logical);
	memcpy(both, logical, sizeof(both));
	must_be(MountNtmsMedia(fx_session, both, drives, 2, NTMS_MOUNT_READ, NTMS_PRIORITY_NORMAL,
			       PATIENCE_MS, NULL),
		ERROR_BUSY);
	fx_mount(logical[0]);
	must_be(fx_try_mount(fx_session, logical[1], NULL, NTMS_MOUNT_READ, PATIENCE_MS),
		ERROR_BUSY);
	must_be(fx_try_mount(other, logical[1], NULL,
			     NTMS_MOUNT_READ | NTMS_MOUNT_ERROR_NOT_AVAILABLE, PATIENCE_MS),
		ERROR_BUSY);
	must_be(fx_try_mount(other, logical[1], NULL, NTMS_MOUNT_READ, 300), ERROR_TIMEOUT);
	cr_assert_str_eq(at_the_heads(), TAPE);
	must_be(DismountNtmsMedia(fx_session, &logical[1], 1, 0), ERROR_INVALID_STATE);
	fx_dismount(logical[0], 0);
	fx_mount_by(other, logical[1]);
	cr_assert_str_eq(at_the_heads(), TAPE "@B");
	fx_dismount(logical[1], 0);
	fx_close(&other);
}

Test(sides, each_side_counts_its_own_mounts)
{
	NTMS_GUID logical[2];

	allocate_both(logical);
	for (int i = 0; i < 3; i++) {
		fx_mount(logical[1]);
		fx_dismount(logical[1], 0);
	}
	cr_assert_eq(side_record(TAPE, 0).side.mount_count, 0);
	cr_assert_eq(side_record(TAPE, 1).side.mount_count, 3);
}

Test(sides, a_label_is_compared_with_that_of_its_side)
{
	NTMS_GUID logical[2], drive;

	allocate_both(logical);
	drive = fx_mount(logical[1]);
	(void)drive;
	fx_dismount(logical[1], 0);
	/* Somebody overwrites the second side without RSM. */
	must(virtual_hand_take(fx_vlib, (uint16_t)fx_where(TAPE)));
	{
		char path[PATH_MAX], label[81];
		FILE *file;

		snprintf(path, sizeof(path), "%s/tapes/%s@B", fx_vlib, TAPE);
		snprintf(label, sizeof(label), "VOL1%-6s%70s", "ALIEN", "");
		file = fopen(path, "w");
		cr_assert(file);
		cr_assert_eq(fwrite(label, 1, 80, file), 80);
		cr_assert_eq(fclose(file), 0);
	}
	must(virtual_hand_put(fx_vlib, TAPE, VIRTUAL_FIRST_SLOT));
	fx_mount(logical[0]);
	fx_dismount(logical[0], 0);
	must_be(fx_try_mount(fx_session, logical[1], NULL, NTMS_MOUNT_READ, PATIENCE_MS),
		ERROR_INVALID_STATE);
	work_done();
	/* What lies there is another cartridge; both its sides have been looked at. */
	cr_assert_eq(fx_side(&logical[1]).side.state, NTMS_PARTSTATE_ALLOCATED);
	cr_assert(same(fx_media(&logical[1]).media.location, (NTMS_GUID)NTMS_NULLGUID));
}

/* ---- allocation ---- */

/* As with any other allocation: only what is enabled, and there. */
Test(sides, next_of_a_cartridge_out_of_use)
{
	NTMS_GUID media = fx_find(TAPE, NTMS_PHYSICAL_MEDIA), pool, first, next;

	fx_free_cartridge(TAPE);
	pool = make_pool("app", false, 0);
	must(allocate(pool, NULL, NTMS_ALLOCATE_NEW, &first));
	must(DisableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &media));
	next = first;
	must_be(allocate(pool, NULL, NTMS_ALLOCATE_NEXT, &next), ERROR_MEDIA_UNAVAILABLE);
	must(EnableNtmsObject(fx_session, NTMS_PHYSICAL_MEDIA, &media));
	must(virtual_hand_take(fx_vlib, (uint16_t)fx_where(TAPE)));
	inventory(NTMS_INVENTORY_FAST);
	next = first;
	must_be(allocate(pool, NULL, NTMS_ALLOCATE_NEXT, &next), ERROR_MEDIA_OFFLINE);
	must(virtual_hand_put(fx_vlib, TAPE, VIRTUAL_FIRST_SLOT));
	inventory(NTMS_INVENTORY_FAST);
	next = first;
	must(allocate(pool, NULL, NTMS_ALLOCATE_NEXT, &next));
}

Test(sides, new_and_next)
{
	NTMS_GUID pool, first, next, none, stranger;

	fx_free_cartridge(TAPE);
	pool = make_pool("app", false, 0);
	must(allocate(pool, NULL, NTMS_ALLOCATE_NEW, &first));
	cr_assert_eq(fx_side(&first).side.side, 0);
	cr_assert_eq(side_record(TAPE, 1).side.state, NTMS_PARTSTATE_RESERVED);
	/* It is nobody else's. */
	must_be(allocate(pool, NULL, 0, &stranger), ERROR_MEDIA_UNAVAILABLE);
	next = first;
	must(allocate(pool, NULL, NTMS_ALLOCATE_NEXT, &next));
	cr_assert_eq(fx_side(&next).side.side, 1);
	cr_assert(!guid_equal(&next, &first));
	none = next;
	must_be(allocate(pool, NULL, NTMS_ALLOCATE_NEXT, &none), ERROR_MEDIA_UNAVAILABLE);
}

Test(sides, a_given_side)
{
	NTMS_GUID pool, wanted, logical;

	fx_free_cartridge(TAPE);
	pool = make_pool("app", false, 0);
	wanted = side_of(TAPE, 1);
	must(allocate(pool, &wanted, 0, &logical));
	cr_assert(same(fx_side(&logical).guid, wanted));
	cr_assert_eq(side_record(TAPE, 0).side.state, NTMS_PARTSTATE_AVAILABLE);
	must_be(allocate(pool, &wanted, 0, &logical), ERROR_MEDIA_UNAVAILABLE);
	fx_mount(wanted);
	cr_assert_str_eq(at_the_heads(), TAPE "@B");
}

Test(sides, each_side_wears_out_by_itself)
{
	NTMS_GUID pool, side[2], logical;

	fx_free_cartridge(TAPE);
	pool = make_pool("app", false, 2);
	side[0] = side_of(TAPE, 0);
	side[1] = side_of(TAPE, 1);
	for (int i = 0; i < 2; i++) {
		must(allocate(pool, &side[0], 0, &logical));
		must(DeallocateNtmsMedia(fx_session, &logical, 0));
	}
	cr_assert_eq(side_record(TAPE, 0).side.state, NTMS_PARTSTATE_DECOMMISSIONED);
	cr_assert_eq(side_record(TAPE, 1).side.state, NTMS_PARTSTATE_AVAILABLE);
	must_be(allocate(pool, &side[0], 0, &logical), ERROR_MEDIA_UNAVAILABLE);
	must(allocate(pool, NULL, 0, &logical));
	cr_assert_eq(fx_side(&logical).side.side, 1);
}

Test(sides, deallocation_ends_the_reservation_of_the_other)
{
	NTMS_GUID pool, logical;

	fx_free_cartridge(TAPE);
	pool = make_pool("app", false, 0);
	must(allocate(pool, NULL, NTMS_ALLOCATE_NEW, &logical));
	must(DeallocateNtmsMedia(fx_session, &logical, 0));
	cr_assert_eq(side_record(TAPE, 0).side.state, NTMS_PARTSTATE_AVAILABLE);
	cr_assert_eq(side_record(TAPE, 1).side.state, NTMS_PARTSTATE_AVAILABLE);
}

/* It goes back when nothing of it is anybody's, and gets new labels on both sides then. */
Test(sides, the_last_deallocation_returns_it)
{
	NTMS_GUID pool, first, next;
	struct object old[2];

	fx_free_cartridge(TAPE);
	pool = make_pool("app", true, 0);
	must(allocate(pool, NULL, NTMS_ALLOCATE_NEW, &first));
	next = first;
	must(allocate(pool, NULL, NTMS_ALLOCATE_NEXT, &next));
	old[0] = side_record(TAPE, 0);
	old[1] = side_record(TAPE, 1);
	must(DeallocateNtmsMedia(fx_session, &first, 0));
	work_done();
	cr_assert(same(side_record(TAPE, 0).side.pool, pool));
	must(DeallocateNtmsMedia(fx_session, &next, 0));
	work_done();
	for (unsigned int i = 0; i < 2; i++) {
		struct object side = side_record(TAPE, i);

		cr_assert_eq(side.side.state, NTMS_PARTSTATE_AVAILABLE);
		cr_assert(!guid_equal(&side.side.pool, &pool));
		cr_assert_neq(memcmp(side.side.label_id, old[i].side.label_id,
				     sizeof(side.side.label_id)),
			      0, "side %u has no new label", i);
	}
	expect_home();
}

Test(sides, one_is_decommissioned)
{
	NTMS_GUID side = (fx_free_cartridge(TAPE), side_of(TAPE, 0)), logical, pool;

	must(DecommissionNtmsMedia(fx_session, &side));
	cr_assert_eq(side_record(TAPE, 1).side.state, NTMS_PARTSTATE_AVAILABLE);
	pool = make_pool("app", false, 0);
	must(allocate(pool, NULL, 0, &logical));
	cr_assert_eq(fx_side(&logical).side.side, 1);
	/* The other one is not free, so that it could be reserved. */
	must(DeallocateNtmsMedia(fx_session, &logical, 0));
	must_be(allocate(pool, NULL, NTMS_ALLOCATE_NEW, &logical), ERROR_MEDIA_UNAVAILABLE);
}

/* ---- people turn it over ---- */

static void rename_tape(const char *from, const char *to)
{
	char old[PATH_MAX], new[PATH_MAX];

	snprintf(old, sizeof(old), "%s/tapes/%s", fx_vlib, from);
	snprintf(new, sizeof(new), "%s/tapes/%s", fx_vlib, to);
	cr_assert_eq(rename(old, new), 0, "%s: %m", old);
}

/* It is taken out and brought back upside down: the robot knows nothing of that. */
static void turn_by_hand(void)
{
	rename_tape(TAPE, "hand");
	rename_tape(TAPE "@B", TAPE);
	rename_tape("hand", TAPE "@B");
}

Test(sides, brought_upside_down_it_is_known_by_its_label)
{
	NTMS_GUID logical[2], drive;

	allocate_both(logical);
	drive = fx_mount(logical[0]);
	fx_write_tape(fx_node(drive), "first");
	fx_dismount(logical[0], 0);
	turn_by_hand();
	drive = fx_mount(logical[0]);
	fx_expect_tape(fx_node(drive), "first");
	cr_assert_str_eq(at_the_heads(), TAPE "@B");
	cr_assert(is_in_drive(TAPE, 0));
	fx_dismount(logical[0], 0);
	expect_home();
	/* Now it is known: it is mounted without a detour, and after it was turned again, too. */
	drive = fx_mount(logical[1]);
	cr_assert_str_eq(at_the_heads(), TAPE);
	fx_dismount(logical[1], 0);
	turn_by_hand();
	drive = fx_mount(logical[0]);
	fx_expect_tape(fx_node(drive), "first");
	cr_assert_str_eq(at_the_heads(), TAPE);
}

Test(sides, an_inventory_finds_it_upside_down)
{
	NTMS_GUID logical[2];
	struct object before[2];

	allocate_both(logical);
	before[0] = side_record(TAPE, 0);
	before[1] = side_record(TAPE, 1);
	turn_by_hand();
	inventory(NTMS_INVENTORY_OMID);
	cr_assert(fx_media(&logical[0]).media.turned);
	for (unsigned int i = 0; i < 2; i++) {
		struct object side = side_record(TAPE, i);

		cr_assert(guid_equal(&side.guid, &before[i].guid));
		cr_assert_eq(side.side.state, NTMS_PARTSTATE_ALLOCATED);
		cr_assert_arr_eq(side.side.label_id, before[i].side.label_id,
				 sizeof(side.side.label_id));
	}
	expect_home();
}

/* Somebody's other program has left it upside down in its slot, and in the drive. */
Test(sides, what_the_library_says_of_it_counts)
{
	NTMS_GUID logical[2];
	struct session *session;
	struct object library;
	struct turn turn;

	allocate_both(logical);
	session = fx_session;
	library = fx_get(&fx_library, NTMS_LIBRARY);
	must(turn_begin(session->system, &library, clock_deadline(PATIENCE_MS), &turn));
	cr_assert_eq(
		broker_move(turn.lease, (uint16_t)fx_where(TAPE), VIRTUAL_FIRST_DRIVE, true, 0), 0);
	must(inventory_reconcile(&turn, false, false));
	turn_end(&turn);
	cr_assert(is_in_drive(TAPE, 1));
	fx_mount(logical[0]);
	cr_assert_str_eq(at_the_heads(), TAPE);
	fx_dismount(logical[0], 0);
	expect_home();
	must(turn_begin(session->system, &library, clock_deadline(PATIENCE_MS), &turn));
	cr_assert_eq(
		broker_move(turn.lease, (uint16_t)fx_where(TAPE), VIRTUAL_FIRST_SLOT + 3, true, 0),
		0);
	must(inventory_reconcile(&turn, false, false));
	turn_end(&turn);
	cr_assert(fx_is_inverted(TAPE));
	fx_mount(logical[1]);
	cr_assert_str_eq(at_the_heads(), TAPE "@B");
	fx_dismount(logical[1], 0);
	expect_home();
}

/* ---- killed at every system call ---- */

static NTMS_GUID media, place_from, place_to;

static void take_turn(struct turn *turn)
{
	struct session *session = fx_session;
	struct object library = fx_get(&fx_library, NTMS_LIBRARY);

	must(turn_begin(session->system, &library, clock_deadline(PATIENCE_MS), turn));
}

/* A request for the second side, to move it for. */
static struct object ask(void)
{
	NTMS_GUID side = side_of(TAPE, 1);
	struct object request;

	request_init(NULL, NTMS_LM_CLASSIFY, &fx_library, &request);
	request.librequest.media = media;
	request.librequest.side = side;
	fx_insert(&request);
	return request;
}

static struct object asked;

static int move_it(void *context)
{
	struct session *session;
	struct object library;
	struct turn turn;

	(void)context;
	session = OpenNtmsSessionA(NULL, "to be killed", 0);
	if (session == INVALID_HANDLE_VALUE)
		return 97;
	{
		struct turn look = {.system = session->system};

		child_must(run_read(&look, &fx_library, NTMS_LIBRARY, &library));
	}
	child_must(turn_begin(session->system, &library, clock_deadline(PATIENCE_MS), &turn));
	kill_at_begin();
	child_must(robot_move(&turn, &asked, &media, &place_from, &place_to));
	_exit(0);
}

/* The records say of the place and of the side that faces the heads what the library says. */
static void expect_truth(int stop)
{
	struct object record = fx_get(&media, NTMS_PHYSICAL_MEDIA), place;
	struct object drive = fx_drive(0);

	cr_assert(!guid_is_null(&record.media.location), "stop %d: it is nowhere", stop);
	place = fx_get(&record.media.location, NTMS_UNKNOWN);
	cr_assert_eq(place.device.element, fx_where(TAPE), "stop %d", stop);
	if (place.type != NTMS_DRIVE) {
		cr_assert(guid_is_null(&drive.device.side), "stop %d", stop);
		cr_assert(!fx_is_inverted(TAPE), "stop %d: it lies upside down", stop);
		return;
	}
	cr_assert(is_in_drive(TAPE, fx_is_inverted(TAPE)),
		  "stop %d: the other side faces the heads", stop);
	cr_assert_str_eq(at_the_heads(), TAPE "@B");
}

/* What is open is settled; then it is @at, as before. */
static void settle(int stop, const NTMS_GUID *at)
{
	struct object record;
	struct turn turn;

	take_turn(&turn);
	must(turn_settle(&turn));
	expect_truth(stop);
	record = fx_get(&media, NTMS_PHYSICAL_MEDIA);
	if (!guid_equal(&record.media.location, at)) {
		asked = fx_get(&asked.guid, NTMS_LIBREQUEST);
		must(robot_move(&turn, &asked, &media, &record.media.location, at));
		expect_truth(stop);
	}
	turn_end(&turn);
	fx_delete(&asked.guid);
}

static void kill_moves(const NTMS_GUID *from, const NTMS_GUID *to)
{
	int stop = 0;
	bool killed;

	place_from = *from;
	place_to = *to;
	do {
		asked = ask();
		killed = kill_at(move_it, NULL, ++stop);
		settle(stop, from);
	} while (killed);
	cr_assert_gt(stop, 50);
}

Test(sides, killed_at_every_system_call_of_a_move_that_turns_it)
{
	NTMS_GUID drive = fx_drive_guid(0), slot;

	fx_free_cartridge(TAPE);
	media = fx_find(TAPE, NTMS_PHYSICAL_MEDIA);
	slot = fx_get(&media, NTMS_PHYSICAL_MEDIA).media.home_slot;
	kill_moves(&slot, &drive);
}

Test(sides, killed_at_every_system_call_of_its_way_home)
{
	NTMS_GUID drive = fx_drive_guid(0), slot;
	struct turn turn;

	fx_free_cartridge(TAPE);
	media = fx_find(TAPE, NTMS_PHYSICAL_MEDIA);
	slot = fx_get(&media, NTMS_PHYSICAL_MEDIA).media.home_slot;
	/* With the lease in our hands nobody else carries out what is asked. */
	take_turn(&turn);
	asked = ask();
	must(robot_move(&turn, &asked, &media, &slot, &drive));
	turn_end(&turn);
	fx_delete(&asked.guid);
	kill_moves(&drive, &slot);
}

/* Whatever an executor was doing when it died: the next caller gets the side he asks for. */
static int steps_left;

static void die_some_time(void *context, const RSM_PROGRESS *progress)
{
	(void)context;
	(void)progress;
	if (steps_left-- == 0)
		raise(SIGKILL);
}

static NTMS_GUID second;

static int mount_and_die(const struct child *parent)
{
	HANDLE session = OpenNtmsSessionA(NULL, "to be killed", 0);

	(void)parent;
	if (session == INVALID_HANDLE_VALUE)
		_exit(97);
	child_must(RsmSetProgress(session, die_some_time, NULL));
	child_must(fx_try_mount(session, second, NULL, NTMS_MOUNT_READ, PATIENCE_MS));
	return 0;
}

Test(sides, killed_at_every_step_of_a_mount)
{
	NTMS_GUID logical[2];
	int status, step = 0, missed = 0;

	allocate_both(logical);
	second = logical[1];
	fx_slow_robot(50);
	/* On a machine that is busy not every step is seen by who waits, and dies at it. */
	do {
		struct child child;

		steps_left = step;
		child = start_child(mount_and_die);
		status = end_child(&child);
		fx_mount(logical[0]);
		cr_assert_str_eq(at_the_heads(), TAPE);
		cr_assert(is_in_drive(TAPE, 0));
		fx_dismount(logical[0], step % 2 ? NTMS_DISMOUNT_DEFERRED : 0);
		cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
		if (WIFSIGNALED(status))
			step++;
		else
			cr_assert_lt(++missed, 20, "nobody dies at step %d", step);
	} while (WIFSIGNALED(status) || step < 2);
}

/* ---- a move whose end is not known ---- */

static void look_goes_wrong(uint32_t number)
{
	const struct virtual_fault fault = {
		.operation = VIRTUAL_ELEMENTS, .where = UINT32_MAX, .skip = number, .count = 1};

	fx_virtual_only("the library has no such fault");
	cr_assert_eq(virtual_fault_add(fx_vlib, &fault), 0);
}

static void expect_none_failed_by(DWORD error, uint32_t number)
{
	static NTMS_GUID list[1024];
	DWORD count = sizeof(list) / sizeof(list[0]);

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++) {
		struct object request = fx_get(&list[i], NTMS_LIBREQUEST);

		cr_assert_neq(request.librequest.error, error, "look %u: %s", number,
			      request.librequest.waits_for);
	}
}

/* Which way round it lies is asked after each move. */
Test(sides, a_move_that_is_not_settled_is_in_nobodys_way)
{
	for (uint32_t number = 0; number < 12; number++) {
		look_goes_wrong(number);
		must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_OMID));
		cr_assert_neq(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS),
			      ERROR_TIMEOUT);
		must(virtual_fault_clear(fx_vlib));
		expect_none_failed_by(ERROR_INVALID_STATE, number);
		inventory(NTMS_INVENTORY_FAST);
		expect_home();
	}
}
