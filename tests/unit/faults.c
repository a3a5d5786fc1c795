/* SPDX-License-Identifier: GPL-2.0-only */
#include "faults.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define NOBODY	   65534
#define PAGE	   4096
#define FILE_LIMIT 65536
#define LOG_FILE   "log.0000000001"
#define STATE_FILE "state"

char fault_said[512];

/* An allocation too large is an error to handle, under the sanitizer too. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static const char *in_home(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", fx_home, name);
	return path;
}

/* ---- in another process ---- */

struct answer {
	DWORD code;
	bool given;
	char said[sizeof(fault_said)];
};

/* @before and @after the session is opened; either may be NULL. */
static DWORD in_child(void (*before)(void), void (*after)(void), fault_call call)
{
	struct answer *answer = mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	HANDLE session;
	int status;
	DWORD code;
	pid_t pid;

	cr_assert_neq(answer, MAP_FAILED);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		if (before)
			before();
		session = OpenNtmsSessionA(NULL, "other", 0);
		if (session == INVALID_HANDLE_VALUE)
			_exit(2);
		if (after)
			after();
		answer->code = call(session);
		strncpy(answer->said, RsmLastMessage(), sizeof(answer->said) - 1);
		answer->given = true;
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(answer->given, "the other process ended with status 0x%x", status);
	code = answer->code;
	memcpy(fault_said, answer->said, sizeof(fault_said));
	munmap(answer, sizeof(*answer));
	return code;
}

static bool become_nobody(void)
{
	return geteuid() != 0 ||
	       (setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
		setresuid(NOBODY, NOBODY, NOBODY) == 0);
}

static void before_other_user(void)
{
	if (!become_nobody())
		_exit(3);
}

DWORD fault_other_user(fault_call call)
{
	return in_child(before_other_user, NULL, call);
}

static void before_other_broker(void)
{
	char path[128], broker[160];

	snprintf(path, sizeof(path), "%s/other", fx_top);
	snprintf(broker, sizeof(broker), "virtual:%s", path);
	if (RsmCreateVirtualLibrary(path, 1, 2, 1, 1))
		_exit(3);
	setenv("NTMS_BROKER", broker, 1);
}

DWORD fault_other_broker(fault_call call)
{
	return in_child(before_other_broker, NULL, call);
}

/* ---- no space ---- */

static void after_file_limit(void)
{
	struct rlimit limit;
	struct stat status;

	/* The library meddles with no signals: a program with a limit ignores this one. */
	signal(SIGXFSZ, SIG_IGN);
	/* The log has holes to be filled, and is filled beyond the limit already. */
	if (stat(in_home(LOG_FILE), &status) || status.st_blocks * 512 <= FILE_LIMIT)
		_exit(3);
	limit.rlim_cur = FILE_LIMIT;
	limit.rlim_max = RLIM_INFINITY;
	if (setrlimit(RLIMIT_FSIZE, &limit))
		_exit(4);
}

DWORD fault_file_limit(fault_call call)
{
	return in_child(NULL, after_file_limit, call);
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return written;
}

/* A mount name space of our own: as root, or as root of a user name space. */
bool fault_own_mounts(void)
{
	uid_t uid = geteuid();
	char map[64];

	if (uid == 0) {
		if (unshare(CLONE_NEWNS))
			return false;
	} else {
		snprintf(map, sizeof(map), "0 %u 1", uid);
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) || !write_text("/proc/self/uid_map", map))
			return false;
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

void fault_setup_small_disk(void)
{
	if (!fault_own_mounts())
		cr_skip_test("needs root or user namespaces to mount a small tmpfs");
	fx_make_directories(2, 6, 4);
	cr_assert_eq(mount("none", fx_home, "tmpfs", 0, "size=24m,mode=0777"), 0, "%m");
	fx_open_library();
}

