/* SPDX-License-Identifier: GPL-2.0-only */
#include "fixture-kernel.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mtio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "broker/broker.h"
#include "must.h"

bool kx_wanted(void)
{
	return getenv("RSM_TEST_LIBRARY") != NULL;
}

void kx_skip(const char *why)
{
	cr_skip_test("not on the kernel broker: %s", why);
}

/* ---- what is said to the library's people ---- */

static FILE *connected(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FILE *stream;

	cr_assert_geq(fd, 0, "%m");
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", getenv("RSM_TEST_LIBRARY"));
	cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0, "%s: %m",
		     address.sun_path);
	stream = fdopen(fd, "r+");
	cr_assert(stream);
	return stream;
}

/* The errno of the answer to @line; what else it says is in @answer. */
static int ask(char *answer, size_t size, const char *line)
{
	FILE *stream = connected();
	char said[4096] = "", *text;
	long error;

	cr_assert_gt(fprintf(stream, "%s\n", line), 0);
	cr_assert_eq(fflush(stream), 0);
	cr_assert(fgets(said, sizeof(said), stream), "the library does not answer: %s", line);
	fclose(stream);
	said[strcspn(said, "\n")] = '\0';
	error = strtol(said, &text, 10);
	cr_assert(text != said, "%s: %s", line, said);
	snprintf(answer, size, "%s", *text == ' ' ? text + 1 : text);
	cr_assert_neq(error, EINVAL, "%s", answer);
	return (int)error;
}

static int tell(char *answer, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int tell(char *answer, size_t size, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return ask(answer, size, line);
}

int kx_hand(const char *format, ...)
{
	char line[1024], answer[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return -ask(answer, sizeof(answer), line);
}

/* As RsmVirtualInsert and the others have it. */
static DWORD person_code(int error)
{
	switch (error) {
	case 0:
		return ERROR_SUCCESS;
	case -EBUSY:
		return ERROR_BUSY;
	case -EAGAIN:
		return ERROR_NOT_READY;
	case -ERANGE:
		return ERROR_OBJECT_NOT_FOUND;
	case -ENOMEDIUM:
		return ERROR_EMPTY;
	case -ENOTEMPTY:
		return ERROR_NOT_EMPTY;
	case -EEXIST:
		return ERROR_ALREADY_EXISTS;
	case -EOPNOTSUPP:
		return ERROR_NOT_SUPPORTED;
	default:
		return ERROR_INVALID_PARAMETER;
	}
}

static const char *place_word(DWORD place)
{
	return place == RSM_VIRTUAL_PORT ? "port" : place == RSM_VIRTUAL_SLOT ? "slot" : "drive";
}

/* Ports and slots are counted from 1 by people. */
static DWORD place_number(DWORD place, DWORD number)
{
	return place == RSM_VIRTUAL_DRIVE ? number : number - 1;
}

DWORD kx_put_in(DWORD place, DWORD number, const char *name)
{
	return person_code(
		kx_hand("insert %s %u %s", place_word(place), place_number(place, number), name));
}

DWORD kx_take_out(DWORD place, DWORD number)
{
	return person_code(kx_hand("remove %s %u", place_word(place), place_number(place, number)));
}

DWORD kx_door(bool open)
{
	return person_code(kx_hand("door %s", open ? "open" : "close"));
}

static void to_hex(const char *label, char *hex, size_t size)
{
	for (size_t i = 0; label[i] && 2 * i + 2 < size; i++)
		snprintf(hex + 2 * i, size - 2 * i, "%02x", (unsigned char)label[i]);
}

void kx_label_tape(const char *name, const char *label)
{
	char hex[512] = "";

	to_hex(label, hex, sizeof(hex));
	cr_assert_eq(kx_hand("write %s %s", name, hex), 0);
}

void kx_expect_label(const char *name, const char *label)
{
	char answer[512], hex[512] = "";

	to_hex(label, hex, sizeof(hex));
	cr_assert_eq(tell(answer, sizeof(answer), "read %s", name), 0, "%s", answer);
	cr_assert_str_eq(answer, hex);
}

unsigned int kx_number(const char *format, ...)
{
	char line[1024], answer[64];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	cr_assert_eq(ask(answer, sizeof(answer), line), 0, "%s: %s", line, answer);
	return (unsigned int)strtoul(answer, NULL, 10);
}

/* ---- its devices ---- */

static void run(const char *command)
{
	int status = system(command);

	cr_assert_eq(status, 0, "status %d of: %s", status, command);
}

/* Devices of another shape are other devices. */
static void plug_in_again(void)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "node='iscsiadm -m node -T %s'; $node --logout >/dev/null 2>&1; "
		 "$node --login >/dev/null && udevadm settle --timeout=60",
		 getenv("RSM_TEST_TARGET"));
	run(command);
}

