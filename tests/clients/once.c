/* SPDX-License-Identifier: GPL-2.0-only */
/* once.c - mount the medium of an LMID and dismount it again, nothing else; for who counts */
#include <stdio.h>
#include <stdlib.h>
#include "common.h"

static NTMS_GUID guid_of(const char *text)
{
	NTMS_GUID guid;
	BYTE *rest = guid.Data4;

	if (sscanf(text, "%8x%4hx%4hx%2hhx%2hhx%2hhx%2hhx%2hhx%2hhx%2hhx%2hhx", &guid.Data1,
		   &guid.Data2, &guid.Data3, &rest[0], &rest[1], &rest[2], &rest[3], &rest[4],
		   &rest[5], &rest[6], &rest[7]) != 11)
		die("%s is no GUID", text);
	return guid;
}

int main(int argc, char **argv)
{
	char device[NTMS_DEVICENAME_LENGTH];
	NTMS_GUID media, cartridge;
	HANDLE session;

	if (argc != 2)
		die("usage: once LMID, without dashes");
	session = open_session("once");
	media = guid_of(argv[1]);
	cartridge = cartridge_of(session, media);
	mount_in(session, media, device);
	printf("mounted in %s\n", device);
	dismount(session, media);
	wait_idle(session, cartridge);
	need(CloseNtmsSession(session));
	return EXIT_SUCCESS;
}
