/* SPDX-License-Identifier: GPL-2.0-only */
/* test-store-crash.c - processes that are killed, full disks, damaged files: nothing is lost */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <time.h>
#include "store-test.h"

TestSuite(store_crash, .init = make_home_name, .fini = remove_home);

/*
 * The unit of these tests: a cartridge and its two sides, made by one transaction
 * which also counts them in the computer object. All of it is there or none.
 */
static void name_of(char *name, int writer, uint64_t number, const char *what)
{
	snprintf(name, OBJ_NAME_SIZE, "w%d-%llu%s", writer, (unsigned long long)number, what);
}

static DWORD add_group(struct txn *txn, int writer, uint64_t number, const NTMS_GUID *computer)
{
	struct object media = {.type = NTMS_PHYSICAL_MEDIA}, total;
	DWORD code;

	name_of(media.name, writer, number, "");
	snprintf(media.media.barcode, sizeof(media.media.barcode), "B%llu",
		 (unsigned long long)number);
	code = store_insert(txn, &media);
	for (uint32_t i = 0; !code && i < 2; i++) {
		struct object side = {.type = NTMS_PARTITION};

		name_of(side.name, writer, number, i ? "b" : "a");
		side.side.media = media.guid;
		side.side.side = i;
		side.side.state = NTMS_PARTSTATE_AVAILABLE;
		side.side.usable = 1;
		code = store_insert(txn, &side);
	}
	if (!code)
		code = store_get(txn, computer, NTMS_COMPUTER, &total);
	if (code)
		return code;
	total.computer.next_sequence_number++;
	return store_update(txn, &total);
}

static DWORD write_group(struct store *store, int writer, uint64_t number,
			 const NTMS_GUID *computer)
{
	struct txn *txn;
	DWORD code;

	code = store_begin(store, STORE_DEADLINE_DEFAULT, &txn);
	if (code)
		return code;
	code = add_group(txn, writer, number, computer);
	if (code) {
		store_abort(txn);
		return code;
	}
	return store_commit(txn);
}

static size_t named(struct txn *txn, int writer, uint64_t number, const char *what)
{
	char name[OBJ_NAME_SIZE];
	struct store_key key;
	size_t count;

	name_of(name, writer, number, what);
	key_start(&key);
	key_text(&key, name);
	must(store_count(txn, IX_NAME, &key, &count));
	return count;
}

/* 1 when group @number is there, 0 when nothing of it is; anything between fails. */
static int has_group(struct txn *txn, int writer, uint64_t number)
{
	size_t media = named(txn, writer, number, ""), a = named(txn, writer, number, "a"),
	       b = named(txn, writer, number, "b");

	cr_assert(media == a && a == b && media <= 1, "w%d-%llu is there by part: %zu %zu %zu",
		  writer, (unsigned long long)number, media, a, b);
	return (int)media;
}

static NTMS_GUID make_computer(struct store *store)
{
	struct object obj = {.type = NTMS_COMPUTER};
	struct txn *txn = begin(store);

	must(store_insert(txn, &obj));
	must(store_commit(txn));
	return obj.guid;
}

static uint64_t total_of(struct store *store, const NTMS_GUID *computer)
{
	struct txn *txn = begin(store);
	struct object obj;

	must(store_get(txn, computer, NTMS_COMPUTER, &obj));
	store_abort(txn);
	return obj.computer.next_sequence_number;
}

/* Groups 1 to @last of @writer are there, and no later one. */
static void check_groups(struct store *store, int writer, uint64_t last)
{
	struct txn *txn = begin(store);

	for (uint64_t i = 1; i <= last; i++)
		cr_assert(has_group(txn, writer, i), "w%d-%llu is lost", writer,
			  (unsigned long long)i);
	cr_assert_not(has_group(txn, writer, last + 1));
	store_abort(txn);
}

/* --- kill -9 ------------------------------------------------------------------------ */

#define WRITERS 3
#define KILLS	100 /* or what RSM_TEST_KILLS says */

