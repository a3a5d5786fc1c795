/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * truths.c - what has to hold of records and library whoever dies
 *
 * Records and library are looked at in one transaction: while it lasts no executor confirms
 * anything, so that what has no open intent is where the records say.
 */
#include <stdlib.h>
#include <string.h>
#include "base/guid.h"
#include "base/say.h"
#include "campaign.h"
#include "core/media.h"
#include "core/run.h"
#include "fixture-kernel.h"
#include "invariants.h"

static struct store *store;
/* What is looked at, and when; the places are those of the cartridges by their numbers. */
static struct fx_dump *dump;
static const char *now;
static unsigned int places[CARTRIDGES];
static struct lot before[APPLICATIONS][LOTS];

void truths_open(void)
{
	must(store_open(fx_home, false, &store));
}

void truths_close(void)
{
	store_close(store);
	store = NULL;
}

/* ---- places ---- */

/* In how many elements a virtual library has the cartridge. */
static unsigned int elements_of(const char *barcode)
{
	char path[PATH_MAX], line[256], name[64];
	unsigned int element, found = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/state", fx_vlib);
	file = fopen(path, "r");
	cr_assert(file, "%s: %m", path);
	while (fgets(line, sizeof(line), file))
		found += sscanf(line, "%u %63s", &element, name) == 2 && !strcmp(name, barcode);
	fclose(file);
	return found;
}

static void look_at_library(void)
{
	for (int i = 0; i < CARTRIDGES; i++) {
		places[i] = fx_where(board->barcodes[i]);
		if (!kx_wanted())
			cr_assert_leq(elements_of(board->barcodes[i]), 1, "%s: %s is in %u places",
				      now, board->barcodes[i], elements_of(board->barcodes[i]));
	}
}

static void look(const char *when)
{
	struct txn *txn;

	now = when;
	must(store_begin(store, STORE_DEADLINE_DEFAULT, &txn));
	dump = fx_dump_of(txn);
	look_at_library();
	store_abort(txn);
}

static const struct object *find(const NTMS_GUID *guid)
{
	return fx_dump_find(dump, guid);
}

static const struct object *intent_about(const struct object *media)
{
	for (size_t i = 0; i < dump->count; i++) {
		const struct object *request = &dump->objects[i];

		if (request->type == NTMS_LIBREQUEST &&
		    request->librequest.move == OBJ_MOVE_INTENDED &&
		    guid_equal(&request->librequest.move_media, &media->guid))
			return request;
	}
	return NULL;
}

static unsigned int element_of(const NTMS_GUID *place)
{
	const struct object *device = find(place);

	cr_assert(device, "%s: a place is not in the database", now);
	return device->device.element;
}

/* What a person has just taken, or just put in, nobody may have noticed. */
static bool may_be_anybodys(const struct object *media, unsigned int where, bool quiet)
{
	const struct object *place = find(&media->media.location);
	bool in_port = where >= VIRTUAL_FIRST_PORT && where < VIRTUAL_FIRST_DRIVE;

	if (quiet)
		return false;
	if (!place)
		return in_port;
	return place->type == NTMS_IEPORT && where == 0;
}

static void check_place(const struct object *media, unsigned int where, bool quiet)
{
	const struct object *intent = intent_about(media), *place = find(&media->media.location);
	unsigned int recorded = place ? place->device.element : 0;

	if (intent) {
		unsigned int from = element_of(&intent->librequest.move_from);
		unsigned int to = element_of(&intent->librequest.move_to);

		cr_assert(where == from || where == to,
			  "%s: %s is in element %u, and was to go from %u to %u", now,
			  media_name(media), where, from, to);
		return;
	}
	cr_assert(where == recorded || may_be_anybodys(media, where, quiet),
		  "%s: %s is in element %u, and by the records in %u", now, media_name(media),
		  where, recorded);
}

static void check_places(bool quiet)
{
	size_t known = 0;

	for (size_t i = 0; i < dump->count; i++) {
		const struct object *media = &dump->objects[i];

		if (media->type != NTMS_PHYSICAL_MEDIA)
			continue;
		known++;
		for (int k = 0; k < CARTRIDGES; k++)
			if (!strcmp(media->media.barcode, board->barcodes[k]))
				check_place(media, places[k], quiet);
	}
	cr_assert_eq(known, CARTRIDGES, "%s: there are records of %zu cartridges, not %d", now,
		     known, CARTRIDGES);
}

/* ---- allocations ---- */

static bool is_sure(const struct lot *was, const struct lot *is)
{
	return was->state == LOT_OWNED && is->state == LOT_OWNED &&
	       guid_equal(&was->logical, &is->logical);
}

static bool knows(int application, const NTMS_GUID *logical)
{
	for (int i = 0; i < LOTS; i++) {
		const struct lot *is = &board->seats[application].lots[i];
		const struct lot *was = &before[application][i];

		if (is->state >= LOT_OWNED && guid_equal(&is->logical, logical))
			return true;
		if (was->state >= LOT_OWNED && guid_equal(&was->logical, logical))
			return true;
	}
	return false;
}

