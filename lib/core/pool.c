/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "base/utf.h"
#include "core/access.h"
#include "core/media_type.h"
#include "core/pool.h"
#include "core/request.h"
#include "core/rights.h"
#include "core/txn.h"
#include "store/feed.h"

/* Deeper than any path of the longest length; stops at a loop in a damaged database. */
#define DEPTH_MAX (NTMS_POOLHIERARCHY_LENGTH / 2)

bool pool_name_valid(const char *name)
{
	size_t units;

	if (!name[0] || !utf8_units(name, &units) || units >= NTMS_OBJECTNAME_LENGTH)
		return false;
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7F || *at == '\\')
			return false;
	return true;
}

DWORD pool_path(struct txn *txn, const struct object *pool, char path[POOL_PATH_SIZE])
{
	char text[POOL_PATH_SIZE];
	struct object level = *pool;
	size_t start = sizeof(text) - 1;
	DWORD code;

	text[start] = '\0';
	for (int depth = 0; !guid_is_null(&level.pool.parent); depth++) {
		size_t length = strlen(level.name);
		NTMS_GUID parent = level.pool.parent;

		if (depth == DEPTH_MAX || length + 1 > start)
			return ntms_say(ERROR_DATABASE_FAILURE,
					"the path of pool \"%s\" has no end", pool->name);
		start -= length;
		memcpy(text + start, level.name, length);
		text[--start] = '\\';
		code = must_exist(store_get(txn, &parent, NTMS_MEDIA_POOL, &level), "parent",
				  pool->name);
		if (code)
			return code;
	}
	if (text[start] == '\0')
		text[--start] = '\\';
	else
		start++; /* no separator in front */
	memcpy(path, text + start, sizeof(text) - start);
	return ERROR_SUCCESS;
}

static DWORD find_child(struct txn *txn, const struct object *parent, const char *name,
			struct object *child)
{
	struct store_key key;
	NTMS_GUID guid;
	DWORD code;

	key_start(&key);
	key_guid(&key, &parent->guid);
	key_text(&key, name);
	code = store_find(txn, IX_POOL_NAME, &key, &guid);
	if (code)
		return code;
	return must_exist(store_get(txn, &guid, NTMS_MEDIA_POOL, child), "pool", name);
}

/* Check a whole path: its levels one after the other, separators replaced by NULs in @levels. */
static DWORD split_path(const char *path, char levels[POOL_PATH_SIZE], size_t *count)
{
	size_t units, length;

	if (path[0] == '\\')
		path++;
	length = strlen(path);
	if (!utf8_units(path, &units) || units >= NTMS_POOLHIERARCHY_LENGTH ||
	    length >= POOL_PATH_SIZE)
		return ntms_say(ERROR_INVALID_NAME,
				"the pool name is malformed or longer than %d characters",
				NTMS_POOLHIERARCHY_LENGTH - 1);
	memcpy(levels, path, length + 1);
	*count = 1;
	for (size_t i = 0; i < length; i++) {
		if (levels[i] != '\\')
			continue;
		levels[i] = '\0';
		(*count)++;
	}
	for (size_t i = 0; i < *count; i++) {
		if (!pool_name_valid(levels))
			return ntms_say(ERROR_INVALID_NAME,
					"\"%s\" in \"%s\" cannot be the name of a pool: it needs 1 "
					"to %d characters, none of them a control character",
					levels, path, NTMS_OBJECTNAME_LENGTH - 1);
		levels += strlen(levels) + 1;
	}
	return ERROR_SUCCESS;
}

static DWORD read_root(struct txn *txn, struct object *root)
{
	struct object computer;
	DWORD code = computer_get(txn, &computer);

	if (!code)
		code = store_get(txn, &computer.computer.root_pool, NTMS_MEDIA_POOL, root);
	return must_exist(code, "root pool", "the computer");
}

/* The pool that holds the last of @count levels, and the name of that. */
static DWORD walk(struct txn *txn, const char *levels, size_t count, const struct object *root,
		  struct object *parent, const char **last)
{
	struct object child;
	DWORD code;

