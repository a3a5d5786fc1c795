/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cmd-mount.c - rsm mount: have a keeper mount it, print the devices
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "keep.h"

static void print_devices(struct rsm *rsm, const struct owner *owner, struct json_object *list)
{
	size_t count = json_object_array_length(list);

	if (rsm->json) {
		print_json(list);
		return;
	}
	for (size_t i = 0; i < count; i++)
		print_text(json_text(json_object_array_get_idx(list, i), "device"));
	if (rsm->quiet || rsm->brief || !isatty(STDERR_FILENO))
		return;
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = json_object_array_get_idx(list, i);

		warn(rsm, "%s is in %s, until %s (%d) ends or 'rsm dismount'",
		     json_text(row, "cartridge"), json_text(row, "drive"), owner->command,
		     (int)owner->pid);
	}
}

static DWORD find(struct rsm *rsm, const void *context, struct mounting *mounting)
{
	mounting_options(rsm, context, mounting);
	return mounting_find(rsm, context, mounting);
}

int cmd_mount(struct rsm *rsm, const struct args *args)
{
	const struct keeping keeping = {.application = "rsm mount", .find = find, .context = args};
	pid_t pid = args->given[OPT_FOR] ? (pid_t)args->number[OPT_FOR] : 0;
	struct mounting mounting = {.count = 0};
	struct owner owner;
	int error, status;

	if (!mounting_options(rsm, args, &mounting))
		return EXIT_USAGE;
	error = pid < 0 ? -ESRCH : owner_find(pid, &owner);
	if (error && args->given[OPT_FOR])
		return fail_usage(rsm, "--for %s: %s", args->text[OPT_FOR], strerror(-error));
	if (error)
		return fail_usage(rsm, "the calling process cannot be watched: %s",
				  strerror(-error));
	status = keep(rsm, &keeping, &owner, print_devices);
	close(owner.fd);
	return status;
}
