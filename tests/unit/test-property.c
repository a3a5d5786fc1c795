/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * test-property.c - random calls of several processes against a plain model
 *
 * The model knows six cartridges, two drives, eight pools and what people were asked, and says of
 * every call what it has to return and how things stand then. The calls come one after the other,
 * from a seed; after each the records are compared with the model, with where the robot has put
 * the cartridges and with what is written on them. From time to time a process closes its session
 * or is killed, and work is cancelled before it has begun. Half of the calls are made to a library
 * of tapes, half to a jukebox whose media have two sides.
 *
 * RSM_PROPERTY_CALLS and RSM_PROPERTY_SEED choose how many calls and which;
 * RSM_PROPERTY_REPORT names a file for a report ("make property").
 */
#include <stdlib.h>
#include <unistd.h>
#include "people.h"
#include "property.h"

#define CALLS 2500

TestSuite(property, .timeout = 86400);

const char *const operation_names[KINDS] = {
	"AllocateNtmsMedia",
	"AllocateNtmsMedia, NEW",
	"AllocateNtmsMedia, NEXT",
	"AllocateNtmsMedia of a side",
	"DeallocateNtmsMedia",
	"SetNtmsMediaComplete",
	"DecommissionNtmsMedia",
	"SwapNtmsMedia",
	"MoveToNtmsMediaPool",
	"UpdateNtmsOmidInfo",
	"MountNtmsMedia",
	"MountNtmsMedia in a given drive",
	"DismountNtmsMedia",
	"DismountNtmsMedia, deferred",
	"DismountNtmsDrive",
	"EnableNtmsObject, media",
	"DisableNtmsObject, media",
	"EnableNtmsObject, drive",
	"DisableNtmsObject, drive",
	"EnableNtmsObject, library",
	"DisableNtmsObject, library",
	"InventoryNtmsLibrary, FAST",
	"InventoryNtmsLibrary, OMID",
	"EjectNtmsMedia",
	"InjectNtmsMedia",
	"DeleteNtmsMedia",
	"SubmitNtmsOperatorRequest",
	"SatisfyNtmsOperatorRequest",
	"CancelNtmsOperatorRequest",
	"WaitForNtmsOperatorRequest",
	"DeleteNtmsRequests",
	"CloseNtmsSession",
	"kill -9",
	"CancelNtmsLibraryRequest, dismount",
	"CancelNtmsLibraryRequest, labels",
	"two mounts in line",
};

static struct {
	uint64_t calls, succeeded;
} tally[KINDS];

static uint64_t seed, random_state;
static const char *kind;

static unsigned int any(unsigned int below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)((random_state >> 16) % below);
}

/* ---- the library ---- */

static void make_pool(enum pool_number number, const char *name, NTMS_GUID *type)
{
	struct pool *pool = &model.pools[number];
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_MEDIA_POOL};

	must(CreateNtmsMediaPoolA(fx_session, name, type, NTMS_CREATE_NEW, NULL, &pool->guid));
	if (!type)
		return;
	pool->application = true;
	must(GetNtmsObjectInformationA(fx_session, &pool->guid, &info));
	info.Info.MediaPool.AllocationPolicy = pool->draws ? NTMS_ALLOCATE_FROMSCRATCH : 0;
	info.Info.MediaPool.DeallocationPolicy = pool->returns ? NTMS_DEALLOCATE_TOSCRATCH : 0;
	info.Info.MediaPool.dwMaxAllocates = pool->limit;
	must(SetNtmsObjectInformationA(fx_session, &pool->guid, &info));
}

static NTMS_GUID system_pool(const char *name, const char *type)
{
	char path[OBJ_NAME_SIZE * 2];

	snprintf(path, sizeof(path), "%s\\%s", name, type);
	return fx_find(path, NTMS_MEDIA_POOL);
}

