/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-acl.c - rsm acl: who may do what with the computer, a library or a pool
 */
#include <stdlib.h>
#include <string.h>
#include "acl.h"
#include "describe.h"
#include "places.h"
#include "text.h"

/* More do not fit into a descriptor. */
#define MAX_ENTRIES (OBJ_SD_MAX / 20)

#define DESCRIPTOR_PARTS \
	(OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION)

struct acl {
	NTMS_GUID guid;
	DWORD type;
	struct sd_sid owner, group; /* length 0: none */
	bool open;		    /* there is no list: everybody may do everything */
	struct sd_ace entry[MAX_ENTRIES];
	size_t count;
};

/* ---- reading ---- */

static void take_sid(struct sd_sid *to, const uint8_t *sid)
{
	memset(to, 0, sizeof(*to));
	if (!sid)
		return;
	to->length = 8 + 4u * sid[1];
	memcpy(to->bytes, sid, to->length);
}

static DWORD read_acl(struct rsm *rsm, struct acl *acl)
{
	uint8_t bytes[OBJ_SD_MAX];
	struct sd_view view;
	size_t position = 0;
	DWORD length = 0, code;

	code = note(rsm, GetNtmsObjectSecurity(rsm->session, &acl->guid, acl->type,
					       DESCRIPTOR_PARTS, bytes, sizeof(bytes), &length));
	if (code)
		return code;
	if (!sd_parse(bytes, length, &view))
		return note_text(rsm, ERROR_INVALID_SECURITY_DESCR, "its descriptor is damaged");
	take_sid(&acl->owner, view.owner);
	take_sid(&acl->group, view.group);
	acl->open = !view.dacl;
	acl->count = 0;
	while (view.dacl && acl->count < MAX_ENTRIES &&
	       sd_next_ace(view.dacl, &position, &acl->entry[acl->count]))
		acl->count++;
	return ERROR_SUCCESS;
}

/* "\" and "/" are the pool above all others, which no list shows. */
static DWORD find_root_pool(struct rsm *rsm, NTMS_GUID *guid)
{
	DWORD count = 1, code;

	code = EnumerateNtmsObject(rsm->session, NULL, guid, &count, NTMS_MEDIA_POOL,
				   NTMS_ENUM_ROOTPOOL);
	return note(rsm, code == ERROR_INSUFFICIENT_BUFFER ? ERROR_SUCCESS : code);
}

static DWORD find_holder(struct rsm *rsm, const struct args *args, struct acl *acl)
{
	static const DWORD types[] = {NTMS_LIBRARY, NTMS_MEDIA_POOL, NTMS_COMPUTER, 0};
	const char *text = args->operand[0];

	if (!strcmp(text, "\\") || !strcmp(text, "/")) {
		acl->type = NTMS_MEDIA_POOL;
		return find_root_pool(rsm, &acl->guid);
	}
	return find_any(rsm, args, text, types, &acl->guid, &acl->type);
}

/* ---- changing ---- */

static bool is_inherited(const struct sd_ace *ace)
{
	return ace->flags & SD_INHERITED_ACE;
}

/* What is denied first, then what is allowed, then what comes from the pool above. */
static int rank(const struct sd_ace *ace)
{
	return is_inherited(ace) ? 2 : ace->type == SD_ACE_ALLOW;
}

static void remove_entry(struct acl *acl, size_t at)
{
	acl->count--;
	memmove(&acl->entry[at], &acl->entry[at + 1], (acl->count - at) * sizeof(acl->entry[0]));
}

/* In place of what the list says of the same. An inherited entry becomes the object's own. */
static bool put_entry(struct acl *acl, const struct sd_ace *ace)
{
	size_t at = 0;

	for (size_t i = acl->count; i-- > 0;)
		if (acl_entry_same(&acl->entry[i], ace))
			remove_entry(acl, i);
	if (!ace->mask)
		return true;
	if (acl->count == MAX_ENTRIES)
		return false;
	while (at < acl->count && rank(&acl->entry[at]) <= rank(ace))
		at++;
	memmove(&acl->entry[at + 1], &acl->entry[at], (acl->count - at) * sizeof(acl->entry[0]));
	acl->entry[at] = *ace;
	acl->count++;
	return true;
}

/* All that is given, before anything is looked for. */
struct wish {
	struct sd_ace *entry;
	size_t count;
	struct sd_sid owner, group;
	DWORD parts;
};

