/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-worker-failure.c - memory or the database fails the worker while it carries something out
 *
 * Whatever is queued ends: well, later perhaps, or with the error that says what was scarce. Every
 * cartridge is where the records have it, and the next that is queued is carried out.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "people.h"
#include "scarce.h"

/* Of the address sanitizer, where the program is built with it. */
__attribute__((weak)) int __lsan_do_recoverable_leak_check(void);

/* What Berkeley DB allocated before an allocation failed it often forgets. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libdb-5.3.so";
}

/* There are thousands, most of them alike, in reading the same objects: the first, and then every
 * so-manieth. RSM_EVERY_ONE in the environment for all; RSM_ONLY for one of the kinds, by name. */
#define FIRST_ONES 40
#define STRIDE	   37

#define FIRST	      "V00001L8"
#define CLEANER	      "CLN001L8"
#define CLEANER_SLOT  6
#define CLEANER_PLACE (VIRTUAL_FIRST_SLOT + CLEANER_SLOT - 1)

/* For messages: what is being done, and which of its calls fails. */
static const char *trying;
static long number;
static char told[160]; /* of the request */

struct kind {
	const char *name;
	void (*prepare)(void);
	/* Have it done, and wait for that; its error. */
	DWORD (*act)(void);
};

static NTMS_GUID media;		      /* an LMID: of FIRST */
static NTMS_GUID cartridge;	      /* FIRST */
static NTMS_GUID second, second_side; /* another cartridge */
static NTMS_GUID pool, free_pool;
static unsigned int home; /* the element of FIRST */

/* ---- made ready ---- */

static void at_rest(void)
{
	DWORD code = RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS);

	cr_assert_neq(code, ERROR_TIMEOUT, "%s", RsmLastMessage());
}

static void look(void)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	at_rest();
}

static DWORD state_now(void)
{
	return fx_get(&cartridge, NTMS_PHYSICAL_MEDIA).media.state;
}

/* What could not be looked at is by the next inventory. */
static void looked_at(void)
{
	struct object obj = fx_get(&cartridge, NTMS_PHYSICAL_MEDIA);

	if (fx_get(&obj.media.home_slot, NTMS_STORAGESLOT).device.state ==
	    NTMS_SLOTSTATE_NEEDSINVENTORY)
		look();
}

static void at_home(void)
{
	at_rest();
	if (fx_where(FIRST) == 0) {
		cr_assert_eq(virtual_hand_put(fx_vlib, FIRST, (uint16_t)home), 0);
		look();
	}
	if (state_now() == NTMS_MEDIASTATE_LOADED)
		must(DismountNtmsMedia(fx_session, &media, 1, NTMS_DISMOUNT_IMMEDIATE));
	at_rest();
	if (fx_where(FIRST) != home)
		fx_mount(media), fx_dismount(media, NTMS_DISMOUNT_IMMEDIATE);
	home = fx_where(FIRST);
	looked_at();
	fx_expect_home(FIRST);
}

static void in_drive(void)
{
	at_home();
	fx_mount(media);
}

static void out(void)
{
	at_home();
	cr_assert_eq(virtual_hand_take(fx_vlib, (uint16_t)home), 0);
	look();
}

static DWORD write_free_label(void)
{
	must(MoveToNtmsMediaPool(fx_session, &second, &free_pool));
	return RsmWaitForMedia(fx_session, &second, PATIENCE_MS);
}

static void not_free(void)
{
	struct object obj = fx_get(&second, NTMS_PHYSICAL_MEDIA);

	if (obj.media.location_type == NTMS_DRIVE)
		must(DismountNtmsDrive(fx_session, &obj.media.location));
	at_rest();
	cr_assert_eq(fx_get(&second_side, NTMS_PARTITION).side.state, NTMS_PARTSTATE_AVAILABLE,
		     "%s, number %ld: the label was not written", trying, number);
	must(MoveToNtmsMediaPool(fx_session, &second, &pool));
	at_rest();
}

/* ---- done ---- */

static DWORD mount(void)
{
	NTMS_GUID drive;

	return fx_try_mount(fx_session, media, &drive, NTMS_MOUNT_READ | NTMS_MOUNT_WRITE,
			    PATIENCE_MS);
}