static void make_path(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *slash = part + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		cr_assert(mkdir(part, 0755) == 0 || errno == EEXIST, "%s: %m", part);
	}
}

static void make_file(const char *directory, const char *name, const char *content)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	make_path(path);
	file = fopen(path, "w");
	cr_assert(file, "%s: %m", path);
	cr_assert_geq(fputs(content, file), 0);
	cr_assert_eq(fclose(file), 0);
}

void fault_made_up_disk(void)
{
	char directory[PATH_MAX];

	if (!fault_own_mounts())
		cr_skip_test("needs root or user namespaces to mount over /sys");
	cr_assert_eq(mount("none", "/sys", "tmpfs", 0, "size=1m"), 0, "%m");
	snprintf(directory, sizeof(directory), "/sys/dev/char/1:3/device/block/sdz");
	make_file(directory, "size", "1000\n");
	make_file(directory, "dev", "8:400\n");
	make_file(directory, "uevent", "DEVNAME=sdz\n");
}

static void fill_disk(void)
{
	int fd = open(in_home("filler"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct statvfs info;

	cr_assert_geq(fd, 0);
	cr_assert_eq(statvfs(fx_home, &info), 0);
	cr_assert_eq(posix_fallocate(fd, 0, (off_t)(info.f_bavail * info.f_bsize)), 0);
	close(fd);
}

/* Commit small changes for as long as the last page of the log has room for them. */
static void use_up_log(struct object *scratch)
{
	struct session *session = fx_session;
	struct txn *txn;
	DWORD code;

	do {
		must(store_begin(session->system->store, STORE_DEADLINE_DEFAULT, &txn));
		code = store_update(txn, scratch);
		if (code)
			store_abort(txn);
		else
			code = store_commit(txn);
	} while (!code);
	must_be(code, ERROR_DATABASE_FULL);
}

DWORD fault_full_disk(fault_call call)
{
	struct object scratch = {.type = NTMS_DRIVE_TYPE, .name = "scratch"};
	DWORD code;

	fx_insert(&scratch);
	fill_disk();
	use_up_log(&scratch);
	code = call(fx_session);
	strncpy(fault_said, RsmLastMessage(), sizeof(fault_said) - 1);
	cr_assert_eq(unlink(in_home("filler")), 0);
	fx_delete(&scratch.guid);
	return code;
}

/* ---- a damaged database ---- */

static size_t read_all(const char *path, char **bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	cr_assert_geq(fd, 0, "%s: %m", path);
	cr_assert_eq(fstat(fd, &status), 0);
	*bytes = malloc((size_t)status.st_size);
	cr_assert(*bytes);
	cr_assert_eq(read(fd, *bytes, (size_t)status.st_size), status.st_size);
	close(fd);
	return (size_t)status.st_size;
}

static void write_all(const char *path, const char *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0, "%s: %m", path);
	cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

/* As after a restart of the machine: whatever is not in a file is gone. Nobody may be inside. */
static void forget_memory(void)
{
	cr_assert_eq(truncate(in_home(STATE_FILE), 0), 0, "%m");
}

/* Keep everybody out of the database, threads of our own too: the lock of store/lock.c. */
static int keep_out(void)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1};
	int fd = open(in_home("lock"), O_RDWR | O_CLOEXEC);

	cr_assert_geq(fd, 0, "%m");
	cr_assert_eq(fcntl(fd, F_OFD_SETLKW, &range), 0, "%m");
	return fd;
}

DWORD fault_damage(const char *file, fault_call call)
{
	char *good = NULL, *bad = NULL;
	int lock = keep_out();
	size_t size = read_all(in_home(file), &good);
	DWORD code;

	read_all(in_home(file), &bad);
	for (size_t page = 0; page + PAGE <= size; page += PAGE)
		memset(bad + page + 20, 0xa5, 64);
	write_all(in_home(file), bad, size);
	forget_memory();
	close(lock);
	code = call(fx_session);
	strncpy(fault_said, RsmLastMessage(), sizeof(fault_said) - 1);
	/* A worker tries to recover the database all the time: not with half of it good. */
	lock = keep_out();
	write_all(in_home(file), good, size);
	close(lock);
	free(good);
	free(bad);
	return code;
}

