/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "core/access.h"
#include "core/discover.h"
#include "core/doors.h"
#include "core/media.h"
#include "core/rights.h"
#include "core/run.h"
#include "core/states.h"
#include "core/txn.h"

/* Somebody else may be working on the library: its robot needs this long at most. */
#define LEASE_WAIT_MS 360000

/* ---- which device ---- */

/* The SCSI address of a device node, whichever driver's: sg, sch, st. */
static bool node_address(const char *path, unsigned int address[4])
{
	char link[64], target[PATH_MAX];
	struct stat info;
	ssize_t length;
	char *last;

	if (stat(path, &info) || !S_ISCHR(info.st_mode))
		return false;
	snprintf(link, sizeof(link), "/sys/dev/char/%u:%u/device", major(info.st_rdev),
		 minor(info.st_rdev));
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	last = strrchr(target, '/');
	return sscanf(last ? last + 1 : target, "%u:%u:%u:%u", &address[0], &address[1],
		      &address[2], &address[3]) == 4;
}

static bool is_named(const struct broker_device *device, const char *name)
{
	unsigned int address[4];

	if (!strcmp(device->serial, name) || (device->node[0] && !strcmp(device->node, name)))
		return true;
	return node_address(name, address) && device->host == address[0] &&
	       device->channel == address[1] && device->target == address[2] &&
	       device->lun == address[3];
}

/* Is the drive one of a library that is managed, or managed as one that stands alone? */
static DWORD is_recorded(struct session *session, const char *serial, bool *inside, bool *alone)
{
	struct object drive, library;
	struct store_key key;
	struct txn *txn;
	NTMS_GUID guid;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	*inside = *alone = false;
	if (code)
		return code;
	key_start(&key);
	key_u32(&key, NTMS_DRIVE);
	key_text(&key, serial);
	code = store_find(txn, IX_SERIAL, &key, &guid);
	if (!code)
		code = store_get(txn, &guid, NTMS_DRIVE, &drive);
	if (!code)
		code = store_get(txn, &drive.device.library, NTMS_LIBRARY, &library);
	*alone = !code && library.library.kind == NTMS_LIBRARYTYPE_STANDALONE;
	*inside = !code && !*alone;
	store_abort(txn);
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

/* Does the element status of a library name the drive? One that does not answer, or does not name
 * all the drives that it has, cannot say no. */
static DWORD is_in_library(struct session *session, const struct broker_device *changer,
			   const char *serial, bool *inside)
{
	struct broker_element *list = NULL, *nameless = NULL;
	struct broker_lease *lease;
	DWORD code = ERROR_SUCCESS;
	size_t count = 0;
	int error = turn_take_lease(session->system->broker, changer->id,
				    clock_deadline(LEASE_WAIT_MS), &lease);

	*inside = false;
	if (error)
		return broker_code(error);
	error = broker_elements(lease, ELEMENT_DRIVE, 0, 0, &list, &count);
	broker_lease_give(lease);
	if (error)
		return broker_code(error);
	for (size_t i = 0; i < count; i++) {
		*inside = *inside || !strcmp(list[i].serial, serial);
		if (!list[i].serial[0] && !list[i].exception)
			nameless = &list[i];
	}
	if (!*inside && count < changer->count[ELEMENT_DRIVE])
		code = ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "it tells of %zu of its %u drives",
				count, changer->count[ELEMENT_DRIVE]);
	else if (!*inside && nameless)
		code = ntms_say(ERROR_DEVICE_NOT_AVAILABLE,
				"it does not tell the serial number of its drive at element %u",
				nameless->address);
	free(list);
	return code;
}

/* A drive is a library by itself when no robot can reach it. */
static DWORD check_alone(struct session *session, const struct broker_device *drive,
			 const struct broker_device *devices, size_t count)
{
	bool inside = false, alone;
	DWORD code;

	if (!drive->serial[0] || drive->standalone)
		return ERROR_SUCCESS;
	code = is_recorded(session, drive->serial, &inside, &alone);
	for (size_t i = 0; i < count && !code && !inside && !alone; i++) {
		if (devices[i].kind != BROKER_CHANGER)
			continue;
		code = is_in_library(session, &devices[i], drive->serial, &inside);
		if (code)
			return ntms_say(ERROR_DEVICE_NOT_AVAILABLE,
					"whether drive %s is in the library with changer %s cannot "
					"be found out: %s",
					drive->serial, devices[i].serial, strdupa(ntms_said()));
	}
	if (!code && inside)
		return ntms_say(ERROR_OBJECT_NOT_FOUND,
				"%s is a drive in a library; name the changer of its library",
				drive->serial);
	return code;
}

