/* SPDX-License-Identifier: GPL-2.0-only */
/* parties.c - what the processes do: applications, servers, a reader and an administrator */
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mtio.h>
#include "base/clock.h"
#include "base/guid.h"
#include "campaign.h"
#include "core/port.h"
#include "core/run.h"
#include "fixture-kernel.h"

#define BEHIND_LABEL 4096
#define HOLD_MS_MAX  8

static struct seat *seat;
static int number;
static HANDLE session;
static uint64_t state;
static const struct child *supervisor;

unsigned int any(uint64_t *random, unsigned int below)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (unsigned int)((*random >> 16) % below);
}

/* ---- calls, and what comes of them ---- */

static _Noreturn void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(seat->complaint, sizeof(seat->complaint), format, args);
	va_end(args);
	_exit(1);
}

static void begin_call(const char *call)
{
	seat->waits[0] = '\0';
	snprintf(seat->call, sizeof(seat->call), "%s", call);
	seat->began_ns = clock_monotonic_ns();
}

static void count_outcome(DWORD code)
{
	struct outcome *outcome = seat->outcomes;

	while (outcome < seat->outcomes + OUTCOMES - 1 && outcome->call[0] &&
	       (outcome->code != code || strcmp(outcome->call, seat->call) != 0))
		outcome++;
	snprintf(outcome->call, sizeof(outcome->call), "%s", seat->call);
	outcome->code = code;
	outcome->count++;
}

static DWORD end_call(DWORD code)
{
	uint64_t took_ns = clock_monotonic_ns() - seat->began_ns;

	if (took_ns > seat->longest_ns) {
		seat->longest_ns = took_ns;
		snprintf(seat->longest_call, sizeof(seat->longest_call), "%s", seat->call);
	}
	count_outcome(code);
	seat->began_ns = 0;
	seat->calls++;
	return code;
}

#define CALL(name, expression) (begin_call(name), end_call(expression))

/* It returns this or that, and nothing else. */
static DWORD either(DWORD code, DWORD other)
{
	if (code && code != other)
		complain("%s: %s, %s", seat->call, RsmErrorName(code), RsmLastMessage());
	return code;
}

static void well(DWORD code)
{
	either(code, ERROR_SUCCESS);
}

static void note_progress(void *context, const RSM_PROGRESS *progress)
{
	(void)context;
	snprintf(seat->waits, sizeof(seat->waits), "operation %u, state %u: %s",
		 progress->dwOperation, progress->dwState, progress->lpText);
}

static void open_session(void)
{
	begin_call("OpenNtmsSession");
	session = OpenNtmsSessionA(NULL, party_names[party_of(number)], 0);
	if (session == INVALID_HANDLE_VALUE)
		complain("no session: %s, %s", RsmErrorName(GetLastError()), RsmLastMessage());
	end_call(ERROR_SUCCESS);
	well(RsmSetProgress(session, note_progress, NULL));
}

static void close_session(void)
{
	well(CALL("CloseNtmsSession", CloseNtmsSession(session)));
}

/* Work that is none of the library's. */
static void be_busy(void)
{
	poll(NULL, 0, (int)any(&state, HOLD_MS_MAX + 1));
}

/* Between two pieces of work: when all are to, until they may go on. */
static void rest(void)
{
	if (!board->rest)
		return;
	say_byte(supervisor, 'r');
	hear_byte(supervisor);
}

/* ---- applications ---- */

/* On disk, if power may be cut: before the call that may change it, and after it. */
static void set_lot(struct lot *lot, enum lot_state now)
{
	off_t where = (number * LOTS + (lot - seat->lots)) * JOURNAL_STEP;

	lot->state = now;
	if (board->journal && pwrite(board->journal, lot, sizeof(*lot), where) != sizeof(*lot))
		complain("the journal: %m");
}

static int drive_number(const NTMS_GUID *drive)
{
	for (int i = 0; i < DRIVES; i++)
		if (guid_equal(&board->drives[i], drive))
			return i;
	complain("mounted in a drive that nobody knows");
}

/* Nobody who lives may think that he has it, too. */
static void take_drive(int drive)
{
	int before = atomic_exchange(&board->holders[drive], number + 1);

	if (before && before != number + 1 && !board->seats[before - 1].doomed)
		complain("drive %d was given to two at once, the other is party %d", drive,
			 before - 1);
}

static void leave_drive(int drive)
{
	int mine = number + 1;

	atomic_compare_exchange_strong(&board->holders[drive], &mine, 0);
}

