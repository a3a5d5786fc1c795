/* SPDX-License-Identifier: GPL-2.0-only */
/* The label formats of other programs: what they write is recognised, and bytes that are cut short,
 * too long, contradict themselves or lie are not, and do no harm. */
#include <endian.h>
#include "test-virtual.h"
#include "label/formats.h"
#include "label/label.h"

TestSuite(formats, .timeout = 120);

#define BLOCK_MAX 16384

static uint8_t block[BLOCK_MAX];
static size_t block_size;

/* A copy as long as it is said to be, so that the sanitizer sees every step beyond. */
static DWORD claim(const void *bytes, size_t size, struct label *label)
{
	void *copy = malloc(size ? size : 1);
	DWORD code;

	cr_assert(copy);
	memcpy(copy, bytes, size);
	code = label_claim(copy, size, label);
	free(copy);
	return code;
}

static void expect_unclaimed(const char *why)
{
	struct label label;

	cr_assert_eq(claim(block, block_size, &label), ERROR_BAD_FORMAT, "%s: claimed as %s", why,
		     label.type);
	cr_assert_str_empty(label.type);
}

static struct label expect_claimed(const char *type)
{
	struct label label;

	cr_assert_eq(claim(block, block_size, &label), ERROR_SUCCESS, "not claimed as %s", type);
	cr_assert_str_eq(label.type, type);
	return label;
}

/* No beginning that is shorter than @least is claimed, and longer ones as the same medium. */
static void expect_every_length(const char *type, size_t least)
{
	struct label whole = expect_claimed(type), label;

	for (size_t size = 0; size < block_size; size++) {
		DWORD code = claim(block, size, &label);

		cr_assert_eq(code, size < least ? ERROR_BAD_FORMAT : ERROR_SUCCESS, "%zu bytes",
			     size);
		cr_assert(size < least || label_equal(&whole, &label), "%zu bytes", size);
	}
}

/* Whatever the answer is to changed bytes, it is a proper one. */
static void expect_no_harm(size_t within)
{
	unsigned int seed = 7;
	uint8_t saved[BLOCK_MAX];
	struct label label;

	memcpy(saved, block, block_size);
	for (int i = 0; i < 5000; i++) {
		for (int changes = 1 + rand_r(&seed) % 4; changes; changes--)
			block[(size_t)rand_r(&seed) % within] = (uint8_t)rand_r(&seed);
		if (claim(block, block_size, &label) == ERROR_SUCCESS) {
			cr_assert(label.type[0]);
			cr_assert(label.id_length >= 1 &&
				  label.id_length <= NTMS_OMIDLABELID_LENGTH);
		}
		memcpy(block, saved, block_size);
	}
}

static void expect_id(const struct label *label, const char *id)
{
	cr_assert_eq(label->id_length, strlen(id), "%u bytes", label->id_length);
	cr_assert_arr_eq(label->id, id, strlen(id));
}

/* What a command prints, the first @size bytes of it. */
static void run(size_t size, const char *command)
{
	FILE *output = popen(command, "r");
	int status;

	cr_assert(output);
	block_size = fread(block, 1, size, output);
	while (fgetc(output) != EOF)
		;
	status = pclose(output);
	cr_assert_eq(status, 0, "%s: status %d", command, status);
}

/* ---- tar ---- */

