/* SPDX-License-Identifier: GPL-2.0-only */
/* fuzz-sense.c - sense data; the first byte is the SCSI status */
#include <errno.h>
#include <string.h>
#include "base/say.h"
#include "broker/sense.h"
#include "fuzz.h"

static bool is_errno(int error)
{
	switch (error) {
	case -ENOTEMPTY:
	case -ENOMEDIUM:
	case -ERANGE:
	case -EMEDIUMTYPE:
	case -EROFS:
	case -EAGAIN:
	case -EINVAL:
	case -EIO:
		return true;
	default:
		return false;
	}
}

static void check_meaning(const struct sense *sense)
{
	const char *text = sense_text(sense);

	HOLDS(sense->key <= 0xf);
	HOLDS(is_errno(sense_errno(sense)));
	HOLDS(text && text[0] && fuzz_is_text(text, strlen(text) + 1));
}

/* In both formats, as short as a device may cut it. */
static void check_round(const struct sense *sense)
{
	uint8_t fixed[18] = {0}, descriptor[8] = {0};
	struct sense got;

	fixed[0] = sense->deferred ? 0x71 : 0x70;
	fixed[2] = sense->key;
	fixed[7] = sizeof(fixed) - 8;
	fixed[12] = sense->asc;
	fixed[13] = sense->ascq;
	HOLDS(sense_parse(fixed, sizeof(fixed), &got) && !memcmp(&got, sense, sizeof(got)));
	descriptor[0] = sense->deferred ? 0x73 : 0x72;
	descriptor[1] = sense->key;
	descriptor[2] = sense->asc;
	descriptor[3] = sense->ascq;
	HOLDS(sense_parse(descriptor, sizeof(descriptor), &got) &&
	      !memcmp(&got, sense, sizeof(got)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sense sense;
	int error;

	if (size == 0)
		return 0;
	error = sense_say("the command", data[0], data + 1, size - 1);
	HOLDS(error ? is_errno(error) && ntms_said()[0] : data[0] == SCSI_STATUS_GOOD);
	if (!sense_parse(data + 1, size - 1, &sense))
		return 0;
	check_meaning(&sense);
	check_round(&sense);
	return 0;
}

void fuzz_seeds(void)
{
	static const uint8_t fixed[] = {2, 0x70, 0, 2, 0, 0, 0, 0, 10, 0,
					0, 0,	 0, 4, 1, 0, 0, 0, 0};
	static const uint8_t descriptor[] = {2, 0x72, 5, 0x3b, 0x0d, 0, 0, 0, 0};

	seed("fixed", fixed, sizeof(fixed));
	seed("descriptor", descriptor, sizeof(descriptor));
}
