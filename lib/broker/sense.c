/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sense.c - one table from sense codes to an errno and a sentence */
#include <errno.h>
#include "base/say.h"
#include "broker/sense.h"

#define ASC_UNFIT	    0x30
#define ASC_CARTRIDGE_FAULT 0x52

#define ANY 0x100 /* matches every qualifier; stands after the particular ones */

struct meaning {
	uint16_t asc, ascq;
	int error;
	const char *text;
};

/* Codes of SPC-4 annex D that tape drives and changers send, in order of code. */
static const struct meaning meanings[] = {
	{0x00, 0x05, -EIO, "end of data"},
	{0x00, 0x17, -EIO, "the drive asks to be cleaned"},
	{0x03, ANY, -EIO, "write fault"},
	{0x04, 0x00, -EAGAIN, "the device is not ready and does not say why"},
	{0x04, 0x01, -EAGAIN, "the device is becoming ready"},
	{0x04, 0x02, -EAGAIN, "the device waits for an initializing or load command"},
	{0x04, 0x03, -EIO, "the device is not ready: somebody has to go and look"},
	{0x04, 0x04, -EAGAIN, "the device is formatting"},
	{0x04, 0x07, -EAGAIN, "the device is not ready: an operation is in progress"},
	{0x04, 0x09, -EAGAIN, "the device is running its self-test"},
	{0x04, 0x12, -EIO, "the device is offline"},
	{0x04, 0x13, -EAGAIN, "the drive is calibrating, which may take hours"},
	{0x04, 0x18, -EIO, "a door of the library is open"},
	{0x04, 0x83, -EIO, "the library door is open"},
	{0x04, ANY, -EAGAIN, "the device is not ready"},
	{0x05, ANY, -EIO, "the device does not answer when it is selected"},
	{0x08, ANY, -EIO, "the device failed to communicate"},
	{0x09, ANY, -EIO, "tracking or servo error"},
	{0x0c, ANY, -EIO, "write error"},
	{0x11, ANY, -EIO, "unrecovered read error"},
	{0x14, ANY, -EIO, "the recorded data was not found"},
	{0x15, ANY, -EIO, "mechanical positioning error"},
	{0x1a, ANY, -EINVAL, "the device refused the length of the parameters"},
	{0x20, ANY, -EINVAL, "the device does not know this command"},
	{0x21, 0x01, -ERANGE, "there is no such element"},
	{0x21, ANY, -ERANGE, "address out of range"},
	{0x24, ANY, -EINVAL, "the device refused a field of the command"},
	{0x25, ANY, -EIO, "the logical unit does not exist"},
	{0x26, ANY, -EINVAL, "the device refused a parameter"},
	{0x27, ANY, -EROFS, "the medium is write-protected"},
	{0x28, 0x00, -EAGAIN, "a medium may have been changed"},
	{0x28, 0x01, -EAGAIN, "an import or export port was used"},
	{0x28, ANY, -EAGAIN, "the device became ready; its content may have changed"},
	{0x29, ANY, -EAGAIN, "the device was switched on or reset"},
	{0x2a, ANY, -EAGAIN, "the device's settings were changed by somebody else"},
	{0x2c, ANY, -EIO, "commands came in the wrong order"},
	{0x30, 0x03, -EMEDIUMTYPE, "a cleaning cartridge is installed"},
	{0x30, 0x07, -EIO, "cleaning failed"},
	{0x30, 0x0c, -EMEDIUMTYPE, "the medium is write-once and cannot be overwritten"},
	{0x30, ANY, -EMEDIUMTYPE, "the medium does not fit this device"},
	{0x31, ANY, -EIO, "the medium's format is damaged"},
	{0x33, ANY, -EIO, "tape length error"},
	{0x37, ANY, -EIO, "the device rounded a parameter"},
	{0x39, ANY, -EINVAL, "the device cannot save its parameters"},
	{0x3a, ANY, -ENOMEDIUM, "there is no medium"},
	{0x3b, 0x0d, -ENOTEMPTY, "the destination element is full"},
	{0x3b, 0x0e, -ENOMEDIUM, "the source element is empty"},
	{0x3b, 0x11, -EIO, "the magazine cannot be reached"},
	{0x3b, 0x12, -EIO, "the magazine was taken out"},
	{0x3b, 0x13, -EAGAIN, "a magazine was put in"},
	{0x3b, 0x14, -EIO, "the magazine is locked"},
	{0x3b, 0x15, -EAGAIN, "a magazine was unlocked"},
	{0x3b, 0x18, -EIO, "the element is disabled"},
	{0x3b, 0x1a, -EIO, "the drive that is the element was taken out"},
	{0x3b, ANY, -EIO, "positioning error"},
	{0x3d, ANY, -EIO, "the device answered something unexpected"},
	{0x3e, ANY, -EIO, "the device failed its self-configuration or a command timed out in it"},
	{0x3f, ANY, -EAGAIN, "the device's firmware or identity changed"},
	{0x40, ANY, -EIO, "a component failed its diagnosis"},
	{0x44, ANY, -EIO, "internal failure of the device"},
	{0x47, ANY, -EIO, "parity error on the way to the device"},
	{0x4b, ANY, -EIO, "data transfer error"},
	{0x4c, ANY, -EIO, "the device failed to configure itself"},
	{0x4e, ANY, -EIO, "overlapping commands"},
	{0x50, ANY, -EIO, "append error"},
	{0x51, ANY, -EIO, "erase failure"},
	{0x52, ANY, -EIO, "cartridge fault"},
	{0x53, 0x00, -EIO, "loading or ejecting the medium failed"},
	{0x53, 0x01, -EIO, "the tape could not be unloaded"},
	{0x53, 0x02, -EIO, "taking the medium out is prevented: the drive is locked"},
	{0x53, 0x03, -EIO, "the drive did not hand over the medium"},
	{0x53, ANY, -EIO, "loading or ejecting the medium failed"},
	{0x55, ANY, -EAGAIN, "the device lacks resources at the moment"},
	{0x5a, 0x01, -EAGAIN, "somebody pressed the eject button"},
	{0x5a, ANY, -EAGAIN, "somebody used the operator panel"},
	{0x5b, ANY, -EAGAIN, "a log counter of the device changed"},
	{0x5d, ANY, -EIO, "the device expects to fail soon"},
	{0x74, ANY, -EIO, "encryption error"},
};

