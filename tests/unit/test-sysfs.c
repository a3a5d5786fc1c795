/* SPDX-License-Identifier: GPL-2.0-only */
/* test-sysfs.c - nodes and numbers of a SCSI device, in a made-up /sys */
#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "broker/sysfs.h"

static char root[] = "/tmp/test-sysfs-XXXXXX";

/* A directory below the made-up /sys, with those above it. */
static void make_directory(const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		cr_assert(mkdir(full, 0755) == 0 || errno == EEXIST, "%s", full);
		*slash = '/';
	}
	cr_assert(mkdir(full, 0755) == 0 || errno == EEXIST, "%s", full);
}

static void make_file(const char *path, const char *content)
{
	char full[PATH_MAX];
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	file = fopen(full, "w");
	cr_assert_not_null(file, "%s", full);
	cr_assert_geq(fputs(content, file), 0);
	cr_assert_eq(fclose(file), 0);
}

static void make_node(const char *device, const char *class, const char *name, const char *number)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "bus/scsi/devices/%s/%s/%s", device, class, name);
	make_directory(path);
	strcat(path, "/dev");
	make_file(path, number);
}

/* A drive of a number that is not its position: modes and rewinding nodes included. */
static void make_tree(void)
{
	static const char *const names[] = {"st7",  "nst7",  "st7l", "nst7l",
					    "st7m", "nst7m", "st7a", "nst7a"};
	static const unsigned int minors[] = {7, 135, 39, 167, 71, 199, 103, 231};

	cr_assert_not_null(mkdtemp(root));
	for (size_t i = 0; i < 8; i++) {
		char number[32];

		snprintf(number, sizeof(number), "9:%u\n", minors[i]);
		make_node("2:0:3:1", "scsi_tape", names[i], number);
	}
	make_node("2:0:3:1", "scsi_generic", "sg12", "21:12\n");
	make_node("2:0:3:18446744073709551615", "scsi_changer", "sch4", "86:4\n");
	make_directory("bus/scsi/devices/2:0:4:1/scsi_tape");
	/* Names that only begin like the one looked for. */
	make_node("2:0:5:1", "scsi_tape", "nst", "9:135\n");
	make_node("2:0:5:1", "scsi_tape", "nst7l", "9:167\n");
}

static void remove_tree(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(sysfs, .init = make_tree, .fini = remove_tree);

static const struct scsi_address tape = {2, 0, 3, 1};

Test(sysfs, nodes)
{
	const struct scsi_address changer = {2, 0, 3, UINT64_MAX};
	char node[64];

	cr_assert_eq(sysfs_node(root, &tape, SYSFS_NST, node, sizeof(node)), 0);
	cr_assert_str_eq(node, "/dev/nst7");
	cr_assert_eq(sysfs_node(root, &tape, SYSFS_SG, node, sizeof(node)), 0);
	cr_assert_str_eq(node, "/dev/sg12");
	cr_assert_eq(sysfs_node(root, &changer, SYSFS_SCH, node, sizeof(node)), 0);
	cr_assert_str_eq(node, "/dev/sch4");
}

Test(sysfs, no_such_door)
{
	const struct scsi_address gone = {2, 0, 9, 1}, bare = {2, 0, 4, 1}, odd = {2, 0, 5, 1};
	dev_t numbers[SYSFS_TAPE_NUMBERS];
	size_t count = 77;
	char node[64];

	cr_assert_eq(sysfs_node(root, &tape, SYSFS_SCH, node, sizeof(node)), -ENOENT);
	cr_assert_eq(sysfs_node(root, &gone, SYSFS_NST, node, sizeof(node)), -ENOENT);
	cr_assert_eq(sysfs_node(root, &bare, SYSFS_NST, node, sizeof(node)), -ENOENT);
	cr_assert_eq(sysfs_node(root, &odd, SYSFS_NST, node, sizeof(node)), -ENOENT);
	cr_assert_eq(sysfs_tape_numbers(root, &gone, numbers, &count), -ENOENT);
	cr_assert_eq(count, 0);
	cr_assert_eq(sysfs_tape_numbers(root, &bare, numbers, &count), -ENOENT);
	cr_assert_eq(sysfs_node("/nowhere", &tape, SYSFS_NST, node, sizeof(node)), -ENOENT);
}

Test(sysfs, too_long)
{
	char long_root[PATH_MAX + 1];
	char node[9];

	cr_assert_eq(sysfs_node(root, &tape, SYSFS_NST, node, sizeof(node)), -ENAMETOOLONG);
	/* Cut off, it would be a directory that exists. */
	memset(long_root, '/', PATH_MAX);
	long_root[PATH_MAX] = '\0';
	cr_assert_eq(sysfs_node(long_root, &tape, SYSFS_NST, node, sizeof(node)), -ENAMETOOLONG);
}

Test(sysfs, numbers_of_all_modes)
{
	dev_t numbers[SYSFS_TAPE_NUMBERS];
	unsigned int sum = 0;
	size_t count;

	cr_assert_eq(sysfs_tape_numbers(root, &tape, numbers, &count), 0);
	cr_assert_eq(count, 8);
	for (size_t i = 0; i < count; i++) {
		cr_assert_eq(major(numbers[i]), 9);
		sum += minor(numbers[i]);
	}
	cr_assert_eq(sum, 7 + 135 + 39 + 167 + 71 + 199 + 103 + 231);
}

Test(sysfs, number_that_is_none)
{
	dev_t numbers[SYSFS_TAPE_NUMBERS];
	size_t count;

	make_file("bus/scsi/devices/2:0:3:1/scsi_tape/st7/dev", "nonsense");
	cr_assert_eq(sysfs_tape_numbers(root, &tape, numbers, &count), 0);
	cr_assert_eq(count, 7);
}
