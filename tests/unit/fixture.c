/* SPDX-License-Identifier: GPL-2.0-only */
#include "fixture.h"
#include "fixture-kernel.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "base/clock.h"
#include "base/guid.h"
#include "calm-fork.h"
#include "core/sd.h"

/* Where tests write, so that the label stays what it is. */
#define BEHIND_LABEL 4096

char fx_top[64];
char fx_home[96];
char fx_vlib[96];
HANDLE fx_session;
NTMS_GUID fx_library;

static char spec[128];
static struct broker *stopping_broker;
static struct broker_lease *stopping_lease;

/* ---- around each test ---- */

static void make_top(void)
{
	const char *tmp = getenv("TMPDIR");

	/* The suite's own, which comes first, though the test has another. */
	if (fx_top[0])
		fx_teardown();
	calm_forks();
	snprintf(fx_top, sizeof(fx_top), "%.40s/rsm-test-XXXXXX", tmp ? tmp : "/tmp");
	cr_assert(mkdtemp(fx_top), "%s: %m", fx_top);
	snprintf(fx_home, sizeof(fx_home), "%s/home", fx_top);
	snprintf(fx_vlib, sizeof(fx_vlib), "%s/library", fx_top);
	snprintf(spec, sizeof(spec), "virtual:%s", fx_vlib);
	if (kx_wanted())
		snprintf(spec, sizeof(spec), "kernel");
	/* Other users are to come in: what they may do is RSM's to say. */
	umask(0);
	cr_assert_eq(chmod(fx_top, 0755), 0);
	cr_assert_eq(mkdir(fx_home, 0777), 0);
	setenv("NTMS_HOME", fx_home, 1);
	setenv("NTMS_BROKER", spec, 1);
}

void fx_make_directories(unsigned int drives, unsigned int slots, unsigned int tapes)
{
	fx_make_shape(&(RSM_VIRTUAL_SHAPE){.dwDrives = drives,
					   .dwSlots = slots,
					   .dwPorts = 1,
					   .dwTapes = tapes,
					   .bDoor = TRUE,
					   .bBarCodeReader = TRUE});
}

void fx_make_shape(const RSM_VIRTUAL_SHAPE *shape)
{
	RSM_VIRTUAL_SHAPE sized = *shape;

	sized.dwSize = sizeof(sized);
	make_top();
	if (kx_wanted())
		kx_make(&sized);
	else
		must(RsmCreateVirtualLibraryEx(fx_vlib, &sized));
}

/* Serial number of the changer, by which a library is managed. */
static const char *serial(void)
{
	static RSM_DEVICE devices[80];
	DWORD count = 80;

	must(RsmListDevices(fx_session, devices, &count));
	for (DWORD i = 0; i < count; i++)
		if (devices[i].IsChanger)
			return devices[i].szSerialNumber;
	cr_assert(false, "the library has no changer");
	return NULL;
}

void fx_open_library(void)
{
	fx_session = fx_open();
	must(RsmManageLibrary(fx_session, serial(), &fx_library));
}

