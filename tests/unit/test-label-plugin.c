/* SPDX-License-Identifier: GPL-2.0-only */
/* Label plug-ins: real shared objects in a directory of their own; what may not be used is refused
 * and named, and the others work. */
#include <sys/types.h>
#include "test-virtual.h"
#include "label/formats.h"
#include "label/label.h"
#include "label/plugin.h"

static void begin(void)
{
	make_parent();
	/* Whatever the umask is. */
	cr_assert_eq(chmod(dir, 0755), 0);
}

static struct plugins *plugins;

static void end(void)
{
	plugins_free(plugins);
	unsetenv("PLUG_MAX");
	unsetenv("NTMS_LABEL_DIR");
	teardown();
}

TestSuite(plugin, .init = begin, .fini = end, .timeout = 60);

/* Install one of those that were built with the tests; at most @most bytes of it. */
static void install(const char *object, const char *name, size_t most)
{
	static char bytes[4 << 20];
	char path[512];
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", PLUGINS, object);
	file = fopen(path, "r");
	cr_assert(file, "%s: %m", path);
	size = fread(bytes, 1, sizeof(bytes), file);
	cr_assert(size > 0 && size < sizeof(bytes));
	fclose(file);
	write_file(name, bytes, size < most ? size : most);
	cr_assert_eq(chmod(in_library(name), 0644), 0);
}

static void load(size_t count, size_t refused)
{
	plugins_free(plugins);
	plugins = plugins_load(dir, geteuid());
	cr_assert(plugins);
	cr_assert_eq(plugins_count(plugins), count, "%zu, %s", plugins_count(plugins),
		     plugins_refusal(plugins, 0));
	cr_assert_eq(plugins_refused(plugins), refused, "%zu, %s", plugins_refused(plugins),
		     plugins_refusal(plugins, 0));
}

static void expect_refusal(size_t number, const char *text)
{
	cr_assert(strstr(plugins_refusal(plugins, number), text), "\"%s\" does not say \"%s\"",
		  plugins_refusal(plugins, number), text);
}

static bool claimed(const char *block, struct label *label)
{
	memset(label, 0, sizeof(*label));
	return plugins_claim(plugins, block, strlen(block), label);
}

Test(plugin, no_directory_has_no_plug_ins)
{
	struct label label;

	plugins = plugins_load("/nowhere/at/all", 0);
	cr_assert(plugins);
	cr_assert_eq(plugins_count(plugins), 0);
	cr_assert_eq(plugins_refused(plugins), 0);
	cr_assert_eq(plugins_max(plugins), 0);
	cr_assert(!claimed("PLUG ok", &label));
	cr_assert_str_empty(plugins_refusal(plugins, 0));
	load(0, 0);
}

Test(plugin, a_good_one_claims_its_labels)
{
	struct label label;

	install("label-good.so", "good.so", SIZE_MAX);
	load(1, 0);
	cr_assert_eq(plugins_max(plugins), 32);
	cr_assert(claimed("PLUG ok", &label));
	cr_assert_str_eq(label.type, "plug");
	cr_assert_str_eq(label.info, "of a test");
	cr_assert_eq(label.id_length, 4);
	cr_assert_arr_eq(label.id, "1234", 4);
	cr_assert(!claimed("something else", &label));
	cr_assert(!claimed("", &label));
}

Test(plugin, the_first_by_name_has_it)
{
	struct label label;

	install("label-good.so", "b.so", SIZE_MAX);
	install("label-ex.so", "a.so", SIZE_MAX);
	load(2, 0);
	cr_assert_eq(plugins_max(plugins), 64);
	cr_assert(claimed("PLUG ok", &label));
	cr_assert_str_eq(label.type, "ex");
	cr_assert_eq(label.id_length, 255);
	cr_assert_eq(rename(in_library("a.so"), "/dev/shm/rsm-test-moved"), 0);
	cr_assert_eq(unlink("/dev/shm/rsm-test-moved"), 0);
	load(1, 0);
	cr_assert(claimed("PLUG ok", &label));
	cr_assert_str_eq(label.type, "plug");
}

