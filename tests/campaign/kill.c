/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kill.c - kill -9 of every party at random points and at each step of its work
 *
 * One round: a library, its database and eight processes that work with it, of which one after the
 * other is killed and followed by another. After each death the truths are looked at; from time to
 * time all rest, and then nothing may be left to be done. scripts/campaign runs many rounds.
 *
 * RSM_CAMPAIGN_RUNS: how many kills. RSM_CAMPAIGN_SEED. RSM_CAMPAIGN_TALLY: a file to add what
 * happened to. RSM_CAMPAIGN_LIMIT_MS: no call may last longer, 5000. RSM_CAMPAIGN_RSMD: the
 * program rsmd, which is one of them then.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "campaign.h"
#include "fixture-kernel.h"

/* Kills between two rests of all. */
#define UNTIL_REST 50
/* Who does not come to where he is to die within this part of the limit dies anyway. */
#define FUSE_PART 20
#define MOVE_MS	  2
#define RANDOM_MS 30

TestSuite(campaign, .timeout = 7200);
TestSuite(power, .timeout = 7200);

const char *const party_names[PARTY_KINDS] = {"application", "server", "rsmd", "reader",
					      "administrator"};

struct board *board;

static struct {
	struct child child;
	int pidfd;
} processes[PARTIES];

static struct {
	uint64_t kills[PARTY_KINDS], points[POINTS];
	uint64_t rests, longest_ns;
	char longest_call[40];
} tally;

static uint64_t seed, state, limit_ns;
static int started;

enum party party_of(int number)
{
	if (number < APPLICATIONS)
		return APPLICATION;
	number -= APPLICATIONS;
	return number < SERVERS ? SERVER : DAEMON + number - SERVERS;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* ---- the processes ---- */

static int starting;

static int work(const struct child *parent)
{
	party_work(starting, seed * 1000003 + (uint64_t)started, parent);
}

static void start(int number)
{
	struct seat *seat = &board->seats[number];

	seat->began_ns = 0;
	seat->call[0] = '\0';
	seat->complaint[0] = '\0';
	seat->doomed = false;
	starting = number;
	started++;
	processes[number].child = start_child(work);
	processes[number].pidfd = pidfd_open(processes[number].child.pid, 0);
	cr_assert_geq(processes[number].pidfd, 0, "%m");
}

/* ---- a call that lasts too long ---- */

static void show_file(pid_t pid, const char *task, const char *name)
{
	char path[300], line[200];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/%s", pid, task, name);
	file = fopen(path, "r");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		fprintf(stderr, "    %s %s: %s\n", task, name, strtok(line, "\n"));
	fclose(file);
}

/* What its threads do: as gdb tells if there is one, else where they are in the kernel. */
static void show_threads(pid_t pid)
{
	char command[160];

	snprintf(command, sizeof(command),
		 "gdb -p %d -batch -ex 'thread apply all bt 14' 2>&1 | grep -E '^#|^Thread' >&2",
		 pid);
	if (system("command -v gdb >/dev/null") == 0 && system(command) == 0)
		return;
	snprintf(command, sizeof(command), "%d", pid);
	show_file(pid, command, "syscall");
	show_file(pid, command, "stack");
}

static uint64_t in_ms(uint64_t ns)
{
	return ns / NSEC_PER_MSEC;
}

static _Noreturn void report_hang(int number, uint64_t lasts_ns)
{
	const struct seat *seat = &board->seats[number];
	char call[40];

	/* It may go on while its threads are looked at. */
	snprintf(call, sizeof(call), "%s", seat->call);
	fprintf(stderr, "%s, process %d: %s lasts %" PRIu64 " ms: %s\n",
		party_names[party_of(number)], processes[number].child.pid, seat->call,
		in_ms(lasts_ns), seat->waits);
	for (int i = 0; i < PARTIES; i++) {
		fprintf(stderr, "%s, process %d, is in %s: %s\n", party_names[party_of(i)],
			processes[i].child.pid,
			board->seats[i].began_ns ? board->seats[i].call : "-",
			board->seats[i].waits);
		show_threads(processes[i].child.pid);
	}
	truths_print();
	cr_assert(false, "%s of a party of kind %s lasts longer than %" PRIu64 " ms: %s", call,
		  party_names[party_of(number)], in_ms(limit_ns), seat->waits);
	abort();
}

static void watch_calls(void)
{
	for (int i = 0; i < PARTIES; i++) {
		uint64_t began_ns = board->seats[i].began_ns, now_ns = clock_monotonic_ns();

		if (began_ns && now_ns > began_ns && now_ns - began_ns > limit_ns)
			report_hang(i, now_ns - began_ns);
	}
}

/* ---- deaths ---- */

static void doom(int number)
{
	board->seats[number].doomed = true;
	for (int i = 0; i < DRIVES; i++) {
		int his = number + 1;

		atomic_compare_exchange_strong(&board->holders[i], &his, 0);
	}
}

static void note_longest(const char *call, uint64_t ns)
{
	if (ns <= tally.longest_ns)
		return;
	tally.longest_ns = ns;
	snprintf(tally.longest_call, sizeof(tally.longest_call), "%s", call);
}

/* It is dead: was it we? */
static void bury(int number)
{
	struct seat *seat = &board->seats[number];
	int status = end_child(&processes[number].child);

	close(processes[number].pidfd);
	doom(number);
	cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
		  "a party of kind %s ended with status 0x%x: %s", party_names[party_of(number)],
		  status, seat->complaint);
	tally.kills[party_of(number)]++;
	tally.points[atomic_exchange(&board->fuse.gone_off, false) ? board->fuse.point
								   : POINT_NONE]++;
	note_longest(seat->longest_call, seat->longest_ns);
}

