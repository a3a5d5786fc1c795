/* SPDX-License-Identifier: GPL-2.0-only */
/* installed.c - a program that knows nothing but what is installed */
#include <linux/rsm.h>
#include <ntms/rsmapi.h>
#include <ntmsapi.h>
#include <ntmsmli.h>
#include <stdio.h>

int main(void)
{
	HANDLE session = OpenNtmsSessionA("no.such.computer", "installed", 0);

	printf("%s\n", RsmErrorName(GetLastError()));
	return session == INVALID_HANDLE_VALUE && GetLastError() == ERROR_NO_NETWORK ? 0 : 1;
}