struct progress {
	volatile uint64_t committed[WRITERS];
	volatile uint64_t tried[WRITERS];
};

static pid_t start_writer(int writer, struct progress *progress, const NTMS_GUID *computer)
{
	pid_t child = fork();
	struct store *store;

	if (child)
		return child;
	die_with_parent();
	child_must(store_open(home, false, &store));
	for (;;) {
		uint64_t number = progress->committed[writer] + 1;

		progress->tried[writer] = number;
		child_must(write_group(store, writer, number, computer));
		progress->committed[writer] = number;
	}
}

/* A commit that the writer did not live to see the end of may have happened. */
static void settle_last(struct store *store, int writer, struct progress *progress)
{
	struct txn *txn = begin(store);
	uint64_t next = progress->committed[writer] + 1;

	if (progress->tried[writer] == next && has_group(txn, writer, next))
		progress->committed[writer] = next;
	store_abort(txn);
}

static uint64_t dice(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

/* Chance decides where in its work the victim is: up to 12 ms from now. */
static void wait_for_chance(uint64_t *state)
{
	struct timespec moment = {.tv_nsec = (long)(dice(state) % 12000000)};

	nanosleep(&moment, NULL);
}

Test(store_crash, what_was_committed_survives_kill_9, .timeout = 240)
{
	struct progress *progress = shared_page(sizeof(*progress));
	struct store *store = open_store();
	NTMS_GUID computer = make_computer(store);
	uint64_t chance = (uint64_t)getpid(), sum = 0;
	const char *text = getenv("RSM_TEST_KILLS");
	int kills = text ? atoi(text) : KILLS;
	pid_t writers[WRITERS];

	for (int i = 0; i < WRITERS; i++)
		writers[i] = start_writer(i, progress, &computer);
	for (int i = 0; i < kills; i++) {
		int victim = (int)(dice(&chance) % WRITERS), status;

		wait_for_chance(&chance);
		cr_assert_eq(kill(writers[victim], SIGKILL), 0);
		cr_assert_eq(waitpid(writers[victim], &status, 0), writers[victim]);
		cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
			  "a writer ended by itself");
		settle_last(store, victim, progress);
		writers[victim] = start_writer(victim, progress, &computer);
	}
	for (int i = 0; i < WRITERS; i++) {
		kill(writers[i], SIGKILL);
		cr_assert_eq(waitpid(writers[i], NULL, 0), writers[i]);
		settle_last(store, i, progress);
		sum += progress->committed[i];
	}
	cr_assert_gt(sum, WRITERS);
	for (int i = 0; i < WRITERS; i++)
		check_groups(store, i, progress->committed[i]);
	cr_assert_eq(total_of(store, &computer), sum);
	check_store(store, 1 + 3 * sum);
	store_close(store);
}

/* As after a power cut: regions and mark are of another start of the machine. */
Test(store_crash, regions_of_another_boot_are_not_trusted)
{
	struct store *store = open_store();
	NTMS_GUID computer = make_computer(store);
	char path[PATH_MAX + 16], zeros[64] = "";
	int fd;

	for (uint64_t i = 1; i <= 20; i++)
		must(write_group(store, 0, i, &computer));
	store_close(store);
	/* Whatever there is in the regions; the boot in the state file is no longer ours. */
	snprintf(path, sizeof(path), "%s/__db.003", home);
	cr_assert_eq(truncate(path, 8192), 0);
	snprintf(path, sizeof(path), "%s/state", home);
	fd = open(path, O_RDWR);
	cr_assert_geq(fd, 0);
	cr_assert_eq(pwrite(fd, zeros, sizeof(zeros), 32), (ssize_t)sizeof(zeros));
	close(fd);
	store = open_store();
	check_groups(store, 0, 20);
	check_store(store, 61);
	store_close(store);
}