Test(formats, tar_tells_archives_apart_by_their_first_record, .init = make_parent, .fini = teardown)
{
	struct label first, second, grown;
	char command[256];

	/* The same directory, of the same time, with other contents. */
	snprintf(
		command, sizeof(command),
		"cd %s && mkdir d && head -c 20000 /dev/zero | tr '\\0' x >d/f && touch -d @1 d && "
		"tar -cf - d",
		dir);
	run(10240, command);
	first = expect_claimed(LABEL_TYPE_TAR);
	cr_assert_eq(first.id_length, 32);
	expect_every_length(LABEL_TYPE_TAR, 512);
	snprintf(command, sizeof(command),
		 "cd %s && head -c 20000 /dev/zero | tr '\\0' y >d/f && touch -d @1 d && tar -cf - "
		 "d",
		 dir);
	run(10240, command);
	second = expect_claimed(LABEL_TYPE_TAR);
	cr_assert(!label_equal(&first, &second), "another backup of the same directory");
	cr_assert_arr_eq(first.id, second.id, 16);
	/* As an older release has recorded it. */
	second.id_length = 16;
	cr_assert(label_equal(&first, &second));
	cr_assert(label_equal(&second, &first));
	/* A small archive may grow: what is added to it does not make it another. */
	snprintf(command, sizeof(command), "cd %s && touch -d @1 a && tar -cf t a && cat t", dir);
	run(10240, command);
	first = expect_claimed(LABEL_TYPE_TAR);
	cr_assert_eq(first.id_length, 16);
	snprintf(command, sizeof(command), "cd %s && tar -rf t d && cat t", dir);
	run(10240, command);
	grown = expect_claimed(LABEL_TYPE_TAR);
	cr_assert(label_equal(&first, &grown));
	expect_no_harm(1024);
}

/* ---- cpio ---- */

Test(formats, what_cpio_writes_is_recognised, .init = make_parent, .fini = teardown)
{
	static const char *const kinds[] = {"bin", "odc", "newc", "crc"};
	static const size_t headers[] = {26, 76, 110, 110};
	struct label label, other;
	char command[256];

	for (size_t i = 0; i < 4; i++) {
		snprintf(
			command, sizeof(command),
			"cd %s && mkdir -p sub && head -c 9000 /dev/zero | tr '\\0' x >sub/file && "
			"printf 'sub/file\\n' | cpio -o -B --quiet -H %s",
			dir, kinds[i]);
		run(5120, command);
		label = expect_claimed(LABEL_TYPE_CPIO);
		cr_assert_str_eq(label.info, "sub/file", "%s", kinds[i]);
		cr_assert_eq(label.id_length, 48, "%s", kinds[i]);
		expect_every_length(LABEL_TYPE_CPIO, headers[i] + sizeof("sub/file"));
		expect_no_harm(headers[i] + 16);
		block[5000] ^= 1;
		other = expect_claimed(LABEL_TYPE_CPIO);
		cr_assert(!label_equal(&label, &other));
		block[headers[i] + 2] = '\0';
		expect_unclaimed("a name that ends before its end");
		block[headers[i] + 2] = 'b';
		block[headers[i] + 8] = 'x';
		expect_unclaimed("a name that does not end");
	}
	/* The other byte order. */
	snprintf(
		command, sizeof(command),
		"cd %s && printf 'sub/file\\n' | cpio -o --quiet -H bin | dd conv=swab 2>/dev/null",
		dir);
	run(26, command);
	memcpy(block + 26, "sub/file", 9);
	block_size = 26 + 9;
	label = expect_claimed(LABEL_TYPE_CPIO);
	cr_assert_str_eq(label.info, "sub/file");
	block[6] = block[7] = 0;
	expect_unclaimed("no such kind of file");
	snprintf(command, sizeof(command), "cd %s && cpio -o --quiet -H newc </dev/null", dir);
	run(512, command);
	expect_unclaimed("nothing but a trailer");
}

Test(formats, cpio_headers_that_lie_are_refused)
{
	static const char header[] = "0707010000000A000081A4000000000000000000000001000000010000000"
				     "500000008000000010000000000000000000000020000000";
	struct label label;

	memset(block, 0, sizeof(block));
	memcpy(block, header, 109);
	block[109] = '0';
	block[110] = 'a';
	block_size = 112;
	label = expect_claimed(LABEL_TYPE_CPIO);
	cr_assert_str_eq(label.info, "a");
	memcpy(block + 94, "FFFFFFFF", 8);
	expect_unclaimed("a name of 4 GiB");
	memcpy(block + 94, "00000000", 8);
	expect_unclaimed("no name");
	memcpy(block + 94, "00000001", 8);
	expect_unclaimed("an empty name");
	memcpy(block + 94, "00000003", 8);
	expect_unclaimed("a name that is longer than the block");
	memcpy(block + 94, "0000000g", 8);
	expect_unclaimed("no number");
	memcpy(block + 94, "00000002", 8);
	memcpy(block + 14, "000191A4", 8);
	expect_unclaimed("no such mode");
	memcpy(block + 14, "000081A4", 8);
	memcpy(block + 102, "00000001", 8);
	expect_unclaimed("a checksum where there is none");
	block[5] = '2';
	expect_claimed(LABEL_TYPE_CPIO);
	block[5] = '7';
	expect_unclaimed("hexadecimal digits in octal numbers");
}

