/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include "snapshot.h"
#include "text.h"

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->media);
	free(snapshot->requests);
}

DWORD snapshot_take(struct rsm *rsm, const NTMS_GUID *library, struct snapshot *snapshot)
{
	DWORD code;

	memset(snapshot, 0, sizeof(*snapshot));
	code = list_objects(rsm, library, NTMS_PHYSICAL_MEDIA, &snapshot->media,
			    &snapshot->media_count);
	if (!code)
		code = list_objects(rsm, library, NTMS_LIBREQUEST, &snapshot->requests,
				    &snapshot->request_count);
	return code;
}

static bool contains(const NTMS_GUID *list, DWORD count, const NTMS_GUID *guid)
{
	for (DWORD i = 0; i < count; i++)
		if (guid_equal(&list[i], guid))
			return true;
	return false;
}

bool snapshot_has_request(const struct snapshot *snapshot, const NTMS_GUID *request)
{
	return contains(snapshot->requests, snapshot->request_count, request);
}

struct json_object *snapshot_difference(struct rsm *rsm, const struct snapshot *a,
					const struct snapshot *b)
{
	struct json_object *list = json_list();

	for (DWORD i = 0; i < a->media_count; i++) {
		struct json_object *one;

		if (contains(b->media, b->media_count, &a->media[i]))
			continue;
		one = json_record();
		json_set_guid(one, "id", &a->media[i]);
		json_set_text(one, "name", name_of(rsm, &a->media[i], NTMS_PHYSICAL_MEDIA));
		json_append(list, one);
	}
	return list;
}

char *snapshot_text(const char *what, const struct json_object *list)
{
	size_t count = json_object_array_length(list);
	char *text = text_format("%zu %s%s", count, what, count ? " (" : "");

	for (size_t i = 0; i < count; i++) {
		char *longer = text_format("%s%s%s%s", text, i ? ", " : "",
					   json_text(json_object_array_get_idx(list, i), "name"),
					   i + 1 == count ? ")" : "");

		free(text);
		text = longer;
	}
	return text;
}
