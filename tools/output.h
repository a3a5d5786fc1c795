/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * output.h - what a verb has to say, as text, as JSON or as bare values
 *
 * Every verb puts what it found into JSON; --json prints just that, and the text
 * for people is made from it. So both always say the same.
 */
#ifndef RSM_OUTPUT_H
#define RSM_OUTPUT_H

#include <json-c/json.h>
#include "rsm.h"

struct column {
	const char *key; /* field of a row; "/a/b" goes down into objects. NULL ends a list */
	const char *title;
	bool right;
};

/* ---- building ---- */

struct json_object *json_list(void);
struct json_object *json_record(void);
void json_append(struct json_object *list, struct json_object *value);
void json_set(struct json_object *record, const char *key, struct json_object *value);
void json_set_text(struct json_object *record, const char *key, const char *text);
/* Bytes from a device: at most @max, made valid UTF-8. */
void json_set_raw(struct json_object *record, const char *key, const char *text, size_t max);
void json_set_wide(struct json_object *record, const char *key, const WCHAR *text, size_t max);
void json_set_number(struct json_object *record, const char *key, uint64_t number);
void json_set_flag(struct json_object *record, const char *key, bool flag);
/* The null GUID becomes null. */
void json_set_guid(struct json_object *record, const char *key, const NTMS_GUID *guid);
/* ISO 8601 in UTC; a time that was never becomes null. */
void json_set_time(struct json_object *record, const char *key, const SYSTEMTIME *time);
void json_set_unix_ms(struct json_object *record, const char *key, uint64_t milliseconds);

#define JSON_SET_WIDE(record, key, field) \
	json_set_wide(record, key, field, sizeof(field) / sizeof((field)[0]))
#define JSON_SET_RAW(record, key, field) json_set_raw(record, key, field, sizeof(field))

/* ---- reading; "" and 0 for what is not there ---- */

const char *json_text(const struct json_object *record, const char *path);
struct json_object *json_at(const struct json_object *record, const char *path);

/* ---- printing ---- */

void print_json(struct json_object *value);
/* The same in one line. */
void print_json_line(struct json_object *value);
/* One line, made visible. */
void print_text(const char *text);
void print_table(const struct json_object *rows, const struct column *columns);

/*
 * Print a list and drop it: JSON; one bare value of @brief a line; or a table, or
 * @none when it is empty.
 */
void print_rows(struct rsm *rsm, struct json_object *rows, const struct column *columns,
		const char *brief, const char *none);

/*
 * Print the one result of a verb and drop it: JSON; the bare value of @brief (NULL:
 * nothing); or the sentence @text, which is freed. With --quiet the sentence gives way to the
 * bare value.
 */
void print_result(struct rsm *rsm, struct json_object *result, const char *brief, char *text);

#endif