/* ---- Bacula ---- */

static void put32(size_t at, uint32_t value)
{
	value = htobe32(value);
	memcpy(block + at, &value, sizeof(value));
}

static void put_text(size_t *at, const char *text)
{
	memcpy(block + *at, text, strlen(text) + 1);
	*at += strlen(text) + 1;
}

/* As the developer's guide has it: block, record, label. Returns where the volume's name is. */
static size_t make_bacula(int level, int kind, const char *magic, const char *volume)
{
	size_t record = 24, at = 36, name;

	memset(block, 0, sizeof(block));
	memcpy(block + 12, level == 2 ? "BB02" : "BB01", 4);
	put_text(&at, magic);
	put32(at, 11);
	at += 4 + 32;
	name = at;
	put_text(&at, volume);
	put_text(&at, "");
	put_text(&at, "Default");
	put_text(&at, "Backup");
	put_text(&at, "LTO-8");
	put_text(&at, "host");
	put32(4, 64512);
	put32(record, (uint32_t)kind);
	put32(record + 8, (uint32_t)(at - 36));
	block_size = at;
	return name;
}

Test(formats, bacula_is_known_by_the_name_of_the_volume)
{
	struct label label, other;
	size_t name;

	name = make_bacula(2, -2, "Bacula 1.0 immortal\n", "Vol-0001");
	label = expect_claimed(LABEL_TYPE_BACULA);
	expect_id(&label, "Vol-0001");
	cr_assert_str_eq(label.info, "Bacula volume Vol-0001, pool Default");
	expect_every_length(LABEL_TYPE_BACULA, name + sizeof("Vol-0001"));
	expect_no_harm(block_size);
	/* Recycled: other times, another pool. */
	memset(block + name - 32, 0x55, 32);
	block[name + 10] = 'X';
	other = expect_claimed(LABEL_TYPE_BACULA);
	cr_assert(label_equal(&label, &other));
	make_bacula(1, -1, "Bacula 0.9 mortal\n", "Vol-0002");
	other = expect_claimed(LABEL_TYPE_BACULA);
	cr_assert(!label_equal(&label, &other));
	make_bacula(2, -1, "Bareos 2.0 immortal\n", "Vol-0001");
	label = expect_claimed(LABEL_TYPE_BACULA);
	cr_assert_str_eq(label.info, "Bareos volume Vol-0001, pool Default");
}

Test(formats, bacula_blocks_that_lie_are_refused)
{
	size_t name = make_bacula(2, -2, "Bacula 1.0 immortal\n", "Vol-0001");

	put32(4, 40);
	expect_unclaimed("a label longer than its block");
	put32(4, 10);
	expect_unclaimed("a block shorter than its header");
	put32(4, UINT32_MAX);
	expect_unclaimed("a block of 4 GiB");
	put32(4, 64512);
	put32(24 + 8, UINT32_MAX);
	expect_unclaimed("a record of 4 GiB");
	put32(24 + 8, (uint32_t)(name - 36 + 4));
	expect_unclaimed("a record that ends in the name");
	put32(24 + 8, 0);
	expect_unclaimed("an empty record");
	make_bacula(2, -3, "Bacula 1.0 immortal\n", "Vol-0001");
	expect_unclaimed("the end of the medium");
	make_bacula(2, 1, "Bacula 1.0 immortal\n", "Vol-0001");
	expect_unclaimed("a file");
	make_bacula(2, -2, "Another 1.0 program\n", "Vol-0001");
	expect_unclaimed("another program");
	make_bacula(3, -2, "Bacula 1.0 immortal\n", "");
	expect_unclaimed("no name");
	make_bacula(2, -2, "Bacula 1.0 immortal\n", "a\033[2J");
	expect_unclaimed("a name to clear the screen");
	name = make_bacula(2, -2, "Bacula 1.0 immortal\n", "Vol-0001");
	memset(block + name, 'n', 300);
	block_size = name + 300;
	put32(24 + 8, (uint32_t)(block_size - 36));
	expect_unclaimed("a name that does not end");
}

