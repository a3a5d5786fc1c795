/* SPDX-License-Identifier: GPL-2.0-only */
/* property-process.c - processes with a session each, that make the calls they are told */
#include <fcntl.h>
#include <stdio.h>
#include "property.h"

/* What is sent: the call with the objects it is about. */
struct order {
	enum operation operation;
	NTMS_GUID guid, other;
	DWORD options;
	int priority;
	unsigned int serial; /* of a label */
	char node[64];
};

static struct {
	pid_t pid;
	int to, from;
} processes[PROCESSES];

static DWORD allocate(HANDLE session, const struct order *order, NTMS_GUID *logical)
{
	bool given = order->operation == ALLOCATE_SIDE;
	NTMS_GUID pool = order->guid, side = order->other;

	*logical = order->other;
	return AllocateNtmsMedia(session, &pool, given ? &side : NULL, logical,
				 order->options | NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL);
}

static DWORD mount(HANDLE session, const struct order *order, NTMS_GUID *drive)
{
	NTMS_GUID media = order->guid;

	*drive = order->other;
	return MountNtmsMedia(session, &media, drive, 1, order->options, order->priority,
			      PATIENCE_MS, NULL);
}

/* A VOL1 label, at the beginning of what is mounted. */
static DWORD write_label(HANDLE session, const struct order *order)
{
	NTMS_GUID logical = order->guid;
	char label[81];
	int fd = open(order->node, O_RDWR | O_CLOEXEC);

	snprintf(label, sizeof(label), "VOL1%06u%70s", order->serial % 1000000, "");
	if (fd < 0 || pwrite(fd, label, 80, 0) != 80 || close(fd))
		_exit(4);
	return UpdateNtmsOmidInfo(session, &logical, NTMS_OMID_TYPE_RAW_LABEL, 80, label);
}

static DWORD turn_on(HANDLE session, const struct order *order)
{
	NTMS_GUID guid = order->guid;

	switch (order->operation) {
	case ENABLE_MEDIA:
		return EnableNtmsObject(session, NTMS_PHYSICAL_MEDIA, &guid);
	case DISABLE_MEDIA:
		return DisableNtmsObject(session, NTMS_PHYSICAL_MEDIA, &guid);
	case ENABLE_DRIVE:
		return EnableNtmsObject(session, NTMS_DRIVE, &guid);
	case DISABLE_DRIVE:
		return DisableNtmsObject(session, NTMS_DRIVE, &guid);
	case ENABLE_LIBRARY:
		return EnableNtmsObject(session, NTMS_LIBRARY, &guid);
	default:
		return DisableNtmsObject(session, NTMS_LIBRARY, &guid);
	}
}

static DWORD ask_people(HANDLE session, const struct order *order, NTMS_GUID *request)
{
	NTMS_GUID guid = order->guid, argument = order->other;

	switch (order->operation) {
	case SUBMIT:
		return SubmitNtmsOperatorRequestA(
			session, order->options, "property",
			order->options == NTMS_OPREQ_MESSAGE ? NULL : &argument, NULL, request);
	case SATISFY:
		return SatisfyNtmsOperatorRequest(session, &guid);
	case REFUSE:
		return CancelNtmsOperatorRequest(session, &guid);
	case WAIT_OPERATOR:
		return WaitForNtmsOperatorRequest(session, &guid, 0);
	default:
		return DeleteNtmsRequests(session, &guid, NTMS_OPREQUEST, 1);
	}
}

static DWORD obey_media(HANDLE session, const struct order *order, struct reply *reply)
{
	NTMS_GUID guid = order->guid, other = order->other;

	switch (order->operation) {
	case ALLOCATE:
	case ALLOCATE_NEW:
	case ALLOCATE_NEXT:
	case ALLOCATE_SIDE:
		return allocate(session, order, &reply->guid);
	case DEALLOCATE:
		return DeallocateNtmsMedia(session, &guid, 0);
	case COMPLETE:
		return SetNtmsMediaComplete(session, &guid);
	case DECOMMISSION:
		return DecommissionNtmsMedia(session, &guid);
	case SWAP:
		return SwapNtmsMedia(session, &guid, &other);
	case MOVE:
	case CANCEL_LABELS:
		return MoveToNtmsMediaPool(session, &guid, &other);
	case LABEL:
		return write_label(session, order);
	default:
		return DeleteNtmsMedia(session, &guid);
	}
}