static bool parse_wish(struct rsm *rsm, const struct args *args, struct wish *wish)
{
	wish->count = args->count - 1;
	wish->entry = need(calloc(wish->count + 1, sizeof(*wish->entry)));
	for (size_t i = 0; i < wish->count; i++)
		if (!acl_entry_parse(rsm, args->operand[i + 1], &wish->entry[i]))
			return false;
	if (args->given[OPT_OWNER] &&
	    !acl_who_parse(rsm, args->text[OPT_OWNER], SD_USER, &wish->owner))
		return false;
	if (args->given[OPT_GROUP] &&
	    !acl_who_parse(rsm, args->text[OPT_GROUP], SD_GROUP, &wish->group))
		return false;
	if (args->given[OPT_REPLACE] && !wish->count) {
		fail_usage(rsm, "--replace needs the entries of the new list");
		return false;
	}
	if (wish->count)
		wish->parts |= DACL_SECURITY_INFORMATION;
	if (args->given[OPT_OWNER])
		wish->parts |= OWNER_SECURITY_INFORMATION;
	if (args->given[OPT_GROUP])
		wish->parts |= GROUP_SECURITY_INFORMATION;
	return true;
}

static DWORD change_list(struct rsm *rsm, const struct args *args, const struct wish *wish,
			 struct acl *acl)
{
	if (args->given[OPT_REPLACE])
		acl->count = 0;
	else if (acl->open && wish->count)
		return note_text(rsm, ERROR_INVALID_STATE,
				 "it has no list, so everybody may do everything; give it a whole "
				 "one with --replace");
	for (size_t i = 0; i < wish->count; i++)
		if (!put_entry(acl, &wish->entry[i]))
			return note_text(rsm, ERROR_INVALID_PARAMETER,
					 "a list has at most %d entries", MAX_ENTRIES);
	return ERROR_SUCCESS;
}

static DWORD write_acl(struct rsm *rsm, const struct args *args, const struct wish *wish,
		       struct acl *acl)
{
	struct obj_security security;
	DWORD code = change_list(rsm, args, wish, acl);

	if (code)
		return code;
	if (args->given[OPT_OWNER])
		acl->owner = wish->owner;
	if (args->given[OPT_GROUP])
		acl->group = wish->group;
	if (!sd_build(&security, &acl->owner, &acl->group, acl->entry, acl->count))
		return note_text(rsm, ERROR_INVALID_PARAMETER,
				 "so many entries do not fit; a list has room for about %d",
				 OBJ_SD_MAX / 28);
	return note(rsm, SetNtmsObjectSecurity(rsm->session, &acl->guid, acl->type, wish->parts,
					       security.bytes));
}

/* ---- showing ---- */

static void set_who(struct json_object *result, const char *key, const struct sd_sid *sid)
{
	char *who = sid->length ? acl_who_text(sid->bytes) : NULL;

	json_set_text(result, key, who);
	free(who);
}

static struct json_object *describe_acl(struct rsm *rsm, const struct acl *acl)
{
	struct json_object *result = json_record(), *entries = json_list();

	json_set_guid(result, "id", &acl->guid);
	json_set_text(result, "type", word_of(object_types, acl->type));
	json_set_text(result, "name", name_of(rsm, &acl->guid, acl->type));
	set_who(result, "owner", &acl->owner);
	set_who(result, "group", &acl->group);
	for (size_t i = 0; i < acl->count; i++)
		json_append(entries, acl_entry_json(&acl->entry[i]));
	json_set(result, "entries", acl->open ? NULL : entries);
	if (acl->open)
		json_object_put(entries);
	return result;
}

static void print_acl(struct rsm *rsm, const struct acl *acl)
{
	struct json_object *result = describe_acl(rsm, acl);
	const char *name = json_text(result, "name");
	char *line;

	if (rsm->json) {
		print_json(result);
		json_object_put(result);
		return;
	}
	if (!rsm->brief) {
		line = text_format("%s %s, owner %s, group %s:", json_text(result, "type"),
				   name[0] ? name : json_text(result, "id"),
				   acl->owner.length ? json_text(result, "owner") : "nobody",
				   acl->group.length ? json_text(result, "group") : "nobody");
		print_text(line);
		free(line);
	}
	if (acl->open)
		warn(rsm, "it has no list: everybody may do everything");
	for (size_t i = 0; i < acl->count; i++) {
		char *text = acl_entry_text(&acl->entry[i]);

		line = text_format("%s%s%s", rsm->brief ? "" : "  ", text,
				   !rsm->brief && is_inherited(&acl->entry[i])
					   ? "  (from the pool above)"
					   : "");
		print_text(line);
		free(line);
		free(text);
	}
	json_object_put(result);
}

int cmd_acl(struct rsm *rsm, const struct args *args)
{
	struct acl acl = {.count = 0};
	struct wish wish = {.count = 0};
	DWORD code;
	int status;

	if (!parse_wish(rsm, args, &wish)) {
		free(wish.entry);
		return EXIT_USAGE;
	}
	code = rsm_open(rsm, "rsm acl");
	if (!code)
		code = find_holder(rsm, args, &acl);
	if (!code)
		code = read_acl(rsm, &acl);
	if (!code && wish.parts)
		code = write_acl(rsm, args, &wish, &acl);
	if (!code && wish.parts)
		code = read_acl(rsm, &acl);
	status = fail(rsm, code);
	if (!code)
		print_acl(rsm, &acl);
	free(wish.entry);
	return status;
}
