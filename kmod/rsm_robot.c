// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands to a changer, one at a time.
 *
 * What a caller asks for is checked against the element ranges the changer reported;
 * what the changer answers is passed on, bounded, and never believed.
 */
#include <linux/bits.h>
#include <linux/blkdev.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <scsi/scsi.h>
#include <scsi/scsi_device.h>

#include "compat.h"
#include "rsm_private.h"

#define UNIT_ATTENTION_TRIES 5
#define QUERY_TIMEOUT	     (30 * HZ)

#define CDB_SIZE 16 /* room for the longest of the commands here */

#define PAGE_SERIAL   0x80 /* VPD: unit serial number */
#define PAGE_ELEMENTS 0x1d /* mode page: element address assignment */

#define INITIALIZE_ELEMENT_STATUS_RANGE 0x37

/* An answer that is not one: the ROBOT_END event of a command the changer did not answer. */
#define NO_STATUS 0xff

struct answer {
	u32 transferred;
	u8 status;
	u8 sense_len;
	u8 sense[SCSI_SENSE_BUFFERSIZE];
};

/* What each enum rsm_robot_op is. */
static const struct {
	u8 opcode;
	u8 flags; /* RSM_ROBOT_* that mean something */
	bool reads;
	u32 timeout_s;
} commands[] = {
	[RSM_ROBOT_TEST_READY] = {TEST_UNIT_READY, 0, false, 60},
	[RSM_ROBOT_MOVE] = {MOVE_MEDIUM, RSM_ROBOT_INVERT, false, 300},
	[RSM_ROBOT_EXCHANGE] = {EXCHANGE_MEDIUM, RSM_ROBOT_INVERT, false, 600},
	[RSM_ROBOT_POSITION] = {POSITION_TO_ELEMENT, RSM_ROBOT_INVERT, false, 300},
	[RSM_ROBOT_INIT_STATUS] = {INITIALIZE_ELEMENT_STATUS, 0, false, 3600},
	[RSM_ROBOT_INIT_RANGE] = {INITIALIZE_ELEMENT_STATUS_RANGE, 0, false, 3600},
	[RSM_ROBOT_READ_STATUS] = {READ_ELEMENT_STATUS,
				   RSM_ROBOT_VOLTAG | RSM_ROBOT_DVCID | RSM_ROBOT_CURDATA, true,
				   600},
	[RSM_ROBOT_PREVENT] = {ALLOW_MEDIUM_REMOVAL, 0, false, 60},
	[RSM_ROBOT_ALLOW] = {ALLOW_MEDIUM_REMOVAL, 0, false, 60},
	[RSM_ROBOT_REQUEST_SENSE] = {REQUEST_SENSE, 0, true, 60},
};

/* Turn a SCSI result into an errno, if the changer did not answer at all. */
static int transport_errno(int result)
{
	if (result < 0)
		return result == -ENOMEM || result == -ENODEV ? result : -EIO;
	switch (host_byte(result)) {
	case DID_OK:
		return 0;
	case DID_NO_CONNECT:
	case DID_BAD_TARGET:
		return -ENODEV;
	case DID_TIME_OUT:
		return -ETIMEDOUT;
	default:
		return -EIO;
	}
}

/* Send one command once. 0 when the device answered, well or not. */
static int send_once(struct scsi_device *sdev, const u8 *cdb, void *buffer, u32 len, int timeout,
		     struct answer *answer, struct scsi_sense_hdr *hdr)
{
	const unsigned long limit = jiffies + timeout;
	int err, result, resid = 0;

	memset(answer, 0, sizeof(*answer));
	memset(hdr, 0, sizeof(*hdr));
	result = rsm_compat_execute(sdev, cdb, buffer, len, timeout, &answer->sense, hdr, &resid);
	err = transport_errno(result);
	/* what ends a late command, an abort or a reset, gives its own name to the failure */
	if (err == -EIO && time_after_eq(jiffies, limit))
		return -ETIMEDOUT;
	/* so does its refusal by a device that is being taken away */
	if (err == -EIO && (sdev->sdev_state == SDEV_CANCEL || sdev->sdev_state == SDEV_DEL))
		return -ENODEV;
	if (err)
		return err;
	answer->status = result & 0xff;
	if (scsi_sense_valid(hdr))
		answer->sense_len = min_t(u32, 8 + answer->sense[7], RSM_SENSE_SIZE);
	/* a residue larger than the buffer counts what did not fit: the buffer is full */
	if (!answer->status)
		answer->transferred = resid < 0 || resid > len ? len : len - resid;
	return 0;
}