/* Files that are about this run of the machine only can go without harm. */
Test(store_crash, what_can_be_made_anew_is_made_anew)
{
	static const char *const files[] = {"__db.", "state", "changes",
					    "feed",  "lock",  "__db.001"};
	char path[PATH_MAX + 16];
	struct store *store = open_store();
	NTMS_GUID computer = make_computer(store);
	uint64_t number = 0;

	store_close(store);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		store = open_store();
		must(write_group(store, 0, ++number, &computer));
		store_close(store);
		cr_assert_gt(remove_files(files[i]), 0);
		store = open_store();
		check_groups(store, 0, number);
		store_close(store);
	}
	/* Nonsense in the state file is as good as none. */
	snprintf(path, sizeof(path), "%s/state", home);
	cr_assert_eq(truncate(path, 3), 0);
	store = open_store();
	check_groups(store, 0, number);
	check_store(store, 1 + 3 * number);
	store_close(store);
}

Test(store_crash, regions_removed_under_a_running_process)
{
	struct store *store = open_store(), *other;
	NTMS_GUID computer = make_computer(store);

	must(write_group(store, 0, 1, &computer));
	cr_assert_gt(remove_files("__db."), 0);
	other = open_store();
	must(write_group(other, 0, 2, &computer));
	must(write_group(store, 0, 3, &computer));
	must(write_group(other, 0, 4, &computer));
	check_groups(store, 0, 4);
	check_store(other, 13);
	store_close(store);
	store_close(other);
}

/* --- damage --------------------------------------------------------------------------- */

/* A database whose pages are all on disk, and nothing of it in memory. */
static NTMS_GUID make_cold(uint64_t groups)
{
	struct store *store = open_store();
	NTMS_GUID computer = make_computer(store);
	struct txn *txn = begin(store);

	for (uint64_t i = 1; i <= groups; i++)
		must(add_group(txn, 0, i, &computer));
	must(store_commit(txn));
	store_close(store);
	/* Recovery ends with a checkpoint. */
	cr_assert_gt(remove_files("__db."), 0);
	store_close(open_store());
	cr_assert_gt(remove_files("__db."), 0);
	return computer;
}

/* Overwrite part of every page from @first on. */
static void damage(const char *name, off_t first)
{
	char path[PATH_MAX + 16], junk[64];
	struct stat info;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", home, name);
	fd = open(path, O_RDWR);
	cr_assert_geq(fd, 0);
	cr_assert_eq(fstat(fd, &info), 0);
	cr_assert_gt(info.st_size, 3 * 4096);
	memset(junk, 0xa5, sizeof(junk));
	for (off_t page = first; page < info.st_size / 4096; page++)
		cr_assert_eq(pwrite(fd, junk, sizeof(junk), page * 4096 + 100),
			     (ssize_t)sizeof(junk));
	close(fd);
}

static void expect_failure_of_open(const char *what)
{
	struct store *store;

	for (int i = 0; i < 2; i++) {
		must_be(store_open(home, true, &store), ERROR_DATABASE_FAILURE);
		cr_assert_null(store);
		cr_assert_not_null(strstr(ntms_said(), home), "%s", ntms_said());
		cr_assert_not_null(strstr(ntms_said(), what), "%s: %s", what, ntms_said());
	}
}

/* The process goes on as if nothing had been: another database works. */
static void expect_all_well(void)
{
	char damaged[PATH_MAX];
	struct store *store;
	NTMS_GUID computer;

	memcpy(damaged, home, sizeof(damaged));
	make_home_name();
	store = open_store();
	computer = make_computer(store);
	must(write_group(store, 0, 1, &computer));
	check_store(store, 4);
	store_close(store);
	remove_home();
	memcpy(home, damaged, sizeof(home));
}

Test(store_crash, a_damaged_first_page_is_a_database_failure)
{
	make_cold(100);
	damage("objects", 0);
	expect_failure_of_open("objects");
	expect_all_well();
}