/* Until somebody dies, or so long; -1: nobody did. */
static int wait_death(int ms)
{
	uint64_t deadline = clock_deadline((uint32_t)ms);
	struct pollfd fds[PARTIES];

	for (;;) {
		int left = clock_poll_ms(deadline);

		for (int i = 0; i < PARTIES; i++)
			fds[i] = (struct pollfd){.fd = processes[i].pidfd, .events = POLLIN};
		if (poll(fds, PARTIES, left < 20 ? left : 20) > 0)
			for (int i = 0; i < PARTIES; i++)
				if (fds[i].revents)
					return i;
		watch_calls();
		if (left == 0)
			return -1;
	}
}

/* The survivors go on, and mend what is to be mended, before anybody looks. */
static void let_survivors_work(void)
{
	uint64_t before = 0, after;

	for (int i = 0; i < PARTIES; i++)
		before += board->seats[i].calls;
	for (int tries = 0; tries < 10; tries++) {
		poll(NULL, 0, 2);
		after = 0;
		for (int i = 0; i < PARTIES; i++)
			after += board->seats[i].calls;
		if (after > before + 2)
			return;
	}
}

static void light_fuse(enum point point, unsigned int passings)
{
	board->fuse.point = POINT_NONE;
	board->fuse.gone_off = false;
	board->fuse.passings = (int)passings;
	board->fuse.point = point;
}

static void put_out_fuse(void)
{
	if (!board->fuse.gone_off)
		board->fuse.point = POINT_NONE;
}

/* Whoever recovers what the dead have left dies, too. */
static void light_recovery(void)
{
	light_fuse(POINT_JOIN + any(&state, 3), 1 + any(&state, 2));
}

/* @mend: whoever survives is to recover what the dead has left, before we do; @die: and to die. */
static void follow(int number, bool mend, bool die)
{
	bury(number);
	if (die)
		light_recovery();
	if (mend)
		let_survivors_work();
	truths_settle(number);
	truths_check("after a death", false);
	start(number);
}

static void kill_now(int number)
{
	doom(number);
	kill(processes[number].child.pid, SIGKILL);
}

/* Somebody dies: by chance, or at some point of his work, if anybody comes there; or he is dead
 * already, by the fuse that was put out after the last death. */
static int kill_somebody(bool by_chance)
{
	int dead;

	if (board->fuse.gone_off)
		by_chance = true;
	else if (!by_chance)
		light_fuse(1 + any(&state, POINTS - 1), 1 + any(&state, 3));
	dead = wait_death(by_chance ? (int)any(&state, RANDOM_MS)
				    : (int)(in_ms(limit_ns) / FUSE_PART));
	if (dead < 0 && !board->fuse.gone_off)
		kill_now((int)any(&state, PARTIES));
	if (dead < 0)
		dead = wait_death(DEADLINE_MS);
	cr_assert_geq(dead, 0, "a process that was killed does not die");
	return dead;
}

static void kill_one(void)
{
	unsigned int how = any(&state, 3);
	int dead = kill_somebody(how == 0);
	bool mend = how == 2 || any(&state, 2);

	follow(dead, mend, how == 2);
	put_out_fuse();
}

/* ---- rests ---- */

/* It has said that it rests; or it has died of a fuse that was put out too late, and another is in
 * its place. */
static bool has_come_to_rest(int number)
{
	struct pollfd fds[2] = {{.fd = processes[number].child.from, .events = POLLIN},
				{.fd = processes[number].pidfd, .events = POLLIN}};
	char byte;

	while (poll(fds, 2, 20) == 0)
		watch_calls();
	if (!(fds[0].revents & POLLIN)) {
		follow(number, false, false);
		return false;
	}
	cr_assert_eq(read(fds[0].fd, &byte, 1), 1);
	return true;
}

