/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench.c - what calls cost, beside what Berkeley DB takes for commits alone
 *
 *   bench [--seconds N] [--sides N[,N...]] [--report FILE] DIRECTORY
 *
 * DIRECTORY must be empty, on the disk that is to be measured; what is made there stays. The
 * database grows from one number of sides to the next, and for each of them rounds of raw commits,
 * AllocateNtmsMedia and DeallocateNtmsMedia alternate, so that other work on the machine
 * disturbs all three alike. A raw commit puts, with the settings of our own environment, records
 * of the sizes that an allocation writes, without any index.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/guid.h"
#include "core/access.h"
#include "core/media.h"
#include "core/txn.h"
#include "ntms/ntmsapi.h"
#include "ntms/rsmapi.h"
#include "store/private.h"

#define SIZES_MAX  8
#define ROUNDS_MAX 64
#define ROUND_NS   300000000u /* each of the three parts of a round */
#define BATCH	   5000	      /* cartridges entered in one transaction */
#define KEEP_MAX   65536      /* LMIDs of one round */

static HANDLE session;
static NTMS_GUID library, pool, lto;
static FILE *report;

/* ---- helpers ---- */

static _Noreturn void die(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
	va_end(list);
	exit(1);
}

static void must(DWORD code, const char *what)
{
	if (code)
		die("%s: %s, %s", what, RsmErrorName(code), RsmLastMessage());
}

static void must_db(int error, const char *what)
{
	if (error)
		die("%s: %s", what, db_strerror(error));
}

static void must_be_zero(int answer, const char *what)
{
	if (answer)
		die("%s: %s", what, strerror(errno));
}

/* To the terminal and into the report. */
static void say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	if (report) {
		va_start(list, format);
		vfprintf(report, format, list);
		va_end(list);
	}
	fflush(stdout);
}

static int compare_doubles(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare_doubles);
	return values[count / 2];
}

/* ---- Berkeley DB by itself ---- */

struct raw {
	DB_ENV *env;
	DB *db;
	size_t logical_size, side_size;
	uint32_t next;
};

static struct store *store_of_session(void)
{
	return ((struct session *)session)->system->store;
}

static void raw_open(struct raw *raw, const char *directory)
{
	DB_TXN *txn;

	must_be_zero(mkdir(directory, 0700), directory);
	must_db(db_env_create(&raw->env, 0), "raw environment");
	must_db(raw->env->set_cachesize(raw->env, 0, regions_cache_size(store_of_session()), 1),
		"cache");
	must_db(raw->env->set_lg_max(raw->env, 4u << 20), "log size");
	must_db(raw->env->log_set_config(raw->env, DB_LOG_AUTO_REMOVE, 1), "log");
	must_db(raw->env->open(raw->env, directory,
			       DB_CREATE | DB_INIT_LOG | DB_INIT_MPOOL | DB_INIT_TXN, 0600),
		"raw environment");
	must_db(raw->env->txn_begin(raw->env, NULL, &txn, 0), "raw transaction");
	must_db(db_create(&raw->db, raw->env, 0), "raw database");
	must_db(raw->db->set_pagesize(raw->db, 4096), "page size");
	must_db(raw->db->set_flags(raw->db, DB_CHKSUM), "checksums");
	must_db(raw->db->open(raw->db, txn, "objects", NULL, DB_BTREE, DB_CREATE, 0600),
		"raw database");
	must_db(txn->commit(txn, 0), "raw commit");
}

static void raw_close(struct raw *raw)
{
	must_db(raw->db->close(raw->db, 0), "raw database");
	must_db(raw->env->close(raw->env, 0), "raw environment");
}

static void raw_put(struct raw *raw, DB_TXN *txn, const char *kind, size_t size)
{
	char id[16] = {0}, bytes[sizeof(struct object)] = {0};
	DBT key = {.data = id, .size = sizeof(id)},
	    value = {.data = bytes, .size = (u_int32_t)size};

	snprintf(id, sizeof(id), "%s%08x", kind, raw->next % 1000 * 2654435761u);
	/* All of it is new: of what stays the same Berkeley DB logs nothing. */
	memset(bytes, (int)(raw->next / 1000 + 1), size);
	memcpy(bytes, &raw->next, sizeof(raw->next));
	must_db(raw->db->put(raw->db, txn, &key, &value, 0), "raw put");
}