static void damaged_pages(const char *name)
{
	NTMS_GUID computer = make_cold(200);
	struct object obj;
	struct store *store;
	struct txn *txn;
	DWORD code;

	damage(name, 1);
	code = store_open(home, true, &store);
	/* Found at once, or when a page is read. */
	if (code == ERROR_SUCCESS) {
		txn = begin(store);
		code = store_get(txn, &computer, NTMS_UNKNOWN, &obj);
		if (!code)
			code = store_delete(txn, &computer);
		store_abort(txn);
		cr_assert_eq(code, ERROR_DATABASE_FAILURE, "%u %s", code, ntms_said());
		expect_all_well();
		store_close(store);
	}
	cr_assert_eq(code, ERROR_DATABASE_FAILURE);
	expect_all_well();
}

Test(store_crash, damaged_objects_are_a_database_failure)
{
	damaged_pages("objects");
}

Test(store_crash, a_damaged_index_is_a_database_failure)
{
	damaged_pages("index");
}

/* One bad page among good ones: what is on the others can still be had. */
Test(store_crash, what_is_not_damaged_can_be_read)
{
	NTMS_GUID computer = make_cold(400);
	char path[PATH_MAX + 16];
	struct store *store;
	struct stat info;
	struct txn *txn;
	size_t good = 0, bad = 0, count;
	struct store_key key;
	struct object obj;
	NTMS_GUID *list;
	int fd;

	(void)computer;
	snprintf(path, sizeof(path), "%s/objects", home);
	fd = open(path, O_RDWR);
	cr_assert_eq(fstat(fd, &info), 0);
	cr_assert_eq(pwrite(fd, "XXXXXXXX", 8, info.st_size / 8192 * 4096 + 2048), 8);
	close(fd);
	store = open_store();
	txn = begin(store);
	key_start(&key);
	must(store_list(txn, IX_TYPE, &key, 0, &list, &count));
	store_abort(txn);
	for (size_t i = 0; i < count; i++) {
		DWORD code;

		txn = begin(store);
		code = store_get(txn, &list[i], NTMS_UNKNOWN, &obj);
		store_abort(txn);
		good += code == ERROR_SUCCESS;
		bad += code == ERROR_DATABASE_FAILURE;
		if (bad > 3)
			break;
	}
	free(list);
	cr_assert_gt(good, 0);
	cr_assert_gt(bad, 0);
	store_close(store);
}

Test(store_crash, missing_files_are_a_database_failure)
{
	static const char *const files[] = {"objects", "index", "log."};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		make_cold(50);
		cr_assert_gt(remove_files(files[i]), 0);
		expect_failure_of_open(files[i]);
		cr_assert_eq(remove_files(files[i]), 0, "%s was made anew", files[i]);
		remove_files("");
	}
}

/* @length bytes at @offset of the log exchanged for @bytes, which gets what was there. */
static void swap_log(off_t offset, uint8_t *bytes, size_t length)
{
	char path[PATH_MAX + 32];
	uint8_t there[64];
	int fd;

	snprintf(path, sizeof(path), "%s/log.0000000001", home);
	fd = open(path, O_RDWR);
	cr_assert_geq(fd, 0);
	cr_assert_eq(pread(fd, there, length, offset), (ssize_t)length);
	cr_assert_eq(pwrite(fd, bytes, length, offset), (ssize_t)length);
	memcpy(bytes, there, length);
	close(fd);
}

/*
 * A log that cannot be read in its middle is not recovered from, which would erase
 * the rest; when it can be read again all is there.
 */
Test(store_crash, a_damaged_log_is_a_database_failure_and_not_made_worse)
{
	static const off_t places[] = {20000, 40000, 100000};
	struct store *store = open_store();
	NTMS_GUID computer = make_computer(store);
	uint8_t bytes[64];

	for (uint64_t i = 1; i <= 100; i++)
		must(write_group(store, 0, i, &computer));
	store_close(store);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		cr_assert_gt(remove_files("__db."), 0);
		memset(bytes, 0x5a, sizeof(bytes));
		swap_log(places[i], bytes, sizeof(bytes));
		expect_failure_of_open("log");
		swap_log(places[i], bytes, sizeof(bytes));
		store = open_store();
		check_groups(store, 0, 100);
		check_store(store, 301);
		store_close(store);
	}
	expect_all_well();
}

