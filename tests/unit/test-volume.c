/* SPDX-License-Identifier: GPL-2.0-only */
/* test-volume.c - GetVolumesFromDrive: the volume of a disk, in a made-up /sys and for real */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "base/errname.h"
#include "core/volume.h"
#include "faults.h"
#include "must.h"
#include "ntms/rsmapi.h"

/* Nodes that every system has; what they are is said by the made-up /sys. */
#define CHARACTER "/dev/null"

static char top[] = "/tmp/test-volume-XXXXXX";
static char sysfs[64], mounts[64], character[96];

static void make_directory(const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s", path);
	for (char *slash = full + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		cr_assert(mkdir(full, 0755) == 0 || errno == EEXIST, "%s", full);
		*slash = '/';
	}
	cr_assert(mkdir(full, 0755) == 0 || errno == EEXIST, "%s", full);
}

static void make_file(const char *directory, const char *name, const char *content)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	cr_assert_not_null(file, "%s", path);
	cr_assert_geq(fputs(content, file), 0);
	cr_assert_eq(fclose(file), 0);
}

static void make_block(const char *directory, const char *name, const char *number,
		       const char *size)
{
	char uevent[128];

	make_directory(directory);
	snprintf(uevent, sizeof(uevent), "MAJOR=8\nDEVNAME=%s\nDEVTYPE=disk\n", name);
	make_file(directory, "uevent", uevent);
	make_file(directory, "dev", number);
	make_file(directory, "size", size);
}

static void setup(void)
{
	struct stat info;

	cr_assert_not_null(mkdtemp(top));
	snprintf(sysfs, sizeof(sysfs), "%s/sys", top);
	snprintf(mounts, sizeof(mounts), "%s/mountinfo", top);
	cr_assert_eq(stat(CHARACTER, &info), 0);
	snprintf(character, sizeof(character), "%s/dev/char/%u:%u", sysfs, major(info.st_rdev),
		 minor(info.st_rdev));
	make_directory(character);
	make_file(top, "mountinfo",
		  "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
		  "30 27 8:17 /below /bind rw shared:1 - ext4 /dev/sdb1 rw\n"
		  "malformed\n"
		  "31 27 8:17 / /mnt/my\\040disk\\134x rw shared:1 - ext4 /dev/sdb1 rw\n"
		  "32 27 0:40 / /mnt/other rw - btrfs /dev/sdc rw\n");
}

static void teardown(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", top);
	cr_assert_eq(system(command), 0);
}

TestSuite(volume, .init = setup, .fini = teardown);

static DWORD find(struct volume *volume)
{
	struct volume_source source = {sysfs, mounts};

	return volume_find(&source, CHARACTER, volume);
}

static const char *disk(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/device/block/%s", character, name);
	return path;
}

static void add_partition(const char *of, const char *name, const char *number)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", disk(of), name);
	make_block(path, name, number, "1000\n");
	make_file(path, "partition", "1\n");
}

Test(volume, the_one_partition)
{
	struct volume volume;

	make_block(disk("sdb"), "sdb", "8:16\n", "1024\n");
	make_directory(disk("sdb/queue"));
	add_partition("sdb", "sdb1", "8:17\n");
	must(find(&volume));
	cr_expect_str_eq(volume.node, "/dev/sdb1");
	cr_expect_str_eq(volume.mount_point, "/mnt/my disk\\x");
}

Test(volume, the_whole_disk)
{
	struct volume volume;

	make_block(disk("sdd"), "sdd", "8:48\n", "1024\n");
	must(find(&volume));
	cr_expect_str_eq(volume.node, "/dev/sdd");
	cr_expect_str_eq(volume.mount_point, "");
}

Test(volume, mounted_under_another_number)
{
	struct volume volume;

	make_block(disk("sdc"), "sdc", "8:32\n", "1024\n");
	must(find(&volume));
	cr_expect_str_eq(volume.mount_point, "/mnt/other");
}

Test(volume, several_partitions)
{
	struct volume volume;

	make_block(disk("sdb"), "sdb", "8:16\n", "1024\n");
	add_partition("sdb", "sdb1", "8:17\n");
	add_partition("sdb", "sdb2", "8:18\n");
	must_be(find(&volume), ERROR_NOT_SUPPORTED);
}

Test(volume, no_medium)
{
	struct volume volume;

	make_block(disk("sdb"), "sdb", "8:16\n", "0\n");
	must_be(find(&volume), ERROR_NOT_READY);
}

/* As every tape drive. */
Test(volume, no_disk)
{
	struct volume volume;

	must_be(find(&volume), ERROR_INVALID_DRIVE);
	cr_expect_neq(ntms_said()[0], '\0');
}

Test(volume, the_kernel_does_not_tell)
{
	struct volume volume;

	make_block(disk("sdb"), "sdb", "8:16\n", "1024\n");
	snprintf(mounts, sizeof(mounts), "%s/nothing", top);
	must_be(find(&volume), ERROR_DEVICE_NOT_AVAILABLE);
	make_file(disk("sdb"), "uevent", "");
	must_be(find(&volume), ERROR_DEVICE_NOT_AVAILABLE);
}

