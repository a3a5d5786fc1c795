/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "acl.h"
#include "names.h"
#include "output.h"
#include "text.h"

#define ALL_RIGHTS                                                                               \
	(NTMS_USE_ACCESS | NTMS_MODIFY_ACCESS | NTMS_CONTROL_ACCESS | READ_CONTROL | WRITE_DAC | \
	 WRITE_OWNER)
#define WHERE_FLAGS (SD_CONTAINER_INHERIT_ACE | SD_INHERIT_ONLY_ACE)

/* As the messages of the library call them. */
static const struct word rights[] = {
	{NTMS_USE_ACCESS, "use"},
	{NTMS_MODIFY_ACCESS, "modify"},
	{NTMS_CONTROL_ACCESS, "control"},
	{READ_CONTROL, "read-control"},
	{WRITE_DAC, "write-dac"},
	{WRITE_OWNER, "write-owner"},
	{0, NULL},
};

/* ---- as text ---- */

static char *sid_text(const uint8_t *sid)
{
	unsigned long long authority = 0;
	char *text;

	for (size_t i = 2; i < 8; i++)
		authority = authority << 8 | sid[i];
	text = text_format("sid:S-%u-%llu", sid[0], authority);
	for (size_t i = 0; i < sid[1]; i++) {
		const uint8_t *sub = sid + 8 + 4 * i;
		char *longer = text_format("%s-%u", text,
					   sub[0] | (uint32_t)sub[1] << 8 | (uint32_t)sub[2] << 16 |
						   (uint32_t)sub[3] << 24);

		free(text);
		text = longer;
	}
	return text;
}

static char *group_name(gid_t gid)
{
	const struct group *entry = getgrgid(gid);

	return entry ? text_clean(entry->gr_name, 256) : text_format("%u", gid);
}

char *acl_who_text(const uint8_t *sid)
{
	char *name, *text;
	uint32_t id;

	switch (sd_sid_who(sid, &id)) {
	case SD_EVERYONE:
		return text_format("everyone");
	case SD_USER:
		name = user_name(id);
		text = text_format("user:%s", name);
		break;
	case SD_GROUP:
		name = group_name(id);
		text = text_format("group:%s", name);
		break;
	default:
		return sid_text(sid);
	}
	free(name);
	return text;
}

static struct json_object *rights_json(uint32_t mask)
{
	struct json_object *list = json_list();

	for (const struct word *word = rights; word->text; word++)
		if (mask & word->value)
			json_append(list, need(json_object_new_string(word->text)));
	mask &= ~(uint32_t)ALL_RIGHTS;
	if (mask) {
		char *bits = text_format("0x%x", mask);

		json_append(list, need(json_object_new_string(bits)));
		free(bits);
	}
	return list;
}

static char *rights_text(uint32_t mask)
{
	struct json_object *list;
	char *text = text_format("%s", "");

	if (mask == ALL_RIGHTS || !mask) {
		free(text);
		return text_format("%s", mask ? "all" : "none");
	}
	list = rights_json(mask);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		char *longer =
			text_format("%s%s%s", text, i ? "," : "",
				    json_object_get_string(json_object_array_get_idx(list, i)));

		free(text);
		text = longer;
	}
	json_object_put(list);
	return text;
}

static const char *where_text(const struct sd_ace *ace)
{
	if (ace->flags & SD_INHERIT_ONLY_ACE)
		return "below";
	return ace->flags & SD_CONTAINER_INHERIT_ACE ? "" : "here";
}

char *acl_entry_text(const struct sd_ace *ace)
{
	char *who = acl_who_text(ace->sid.bytes), *may = rights_text(ace->mask);
	const char *where = where_text(ace);
	char *text = text_format("%s%s%s%s:%s", ace->type == SD_ACE_DENY ? "deny:" : "", where,
				 where[0] ? ":" : "", who, may);

	free(may);
	free(who);
	return text;
}

struct json_object *acl_entry_json(const struct sd_ace *ace)
{
	struct json_object *row = json_record();
	char *text = acl_entry_text(ace), *who = acl_who_text(ace->sid.bytes);
	const char *where = where_text(ace);

	json_set_text(row, "entry", text);
	json_set_text(row, "who", who);
	json_set_flag(row, "allowed", ace->type == SD_ACE_ALLOW);
	json_set(row, "rights", rights_json(ace->mask));
	json_set_text(row, "where", where[0] ? where : "here and below");
	json_set_flag(row, "inherited", ace->flags & SD_INHERITED_ACE);
	free(who);
	free(text);
	return row;
}

