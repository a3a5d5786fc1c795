/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-fault.c - faults that were ordered, in the words of a SCSI device's sense data */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/say.h"
#include "broker/sense.h"
#include "broker/virtual-impl.h"

#define FAULT_FILE  "faults"
#define FAULT_TITLE "RSM virtual faults 1"
#define FAULTS_MAX  256

struct ordered {
	struct virtual_fault fault;
	uint64_t until_ms; /* Unix time; 0: without limit */
};

struct faults {
	size_t count;
	struct ordered list[FAULTS_MAX];
};

/* What is usual, by operation. */
static const struct {
	uint8_t key, asc, ascq;
} usual[VIRTUAL_OPERATIONS] = {
	[VIRTUAL_MOVE] = {0x4, 0x15, 0x01},	/* mechanical positioning error */
	[VIRTUAL_ELEMENTS] = {0x4, 0x44, 0x00}, /* internal failure */
	[VIRTUAL_SCAN] = {0x4, 0x44, 0x00},	 [VIRTUAL_ACCESS] = {0x4, 0x44, 0x00},
	[VIRTUAL_READY] = {0x2, 0x04, 0x01},	 /* becoming ready */
	[VIRTUAL_OPEN] = {0x3, 0x31, 0x00},	 /* the medium's format is damaged */
	[VIRTUAL_READ] = {0x3, 0x11, 0x00},	 /* unrecovered read error */
	[VIRTUAL_WRITE] = {0x3, 0x0c, 0x00},	 /* write error */
	[VIRTUAL_UNLOAD] = {0x4, 0x53, 0x00},	 /* loading or ejecting failed */
	[VIRTUAL_ATTENTION] = {0x6, 0x28, 0x00}, /* may have changed */
};

static bool fault_valid(const struct virtual_fault *fault)
{
	return fault->operation >= VIRTUAL_MOVE && fault->operation < VIRTUAL_OPERATIONS &&
	       fault->key < 16;
}

static bool parse_fault(struct faults *faults, const char *line)
{
	struct ordered *ordered = &faults->list[faults->count];
	struct virtual_fault *fault = &ordered->fault;
	unsigned int operation;
	int end = 0;

	if (faults->count == FAULTS_MAX)
		return false;
	memset(ordered, 0, sizeof(*ordered));
	if (sscanf(line,
		   "%u %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu64 " %" SCNx8 " %" SCNx8
		   " %" SCNx8 "%n",
		   &operation, &fault->where, &fault->skip, &fault->count, &ordered->until_ms,
		   &fault->key, &fault->asc, &fault->ascq, &end) != 8 ||
	    line[end])
		return false;
	fault->operation = (enum virtual_operation)operation;
	faults->count++;
	return fault_valid(fault);
}

static bool parse_faults(struct faults *faults, char *text)
{
	char *line = virtual_line(&text);

	if (!line || strcmp(line, FAULT_TITLE) != 0)
		return false;
	while ((line = virtual_line(&text)) != NULL) {
		if (!parse_fault(faults, line))
			return false;
	}
	return true;
}