/* What a test that failed has left: a drive that is an orphan, or is shut. */
static void let_go(struct broker *broker, const struct broker_device *device)
{
	static const NTMS_GUID none;
	struct broker_lease *lease;
	struct broker_hold *hold;

	broker_unmanage(broker, device->id);
	if (device->kind != BROKER_DRIVE || broker_lease_take(broker, device->id, &lease) != 0)
		return;
	if (broker_reserve(lease, device->id, &none, BROKER_RECOVER, 0, &hold) == 0) {
		broker_mark(hold, false);
		broker_release(hold);
	}
	broker_lease_give(lease);
}

static void let_all_go(void)
{
	struct broker_device *list;
	struct broker *broker;
	size_t count;

	cr_assert_eq(broker_open("kernel", &broker), 0, "%s", ntms_said());
	cr_assert_eq(broker_devices(broker, &list, &count), 0, "%s", ntms_said());
	for (size_t i = 0; i < count; i++)
		let_go(broker, &list[i]);
	free(list);
	broker_close(broker);
}

void kx_make(const RSM_VIRTUAL_SHAPE *shape)
{
	char answer[64];

	if (shape->dwMedia != RSM_VIRTUAL_LTO8)
		kx_skip("its drives are LTO-8");
	if (shape->dwMagazineSlots)
		kx_skip("the library has no magazines");
	let_all_go();
	cr_assert_eq(tell(answer, sizeof(answer), "make %u %u %u %u %u %u %d %d", shape->dwDrives,
			  shape->dwSlots, shape->dwPorts, shape->dwTapes, shape->dwStandAloneDrives,
			  shape->dwCleaners, shape->bDoor, shape->bBarCodeReader),
		     0, "%s", answer);
	if (strcmp(answer, "same") != 0)
		plug_in_again();
}

/* ---- tapes ---- */

static void operate(int fd, short operation, int count)
{
	struct mtop what = {.mt_op = operation, .mt_count = count};

	cr_assert_eq(ioctl(fd, MTIOCTOP, &what), 0, "%d: %m", operation);
}

static int open_at(const char *node, int flags, int file)
{
	int fd = open(node, flags | O_CLOEXEC);

	cr_assert_geq(fd, 0, "%s: %m", node);
	operate(fd, MTREW, 1);
	if (file)
		operate(fd, MTFSF, file);
	return fd;
}

void kx_write(const char *node, int file, const char *text)
{
	int fd = open_at(node, O_RDWR, file);
	size_t length = strlen(text);

	cr_assert_eq(write(fd, text, length), (ssize_t)length, "%m");
	operate(fd, MTWEOF, 1);
	cr_assert_eq(close(fd), 0, "%m");
}

void kx_expect(const char *node, int file, const char *text)
{
	int fd = open_at(node, O_RDONLY, file);
	char found[65536] = "";

	cr_assert_geq(read(fd, found, sizeof(found) - 1), 0, "%m");
	cr_assert_eq(close(fd), 0, "%m");
	cr_assert_str_eq(found, text);
}