/* ---- from text ---- */

static bool take_prefix(const char **text, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(*text, prefix, length) != 0)
		return false;
	*text += length;
	return true;
}

static bool take_id(const char *name, uint32_t *id)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(name, &end, 10);
	*id = (uint32_t)number;
	return name[0] >= '0' && name[0] <= '9' && !*end && !errno && number < UINT32_MAX;
}

static bool find_id(struct rsm *rsm, enum sd_who kind, const char *name, uint32_t *id)
{
	const struct passwd *user = kind == SD_USER ? getpwnam(name) : NULL;
	const struct group *group = kind == SD_GROUP ? getgrnam(name) : NULL;

	if (user)
		*id = user->pw_uid;
	else if (group)
		*id = group->gr_gid;
	else if (!take_id(name, id)) {
		fail_usage(rsm, "there is no %s '%s'", kind == SD_USER ? "user" : "group", name);
		return false;
	}
	return true;
}

bool acl_who_parse(struct rsm *rsm, const char *text, enum sd_who kind, struct sd_sid *sid)
{
	uint32_t id = 0;

	if (take_prefix(&text, "user:"))
		kind = SD_USER;
	else if (take_prefix(&text, "group:"))
		kind = SD_GROUP;
	if (!find_id(rsm, kind, text, &id))
		return false;
	sd_sid_make(sid, kind, id);
	return true;
}

/* One word of a list; false if it is none. */
static bool take_right(const char *word, uint32_t *mask)
{
	char *end;

	if (!strcmp(word, "none"))
		return true;
	if (!strcmp(word, "all")) {
		*mask |= ALL_RIGHTS;
		return true;
	}
	for (const struct word *right = rights; right->text; right++) {
		if (strcmp(right->text, word) != 0)
			continue;
		*mask |= right->value;
		return true;
	}
	if (strncmp(word, "0x", 2) != 0 || strlen(word) > 10)
		return false;
	*mask |= (uint32_t)strtoul(word + 2, &end, 16);
	return word[2] && !*end;
}

static bool take_rights(struct rsm *rsm, const char *text, uint32_t *mask)
{
	char *copy = text_format("%s", text), *rest = copy;
	bool good = true;

	*mask = 0;
	while (good && rest) {
		const char *word = strsep(&rest, ",");

		good = take_right(word, mask);
		if (!good)
			fail_usage(rsm,
				   "no right '%s'; there are: use, modify, control, read-control, "
				   "write-dac, write-owner, all, none",
				   word);
	}
	free(copy);
	return good;
}

static bool malformed(struct rsm *rsm, const char *text)
{
	fail_usage(rsm, "'%s' is no entry; one is like user:alice:use,modify", text);
	return false;
}

bool acl_entry_parse(struct rsm *rsm, const char *text, struct sd_ace *ace)
{
	const char *whole = text, *colon;
	enum sd_who kind;
	uint32_t id = 0;
	char *name;
	bool good = true;

	memset(ace, 0, sizeof(*ace));
	ace->type = take_prefix(&text, "deny:") ? SD_ACE_DENY : SD_ACE_ALLOW;
	ace->flags = SD_CONTAINER_INHERIT_ACE;
	if (take_prefix(&text, "here:"))
		ace->flags = 0;
	else if (take_prefix(&text, "below:"))
		ace->flags |= SD_INHERIT_ONLY_ACE;
	if (take_prefix(&text, "everyone:")) {
		sd_sid_make(&ace->sid, SD_EVERYONE, 0);
		return take_rights(rsm, text, &ace->mask);
	}
	kind = take_prefix(&text, "user:") ? SD_USER : SD_GROUP;
	if (kind == SD_GROUP && !take_prefix(&text, "group:"))
		return malformed(rsm, whole);
	colon = strrchr(text, ':');
	if (!colon || colon == text)
		return malformed(rsm, whole);
	name = text_format("%.*s", (int)(colon - text), text);
	good = find_id(rsm, kind, name, &id) && take_rights(rsm, colon + 1, &ace->mask);
	free(name);
	sd_sid_make(&ace->sid, kind, id);
	return good;
}

bool acl_entry_same(const struct sd_ace *a, const struct sd_ace *b)
{
	return a->type == b->type && (a->flags & WHERE_FLAGS) == (b->flags & WHERE_FLAGS) &&
	       a->sid.length == b->sid.length && !memcmp(a->sid.bytes, b->sid.bytes, a->sid.length);
}