void fx_setup(void)
{
	fx_make_directories(2, 6, 4);
	fx_open_library();
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

void fx_teardown(void)
{
	if (stopping_lease)
		fx_let_work();
	if (fx_session)
		fx_close(&fx_session);
	/* If a test had it on a file system of its own. */
	umount2(fx_home, MNT_DETACH);
	cr_assert_eq(nftw(fx_top, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0, "%s: %m", fx_top);
	fx_top[0] = '\0';
}

void fx_virtual_only(const char *why)
{
	if (kx_wanted())
		kx_skip(why);
}

static const char *lone_serial(void)
{
	static RSM_DEVICE devices[80];
	DWORD count = 80;

	must(RsmListDevices(fx_session, devices, &count));
	for (DWORD i = 0; i < count; i++)
		if (!devices[i].IsChanger && !devices[i].Managed)
			return devices[i].szSerialNumber;
	cr_assert(false, "no drive stands alone");
	return NULL;
}

const char *fx_lone_drive(uint32_t *id)
{
	const struct session *session = fx_session;
	const char *drive = lone_serial();
	struct broker_device *devices;
	size_t count;

	*id = 0;
	cr_assert_eq(broker_devices(session->system->broker, &devices, &count), 0);
	for (size_t i = 0; i < count; i++)
		if (devices[i].kind == BROKER_DRIVE && !strcmp(devices[i].serial, drive))
			*id = devices[i].id;
	free(devices);
	cr_assert_neq(*id, 0);
	return drive;
}

HANDLE fx_open(void)
{
	HANDLE session = OpenNtmsSessionA(NULL, "unit test", 0);

	cr_assert_neq(session, INVALID_HANDLE_VALUE, "no session: %s, %s",
		      RsmErrorName(GetLastError()), RsmLastMessage());
	return session;
}

void fx_close(HANDLE *session)
{
	must(CloseNtmsSession(*session));
	*session = NULL;
}

/* ---- objects ---- */

static struct txn *begin(void)
{
	struct session *session = fx_session;
	struct txn *txn;

	must(store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn));
	return txn;
}

NTMS_GUID fx_find(const char *text, DWORD type)
{
	NTMS_GUID guid;

	must(RsmFindObject(fx_session, text, type, &guid));
	return guid;
}

struct object fx_get(const NTMS_GUID *guid, DWORD type)
{
	struct txn *txn = begin();
	struct object obj;

	must(store_get(txn, guid, type, &obj));
	store_abort(txn);
	return obj;
}

void fx_put(struct object *obj)
{
	struct txn *txn = begin();

	must(store_update(txn, obj));
	must(store_commit(txn));
}

void fx_insert(struct object *obj)
{
	struct txn *txn = begin();

	must(store_insert(txn, obj));
	must(store_commit(txn));
}

void fx_put_absent(struct object *library)
{
	library->opstate = NTMS_NOT_PRESENT;
	snprintf(library->library.serial, sizeof(library->library.serial), "GONE");
	fx_put(library);
}

void fx_delete(const NTMS_GUID *guid)
{
	struct txn *txn = begin();

	must(store_delete(txn, guid));
	must(store_commit(txn));
}

void fx_wait_until(bool (*condition)(void))
{
	struct session *session = fx_session;
	struct pollfd watch = {.events = POLLIN};

	must(store_watch_open(session->system->store, &watch.fd));
	while (!condition()) {
		cr_assert_eq(poll(&watch, 1, DEADLINE_MS), 1, "what is waited for does not come");
		store_watch_drain(watch.fd);
	}
	store_watch_close(watch.fd);
}

size_t fx_requests(DWORD operation, DWORD state)
{
	struct txn *txn = begin();
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0, found = 0;

	key_start(&key);
	key_u32(&key, NTMS_LIBREQUEST);
	must(store_list(txn, IX_TYPE, &key, 0, &list, &count));
	for (size_t i = 0; i < count; i++) {
		struct object request;

		must(store_get(txn, &list[i], NTMS_LIBREQUEST, &request));
		if (request.librequest.operation == operation && request.librequest.state == state)
			found++;
	}
	free(list);
	store_abort(txn);
	return found;
}

struct object fx_side(const NTMS_GUID *media)
{
	struct object obj = fx_get(media, NTMS_UNKNOWN);

	if (obj.type == NTMS_LOGICAL_MEDIA)
		obj = fx_get(&obj.logical.side, NTMS_PARTITION);
	cr_assert_eq(obj.type, NTMS_PARTITION);
	return obj;
}

struct object fx_media(const NTMS_GUID *media)
{
	struct object obj = fx_get(media, NTMS_UNKNOWN);

	if (obj.type != NTMS_PHYSICAL_MEDIA) {
		struct object side = fx_side(media);

		obj = fx_get(&side.side.media, NTMS_PHYSICAL_MEDIA);
	}
	return obj;
}

NTMS_GUID fx_drive_guid(unsigned int number)
{
	NTMS_GUID list[64];
	DWORD count = 64;

	must(EnumerateNtmsObject(fx_session, &fx_library, list, &count, NTMS_DRIVE, 0));
	for (DWORD i = 0; i < count; i++)
		if (fx_get(&list[i], NTMS_DRIVE).device.number == number)
			return list[i];
	cr_assert(false, "there is no drive %u", number);
	return (NTMS_GUID)NTMS_NULLGUID;
}

struct object fx_drive(unsigned int number)
{
	NTMS_GUID guid = fx_drive_guid(number);

	return fx_get(&guid, NTMS_DRIVE);
}

/* ---- all there is ---- */

static void dump_type(struct txn *txn, struct fx_dump *dump, uint32_t type)
{
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;

	key_start(&key);
	key_u32(&key, type);
	must(store_list(txn, IX_TYPE, &key, 0, &list, &count));
	dump->objects = realloc(dump->objects, (dump->count + count + 1) * sizeof(*dump->objects));
	cr_assert(dump->objects);
	for (size_t i = 0; i < count; i++) {
		struct object *obj = &dump->objects[dump->count++];

		memset(obj, 0, sizeof(*obj));
		must(store_get(txn, &list[i], type, obj));
	}
	free(list);
}

struct fx_dump *fx_dump_of(struct txn *txn)
{
	struct fx_dump *dump = calloc(1, sizeof(*dump));
	size_t all = 0;

	cr_assert(dump);
	for (uint32_t type = NTMS_OBJECT; type < NTMS_NUMBER_OF_OBJECT_TYPES; type++)
		dump_type(txn, dump, type);
	dump_type(txn, dump, OBJ_TYPE_RELATION);
	dump_type(txn, dump, OBJ_TYPE_ATTRIBUTE);
	must(store_check(txn, &all));
	cr_assert_eq(all, dump->count, "%zu objects of %zu were found by their type", dump->count,
		     all);
	cr_assert_gt(all, 20);
	return dump;
}

struct fx_dump *fx_dump(void)
{
	struct txn *txn = begin();
	struct fx_dump *dump = fx_dump_of(txn);

	store_abort(txn);
	return dump;
}

const struct object *fx_dump_find(const struct fx_dump *dump, const NTMS_GUID *guid)
{
	for (size_t i = 0; i < dump->count; i++)
		if (guid_equal(&dump->objects[i].guid, guid))
			return &dump->objects[i];
	return NULL;
}

void fx_dump_free(struct fx_dump *dump)
{
	free(dump->objects);
	free(dump);
}

void fx_expect_unchanged(struct fx_dump *before)
{
	struct fx_dump *after = fx_dump();
	char guid[GUID_TEXT_SIZE];

	for (size_t i = 0; i < before->count && i < after->count; i++) {
		const struct object *was = &before->objects[i], *is = &after->objects[i];

		guid_format(&was->guid, guid);
		cr_assert_eq(memcmp(was, is, sizeof(*was)), 0,
			     "object %s \"%s\" of type %u has changed", guid, was->name, was->type);
	}
	cr_assert_eq(after->count, before->count, "there were %zu objects, now there are %zu",
		     before->count, after->count);
	fx_dump_free(before);
	fx_dump_free(after);
}

/* ---- cartridges and pools ---- */

static NTMS_GUID pool_of_type(const NTMS_GUID *media_type, uint32_t kind)
{
	NTMS_GUID list[256];
	DWORD count = 256;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_MEDIA_POOL, 0));
	for (DWORD i = 0; i < count; i++) {
		struct object pool = fx_get(&list[i], NTMS_MEDIA_POOL);
		NTMS_GUID children[64];
		DWORD found = 64;

		if (pool.pool.kind != kind)
			continue;
		if (guid_equal(&pool.pool.media_type, media_type))
			return pool.guid;
		must(EnumerateNtmsObject(fx_session, &pool.guid, children, &found, NTMS_MEDIA_POOL,
					 0));
		for (DWORD j = 0; j < found; j++) {
			pool = fx_get(&children[j], NTMS_MEDIA_POOL);
			if (guid_equal(&pool.pool.media_type, media_type))
				return pool.guid;
		}
	}
	cr_assert(false, "no system pool of kind %u for the type", kind);
	return (NTMS_GUID)NTMS_NULLGUID;
}