/* What an allocation writes: an LMID and a side. */
static void raw_commit(struct raw *raw)
{
	DB_TXN *txn;

	must_db(raw->env->txn_begin(raw->env, NULL, &txn, 0), "raw transaction");
	raw->next++;
	raw_put(raw, txn, "lmid", raw->logical_size);
	raw_put(raw, txn, "side", raw->side_size);
	must_db(txn->commit(txn, 0), "raw commit");
	/* As the store does, now and then: a log without a checkpoint grows for ever. */
	if (raw->next % 1000 == 0)
		must_db(raw->env->txn_checkpoint(raw->env, 0, 0, 0), "raw checkpoint");
}

/* ---- the database ---- */

/* Everybody may look into the pool, as into those of the system. */
static void show_pool(void)
{
	struct object obj;
	struct txn *txn;

	must(session_begin((struct session *)session, &txn), "a transaction");
	must(store_get(txn, &pool, NTMS_MEDIA_POOL, &obj), "the pool");
	access_system(&obj.pool.security, 0);
	must(store_update(txn, &obj), "the pool");
	must(store_commit(txn), "a commit");
}

static void make_system(const char *directory)
{
	char path[PATH_MAX], spec[PATH_MAX + 16];
	RSM_DEVICE devices[8];
	struct object media;
	NTMS_GUID tape;
	DWORD count = 8;
	struct txn *txn;

	snprintf(path, sizeof(path), "%s/library", directory);
	snprintf(spec, sizeof(spec), "virtual:%s", path);
	setenv("NTMS_BROKER", spec, 1);
	must(RsmCreateVirtualLibrary(path, 1, 2, 0, 1), "a virtual library");
	snprintf(path, sizeof(path), "%s/home", directory);
	setenv("NTMS_HOME", path, 1);
	session = OpenNtmsSessionA(NULL, "bench", 0);
	if (session == INVALID_HANDLE_VALUE)
		must(GetLastError(), "a session");
	must(RsmListDevices(session, devices, &count), "the devices");
	for (DWORD i = 0; i < count; i++)
		if (devices[i].IsChanger)
			must(RsmManageLibrary(session, devices[i].szSerialNumber, &library),
			     "the library");
	must(RsmWaitForLibrary(session, &library, 60000), "the library's inventory");
	count = 1;
	must(EnumerateNtmsObject(session, &library, &tape, &count, NTMS_PHYSICAL_MEDIA, 0),
	     "the tape");
	must(session_begin((struct session *)session, &txn), "a transaction");
	must(store_get(txn, &tape, NTMS_PHYSICAL_MEDIA, &media), "the tape");
	store_abort(txn);
	lto = media.media.media_type;
	must(CreateNtmsMediaPoolA(session, "bench", &lto, NTMS_CREATE_NEW, NULL, &pool), "a pool");
	show_pool();
}

/* A cartridge that could be one of a large library's, its side available. */
static void enter(struct txn *txn, size_t number)
{
	struct object media = {.type = NTMS_PHYSICAL_MEDIA, .enabled = TRUE, .opstate = NTMS_READY};
	struct object side = {.type = NTMS_PARTITION, .enabled = TRUE, .opstate = NTMS_READY};

	snprintf(media.name, sizeof(media.name), "B%07zuL8", number);
	media.media.library = library;
	media.media.pool = pool;
	media.media.media_type = lto;
	media.media.location_type = NTMS_STORAGESLOT;
	snprintf(media.media.barcode, sizeof(media.media.barcode), "B%07zuL8", number);
	snprintf(media.media.sequence, sizeof(media.media.sequence), "%zu", number);
	media.media.state = NTMS_MEDIASTATE_IDLE;
	media.media.sides = 1;
	must(store_insert(txn, &media), "a cartridge");
	snprintf(side.name, sizeof(side.name), "B%07zuL8 - 1", number);
	side.side.media = media.guid;
	side.side.pool = pool;
	side.side.state = NTMS_PARTSTATE_AVAILABLE;
	side.side.usable = TRUE;
	snprintf(side.side.label_type, sizeof(side.side.label_type), "RSM Free");
	side.side.label_id_length = 16;
	memcpy(side.side.label_id, &media.guid, 16);
	snprintf(side.side.label_info, sizeof(side.side.label_info),
		 "B%07zuL8, free since 2026-11-21", number);
	must(store_insert(txn, &side), "a side");
}

/*
 * The cache is measured for what is there when somebody begins: after a restart, or when somebody
 * has died inside, as this child does.
 */