static DWORD obey_library(HANDLE session, const struct order *order, struct reply *reply)
{
	NTMS_GUID guid = order->guid;

	switch (order->operation) {
	case MOUNT:
	case MOUNT_SPECIFIC:
	case MOUNTS_IN_LINE:
		return mount(session, order, &reply->guid);
	case DISMOUNT:
	case DISMOUNT_DEFERRED:
	case CANCEL_QUEUED:
		return DismountNtmsMedia(session, &guid, 1, order->options);
	case DISMOUNT_DRIVE:
		return DismountNtmsDrive(session, &guid);
	case INVENTORY:
	case INVENTORY_FULL:
		return InventoryNtmsLibrary(session, &guid, order->options);
	case EJECT:
		return EjectNtmsMedia(session, &guid, &reply->guid, NTMS_EJECT_START);
	default:
		return InjectNtmsMedia(session, &guid, &reply->guid, NTMS_INJECT_START);
	}
}

static void obey(HANDLE *session, const struct order *order, struct reply *reply)
{
	switch (order->operation) {
	case ENABLE_MEDIA ... DISABLE_LIBRARY:
		reply->code = turn_on(*session, order);
		break;
	case SUBMIT ... DELETE_REQUEST:
		reply->code = ask_people(*session, order, &reply->guid);
		break;
	case ALLOCATE ... LABEL:
	case CANCEL_LABELS:
	case DELETE_MEDIA:
		reply->code = obey_media(*session, order, reply);
		break;
	case CLOSE_SESSION:
		reply->code = CloseNtmsSession(*session);
		*session = OpenNtmsSessionA(NULL, "property", 0);
		break;
	default:
		reply->code = obey_library(*session, order, reply);
		break;
	}
	snprintf(reply->said, sizeof(reply->said), "%s", RsmLastMessage());
}

static void serve(int from, int to)
{
	HANDLE session = OpenNtmsSessionA(NULL, "property", 0);
	struct order order;

	if (session == INVALID_HANDLE_VALUE)
		_exit(2);
	while (read(from, &order, sizeof(order)) == sizeof(order)) {
		struct reply reply = {0};

		obey(&session, &order, &reply);
		if (write(to, &reply, sizeof(reply)) != sizeof(reply))
			_exit(3);
	}
	_exit(0);
}

void process_start(int number)
{
	int orders[2], replies[2];

	cr_assert_eq(pipe(orders), 0);
	cr_assert_eq(pipe(replies), 0);
	processes[number].pid = fork();
	cr_assert_geq(processes[number].pid, 0);
	if (processes[number].pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(orders[1]);
		close(replies[0]);
		for (int i = 0; i < PROCESSES; i++)
			if (i != number && processes[i].pid)
				close(processes[i].to), close(processes[i].from);
		serve(orders[0], replies[1]);
	}
	close(orders[0]);
	close(replies[1]);
	processes[number].to = orders[1];
	processes[number].from = replies[0];
}

void process_kill(int number)
{
	kill(processes[number].pid, SIGKILL);
	cr_assert_eq(waitpid(processes[number].pid, NULL, 0), processes[number].pid);
	close(processes[number].to);
	close(processes[number].from);
	processes[number].pid = 0;
}

/* ---- from the call to the order ---- */

static const NTMS_GUID *medium_of(const struct call *call)
{
	const struct side *side = &call->cartridge->sides[call->side];

	return call->by_logical ? &side->logical : &side->guid;
}