/* None, when there is no file: that is how it mostly is. */
static int load(struct virtual_broker *vb, struct faults **faultsp)
{
	struct faults *faults;
	size_t size;
	char *text;
	int error;
	bool good;

	*faultsp = NULL;
	if (faccessat(vb->dir, FAULT_FILE, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	error = virtual_read(vb, FAULT_FILE, &text, &size);
	if (error)
		return error;
	faults = calloc(1, sizeof(*faults));
	good = faults && virtual_unseal(text, &size) && parse_faults(faults, text);
	free(text);
	if (good) {
		*faultsp = faults;
		return 0;
	}
	if (!faults)
		return ntms_say_errno(-ENOMEM, "no memory for the faults of '%s'", vb->path);
	free(faults);
	return ntms_say_errno(-EIO, "'%s/" FAULT_FILE "' is damaged; remove it", vb->path);
}

static int save(struct virtual_broker *vb, const struct faults *faults)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream;
	int error;

	if (faults->count == 0) {
		if (unlinkat(vb->dir, FAULT_FILE, 0) != 0 && errno != ENOENT)
			return ntms_say_errno(-errno, "cannot remove '%s/" FAULT_FILE "': %m",
					      vb->path);
		return 0;
	}
	stream = open_memstream(&text, &size);
	if (!stream)
		return ntms_say_errno(-ENOMEM, "no memory for the faults of '%s'", vb->path);
	fputs(FAULT_TITLE "\n", stream);
	for (size_t i = 0; i < faults->count; i++) {
		const struct virtual_fault *fault = &faults->list[i].fault;

		fprintf(stream, "%u %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu64 " %x %x %x\n",
			(unsigned int)fault->operation, fault->where, fault->skip, fault->count,
			faults->list[i].until_ms, fault->key, fault->asc, fault->ascq);
	}
	virtual_seal(stream, &text, &size);
	error = ferror(stream) ? -ENOMEM : 0;
	if (fclose(stream) != 0)
		error = -ENOMEM;
	if (error)
		ntms_say_errno(error, "no memory for the faults of '%s'", vb->path);
	else
		error = virtual_replace(vb, FAULT_FILE, text, size, false);
	free(text);
	return error;
}

static void drop(struct faults *faults, size_t index)
{
	faults->count--;
	memmove(&faults->list[index], &faults->list[index + 1],
		(faults->count - index) * sizeof(faults->list[0]));
}

static bool fits(const struct virtual_fault *fault, enum virtual_operation operation,
		 uint32_t where, uint32_t where2)
{
	return fault->operation == operation && (fault->where == VIRTUAL_ANYWHERE ||
						 fault->where == where || fault->where == where2);
}

/* The first that fits, with one use of it taken off; false when the operation goes well. */
static bool use_up(struct faults *faults, enum virtual_operation operation, uint32_t where,
		   uint32_t where2, struct virtual_fault *hit, bool *changed)
{
	uint64_t now = clock_utc_ms();

	for (size_t i = 0; i < faults->count; i++) {
		struct virtual_fault *fault = &faults->list[i].fault;

		if (faults->list[i].until_ms && faults->list[i].until_ms <= now) {
			drop(faults, i--);
			*changed = true;
			continue;
		}
		if (!fits(fault, operation, where, where2))
			continue;
		*changed |= fault->skip || fault->count;
		if (fault->skip) {
			fault->skip--;
			continue;
		}
		*hit = *fault;
		if (fault->count && --fault->count == 0)
			drop(faults, i);
		return true;
	}
	return false;
}

static bool is_of_drive(enum virtual_operation operation)
{
	return operation == VIRTUAL_OPEN || operation == VIRTUAL_READ ||
	       operation == VIRTUAL_WRITE || operation == VIRTUAL_UNLOAD;
}

/* A drive that is not ready yet is waited for. */
static bool takes_time(const struct virtual_fault *fault)
{
	return fault->key == SENSE_KEY_NOT_READY &&
	       (fault->operation == VIRTUAL_OPEN || fault->operation == VIRTUAL_UNLOAD);
}

static int say_fault(const struct virtual_fault *fault, const char *what)
{
	const struct sense sense = {.key = fault->key, .asc = fault->asc, .ascq = fault->ascq};
	int error = is_of_drive(fault->operation) ? sense_drive_errno(&sense) : sense_errno(&sense);

	if (fault->operation == VIRTUAL_LATE || fault->operation == VIRTUAL_HAND)
		return ntms_say_errno(-ETIMEDOUT, "%s: no answer in time", what);
	if (!is_of_drive(fault->operation) && sense.key == SENSE_KEY_NOT_READY)
		error = -EAGAIN; /* virtual_refusal() */
	else if (takes_time(fault) && error == -EAGAIN)
		; /* virtual-tape.c waits */
	else if (error == -EAGAIN || error == -EINVAL)
		error = -EIO;
	return ntms_say_errno(error, "%s: %s (sense %x/%02x/%02x)", what, sense_text(&sense),
			      sense.key, sense.asc, sense.ascq);
}

int virtual_fault_hits(struct virtual_broker *vb, enum virtual_operation operation, uint32_t where,
		       uint32_t where2, const char *what)
{
	struct virtual_fault hit = {0};
	struct faults *faults;
	bool changed = false;
	bool found;
	int error;

	error = load(vb, &faults);
	if (error || !faults)
		return error;
	found = use_up(faults, operation, where, where2, &hit, &changed);
	if (changed)
		error = save(vb, faults);
	free(faults);
	if (error)
		return error;
	return found ? say_fault(&hit, what) : 0;
}

static int add(struct virtual_broker *vb, const struct virtual_fault *fault)
{
	struct ordered *ordered;
	struct faults *faults;
	int error;

	error = load(vb, &faults);
	if (error)
		return error;
	if (!faults)
		faults = calloc(1, sizeof(*faults));
	if (!faults)
		return ntms_say_errno(-ENOMEM, "no memory for the faults of '%s'", vb->path);
	if (faults->count == FAULTS_MAX) {
		free(faults);
		return ntms_say_errno(-EINVAL, "%s has %d faults already", vb->path, FAULTS_MAX);
	}
	ordered = &faults->list[faults->count++];
	ordered->fault = *fault;
	ordered->until_ms = fault->ms ? clock_utc_ms() + fault->ms : 0;
	if (!fault->key && !fault->asc && !fault->ascq) {
		ordered->fault.key = usual[fault->operation].key;
		ordered->fault.asc = usual[fault->operation].asc;
		ordered->fault.ascq = usual[fault->operation].ascq;
	}
	error = save(vb, faults);
	free(faults);
	return error;
}

int virtual_fault_add(const char *dir, const struct virtual_fault *fault)
{
	struct virtual_session session;
	struct virtual_broker *vb;
	int error;

	if (!fault_valid(fault))
		return ntms_say_errno(-EINVAL, "there is no fault of operation %u and sense key %x",
				      (unsigned int)fault->operation, fault->key);
	error = virtual_attach(dir, &vb);
	if (error)
		return error;
	error = virtual_enter(vb, &session);
	if (!error)
		error = virtual_leave(&session, add(vb, fault));
	virtual_unref(vb);
	return error;
}

int virtual_fault_clear(const char *dir)
{
	static const struct faults none;
	struct virtual_session session;
	struct virtual_broker *vb;
	int error;

	error = virtual_attach(dir, &vb);
	if (error)
		return error;
	error = virtual_enter(vb, &session);
	if (!error) {
		error = save(vb, &none);
		if (!error)
			virtual_tell(&session, BROKER_EVENT_ATTENTION, CHANGER_ID);
		error = virtual_leave(&session, error);
	}
	virtual_unref(vb);
	return error;
}