static void make_pools(void)
{
	struct object media = fx_get(&model.cartridges[0].media, NTMS_PHYSICAL_MEDIA);
	struct object type = fx_get(&media.media.media_type, NTMS_MEDIA_TYPE);

	model.pools[POOL_FREE].guid = system_pool("Free", type.name);
	model.pools[POOL_IMPORT].guid = system_pool("Import", type.name);
	model.pools[POOL_FOREIGN].guid = system_pool("Unrecognized", type.name);
	model.pools[POOL_KEEPS].draws = true;
	model.pools[POOL_RETURNS].draws = model.pools[POOL_RETURNS].returns = true;
	model.pools[POOL_WEARS] = model.pools[POOL_RETURNS];
	model.pools[POOL_WEARS].limit = 3;
	make_pool(POOL_GROUP, "group", NULL);
	make_pool(POOL_KEEPS, "keeps", &type.guid);
	make_pool(POOL_RETURNS, "group\\returns", &type.guid);
	make_pool(POOL_WEARS, "group\\wears", &type.guid);
	make_pool(POOL_STRICT, "group\\strict", &type.guid);
}

static void prepare(DWORD medium, unsigned int sides, const char *barcode)
{
	RSM_VIRTUAL_SHAPE shape = {.dwDrives = DRIVES,
				   .dwSlots = CARTRIDGES + 2,
				   .dwPorts = 1,
				   .dwTapes = CARTRIDGES,
				   .dwMedia = medium,
				   .bBarCodeReader = TRUE};

	fx_make_shape(&shape);
	fx_open_library();
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_OMID));
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	memset(&model, 0, sizeof(model));
	model.sides = sides;
	model.enabled = true;
	for (int i = 0; i < CARTRIDGES; i++) {
		struct cartridge *cartridge = &model.cartridges[i];

		snprintf(cartridge->barcode, sizeof(cartridge->barcode), barcode, i + 1);
		observe_new(cartridge);
	}
	for (unsigned int i = 0; i < DRIVES; i++) {
		model.drives[i].guid = fx_drive_guid(i);
		model.drives[i].enabled = true;
		snprintf(model.drives[i].node, sizeof(model.drives[i].node), "%s",
			 fx_node(model.drives[i].guid));
		fx_set_defer_delay(&model.drives[i].guid, 0);
	}
	make_pools();
}

/* ---- what takes more than one call ---- */

/* Nothing is left to be done. The label of what is disabled cannot be read. */
static void settle(const char *text)
{
	DWORD code = RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS);

	cr_assert(code == ERROR_SUCCESS || code == ERROR_RESOURCE_DISABLED, "%s: then %s, %s", text,
		  RsmErrorName(code), RsmLastMessage());
}

static bool has_loaded(int process)
{
	for (int i = 0; i < CARTRIDGES; i++) {
		const struct cartridge *cartridge = &model.cartridges[i];

		if (cartridge->process == process &&
		    fx_get(&cartridge->media, NTMS_PHYSICAL_MEDIA).media.state ==
			    NTMS_MEDIASTATE_LOADED)
			return true;
	}
	return false;
}

/* Who has died is noticed by the next work on the library, but if somebody does that who had begun
 * his turn before. */
static struct reply die(const struct call *call)
{
	struct reply reply = {0};

	process_kill(call->process);
	process_start(call->process);
	for (int i = 0; i < 3 && !reply.code; i++) {
		reply.code = InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST);
		settle("the library is looked at after a death");
		if (!has_loaded(call->process))
			break;
	}
	return reply;
}

/* A person takes the cartridge out of the port, or nobody does and it is stopped. */
static void take_it(const struct call *call, const struct reply *reply)
{
	NTMS_GUID operation = reply->guid;

	wait_open(&operation);
	if (call->taken) {
		take_out(1);
		wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	} else {
		must(EjectNtmsMedia(fx_session, NULL, &operation, NTMS_EJECT_STOP));
		wait_over(&operation, NTMS_LM_STOPPED, ERROR_SUCCESS);
	}
}

/* The cartridge comes back; what nobody has a record of may have been erased meanwhile. */
static void bring_it(const struct call *call, const struct reply *reply)
{
	struct cartridge *cartridge = call->cartridge;
	NTMS_GUID operation = reply->guid;
	char path[PATH_MAX];

	for (int i = 0; i < (int)model.sides && !cartridge->known; i++) {
		snprintf(path, sizeof(path), "%s/tapes/%s%s", fx_vlib, cartridge->barcode,
			 i ? "@B" : "");
		if (any(3) == 0)
			cr_assert_eq(truncate(path, 0), 0, "%s: %m", path);
	}
	wait_open(&operation);
	put_in(1, cartridge->barcode);
	wait_over(&operation, NTMS_LM_PASSED, ERROR_SUCCESS);
	settle(operation_names[INJECT]);
	if (!cartridge->known)
		observe_new(cartridge);
}

