/* SPDX-License-Identifier: GPL-2.0-only */
#include <json-c/json_pointer.h>
#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "names.h"
#include "output.h"
#include "progress.h"
#include "text.h"

struct json_object *json_list(void)
{
	return need(json_object_new_array());
}

struct json_object *json_record(void)
{
	return need(json_object_new_object());
}

void json_append(struct json_object *list, struct json_object *value)
{
	if (json_object_array_add(list, value))
		need(NULL);
}

void json_set(struct json_object *record, const char *key, struct json_object *value)
{
	if (json_object_object_add(record, key, value))
		need(NULL);
}

void json_set_text(struct json_object *record, const char *key, const char *text)
{
	json_set(record, key, text ? need(json_object_new_string(text)) : NULL);
}

void json_set_raw(struct json_object *record, const char *key, const char *text, size_t max)
{
	char *clean = text_clean(text, max);

	json_set_text(record, key, clean);
	free(clean);
}

void json_set_wide(struct json_object *record, const char *key, const WCHAR *text, size_t max)
{
	char *narrow = text_from_wide(text, max);

	json_set_text(record, key, narrow);
	free(narrow);
}

void json_set_number(struct json_object *record, const char *key, uint64_t number)
{
	json_set(record, key, need(json_object_new_uint64(number)));
}

void json_set_flag(struct json_object *record, const char *key, bool flag)
{
	json_set(record, key, need(json_object_new_boolean(flag)));
}

void json_set_guid(struct json_object *record, const char *key, const NTMS_GUID *guid)
{
	char text[GUID_TEXT_SIZE];

	json_set_text(record, key, guid_is_null(guid) ? NULL : guid_dashed(guid, text));
}

void json_set_time(struct json_object *record, const char *key, const SYSTEMTIME *time)
{
	char *text;

	if (!time->wYear) {
		json_set_text(record, key, NULL);
		return;
	}
	text = text_format("%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", time->wYear, time->wMonth,
			   time->wDay, time->wHour, time->wMinute, time->wSecond,
			   time->wMilliseconds);
	json_set_text(record, key, text);
	free(text);
}

void json_set_unix_ms(struct json_object *record, const char *key, uint64_t milliseconds)
{
	time_t seconds = (time_t)(milliseconds / 1000);
	char text[64] = "", *all;
	struct tm parts;

	if (!milliseconds || !gmtime_r(&seconds, &parts) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts)) {
		json_set_text(record, key, NULL);
		return;
	}
	all = text_format("%s.%03uZ", text, (unsigned int)(milliseconds % 1000));
	json_set_text(record, key, all);
	free(all);
}

struct json_object *json_at(const struct json_object *record, const char *path)
{
	struct json_object *found = NULL;

	if (path[0] != '/')
		return json_object_object_get(record, path);
	/* The function only reads, in spite of its type. */
	if (json_pointer_get((struct json_object *)record, path, &found))
		return NULL;
	return found;
}

const char *json_text(const struct json_object *record, const char *path)
{
	struct json_object *value = json_at(record, path);

	return value ? json_object_get_string(value) : "";
}

/* json-c leaves DEL and the C1 control characters (0xc2 0x80 to 0x9f) as they are, and a terminal
 * obeys them; they occur only inside of strings. */
static void print_json_as(struct json_object *value, int format)
{
	const char *text = json_object_to_json_string_ext(value, format);

	for (need((void *)text); *text; text++) {
		unsigned char byte = (unsigned char)text[0], next = (unsigned char)text[1];

		if (byte == 0x7f)
			fputs("\\u007f", stdout);
		else if (byte == 0xc2 && next >= 0x80 && next < 0xa0)
			printf("\\u%04x", (unsigned char)*++text);
		else
			putchar(byte);
	}
	putchar('\n');
}

void print_json(struct json_object *value)
{
	print_json_as(value, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				     JSON_C_TO_STRING_NOSLASHESCAPE);
}

void print_json_line(struct json_object *value)
{
	print_json_as(value, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
}

void print_text(const char *text)
{
	char *visible = text_visible(text);

	puts(visible);
	free(visible);
}

/* A value as a cell of a table; memory of malloc(). */
static char *cell_text(const struct json_object *row, const char *key)
{
	struct json_object *value = json_at(row, key);
	const char *text;

	if (!value)
		return text_format("-");
	if (json_object_is_type(value, json_type_boolean))
		return text_format("%s", json_object_get_boolean(value) ? "yes" : "no");
	text = json_object_get_string(value);
	return text_visible(text[0] ? text : "-");
}

static void add_row(struct libscols_table *table, const struct json_object *row,
		    const struct column *columns)
{
	struct libscols_line *line = need(scols_table_new_line(table, NULL));

	for (size_t i = 0; columns[i].key; i++)
		if (scols_line_refer_data(line, i, cell_text(row, columns[i].key)))
			need(NULL);
}

void print_table(const struct json_object *rows, const struct column *columns)
{
	struct libscols_table *table = need(scols_new_table());

	for (const struct column *column = columns; column->key; column++)
		need(scols_table_new_column(table, column->title, 0,
					    column->right ? SCOLS_FL_RIGHT : 0));
	for (size_t i = 0; i < json_object_array_length(rows); i++)
		add_row(table, json_object_array_get_idx(rows, i), columns);
	/* It was made visible already; and a line is never cut. */
	scols_table_enable_noencoding(table, 1);
	scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	if (scols_print_table(table))
		need(NULL);
	scols_unref_table(table);
}

/* GUIDs are written without dashes in brief output. */
static void print_bare(const char *text)
{
	NTMS_GUID guid;
	char bare[GUID_TEXT_SIZE];

	print_text(guid_parse(text, &guid) ? guid_bare(&guid, bare) : text);
}

void print_rows(struct rsm *rsm, struct json_object *rows, const struct column *columns,
		const char *brief, const char *none)
{
	size_t count = json_object_array_length(rows);

	progress_clear(rsm);
	if (rsm->json) {
		print_json(rows);
	} else if (rsm->brief) {
		for (size_t i = 0; i < count; i++)
			print_bare(json_text(json_object_array_get_idx(rows, i), brief));
	} else if (count) {
		print_table(rows, columns);
	} else if (!rsm->quiet) {
		puts(none);
	}
	json_object_put(rows);
}

void print_result(struct rsm *rsm, struct json_object *result, const char *brief, char *text)
{
	progress_clear(rsm);
	if (rsm->json)
		print_json(result);
	else if (!rsm->brief && !rsm->quiet)
		print_text(text);
	else if (brief)
		print_bare(json_text(result, brief));
	json_object_put(result);
	free(text);
}
