/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue.h - records of cartridges that are in no library: entered and deleted by callers */
#ifndef NTMS_CORE_CATALOGUE_H
#define NTMS_CORE_CATALOGUE_H

#include "core/session.h"

#define CATALOGUE_SIDES_MAX 2

/* A cartridge as the caller describes it, and then as it has been entered. */
struct entry {
	struct object media;
	struct object sides[CATALOGUE_SIDES_MAX];
};

/*
 * See CreateNtmsMedia, whose errors it returns. @entry: what the records say, media.sides counting
 * the sides; filled in on success. @unique: refuse a label that another side has.
 */
DWORD catalogue_enter(struct txn *txn, const struct caller *caller, struct entry *entry,
		      bool unique);

/* See DeleteNtmsMedia. */
DWORD catalogue_delete(struct txn *txn, const struct caller *caller, const NTMS_GUID *media);

#endif