static DWORD dismount(void)
{
	must(DismountNtmsMedia(fx_session, &media, 1, NTMS_DISMOUNT_IMMEDIATE));
	return RsmWaitForMedia(fx_session, &media, PATIENCE_MS);
}

static DWORD dismount_deferred(void)
{
	must(DismountNtmsMedia(fx_session, &media, 1, NTMS_DISMOUNT_DEFERRED));
	return RsmWaitForMedia(fx_session, &media, PATIENCE_MS);
}

static DWORD dismount_labelled(void)
{
	return RsmDismountMedia(fx_session, &media, 1, NTMS_DISMOUNT_IMMEDIATE, PATIENCE_MS);
}

static DWORD inventory(DWORD action)
{
	must(InventoryNtmsLibrary(fx_session, &fx_library, action));
	return RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS);
}

static DWORD inventory_fast(void)
{
	return inventory(NTMS_INVENTORY_FAST);
}

static DWORD inventory_full(void)
{
	return inventory(NTMS_INVENTORY_OMID);
}

static DWORD identify(void)
{
	NTMS_GUID slot = fx_find("1", NTMS_STORAGESLOT);

	return IdentifyNtmsSlot(fx_session, &slot, NTMS_DISMOUNT_IMMEDIATE);
}

static bool is_open_or_over(void)
{
	struct obj_librequest request = request_now(&watched);

	return is_over() || (request.phase & PHASE_OPEN && strstr(request.waits_for, "person"));
}

/* Wait for the person's turn: false when it is over without. */
static bool person_is_wanted(const NTMS_GUID *operation)
{
	watched = *operation;
	fx_wait_until(is_open_or_over);
	return !is_over();
}

/* The operation may have failed after it asked for the person: then he comes late, and finds the
 * port locked again. */
static void bring(const char *barcode)
{
	DWORD code = fx_put_in(RSM_VIRTUAL_PORT, 1, barcode);

	if (code != ERROR_BUSY || !is_over())
		must(code);
}

static DWORD ended(void)
{
	struct obj_librequest request;

	fx_wait_until(is_over);
	request = request_now(&watched);
	snprintf(told, sizeof(told), "%s", request.waits_for);
	return request.error;
}

static DWORD eject(void)
{
	NTMS_GUID operation;

	must(EjectNtmsMedia(fx_session, &cartridge, &operation, NTMS_EJECT_START));
	if (person_is_wanted(&operation))
		take_out(1);
	return ended();
}

static DWORD inject(void)
{
	NTMS_GUID operation;

	must(InjectNtmsMedia(fx_session, &fx_library, &operation, NTMS_INJECT_START));
	if (person_is_wanted(&operation))
		bring(FIRST);
	return ended();
}

static bool door_is_seen_open(void)
{
	return is_over() || numbered(NTMS_IEDOOR, 1).device.state == NTMS_DOORSTATE_OPEN;
}

/* The last of its kind that was queued; all that went before are still listed. */
static NTMS_GUID queued(DWORD kind)
{
	static NTMS_GUID list[16384];
	NTMS_GUID operation = NTMS_NULLGUID;
	DWORD count = sizeof(list) / sizeof(list[0]);

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_LIBREQUEST, 0));
	for (DWORD i = 0; i < count; i++)
		if (request_now(&list[i]).operation == kind)
			operation = list[i];
	return operation;
}

static DWORD door(void)
{
	NTMS_GUID operation;

	must(AccessNtmsLibraryDoor(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	operation = queued(NTMS_LM_DOORACCESS);
	if (person_is_wanted(&operation)) {
		must(RsmVirtualDoor(fx_vlib, TRUE));
		fx_wait_until(door_is_seen_open);
		must(RsmVirtualDoor(fx_vlib, FALSE));
	}
	return ended();
}

/* ---- a cleaner ---- */

static size_t cleanings; /* that were asked for */

/* In the library, wherever; in its slot, if it was not. */
static void cleaner_there(void)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_LIBRARY};
	unsigned int element;

	at_rest();
	element = fx_where(CLEANER);
	if (element && element != CLEANER_PLACE)
		cr_assert_eq(virtual_hand_take(fx_vlib, (uint16_t)element), 0);
	if (element != CLEANER_PLACE)
		cr_assert_eq(virtual_hand_put(fx_vlib, CLEANER, CLEANER_PLACE), 0);
	look();
	must(GetNtmsObjectInformationA(fx_session, &fx_library, &info));
	info.Info.Library.dwCleanerUsesRemaining = 20;
	must(SetNtmsObjectInformationA(fx_session, &fx_library, &info));
}