/* Where the mark is: in a file of a virtual library, or behind the label of a tape. */
static void go_to_mark(int fd, const char *node)
{
	struct mtop rewind = {.mt_op = MTREW, .mt_count = 1};
	struct mtop skip_label = {.mt_op = MTFSF, .mt_count = 1};

	if (kx_wanted() ? ioctl(fd, MTIOCTOP, &rewind) || ioctl(fd, MTIOCTOP, &skip_label)
			: lseek(fd, BEHIND_LABEL, SEEK_SET) < 0)
		complain("%s: %m", node);
}

/* What is on the medium is what this application has written last, or has begun to. */
static void use_marks(struct lot *lot, int fd, const char *node)
{
	uint32_t found[2] = {0}, mark[2] = {(uint32_t)number + 1, 0};

	go_to_mark(fd, node);
	/* The end of what is on a tape is an error. */
	if (read(fd, found, sizeof(found)) < 0 && !kx_wanted())
		complain("%s: %m", node);
	if (lot->written &&
	    (found[0] != mark[0] || (found[1] != lot->written && found[1] != lot->writing)))
		complain("on the medium is %u of party %u, not %u", found[1], found[0],
			 lot->written);
	lot->writing = any(&state, 1000000) + 1;
	mark[1] = lot->writing;
	be_busy();
	go_to_mark(fd, node);
	if (write(fd, mark, sizeof(mark)) != sizeof(mark))
		complain("%s: %m", node);
	lot->written = lot->writing;
}

static void use_medium(struct lot *lot, const NTMS_GUID *drive)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info), .dwType = NTMS_DRIVE};
	NTMS_GUID guid = *drive;
	int fd;

	well(CALL("GetNtmsObjectInformation", GetNtmsObjectInformationA(session, &guid, &info)));
	fd = open(info.Info.Drive.szDeviceName, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		complain("%s: %m", info.Info.Drive.szDeviceName);
	use_marks(lot, fd, info.Info.Drive.szDeviceName);
	if (close(fd))
		complain("%s: %m", info.Info.Drive.szDeviceName);
}

static void wait_for_media(const NTMS_GUID *logical)
{
	NTMS_GUID media = *logical;

	well(CALL("RsmWaitForMedia", RsmWaitForMedia(session, &media, PATIENCE_MS)));
}

static void mount_and_use(struct lot *lot)
{
	NTMS_GUID media = lot->logical, drive;
	unsigned int end = any(&state, 6);
	int taken;

	/* BUSY: the dismount before is still in the queue. */
	if (either(CALL("MountNtmsMedia", MountNtmsMedia(session, &media, &drive, 1,
							 NTMS_MOUNT_READ | NTMS_MOUNT_WRITE,
							 NTMS_PRIORITY_NORMAL, PATIENCE_MS, NULL)),
		   ERROR_BUSY)) {
		wait_for_media(&media);
		return;
	}
	taken = drive_number(&drive);
	take_drive(taken);
	use_medium(lot, &drive);
	leave_drive(taken);
	if (end == 0) {
		close_session();
		open_session();
		return;
	}
	if (end == 3) {
		well(CALL("RsmDismountMedia",
			  RsmDismountMedia(session, &media, 1, NTMS_DISMOUNT_IMMEDIATE,
					   PATIENCE_MS)));
		return;
	}
	well(CALL("DismountNtmsMedia",
		  DismountNtmsMedia(session, &media, 1,
				    end == 1 ? NTMS_DISMOUNT_DEFERRED : NTMS_DISMOUNT_IMMEDIATE)));
	if (end == 2)
		wait_for_media(&media);
}

static void allocate(struct lot *lot)
{
	NTMS_GUID pool = board->pools[number], logical;

	set_lot(lot, LOT_ASKED);
	if (either(CALL("AllocateNtmsMedia",
			AllocateNtmsMedia(session, &pool, NULL, &logical,
					  NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0, NULL)),
		   ERROR_MEDIA_UNAVAILABLE)) {
		set_lot(lot, LOT_NONE);
		/* Until some free label is written. */
		be_busy();
		return;
	}
	lot->logical = logical;
	lot->written = lot->writing = 0;
	set_lot(lot, LOT_OWNED);
}

static void deallocate(struct lot *lot)
{
	NTMS_GUID logical = lot->logical;

	set_lot(lot, LOT_GIVEN);
	/* A dismount may be under way, this one's own or that of who sat here before. */
	if (either(CALL("DeallocateNtmsMedia", DeallocateNtmsMedia(session, &logical, 0)),
		   ERROR_BUSY))
		set_lot(lot, LOT_OWNED);
	else
		set_lot(lot, LOT_NONE);
}

static void application(void)
{
	struct lot *lot;

	open_session();
	for (;;) {
		rest();
		lot = &seat->lots[any(&state, LOTS)];
		if (lot->state == LOT_NONE)
			allocate(lot);
		else if (any(&state, 8) == 0)
			deallocate(lot);
		else
			mount_and_use(lot);
	}
}

