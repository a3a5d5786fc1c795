/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * export_file.c - all records as one stream of bytes, and back
 *
 * A head, the records, an end. The digest in the end is a chain: each piece is digested
 * together with the digest of all before it, so nothing can be missing, doubled or in another
 * order. docs/export.md describes every byte.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uuid/uuid.h>
#include "base/clock.h"
#include "base/guid.h"
#include "base/say.h"
#include "store/export.h"
#include "store/export_file.h"

#define FORMAT	  1
#define END_MARK  UINT32_MAX
#define BUFFER	  (1 << 18)
#define ID_SIZE	  16
#define PIECE_MAX (sizeof(uint32_t) + ID_SIZE + RECORD_MAX)

static const char magic[8] = {'R', 'S', 'M', 'E', 'X', 'P', 'R', 'T'};

/* The digest of nothing: 3f1d8a52-7c4e-5b90-9a36-d1e204c7f86b. */
static const uint8_t first_digest[16] = {0x3f, 0x1d, 0x8a, 0x52, 0x7c, 0x4e, 0x5b, 0x90,
					 0x9a, 0x36, 0xd1, 0xe2, 0x04, 0xc7, 0xf8, 0x6b};

struct head {
	char magic[8];
	uint32_t format;
	uint32_t zero;
	uint64_t made_ms; /* Unix time */
	uint64_t seq;	  /* given to the latest object made */
};

struct end {
	uint32_t mark;
	uint32_t zero;
	uint64_t count;
	uint8_t digest[16];
};

_Static_assert(sizeof(struct head) == 32 && sizeof(struct end) == 32, "there are no gaps");

struct stream {
	struct store *store;
	FILE *file;
	uint8_t digest[16];
	uint64_t count;
	uint64_t seq;
};

static void add_to_digest(struct stream *stream, const void *piece, size_t length)
{
	uint8_t next[16];

	uuid_generate_sha1(next, stream->digest, piece, length);
	memcpy(stream->digest, next, sizeof(next));
}

static DWORD open_stream(struct txn *txn, int fd, const char *mode, struct stream *stream)
{
	int copy = dup(fd);

	*stream =
		(struct stream){.store = txn->store, .file = copy < 0 ? NULL : fdopen(copy, mode)};
	if (!stream->file) {
		if (copy >= 0)
			close(copy);
		return ntms_say(ERROR_NOT_ENOUGH_MEMORY, "no memory to read or write an export");
	}
	setvbuf(stream->file, NULL, _IOFBF, BUFFER);
	memcpy(stream->digest, first_digest, sizeof(stream->digest));
	return ERROR_SUCCESS;
}

/* ---- written ---- */

static DWORD write_failed(struct stream *stream)
{
	return ntms_say(ERROR_DATABASE_FAILURE, "database %s: cannot write the export: %m",
			stream->store->home);
}

static DWORD put(struct stream *stream, const void *piece, size_t length)
{
	add_to_digest(stream, piece, length);
	return fwrite(piece, 1, length, stream->file) == length ? ERROR_SUCCESS
								: write_failed(stream);
}

static DWORD put_head(struct stream *stream, uint64_t seq)
{
	struct head head = {
		.format = htole32(FORMAT), .made_ms = htole64(clock_utc_ms()), .seq = htole64(seq)};

	memcpy(head.magic, magic, sizeof(magic));
	return put(stream, &head, sizeof(head));
}

static DWORD put_record(struct stream *stream, const uint8_t id[ID_SIZE], const uint8_t *bytes,
			size_t length)
{
	uint8_t piece[PIECE_MAX];
	uint32_t size = htole32((uint32_t)length);
	struct object obj;
	DWORD code = object_decode(stream->store, id, bytes, length, &obj);

	if (code)
		return code;
	memcpy(piece, &size, sizeof(size));
	memcpy(piece + sizeof(size), id, ID_SIZE);
	memcpy(piece + sizeof(size) + ID_SIZE, bytes, length);
	stream->count++;
	return put(stream, piece, sizeof(size) + ID_SIZE + length);
}

static DWORD put_end(struct stream *stream)
{
	struct end end = {.mark = htole32(END_MARK), .count = htole64(stream->count)};

	add_to_digest(stream, &end, offsetof(struct end, digest));
	memcpy(end.digest, stream->digest, sizeof(end.digest));
	if (fwrite(&end, 1, sizeof(end), stream->file) != sizeof(end) || fflush(stream->file))
		return write_failed(stream);
	return ERROR_SUCCESS;
}

static void set_room(DBT *dbt, void *bytes, size_t room)
{
	memset(dbt, 0, sizeof(*dbt));
	dbt->data = bytes;
	dbt->ulen = (uint32_t)room;
	dbt->flags = DB_DBT_USERMEM;
}

static DWORD put_records(struct txn *txn, DBC *cursor, struct stream *stream)
{
	uint8_t id[64], bytes[RECORD_MAX];
	DBT key, data;
	DWORD code;
	int error;

	for (;;) {
		set_room(&key, id, sizeof(id));
		set_room(&data, bytes, sizeof(bytes));
		error = cursor->get(cursor, &key, &data, DB_NEXT);
		if (error == DB_NOTFOUND)
			return ERROR_SUCCESS;
		if (error)
			return txn_fail(txn, error, "read its objects");
		if (key.size != ID_SIZE)
			continue; /* the counters */
		code = put_record(stream, id, bytes, data.size);
		if (code)
			return code;
	}
}