static DWORD find_device(struct session *session, const char *name, struct broker_device *found)
{
	struct broker_device *devices = NULL;
	size_t count = 0;
	DWORD code = ERROR_OBJECT_NOT_FOUND;
	int error = broker_devices(session->system->broker, &devices, &count);

	if (error)
		return broker_code(error);
	ntms_say(code, "no changer and no drive has the serial number or device \"%s\"", name);
	for (size_t i = 0; i < count && code == ERROR_OBJECT_NOT_FOUND; i++) {
		if (!is_named(&devices[i], name))
			continue;
		*found = devices[i];
		code = ERROR_SUCCESS;
	}
	if (!code && found->kind == BROKER_DRIVE)
		code = check_alone(session, found, devices, count);
	free(devices);
	if (!code && !found->serial[0])
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE,
				"%s has no serial number; it cannot be managed because it could "
				"not be recognised again",
				name);
	return code;
}

/* ---- its records ---- */

static DWORD find_library(struct txn *txn, const char *serial, struct object *library)
{
	struct store_key key;
	NTMS_GUID guid;
	DWORD code;

	key_start(&key);
	key_u32(&key, NTMS_LIBRARY);
	key_text(&key, serial);
	code = store_find(txn, IX_SERIAL, &key, &guid);
	return code ? code : store_get(txn, &guid, NTMS_LIBRARY, library);
}

static void fill_library(struct session *session, const struct broker_device *device, uid_t maker,
			 struct object *library)
{
	struct obj_library *details = &library->library;

	machine_object(library, NTMS_LIBRARY);
	snprintf(library->name, sizeof(library->name), "%s %s", device->product, device->serial);
	details->kind = NTMS_LIBRARYTYPE_ONLINE;
	details->inventory_method = NTMS_INVENTORY_FAST;
	details->auto_recovery = TRUE;
	if (device->kind == BROKER_DRIVE) {
		details->kind = NTMS_LIBRARYTYPE_STANDALONE;
	} else {
		details->flags = NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE;
		details->barcode_reader = TRUE;
		details->supports_cleaning = TRUE;
	}
	snprintf(details->broker, sizeof(details->broker), "%s",
		 broker_name(session->system->broker));
	snprintf(details->serial, sizeof(details->serial), "%s", device->serial);
	access_system(&details->security, maker);
}

static DWORD changer_type(struct txn *txn, const struct broker_device *device, NTMS_GUID *guid)
{
	struct store_key key;
	struct object type;
	DWORD code;

	machine_object(&type, NTMS_CHANGER_TYPE);
	snprintf(type.name, sizeof(type.name), "%s %s", device->vendor, device->product);
	snprintf(type.device_type.vendor, sizeof(type.device_type.vendor), "%s", device->vendor);
	snprintf(type.device_type.product, sizeof(type.device_type.product), "%s", device->product);
	type.device_type.device_type = FILE_DEVICE_CHANGER;
	key_start(&key);
	key_text(&key, type.name);
	code = store_find(txn, IX_NAME, &key, guid);
	if (code != ERROR_OBJECT_NOT_FOUND)
		return code;
	code = store_insert(txn, &type);
	*guid = type.guid;
	return code;
}

static DWORD make_changer(struct txn *txn, const struct object *library,
			  const struct broker_device *device)
{
	struct object changer;
	DWORD code;

	machine_object(&changer, NTMS_CHANGER);
	snprintf(changer.name, sizeof(changer.name), "Changer 0");
	changer.device.library = library->guid;
	changer.device.element = device->first[ELEMENT_TRANSPORT];
	memcpy(changer.device.serial, device->serial, sizeof(changer.device.serial));
	memcpy(changer.device.revision, device->revision, sizeof(device->revision));
	memcpy(changer.device.node, device->node, sizeof(changer.device.node));
	changer.device.scsi_host = device->host;
	changer.device.scsi_channel = device->channel;
	changer.device.scsi_target = device->target;
	changer.device.scsi_lun = device->lun;
	code = changer_type(txn, device, &changer.device.device_type);
	return code ? code : store_insert(txn, &changer);
}