	*parent = *root;
	for (size_t i = 0; i + 1 < count; i++) {
		code = find_child(txn, parent, levels, &child);
		if (code == ERROR_OBJECT_NOT_FOUND)
			return ntms_say(code, "there is no pool \"%s\" in pool \"%s\"", levels,
					parent->name);
		if (code)
			return code;
		*parent = child;
		levels += strlen(levels) + 1;
	}
	*last = levels;
	return ERROR_SUCCESS;
}

static DWORD check_media_type(struct txn *txn, const NTMS_GUID *media_type)
{
	struct object type;
	DWORD code;

	if (!media_type || guid_is_null(media_type))
		return ERROR_SUCCESS;
	code = store_get(txn, media_type, NTMS_MEDIA_TYPE, &type);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "there is no such media type");
	return code;
}

static DWORD create(struct txn *txn, const struct caller *caller, const struct object *root,
		    const struct object *parent, const char *name, const NTMS_GUID *media_type,
		    const struct obj_security *security, NTMS_GUID *guid)
{
	bool top = guid_equal(&parent->guid, &root->guid);
	struct obj_security made;
	struct object pool;
	DWORD code = check_media_type(txn, media_type);

	if (!code)
		code = rights_check(txn, caller, RIGHT_CREATE_POOL_ROOT, root);
	if (!code)
		code = rights_check(txn, caller, RIGHT_CREATE_POOL_PARENT, parent);
	if (code)
		return code;
	if (!top && parent->pool.kind != NTMS_POOLTYPE_APPLICATION)
		return ntms_say(ERROR_INVALID_NAME,
				"pool \"%s\" is the system's; no pool can be made in it",
				parent->name);
	if (!guid_is_null(&parent->pool.media_type))
		return ntms_say(ERROR_INVALID_NAME,
				"pool \"%s\" is for media; no pool can be made in it",
				parent->name);
	if (!security) {
		access_default(&made, caller, top ? NULL : parent);
		security = &made;
	}
	code = pool_insert(txn, name, NTMS_POOLTYPE_APPLICATION, &parent->guid, media_type,
			   security, &pool);
	if (!code)
		*guid = pool.guid;
	return code;
}

DWORD pool_open(struct txn *txn, const struct caller *caller, const char *path,
		const NTMS_GUID *media_type, DWORD action, const struct obj_security *security,
		NTMS_GUID *guid)
{
	char levels[POOL_PATH_SIZE];
	struct object root, parent, pool;
	const char *name = NULL;
	size_t count = 0;
	DWORD code = split_path(path, levels, &count);

	if (!code)
		code = read_root(txn, &root);
	if (!code)
		code = walk(txn, levels, count, &root, &parent, &name);
	if (code)
		return code;
	code = find_child(txn, &parent, name, &pool);
	if (code == ERROR_OBJECT_NOT_FOUND) {
		if (action == NTMS_OPEN_EXISTING)
			return ntms_say(code, "there is no pool \"%s\" in pool \"%s\"", name,
					parent.name);
		return create(txn, caller, &root, &parent, name, media_type, security, guid);
	}
	if (code)
		return code;
	if (action == NTMS_CREATE_NEW)
		return ntms_say(ERROR_ALREADY_EXISTS, "there is a pool \"%s\" already", path);
	code = rights_check(txn, caller, RIGHT_CREATE_POOL_EXISTING, &pool);
	if (!code)
		*guid = pool.guid;
	return code;
}