/* What is left to say when the table has nothing, by sense key. */
static const char *const key_texts[16] = {
	"no error",
	"the device recovered from an error",
	"the device is not ready",
	"the medium is damaged or not readable",
	"hardware error",
	"the device refused the command",
	"the device was changed or reset",
	"the medium is write-protected",
	"blank medium or end of data",
	"error of the manufacturer's own kind",
	"copy aborted",
	"the command was aborted",
	"unknown sense key",
	"end of medium",
	"miscompare",
	"completed with an error",
};

static const struct meaning *find_meaning(const struct sense *sense)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *meaning = &meanings[i];

		if (meaning->asc != sense->asc)
			continue;
		if (meaning->ascq == ANY || meaning->ascq == sense->ascq)
			return meaning;
	}
	return NULL;
}

static bool parse_fixed(const uint8_t *data, size_t length, struct sense *sense)
{
	size_t valid;

	if (length < 3)
		return false;
	sense->key = data[2] & 0xf;
	/* The device says itself how far its answer goes: behind that is old memory. */
	valid = length < 8 ? length : 8 + (size_t)data[7];
	if (valid > length)
		valid = length;
	if (valid > 12)
		sense->asc = data[12];
	if (valid > 13)
		sense->ascq = data[13];
	return true;
}

static bool parse_descriptor(const uint8_t *data, size_t length, struct sense *sense)
{
	if (length < 2)
		return false;
	sense->key = data[1] & 0xf;
	if (length > 2)
		sense->asc = data[2];
	if (length > 3)
		sense->ascq = data[3];
	return true;
}

bool sense_parse(const uint8_t *data, size_t length, struct sense *sense)
{
	*sense = (struct sense){0};
	if (length == 0)
		return false;
	switch (data[0] & 0x7f) {
	case 0x71:
		sense->deferred = true;
		return parse_fixed(data, length, sense);
	case 0x70:
		return parse_fixed(data, length, sense);
	case 0x73:
		sense->deferred = true;
		return parse_descriptor(data, length, sense);
	case 0x72:
		return parse_descriptor(data, length, sense);
	default:
		return false;
	}
}

int sense_errno(const struct sense *sense)
{
	const struct meaning *meaning = find_meaning(sense);

	if (meaning)
		return meaning->error;
	if (sense->key == SENSE_KEY_UNIT_ATTENTION)
		return -EAGAIN;
	if (sense->key == SENSE_KEY_ILLEGAL_REQUEST)
		return -EINVAL;
	return -EIO;
}

int sense_drive_errno(const struct sense *sense)
{
	int error = sense_errno(sense);
	bool cartridge = sense->asc == ASC_CARTRIDGE_FAULT || sense->asc == ASC_UNFIT;

	if (error == -EIO && sense->key == SENSE_KEY_HARDWARE_ERROR && !cartridge)
		return -EREMOTEIO;
	return error;
}

const char *sense_text(const struct sense *sense)
{
	const struct meaning *meaning = find_meaning(sense);

	return meaning ? meaning->text : key_texts[sense->key & 0xf];
}

int sense_say(const char *what, uint8_t status, const uint8_t *data, size_t length)
{
	struct sense sense;

	switch (status) {
	case SCSI_STATUS_GOOD:
		return 0;
	case SCSI_STATUS_CHECK:
		break;
	case SCSI_STATUS_BUSY:
	case SCSI_STATUS_QUEUE_FULL:
	case SCSI_STATUS_ACA_ACTIVE:
		return ntms_say_errno(-EAGAIN, "%s: the device is busy (SCSI status %02x)", what,
				      status);
	case SCSI_STATUS_CONFLICT:
		return ntms_say_errno(-EIO, "%s: another computer has reserved the device", what);
	default:
		return ntms_say_errno(-EIO, "%s: failed with SCSI status %02x", what, status);
	}
	if (!sense_parse(data, length, &sense))
		return ntms_say_errno(-EIO, "%s: failed, and the device does not say why", what);
	return ntms_say_errno(sense_errno(&sense), "%s: %s%s (sense %x/%02x/%02x)", what,
			      sense.deferred ? "an earlier command failed: " : "",
			      sense_text(&sense), sense.key, sense.asc, sense.ascq);
}