void fx_settle(NTMS_GUID media)
{
	must(RsmWaitForMedia(fx_session, &media, PATIENCE_MS));
}

NTMS_GUID fx_free_cartridge(const char *barcode)
{
	NTMS_GUID media = fx_find(barcode, NTMS_PHYSICAL_MEDIA);
	struct object obj = fx_get(&media, NTMS_PHYSICAL_MEDIA);
	NTMS_GUID pool = pool_of_type(&obj.media.media_type, NTMS_POOLTYPE_SCRATCH);

	must(MoveToNtmsMediaPool(fx_session, &media, &pool));
	fx_settle(media);
	return media;
}

static void set_policy(NTMS_GUID pool, bool returns, DWORD max_allocates)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_MEDIA_POOL};

	must(GetNtmsObjectInformationA(fx_session, &pool, &info));
	info.Info.MediaPool.AllocationPolicy = NTMS_ALLOCATE_FROMSCRATCH;
	info.Info.MediaPool.DeallocationPolicy = returns ? NTMS_DEALLOCATE_TOSCRATCH : 0;
	info.Info.MediaPool.dwMaxAllocates = max_allocates;
	must(SetNtmsObjectInformationA(fx_session, &pool, &info));
}

NTMS_GUID fx_make_pool(const char *name, bool returns, DWORD max_allocates)
{
	NTMS_GUID media = fx_find("V00001L8", NTMS_PHYSICAL_MEDIA), pool;
	struct object obj = fx_get(&media, NTMS_PHYSICAL_MEDIA);

	must(CreateNtmsMediaPoolA(fx_session, name, &obj.media.media_type, NTMS_CREATE_NEW, NULL,
				  &pool));
	set_policy(pool, returns, max_allocates);
	return pool;
}