/* A unit attention was reported: tell, and remember that the elements may be others now. */
static void note_attention(struct rsm_unit *unit, const struct scsi_sense_hdr *hdr)
{
	struct rsm_event event = {
		.type = RSM_EVENT_UNIT_ATTENTION,
		.device = unit->id,
		.detail = hdr->asc << 8 | hdr->ascq,
	};

	rsm_event_send(&event);
	/* reset, parameters changed, operating conditions changed */
	if (hdr->asc == 0x29 || hdr->asc == 0x2a || hdr->asc == 0x3f) {
		mutex_lock(&rsm_lock);
		unit->mapped = false;
		mutex_unlock(&rsm_lock);
	}
}

/*
 * Send one command until the device has no news to tell first. A unit attention means
 * that the command was not begun, so sending it again is safe even for a move.
 */
static int send(struct rsm_unit *unit, struct scsi_device *sdev, const u8 *cdb, void *buffer,
		u32 len, int timeout, struct answer *answer)
{
	struct scsi_sense_hdr hdr;
	int err, tries;

	for (tries = 0; tries < UNIT_ATTENTION_TRIES; tries++) {
		err = send_once(sdev, cdb, buffer, len, timeout, answer, &hdr);
		if (err || !scsi_sense_valid(&hdr) || hdr.sense_key != UNIT_ATTENTION)
			return err;
		note_attention(unit, &hdr);
	}
	return 0;
}

/**
 * rsm_robot_serial - ask a device for its serial number
 * @unit: whose serial is filled in, or left empty if the device has none
 * @sdev: the device
 *
 * Asked by hand and not through the core's copy, because older changers have the page
 * without the conformance claim for which the core looks.
 */
void rsm_robot_serial(struct rsm_unit *unit, struct scsi_device *sdev)
{
	const u32 size = 4 + 252;
	u8 cdb[CDB_SIZE] = {INQUIRY, 1, PAGE_SERIAL, 0, 252};
	struct answer answer;
	u32 len, from = 4;
	u8 *page;

	page = kzalloc(size, GFP_KERNEL);
	if (!page)
		return;
	if (send(unit, sdev, cdb, page, 252, QUERY_TIMEOUT, &answer) || answer.status ||
	    answer.transferred < 4 || page[1] != PAGE_SERIAL)
		goto out;
	len = min_t(u32, 4 + page[3], answer.transferred);
	while (from < len && page[from] == ' ')
		from++;
	rsm_copy_field(unit->serial, sizeof(unit->serial), page + from, len - from);
out:
	kfree(page);
}

/* Element ranges out of a MODE SENSE(6) answer; false if it does not make sense. */
static bool parse_elements(const u8 *data, u32 len, u16 *first, u16 *count)
{
	/* transport, storage, port, drive: the order of enum rsm_element */
	const u8 *page;
	u32 at;
	int i;

	if (len < 4)
		return false;
	at = 4 + data[3];
	if (len < at + 18)
		return false;
	page = data + at;
	if ((page[0] & 0x3f) != PAGE_ELEMENTS || page[1] < 16)
		return false;
	for (i = 0; i < RSM_ELEMENT_KINDS; i++) {
		first[i] = get_unaligned_be16(page + 2 + 4 * i);
		count[i] = get_unaligned_be16(page + 4 + 4 * i);
		if (first[i] + count[i] > 0x10000)
			return false;
	}
	return true;
}

static bool is_illegal_request(const struct answer *answer)
{
	struct scsi_sense_hdr hdr;

	return scsi_normalize_sense(answer->sense, answer->sense_len, &hdr) &&
	       hdr.sense_key == ILLEGAL_REQUEST;
}