/* It has been taken away, but its slot is kept for it. */
static void cleaner_away(void)
{
	NTMS_GUID slot = fx_get(&fx_library, NTMS_LIBRARY).library.cleaner_slot;
	unsigned int element;

	at_rest();
	element = fx_where(CLEANER);
	if (element)
		cr_assert_eq(virtual_hand_take(fx_vlib, (uint16_t)element), 0);
	look();
	if (!guid_is_null(&slot))
		return;
	slot = numbered(NTMS_STORAGESLOT, CLEANER_SLOT).guid;
	must(ReserveNtmsCleanerSlot(fx_session, &fx_library, &slot));
}

static DWORD clean(void)
{
	NTMS_GUID drive = fx_drive_guid(0);

	must(CleanNtmsDrive(fx_session, &drive));
	cleanings++;
	watched = queued(NTMS_LM_CLEANDRIVE);
	return ended();
}

/* One that ends before it has given the drive back is followed by another that does, and cleans
 * nothing: that is for the dead, and whoever asks for a cleaning meanwhile would hear its end. */
static void no_other_cleaning(void)
{
	size_t count = fx_requests(NTMS_LM_CLEANDRIVE, NTMS_LM_PASSED) +
		       fx_requests(NTMS_LM_CLEANDRIVE, NTMS_LM_FAILED);

	cr_assert_eq(count, cleanings, "%s, number %ld: %zu cleanings were asked for, not %zu",
		     trying, number, cleanings, count);
}

static DWORD eject_cleaner(void)
{
	NTMS_GUID operation;

	must(EjectNtmsCleaner(fx_session, &fx_library, &operation, NTMS_EJECT_START));
	if (person_is_wanted(&operation))
		take_out(1);
	return ended();
}

static DWORD inject_cleaner(void)
{
	NTMS_GUID operation;

	must(InjectNtmsCleaner(fx_session, &fx_library, &operation, 20, NTMS_INJECT_START));
	if (person_is_wanted(&operation))
		bring(CLEANER);
	return ended();
}

/* ---- a drive that stands alone ---- */

static NTMS_GUID alone, alone_drive;

static void look_into_it(void)
{
	DWORD code;

	must(InventoryNtmsLibrary(fx_session, &alone, NTMS_INVENTORY_FAST));
	code = RsmWaitForLibrary(fx_session, &alone, PATIENCE_MS);
	cr_assert_neq(code, ERROR_TIMEOUT, "%s", RsmLastMessage());
}

static void alone_is_full(void)
{
	uint32_t id;
	DWORD count = 1;

	if (guid_is_null(&alone)) {
		must(RsmManageLibrary(fx_session, fx_lone_drive(&id), &alone));
		must(EnumerateNtmsObject(fx_session, &alone, &alone_drive, &count, NTMS_DRIVE, 0));
	}
	look_into_it();
	if (fx_get(&alone_drive, NTMS_DRIVE).device.state != NTMS_DRIVESTATE_DISMOUNTED)
		return;
	must(virtual_insert(fx_vlib, VIRTUAL_DRIVE, 0, "W00001L8"));
	look_into_it();
	cr_assert_eq(fx_get(&alone_drive, NTMS_DRIVE).device.state, NTMS_DRIVESTATE_DISMOUNTABLE);
}