Test(plugin, improper_answers_are_passed_over)
{
	static const char *const wrong[] = {"no-type",	"open-type", "free-type",
					    "odd-type", "open-text", "no-id",
					    "id-256",	"id-huge",   "odd-code"};
	struct label label;
	char block[32];

	install("label-good.so", "a.so", SIZE_MAX);
	load(1, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(block, sizeof(block), "PLUG %s", wrong[i]);
		cr_assert(!claimed(block, &label), "%s", wrong[i]);
		cr_assert_str_empty(label.type);
	}
	cr_assert(claimed("PLUG odd-text", &label));
	cr_assert_str_eq(label.info, "?[2J", "what a terminal would obey is not shown");
	/* And the next one is asked, with the bytes as they are on the medium. */
	install("label-ex.so", "b.so", SIZE_MAX);
	load(2, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(block, sizeof(block), "PLUG %s", wrong[i]);
		cr_assert(claimed(block, &label), "%s", wrong[i]);
		cr_assert_str_eq(label.type, "ex");
		cr_assert(strncmp(block, "PLUG ", 5) == 0, "the caller's bytes are his");
	}
}

Test(plugin, what_is_no_plug_in_is_refused_and_named)
{
	struct label label;

	install("label-good.so", "good.so", SIZE_MAX);
	install("label-bare.so", "bare.so", SIZE_MAX);
	install("label-good.so", "good.so.dpkg-old", SIZE_MAX);
	write_file("empty.so", "", 0);
	cr_assert_eq(chmod(in_library("empty.so"), 0644), 0);
	write_file("script.so", "#!/bin/sh\n", 10);
	cr_assert_eq(chmod(in_library("script.so"), 0644), 0);
	cr_assert_eq(mkdir(in_library("folder.so"), 0755), 0);
	cr_assert_eq(mkfifo(in_library("pipe.so"), 0644), 0);
	cr_assert_eq(symlink("good.so", in_library("symbolic.so")), 0);
	load(1, 7);
	expect_refusal(0, "bare.so has no function ClaimMediaLabel");
	expect_refusal(1, "empty.so is not a whole shared object: it is no ELF file");
	expect_refusal(2, "folder.so is no regular file");
	expect_refusal(3, "good.so.dpkg-old is no plug-in: the name does not end in .so");
	expect_refusal(4, "pipe.so is no regular file");
	expect_refusal(5, "script.so is not a whole shared object: it is no ELF file");
	expect_refusal(6, "symbolic.so is a symbolic link");
	cr_assert_str_empty(plugins_refusal(plugins, 7));
	cr_assert(claimed("PLUG ok", &label), "the good one works beside them");
}

Test(plugin, one_that_is_cut_short_is_refused_at_every_length)
{
	struct stat status;

	install("label-bare.so", "a.so", SIZE_MAX);
	cr_assert_eq(stat(in_library("a.so"), &status), 0);
	for (off_t size = status.st_size - 1; size > 0; size -= 1 + size / 16) {
		install("label-bare.so", "a.so", (size_t)size);
		load(0, 1);
		expect_refusal(0, "a.so is not a whole shared object");
	}
}

Test(plugin, a_broken_object_is_refused)
{
	/* A shared object by its header; the loader sees that nothing else is there. */
	unsigned char header[128] = "\177ELF";

	header[4] = sizeof(void *) == 8 ? 2 : 1;
	header[5] = 1;
	header[16] = 3;
	write_file("a.so", header, sizeof(header));
	cr_assert_eq(chmod(in_library("a.so"), 0644), 0);
	load(0, 1);
	expect_refusal(0, "it has no program headers");
	header[4] ^= 3;
	write_file("a.so", header, sizeof(header));
	load(0, 1);
	expect_refusal(0, "no shared object of this kind of machine");
}

Test(plugin, whose_and_writable_for_whom_is_looked_at)
{
	install("label-good.so", "a.so", SIZE_MAX);
	for (mode_t bit = 020; bit; bit = bit == 020 ? 002 : 0) {
		cr_assert_eq(chmod(in_library("a.so"), 0644 | bit), 0);
		load(0, 1);
		expect_refusal(0, "a.so can be written by others (chmod go-w)");
		cr_assert_eq(chmod(in_library("a.so"), 0644), 0);
		load(1, 0);
		cr_assert_eq(chmod(dir, 0755 | bit), 0);
		load(0, 1);
		expect_refusal(0, "can be written by others (chmod go-w)");
		expect_refusal(0, dir);
		cr_assert_eq(chmod(dir, 0755), 0);
	}
	load(1, 0);
	if (geteuid() != 0)
		return;
	cr_assert_eq(chown(in_library("a.so"), 12345, 0), 0);
	load(0, 1);
	expect_refusal(0, "a.so belongs to user 12345, not to root");
	cr_assert_eq(chown(dir, 12345, 0), 0);
	load(0, 1);
	expect_refusal(0, "belongs to user 12345, not to root");
	/* It is his own: he may. */
	plugins_free(plugins);
	plugins = plugins_load(dir, 12345);
	cr_assert_eq(plugins_count(plugins), 1);
}

