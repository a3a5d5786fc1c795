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
#include "core/media.h"
#include "core/run.h"
#include "core/txn.h"

/* Somebody else may be working on the library: its robot needs this long at most. */
#define LEASE_WAIT_MS 360000

/* ---- which changer ---- */

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

static DWORD find_changer(struct session *session, const char *name, struct broker_device *changer)
{
	struct broker_device *devices = NULL;
	size_t count = 0;
	DWORD code = ERROR_OBJECT_NOT_FOUND;
	int error = broker_devices(session->system->broker, &devices, &count);

	if (error)
		return broker_code(error);
	ntms_say(code, "no changer has the serial number or device \"%s\"", name);
	for (size_t i = 0; i < count && code == ERROR_OBJECT_NOT_FOUND; i++) {
		if (!is_named(&devices[i], name))
			continue;
		if (devices[i].kind != BROKER_CHANGER) {
			ntms_say(code, "%s is a drive; name the changer of its library", name);
			continue;
		}
		*changer = devices[i];
		code = ERROR_SUCCESS;
	}
	free(devices);
	if (!code && !changer->serial[0])
		return ntms_say(
			ERROR_DEVICE_NOT_AVAILABLE,
			"changer %s has no serial number; it cannot be managed because it could "
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

	memset(library, 0, sizeof(*library));
	library->type = NTMS_LIBRARY;
	library->enabled = TRUE;
	library->opstate = NTMS_INITIALIZING;
	snprintf(library->name, sizeof(library->name), "%s %s", device->product, device->serial);
	details->kind = NTMS_LIBRARYTYPE_ONLINE;
	details->inventory_method = NTMS_INVENTORY_FAST;
	details->auto_recovery = TRUE;
	details->flags = NTMS_LIBRARYFLAG_RECOGNIZECLEANERBARCODE;
	details->barcode_reader = TRUE;
	snprintf(details->broker, sizeof(details->broker), "%s",
		 broker_name(session->system->broker));
	snprintf(details->serial, sizeof(details->serial), "%s", device->serial);
	access_system(&details->security, maker);
}

static DWORD changer_type(struct txn *txn, const struct broker_device *device, NTMS_GUID *guid)
{
	struct object type = {.type = NTMS_CHANGER_TYPE, .enabled = TRUE};
	struct store_key key;
	DWORD code;

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
	struct object changer = {.type = NTMS_CHANGER, .enabled = TRUE, .opstate = NTMS_READY};
	DWORD code;

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

/* The library's record, made unless it is known. */
static DWORD enter_library(struct session *session, const struct broker_device *device,
			   struct object *library)
{
	struct txn *txn;
	uid_t maker;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = find_library(txn, device->serial, library);
	if (code == ERROR_OBJECT_NOT_FOUND) {
		code = access_maker(txn, &maker);
		fill_library(session, device, maker, library);
		if (!code)
			code = store_insert(txn, library);
		if (!code)
			code = make_changer(txn, library, device);
	} else if (!code) {
		snprintf(library->library.broker, sizeof(library->library.broker), "%s",
			 broker_name(session->system->broker));
		code = store_update(txn, library);
	}
	return txn_end(txn, code);
}

static DWORD set_ready(struct session *session, const NTMS_GUID *guid)
{
	struct object library;
	struct txn *txn;
	DWORD code = store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = store_get(txn, guid, NTMS_LIBRARY, &library);
	if (!code) {
		library.opstate = NTMS_READY;
		code = store_update(txn, &library);
	}
	return txn_end(txn, code);
}

static DWORD check_right(struct session *session, const NTMS_GUID *library, DWORD right)
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
			code = access_check(txn, &session->caller, &obj, right);
	} else {
		code = access_check_computer(txn, &session->caller, right);
	}
	store_abort(txn);
	return code;
}

DWORD library_manage(struct session *session, const char *name, NTMS_GUID *guid)
{
	struct broker_device changer;
	struct object library;
	struct turn turn;
	DWORD code;

	code = check_right(session, NULL, NTMS_MODIFY_ACCESS);
	if (!code)
		code = find_changer(session, name, &changer);
	if (!code)
		code = enter_library(session, &changer, &library);
	if (!code)
		code = turn_begin(session->system, &library, clock_deadline(LEASE_WAIT_MS), &turn);
	if (code == ERROR_BUSY)
		return ntms_say(ERROR_DEVICE_NOT_AVAILABLE, "another process works on the library");
	if (code)
		return code;
	code = turn_settle(&turn);
	if (!code)
		code = inventory_reconcile(&turn, false, false);
	/* Only now are the drives known that have to be found and assigned. */
	if (!code)
		code = turn_look_at_drives(&turn);
	if (!code)
		code = turn_settle(&turn);
	if (!code)
		code = set_ready(session, &library.guid);
	turn_end(&turn);
	*guid = library.guid;
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
	struct turn look = {.system = session->system};
	bool attached;
	DWORD code;

	code = check_right(session, guid, NTMS_CONTROL_ACCESS);
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
		code = turn_settle(&turn);
	else
		code = ERROR_SUCCESS;
	if (!code)
		code = forget_library(session, guid);
	if (attached) {
		for (size_t i = 0; i < turn.drive_count && !code; i++)
			if (turn.drives[i].present)
				broker_unassign(turn.lease, turn.drives[i].id);
		turn_end(&turn);
	}
	return code;
}