/* ---- Amanda ---- */

static void make_amanda(const char *line)
{
	memset(block, 0, sizeof(block));
	block_size = 4096;
	strcpy((char *)block, line);
}

Test(formats, amanda_is_known_by_the_name_of_the_volume)
{
	struct label label, other;

	make_amanda("AMANDA: TAPESTART DATE X TAPE DailySet1-05\n\f\n");
	label = expect_claimed(LABEL_TYPE_AMANDA);
	expect_id(&label, "DailySet1-05");
	cr_assert_str_eq(label.info, "DailySet1-05, nothing written yet");
	expect_every_length(LABEL_TYPE_AMANDA, strlen("AMANDA: TAPESTART DATE X TAPE ") + 13);
	expect_no_harm(64);
	make_amanda("AMANDA: TAPESTART DATE 20261121203000 TAPE DailySet1-05\n\f\n");
	other = expect_claimed(LABEL_TYPE_AMANDA);
	cr_assert_str_eq(other.info, "DailySet1-05, written 2026-11-21");
	cr_assert(label_equal(&label, &other), "every backup changes the date");
	make_amanda("AMANDA: TAPESTART DATE 20261121 TAPE DailySet1-06\n\f\n");
	other = expect_claimed(LABEL_TYPE_AMANDA);
	cr_assert(!label_equal(&label, &other));
}

Test(formats, amanda_headers_that_lie_are_refused)
{
	char line[600];

	make_amanda("AMANDA: FILE 20261121 host / lev 0 comp N program /bin/tar\n\f\n");
	expect_unclaimed("a dump");
	make_amanda("AMANDA: TAPESTART DATE 2026 TAPE A\n");
	expect_unclaimed("no date");
	make_amanda("AMANDA: TAPESTART DATE 20261121 TAPE \n");
	expect_unclaimed("no name");
	make_amanda("AMANDA: TAPESTART DATE X TAPE    \n");
	expect_unclaimed("a name of blanks");
	make_amanda("AMANDA: TAPESTART DATE X\n");
	expect_unclaimed("nothing behind the date");
	make_amanda("AMANDA: TAPESTART DATE X TAPE A\033[2J\n");
	expect_unclaimed("a name to clear the screen");
	make_amanda("AMANDA: TAPESTART DATE X TAPE A");
	expect_unclaimed("a line that does not end");
	memset(line, 'n', sizeof(line));
	memcpy(line, "AMANDA: TAPESTART DATE X TAPE ", 30);
	strcpy(line + 30 + 256, "\n");
	make_amanda(line);
	expect_unclaimed("a name of 256 bytes");
	strcpy(line + 30 + 255, "\n");
	make_amanda(line);
	expect_claimed(LABEL_TYPE_AMANDA);
}

/* ---- LTFS ---- */

static const char uuid_text[] = "30a91a08-daae-48d1-ae75-69804e61d2ea";