DWORD pool_delete(struct txn *txn, const struct caller *caller, const NTMS_GUID *guid)
{
	struct store_key key;
	struct object pool;
	size_t count = 0;
	DWORD code = store_get(txn, guid, NTMS_MEDIA_POOL, &pool);

	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA_POOL, "there is no such media pool");
	if (code)
		return code;
	if (pool.pool.kind != NTMS_POOLTYPE_APPLICATION)
		return ntms_say(ERROR_INVALID_MEDIA_POOL,
				"pool \"%s\" is the system's and cannot be deleted", pool.name);
	code = rights_check(txn, caller, RIGHT_DELETE_POOL, &pool);
	if (code)
		return code;
	key_start(&key);
	key_guid(&key, guid);
	code = store_count(txn, IX_CHILD, &key, &count);
	if (code)
		return code;
	if (count)
		return ntms_say(
			ERROR_NOT_EMPTY,
			"pool \"%s\" still has pools or cartridges; move or delete them first",
			pool.name);
	return store_delete(txn, guid);
}

/* ---- moves ---- */

struct move {
	struct object media;
	struct object type;
	struct object from;
	struct object to;
	struct object sides[2];
	size_t count;
};

static DWORD read_move(struct txn *txn, const NTMS_GUID *media, const NTMS_GUID *pool,
		       struct move *move)
{
	DWORD code = store_get(txn, media, NTMS_PHYSICAL_MEDIA, &move->media);

	if (!code)
		code = store_get(txn, &move->media.media.pool, NTMS_MEDIA_POOL, &move->from);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA, "there is no such cartridge");
	if (code)
		return code;
	code = store_get(txn, pool, NTMS_MEDIA_POOL, &move->to);
	if (code == ERROR_OBJECT_NOT_FOUND)
		return ntms_say(ERROR_INVALID_MEDIA_POOL, "there is no such media pool");
	if (!code)
		code = must_exist(
			store_get(txn, &move->media.media.media_type, NTMS_MEDIA_TYPE, &move->type),
			"media type", move->media.name);
	if (!code)
		code = media_sides(txn, media, move->sides, &move->count);
	return code;
}

static DWORD move_access(struct txn *txn, const struct caller *caller, const struct move *move)
{
	enum right from = RIGHT_MOVE_TO_POOL, to = RIGHT_MOVE_TO_POOL;
	DWORD code;

	/* A Free pool belongs to all who may use it. */
	if (move->from.pool.kind == NTMS_POOLTYPE_SCRATCH)
		from = RIGHT_MOVE_TO_POOL_FREE;
	else if (move->to.pool.kind == NTMS_POOLTYPE_SCRATCH)
		to = RIGHT_MOVE_TO_POOL_FREE;
	code = rights_check(txn, caller, from, &move->from);
	return code ? code : rights_check(txn, caller, to, &move->to);
}

static bool all_sides_are(const struct move *move, uint32_t state)
{
	for (size_t i = 0; i < move->count; i++)
		if (move->sides[i].side.state != state)
			return false;
	return true;
}

static bool sides_may_be_freed(const struct move *move)
{
	for (size_t i = 0; i < move->count; i++) {
		switch (move->sides[i].side.state) {
		case NTMS_PARTSTATE_ALLOCATED:
		case NTMS_PARTSTATE_COMPLETE:
		case NTMS_PARTSTATE_RESERVED:
		case NTMS_PARTSTATE_INCOMPATIBLE:
			return false;
		default:
			break;
		}
	}
	return true;
}

/* The table of moves; true where there is an allowed one. */
static bool move_allowed(const struct move *move)
{
	uint32_t from = move->from.pool.kind, to = move->to.pool.kind;
	bool rewritable = move->type.media_type.rw == NTMS_MEDIARW_REWRITABLE;

	switch (to) {
	case NTMS_POOLTYPE_SCRATCH:
		return rewritable && sides_may_be_freed(move);
	case NTMS_POOLTYPE_IMPORT:
		return from == NTMS_POOLTYPE_APPLICATION &&
		       all_sides_are(move, NTMS_PARTSTATE_IMPORT);
	case NTMS_POOLTYPE_APPLICATION:
		/* Media that cannot get a free label have no other way out of Import. */
		if (from == NTMS_POOLTYPE_IMPORT)
			return !rewritable;
		return from == NTMS_POOLTYPE_SCRATCH || from == NTMS_POOLTYPE_APPLICATION;
	default:
		return false;
	}
}