static DWORD eject_alone(void)
{
	struct object drive = fx_get(&alone_drive, NTMS_DRIVE);
	NTMS_GUID inside = fx_media(&drive.device.side).guid;
	DWORD code;

	must(EjectNtmsMedia(fx_session, &inside, &watched, NTMS_EJECT_START));
	code = ended();
	look_into_it();
	/* Somebody may take it: if it was not put out, it is still inside. */
	drive = fx_get(&alone_drive, NTMS_DRIVE);
	cr_assert(code || drive.device.state == NTMS_DRIVESTATE_DISMOUNTED);
	return code;
}

static const struct kind kinds[] = {
	{"mount", at_home, mount},
	{"dismount", in_drive, dismount},
	{"dismount, deferred", in_drive, dismount_deferred},
	{"free label", not_free, write_free_label},
	{"dismount, with its label", in_drive, dismount_labelled},
	{"inventory", at_home, inventory_fast},
	{"inventory of labels", at_home, inventory_full},
	{"one slot", at_home, identify},
	{"eject", at_home, eject},
	{"inject", out, inject},
	{"door", at_home, door},
	{"clean", cleaner_there, clean},
	{"eject of the cleaner", cleaner_there, eject_cleaner},
	{"inject of a cleaner", cleaner_away, inject_cleaner},
	{"eject, stand-alone", alone_is_full, eject_alone},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* ---- how things stand ---- */

/* A cleaner that has left is forgotten, maybe at this moment. */
static bool on_record(const char *barcode, struct object *obj)
{
	struct session *session = fx_session;
	struct txn *txn;
	NTMS_GUID guid;
	DWORD code;

	if (RsmFindObject(fx_session, barcode, NTMS_PHYSICAL_MEDIA, &guid))
		return false;
	must(store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn));
	code = store_get(txn, &guid, NTMS_PHYSICAL_MEDIA, obj);
	store_abort(txn);
	cr_assert(!code || code == ERROR_OBJECT_NOT_FOUND, "%s", RsmErrorName(code));
	return !code;
}

/* The element where a cartridge is by the records; 0: nowhere, or not on record. */
static unsigned int recorded(const char *barcode)
{
	struct object obj;

	if (!on_record(barcode, &obj))
		return 0;
	if (guid_is_null(&obj.media.location))
		return 0;
	return fx_get(&obj.media.location, NTMS_UNKNOWN).device.element;
}

static const char *const cartridges[] = {FIRST, "V00002L8", "V00003L8", "V00004L8", CLEANER};
#define CARTRIDGES (sizeof(cartridges) / sizeof(cartridges[0]))

/* That is where the robot has it; what is in a port is there once the worker has looked. */
static bool places_agree(void)
{
	for (size_t i = 0; i < CARTRIDGES; i++)
		if (recorded(cartridges[i]) != fx_where(cartridges[i]))
			return false;
	return true;
}

/* "cartridge: recorded, real" of each. */
static const char *told_places(void)
{
	static char text[256];
	size_t used = 0;

	for (size_t i = 0; i < CARTRIDGES; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s: %u, %u; ",
					 cartridges[i], recorded(cartridges[i]),
					 fx_where(cartridges[i]));
	return text;
}

/* A drive is held as long as what is in it is mounted. Who has not got it gives it up at once, the
 * records follow with the worker's next turn. */
static bool drives_agree(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct object drive = fx_drive(i);

		if (fx_is_held(&drive.guid) != (drive.device.state == NTMS_DRIVESTATE_LOADED))
			return false;
	}
	return true;
}

/* Nobody is at it any more: what could not be brought home can be dismounted by whoever comes. */
static bool is_left_alone(const struct object *obj)
{
	return obj->media.state == NTMS_MEDIASTATE_IDLE ||
	       obj->media.state == NTMS_MEDIASTATE_LOADED;
}

static bool nothing_moves(void)
{
	for (size_t i = 0; i < CARTRIDGES; i++) {
		struct object obj;

		if (on_record(cartridges[i], &obj) && !is_left_alone(&obj))
			return false;
	}
	return true;
}

/* Who gives up a drive, and where the robot is, no commit tells: looked at again and again. */
static void wait_for(bool (*condition)(void), const char *what)
{
	uint64_t deadline_ns = clock_deadline(DEADLINE_MS);

	while (!condition()) {
		cr_assert_neq(clock_poll_ms(deadline_ns), 0,
			      "%s, number %ld: not so in time: %s; %s", trying, number, what,
			      told_places());
		poll(NULL, 0, 20);
	}
}