NTMS_GUID fx_allocate(NTMS_GUID pool)
{
	NTMS_GUID media;

	must(AllocateNtmsMedia(fx_session, &pool, NULL, &media, NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE,
			       0, NULL));
	return media;
}

NTMS_GUID fx_allocated(const char *barcode)
{
	fx_free_cartridge(barcode);
	return fx_allocate(fx_make_pool(barcode, false, 0));
}

DWORD fx_try_mount(HANDLE session, NTMS_GUID media, NTMS_GUID *drive, DWORD options, DWORD timeout)
{
	NTMS_GUID somewhere;

	return MountNtmsMedia(session, &media, drive ? drive : &somewhere, 1, options,
			      NTMS_PRIORITY_NORMAL, timeout, NULL);
}

void fx_expect_waits(NTMS_GUID media, NTMS_GUID *drive, DWORD options, const char *said)
{
	for (DWORD timeout = 100; timeout <= PATIENCE_MS; timeout *= 2) {
		must_be(fx_try_mount(fx_session, media, drive, NTMS_MOUNT_READ | options, timeout),
			ERROR_TIMEOUT);
		if (strstr(RsmLastMessage(), said))
			return;
	}
	cr_assert(false, "'%s' instead of '%s'", RsmLastMessage(), said);
}

NTMS_GUID fx_mount_by(HANDLE session, NTMS_GUID media)
{
	NTMS_GUID drive;

	must(fx_try_mount(session, media, &drive, NTMS_MOUNT_READ | NTMS_MOUNT_WRITE, PATIENCE_MS));
	return drive;
}

NTMS_GUID fx_mount(NTMS_GUID media)
{
	return fx_mount_by(fx_session, media);
}

void fx_dismount(NTMS_GUID media, DWORD options)
{
	must(DismountNtmsMedia(fx_session, &media, 1, options));
	fx_settle(media);
}

void fx_expect_home(const char *barcode)
{
	NTMS_GUID guid = fx_find(barcode, NTMS_PHYSICAL_MEDIA);
	struct object media = fx_get(&guid, NTMS_PHYSICAL_MEDIA), slot;

	cr_assert_eq(media.media.state, NTMS_MEDIASTATE_IDLE, "%s has state %u", barcode,
		     media.media.state);
	cr_assert_eq(media.media.location_type, NTMS_STORAGESLOT, "%s is in no slot", barcode);
	cr_assert(guid_equal(&media.media.location, &media.media.home_slot));
	slot = fx_get(&media.media.location, NTMS_STORAGESLOT);
	cr_assert_eq(slot.device.state, NTMS_SLOTSTATE_FULL);
	cr_assert_eq(fx_where(barcode), slot.device.element,
		     "%s is in element %u, and %u by the records", barcode, fx_where(barcode),
		     slot.device.element);
}

bool fx_is_held(const NTMS_GUID *drive)
{
	RSM_HOLDER holders[8];
	DWORD count = 8;

	must(RsmListHolders(fx_session, holders, &count));
	for (DWORD i = 0; i < count; i++)
		if (guid_equal(&holders[i].DriveId, drive) && holders[i].State == RSM_HOLDER_HELD)
			return true;
	return false;
}

void fx_set_defer_delay(const NTMS_GUID *drive, DWORD seconds)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_DRIVE};
	NTMS_GUID guid = *drive;

	must(GetNtmsObjectInformationA(fx_session, &guid, &info));
	info.Info.Drive.dwDeferDismountDelay = seconds;
	must(SetNtmsObjectInformationA(fx_session, &guid, &info));
	cr_assert_eq(fx_get(drive, NTMS_DRIVE).device.defer_delay_s, seconds);
}