static DWORD refuse(const struct move *move)
{
	return ntms_say(ERROR_INVALID_MEDIA_POOL,
			"cartridge %s cannot be moved from pool \"%s\" to pool \"%s\" as it is",
			move->media.name, move->from.name, move->to.name);
}

static DWORD check_idle(struct txn *txn, const struct move *move)
{
	bool pending;
	DWORD code;

	if (move->media.media.state != NTMS_MEDIASTATE_IDLE)
		return ntms_say(ERROR_BUSY, "cartridge %s is in use", move->media.name);
	code = request_pending(txn, &move->media.guid, &pending);
	if (!code && pending)
		code = ntms_say(ERROR_BUSY, "work on cartridge %s is still queued",
				move->media.name);
	return code;
}

/* A free label is written by the library the cartridge is in, unless one of them is out of use. */
static DWORD check_writable(struct txn *txn, DWORD offline, const struct move *move)
{
	struct object library;
	DWORD code = must_exist(store_get(txn, &move->media.media.library, NTMS_LIBRARY, &library),
				"library", move->media.name);

	if (code)
		return code;
	if (library.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		return ntms_say(offline,
				"cartridge %s is in no library; its free label cannot be written",
				move->media.name);
	if (!library.enabled)
		return ntms_say(ERROR_BUSY,
				"library %s is disabled; the free label of cartridge %s cannot be "
				"written",
				library.name, move->media.name);
	if (!move->media.enabled)
		return ntms_say(ERROR_BUSY,
				"cartridge %s is disabled; its free label cannot be written",
				move->media.name);
	return ERROR_SUCCESS;
}

DWORD pool_to_free(struct session *session, struct txn *txn, struct object *media,
		   const NTMS_GUID *pool)
{
	struct object sides[2];
	size_t count = 0;
	DWORD code = media_set_pool(txn, media, pool);

	if (!code)
		code = media_sides(txn, &media->guid, sides, &count);
	for (size_t i = 0; !code && i < count; i++) {
		if (sides[i].side.state == NTMS_PARTSTATE_DECOMMISSIONED)
			continue;
		code = side_event(&sides[i], SIDE_TO_FREE);
		if (!code)
			code = store_update(txn, &sides[i]);
		if (!code)
			code = request_free_label(session, txn, media, &sides[i]);
	}
	return code;
}

/* Into the pool it is in: nothing, but a free label that failed is tried again. */
static bool is_settled(const struct move *move)
{
	if (!guid_equal(&move->from.guid, &move->to.guid))
		return false;
	if (move->to.pool.kind != NTMS_POOLTYPE_SCRATCH)
		return true;
	for (size_t i = 0; i < move->count; i++)
		if (move->sides[i].side.state == NTMS_PARTSTATE_UNPREPARED)
			return false;
	return true;
}

/* What has been found allowed. */
static DWORD carry_out(struct session *session, struct txn *txn, struct move *move,
		       NTMS_GUID *queued)
{
	if (move->to.pool.kind == NTMS_POOLTYPE_SCRATCH) {
		*queued = move->media.media.library;
		return pool_to_free(session, txn, &move->media, &move->to.guid);
	}
	for (size_t i = 0; i < move->count; i++)
		if (move->sides[i].side.state == NTMS_PARTSTATE_UNPREPARED)
			return ntms_say(ERROR_BUSY, "cartridge %s has no free label yet",
					move->media.name);
	return media_set_pool(txn, &move->media, &move->to.guid);
}

DWORD pool_move(struct session *session, struct txn *txn, const NTMS_GUID *media,
		const NTMS_GUID *pool, NTMS_GUID *queued)
{
	struct move move;
	DWORD code;

	memset(queued, 0, sizeof(*queued));
	code = read_move(txn, media, pool, &move);
	if (!code)
		code = move_access(txn, &session->caller, &move);
	if (code || is_settled(&move))
		return code;
	if (guid_is_null(&move.to.pool.media_type))
		return ntms_say(ERROR_INVALID_MEDIA_POOL, "pool \"%s\" is for pools, not for media",
				move.to.name);
	if (!guid_equal(&move.to.pool.media_type, &move.media.media.media_type))
		return ntms_say(ERROR_MEDIA_INCOMPATIBLE,
				"pool \"%s\" is for another type of media than cartridge %s (%s)",
				move.to.name, move.media.name, move.type.name);
	if (!move_allowed(&move))
		return refuse(&move);
	code = check_idle(txn, &move);
	if (!code && move.to.pool.kind == NTMS_POOLTYPE_SCRATCH)
		code = check_writable(txn, ERROR_BUSY, &move);
	if (!code)
		code = carry_out(session, txn, &move, queued);
	if (!code)
		store_note(txn, pool, NTMS_MEDIA_POOL, NTMS_EVENT_COMPLETE);
	return code;
}

/* ---- a type corrected ---- */

static DWORD change_access(struct txn *txn, const struct caller *caller, const struct move *move)
{
	enum right to = RIGHT_CHANGE_TYPE;
	DWORD code = rights_check(txn, caller, RIGHT_CHANGE_TYPE, &move->from);

	/* As with a move, a Free pool belongs to all who may use it. */
	if (move->to.pool.kind == NTMS_POOLTYPE_SCRATCH)
		to = RIGHT_CHANGE_TYPE_FREE;
	if (!code)
		code = rights_check(txn, caller, to, &move->to);
	return code ? code : rights_check(txn, caller, RIGHT_CHANGE_TYPE_COMPUTER, NULL);
}

/* What the cartridge is from now on; @move->type follows. */
static DWORD take_type(struct txn *txn, struct move *move)
{
	DWORD code;

	if (guid_is_null(&move->to.pool.media_type))
		return ntms_say(ERROR_INVALID_MEDIA_POOL, "pool \"%s\" is for pools, not for media",
				move->to.name);
	code = must_exist(store_get(txn, &move->to.pool.media_type, NTMS_MEDIA_TYPE, &move->type),
			  "media type", move->to.name);
	if (code)
		return code;
	if (move->type.media_type.sides != move->media.media.sides)
		return ntms_say(ERROR_INVALID_MEDIA_POOL,
				"cartridge %s has %u sides, media of type %s have %u",
				move->media.name, move->media.media.sides, move->type.name,
				move->type.media_type.sides);
	move->media.media.media_type = move->type.guid;
	return ERROR_SUCCESS;
}

/* The library that has a cartridge of a type takes that type. */
static DWORD relate_type(struct txn *txn, const struct move *move)
{
	struct object library;
	NTMS_GUID same;
	DWORD code = must_exist(store_get(txn, &move->media.media.library, NTMS_LIBRARY, &library),
				"library", move->media.name);

	if (code || library.library.kind == NTMS_LIBRARYTYPE_OFFLINE)
		return code;
	return media_type_ensure(txn, move->type.media_type.code, &library.guid, &same);
}

DWORD pool_change_type(struct session *session, struct txn *txn, const NTMS_GUID *media,
		       const NTMS_GUID *pool, NTMS_GUID *queued)
{
	struct move move;
	DWORD code;

	memset(queued, 0, sizeof(*queued));
	code = read_move(txn, media, pool, &move);
	if (!code)
		code = change_access(txn, &session->caller, &move);
	if (code || is_settled(&move))
		return code;
	code = take_type(txn, &move);
	if (code)
		return code;
	if (!move_allowed(&move))
		return refuse(&move);
	code = check_idle(txn, &move);
	if (!code && move.to.pool.kind == NTMS_POOLTYPE_SCRATCH)
		code = check_writable(txn, ERROR_LIBRARY_OFFLINE, &move);
	if (!code)
		code = relate_type(txn, &move);
	if (!code)
		code = carry_out(session, txn, &move, queued);
	if (!code)
		store_note(txn, &move.media.guid, NTMS_PHYSICAL_MEDIA, NTMS_EVENT_COMPLETE);
	return code;
}
