/* SPDX-License-Identifier: GPL-2.0-only */
/* test-sense.c - sense data to errno and sentence */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/say.h"
#include "broker/sense.h"

static struct sense sense(uint8_t key, uint8_t asc, uint8_t ascq)
{
	return (struct sense){.key = key, .asc = asc, .ascq = ascq};
}

static const struct {
	uint8_t key, asc, ascq;
	int error;
	const char *text;
} cases[] = {
	{5, 0x3b, 0x0d, -ENOTEMPTY, "destination element is full"},
	{5, 0x3b, 0x0e, -ENOMEDIUM, "source element is empty"},
	{5, 0x21, 0x01, -ERANGE, "no such element"},
	{5, 0x53, 0x02, -EIO, "prevented"},
	{5, 0x24, 0x00, -EINVAL, "refused a field"},
	{5, 0x20, 0x00, -EINVAL, "does not know this command"},
	{5, 0x99, 0x99, -EINVAL, "refused the command"},
	{2, 0x04, 0x00, -EAGAIN, "not ready"},
	{2, 0x04, 0x01, -EAGAIN, "becoming ready"},
	{2, 0x04, 0x03, -EIO, "go and look"},
	{2, 0x04, 0x13, -EAGAIN, "calibrating"},
	{2, 0x04, 0xff, -EAGAIN, "not ready"},
	{2, 0x3a, 0x00, -ENOMEDIUM, "no medium"},
	{2, 0x3a, 0x04, -ENOMEDIUM, "no medium"},
	{6, 0x28, 0x00, -EAGAIN, "changed"},
	{6, 0x28, 0x01, -EAGAIN, "import or export"},
	{6, 0x29, 0x00, -EAGAIN, "reset"},
	{6, 0x29, 0x04, -EAGAIN, "reset"},
	{6, 0x99, 0x01, -EAGAIN, "changed or reset"},
	{7, 0x27, 0x00, -EROFS, "write-protected"},
	{3, 0x30, 0x00, -EMEDIUMTYPE, "does not fit"},
	{3, 0x30, 0x03, -EMEDIUMTYPE, "cleaning cartridge"},
	{3, 0x30, 0x07, -EIO, "cleaning failed"},
	{4, 0x15, 0x01, -EIO, "mechanical"},
	{4, 0x44, 0x00, -EIO, "internal"},
	{4, 0x99, 0x00, -EIO, "hardware"},
	{8, 0x00, 0x05, -EIO, "end of data"},
	{8, 0x00, 0x00, -EIO, "blank"},
	{0xf, 0x99, 0x00, -EIO, "error"},
};

Test(sense, table)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sense given = sense(cases[i].key, cases[i].asc, cases[i].ascq);

		cr_assert_eq(sense_errno(&given), cases[i].error, "%x/%02x/%02x: %d", given.key,
			     given.asc, given.ascq, sense_errno(&given));
		cr_assert_not_null(strstr(sense_text(&given), cases[i].text), "%x/%02x/%02x: %s",
				   given.key, given.asc, given.ascq, sense_text(&given));
	}
}

/* Of a drive it matters whether it is out of order itself. */
Test(sense, of_a_drive)
{
	const struct sense broken = sense(4, 0x44, 0), stuck = sense(4, 0x53, 0),
			   cartridge = sense(4, 0x52, 0), unclean = sense(4, 0x30, 0x07),
			   damaged = sense(3, 0x11, 0), absent = sense(4, 0x3a, 0);

	cr_assert_eq(sense_drive_errno(&broken), -EREMOTEIO);
	cr_assert_eq(sense_drive_errno(&stuck), -EREMOTEIO);
	cr_assert_eq(sense_drive_errno(&cartridge), -EIO);
	cr_assert_eq(sense_drive_errno(&unclean), -EIO);
	cr_assert_eq(sense_drive_errno(&damaged), -EIO);
	cr_assert_eq(sense_drive_errno(&absent), -ENOMEDIUM);
}

Test(sense, everything_has_a_meaning)
{
	for (int key = 0; key < 16; key++) {
		for (int code = 0; code < 65536; code++) {
			const struct sense given =
				sense((uint8_t)key, (uint8_t)(code >> 8), (uint8_t)code);

			cr_assert_lt(sense_errno(&given), 0);
			cr_assert_gt(strlen(sense_text(&given)), 5);
		}
	}
}