void fx_deny(const NTMS_GUID *holder, DWORD denied)
{
	struct object obj = fx_get(holder, NTMS_UNKNOWN);
	struct obj_security *security = obj.type == NTMS_LIBRARY      ? &obj.library.security
					: obj.type == NTMS_MEDIA_POOL ? &obj.pool.security
								      : &obj.computer.security;
	struct sd_ace ace = {.type = SD_ACE_ALLOW,
			     .mask = (NTMS_GENERIC_ALL | READ_CONTROL) & ~denied};
	struct sd_sid owner;

	sd_sid_make(&owner, SD_USER, 0);
	sd_sid_make(&ace.sid, SD_EVERYONE, 0);
	memset(security, 0, sizeof(*security));
	cr_assert(sd_build(security, &owner, &owner, &ace, 1));
	fx_put(&obj);
}

/* ---- the person in front of the library ---- */

DWORD fx_put_in(DWORD place, DWORD number, const char *name)
{
	return kx_wanted() ? kx_put_in(place, number, name)
			   : RsmVirtualInsert(fx_vlib, place, number, name);
}

DWORD fx_take_out(DWORD place, DWORD number)
{
	return kx_wanted() ? kx_take_out(place, number) : RsmVirtualRemove(fx_vlib, place, number);
}

DWORD fx_door(bool open)
{
	return kx_wanted() ? kx_door(open) : RsmVirtualDoor(fx_vlib, open);
}

int fx_hand_put(const char *name, unsigned int element)
{
	return kx_wanted() ? kx_hand("put %s %u", name, element)
			   : virtual_hand_put(fx_vlib, name, (uint16_t)element);
}

int fx_hand_take(unsigned int element)
{
	return kx_wanted() ? kx_hand("take %u", element)
			   : virtual_hand_take(fx_vlib, (uint16_t)element);
}

int fx_hand_move(unsigned int from, unsigned int to)
{
	return kx_wanted() ? kx_hand("move %u %u", from, to)
			   : virtual_hand_move(fx_vlib, (uint16_t)from, (uint16_t)to);
}

void fx_make_dirty(unsigned int number)
{
	cr_assert_eq(kx_wanted() ? kx_hand("dirty %u 1", number)
				 : virtual_dirty(fx_vlib, number, true),
		     0);
}

bool fx_is_dirty(unsigned int number)
{
	char path[128];

	if (kx_wanted())
		return kx_number("is-dirty %u", number) == 1;
	snprintf(path, sizeof(path), "%s/drives/%u/dirty", fx_vlib, number);
	return access(path, F_OK) == 0;
}

static void write_at(const char *path, int flags, const char *text, off_t where)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | flags, 0666);
	size_t length = strlen(text);

	cr_assert_geq(fd, 0, "%s: %m", path);
	cr_assert_eq(pwrite(fd, text, length, where), (ssize_t)length);
	cr_assert_eq(close(fd), 0);
}

static void expect_at(const char *path, const char *text, off_t where)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char found[256] = "";

	cr_assert_geq(fd, 0, "%s: %m", path);
	cr_assert_geq(pread(fd, found, sizeof(found) - 1, where), 0);
	cr_assert_eq(close(fd), 0);
	cr_assert_str_eq(found, text);
}

static const char *tape_file(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/tapes/%s", fx_vlib, name);
	return path;
}

void fx_label_tape(const char *name, const char *label)
{
	if (kx_wanted())
		kx_label_tape(name, label);
	else
		write_at(tape_file(name), O_CREAT, label, 0);
}

void fx_expect_label(const char *name, const char *label)
{
	if (kx_wanted())
		kx_expect_label(name, label);
	else
		expect_at(tape_file(name), label, 0);
}

/* ---- the library ---- */

static const char *in_library(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", fx_vlib, name);
	return path;
}

/* What the robot knows of a cartridge: its element, 0 for none, and the marks of its line. */
static unsigned int look_up(const char *barcode, char marks[64])
{
	FILE *file = fopen(in_library("state"), "r");
	unsigned int element, found = 0;
	char line[256], name[64], source[64], last[64];

	marks[0] = '\0';
	cr_assert(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%u %63s %63s %63s", &element, name, source, last) != 4 ||
		    strcmp(name, barcode) != 0)
			continue;
		found = element;
		memcpy(marks, last, 64);
	}
	fclose(file);
	return found;
}

