/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include "about.h"
#include "device.h"
#include "messages.h"
#include "names.h"
#include "text.h"

static struct device **find(struct daemon *daemon, const NTMS_GUID *guid)
{
	struct device **link = &daemon->devices;

	while (*link && !guid_equal(&(*link)->guid, guid))
		link = &(*link)->next;
	return link;
}

static void drop(struct device **link)
{
	struct device *device = *link;

	*link = device->next;
	free(device->name);
	free(device->serial);
	free(device);
}

static void tell(struct daemon *daemon, const struct device *device, bool came)
{
	bool drive = device->type == NTMS_DRIVE;
	struct about about = {.count = 0};

	about_object(&about, daemon, "RSM_LIBRARY", "RSM_LIBRARY_ID", &device->library,
		     NTMS_LIBRARY);
	about_text(&about, drive ? "RSM_DRIVE" : "RSM_CHANGER", device->name);
	about_guid(&about, drive ? "RSM_DRIVE_ID" : "RSM_CHANGER_ID", &device->guid);
	about_text(&about, "RSM_SERIAL", device->serial);
	log_event(came ? LOG_NOTICE : LOG_ERR, came ? MESSAGE_DEVICE_CAME : MESSAGE_DEVICE_WENT,
		  about.fields, about.count, "%s of library %s (serial number %s) %s", device->name,
		  about_value(&about, "RSM_LIBRARY"), device->serial,
		  came ? "is connected again" : "is not connected any more");
	about_free(&about);
}

static void replace(char **text, const WCHAR *wide, size_t max)
{
	free(*text);
	*text = text_from_wide(wide, max);
}

static void take_drive(struct device *device, const NTMS_DRIVEINFORMATIONW *drive)
{
	device->library = drive->Library;
	device->number = drive->Number;
	device->state = drive->State;
	device->mounts = drive->dwMountCount;
	replace(&device->serial, drive->szSerialNumber, NTMS_SERIALNUMBER_LENGTH);
}

static void take_changer(struct device *device, const NTMS_CHANGERINFORMATIONW *changer)
{
	device->library = changer->Library;
	device->number = changer->Number;
	replace(&device->serial, changer->szSerialNumber, NTMS_SERIALNUMBER_LENGTH);
}

static void take(struct daemon *daemon, const NTMS_GUID *guid, const NTMS_OBJECTINFORMATIONW *info)
{
	struct device *device = *find(daemon, guid);
	bool is_new = !device, there = info->dwOperationalState != NTMS_NOT_PRESENT, was_there;

	if (is_new) {
		device = need(calloc(1, sizeof(*device)));
		device->guid = *guid;
		device->type = info->dwType;
		device->next = daemon->devices;
		daemon->devices = device;
	}
	was_there = device->opstate != NTMS_NOT_PRESENT;
	device->seen = true;
	device->opstate = info->dwOperationalState;
	device->enabled = info->Enabled;
	replace(&device->name, info->szName, NTMS_OBJECTNAME_LENGTH);
	if (info->dwType == NTMS_DRIVE)
		take_drive(device, &info->Info.Drive);
	else
		take_changer(device, &info->Info.Changer);
	if (!is_new && there != was_there)
		tell(daemon, device, there);
}

static DWORD look_at(struct daemon *daemon, const NTMS_GUID *guid, DWORD type)
{
	NTMS_OBJECTINFORMATIONW info;
	DWORD code = get_info(&daemon->rsm, guid, type, &info);
	struct device **link;

	if (!code)
		take(daemon, guid, &info);
	if (code != ERROR_OBJECT_NOT_FOUND)
		return code;
	link = find(daemon, guid);
	if (*link)
		drop(link);
	return ERROR_SUCCESS;
}

static void drop_unseen(struct daemon *daemon, DWORD type)
{
	struct device **link = &daemon->devices;

	while (*link) {
		if ((*link)->type == type && !(*link)->seen)
			drop(link);
		else
			link = &(*link)->next;
	}
}

static DWORD look_at_all(struct daemon *daemon, DWORD type)
{
	NTMS_GUID *list;
	DWORD count;
	DWORD code = list_objects(&daemon->rsm, NULL, type, &list, &count);

	if (code)
		return code;
	for (struct device *device = daemon->devices; device; device = device->next)
		device->seen = false;
	for (DWORD i = 0; i < count && !code; i++)
		code = look_at(daemon, &list[i], type);
	free(list);
	if (!code)
		drop_unseen(daemon, type);
	return code;
}

DWORD drive_changed(struct daemon *daemon, const NTMS_GUID *guid)
{
	return look_at(daemon, guid, NTMS_DRIVE);
}

DWORD changer_changed(struct daemon *daemon, const NTMS_GUID *guid)
{
	return look_at(daemon, guid, NTMS_CHANGER);
}

DWORD drives_look(struct daemon *daemon)
{
	return look_at_all(daemon, NTMS_DRIVE);
}

DWORD changers_look(struct daemon *daemon)
{
	return look_at_all(daemon, NTMS_CHANGER);
}

void devices_forget(struct daemon *daemon)
{
	while (daemon->devices)
		drop(&daemon->devices);
}
