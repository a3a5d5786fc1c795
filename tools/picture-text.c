/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * picture-text.c - the picture of the libraries as tables
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "holders.h"
#include "picture-text.h"
#include "text.h"

/* Empty slots in a row, from which on they are drawn as one line. */
#define FOLD_EMPTY 4

static const char *cartridge_name(const struct json_object *cartridge)
{
	const char *bar_code = json_text(cartridge, "bar_code");

	return bar_code[0] ? bar_code : json_text(cartridge, "name");
}

/* The states of a cartridge's sides: "allocated", or "allocated/reserved" of two. */
static char *side_text(const struct json_object *cartridge, const char *key)
{
	struct json_object *sides = json_at(cartridge, "sides");
	char *text = text_format("%s", "");

	for (size_t i = 0; i < json_object_array_length(sides); i++) {
		const char *one = json_text(json_object_array_get_idx(sides, i), key);
		char *longer = text_format("%s%s%s", text, text[0] && one[0] ? "/" : "", one);

		free(text);
		text = longer;
	}
	return text;
}

static void set_owned(struct json_object *row, const char *key, char *text)
{
	json_set_text(row, key, text);
	free(text);
}

/* A row for a cartridge, in a place or without one. */
static struct json_object *cartridge_row(const struct json_object *cartridge)
{
	struct json_object *row = json_record();

	if (!cartridge)
		return row;
	json_set_text(row, "cartridge", cartridge_name(cartridge));
	json_set_text(row, "id", json_text(cartridge, "id"));
	json_set_text(row, "pool", json_text(cartridge, "pool"));
	set_owned(row, "side", side_text(cartridge, "state"));
	set_owned(row, "lmid", side_text(cartridge, "lmid"));
	set_owned(row, "label", side_text(cartridge, "label_type"));
	return row;
}

static struct json_object *place_row(const struct json_object *place)
{
	struct json_object *row = cartridge_row(json_at(place, "cartridge"));

	json_set_text(row, "number", json_text(place, "number"));
	json_set_text(row, "state", json_text(place, "state"));
	return row;
}

/* Print the rows and drop them. The GUIDs of the cartridges come last, if they are wanted. */
static void print_part(struct json_object *rows, const struct column *columns, bool guid)
{
	struct column all[12];
	size_t count = 0;

	for (; columns->key && count < 10; columns++)
		all[count++] = *columns;
	if (guid)
		all[count++] = (struct column){"id", "CARTRIDGE GUID", false};
	all[count] = (struct column){NULL, NULL, false};
	if (json_object_array_length(rows)) {
		print_table(rows, all);
		putchar('\n');
	}
	json_object_put(rows);
}

static void print_drives(const struct json_object *library, bool guid)
{
	static const struct column columns[] = {
		{"number", "DRIVE", true},	   {"device", "DEVICE", false},
		{"serial", "SERIAL", false},	   {"state", "STATE", false},
		{"cartridge", "CARTRIDGE", false}, {"pool", "POOL", false},
		{"side", "SIDE", false},	   {"lmid", "LMID", false},
		{"holder", "HELD BY", false},	   {NULL, NULL, false},
	};
	struct json_object *drives = json_at(library, "drives"), *rows = json_list();

	for (size_t i = 0; i < json_object_array_length(drives); i++) {
		struct json_object *drive = json_object_array_get_idx(drives, i);
		struct json_object *row = place_row(drive), *holder = json_at(drive, "holder");

		json_set_text(row, "device", json_text(drive, "device"));
		json_set_text(row, "serial", json_text(drive, "serial"));
		if (!json_object_get_boolean(json_at(drive, "enabled")))
			json_set_text(row, "state", "disabled");
		else if (strcmp(json_text(drive, "operational_state"), "ready") != 0)
			json_set_text(row, "state", json_text(drive, "operational_state"));
		if (holder)
			set_owned(row, "holder", holder_text(holder));
		json_append(rows, row);
	}
	print_part(rows, columns, guid);
}

static void print_ports(const struct json_object *library, bool guid)
{
	static const struct column columns[] = {
		{"number", "PORT", true},	   {"state", "STATE", false},
		{"cartridge", "CARTRIDGE", false}, {"pool", "POOL", false},
		{"side", "SIDE", false},	   {NULL, NULL, false},
	};
	struct json_object *ports = json_at(library, "ports"), *rows = json_list();

	for (size_t i = 0; i < json_object_array_length(ports); i++)
		json_append(rows, place_row(json_object_array_get_idx(ports, i)));
	print_part(rows, columns, guid);
}

static bool is_empty_slot(const struct json_object *slot)
{
	return !json_at(slot, "cartridge") && !strcmp(json_text(slot, "state"), "empty");
}