static void renew_cache(void)
{
	struct txn *txn;
	int status;
	pid_t child = fork();

	if (child == 0) {
		session = OpenNtmsSessionA(NULL, "bench", 0);
		if (session == INVALID_HANDLE_VALUE)
			must(GetLastError(), "a session");
		must(session_begin((struct session *)session, &txn), "a transaction");
		enter(txn, 0);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		die("the process that should die inside did not");
	must(session_begin((struct session *)session, &txn), "a transaction after the death");
	store_abort(txn);
}

/* The size of the cache goes by that of the files. */
static void write_pages(void)
{
	struct txn *txn;
	DB_ENV *env;

	must(session_begin((struct session *)session, &txn), "a transaction");
	env = store_of_session()->env;
	must_db(env->txn_checkpoint(env, 0, 0, DB_FORCE), "a checkpoint");
	store_abort(txn);
}

/* With a cache that large nothing is read from the disk while the database grows. */
static void set_cache(const char *directory, const char *config)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/home/DB_CONFIG", directory);
	if (config) {
		file = fopen(path, "w");
		if (!file || fputs(config, file) < 0 || fclose(file))
			die("cannot write %s", path);
	} else {
		must_be_zero(unlink(path), path);
		write_pages();
	}
	renew_cache();
}

static void grow(const char *directory, size_t from, size_t to)
{
	uint64_t began = clock_monotonic_ns();

	set_cache(directory, "set_cachesize 2 0 1\n");
	while (from < to) {
		struct txn *txn;
		size_t end = from + BATCH < to ? from + BATCH : to;

		must(session_begin((struct session *)session, &txn), "a transaction");
		for (; from < end; from++)
			enter(txn, from);
		must(store_commit(txn), "a commit");
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r%zu sides", from);
	}
	set_cache(directory, NULL);
	say("\n%zu sides, entered in %.0f s\n", to, (double)(clock_monotonic_ns() - began) / 1e9);
}

/* ---- calls ---- */

static NTMS_GUID kept[KEEP_MAX];

static void allocate(NTMS_GUID *lmid)
{
	must(AllocateNtmsMedia(session, &pool, NULL, lmid, NTMS_ALLOCATE_ERROR_IF_UNAVAILABLE, 0,
			       NULL),
	     "AllocateNtmsMedia");
}

static void deallocate(NTMS_GUID *lmid)
{
	must(DeallocateNtmsMedia(session, lmid, 0), "DeallocateNtmsMedia");
}

/* How fast a part of a round went, and what of the time the thread computed itself: that hardly
 * depends on what else the machine does. And for a call, how many pages of the databases were
 * wanted, and how many of these the cache did not have. */
enum { PER_SECOND, CPU_US, PAGES, MISSED, FIGURES };

struct pace {
	double figure[FIGURES];
};

struct watch {
	uint64_t began, cpu;
	struct raw *raw; /* NULL: it is about our own database */
};

/* Since they were asked for last. */
static void count_pages(DB_ENV *env, double *wanted, double *missed)
{
	DB_MPOOL_STAT *stat;

	must_db(env->memp_stat(env, &stat, NULL, DB_STAT_CLEAR), "statistics of the cache");
	*missed = (double)stat->st_cache_miss;
	*wanted = (double)stat->st_cache_hit + *missed;
	free(stat);
}

static void watch_pages(const struct watch *watch, double *wanted, double *missed)
{
	struct txn *txn;

	if (watch->raw) {
		count_pages(watch->raw->env, wanted, missed);
		return;
	}
	must(session_begin((struct session *)session, &txn), "a transaction");
	count_pages(store_of_session()->env, wanted, missed);
	store_abort(txn);
}

static struct watch watch_begin(struct raw *raw)
{
	struct watch watch = {.raw = raw};
	double wanted, missed;

	watch_pages(&watch, &wanted, &missed);
	watch.cpu = clock_read(CLOCK_THREAD_CPUTIME_ID);
	watch.began = clock_monotonic_ns();
	return watch;
}

static bool watch_over(const struct watch *watch)
{
	return clock_monotonic_ns() - watch->began >= ROUND_NS;
}

static struct pace watch_end(const struct watch *watch, size_t count)
{
	uint64_t cpu = clock_read(CLOCK_THREAD_CPUTIME_ID) - watch->cpu;
	uint64_t took = clock_monotonic_ns() - watch->began;
	struct pace pace;

	watch_pages(watch, &pace.figure[PAGES], &pace.figure[MISSED]);
	pace.figure[PER_SECOND] = (double)count * 1e9 / (double)took;
	pace.figure[CPU_US] = (double)cpu / 1e3 / (double)count;
	pace.figure[PAGES] /= (double)count;
	pace.figure[MISSED] /= (double)count;
	return pace;
}

static struct pace raw_round(struct raw *raw)
{
	struct watch watch = watch_begin(raw);
	size_t count = 0;