Test(store_crash, files_cut_short_are_a_database_failure)
{
	char path[PATH_MAX + 16];

	make_cold(200);
	snprintf(path, sizeof(path), "%s/objects", home);
	cr_assert_eq(truncate(path, 0), 0);
	expect_failure_of_open("objects");
	expect_all_well();
}

/* In a child: how many objects there are, all in order. */
static size_t child_count(struct store *store)
{
	struct txn *txn;
	size_t count;

	child_must(store_begin(store, STORE_DEADLINE_DEFAULT, &txn));
	child_must(store_check(txn, &count));
	store_abort(txn);
	return count;
}

/* --- no space ---------------------------------------------------------------------------- */

/* Write groups until it fails, which it does in the way it should. */
static uint64_t write_until_full(struct store *store, uint64_t number, const NTMS_GUID *computer)
{
	DWORD code;

	while ((code = write_group(store, 0, number + 1, computer)) == ERROR_SUCCESS) {
		number++;
		if (number > 200000)
			return 0;
	}
	if (code != ERROR_DATABASE_FULL) {
		fprintf(stderr, "not full: %u %s\n", code, ntms_said());
		return 0;
	}
	return number;
}

/* Exit status of the child: 0 if the limit came as it should. */
static int with_file_limit(rlim_t size)
{
	struct rlimit limit = {.rlim_cur = size, .rlim_max = RLIM_INFINITY};
	struct store *store;
	NTMS_GUID computer;
	uint64_t number;
	size_t count;

	/* The library meddles with no signals: a program with a limit ignores this one. */
	signal(SIGXFSZ, SIG_IGN);
	child_must(store_open(home, true, &store));
	computer = make_computer(store);
	limit.rlim_max = RLIM_INFINITY;
	if (setrlimit(RLIMIT_FSIZE, &limit))
		return 3;
	number = write_until_full(store, 0, &computer);
	if (!number)
		return 4;
	/* Again, so that what a failure leaves behind is met by the next one. */
	if (write_until_full(store, number, &computer) != number)
		return 5;
	limit.rlim_cur = RLIM_INFINITY;
	if (setrlimit(RLIMIT_FSIZE, &limit))
		return 6;
	for (uint64_t i = 1; i <= 10; i++)
		child_must(write_group(store, 0, number + i, &computer));
	number += 10;
	count = child_count(store);
	if (count != 1 + 3 * number)
		return 7;
	store_close(store);
	return 0;
}

Test(store_crash, a_file_size_limit_is_a_full_database, .timeout = 120)
{
	static const rlim_t limits[] = {40000, 65536, 100001, 300000, 1000000};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			_exit(with_file_limit(limits[i]));
		status = status_of(child);
		cr_assert_eq(status, 0, "limit %llu: status %d", (unsigned long long)limits[i],
			     status);
		remove_files("");
	}
}

/* Once a call has failed the transaction cannot be committed, space or no space. */
static int commit_after_failure(rlim_t size)
{
	struct rlimit limit = {.rlim_cur = size, .rlim_max = RLIM_INFINITY};
	struct store *store;
	NTMS_GUID computer;
	struct txn *txn;
	DWORD code = ERROR_SUCCESS;

	signal(SIGXFSZ, SIG_IGN);
	child_must(store_open(home, true, &store));
	computer = make_computer(store);
	child_must(store_begin(store, STORE_DEADLINE_DEFAULT, &txn));
	if (setrlimit(RLIMIT_FSIZE, &limit))
		return 3;
	for (uint64_t number = 1; !code && number < 100000; number++)
		code = add_group(txn, 0, number, &computer);
	if (code != ERROR_DATABASE_FULL)
		return 4;
	limit.rlim_cur = RLIM_INFINITY;
	if (setrlimit(RLIMIT_FSIZE, &limit))
		return 5;
	if (store_commit(txn) != ERROR_DATABASE_FULL)
		return 6;
	if (child_count(store) != 1)
		return 7;
	child_must(write_group(store, 0, 1, &computer));
	if (child_count(store) != 4)
		return 8;
	store_close(store);
	return 0;
}