void fault_setup_ordinary_user(void)
{
	/* What the suite has made is root's. */
	if (fx_top[0])
		fx_teardown();
	cr_assert(become_nobody());
	unsetenv("TMPDIR");
	fx_setup();
}

DWORD fault_forbidden(fault_call call)
{
	int lock = keep_out();
	struct stat status;
	DWORD code;

	cr_assert_eq(stat(in_home("objects"), &status), 0);
	cr_assert_eq(chmod(in_home("objects"), 0), 0, "%m");
	forget_memory();
	close(lock);
	code = call(fx_session);
	strncpy(fault_said, RsmLastMessage(), sizeof(fault_said) - 1);
	lock = keep_out();
	cr_assert_eq(chmod(in_home("objects"), status.st_mode & 07777), 0);
	close(lock);
	return code;
}

/* ---- no memory ---- */

static size_t memory_left;

static void after_no_memory(void)
{
	unsigned long long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	struct rlimit limit = {.rlim_max = RLIM_INFINITY};
	void *reserve = malloc(memory_left + 1);

	if (!file || fscanf(file, "%llu", &pages) != 1 || !reserve)
		_exit(3);
	fclose(file);
	limit.rlim_cur = (rlim_t)(pages * PAGE);
	if (setrlimit(RLIMIT_AS, &limit))
		_exit(4);
	for (size_t size = (size_t)1 << 24; size >= 16; size /= 2) {
		void *volatile taken;

		do
			taken = malloc(size);
		while (taken);
	}
	if (memory_left)
		free(reserve);
}

void fault_setup_heap(void)
{
#ifdef __SANITIZE_ADDRESS__
	cr_skip_test("the address sanitizer does not survive a full heap");
#endif
	fx_setup();
}

DWORD fault_no_memory(size_t left, fault_call call)
{
	memory_left = left;
	return in_child(NULL, after_no_memory, call);
}

void fault_little_memory(fault_call call)
{
	DWORD code = ERROR_NOT_ENOUGH_MEMORY;
	unsigned int refusals = 0;

	for (size_t left = 0; code; left += left < 8192 ? 512 : left / 4) {
		struct fx_dump *before = fx_dump();

		cr_assert_lt(left, 64 << 20, "it never has enough");
		code = fault_no_memory(left, call);
		if (!code) {
			cr_assert_gt(refusals, 0);
			fx_dump_free(before);
			return;
		}
		refusals++;
		cr_assert_eq(code, ERROR_NOT_ENOUGH_MEMORY, "with %zu bytes: %s, %s", left,
			     RsmErrorName(code), fault_said);
		fx_expect_unchanged(before);
	}
}

/* ---- a database that cannot be had ---- */

static int stand_still(const struct child *parent)
{
	struct store *store;
	struct txn *txn;

	(void)parent;
	child_must(store_open(fx_home, false, &store));
	child_must(store_begin(store, STORE_DEADLINE_DEFAULT, &txn));
	raise(SIGSTOP);
	return 1;
}

DWORD fault_locked_out(fault_call call)
{
	struct child child = start_child(stand_still);
	int status;
	DWORD code;

	cr_assert_eq(waitpid(child.pid, &status, WUNTRACED), child.pid);
	cr_assert(WIFSTOPPED(status), "the other process ended with status 0x%x", status);
	setenv("NTMS_LOCK_TIMEOUT", "200", 1);
	code = call(fx_session);
	strncpy(fault_said, RsmLastMessage(), sizeof(fault_said) - 1);
	unsetenv("NTMS_LOCK_TIMEOUT");
	kill_child(&child);
	return code;
}