static void order_mount(const struct call *call, struct order *order)
{
	order->guid = *medium_of(call);
	order->options = NTMS_MOUNT_READ | (call->write ? NTMS_MOUNT_WRITE : 0);
	order->priority = call->priority;
	if (call->operation != MOUNTS_IN_LINE)
		order->options |= NTMS_MOUNT_ERROR_NOT_AVAILABLE | NTMS_MOUNT_ERROR_OFFLINE;
	if (call->operation != MOUNT_SPECIFIC)
		return;
	order->options |= NTMS_MOUNT_SPECIFIC_DRIVE;
	order->other = model.drives[call->drive].guid;
}

static void order_allocate(const struct call *call, struct order *order)
{
	const struct side *side = &call->cartridge->sides[call->side];

	order->guid = model.pools[call->pool].guid;
	if (call->operation == ALLOCATE_NEW)
		order->options = NTMS_ALLOCATE_NEW;
	if (call->operation == ALLOCATE_NEXT) {
		order->options = NTMS_ALLOCATE_NEXT;
		order->other = side->logical;
	}
	if (call->operation == ALLOCATE_SIDE)
		order->other = side->guid;
}

static void order_submit(const struct call *call, struct order *order)
{
	static const DWORD kinds[] = {NTMS_OPREQ_MESSAGE, NTMS_OPREQ_DEVICESERVICE,
				      NTMS_OPREQ_CLEANER};

	order->options = kinds[call->drive + call->write];
	order->other =
		order->options == NTMS_OPREQ_CLEANER ? fx_library : model.drives[call->drive].guid;
}

static void make_order(const struct call *call, struct order *order)
{
	static unsigned int labels;
	const struct cartridge *cartridge = call->cartridge;
	const struct side *side = &cartridge->sides[call->side];

	memset(order, 0, sizeof(*order));
	order->operation = call->operation;
	switch (call->operation) {
	case ALLOCATE ... ALLOCATE_SIDE:
		order_allocate(call, order);
		break;
	case LABEL:
		order->serial = ++labels;
		memcpy(order->node, model.drives[cartridge->drive].node, sizeof(order->node));
		order->guid = side->logical;
		break;
	case DEALLOCATE:
	case COMPLETE:
		order->guid = side->logical;
		break;
	case SWAP:
		order->guid = side->logical;
		order->other = call->other->sides[call->other_side].logical;
		break;
	case DECOMMISSION:
		order->guid = side->guid;
		break;
	case MOVE:
	case CANCEL_LABELS:
		order->guid = cartridge->media;
		order->other = model.pools[call->pool].guid;
		break;
	case MOUNT:
	case MOUNT_SPECIFIC:
	case MOUNTS_IN_LINE:
		order_mount(call, order);
		break;
	case DISMOUNT_DEFERRED:
		order->options = NTMS_DISMOUNT_DEFERRED;
		order->guid = *medium_of(call);
		break;
	case DISMOUNT:
	case CANCEL_QUEUED:
		order->options = NTMS_DISMOUNT_IMMEDIATE;
		order->guid = *medium_of(call);
		break;
	case ENABLE_MEDIA:
	case DISABLE_MEDIA:
	case EJECT:
	case DELETE_MEDIA:
		order->guid = cartridge->media;
		break;
	case DISMOUNT_DRIVE:
	case ENABLE_DRIVE:
	case DISABLE_DRIVE:
		order->guid = model.drives[call->drive].guid;
		break;
	case SUBMIT:
		order_submit(call, order);
		break;
	case SATISFY ... DELETE_REQUEST:
		order->guid = model.requests[call->request].guid;
		break;
	default:
		order->guid = fx_library;
		order->options = call->operation == INVENTORY_FULL ? NTMS_INVENTORY_OMID
								   : NTMS_INVENTORY_FAST;
		break;
	}
}

void process_tell(int number, const struct call *call)
{
	struct order order;

	make_order(call, &order);
	cr_assert_eq(write(processes[number].to, &order, sizeof(order)), (ssize_t)sizeof(order));
}

struct reply process_hear(int number)
{
	struct reply reply = {0};

	cr_assert_eq(read(processes[number].from, &reply, sizeof(reply)), (ssize_t)sizeof(reply),
		     "process %d has died", number);
	return reply;
}

struct reply process_ask(int number, const struct call *call)
{
	process_tell(number, call);
	return process_hear(number);
}