Test(store_crash, what_failed_by_half_is_not_committed, .timeout = 120)
{
	static const rlim_t limits[] = {40000, 100001, 1000000};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			_exit(commit_after_failure(limits[i]));
		status = status_of(child);
		cr_assert_eq(status, 0, "limit %llu: status %d", (unsigned long long)limits[i],
			     status);
		remove_files("");
	}
}

#define NO_MOUNT 77

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return written;
}

/* A small file system of our own at the home directory: as root, or as root of a namespace. */
static bool mount_small(const char *options)
{
	char uids[64], gids[64];
	uid_t uid = getuid();

	if (uid == 0) {
		if (unshare(CLONE_NEWNS))
			return false;
	} else {
		snprintf(uids, sizeof(uids), "0 %u 1", uid);
		snprintf(gids, sizeof(gids), "0 %u 1", getgid());
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) ||
		    !write_text("/proc/self/setgroups", "deny") ||
		    !write_text("/proc/self/uid_map", uids) ||
		    !write_text("/proc/self/gid_map", gids))
			return false;
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", home, "tmpfs", 0, options) == 0;
}

/* Take all the space but @left bytes. */
static bool fill_disk(long left)
{
	char path[PATH_MAX + 16];
	struct statvfs info;
	off_t size;
	int fd;

	snprintf(path, sizeof(path), "%s/filler", home);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || statvfs(home, &info))
		return false;
	size = (off_t)info.f_bavail * (off_t)info.f_bsize - left;
	if (size > 0 && posix_fallocate(fd, 0, size))
		return false;
	close(fd);
	return true;
}

static int on_full_disk(long left)
{
	char path[PATH_MAX + 16];
	struct store *store;
	NTMS_GUID computer;
	uint64_t number;
	size_t count;

	if (!mount_small("size=24m"))
		return NO_MOUNT;
	child_must(store_open(home, true, &store));
	computer = make_computer(store);
	child_must(write_group(store, 0, 1, &computer));
	if (!fill_disk(left))
		return 3;
	number = write_until_full(store, 1, &computer);
	if (!number)
		return 4;
	for (int i = 0; i < 5; i++) {
		if (write_until_full(store, number, &computer) != number)
			return 5;
	}
	snprintf(path, sizeof(path), "%s/filler", home);
	if (unlink(path))
		return 6;
	for (uint64_t i = 1; i <= 10; i++)
		child_must(write_group(store, 0, number + i, &computer));
	number += 10;
	store_close(store);
	/* And so does what is read from disk alone. */
	remove_files("__db.");
	child_must(store_open(home, false, &store));
	count = child_count(store);
	store_close(store);
	return count == 1 + 3 * number ? 0 : 7;
}

#define MANY 4000

/*
 * One transaction larger than the cache and the disk, by somebody who does not look
 * at what the calls return before the last one.
 */
static int too_much_at_once(long left)
{
	char path[PATH_MAX + 16];
	struct store *store;
	NTMS_GUID computer;
	struct txn *txn;
	DWORD code;

	if (!mount_small("size=24m"))
		return NO_MOUNT;
	child_must(store_open(home, true, &store));
	computer = make_computer(store);
	child_must(write_group(store, 0, 1, &computer));
	if (!fill_disk(left))
		return 3;
	for (int i = 0; i < 3; i++) {
		code = store_begin(store, STORE_DEADLINE_DEFAULT, &txn);
		/* When the environment did not survive it, recovery has no space either. */
		if (code == ERROR_DATABASE_FULL)
			continue;
		child_must(code);
		for (uint64_t number = 2; number < 2 + MANY; number++)
			add_group(txn, 0, number, &computer);
		code = store_commit(txn);
		if (code != ERROR_DATABASE_FULL) {
			fprintf(stderr, "%ld left: %u %s\n", left, code, ntms_said());
			return 4;
		}
	}
	snprintf(path, sizeof(path), "%s/filler", home);
	if (unlink(path))
		return 5;
	if (child_count(store) != 4)
		return 6;
	child_must(write_group(store, 0, 2, &computer));
	if (child_count(store) != 7)
		return 7;
	store_close(store);
	return 0;
}