static void make_ltfs(const char *serial, const char *uuid)
{
	memset(block, 0, sizeof(block));
	memset(block, ' ', 80);
	memcpy(block, "VOL1", 4);
	memcpy(block + 4, serial, strlen(serial));
	block[10] = 'L';
	memcpy(block + 24, "LTFS", 4);
	block[79] = '4';
	block_size = 80;
	if (uuid)
		block_size += (size_t)sprintf(
			(char *)block + 80,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ltfslabel "
			"version=\"2.2.0\">\n"
			"<creator>test</creator>\n<formattime>2026-11-21T00:00:00.000000000Z"
			"</formattime>\n<volumeuuid>%s</volumeuuid>\n</ltfslabel>\n",
			uuid);
}

Test(formats, ltfs_is_known_by_serial_number_and_uuid)
{
	struct label first, whole, other;

	make_ltfs("V00001", NULL);
	first = expect_claimed(LABEL_TYPE_LTFS);
	expect_id(&first, "V00001");
	cr_assert_str_eq(first.info, "volume V00001");
	make_ltfs("V00001", uuid_text);
	whole = expect_claimed(LABEL_TYPE_LTFS);
	cr_assert_eq(whole.id_length, 22);
	cr_assert_str_eq(whole.info, "volume V00001, 30a91a08-daae-48d1-ae75-69804e61d2ea");
	cr_assert(label_equal(&first, &whole), "the document could not be read");
	expect_every_length(LABEL_TYPE_LTFS, 80);
	expect_no_harm(block_size);
	make_ltfs("V00001", "30a91a08-daae-48d1-ae75-69804e61d2eb");
	other = expect_claimed(LABEL_TYPE_LTFS);
	cr_assert(!label_equal(&whole, &other), "formatted anew");
	make_ltfs("V00002", uuid_text);
	other = expect_claimed(LABEL_TYPE_LTFS);
	cr_assert(!label_equal(&whole, &other));
	make_ltfs("", uuid_text);
	other = expect_claimed(LABEL_TYPE_LTFS);
	cr_assert_eq(other.id_length, 22);
	make_ltfs("", NULL);
	expect_unclaimed("nothing that could tell it from another");
}

Test(formats, ltfs_documents_that_lie_do_not_count)
{
	static const char *const lies[] = {
		"",
		"x",
		"00000000-0000-0000-0000-000000000000",
		"zza91a08-daae-48d1-ae75-69804e61d2ea",
		"30a91a08-daae-48d1-ae75-69804e61d2ea-and-more",
	};
	struct label label;

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		make_ltfs("V00001", lies[i]);
		label = expect_claimed(LABEL_TYPE_LTFS);
		expect_id(&label, "V00001");
	}
	make_ltfs("V00001", uuid_text);
	memcpy(block + 24, "NOTLTFS", 7);
	block_size = 80;
	expect_claimed(LABEL_TYPE_ANSI);
}

/* ---- MTF ---- */

static void put16(size_t at, unsigned int value)
{
	block[at] = (uint8_t)value;
	block[at + 1] = (uint8_t)(value >> 8);
}

static void seal_mtf(void)
{
	unsigned int sum = 0;

	for (size_t at = 0; at < 50; at += 2)
		sum ^= block[at] | (unsigned int)block[at + 1] << 8;
	put16(50, sum);
}

static void put_string(size_t field, size_t *at, const char *text, bool unicode)
{
	put16(field, (unsigned int)(strlen(text) * (unicode ? 2 : 1)));
	put16(field + 2, (unsigned int)*at);
	for (; *text; text++) {
		block[(*at)++] = (uint8_t)*text;
		if (unicode)
			block[(*at)++] = 0;
	}
}

static void make_mtf(const char *software, const char *name, const char *label, bool unicode)
{
	size_t at = 94;

	memset(block, 0, sizeof(block));
	block_size = 1024;
	memcpy(block, "TAPE", 4);
	block[48] = unicode ? 2 : 1;
	put_string(68, &at, name, unicode);
	put_string(72, &at, label, unicode);
	put_string(80, &at, software, unicode);
	block[56] = label[0] ? 2 : 0;
	put16(84, 1024);
	put16(8, (unsigned int)at);
	seal_mtf();
}