unsigned int fx_where(const char *barcode)
{
	char marks[64];

	return kx_wanted() ? kx_number("where %s", barcode) : look_up(barcode, marks);
}

bool fx_is_inverted(const char *barcode)
{
	char marks[64];

	cr_assert_neq(look_up(barcode, marks), 0, "%s is nowhere", barcode);
	return strchr(marks, 'i') != NULL;
}

unsigned int fx_element_of_drive(const NTMS_GUID *drive)
{
	return fx_get(drive, NTMS_DRIVE).device.element;
}

unsigned long long fx_robot(void)
{
	struct stat status;

	if (kx_wanted())
		return kx_number("moves");
	cr_assert_eq(stat(in_library("state"), &status), 0);
	return (unsigned long long)status.st_mtim.tv_sec * 1000000000ULL +
	       (unsigned long long)status.st_mtim.tv_nsec + status.st_ino;
}

void fx_fault(const char *name)
{
	int fd;

	fx_virtual_only("the library has no such fault");
	fd = open(in_library(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	cr_assert_geq(fd, 0, "%s: %m", name);
	close(fd);
}

void fx_no_fault(const char *name)
{
	cr_assert_eq(unlink(in_library(name)), 0, "%s: %m", name);
}

void fx_slow_robot(unsigned int ms)
{
	char new_name[PATH_MAX];
	FILE *file;

	fx_virtual_only("the robot has no speed to choose");
	/* Nobody who moves meanwhile reads half a number. */
	snprintf(new_name, sizeof(new_name), "%s", in_library("new/move-ms"));
	file = fopen(new_name, "w");
	cr_assert(file);
	cr_assert_gt(fprintf(file, "%u\n", ms), 0);
	cr_assert_eq(fclose(file), 0);
	cr_assert_eq(rename(new_name, in_library("move-ms")), 0, "%s: %m", new_name);
}

const char *fx_node(NTMS_GUID drive)
{
	static NTMS_OBJECTINFORMATIONA info;

	memset(&info, 0, sizeof(info));
	info.dwSize = sizeof(info);
	info.dwType = NTMS_DRIVE;
	must(GetNtmsObjectInformationA(fx_session, &drive, &info));
	cr_assert_neq(info.Info.Drive.szDeviceName[0], '\0');
	return info.Info.Drive.szDeviceName;
}

void fx_write_front(const char *node, const char *label)
{
	if (kx_wanted())
		kx_write(node, 0, label);
	else
		write_at(node, 0, label, 0);
}

void fx_write_tape(const char *node, const char *text)
{
	if (kx_wanted())
		kx_write(node, 1, text);
	else
		write_at(node, 0, text, BEHIND_LABEL);
}

void fx_expect_tape(const char *node, const char *text)
{
	if (kx_wanted())
		kx_expect(node, 1, text);
	else
		expect_at(node, text, BEHIND_LABEL);
}

static uint32_t changer(void)
{
	struct broker_device *list;
	uint32_t found = 0;
	size_t count;

	cr_assert_eq(broker_devices(stopping_broker, &list, &count), 0, "%s", ntms_said());
	for (size_t i = 0; i < count && !found; i++)
		if (list[i].kind == BROKER_CHANGER)
			found = list[i].id;
	free(list);
	cr_assert_neq(found, 0);
	return found;
}

void fx_stop_work(void)
{
	fx_stop_work_on(0);
}

void fx_stop_work_on(uint32_t device)
{
	uint64_t deadline = clock_deadline(PATIENCE_MS);
	struct pollfd events = {.events = POLLIN};
	struct broker_event event;
	int error;

	cr_assert_eq(broker_open(spec, &stopping_broker), 0);
	cr_assert_eq(broker_events_open(stopping_broker, &events.fd), 0);
	while ((error = broker_lease_take(stopping_broker, device ? device : changer(),
					  &stopping_lease)) == -EBUSY &&
	       poll(&events, 1, clock_poll_ms(deadline)) > 0)
		while (broker_next_event(stopping_broker, events.fd, &event) == 0)
			;
	close(events.fd);
	cr_assert_eq(error, 0, "%s", ntms_said());
}

void fx_let_work(void)
{
	broker_lease_give(stopping_lease);
	stopping_lease = NULL;
	broker_close(stopping_broker);
}
