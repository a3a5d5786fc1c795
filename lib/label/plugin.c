/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>
#include "base/utf.h"
#include "label/elf.h"
#include "label/formats.h"
#include "label/plugin.h"

/* Nobody has that many formats; a directory with more is something else. */
#define PLUGINS_MAX 64

struct plugin {
	char *name;
	void *object;
	DWORD max;
	CLAIMMEDIALABEL claim;
	CLAIMMEDIALABELEX claim_ex; /* when there is no claim */
};

struct plugins {
	struct plugin list[PLUGINS_MAX];
	size_t count;
	char *refusals[PLUGINS_MAX];
	size_t refused;
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct plugins *plugins,
							 const char *format, ...)
{
	va_list args;
	char *text;

	if (plugins->refused == PLUGINS_MAX)
		return false;
	va_start(args, format);
	if (vasprintf(&text, format, args) >= 0)
		plugins->refusals[plugins->refused++] = text;
	va_end(args);
	return false;
}

/* ---- what may be loaded ---- */

/* Only root, or whoever uses the plug-ins, has had a hand in it. */
static bool is_safe(struct plugins *plugins, const char *name, const struct stat *status,
		    uid_t owner)
{
	if (status->st_uid != 0 && status->st_uid != owner)
		return refuse(plugins, "%s belongs to user %u, not to root", name,
			      (unsigned int)status->st_uid);
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return refuse(plugins, "%s can be written by others (chmod go-w)", name);
	return true;
}

static bool has_suffix(const char *name)
{
	size_t length = strlen(name);

	return length > 3 && strcmp(name + length - 3, ".so") == 0;
}

static bool is_loadable(struct plugins *plugins, int directory, const char *name, uid_t owner)
{
	const char *wrong;
	struct stat status;
	int fd;

	if (!has_suffix(name))
		return refuse(plugins, "%s is no plug-in: the name does not end in .so", name);
	/* Does not wait for the other end of a FIFO. */
	fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP ? refuse(plugins, "%s is a symbolic link", name)
				      : refuse(plugins, "%s cannot be opened: %m", name);
	if (fstat(fd, &status)) {
		refuse(plugins, "%s cannot be looked at: %m", name);
		goto fail;
	}
	if (!S_ISREG(status.st_mode)) {
		refuse(plugins, "%s is no regular file", name);
		goto fail;
	}
	if (!is_safe(plugins, name, &status, owner))
		goto fail;
	wrong = elf_object_wrong(fd, (uint64_t)status.st_size);
	if (wrong) {
		refuse(plugins, "%s is not a whole shared object: %s", name, wrong);
		goto fail;
	}
	close(fd);
	return true;
fail:
	close(fd);
	return false;
}

/* ---- one plug-in ---- */

/* What dlsym() returns is a function; ISO C has no cast for that. */
#define FIND(plugin, function, symbol) (*(void **)&(function) = dlsym((plugin)->object, symbol))

static bool find_functions(struct plugins *plugins, struct plugin *plugin)
{
	MAXMEDIALABEL max;
	DWORD code;

	FIND(plugin, max, "MaxMediaLabel");
	FIND(plugin, plugin->claim, "ClaimMediaLabel");
	FIND(plugin, plugin->claim_ex, "ClaimMediaLabelEx");
	if (!max || (!plugin->claim && !plugin->claim_ex))
		return refuse(plugins, "%s has no function %s", plugin->name,
			      max ? "ClaimMediaLabel" : "MaxMediaLabel");
	code = max(&plugin->max);
	if (code != NO_ERROR)
		return refuse(plugins, "%s: MaxMediaLabel fails with error %u", plugin->name,
			      (unsigned int)code);
	if (plugin->max == 0 || plugin->max > LABEL_READ_SIZE)
		return refuse(plugins, "%s: MaxMediaLabel asks for %u bytes; 1 to %u can be had",
			      plugin->name, (unsigned int)plugin->max, LABEL_READ_SIZE);
	return true;
}

static void plugin_drop(struct plugin *plugin)
{
	if (plugin->object)
		dlclose(plugin->object);
	free(plugin->name);
	memset(plugin, 0, sizeof(*plugin));
}

/* @path is @name in the directory, which nobody else can write to: it is what was looked at. */
static void plugin_add(struct plugins *plugins, const char *path, const char *name)
{
	struct plugin *plugin = &plugins->list[plugins->count];
	const char *why;

	if (plugins->count == PLUGINS_MAX) {
		refuse(plugins, "%s is one too many: %u can be used", name, PLUGINS_MAX);
		return;
	}
	plugin->name = strdup(name);
	if (!plugin->name) {
		refuse(plugins, "%s: no memory", name);
		return;
	}
	plugin->object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!plugin->object) {
		why = dlerror();
		refuse(plugins, "%s cannot be loaded: %s", name, why ? why : "no reason is known");
	}
	if (plugin->object && find_functions(plugins, plugin))
		plugins->count++;
	else
		plugin_drop(plugin);
}