/* An LMID in the application's pool of which it has not heard, or NULL. */
static const struct object *unheard_of(int application, size_t *count)
{
	const struct object *found = NULL;

	*count = 0;
	for (size_t i = 0; i < dump->count; i++) {
		const struct object *logical = &dump->objects[i];

		if (logical->type != NTMS_LOGICAL_MEDIA ||
		    !guid_equal(&logical->logical.pool, &board->pools[application]) ||
		    knows(application, &logical->guid))
			continue;
		found = logical;
		(*count)++;
	}
	return found;
}

static void check_lots(int application)
{
	const struct lot *lots = board->seats[application].lots;
	size_t unknown, asked = 0;

	for (int i = 0; i < LOTS; i++) {
		asked += lots[i].state == LOT_ASKED || before[application][i].state == LOT_ASKED;
		if (is_sure(&before[application][i], &lots[i]))
			cr_assert(find(&lots[i].logical),
				  "%s: what application %d has allocated is not there", now,
				  application);
	}
	unheard_of(application, &unknown);
	cr_assert_leq(unknown, asked, "%s: application %d has %zu allocations it did not make", now,
		      application, unknown);
}

void truths_settle(int number)
{
	const struct object *logical;
	size_t count;

	if (party_of(number) != APPLICATION)
		return;
	for (int i = 0; i < LOTS; i++)
		before[number][i] = board->seats[number].lots[i];
	look("after a death");
	logical = unheard_of(number, &count);
	for (int i = 0; i < LOTS; i++) {
		struct lot *lot = &board->seats[number].lots[i];

		if (lot->state == LOT_ASKED && logical) {
			*lot = (struct lot){.state = LOT_OWNED, .logical = logical->guid};
			logical = NULL;
		}
		if (lot->state == LOT_ASKED)
			lot->state = LOT_NONE;
		if (lot->state == LOT_GIVEN)
			lot->state = find(&lot->logical) ? LOT_OWNED : LOT_NONE;
	}
	fx_dump_free(dump);
}

/* ---- all together ---- */

/* Nobody does anything, and there is nothing to be done. */
static void check_quiet(void)
{
	for (size_t i = 0; i < dump->count; i++) {
		const struct object *obj = &dump->objects[i];

		if (obj->type == NTMS_LIBREQUEST)
			cr_assert(request_is_final(obj), "%s: a request of operation %u is left",
				  now, obj->librequest.operation);
		if (obj->type == NTMS_OPREQUEST)
			cr_assert_neq(obj->oprequest.state, NTMS_OPSTATE_SUBMITTED,
				      "%s: a person is asked for something: %s", now,
				      obj->oprequest.message);
		if (obj->type == NTMS_DRIVE)
			cr_assert(obj->device.state == NTMS_DRIVESTATE_DISMOUNTED ||
					  obj->device.state == NTMS_DRIVESTATE_DISMOUNTABLE,
				  "%s: drive %u has state %u", now, obj->device.number,
				  obj->device.state);
	}
}

void truths_check(const char *when, bool quiet)
{
	for (int i = 0; i < APPLICATIONS; i++)
		memcpy(before[i], board->seats[i].lots, sizeof(before[i]));
	look(when);
	invariants_check(dump, when, quiet);
	check_places(quiet);
	for (int i = 0; i < APPLICATIONS; i++)
		check_lots(i);
	if (quiet)
		check_quiet();
	fx_dump_free(dump);
}

void truths_print(void)
{
	struct txn *txn;

	if (store_begin(store, STORE_DEADLINE_DEFAULT, &txn)) {
		fprintf(stderr, "  the database: %s\n", ntms_said());
		return;
	}
	dump = fx_dump_of(txn);
	store_abort(txn);
	for (size_t i = 0; i < dump->count; i++) {
		const struct object *obj = &dump->objects[i];

		if (obj->type == NTMS_LIBREQUEST && !request_is_final(obj))
			fprintf(stderr,
				"  request of operation %u, state %u, of process %u, phase %#x: "
				"%s\n",
				obj->librequest.operation, obj->librequest.state,
				obj->librequest.pid, obj->librequest.phase,
				obj->librequest.waits_for);
		if (obj->type == NTMS_DRIVE)
			fprintf(stderr, "  drive %u: state %u\n", obj->device.number,
				obj->device.state);
		if (obj->type == NTMS_PHYSICAL_MEDIA)
			fprintf(stderr, "  cartridge %s: state %u\n", media_name(obj),
				obj->media.state);
		if (obj->type == NTMS_OPREQUEST && obj->oprequest.state == NTMS_OPSTATE_SUBMITTED)
			fprintf(stderr, "  a person is asked: %s\n", obj->oprequest.message);
	}
	fx_dump_free(dump);
}