static void print_slots(const struct json_object *library, bool guid)
{
	static const struct column columns[] = {
		{"number", "SLOT", true},	   {"state", "STATE", false},
		{"cartridge", "CARTRIDGE", false}, {"pool", "POOL", false},
		{"side", "SIDE", false},	   {"label", "LABEL", false},
		{"lmid", "LMID", false},	   {NULL, NULL, false},
	};
	struct json_object *slots = json_at(library, "slots"), *rows = json_list();
	size_t count = json_object_array_length(slots);

	for (size_t i = 0; i < count; i++) {
		struct json_object *slot = json_object_array_get_idx(slots, i), *row;
		size_t last = i;

		while (last < count && is_empty_slot(json_object_array_get_idx(slots, last)))
			last++;
		row = place_row(slot);
		json_append(rows, row);
		if (last - i < FOLD_EMPTY)
			continue;
		set_owned(row, "number",
			  text_format(
				  "%s-%s", json_text(slot, "number"),
				  json_text(json_object_array_get_idx(slots, last - 1), "number")));
		i = last - 1;
	}
	print_part(rows, columns, guid);
}

static void print_cartridges(const char *title, const struct json_object *cartridges, bool guid)
{
	static const struct column columns[] = {
		{"cartridge", "CARTRIDGE", false}, {"pool", "POOL", false}, {"side", "SIDE", false},
		{"label", "LABEL", false},	   {"lmid", "LMID", false}, {NULL, NULL, false},
	};
	struct json_object *rows = json_list();

	for (size_t i = 0; i < json_object_array_length(cartridges); i++)
		json_append(rows, cartridge_row(json_object_array_get_idx(cartridges, i)));
	if (json_object_array_length(rows))
		puts(title);
	print_part(rows, columns, guid);
}

static void print_library(const struct json_object *library, bool guid)
{
	struct json_object *changers = json_at(library, "changers");
	bool enabled = json_object_get_boolean(json_at(library, "enabled"));
	char *line =
		text_format("Library %s: %s, %s%s", json_text(library, "name"),
			    json_text(library, "library_type"),
			    json_text(library, "operational_state"), enabled ? "" : ", disabled");

	print_text(line);
	free(line);
	for (size_t i = 0; i < json_object_array_length(changers); i++) {
		struct json_object *changer = json_object_array_get_idx(changers, i);
		const char *device = json_text(changer, "device");

		line = text_format("Changer %s%s, serial number %s", device[0] ? device : "",
				   device[0] ? "" : "without a device node",
				   json_text(changer, "serial"));
		print_text(line);
		free(line);
	}
	putchar('\n');
	print_drives(library, guid);
	print_ports(library, guid);
	print_slots(library, guid);
	print_cartridges("On the way:", json_at(library, "elsewhere"), guid);
}

static void print_pools(const struct json_object *pools)
{
	static const struct column columns[] = {
		{"path", "POOL", false},
		{"pool_type", "TYPE", false},
		{"media_type", "MEDIA TYPE", false},
		{"physical_media", "CARTRIDGES", true},
		{"logical_media", "ALLOCATED", true},
		{NULL, NULL, false},
	};

	if (json_object_array_length(pools))
		print_table(pools, columns);
}

/* For scripts: every cartridge that is in a place. */
static void print_brief(const struct json_object *document)
{
	static const char *const parts[] = {"drives", "ports", "slots"};
	struct json_object *libraries = json_at(document, "libraries");

	for (size_t i = 0; i < json_object_array_length(libraries); i++) {
		struct json_object *library = json_object_array_get_idx(libraries, i);

		for (size_t part = 0; part < 3; part++) {
			struct json_object *list = json_at(library, parts[part]);

			for (size_t at = 0; at < json_object_array_length(list); at++) {
				struct json_object *inside =
					json_at(json_object_array_get_idx(list, at), "cartridge");

				if (inside)
					print_text(cartridge_name(inside));
			}
		}
	}
}

void picture_text(struct rsm *rsm, const struct json_object *document, bool guid)
{
	struct json_object *libraries = json_at(document, "libraries");

	if (rsm->brief) {
		print_brief(document);
		return;
	}
	if (!json_object_array_length(libraries) && !rsm->quiet)
		puts("No library is managed; 'rsm devices' shows what there is, 'rsm manage' "
		     "takes it.\n");
	for (size_t i = 0; i < json_object_array_length(libraries); i++)
		print_library(json_object_array_get_idx(libraries, i), guid);
	print_cartridges("Offline:", json_at(document, "offline"), guid);
	print_pools(json_at(document, "pools"));
}