static DWORD make_port(struct txn *txn, const struct object *library)
{
	struct object port;

	machine_object(&port, NTMS_IEPORT);
	snprintf(port.name, sizeof(port.name), "Port 1");
	port.device.library = library->guid;
	port.device.number = 1;
	port.device.element = UINT32_MAX;
	return store_insert(txn, &port);
}

/* What a drive that stands alone has: itself, its mouth for a port, and a kind of media that it
 * takes until others are seen in it. */
static DWORD make_lonely(struct txn *txn, const struct object *library,
			 const struct broker_device *device)
{
	struct object drive;
	NTMS_GUID type;
	bool optical = device->drive_type == DRIVE_OPTICAL;
	DWORD code;

	machine_object(&drive, NTMS_DRIVE);
	snprintf(drive.name, sizeof(drive.name), "Drive 0");
	drive.device.library = library->guid;
	drive.device.element = UINT32_MAX;
	memcpy(drive.device.serial, device->serial, sizeof(drive.device.serial));
	memcpy(drive.device.revision, device->revision, sizeof(device->revision));
	code = drive_type_ensure(txn, device, &drive.device.device_type);
	if (!code)
		code = store_insert(txn, &drive);
	if (!code)
		code = make_port(txn, library);
	return code ? code
		    : media_type_ensure(txn, optical ? MO_5_RW : media_type_guess(0, ""),
					&library->guid, &type);
}

/* The library's record, made unless it is known. */
static DWORD enter_library(struct session *session, const struct broker_device *device,
			   struct object *library, bool *made)
{
	struct txn *txn;
	uid_t maker;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = find_library(txn, device->serial, library);
	*made = code == ERROR_OBJECT_NOT_FOUND;
	if (code == ERROR_OBJECT_NOT_FOUND) {
		code = access_maker(txn, &maker);
		fill_library(session, device, maker, library);
		if (!code)
			code = store_insert(txn, library);
		if (!code)
			code = device->kind == BROKER_DRIVE ? make_lonely(txn, library, device)
							    : make_changer(txn, library, device);
	} else if (!code) {
		snprintf(library->library.broker, sizeof(library->library.broker), "%s",
			 broker_name(session->system->broker));
		code = store_update(txn, library);
	}
	return txn_end(txn, code);
}

/* @busy: what to call it that the robot is still at work. */
static DWORD settle(struct turn *turn, DWORD busy)
{
	DWORD code = turn_settle(turn);

	return code == RUN_WAITS ? ntms_say(busy, "the robot is still at its last move") : code;
}

static DWORD check_right(struct session *session, const NTMS_GUID *library, enum right right)
{
	struct object obj;
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	if (library) {
		code = store_get(txn, library, NTMS_LIBRARY, &obj);
		if (code == ERROR_OBJECT_NOT_FOUND)
			code = ntms_say(ERROR_INVALID_LIBRARY, "there is no such library");
		if (!code && obj.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
			code = ntms_say(ERROR_LIBRARY_OFFLINE,
					"the offline library is always there");
		if (!code)
			code = rights_check(txn, &session->caller, right, &obj);
	} else {
		code = rights_check(txn, &session->caller, right, NULL);
	}
	store_abort(txn);
	return code;
}

/* ---- given back ---- */

static DWORD refuse_when_busy(struct txn *txn, const struct object *library)
{
	struct object obj;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	key_start(&key);
	key_guid(&key, &library->guid);
	code = store_count(txn, IX_QUEUE, &key, &count);
	if (!code && count)
		return ntms_say(ERROR_BUSY,
				"library %s has %zu unfinished requests; see rsm view "
				"librequest",
				library->name, count);
	if (code)
		return code;
	key_u32(&key, NTMS_DRIVE);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_DRIVE, &obj);
		if (!code && obj.device.state == NTMS_DRIVESTATE_LOADED)
			code = ntms_say(ERROR_BUSY,
					"drive %u (%s) has a medium mounted; dismount it "
					"first (rsm who tells whose it is)",
					obj.device.number, obj.device.node);
	}
	free(list);
	return code;
}