static bool can_rest(int number)
{
	const char *program = getenv("RSM_CAMPAIGN_RSMD");

	return party_of(number) != DAEMON || !program || !*program;
}

static void gather(void)
{
	for (int i = 0; i < PARTIES; i++)
		while (can_rest(i) && !has_come_to_rest(i))
			;
}

static bool drives_are_idle(void)
{
	for (int i = 0; i < DRIVES; i++) {
		uint32_t is = fx_get(&board->drives[i], NTMS_DRIVE).device.state;

		if (is != NTMS_DRIVESTATE_DISMOUNTED && is != NTMS_DRIVESTATE_DISMOUNTABLE)
			return false;
	}
	return true;
}

static void rest_all(void)
{
	DWORD code;

	board->rest = true;
	gather();
	fx_session = fx_open();
	/* Who has died with a medium mounted just before all came to rest leaves a drive that is
	 * put right by whoever works the queue next. */
	must(InventoryNtmsLibrary(fx_session, &fx_library, NTMS_INVENTORY_FAST));
	code = RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS);
	/* What the last of it ended with: a dead caller's mount is cancelled. */
	if (code != ERROR_CANCELLED)
		must(code);
	/* The inventory may have become part of a turn that was at work when he died, which is put
	 * right by the next one. */
	fx_wait_until(drives_are_idle);
	fx_close(&fx_session);
	truths_check("at rest", true);
	board->rest = false;
	for (int i = 0; i < PARTIES; i++)
		if (can_rest(i))
			tell_child(&processes[i].child, 'g');
	tally.rests++;
}

/* ---- a round ---- */

static void make_carried(void)
{
	NTMS_GUID pool = fx_make_pool("carried", false, 0);

	for (int i = 0; i < CARRIED; i++) {
		board->carried[i] = fx_free_cartridge(board->barcodes[CARTRIDGES - CARRIED + i]);
		must(MoveToNtmsMediaPool(fx_session, &board->carried[i], &pool));
	}
}

static void make_board(void)
{
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	cr_assert_neq(board, MAP_FAILED);
	for (int i = 0; i < CARTRIDGES; i++)
		snprintf(board->barcodes[i], sizeof(board->barcodes[i]), "V%05dL8", i + 1);
	seed = number_of("RSM_CAMPAIGN_SEED", 1);
	state = seed * 2654435761u + 1;
	limit_ns = number_of("RSM_CAMPAIGN_LIMIT_MS", 5000) * NSEC_PER_MSEC;
}

static void prepare(void)
{
	char name[32];

	fx_make_directories(DRIVES, CARTRIDGES + 2, CARTRIDGES);
	fx_open_library();
	for (int i = 0; i < CARTRIDGES - CARRIED; i++)
		fx_free_cartridge(board->barcodes[i]);
	make_carried();
	for (int i = 0; i < APPLICATIONS; i++) {
		snprintf(name, sizeof(name), "application %d", i);
		board->pools[i] = fx_make_pool(name, true, 0);
	}
	for (unsigned int i = 0; i < DRIVES; i++) {
		board->drives[i] = fx_drive_guid(i);
		fx_set_defer_delay(&board->drives[i], 0);
	}
	if (!kx_wanted())
		fx_slow_robot(MOVE_MS);
	must(RsmWaitForLibrary(fx_session, &fx_library, PATIENCE_MS));
	fx_close(&fx_session);
	truths_open();
}

static void write_tally(FILE *file)
{
	for (int i = 0; i < PARTY_KINDS; i++)
		fprintf(file, "party|%s|%" PRIu64 "\n", party_names[i], tally.kills[i]);
	for (int i = 0; i < POINTS; i++)
		fprintf(file, "point|%s|%" PRIu64 "\n", point_names[i], tally.points[i]);
	for (int i = 0; i < PARTIES; i++)
		for (int k = 0; k < OUTCOMES && board->seats[i].outcomes[k].call[0]; k++) {
			const struct outcome *outcome = &board->seats[i].outcomes[k];

			fprintf(file, "call|%s, %s|%" PRIu64 "\n", outcome->call,
				RsmErrorName(outcome->code), outcome->count);
		}
	fprintf(file, "rests||%" PRIu64 "\n", tally.rests);
	fprintf(file, "longest|%s|%" PRIu64 "\n", tally.longest_call, in_ms(tally.longest_ns));
}

static void report(void)
{
	const char *name = getenv("RSM_CAMPAIGN_TALLY");
	FILE *file = name && *name ? fopen(name, "a") : stdout;

	cr_assert(file, "%s: %m", name);
	for (int i = 0; i < PARTIES; i++)
		note_longest(board->seats[i].longest_call, board->seats[i].longest_ns);
	write_tally(file);
	if (file != stdout)
		cr_assert_eq(fclose(file), 0, "%s: %m", name);
}