static void expect_well(void)
{
	at_rest();
	wait_for(nothing_moves, "no cartridge is under way");
	wait_for(places_agree, "the records have each cartridge where it is");
	/* Nobody may be at work to notice who gave up a drive: whatever is queued next has it seen.
	 */
	look();
	wait_for(drives_agree, "drives are held by whoever has a medium mounted");
	no_other_cleaning();
	fx_dump_free(fx_dump());
}

/* ---- tried ---- */

static void setup(void)
{
	scarce_setup();
	fx_make_shape(&(RSM_VIRTUAL_SHAPE){.dwDrives = 2,
					   .dwSlots = 6,
					   .dwPorts = 1,
					   .dwTapes = 4,
					   .dwStandAloneDrives = 1,
					   .bDoor = TRUE,
					   .bBarCodeReader = TRUE});
	fx_open_library();
	media = fx_allocated(FIRST);
	cartridge = fx_media(&media).guid;
	home = fx_where(FIRST);
	pool = fx_side(&media).side.pool;
	second = fx_free_cartridge("V00002L8");
	second_side = fx_find("V00002L8", NTMS_PARTITION);
	free_pool = fx_find("Free\\LTO Ultrium", NTMS_MEDIA_POOL);
}

/* Few hundred, and only some of them while the drive is to be given back: all are tried. */
static bool is_short(const struct kind *kind)
{
	return kind->act == clean;
}

static void try_kind(const struct kind *kind, void (*arm)(long after), DWORD expected)
{
	long stride = is_short(kind) || getenv("RSM_EVERY_ONE") ? 1 : STRIDE;
	const char *only = getenv("RSM_ONLY");
	bool failed = true;

	if (only && strcmp(only, kind->name) != 0)
		cr_skip_test("RSM_ONLY asks for another");
	for (long after = 0; failed; after += after < FIRST_ONES ? 1 : stride) {
		DWORD code;

		trying = kind->name;
		number = after;
		told[0] = 0;
		kind->prepare();
		arm(after);
		code = kind->act();
		failed = scarce_others_end() > 0;
		cr_assert(!code || (failed && code == expected), "%s, number %ld: %s, %s%s",
			  kind->name, after, RsmErrorName(code), RsmLastMessage(), told);
		expect_well();
	}
	if (__lsan_do_recoverable_leak_check)
		cr_assert_eq(__lsan_do_recoverable_leak_check(), 0, "%s leaks", kind->name);
}

static void damaged(long after)
{
	scarce_others_database(after, EIO);
}

static void full(long after)
{
	scarce_others_database(after, ENOSPC);
}

static size_t numbers[KINDS];

static struct criterion_test_params all_kinds(void)
{
	for (size_t i = 0; i < KINDS; i++)
		numbers[i] = i;
	return cr_make_param_array(size_t, numbers, KINDS);
}

ParameterizedTestParameters(worker_failure, allocation)
{
	return all_kinds();
}

ParameterizedTest(size_t *number, worker_failure, allocation, .init = setup, .fini = fx_teardown,
		  .timeout = 3600)
{
	try_kind(&kinds[*number], scarce_others_memory, ERROR_NOT_ENOUGH_MEMORY);
}

ParameterizedTestParameters(worker_failure, call_of_the_database)
{
	return all_kinds();
}

ParameterizedTest(size_t *number, worker_failure, call_of_the_database, .init = setup,
		  .fini = fx_teardown, .timeout = 3600)
{
	try_kind(&kinds[*number], damaged, ERROR_DATABASE_FAILURE);
}

ParameterizedTestParameters(worker_failure, call_of_a_full_database)
{
	return all_kinds();
}

ParameterizedTest(size_t *number, worker_failure, call_of_a_full_database, .init = setup,
		  .fini = fx_teardown, .timeout = 3600)
{
	try_kind(&kinds[*number], full, ERROR_DATABASE_FULL);
}