/**
 * rsm_robot_map - ask a changer for its element addresses, unless they are known
 * @unit: the changer; its robot mutex is held
 * @sdev: its device
 *
 * Failure is not told: the changer stays unmapped, and the next use asks again.
 */
void rsm_robot_map(struct rsm_unit *unit, struct scsi_device *sdev)
{
	u16 first[RSM_ELEMENT_KINDS], count[RSM_ELEMENT_KINDS];
	u8 cdb[CDB_SIZE] = {MODE_SENSE, 0x08, PAGE_ELEMENTS, 0, 252};
	struct answer answer;
	u8 *data;
	int tries;

	lockdep_assert_held(&unit->robot);
	if (unit->mapped)
		return;
	data = kzalloc(256, GFP_KERNEL);
	if (!data)
		return;
	/* some refuse to leave out the block descriptors */
	for (tries = 0; tries < 2; tries++, cdb[1] = 0) {
		if (send(unit, sdev, cdb, data, 252, QUERY_TIMEOUT, &answer))
			break;
		if (answer.status && is_illegal_request(&answer))
			continue;
		if (answer.status || !parse_elements(data, answer.transferred, first, count))
			break;
		mutex_lock(&rsm_lock);
		memcpy(unit->first, first, sizeof(unit->first));
		memcpy(unit->count, count, sizeof(unit->count));
		unit->mapped = true;
		mutex_unlock(&rsm_lock);
		break;
	}
	kfree(data);
}

/* Is there an element of one of these kinds at the address? */
static bool element_is(const struct rsm_unit *unit, u16 address, u32 kinds)
{
	int i;

	/* a transport is one, even where a confused changer says it is a slot as well */
	for (i = 0; i < RSM_ELEMENT_KINDS; i++) {
		if (address >= unit->first[i] && address - unit->first[i] < unit->count[i])
			return kinds & BIT(i);
	}
	return false;
}

/* How many elements there are from an address on; @type is a SCSI element type code or 0. */
static u32 elements_from(const struct rsm_unit *unit, u16 address, u8 type)
{
	u32 end, found = 0;
	int i;

	for (i = 0; i < RSM_ELEMENT_KINDS; i++) {
		end = unit->first[i] + unit->count[i];
		if ((!type || type == i + 1) && address < end)
			found += end - max(address, unit->first[i]);
	}
	return found;
}

/* Are the addresses in the request those of elements that can do it? */
static int check_elements(const struct rsm_unit *unit, const struct rsm_robot *robot)
{
	const u32 transports = BIT(RSM_ELEMENT_TRANSPORT);
	const u32 places =
		BIT(RSM_ELEMENT_STORAGE) | BIT(RSM_ELEMENT_PORT) | BIT(RSM_ELEMENT_DRIVE);

	switch (robot->op) {
	case RSM_ROBOT_EXCHANGE:
		if (!element_is(unit, robot->second_destination, places))
			return -ERANGE;
		fallthrough;
	case RSM_ROBOT_MOVE:
		if (!element_is(unit, robot->source, places))
			return -ERANGE;
		fallthrough;
	case RSM_ROBOT_POSITION:
		if (!element_is(unit, robot->destination, places))
			return -ERANGE;
		if (robot->transport && !element_is(unit, robot->transport, transports))
			return -ERANGE;
		return 0;
	case RSM_ROBOT_INIT_RANGE:
		if (!element_is(unit, robot->start, transports | places))
			return -ERANGE;
		return elements_from(unit, robot->start, 0) < robot->count ? -ERANGE : 0;
	case RSM_ROBOT_READ_STATUS:
		return elements_from(unit, robot->start, robot->element_type) ? 0 : -ERANGE;
	default:
		return 0;
	}
}

static bool uses_elements(u32 op)
{
	return op == RSM_ROBOT_MOVE || op == RSM_ROBOT_EXCHANGE || op == RSM_ROBOT_POSITION ||
	       op == RSM_ROBOT_INIT_RANGE || op == RSM_ROBOT_READ_STATUS;
}