/* ---- servers ---- */

static void server(void)
{
	RSM_SERVICE service = {.dwSize = sizeof(service)};
	struct pollfd told = {.fd = supervisor->from, .events = POLLIN};

	open_session();
	well(CALL("RsmServeLibrary", RsmServeLibrary(session, &fx_library, TRUE)));
	for (;;) {
		rest();
		poll(&told, 1, 20);
		well(CALL("RsmGetService", RsmGetService(session, &fx_library, &service)));
		if (service.dwOverdueMs > 5000)
			complain("the worker is stuck for %u ms", service.dwOverdueMs);
	}
}

/* rsmd itself, if there is one; it cannot be told to rest, and need not. */
static void run_rsmd(void)
{
	const char *program = getenv("RSM_CAMPAIGN_RSMD");
	int nowhere = open("/dev/null", O_RDWR), config;
	char path[128];

	if (!program || !*program)
		server();
	/* Not the one of this machine. */
	snprintf(path, sizeof(path), "%s/rsmd.conf", fx_top);
	config = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (nowhere < 0 || config < 0)
		complain("%s: %m", path);
	dup2(nowhere, STDIN_FILENO);
	dup2(nowhere, STDERR_FILENO);
	execl(program, "rsmd", "--config", path, NULL);
	complain("%s: %m", program);
}

/* ---- the reader ---- */

static void read_all(DWORD type)
{
	NTMS_OBJECTINFORMATIONA info;
	static NTMS_GUID list[4096];
	DWORD count = 4096;

	well(CALL("EnumerateNtmsObject",
		  EnumerateNtmsObject(session, NULL, list, &count, type, 0)));
	for (DWORD i = 0; i < count && i < 20; i++) {
		memset(&info, 0, sizeof(info));
		info.dwSize = sizeof(info);
		info.dwType = type;
		either(CALL("GetNtmsObjectInformation",
			    GetNtmsObjectInformationA(session, &list[i], &info)),
		       ERROR_OBJECT_NOT_FOUND);
	}
}

static HANDLE listen(void)
{
	HANDLE notification = OpenNtmsNotification(session, NTMS_PHYSICAL_MEDIA);

	if (notification == INVALID_HANDLE_VALUE)
		complain("no notifications: %s", RsmLastMessage());
	return notification;
}

static void reader(void)
{
	static const DWORD types[] = {NTMS_PHYSICAL_MEDIA, NTMS_LIBREQUEST, NTMS_DRIVE,
				      NTMS_LOGICAL_MEDIA};
	NTMS_NOTIFICATIONINFORMATION told;
	HANDLE notification;
	RSM_HOLDER holders[8];
	DWORD count, code;

	open_session();
	notification = listen();
	for (;;) {
		rest();
		read_all(types[any(&state, 4)]);
		count = 8;
		well(CALL("RsmListHolders", RsmListHolders(session, holders, &count)));
		code = CALL("WaitForNtmsNotification",
			    WaitForNtmsNotification(notification, &told, 50));
		if (code == ERROR_NO_DATA) {
			well(CALL("CloseNtmsNotification", CloseNtmsNotification(notification)));
			notification = listen();
		} else {
			either(code, ERROR_TIMEOUT);
		}
	}
}

/* ---- the administrator ---- */

static struct obj_librequest request_now(const NTMS_GUID *guid, bool *over)
{
	struct session *ours = session;
	struct object request = {0};
	struct txn *txn;
	DWORD code;

	well(store_begin(ours->system->store, STORE_DEADLINE_DEFAULT, &txn));
	code = store_get(txn, guid, NTMS_LIBREQUEST, &request);
	store_abort(txn);
	*over = code || request_is_final(&request);
	return request.librequest;
}

/* Until a person may do his part: false when it is over before. */
static bool wait_open(const NTMS_GUID *operation, int watch)
{
	struct pollfd changed = {.fd = watch, .events = POLLIN};
	bool over;

	for (;;) {
		struct obj_librequest request = request_now(operation, &over);

		if (over)
			return false;
		snprintf(seat->waits, sizeof(seat->waits), "%s", request.waits_for);
		if (request.phase & PHASE_OPEN && strstr(request.waits_for, "person"))
			return true;
		poll(&changed, 1, -1);
		store_watch_drain(watch);
	}
}