/* ---- the calls ---- */

/* A node of a block device that is there, but nothing else is known of. */
Test(volume, no_such_drive)
{
	char *volume = NULL, *letter = NULL, path[128];
	WCHAR *wide_volume = NULL, *wide_letter = NULL;
	static WCHAR wide[] = {'/', 'd', 'e', 'v', '/', 'n', 'u', 'l', 'l', 0};

	snprintf(path, sizeof(path), "%s/nothing", top);
	must_be(GetVolumesFromDriveA(path, &volume, &letter), ERROR_INVALID_DRIVE);
	must_be(GetVolumesFromDriveA(mounts, &volume, &letter), ERROR_INVALID_DRIVE);
	must_be(GetVolumesFromDriveA((char[]){CHARACTER}, &volume, &letter), ERROR_INVALID_DRIVE);
	cr_assert_eq(GetLastError(), ERROR_INVALID_DRIVE);
	must_be(GetVolumesFromDriveW(wide, &wide_volume, &wide_letter), ERROR_INVALID_DRIVE);
	cr_expect_null(volume);
	cr_expect_null(letter);
	cr_expect_null(wide_volume);
	cr_expect_null(wide_letter);
}

Test(volume, invalid_parameter)
{
	static WCHAR wide[] = {'/', 0}, broken[] = {0xdc00, 0};
	WCHAR *wide_text = NULL;
	char *text = NULL;

	must_be(GetVolumesFromDriveA(NULL, &text, &text), ERROR_INVALID_PARAMETER);
	must_be(GetVolumesFromDriveA(mounts, NULL, &text), ERROR_INVALID_PARAMETER);
	must_be(GetVolumesFromDriveA(mounts, &text, NULL), ERROR_INVALID_PARAMETER);
	must_be(GetVolumesFromDriveW(NULL, &wide_text, &wide_text), ERROR_INVALID_PARAMETER);
	must_be(GetVolumesFromDriveW(broken, &wide_text, &wide_text), ERROR_INVALID_PARAMETER);
	must_be(GetVolumesFromDriveW(wide, NULL, &wide_text), ERROR_INVALID_PARAMETER);
	must_be(GetVolumesFromDriveW(wide, &wide_text, NULL), ERROR_INVALID_PARAMETER);
}

static void expect_wide(const WCHAR *wide, const char *text)
{
	for (size_t i = 0; i <= strlen(text); i++)
		cr_assert_eq(wide[i], (WCHAR)text[i], "character %zu of %s", i, text);
}

/* The made-up /sys in the place of the real one. */
Test(volume, by_both_calls)
{
	static WCHAR wide[] = {'/', 'd', 'e', 'v', '/', 'n', 'u', 'l', 'l', 0};
	WCHAR *wide_node, *wide_letter;
	char mounted[64], number[32], *node, *letter;
	struct stat info;

	if (!fault_own_mounts())
		cr_skip_test("needs root or user namespaces to mount a made-up /sys");
	snprintf(mounted, sizeof(mounted), "%s/mounted", top);
	make_directory(mounted);
	cr_assert_eq(mount("none", mounted, "tmpfs", 0, "size=64k"), 0, "%m");
	cr_assert_eq(stat(mounted, &info), 0);
	snprintf(number, sizeof(number), "%u:%u\n", major(info.st_dev), minor(info.st_dev));
	make_block(disk("sdb"), "sdb", number, "1024\n");
	cr_assert_eq(mount(sysfs, "/sys", NULL, MS_BIND, NULL), 0, "%m");
	must(GetVolumesFromDriveA((char[]){CHARACTER}, &node, &letter));
	cr_expect_str_eq(node, "/dev/sdb");
	cr_expect_str_eq(letter, mounted);
	must(GetVolumesFromDriveW(wide, &wide_node, &wide_letter));
	expect_wide(wide_node, "/dev/sdb");
	expect_wide(wide_letter, mounted);
	free(node);
	free(letter);
	free(wide_node);
	free(wide_letter);
	cr_assert_eq(umount(mounted), 0, "%m");
}

/* Some block device of this machine, by the calls: what sysfs says of it. */
Test(volume, a_real_disk)
{
	struct volume_source real = {"/sys", "/proc/self/mountinfo"};
	char path[] = "/dev/loop0", *node = NULL, *letter = NULL;
	struct volume expected;
	WCHAR wide[16] = {0}, *wide_node = NULL, *wide_letter = NULL;
	DWORD code = volume_find(&real, path, &expected);

	for (size_t i = 0; path[i]; i++)
		wide[i] = (WCHAR)path[i];
	must_be(GetVolumesFromDriveA(path, &node, &letter), code);
	must_be(GetVolumesFromDriveW(wide, &wide_node, &wide_letter), code);
	if (!code) {
		cr_expect_str_eq(node, expected.node);
		cr_expect_str_eq(letter, expected.mount_point);
		cr_expect_eq(wide_node[0], '/');
	}
	free(node);
	free(letter);
	free(wide_node);
	free(wide_letter);
}