static DWORD put_all(struct txn *txn, struct stream *stream)
{
	DB *objects = txn->store->objects;
	struct counters counters;
	DBC *cursor;
	DWORD code;
	int error = counters_read(txn->store, txn->tid, &counters);

	if (!error)
		error = objects->cursor(objects, txn->tid, &cursor, 0);
	if (error)
		return txn_fail(txn, error, "read it");
	code = put_head(stream, counters.seq);
	if (!code)
		code = put_records(txn, cursor, stream);
	cursor->close(cursor);
	return code ? code : put_end(stream);
}

DWORD export_write(struct txn *txn, int fd)
{
	struct stream stream;
	DWORD code = txn_usable(txn);

	if (!code)
		code = open_stream(txn, fd, "w", &stream);
	if (code)
		return code;
	code = put_all(txn, &stream);
	if (fclose(stream.file) && !code)
		code = write_failed(&stream);
	return code;
}

/* ---- read ---- */

static DWORD damaged(struct stream *stream, const char *what)
{
	return ntms_say(ERROR_DATABASE_FAILURE, "the export in %s/%s/%s cannot be used: %s",
			stream->store->home, STORE_EXPORT_DIRECTORY, STORE_EXPORT_FILE, what);
}

static DWORD get(struct stream *stream, void *piece, size_t length)
{
	if (fread(piece, 1, length, stream->file) == length)
		return ERROR_SUCCESS;
	if (ferror(stream->file))
		return damaged(stream, strerror(errno));
	return damaged(stream, "it is cut short");
}

static DWORD get_head(struct stream *stream)
{
	struct head head;
	DWORD code = get(stream, &head, sizeof(head));

	if (code)
		return code;
	if (memcmp(head.magic, magic, sizeof(magic)) != 0)
		return damaged(stream, "it is no export");
	if (le32toh(head.format) > FORMAT)
		return damaged(stream, "a newer version of this software has written it");
	if (le32toh(head.format) != FORMAT || head.zero)
		return damaged(stream, "its head is damaged");
	stream->seq = le64toh(head.seq);
	add_to_digest(stream, &head, sizeof(head));
	return ERROR_SUCCESS;
}

/* @piece begins with the length, which has been read. */
static DWORD get_record(struct txn *txn, struct stream *stream, uint8_t piece[PIECE_MAX])
{
	const uint8_t *id = piece + sizeof(uint32_t), *bytes = id + ID_SIZE;
	struct object obj;
	const char *wrong;
	uint32_t length;
	DWORD code;

	memcpy(&length, piece, sizeof(length));
	length = le32toh(length);
	if (length > RECORD_MAX)
		return damaged(stream, "a record is too long");
	code = get(stream, piece + sizeof(uint32_t), ID_SIZE + length);
	if (code)
		return code;
	add_to_digest(stream, piece, sizeof(uint32_t) + ID_SIZE + length);
	wrong = record_decode(bytes, length, &obj);
	if (wrong)
		return damaged(stream, wrong);
	record_get_guid(id, &obj.guid);
	if (guid_is_null(&obj.guid))
		return damaged(stream, "an object has no GUID");
	if (obj.seq == 0 || obj.seq > stream->seq)
		return damaged(stream, "an object is newer than the newest");
	stream->count++;
	code = object_restore(txn, &obj);
	return code == ERROR_ALREADY_EXISTS ? damaged(stream, "an object is there twice") : code;
}

/* The rest of the end, whose mark has been read, and nothing behind it. */
static DWORD get_end(struct stream *stream)
{
	struct end end = {.mark = htole32(END_MARK)};
	DWORD code =
		get(stream, (uint8_t *)&end + sizeof(end.mark), sizeof(end) - sizeof(end.mark));

	if (code)
		return code;
	add_to_digest(stream, &end, offsetof(struct end, digest));
	if (end.zero || le64toh(end.count) != stream->count ||
	    memcmp(end.digest, stream->digest, sizeof(end.digest)) != 0)
		return damaged(stream, "its digest is not that of its content");
	if (fgetc(stream->file) != EOF || ferror(stream->file))
		return damaged(stream, "there is something behind its end");
	return ERROR_SUCCESS;
}

static DWORD get_all(struct txn *txn, struct stream *stream)
{
	uint8_t piece[PIECE_MAX];
	uint32_t length;
	DWORD code = get_head(stream);

	while (!code) {
		code = get(stream, piece, sizeof(length));
		if (code)
			return code;
		memcpy(&length, piece, sizeof(length));
		if (le32toh(length) == END_MARK)
			return get_end(stream);
		code = get_record(txn, stream, piece);
	}
	return code;
}

static DWORD forget_all(struct txn *txn)
{
	struct store *store = txn->store;
	uint32_t count;
	int error = store->objects->truncate(store->objects, txn->tid, &count, 0);

	if (!error)
		error = store->index->truncate(store->index, txn->tid, &count, 0);
	return error ? txn_fail(txn, error, "empty it") : ERROR_SUCCESS;
}

DWORD export_read(struct txn *txn, int fd)
{
	struct stream stream;
	DWORD code = txn_usable(txn);
	int error;

	if (!code)
		code = txn_change(txn);
	if (!code)
		code = open_stream(txn, fd, "r", &stream);
	if (code)
		return code;
	code = forget_all(txn);
	if (!code)
		code = get_all(txn, &stream);
	fclose(stream.file);
	txn->counters.seq = stream.seq;
	txn->feed.lost = true;
	if (!code) {
		error = counters_write(txn->store, txn->tid, &txn->counters);
		if (error)
			code = txn_fail(txn, error, "write its counters");
	}
	if (code)
		txn->failed = code;
	return code;
}