/* The person tries until he has done it: whoever locks and unlocks the port may have died. */
static void do_a_persons_part(const char *what, const NTMS_GUID *operation, const char *barcode)
{
	struct session *ours = session;
	struct pollfd changed = {.events = POLLIN};
	DWORD code = ERROR_BUSY;

	begin_call(what);
	well(store_watch_open(ours->system->store, &changed.fd));
	while (code == ERROR_BUSY && wait_open(operation, changed.fd)) {
		code = barcode ? fx_put_in(RSM_VIRTUAL_PORT, 1, barcode)
			       : fx_take_out(RSM_VIRTUAL_PORT, 1);
		if (code == ERROR_BUSY)
			poll(&changed, 1, 100);
	}
	store_watch_close(changed.fd);
	end_call(code);
}

static void eject(const NTMS_GUID *cartridge)
{
	NTMS_GUID media = *cartridge, operation;
	DWORD code = CALL("EjectNtmsMedia",
			  EjectNtmsMedia(session, &media, &operation, NTMS_EJECT_START));

	/* It is still where its last journey has brought it, or is looked at. */
	if (code == ERROR_BUSY || code == ERROR_LIBRARY_OFFLINE)
		return;
	well(code);
	do_a_persons_part("a person takes it out", &operation, NULL);
	CALL("RsmWaitForRequest, eject", RsmWaitForRequest(session, &operation, PATIENCE_MS));
}

static void inject(const char *barcode)
{
	NTMS_GUID library = fx_library, operation;

	well(CALL("InjectNtmsMedia",
		  InjectNtmsMedia(session, &library, &operation, NTMS_INJECT_START)));
	do_a_persons_part("a person puts it in", &operation, barcode);
	CALL("RsmWaitForRequest, inject", RsmWaitForRequest(session, &operation, PATIENCE_MS));
}

/* Ejects and injects that nobody is there for any more. */
static void stop_what_is_open(void)
{
	static NTMS_GUID list[4096];
	NTMS_GUID library = fx_library;
	DWORD count = 4096, code;
	bool over;

	well(CALL("EnumerateNtmsObject",
		  EnumerateNtmsObject(session, &library, list, &count, NTMS_LIBREQUEST, 0)));
	for (DWORD i = 0; i < count; i++) {
		struct obj_librequest request = request_now(&list[i], &over);

		if (over)
			continue;
		if (request.operation == NTMS_LM_EJECT)
			code = CALL("EjectNtmsMedia, STOP",
				    EjectNtmsMedia(session, NULL, &list[i], NTMS_EJECT_STOP));
		else if (request.operation == NTMS_LM_INJECT)
			code = CALL("InjectNtmsMedia, STOP",
				    InjectNtmsMedia(session, &library, &list[i], NTMS_INJECT_STOP));
		else
			continue;
		/* It may be over meanwhile. */
		if (code != ERROR_OBJECT_NOT_FOUND)
			either(code, ERROR_INVALID_OPERATION);
		CALL("RsmWaitForRequest, stop", RsmWaitForRequest(session, &list[i], PATIENCE_MS));
	}
}

static void purge(void)
{
	static NTMS_GUID list[4096];
	DWORD count = 4096;

	well(CALL("EnumerateNtmsObject",
		  EnumerateNtmsObject(session, NULL, list, &count, NTMS_LIBREQUEST, 0)));
	if (count)
		well(CALL("DeleteNtmsRequests",
			  DeleteNtmsRequests(session, list, NTMS_LIBREQUEST, count)));
}

static void inventory(DWORD kind)
{
	NTMS_GUID library = fx_library;

	well(CALL("InventoryNtmsLibrary", InventoryNtmsLibrary(session, &library, kind)));
}

static void administrator(void)
{
	open_session();
	stop_what_is_open();
	for (;;) {
		unsigned int which = any(&state, CARRIED);
		const char *barcode = board->barcodes[CARTRIDGES - CARRIED + which];

		for (int i = 0; i < CARRIED; i++)
			if (!fx_where(board->barcodes[CARTRIDGES - CARRIED + i]))
				inject(board->barcodes[CARTRIDGES - CARRIED + i]);
		rest();
		switch (any(&state, 8)) {
		case 0 ... 3:
			if (fx_where(barcode))
				eject(&board->carried[which]);
			break;
		case 4 ... 5:
			purge();
			break;
		case 6:
			inventory(NTMS_INVENTORY_FAST);
			break;
		default:
			inventory(any(&state, 8) ? NTMS_INVENTORY_FAST : NTMS_INVENTORY_OMID);
			break;
		}
		be_busy();
	}
}

_Noreturn void party_work(int place, uint64_t seed, const struct child *parent)
{
	static void (*const works[PARTY_KINDS])(void) = {application, server, run_rsmd, reader,
							 administrator};

	number = place;
	seat = &board->seats[place];
	state = seed;
	supervisor = parent;
	points_watch(&board->fuse, &seat->doomed);
	works[party_of(place)]();
	_exit(0);
}