	do {
		raw_commit(raw);
		count++;
	} while (!watch_over(&watch));
	return watch_end(&watch, count);
}

static struct pace allocate_round(size_t most, size_t *count)
{
	struct watch watch = watch_begin(NULL);

	*count = 0;
	do
		allocate(&kept[(*count)++]);
	while (*count < most && !watch_over(&watch));
	return watch_end(&watch, *count);
}

static struct pace deallocate_round(size_t count)
{
	struct watch watch = watch_begin(NULL);

	for (size_t i = 0; i < count; i++)
		deallocate(&kept[i]);
	return watch_end(&watch, count);
}

/* How large the records are that an allocation writes. */
static void measure_records(struct raw *raw)
{
	static uint8_t bytes[RECORD_MAX];
	struct object logical, side;
	struct txn *txn;
	NTMS_GUID lmid;

	allocate(&lmid);
	must(session_begin((struct session *)session, &txn), "a transaction");
	must(store_get(txn, &lmid, NTMS_LOGICAL_MEDIA, &logical), "an LMID");
	must(store_get(txn, &logical.logical.side, NTMS_PARTITION, &side), "a side");
	store_abort(txn);
	raw->logical_size = record_encode(&logical, bytes);
	raw->side_size = record_encode(&side, bytes);
	deallocate(&lmid);
}

enum { RAW, ALLOCATE, DEALLOCATE, PARTS };

struct speeds {
	struct pace part[PARTS];
};

static struct pace middle(const struct pace *paces, size_t rounds)
{
	double values[ROUNDS_MAX];
	struct pace pace;

	for (int figure = 0; figure < FIGURES; figure++) {
		for (size_t i = 0; i < rounds; i++)
			values[i] = paces[i].figure[figure];
		pace.figure[figure] = median(values, rounds);
	}
	return pace;
}

static struct speeds measure_calls(struct raw *raw, size_t sides, unsigned int seconds)
{
	struct pace paces[PARTS][ROUNDS_MAX];
	size_t rounds = 0, count, most = sides / 2 < KEEP_MAX ? sides / 2 : KEEP_MAX;
	uint64_t end = clock_monotonic_ns() + seconds * 1000000000ull;
	struct speeds speeds;

	do {
		paces[RAW][rounds] = raw_round(raw);
		paces[ALLOCATE][rounds] = allocate_round(most, &count);
		paces[DEALLOCATE][rounds] = deallocate_round(count);
	} while (++rounds < ROUNDS_MAX && clock_monotonic_ns() < end);
	for (int part = 0; part < PARTS; part++)
		speeds.part[part] = middle(paces[part], rounds);
	return speeds;
}

/* The best of three: in seconds. */
static double measure_list(size_t sides)
{
	double best = 1e9;
	DWORD room = (DWORD)sides + 1000;
	NTMS_GUID *list = calloc(room, sizeof(*list));

	if (!list)
		die("no memory for %u GUIDs", room);
	for (int i = 0; i < 3; i++) {
		uint64_t began = clock_monotonic_ns();
		DWORD count = room;
		double took;

		must(EnumerateNtmsObject(session, NULL, list, &count, NTMS_PARTITION, 0),
		     "EnumerateNtmsObject");
		took = (double)(clock_monotonic_ns() - began) / 1e9;
		if (count < sides)
			die("only %u of %zu sides are listed", count, sides);
		best = took < best ? took : best;
	}
	free(list);
	return best;
}

/* ---- a client by itself ---- */

/* A figure of /proc/self/status, in MiB. */
static double memory(const char *name)
{
	char line[256];
	double found = 0;
	FILE *file = fopen("/proc/self/status", "r");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
			found = strtod(line + strlen(name) + 1, NULL) / 1024;
	if (file)
		fclose(file);
	return found;
}

/* Another process, as a backup program is one: opens, allocates, looks, gives back. */
static void client(size_t sides)
{
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info)};

	session = OpenNtmsSessionA(NULL, "bench client", 0);
	if (session == INVALID_HANDLE_VALUE)
		must(GetLastError(), "a session");
	for (size_t i = 0; i < 200; i++)
		allocate(&kept[i]);
	for (size_t i = 0; i < 200; i++)
		must(GetNtmsObjectInformationA(session, &kept[i], &info), "information");
	for (size_t i = 0; i < 200; i++)
		deallocate(&kept[i]);
	printf("memory of a client after 200 allocations: %.1f MiB resident (%.1f its own, %.1f "
	       "shared)\n",
	       memory("VmRSS"), memory("RssAnon"), memory("RssFile") + memory("RssShmem"));
	measure_list(sides);
	printf("after listing all sides: %.1f MiB resident (%.1f its own), %.1f at most\n",
	       memory("VmRSS"), memory("RssAnon"), memory("VmHWM"));
	must(CloseNtmsSession(session), "the session");
}