/* ---- the directory ---- */

static int is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Names in the order of their bytes, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void load_all(struct plugins *plugins, const char *directory, int fd, uid_t owner)
{
	struct dirent **entries;
	char *path;
	int count = scandirat(fd, ".", &entries, is_entry, by_name);

	if (count < 0) {
		refuse(plugins, "%s cannot be read: %m", directory);
		return;
	}
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		if (is_loadable(plugins, fd, name, owner)) {
			if (asprintf(&path, "%s/%s", directory, name) < 0) {
				refuse(plugins, "%s: no memory", name);
			} else {
				plugin_add(plugins, path, name);
				free(path);
			}
		}
		free(entries[i]);
	}
	free(entries);
}

struct plugins *plugins_load(const char *directory, uid_t owner)
{
	struct plugins *plugins = calloc(1, sizeof(*plugins));
	struct stat status;
	char *real;
	int fd;

	if (!plugins)
		return NULL;
	/* Without the symbolic links in it, and for dlopen() with a slash. */
	real = realpath(directory, NULL);
	if (!real) {
		if (errno != ENOENT)
			refuse(plugins, "%s cannot be found: %m", directory);
		return plugins;
	}
	fd = open(real, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status))
		refuse(plugins, "%s cannot be opened: %m", real);
	else if (is_safe(plugins, real, &status, owner))
		load_all(plugins, real, fd, owner);
	if (fd >= 0)
		close(fd);
	free(real);
	return plugins;
}

void plugins_free(struct plugins *plugins)
{
	if (!plugins)
		return;
	for (size_t i = 0; i < plugins->count; i++)
		plugin_drop(&plugins->list[i]);
	for (size_t i = 0; i < plugins->refused; i++)
		free(plugins->refusals[i]);
	free(plugins);
}

/* ---- of this machine ---- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct plugins *installed;

static void load_installed(void)
{
	const char *other = secure_getenv("NTMS_LABEL_DIR");

	if (other && other[0])
		installed = plugins_load(other, geteuid());
	else
		installed = plugins_load(LABEL_PLUGIN_DIR, 0);
	for (size_t i = 0; i < plugins_refused(installed); i++)
		syslog(LOG_WARNING, "label plug-in refused: %s", plugins_refusal(installed, i));
}

const struct plugins *plugins_installed(void)
{
	pthread_once(&once, load_installed);
	return installed;
}

size_t plugins_count(const struct plugins *plugins)
{
	return plugins ? plugins->count : 0;
}

size_t plugins_refused(const struct plugins *plugins)
{
	return plugins ? plugins->refused : 0;
}

const char *plugins_refusal(const struct plugins *plugins, size_t number)
{
	return number < plugins_refused(plugins) ? plugins->refusals[number] : "";
}

size_t plugins_max(const struct plugins *plugins)
{
	size_t most = 0;

	for (size_t i = 0; i < plugins_count(plugins); i++) {
		if (plugins->list[i].max > most)
			most = plugins->list[i].max;
	}
	return most;
}

/* ---- asking them ---- */

static DWORD ask(const struct plugin *plugin, const void *block, size_t size, MediaLabelInfo *info)
{
	GUID guid;

	memset(info, 0, sizeof(*info));
	if (plugin->claim)
		return plugin->claim(block, (DWORD)size, info);
	memset(&guid, 0, sizeof(guid));
	return plugin->claim_ex(block, (DWORD)size, info, &guid);
}

static bool claims(const struct plugin *plugin, const void *block, size_t size, struct label *label)
{
	MediaLabelInfo info;
	struct label taken;
	DWORD code = ask(plugin, block, size, &info);

	if (code == ERROR_BAD_FORMAT)
		return false;
	if (code != NO_ERROR) {
		syslog(LOG_WARNING, "label plug-in %s fails with error %u", plugin->name,
		       (unsigned int)code);
		return false;
	}
	if (!label_take_claim(&info, &taken)) {
		syslog(LOG_WARNING,
		       "label plug-in %s claims a label and gives no proper type, id or text",
		       plugin->name);
		return false;
	}
	if (label_type_is_builtin(taken.type)) {
		syslog(LOG_WARNING, "label plug-in %s claims a label of type %s, which is not its",
		       plugin->name, taken.type);
		return false;
	}
	*label = taken;
	return true;
}

bool plugins_claim(const struct plugins *plugins, const void *block, size_t size,
		   struct label *label)
{
	bool claimed = false;
	void *copy;

	if (plugins_count(plugins) == 0 || size == 0)
		return false;
	if (size > LABEL_READ_SIZE)
		size = LABEL_READ_SIZE;
	copy = malloc(size);
	if (!copy)
		return false;
	for (size_t i = 0; i < plugins->count && !claimed; i++) {
		/* Whatever the one before has done to it. */
		memcpy(copy, block, size);
		claimed = claims(&plugins->list[i], copy, size, label);
	}
	free(copy);
	return claimed;
}