Test(store_crash, a_transaction_too_large_for_the_disk_leaves_nothing, .timeout = 240)
{
	/* Steps small enough for the end of the disk to be met by the log, by a region ... */
	for (long left = 0; left < 1000000; left += 40000) {
		pid_t child = fork();
		int status;

		if (child == 0)
			_exit(too_much_at_once(left));
		status = status_of(child);
		if (status == NO_MOUNT)
			cr_skip_test("needs root or user namespaces to mount a small tmpfs");
		cr_assert_eq(status, 0, "%ld bytes left: status %d", left, status);
	}
}

Test(store_crash, a_full_disk_is_a_full_database, .timeout = 240)
{
	static const long left[] = {0, 4096, 12288, 100000, 1000000, 3000000, 6000000};

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			_exit(on_full_disk(left[i]));
		status = status_of(child);
		if (status == NO_MOUNT)
			cr_skip_test("needs root or user namespaces to mount a small tmpfs");
		cr_assert_eq(status, 0, "%ld bytes left: status %d", left[i], status);
	}
}

/* Recovery needs space too: without it the database waits, unharmed. */
static int recover_on_full_disk(void)
{
	char path[PATH_MAX + 16];
	struct store *store;
	NTMS_GUID computer;
	struct txn *txn;
	int full = 0;
	DWORD code;

	if (!mount_small("size=24m"))
		return NO_MOUNT;
	child_must(store_open(home, true, &store));
	computer = make_computer(store);
	/* Enough to do for the recovery to need more room than it begins with. */
	child_must(store_begin(store, STORE_DEADLINE_DEFAULT, &txn));
	for (uint64_t number = 1; number <= 1000; number++)
		child_must(add_group(txn, 0, number, &computer));
	child_must(store_commit(txn));
	store_close(store);
	snprintf(path, sizeof(path), "%s/filler", home);
	/* From nothing to enough; what is never seen is a signal. */
	for (long left = 20000; left < 8000000; left += 100000) {
		remove_files("__db.");
		if (!fill_disk(left))
			return 3;
		code = store_open(home, true, &store);
		if (code == ERROR_SUCCESS)
			store_close(store);
		else if (code == ERROR_DATABASE_FULL)
			full++;
		else
			return 4;
		if (unlink(path))
			return 5;
	}
	if (full < 3 || code != ERROR_SUCCESS)
		return 6;
	child_must(store_open(home, true, &store));
	child_must(write_group(store, 0, 1001, &computer));
	if (child_count(store) != 3004)
		return 7;
	store_close(store);
	return 0;
}

Test(store_crash, recovery_without_space_is_a_full_database)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(recover_on_full_disk());
	status = status_of(child);
	if (status == NO_MOUNT)
		cr_skip_test("needs root or user namespaces to mount a small tmpfs");
	cr_assert_eq(status, 0, "status %d", status);
}

/* --- a beginning that is interrupted ----------------------------------------------------- */

Test(store_crash, who_dies_making_the_database_leaves_one_that_can_be_made, .timeout = 120)
{
	uint64_t chance = (uint64_t)getpid();
	struct store *store;

	for (int i = 0; i < 40; i++) {
		pid_t child = fork();

		if (child == 0) {
			die_with_parent();
			child_must(store_open(home, true, &store));
			_exit(0);
		}
		wait_for_chance(&chance);
		kill(child, SIGKILL);
		cr_assert_eq(waitpid(child, NULL, 0), child);
		store = open_store();
		check_store(store, 0);
		store_close(store);
		remove_files("");
	}
}