/* A request about @media that is queued. */
static bool find_queued(const NTMS_GUID *media, uint32_t operation, NTMS_GUID *request)
{
	struct fx_dump *dump = fx_dump();
	bool found = false;

	for (size_t i = 0; i < dump->count; i++) {
		const struct object *obj = &dump->objects[i];

		if (obj->type != NTMS_LIBREQUEST || obj->librequest.operation != operation ||
		    !guid_equal(&obj->librequest.media, media) ||
		    (obj->librequest.state != NTMS_LM_QUEUED &&
		     obj->librequest.state != NTMS_LM_WAITING))
			continue;
		*request = obj->guid;
		found = true;
	}
	fx_dump_free(dump);
	return found;
}

/* A dismount that nobody has begun with is cancelled: the medium stays mounted. */
static struct reply cancel_queued(const struct call *call)
{
	struct reply reply;
	NTMS_GUID request;

	fx_stop_work();
	reply = process_ask(call->process, call);
	cr_assert(find_queued(&call->cartridge->media, NTMS_LM_DISMOUNT, &request));
	must(CancelNtmsLibraryRequest(fx_session, &request));
	fx_let_work();
	return reply;
}

/* The free labels are never written: the sides wait for them. */
static struct reply cancel_labels(const struct call *call)
{
	struct reply reply;
	NTMS_GUID request;

	fx_stop_work();
	reply = process_ask(call->process, call);
	while (find_queued(&call->cartridge->media, NTMS_LM_WRITESCRATCH, &request))
		must(CancelNtmsLibraryRequest(fx_session, &request));
	fx_let_work();
	return reply;
}

static NTMS_GUID awaited;

static bool is_queued(void)
{
	NTMS_GUID request;

	return find_queued(&awaited, NTMS_LM_MOUNT, &request);
}

static NTMS_GUID queue_mount(int process, const struct call *call)
{
	NTMS_GUID request;

	process_tell(process, call);
	awaited = call->cartridge->media;
	fx_wait_until(is_queued);
	cr_assert(find_queued(&awaited, NTMS_LM_MOUNT, &request));
	return request;
}

static void expect_place(NTMS_GUID request, DWORD place)
{
	DWORD order;

	must(GetNtmsRequestOrder(fx_session, &request, &order));
	cr_assert_eq(order, place, "it is at place %u, not %u", order, place);
}

static void end_mount(int process, const struct call *call, DWORD code)
{
	struct reply reply = process_hear(process);

	cr_assert_eq(reply.code, code, "%s instead of %s, %s", RsmErrorName(reply.code),
		     RsmErrorName(code), reply.said);
	if (!code)
		mounted(call->cartridge, call->side, &reply.guid, process);
}

/* The first in line has a drive; whoever has none waits, and is cancelled. */
static struct reply mounts_in_line(const struct call *call)
{
	struct call calls[2] = {*call, *call};
	NTMS_GUID requests[2];
	int processes[2] = {call->process, (call->process + 1) % PROCESSES}, first;
	bool both = is_free(0) && is_free(1);

	calls[1].cartridge = call->other;
	calls[1].side = call->other_side;
	calls[1].priority = call->priority + (int)any(3) - 1;
	for (int i = 0; i < 2; i++)
		calls[i].write = calls[i].by_logical = false;
	fx_stop_work();
	for (int i = 0; i < 2; i++)
		requests[i] = queue_mount(processes[i], &calls[i]);
	first = calls[1].priority > calls[0].priority;
	expect_place(requests[first], 1);
	expect_place(requests[!first], 2);
	if (call->taken) {
		must(CancelNtmsLibraryRequest(fx_session, &requests[first]));
		end_mount(processes[first], &calls[first], ERROR_CANCELLED);
		first = !first;
	}
	fx_let_work();
	end_mount(processes[first], &calls[first], ERROR_SUCCESS);
	if (call->taken)
		return (struct reply){0};
	if (!both) {
		awaited = calls[!first].cartridge->media;
		fx_wait_until(is_queued);
		must(CancelNtmsLibraryRequest(fx_session, &requests[!first]));
	}
	end_mount(processes[!first], &calls[!first], both ? ERROR_SUCCESS : ERROR_CANCELLED);
	return (struct reply){0};
}