static bool read_sense(const void *data, size_t length, struct sense *into)
{
	/* A copy that ends where its memory does, so that the sanitizer sees a byte too many. */
	uint8_t *copy = malloc(length + 8);
	bool known;

	memcpy(copy + 8, data, length);
	known = sense_parse(copy + 8, length, into);
	free(copy);
	return known;
}

Test(sense, fixed_format)
{
	const uint8_t data[18] = {0x70, 0, 0x45, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x3b, 0x0d};
	struct sense read;

	cr_assert(read_sense(data, sizeof(data), &read));
	cr_assert_eq(read.key, 5);
	cr_assert_eq(read.asc, 0x3b);
	cr_assert_eq(read.ascq, 0x0d);
	cr_assert_not(read.deferred);
	cr_assert(read_sense(data, 13, &read));
	cr_assert_eq(read.asc, 0x3b);
	cr_assert_eq(read.ascq, 0);
	cr_assert(read_sense(data, 3, &read));
	cr_assert_eq(read.key, 5);
	cr_assert_eq(read.asc, 0);
	cr_assert_not(read_sense(data, 2, &read));
	cr_assert_not(read_sense(data, 0, &read));
}

Test(sense, fixed_format_ends_where_it_says)
{
	const uint8_t data[18] = {0x71, 0, 0x05, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0x3b, 0x0d};
	struct sense read;

	cr_assert(read_sense(data, sizeof(data), &read));
	cr_assert_eq(read.key, 5);
	cr_assert_eq(read.asc, 0, "behind the end");
	cr_assert(read.deferred);
}

Test(sense, descriptor_format)
{
	uint8_t data[] = {0x72, 0x02, 0x04, 0x01, 0, 0, 0, 0};
	struct sense read;

	cr_assert(read_sense(data, sizeof(data), &read));
	cr_assert_eq(read.key, 2);
	cr_assert_eq(read.asc, 4);
	cr_assert_eq(read.ascq, 1);
	cr_assert_not(read.deferred);
	cr_assert(read_sense(data, 2, &read));
	cr_assert_eq(read.asc, 0);
	cr_assert_not(read_sense(data, 1, &read));
	data[0] = 0x73;
	cr_assert(read_sense(data, sizeof(data), &read));
	cr_assert(read.deferred);
	data[0] = 0x7f;
	cr_assert_not(read_sense(data, sizeof(data), &read));
}

Test(sense, say)
{
	const uint8_t full[18] = {0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x3b, 0x0d};
	const uint8_t deferred[18] = {0x71, 0, 3, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x0c, 0x00};

	ntms_say_nothing();
	cr_assert_eq(sense_say("moving", SCSI_STATUS_GOOD, NULL, 0), 0);
	cr_assert_str_eq(ntms_said(), "");
	cr_assert_eq(sense_say("moving", SCSI_STATUS_CHECK, full, sizeof(full)), -ENOTEMPTY);
	cr_assert_str_eq(ntms_said(), "moving: the destination element is full (sense 5/3b/0d)");
	cr_assert_eq(sense_say("moving", SCSI_STATUS_CHECK, deferred, sizeof(deferred)), -EIO);
	cr_assert_str_eq(ntms_said(),
			 "moving: an earlier command failed: write error (sense 3/0c/00)");
	cr_assert_eq(sense_say("moving", SCSI_STATUS_CHECK, full, 0), -EIO);
	cr_assert_not_null(strstr(ntms_said(), "does not say why"));
	cr_assert_eq(sense_say("moving", SCSI_STATUS_BUSY, NULL, 0), -EAGAIN);
	cr_assert_eq(sense_say("moving", SCSI_STATUS_QUEUE_FULL, NULL, 0), -EAGAIN);
	cr_assert_eq(sense_say("moving", SCSI_STATUS_CONFLICT, NULL, 0), -EIO);
	cr_assert_not_null(strstr(ntms_said(), "another computer"), "%s", ntms_said());
	cr_assert_eq(sense_say("moving", 0x77, NULL, 0), -EIO);
	cr_assert_not_null(strstr(ntms_said(), "77"), "%s", ntms_said());
}