static void end_all(void)
{
	for (int i = 0; i < PARTIES; i++)
		kill_child(&processes[i].child);
	truths_close();
}

static void start_all(void)
{
	for (int i = 0; i < PARTIES; i++)
		start(i);
}

Test(campaign, kill)
{
	uint64_t runs = number_of("RSM_CAMPAIGN_RUNS", 500);

	make_board();
	prepare();
	start_all();
	for (uint64_t i = 1; i <= runs; i++) {
		kill_one();
		if (i % UNTIL_REST == 0 || i == runs)
			rest_all();
	}
	report();
	end_all();
	fx_session = fx_open();
	fx_teardown();
}

/* ---- the power is cut ---- */

/* DISK/place names the directory once all is prepared, DISK/journal has the lots. */
static const char *on_disk(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", getenv("RSM_CAMPAIGN_DISK"), name);
	return path;
}

static void open_journal(void)
{
	board->journal = open(on_disk("journal"), O_RDWR | O_CREAT | O_DSYNC, 0600);
	cr_assert_gt(board->journal, 0, "%s: %m", on_disk("journal"));
}

static void prepare_on_disk(void)
{
	int place;

	setenv("TMPDIR", getenv("RSM_CAMPAIGN_DISK"), 1);
	prepare();
	open_journal();
	place = open(on_disk("place"), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	cr_assert_geq(place, 0, "%s: %m", on_disk("place"));
	cr_assert_eq(write(place, fx_top, sizeof(fx_top)), (ssize_t)sizeof(fx_top));
	sync();
	close(place);
}

/* What was there before the power was cut. */
static void find_again(int place)
{
	char broker[128], name[32];

	cr_assert_eq(read(place, fx_top, sizeof(fx_top)), (ssize_t)sizeof(fx_top));
	close(place);
	snprintf(fx_home, sizeof(fx_home), "%.48s/home", fx_top);
	snprintf(fx_vlib, sizeof(fx_vlib), "%.48s/library", fx_top);
	snprintf(broker, sizeof(broker), "virtual:%s", fx_vlib);
	setenv("NTMS_HOME", fx_home, 1);
	setenv("NTMS_BROKER", broker, 1);
	fx_open_library();
	for (int i = 0; i < APPLICATIONS; i++) {
		snprintf(name, sizeof(name), "application %d", i);
		board->pools[i] = fx_find(name, NTMS_MEDIA_POOL);
	}
	for (unsigned int i = 0; i < DRIVES; i++)
		board->drives[i] = fx_drive_guid(i);
	for (int i = 0; i < CARRIED; i++)
		board->carried[i] =
			fx_find(board->barcodes[CARTRIDGES - CARRIED + i], NTMS_PHYSICAL_MEDIA);
	fx_close(&fx_session);
	truths_open();
	open_journal();
}

/* What was written on the media was not synced: it may be there or not. */
static void read_journal(void)
{
	for (int i = 0; i < APPLICATIONS * LOTS; i++) {
		struct lot *lot = &board->seats[i / LOTS].lots[i % LOTS];

		if (pread(board->journal, lot, sizeof(*lot), i * JOURNAL_STEP) != sizeof(*lot))
			lot->state = LOT_NONE;
		lot->written = lot->writing = 0;
	}
	for (int i = 0; i < APPLICATIONS; i++)
		truths_settle(i);
}

/*
 * In a virtual machine that is killed: on a disk that survives. What is there from before is
 * looked at first, then all work, rest once, and work until the power is cut, or for
 * RSM_CAMPAIGN_SECONDS.
 */
Test(power, cut)
{
	int place, dead;

	cr_assert(getenv("RSM_CAMPAIGN_DISK"), "RSM_CAMPAIGN_DISK is not set");
	make_board();
	place = open(on_disk("place"), O_RDONLY | O_CLOEXEC);
	if (place < 0)
		prepare_on_disk();
	else
		find_again(place);
	read_journal();
	truths_check("after the power was cut", false);
	start_all();
	dead = wait_death(200);
	cr_assert_lt(dead, 0, "a party has ended: %s", board->seats[dead < 0 ? 0 : dead].complaint);
	rest_all();
	fprintf(stderr, "campaign: all is well, and all work\n");
	dead = wait_death((int)number_of("RSM_CAMPAIGN_SECONDS", 3600) * 1000);
	cr_assert_lt(dead, 0, "a party has ended: %s", board->seats[dead < 0 ? 0 : dead].complaint);
	rest_all();
	end_all();
}