/* What the client prints, into the report too. */
static void run_client(size_t sides)
{
	char command[PATH_MAX + 128], self[PATH_MAX], line[256], text[40];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *output;

	if (length < 0)
		die("where am I? %s", strerror(errno));
	self[length] = '\0';
	guid_format(&pool, text);
	snprintf(command, sizeof(command), "'%s' --client %zu --pool '%s'", self, sides, text);
	output = popen(command, "r");
	while (output && fgets(line, sizeof(line), output))
		say("  %s", line);
	if (!output || pclose(output))
		die("the client failed");
}

/* ---- all together ---- */

static void say_call(const char *name, const struct speeds *now, const struct speeds *first,
		     int part)
{
	const double *pace = now->part[part].figure, *raw = now->part[RAW].figure,
		     *before = first->part[part].figure;

	say("  %-18s %8.0f /s %7.0f us of CPU %6.1f pages, %4.1f not in the cache", name,
	    pace[PER_SECOND], pace[CPU_US], pace[PAGES], pace[MISSED]);
	if (part != RAW)
		say("  %5.2f of raw  %5.2f of the first cost  %5.2f of its CPU",
		    pace[PER_SECOND] / raw[PER_SECOND], before[PER_SECOND] / pace[PER_SECOND],
		    pace[CPU_US] / before[CPU_US]);
	say("\n");
}

static void measure(const char *directory, size_t sides, unsigned int seconds, struct speeds *first)
{
	struct raw raw = {.next = 0};
	char path[PATH_MAX];
	struct speeds speeds;

	measure_records(&raw);
	snprintf(path, sizeof(path), "%s/raw-%zu", directory, sides);
	raw_open(&raw, path);
	speeds = measure_calls(&raw, sides, seconds);
	raw_close(&raw);
	if (first->part[RAW].figure[PER_SECOND] == 0)
		*first = speeds;
	say("  records of %zu and %zu bytes\n", raw.logical_size, raw.side_size);
	say_call("raw commit", &speeds, first, RAW);
	say_call("AllocateNtmsMedia", &speeds, first, ALLOCATE);
	say_call("DeallocateNtmsMedia", &speeds, first, DEALLOCATE);
	say("  EnumerateNtmsObject, all sides: %.3f s for root", measure_list(sides));
	((struct session *)session)->caller.uid = 4711;
	say(", %.3f s for another user\n", measure_list(sides));
	((struct session *)session)->caller.uid = 0;
	run_client(sides);
}

static size_t take_sizes(char *text, size_t *sizes)
{
	size_t count = 0;

	for (char *word = strtok(text, ","); word && count < SIZES_MAX; word = strtok(NULL, ",")) {
		sizes[count] = strtoul(word, NULL, 10);
		if (sizes[count] < 1000 || (count && sizes[count] <= sizes[count - 1]))
			die("--sides wants growing numbers from 1000, not %s", word);
		count++;
	}
	return count;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"seconds", required_argument, NULL, 's'}, {"sides", required_argument, NULL, 'n'},
		{"report", required_argument, NULL, 'r'},  {"client", required_argument, NULL, 'c'},
		{"pool", required_argument, NULL, 'p'},	   {NULL, 0, NULL, 0}};
	size_t sizes[SIZES_MAX] = {1000, 100000, 1000000}, count = 3, before = 0, of_client = 0;
	struct speeds first = {0};
	unsigned int seconds = 15;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			seconds = (unsigned int)strtoul(optarg, NULL, 10);
		else if (option == 'n')
			count = take_sizes(optarg, sizes);
		else if (option == 'c')
			of_client = strtoul(optarg, NULL, 10);
		else if (option == 'p' && guid_parse(optarg, &pool))
			;
		else if (option != 'r' || !(report = fopen(optarg, "w")))
			die("wrong option or file: bench [--seconds N] [--sides N,...] [--report "
			    "FILE] DIRECTORY");
	}
	if (of_client) {
		client(of_client);
		return 0;
	}
	if (optind + 1 != argc)
		die("name an empty directory");
	make_system(argv[optind]);
	for (size_t i = 0; i < count; i++) {
		grow(argv[optind], before, sizes[i]);
		measure(argv[optind], sizes[i], seconds, &first);
		before = sizes[i];
	}
	must(CloseNtmsSession(session), "the session");
	return report && fclose(report) ? 1 : 0;
}
