/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * common.h - what the example clients share: all by the calls of ntmsapi.h
 *
 * They end with a message when a call fails: there is nothing a client could do about it.
 */
#ifndef CLIENTS_COMMON_H
#define CLIENTS_COMMON_H

#include <stddef.h>
#include <ntms/ntmsapi.h>

/* A call must succeed. */
#define need(call) need_code(#call, call)
void need_code(const char *call, DWORD code);
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

HANDLE open_session(const char *application);

/* Information on an object of @type. */
void get_info(HANDLE session, NTMS_GUID guid, DWORD type, NTMS_OBJECTINFORMATIONA *info);

/* All objects of @type in @container (NULL: of the system); to be freed. */
NTMS_GUID *list_objects(HANDLE session, NTMS_GUID *container, DWORD type, DWORD *count);

/* Have at least @count cartridges free; the media type that they are of. */
NTMS_GUID prepare(HANDLE session, DWORD count);

/* A pool that takes from the Free pool and gives back to it, made if need be. */
NTMS_GUID get_pool(HANDLE session, const char *name, NTMS_GUID media_type);

/* The cartridge of an LMID. */
NTMS_GUID cartridge_of(HANDLE session, NTMS_GUID media);

/* Allocate, mount; the device to open is put into @device. */
NTMS_GUID allocate(HANDLE session, NTMS_GUID pool);
NTMS_GUID mount_in(HANDLE session, NTMS_GUID media, char device[NTMS_DEVICENAME_LENGTH]);

/* Give it back and wait until the cartridge is idle. */
void dismount(HANDLE session, NTMS_GUID media);
void wait_idle(HANDLE session, NTMS_GUID cartridge);

/* ---- the tape: a device, or the plain file of a virtual library ---- */

#define RECORD_SIZE 32768

int tape_open(const char *device);
void tape_close(int fd);
void tape_rewind(int fd);

/* At the beginning: an ANSI volume label, told to RSM. */
void write_label(HANDLE session, NTMS_GUID media, int fd, const char *serial);
/* Rewind and go past the label, which must be the one. */
void check_label(int fd, const char *serial);

void write_record(int fd, const char record[RECORD_SIZE]);
void read_record(int fd, char record[RECORD_SIZE]);
/* A filemark behind the data. */
void end_data(int fd);

#endif
