/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view.h - a library as one of its consumers sees it
 *
 * He sees all slots, drives and ports, and of the cartridges those of his pools; and, where his
 * pools may draw from them, the free ones. A cartridge that rests in a drive and is not in use is
 * at home: the next load takes it wherever it is.
 */
#ifndef RSM_CHANGER_VIEW_H
#define RSM_CHANGER_VIEW_H

#include "names.h"
#include "settings.h"

struct cartridge {
	NTMS_GUID guid;
	char *name;	/* bar code, or what it is called without one */
	char *bar_code; /* "" when it has none */
	char *pool;	/* the pool it is in */
	DWORD home;	/* number of its slot, 0: none */
	bool shown;
	NTMS_GUID allocate; /* pool to allocate it from; of what is not shown: null */
	NTMS_GUID place;    /* where it is seen */
	NTMS_GUID drive;    /* the one it is in, in use or not; null: none */
};

struct place {
	NTMS_GUID guid;
	DWORD number;
	bool in_use;		    /* of a drive: by a program that lives */
	struct cartridge *content;  /* what is seen here, shown or not; NULL: nothing */
	struct cartridge *resident; /* of a drive: what is in it, in use or not */
};

struct places {
	struct place *at;
	size_t count;
};

struct view {
	struct places slots, drives, ports; /* by number */
	struct cartridge *cartridges;
	size_t count;
};

/* Failures are noted. @view is to be freed either way. */
DWORD view_read(struct rsm *rsm, const struct consumer *consumer, const NTMS_GUID *library,
		struct view *view);
void view_free(struct view *view);

/* NULL: there is none of this number. */
struct place *view_place(const struct places *places, DWORD number);

/* What the consumer sees there, or NULL. */
static inline struct cartridge *view_shown(const struct place *place)
{
	return place->content && place->content->shown ? place->content : NULL;
}

#endif