Test(plugin, an_absurd_size_is_refused)
{
	install("label-good.so", "a.so", SIZE_MAX);
	install("label-ex.so", "b.so", SIZE_MAX);
	setenv("PLUG_MAX", "0", 1);
	load(1, 1);
	expect_refusal(0, "a.so: MaxMediaLabel asks for 0 bytes; 1 to 262144 can be had");
	setenv("PLUG_MAX", "262145", 1);
	load(1, 1);
	setenv("PLUG_MAX", "4294967295", 1);
	load(1, 1);
	expect_refusal(0, "asks for 4294967295 bytes");
	setenv("PLUG_MAX", "fail", 1);
	load(1, 1);
	expect_refusal(0, "a.so: MaxMediaLabel fails with error 8");
	setenv("PLUG_MAX", "262144", 1);
	load(2, 0);
	cr_assert_eq(plugins_max(plugins), 262144);
}

Test(plugin, more_than_anybody_needs_are_refused)
{
	char name[16];

	for (int i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "p%02d.so", i);
		install("label-ex.so", name, SIZE_MAX);
	}
	load(64, 6);
	expect_refusal(0, "p64.so is one too many: 64 can be used");
}

/* ---- those of the machine ---- */

Test(plugin, the_environment_names_a_directory)
{
	struct label label;
	uint8_t block[FREE_LABEL_SIZE];

	install("label-good.so", "a.so", SIZE_MAX);
	write_file("notes.txt", "x", 1);
	setenv("NTMS_LABEL_DIR", dir, 1);
	expect_is(label_claim("PLUG ok", 7, &label), ERROR_SUCCESS);
	cr_assert_str_eq(label.type, "plug");
	/* Ours are not for others to claim. */
	free_label_make("V00001L8", block);
	expect_is(label_claim(block, sizeof(block), &label), ERROR_SUCCESS);
	cr_assert_str_eq(label.type, LABEL_TYPE_FREE);
	expect_is(label_claim("PLUG free-type", 14, &label), ERROR_BAD_FORMAT);
	cr_assert_str_empty(label.type);
	cr_assert(strstr(ntms_said(), "notes.txt is no plug-in"), "%s", ntms_said());
	cr_assert_gt(label_max(), 32);
	/* Loaded once. */
	cr_assert_eq(unlink(in_library("a.so")), 0);
	expect_is(label_claim("PLUG ok", 7, &label), ERROR_SUCCESS);
}

/* ---- the example ---- */

static void put(uint8_t *header, size_t at, uint32_t value)
{
	memcpy(header + at, &value, sizeof(value));
}

static void make_dump(uint8_t header[1024])
{
	uint32_t sum = 0, number;

	memset(header, 0, 1024);
	put(header, 0, 1);
	put(header, 4, 1700000000);
	put(header, 12, 1);
	put(header, 24, 60012);
	memcpy(header + 676, "sixteen letters!", 16);
	memcpy(header + 760, "/dev/sda1", 9);
	memcpy(header + 824, "host", 4);
	for (size_t at = 0; at < 1024; at += 4) {
		memcpy(&number, header + at, sizeof(number));
		sum += number;
	}
	put(header, 28, 84446 - sum);
}

Test(plugin, the_example_recognises_dumps)
{
	struct label label, other;
	uint8_t header[1024];

	install("label-dump.so", "dump.so", SIZE_MAX);
	load(1, 0);
	make_dump(header);
	cr_assert(plugins_claim(plugins, header, sizeof(header), &label));
	cr_assert_str_eq(label.type, "dump");
	cr_assert_str_eq(label.info, "sixteen letters!: level 0 of /dev/sda1 on host, volume 1");
	for (size_t size = 0; size < sizeof(header); size++)
		cr_assert(!plugins_claim(plugins, header, size, &other));
	for (size_t at = 0; at < sizeof(header); at += 3) {
		header[at] ^= 0x10;
		cr_assert(!plugins_claim(plugins, header, sizeof(header), &other), "%zu", at);
		header[at] ^= 0x10;
	}
}
