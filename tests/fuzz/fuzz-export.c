/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz-export.c - the file that ImportNtmsDatabase reads (docs/export.md)
 *
 * Each input is read as it is and, because a digest stops nearly every change, once more with
 * its end made anew. What is accepted has to be a database that can be looked at from all
 * sides; nothing is ever committed.
 */
#include <endian.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uuid/uuid.h>
#include "base/guid.h"
#include "core/enumerate.h"
#include "core/export.h"
#include "core/info.h"
#include "core/pool.h"
#include "fuzz.h"
#include "store/export_file.h"

#define HEAD	  32
#define MADE_AT	  16 /* in the head: the time, which differs from one export to the next */
#define COUNTED	  24
#define END	  32
#define DIGEST_AT 16 /* in the end */
#define ID_SIZE	  16
/* Transactions that are taken back fill the log, too. */
#define CHECKPOINT_RUNS 500

static char directory[64];
static HANDLE session;

static struct store *store_of_session(void)
{
	return ((struct session *)session)->system->store;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static void remove_directory(void)
{
	nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A system with a library of one drive, two slots, a port and a cartridge. */
static void open_system(void)
{
	/* Nothing here has to last, and a disk makes it ten times slower. */
	const char *top = access("/dev/shm", W_OK | X_OK) ? "/tmp" : "/dev/shm";
	char path[80], spec[96];

	snprintf(directory, sizeof(directory), "%s/fuzz-export-XXXXXX", top);
	HOLDS(mkdtemp(directory));
	atexit(remove_directory);
	snprintf(path, sizeof(path), "%s/library", directory);
	snprintf(spec, sizeof(spec), "virtual:%s", path);
	HOLDS(RsmCreateVirtualLibrary(path, 1, 2, 1, 1) == ERROR_SUCCESS);
	setenv("NTMS_BROKER", spec, 1);
	snprintf(path, sizeof(path), "%s/home", directory);
	setenv("NTMS_HOME", path, 1);
	session = OpenNtmsSessionA(NULL, "fuzz", 0);
	HOLDS(session != INVALID_HANDLE_VALUE);
}

static struct txn *begin(void)
{
	struct txn *txn;

	HOLDS(store_begin(store_of_session(), STORE_DEADLINE_DEFAULT, &txn) == ERROR_SUCCESS);
	return txn;
}

/* ---- files ---- */

static int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("export", MFD_CLOEXEC);

	HOLDS(fd >= 0);
	HOLDS(write(fd, data, size) == (ssize_t)size);
	HOLDS(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* What is in the store now, as a file. To be freed. */
static uint8_t *exported(struct txn *txn, size_t *size)
{
	int fd = memfd_create("export", MFD_CLOEXEC);
	uint8_t *bytes;
	off_t end;

	HOLDS(fd >= 0);
	HOLDS(export_write(txn, fd) == ERROR_SUCCESS);
	end = lseek(fd, 0, SEEK_END);
	HOLDS(end >= HEAD + END);
	*size = (size_t)end;
	bytes = malloc(*size);
	HOLDS(bytes && pread(fd, bytes, *size, 0) == end);
	close(fd);
	return bytes;
}

static DWORD import(struct txn *txn, const uint8_t *data, size_t size)
{
	int fd = file_of(data, size);
	DWORD code = export_read(txn, fd);

	close(fd);
	HOLDS(code == ERROR_SUCCESS || code == ERROR_DATABASE_FAILURE);
	return code;
}

/* ---- an end that fits ---- */

static void digest(uint8_t chain[16], const uint8_t *piece, size_t size)
{
	uint8_t next[16];

	uuid_generate_sha1(next, chain, (const char *)piece, size);
	memcpy(chain, next, sizeof(next));
}

/* The head and the whole records at the beginning of @data, and their end. To be freed. */
static uint8_t *mend(const uint8_t *data, size_t size, size_t *mended)
{
	uint8_t chain[16] = {0x3f, 0x1d, 0x8a, 0x52, 0x7c, 0x4e, 0x5b, 0x90,
			     0x9a, 0x36, 0xd1, 0xe2, 0x04, 0xc7, 0xf8, 0x6b};
	uint8_t *made = calloc(1, size + HEAD + END);
	uint64_t count = 0;
	uint32_t length;
	size_t at = HEAD;

	HOLDS(made);
	memcpy(made, data, size);
	memcpy(made, "RSMEXPRT\1\0\0\0\0\0\0\0", MADE_AT);
	digest(chain, made, HEAD);
	while (size > at && size - at >= sizeof(length) + ID_SIZE) {
		memcpy(&length, made + at, sizeof(length));
		length = le32toh(length);
		if (length > size - at - sizeof(length) - ID_SIZE)
			break;
		digest(chain, made + at, sizeof(length) + ID_SIZE + length);
		at += sizeof(length) + ID_SIZE + length;
		count++;
	}
	memset(made + at, 0xff, sizeof(length));
	memset(made + at + sizeof(length), 0, sizeof(length));
	count = htole64(count);
	memcpy(made + at + 8, &count, sizeof(count));
	digest(chain, made + at, DIGEST_AT);
	memcpy(made + at + DIGEST_AT, chain, sizeof(chain));
	*mended = at + END;
	return made;
}

/* ---- what was accepted ---- */

static void list_in(struct txn *txn, const struct caller *caller, const NTMS_GUID *container)
{
	for (uint32_t type = NTMS_UNKNOWN; type <= NTMS_NUMBER_OF_OBJECT_TYPES; type++) {
		NTMS_GUID *list = NULL;
		size_t count = 0;
		DWORD code = enumerate(txn, caller, container, type, 0, &list, &count);

		HOLDS(code == ERROR_SUCCESS || code == ERROR_INVALID_PARAMETER);
		free(list);
	}
}

static bool is_container(uint32_t type)
{
	return type == NTMS_LIBRARY || type == NTMS_MEDIA_POOL || type == NTMS_PHYSICAL_MEDIA ||
	       type == NTMS_PARTITION || type == NTMS_LOGICAL_MEDIA;
}

static void look_at(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid)
{
	NTMS_OBJECTINFORMATIONW wide = {.dwSize = sizeof(wide)};
	NTMS_OBJECTINFORMATIONA info = {.dwSize = sizeof(info)};
	DWORD code = info_get(txn, caller, guid, &(struct info){&info, false});
	char path[POOL_PATH_SIZE];
	struct object obj;

	/* Relations, attributes and destinations have none. */
	HOLDS(code == ERROR_SUCCESS || code == ERROR_OBJECT_NOT_FOUND);
	HOLDS(info_get(txn, caller, guid, &(struct info){&wide, true}) == code);
	HOLDS(store_get(txn, guid, NTMS_UNKNOWN, &obj) == ERROR_SUCCESS);
	if (obj.type == NTMS_MEDIA_POOL)
		HOLDS(pool_path(txn, &obj, path) == ERROR_SUCCESS);
	if (is_container(obj.type))
		list_in(txn, caller, guid);
}

static void look_around(struct txn *txn)
{
	const struct caller root = {.uid = 0};
	NTMS_GUID *list;
	struct store_key all;
	size_t count, found;

	HOLDS(store_check(txn, &found) == ERROR_SUCCESS);
	key_start(&all);
	HOLDS(store_list(txn, IX_TYPE, &all, 0, &list, &count) == ERROR_SUCCESS);
	HOLDS(found == count);
	list_in(txn, &root, NULL);
	for (size_t i = 0; i < count; i++)
		look_at(txn, &root, &list[i]);
	free(list);
}

/* There is one way only to write a database down. */
static void there_and_back(struct txn *txn)
{
	uint8_t *first, *second;
	size_t size, again;

	first = exported(txn, &size);
	HOLDS(import(txn, first, size) == ERROR_SUCCESS);
	second = exported(txn, &again);
	HOLDS(size == again && !memcmp(first, second, MADE_AT));
	HOLDS(!memcmp(first + COUNTED, second + COUNTED, size - COUNTED - 16));
	free(first);
	free(second);
}

static void try(const uint8_t *data, size_t size)
{
	struct txn *txn = begin();

	if (import(txn, data, size) == ERROR_SUCCESS) {
		there_and_back(txn);
		if (export_check(txn) == ERROR_SUCCESS)
			look_around(txn);
	}
	store_abort(txn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned int runs;
	uint8_t *mended;
	size_t length;

	if (!session)
		open_system();
	try(data, size);
	mended = mend(data, size, &length);
	try(mended, length);
	free(mended);
	if (++runs % CHECKPOINT_RUNS == 0) {
		struct txn *txn = begin();
		DB_ENV *env = store_of_session()->env;

		HOLDS(env->txn_checkpoint(env, 0, 0, DB_FORCE) == 0);
		store_abort(txn);
	}
	return 0;
}

/* ---- seeds ---- */

static void seed_export(const char *name)
{
	struct txn *txn = begin();
	size_t size;
	uint8_t *bytes = exported(txn, &size);

	store_abort(txn);
	seed(name, bytes, size);
	free(bytes);
}

static void manage_library(void)
{
	RSM_DEVICE devices[4];
	DWORD count = 4;
	NTMS_GUID library;

	HOLDS(RsmListDevices(session, devices, &count) == ERROR_SUCCESS);
	for (DWORD i = 0; i < count; i++)
		if (devices[i].IsChanger)
			HOLDS(RsmManageLibrary(session, devices[i].szSerialNumber, &library) ==
			      ERROR_SUCCESS);
	HOLDS(RsmWaitForLibrary(session, &library, 60000) == ERROR_SUCCESS);
}

void fuzz_seeds(void)
{
	NTMS_GUID request, pool;

	open_system();
	seed_export("new");
	manage_library();
	HOLDS(CreateNtmsMediaPoolA(session, "pools", NULL, NTMS_CREATE_NEW, NULL, &pool) ==
	      ERROR_SUCCESS);
	HOLDS(SubmitNtmsOperatorRequestA(session, NTMS_OPREQ_MESSAGE, "hello", NULL, NULL,
					 &request) == ERROR_SUCCESS);
	HOLDS(SetNtmsObjectAttributeA(session, &pool, NTMS_MEDIA_POOL, "note", "of mine", 7) ==
	      ERROR_SUCCESS);
	seed_export("library");
	HOLDS(CloseNtmsSession(session) == ERROR_SUCCESS);
}
