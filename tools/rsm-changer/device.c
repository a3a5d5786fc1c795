/* SPDX-License-Identifier: GPL-2.0-only */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "device.h"
#include "text.h"

/* "2:0:0:1", and a NUL. */
#define ADDRESS_SIZE 48

/* ---- nodes ---- */

/* The SCSI address of the device behind a node: st, nst, sg, sch or bsg. "" for none. */
static void address_of_node(const char *node, char address[ADDRESS_SIZE])
{
	char path[64], target[PATH_MAX];
	struct stat status;
	const char *last;
	ssize_t length;

	address[0] = '\0';
	if (stat(node, &status) || !S_ISCHR(status.st_mode))
		return;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/device", major(status.st_rdev),
		 minor(status.st_rdev));
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return;
	target[length] = '\0';
	last = strrchr(target, '/');
	snprintf(address, ADDRESS_SIZE, "%.*s", ADDRESS_SIZE - 1, last ? last + 1 : target);
}

/* Are both the same file, by whatever name? (That of an empty virtual drive is not there.) */
static bool same_file(const char *one, const char *other)
{
	char *real = realpath(one, NULL), *real_other = realpath(other, NULL);
	bool same = !strcmp(one, other) || (real && real_other && !strcmp(real, real_other));

	free(real);
	free(real_other);
	return same;
}

/* Is @text a node of the device that the records know as @node, at @address? */
static bool is_node_of(const char *text, const char *node, const char *address)
{
	char found[ADDRESS_SIZE];

	if (node[0] && same_file(text, node))
		return true;
	address_of_node(text, found);
	return found[0] && !strcmp(found, address);
}

/* ---- libraries ---- */

/* Is the changer the one that @text names? */
static bool is_changer(const NTMS_CHANGERINFORMATIONW *changer, const char *text)
{
	char *serial = text_from_wide(changer->szSerialNumber, NTMS_SERIALNUMBER_LENGTH);
	char *node = text_from_wide(changer->szDeviceName, NTMS_DEVICENAME_LENGTH);
	char *address = text_format("%u:%u:%u:%u", changer->ScsiPort, changer->ScsiBus,
				    changer->ScsiTarget, changer->ScsiLun);
	bool is = !strcmp(serial, text) || is_node_of(text, node, address);

	free(address);
	free(node);
	free(serial);
	return is;
}

/* Is @text the directory of the virtual library that we work with? */
static bool is_broker(const char *text)
{
	const char *broker = getenv("NTMS_BROKER");

	return broker && !strncmp(broker, "virtual:", 8) && same_file(text, broker + 8);
}

/*
 * The library of the changer called @text; NULL: of the only one there is. More than one fits only
 * in a virtual broker, or with NULL.
 */
static DWORD by_changer(struct rsm *rsm, const char *text, NTMS_GUID *library, unsigned int *found)
{
	NTMS_OBJECTINFORMATIONW info;
	bool any = !text || is_broker(text);
	NTMS_GUID *list;
	DWORD count, code;

	*found = 0;
	code = list_objects(rsm, NULL, NTMS_CHANGER, &list, &count);
	for (DWORD i = 0; !code && i < count; i++) {
		code = get_info(rsm, &list[i], NTMS_CHANGER, &info);
		if (code || (!any && !is_changer(&info.Info.Changer, text)))
			continue;
		*library = info.Info.Changer.Library;
		++*found;
	}
	free(list);
	return code;
}

DWORD device_library(struct rsm *rsm, const char *device, NTMS_GUID *library)
{
	unsigned int found;
	DWORD code = by_changer(rsm, device, library, &found);

	if (code || found == 1)
		return code;
	if (!found)
		code = find_object(rsm, device, NTMS_LIBRARY, library);
	if (code == ERROR_OBJECT_NOT_FOUND)
		code = note_text(rsm, code,
				 "%s is neither a managed library nor its changer, nor a consumer "
				 "of changer.conf; 'rsm view library' and 'rsm devices' list what "
				 "there is",
				 device);
	if (found > 1)
		code = note_text(rsm, ERROR_INVALID_NAME, "%s stands for %u libraries; name one",
				 device, found);
	return code;
}