static void build_cdb(const struct rsm_robot *robot, u32 len, u8 *cdb)
{
	const bool invert = robot->flags & RSM_ROBOT_INVERT;

	memset(cdb, 0, CDB_SIZE);
	cdb[0] = commands[robot->op].opcode;
	switch (robot->op) {
	case RSM_ROBOT_EXCHANGE:
		put_unaligned_be16(robot->second_destination, cdb + 8);
		fallthrough;
	case RSM_ROBOT_MOVE:
		put_unaligned_be16(robot->transport, cdb + 2);
		put_unaligned_be16(robot->source, cdb + 4);
		put_unaligned_be16(robot->destination, cdb + 6);
		/* EXCHANGE has a bit for each of its two media: the one from the source is meant */
		cdb[10] = !invert ? 0 : robot->op == RSM_ROBOT_EXCHANGE ? 0x02 : 0x01;
		break;
	case RSM_ROBOT_POSITION:
		put_unaligned_be16(robot->transport, cdb + 2);
		put_unaligned_be16(robot->destination, cdb + 4);
		cdb[8] = invert;
		break;
	case RSM_ROBOT_INIT_RANGE:
		cdb[1] = 0x01;
		put_unaligned_be16(robot->start, cdb + 2);
		put_unaligned_be16(robot->count, cdb + 6);
		break;
	case RSM_ROBOT_READ_STATUS:
		cdb[1] = robot->element_type | (robot->flags & RSM_ROBOT_VOLTAG ? 0x10 : 0);
		put_unaligned_be16(robot->start, cdb + 2);
		put_unaligned_be16(robot->count, cdb + 4);
		cdb[6] = (robot->flags & RSM_ROBOT_CURDATA ? 0x02 : 0) |
			 (robot->flags & RSM_ROBOT_DVCID ? 0x01 : 0);
		put_unaligned_be24(len, cdb + 7);
		break;
	case RSM_ROBOT_PREVENT:
		cdb[4] = 0x01;
		break;
	case RSM_ROBOT_REQUEST_SENSE:
		cdb[4] = len;
		break;
	}
}

/* All that can be said about a request without looking at the changer. */
static int check_request(const struct rsm_robot *robot)
{
	const u32 op = robot->op;

	if (!op || op >= ARRAY_SIZE(commands) || robot->flags & ~commands[op].flags)
		return -EINVAL;
	if (memchr_inv(robot->reserved, 0, sizeof(robot->reserved)) ||
	    memchr_inv(robot->reserved2, 0, sizeof(robot->reserved2)))
		return -EINVAL;
	if (robot->element_type > (op == RSM_ROBOT_READ_STATUS ? RSM_ELEMENT_KINDS : 0))
		return -EINVAL;
	if ((op == RSM_ROBOT_READ_STATUS || op == RSM_ROBOT_INIT_RANGE) && !robot->count)
		return -EINVAL;
	if (robot->data_len > RSM_ROBOT_DATA_MAX || !robot->data_len == commands[op].reads)
		return -EINVAL;
	return 0;
}

static void robot_event(const struct rsm_executor *executor, u32 type,
			const struct rsm_robot *robot, u8 status)
{
	struct rsm_event event = {
		.type = type,
		.device = executor->unit->id,
		.detail = robot->op | status << 8,
		.source = robot->source,
		.destination = robot->destination,
	};

	rsm_event_who(&event, &executor->who, NULL);
	rsm_event_send(&event);
}

/* The longest answer that the way to the device can carry at once. */
static u32 answer_limit(struct scsi_device *sdev, const struct rsm_robot *robot)
{
	struct request_queue *queue = sdev->request_queue;
	u64 limit = min_t(u64, (u64)queue_max_hw_sectors(queue) << SECTOR_SHIFT,
			  (u64)queue_max_segments(queue) * PAGE_SIZE);

	if (robot->op == RSM_ROBOT_REQUEST_SENSE)
		limit = 252;
	return min_t(u64, limit, robot->data_len);
}