Test(formats, mtf_has_type_and_id_from_the_descriptor)
{
	static const char text[] = "Tag|1.0|Vendor|30a91a08-daae-48d1-ae75-69804e61d2ea|";
	struct label label, other;

	for (int unicode = 0; unicode < 2; unicode++) {
		make_mtf("Backup Software", "Media of Monday", text, unicode);
		label = expect_claimed("Backup Software");
		cr_assert_str_eq(label.info, "Media of Monday");
		cr_assert_eq(label.id_length, 16);
		cr_assert_arr_eq(label.id, "\x30\xa9\x1a\x08\xda\xae\x48\xd1", 8);
		expect_no_harm(block_size);
	}
	expect_every_length("Backup Software", block[8] | (size_t)block[9] << 8);
	/* Without a label with a UUID the descriptor itself decides. */
	make_mtf("Backup Software", "Media of Monday", "no UUID", true);
	label = expect_claimed("Backup Software");
	make_mtf("Backup Software", "Media of Friday", "no UUID", true);
	other = expect_claimed("Backup Software");
	cr_assert(!label_equal(&label, &other));
	make_mtf("Backup Software", "Media of Monday", text, false);
	block[56] = 0;
	other = expect_claimed("Backup Software");
	cr_assert(memcmp(other.id, "\x30\xa9\x1a\x08", 4) != 0, "it is no label, says the bit");
}

Test(formats, mtf_descriptors_that_lie_are_refused)
{
	struct label label;

	/* It would be taken for a medium that may be written over. */
	make_mtf(LABEL_TYPE_FREE, "name", "", true);
	label = expect_claimed(LABEL_TYPE_MTF);
	cr_assert_str_eq(label.info, "name");
	make_mtf("RSM Free   ", "name", "", false);
	expect_claimed(LABEL_TYPE_MTF);
	make_mtf("", "", "", true);
	expect_claimed(LABEL_TYPE_MTF);
	make_mtf("A\033[2J", "B\033[2J", "", false);
	label = expect_claimed("A?[2J");
	cr_assert_str_eq(label.info, "B?[2J");
	/* Texts that lead out of the descriptor. */
	make_mtf("Software", "name", "", true);
	put16(68, 65535);
	put16(80, 65535);
	put16(82, 65535);
	label = expect_claimed(LABEL_TYPE_MTF);
	cr_assert_str_empty(label.info);
	make_mtf("Software", "name", "", false);
	block[48] = 3;
	seal_mtf();
	expect_claimed(LABEL_TYPE_MTF);
	block[48] = 1;
	expect_unclaimed("a wrong checksum");
	make_mtf("Software", "name", "", false);
	put16(8, 1025);
	seal_mtf();
	expect_unclaimed("a descriptor that is longer than the block");
	put16(8, 93);
	seal_mtf();
	expect_unclaimed("one that is shorter than its fields");
	make_mtf("Software", "name", "", false);
	memcpy(block, "SSET", 4);
	seal_mtf();
	expect_unclaimed("another kind of descriptor");
}

/* ---- on a medium ---- */

static struct broker *library;
static struct tape *tape;

static void load(void)
{
	setup();
	expect_is(virtual_hand_move(dir, SLOT(0), BAY(0)), 0);
	library = open_library();
	expect_is(tape_open(library, DRIVE0, true, 0, &tape), 0);
}

static void unload(void)
{
	tape_close(tape);
	broker_close(library);
	teardown();
}

Test(formats, on_a_medium_every_one_is_read, .init = load, .fini = unload)
{
	struct label label;

	make_ltfs("V00001", NULL);
	expect_is(tape_write_label(tape, block, block_size), 0);
	expect_is(label_read(tape, &label), 0);
	cr_assert_str_eq(label.type, LABEL_TYPE_LTFS, "nothing is behind the first label");
	expect_id(&label, "V00001");
	make_amanda("AMANDA: TAPESTART DATE X TAPE DailySet1-05\n\f\n");
	expect_is(tape_write_label(tape, block, block_size), 0);
	expect_is(label_read(tape, &label), 0);
	expect_id(&label, "DailySet1-05");
}