/* ---- the calls ---- */

/* Finished requests pile up. */
static void purge(void)
{
	NTMS_GUID list[2000];
	DWORD count = 2000;

	must(EnumerateNtmsObject(fx_session, NULL, list, &count, NTMS_LIBREQUEST, 0));
	if (count)
		must(DeleteNtmsRequests(fx_session, list, NTMS_LIBREQUEST, count));
}

/* What wears out media, takes something out of use or lasts long is rarer than the rest. */
static enum operation choose_operation(void)
{
	enum operation operation = (enum operation)any(KINDS);

	if (!model.enabled && any(3) == 0)
		return ENABLE_LIBRARY;
	switch (operation) {
	case DISABLE_DRIVE:
	case DISABLE_MEDIA:
		return any(3) ? operation - 1 : operation;
	case DISABLE_LIBRARY:
	case DECOMMISSION:
	case INVENTORY_FULL:
		return any(5) ? MOUNT : operation;
	case INVENTORY:
	case CLOSE_SESSION:
	case DIE:
	case EJECT:
		return any(3) ? MOVE : operation;
	case SUBMIT ... DELETE_REQUEST:
		return any(2) ? ALLOCATE : operation;
	default:
		return operation;
	}
}

static void prefer_away(struct call *call)
{
	for (int i = 0; i < CARTRIDGES && !call->cartridge->away; i++)
		call->cartridge = &model.cartridges[i];
}

/* A cartridge of which a side is kept for the owner of the other. */
static void prefer_reserved(struct call *call)
{
	for (int i = 0; i < CARTRIDGES; i++)
		for (int k = 0; k < (int)model.sides; k++) {
			struct cartridge *cartridge = &model.cartridges[i];

			if (cartridge->sides[k].state != NTMS_PARTSTATE_RESERVED)
				continue;
			call->cartridge = cartridge;
			call->side = !k;
		}
	call->pool = call->cartridge->pool;
}

/* Two that are allocated in one pool. */
static void prefer_owned(struct call *call)
{
	for (int i = 0; i < CARTRIDGES; i++) {
		struct cartridge *cartridge = &model.cartridges[i];

		if (cartridge->sides[call->side].state == NTMS_PARTSTATE_ALLOCATED)
			call->cartridge = cartridge;
	}
	for (int i = 0; i < CARTRIDGES; i++) {
		struct cartridge *cartridge = &model.cartridges[i];

		if (cartridge != call->cartridge && cartridge->pool == call->cartridge->pool &&
		    cartridge->sides[call->other_side].state == NTMS_PARTSTATE_ALLOCATED)
			call->other = cartridge;
	}
}

/* What makes sense more often than chance would have it. */
static void prefer(struct call *call)
{
	switch (call->operation) {
	case ALLOCATE:
	case ALLOCATE_NEW:
	case ALLOCATE_SIDE:
		call->pool = POOL_KEEPS + (enum pool_number)any(POOL_GROUP - POOL_KEEPS);
		break;
	case ALLOCATE_NEXT:
		prefer_reserved(call);
		break;
	case SWAP:
		prefer_owned(call);
		break;
	case CANCEL_LABELS:
		call->pool = POOL_FREE;
		break;
	case MOVE:
		call->pool = any(2) ? POOL_FREE : call->pool;
		break;
	case INJECT:
	case DELETE_MEDIA:
		prefer_away(call);
		break;
	case LABEL:
	case DISMOUNT:
	case DISMOUNT_DEFERRED:
	case CANCEL_QUEUED:
		for (int i = 0; i < CARTRIDGES && call->cartridge->process < 0; i++)
			call->cartridge = &model.cartridges[i];
		call->side = call->cartridge->up;
		if (call->cartridge->process >= 0)
			call->process = call->cartridge->process;
		break;
	default:
		break;
	}
}

static void choose_any(struct call *call)
{
	*call = (struct call){
		.operation = choose_operation(),
		.process = (int)any(PROCESSES),
		.cartridge = &model.cartridges[any(CARTRIDGES)],
		.other = &model.cartridges[any(CARTRIDGES)],
		.side = (int)any(model.sides),
		.other_side = (int)any(model.sides),
		.pool = (enum pool_number)any(POOLS),
		.drive = (int)any(DRIVES),
		.request = (int)any(REQUESTS),
		.write = any(2),
		.by_logical = any(2),
		.priority = (int)any(5) - 2,
		.taken = any(2),
	};
	if (any(4))
		prefer(call);
}