/* With the robot mutex held and the device referenced. */
static int execute(struct rsm_executor *executor, struct scsi_device *sdev, struct rsm_robot *robot,
		   void *buffer, u32 len)
{
	struct rsm_unit *unit = executor->unit;
	u8 cdb[CDB_SIZE];
	struct answer answer;
	int err, timeout;

	if (uses_elements(robot->op)) {
		rsm_robot_map(unit, sdev);
		if (!unit->mapped)
			return -EIO;
		err = check_elements(unit, robot);
		if (err)
			return err;
	}
	build_cdb(robot, len, cdb);
	timeout = robot->timeout_ms ? min_t(u64, msecs_to_jiffies(robot->timeout_ms), INT_MAX)
				    : commands[robot->op].timeout_s * HZ;
	robot_event(executor, RSM_EVENT_ROBOT_BEGIN, robot, 0);
	err = send(unit, sdev, cdb, buffer, len, timeout, &answer);
	robot_event(executor, RSM_EVENT_ROBOT_END, robot, err ? NO_STATUS : answer.status);
	if (err)
		return err;
	robot->transferred = answer.transferred;
	robot->status = answer.status;
	robot->sense_len = answer.status ? answer.sense_len : 0;
	memset(robot->sense, 0, sizeof(robot->sense));
	memcpy(robot->sense, answer.sense, robot->sense_len);
	return 0;
}

/* The changer's device with a reference, or NULL when the lease is no longer one. */
static struct scsi_device *executor_device(struct rsm_executor *executor)
{
	struct scsi_device *sdev;

	mutex_lock(&rsm_lock);
	sdev = executor->ended ? NULL : executor->unit->sdev;
	if (sdev && scsi_device_get(sdev))
		sdev = NULL;
	mutex_unlock(&rsm_lock);
	return sdev;
}

/**
 * rsm_robot_refresh - read the element addresses if they are not known yet
 * @executor: a lease just taken
 *
 * For a changer that was not ready to tell them when it was found.
 */
void rsm_robot_refresh(struct rsm_executor *executor)
{
	struct scsi_device *sdev;

	if (executor->unit->kind != RSM_KIND_CHANGER)
		return;
	sdev = executor_device(executor);
	if (!sdev)
		return;
	if (!mutex_lock_killable(&executor->unit->robot)) {
		rsm_robot_map(executor->unit, sdev);
		mutex_unlock(&executor->unit->robot);
	}
	scsi_device_put(sdev);
}

static bool has_ended(const struct rsm_executor *executor)
{
	bool ended;

	mutex_lock(&rsm_lock);
	ended = executor->ended;
	mutex_unlock(&rsm_lock);
	return ended;
}

static long robot_run(struct rsm_executor *executor, struct rsm_robot *robot)
{
	struct scsi_device *sdev;
	void *buffer = NULL;
	u32 len = 0;
	long err;

	sdev = executor_device(executor);
	if (!sdev)
		return -ENODEV;
	if (robot->data_len) {
		len = answer_limit(sdev, robot);
		buffer = kvzalloc(len, GFP_KERNEL);
		if (!buffer) {
			err = -ENOMEM;
			goto out;
		}
	}
	err = -EINTR;
	if (!mutex_lock_killable(&executor->unit->robot)) {
		/* the changer may have gone while others had their turn */
		err = has_ended(executor) ? -ENODEV : execute(executor, sdev, robot, buffer, len);
		mutex_unlock(&executor->unit->robot);
	}
	if (!err && robot->transferred &&
	    copy_to_user(u64_to_user_ptr(robot->data), buffer, robot->transferred))
		err = -EFAULT;
	kvfree(buffer);
out:
	scsi_device_put(sdev);
	return err;
}

/**
 * rsm_robot_ioctl - RSM_IOC_ROBOT
 * @executor: the lease it came on
 * @arg: struct rsm_robot of the caller
 *
 * Return: 0 when the changer answered, else a negative errno as <linux/rsm.h> says.
 */
long rsm_robot_ioctl(struct rsm_executor *executor, void __user *arg)
{
	struct rsm_robot robot;
	long err;

	if (copy_from_user(&robot, arg, sizeof(robot)))
		return -EFAULT;
	err = check_request(&robot);
	if (err)
		return err;
	/* a place that cannot be written to is found before the robot moves */
	if (copy_to_user(arg, &robot, sizeof(robot)))
		return -EFAULT;
	err = robot_run(executor, &robot);
	if (!err && copy_to_user(arg, &robot, sizeof(robot)))
		err = -EFAULT;
	return err;
}