static DWORD only_library(struct rsm *rsm, const struct consumer *consumer, NTMS_GUID *library)
{
	unsigned int found;
	DWORD code;

	if (consumer->library)
		return device_library(rsm, consumer->library, library);
	code = by_changer(rsm, NULL, library, &found);
	if (!code && found != 1)
		code = note_text(rsm, ERROR_OBJECT_NOT_FOUND,
				 "there are %u libraries with a robot; say which one consumer %s "
				 "uses, with a \"library\" in changer.conf",
				 found, consumer->name);
	return code;
}

/* ---- drives ---- */

DWORD device_is_drive(struct rsm *rsm, const char *node, const NTMS_GUID *drive)
{
	NTMS_OBJECTINFORMATIONW info;
	const NTMS_DRIVEINFORMATIONW *record = &info.Info.Drive;
	DWORD code = get_info(rsm, drive, NTMS_DRIVE, &info);
	char *known, *address;

	if (code)
		return code;
	known = text_from_wide(record->szDeviceName, NTMS_DEVICENAME_LENGTH);
	address = text_format("%u:%u:%u:%u", record->ScsiPort, record->ScsiBus, record->ScsiTarget,
			      record->ScsiLun);
	if (!is_node_of(node, known, address))
		code = note_text(rsm, ERROR_INVALID_DRIVE,
				 "%s is no device of drive %u, which is %s; Archive Device and "
				 "Drive Index do not fit together",
				 node, record->Number, known[0] ? known : "not connected");
	free(address);
	free(known);
	return code;
}

/* ---- consumers ---- */

/* Is the consumer for this library and this user? */
static DWORD fits(struct rsm *rsm, const struct consumer *consumer, const NTMS_GUID *library,
		  uid_t uid, bool *fit)
{
	NTMS_GUID his;
	DWORD code;

	*fit = !consumer->user || consumer->uid == uid;
	if (!*fit || !consumer->library)
		return ERROR_SUCCESS;
	code = device_library(rsm, consumer->library, &his);
	/* A library that is not there is nobody's business but his. */
	*fit = !code && guid_equal(&his, library);
	return code == ERROR_OBJECT_NOT_FOUND ? ERROR_SUCCESS : code;
}

static DWORD no_choice(struct rsm *rsm, const char *device, uid_t uid,
		       const struct consumer *const found[2])
{
	char *user = user_name(uid);

	if (found[0])
		note_text(rsm, ERROR_INVALID_NAME,
			  "%s stands for consumers %s and %s of changer.conf; give the name of one "
			  "of them in its place, or a \"user\" to each",
			  device, found[0]->name, found[1]->name);
	else
		note_text(rsm, ERROR_OBJECT_NOT_FOUND,
			  "no consumer of changer.conf is for user %s and %s; see changer.conf(5)",
			  user, device);
	free(user);
	return found[0] ? ERROR_INVALID_NAME : ERROR_OBJECT_NOT_FOUND;
}

DWORD device_consumer(struct rsm *rsm, const struct settings *settings, const char *device,
		      uid_t uid, const struct consumer **consumer, NTMS_GUID *library)
{
	/* With a user of their own, and for anybody: the first two of each. */
	const struct consumer *found[2][2] = {{NULL}};
	DWORD code;
	bool fit;

	for (size_t i = 0; i < settings->count; i++) {
		*consumer = &settings->consumers[i];
		if (!strcmp((*consumer)->name, device))
			return only_library(rsm, *consumer, library);
	}
	code = device_library(rsm, device, library);
	for (size_t i = 0; !code && i < settings->count; i++) {
		const struct consumer *candidate = &settings->consumers[i];
		const struct consumer **list = found[!candidate->user];

		code = fits(rsm, candidate, library, uid, &fit);
		if (!code && fit)
			list[list[0] != NULL] = candidate;
	}
	if (code)
		return code;
	for (size_t i = 0; i < 2; i++) {
		*consumer = found[i][0];
		if (found[i][1])
			return no_choice(rsm, device, uid, found[i]);
		if (*consumer)
			return ERROR_SUCCESS;
	}
	return no_choice(rsm, device, uid, found[1]);
}