/* Calls that are refused are a part of it, but not the most of it. */
static void choose(struct call *call)
{
	do
		choose_any(call);
	while (is_out_of_question(call) || (predict(call) && any(4)));
}

static struct reply carry_out(const struct call *call)
{
	switch (call->operation) {
	case DIE:
		return die(call);
	case CANCEL_QUEUED:
		return cancel_queued(call);
	case CANCEL_LABELS:
		return cancel_labels(call);
	case MOUNTS_IN_LINE:
		return mounts_in_line(call);
	default:
		return process_ask(call->process, call);
	}
}

static void one_call(uint64_t step)
{
	struct call call;
	struct reply reply;
	DWORD expected;
	char text[200];

	choose(&call);
	expected = predict(&call);
	snprintf(text, sizeof(text),
		 "%s, call %" PRIu64 " of seed %" PRIu64
		 ": %s by process %d, %s side %d, %s side %d, pool %d, drive %d",
		 kind, step, seed, operation_names[call.operation], call.process,
		 call.cartridge->barcode, call.side, call.other->barcode, call.other_side,
		 call.pool, call.drive);
	if (getenv("RSM_PROPERTY_TRACE"))
		fprintf(stderr, "%s\n", text);
	reply = carry_out(&call);
	cr_assert_eq(reply.code, expected, "%s: %s instead of %s, %s", text,
		     RsmErrorName(reply.code), RsmErrorName(expected), reply.said);
	tally[call.operation].calls++;
	if (reply.code == ERROR_SUCCESS) {
		tally[call.operation].succeeded++;
		if (call.operation == EJECT)
			take_it(&call, &reply);
		if (call.operation == INJECT)
			bring_it(&call, &reply);
	}
	settle(text);
	if (reply.code == ERROR_SUCCESS)
		happened(&call, &reply);
	observe();
	compare(text);
	if (step % 100 == 0)
		purge();
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void report(uint64_t calls)
{
	const char *path = getenv("RSM_PROPERTY_REPORT");
	FILE *file = path ? fopen(path, "a") : NULL;

	if (!file)
		return;
	fprintf(file,
		"%s: %" PRIu64 " calls of %d processes, seed %" PRIu64
		": all as the model says\n\n%-35s %10s %10s\n",
		kind, calls, PROCESSES, seed, "call", "calls", "succeeded");
	for (int i = 0; i < KINDS; i++)
		fprintf(file, "%-35s %10" PRIu64 " %10" PRIu64 "\n", operation_names[i],
			tally[i].calls, tally[i].succeeded);
	fprintf(file, "\n");
	fclose(file);
}

static void run(const char *name, DWORD medium, unsigned int sides, const char *barcode)
{
	uint64_t calls = (number_of("RSM_PROPERTY_CALLS", 2 * CALLS) + 1) / 2;

	/* A disk makes it ten times slower; who is killed loses nothing in memory. */
	if (access("/dev/shm", W_OK | X_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	kind = name;
	seed = number_of("RSM_PROPERTY_SEED", 20260731);
	random_state = seed * 0x9E3779B97F4A7C15ULL + 1;
	prepare(medium, sides, barcode);
	for (int i = 0; i < PROCESSES; i++)
		process_start(i);
	compare("at the beginning");
	for (uint64_t step = 1; step <= calls; step++)
		one_call(step);
	for (int i = 0; i < PROCESSES; i++)
		process_kill(i);
	for (int i = 0; i < KINDS && calls >= CALLS; i++)
		cr_expect(tally[i].succeeded > 0 || (sides == 1 && i == ALLOCATE_NEXT),
			  "%s has never succeeded", operation_names[i]);
	report(calls);
}

Test(property, tapes, .fini = fx_teardown)
{
	run("tapes", RSM_VIRTUAL_LTO8, 1, "V%05dL8");
}

Test(property, media_with_two_sides, .fini = fx_teardown)
{
	run("media with two sides", RSM_VIRTUAL_MO, 2, "V%05dMO");
}