/* Cartridges go offline, everything else of the library is forgotten. */
static DWORD forget(struct txn *txn, const struct object *library)
{
	struct object obj;
	NTMS_GUID *list = NULL;
	struct store_key key;
	size_t count = 0;
	DWORD code;

	key_start(&key);
	key_guid(&key, &library->guid);
	code = store_list(txn, IX_CHILD, &key, 0, &list, &count);
	for (size_t i = 0; i < count && !code; i++) {
		code = store_get(txn, &list[i], NTMS_UNKNOWN, &obj);
		if (!code && obj.type == NTMS_PHYSICAL_MEDIA)
			code = media_leave(txn, &obj);
		else if (!code)
			code = store_delete(txn, &list[i]);
	}
	free(list);
	return code ? code : store_delete(txn, &library->guid);
}

static DWORD forget_library(struct session *session, const NTMS_GUID *guid)
{
	struct object library;
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_LIBRARY, &library);
	if (!code)
		code = refuse_when_busy(txn, &library);
	if (!code)
		code = forget(txn, &library);
	return txn_end(txn, code);
}

DWORD library_unmanage(struct session *session, const NTMS_GUID *guid)
{
	struct object library;
	struct turn turn;
	struct turn look = {.system = session->system, .library = *guid};
	bool attached;
	DWORD code;

	code = check_right(session, guid, RIGHT_RSM_UNMANAGE);
	if (!code)
		code = run_read(&look, guid, NTMS_LIBRARY, &library);
	if (code)
		return code;
	code = turn_begin(session->system, &library, clock_deadline(LEASE_WAIT_MS), &turn);
	if (code == ERROR_BUSY)
		return ntms_say(ERROR_BUSY, "another process works on library %s", library.name);
	/* A library that is unplugged can be given back as well. */
	attached = code == ERROR_SUCCESS;
	if (code && code != ERROR_DEVICE_NOT_AVAILABLE && code != ERROR_INVALID_LIBRARY)
		return code;
	if (attached)
		code = settle(&turn, ERROR_BUSY);
	else /* its drives may be there */
		code = turn_look_at_drives(&look);
	if (!code)
		code = forget_library(session, guid);
	if (!code && attached)
		broker_access(turn.lease, true); /* nobody unlocks it any more */
	if (!code)
		doors_open(attached ? &turn : &look, library.library.serial);
	turn_end(attached ? &turn : &look);
	return code;
}

/* ---- taken over ---- */

/* Why a library could not be taken over is told after what was done of it has been undone. */
static DWORD undo_manage(struct session *session, const struct object *library, struct turn *turn,
			 DWORD why)
{
	char *said = strdup(ntms_said());

	if (!forget_library(session, &library->guid))
		doors_open(turn, library->library.serial);
	ntms_say(why, "%s", said ? said : "");
	free(said);
	return why;
}

DWORD library_manage(struct session *session, const char *name, NTMS_GUID *guid)
{
	struct broker_device device;
	struct object library;
	bool made = false;
	struct turn turn;
	DWORD code;

	code = check_right(session, NULL, RIGHT_RSM_MANAGE);
	if (!code)
		code = find_device(session, name, &device);
	if (!code)
		code = enter_library(session, &device, &library, &made);
	if (code)
		return code;
	code = turn_begin(session->system, &library, clock_deadline(LEASE_WAIT_MS), &turn);
	if (code == ERROR_BUSY)
		code = ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "another process works on the library");
	if (code)
		return made ? undo_manage(session, &library, &turn, code) : code;
	code = settle(&turn, ERROR_DEVICE_NOT_AVAILABLE);
	if (!code)
		code = inventory_reconcile(&turn, false, false);
	/* Only now are the drives known that have to be found and assigned. */
	turn.all_or_none = true;
	if (!code) {
		code = turn_look_at_drives(&turn);
		if (code && made)
			code = undo_manage(session, &library, &turn, code);
	}
	if (!code)
		code = settle(&turn, ERROR_DEVICE_NOT_AVAILABLE);
	if (!code)
		code = turn_initialized(&turn);
	turn_end(&turn);
	*guid = library.guid;
	return code;
}
