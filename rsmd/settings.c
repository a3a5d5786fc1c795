/* SPDX-License-Identifier: GPL-2.0-only */
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "config-file.h"
#include "settings.h"
#include "log.h"
#include "text.h"

#define DATABASE	  "database"
#define BROKER		  "broker"
#define HOOK		  "hook"
#define HOOK_TIMEOUT	  "hook-timeout"
#define METRICS_DIRECTORY "metrics-directory"
#define METRICS_INTERVAL  "metrics-interval"

/* ---- one value: NULL, or what is wrong with it, in memory of its own ---- */

static char *check_seconds(const config_setting_t *setting)
{
	long long value = config_setting_get_int64(setting);

	if (value >= 1 && value <= 3600)
		return NULL;
	return text_format("is %lld; give a number of seconds from 1 to 3600", value);
}

static char *check_path(const config_setting_t *setting)
{
	const char *value = config_setting_get_string(setting);

	if (!value[0] || value[0] == '/')
		return NULL;
	return text_format("is \"%s\"; give the whole path, from / on", value);
}

static char *check_directory(const config_setting_t *setting)
{
	const char *value = config_setting_get_string(setting);
	char *wrong = check_path(setting);
	struct stat status;

	if (wrong || !value[0] || (stat(value, &status) == 0 && S_ISDIR(status.st_mode)))
		return wrong;
	return text_format("is \"%s\", which is not a directory; make it, or name another one",
			   value);
}

static char *check_broker(const config_setting_t *setting)
{
	const char *value = config_setting_get_string(setting);

	if (!value[0] || !strcmp(value, "kernel") || !strncmp(value, "virtual:/", 9))
		return NULL;
	return text_format(
		"is \"%s\"; give \"kernel\", or \"virtual:\" and the path of a directory", value);
}

/* It runs with our rights: nobody else may change what it is. */
static char *check_program(const char *path)
{
	struct stat status;

	if (path[0] != '/')
		return text_format("runs \"%s\"; give the whole path of the program, from / on",
				   path);
	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || access(path, X_OK) != 0)
		return text_format("runs \"%s\", which is not a program that can be executed",
				   path);
	if ((status.st_uid != 0 && status.st_uid != geteuid()) ||
	    (status.st_mode & (S_IWGRP | S_IWOTH)))
		return text_format(
			"runs \"%s\", which others can write to; have it belong to root, "
			"and chmod go-w",
			path);
	return NULL;
}

static char *check_hook(const config_setting_t *setting)
{
	int count = config_setting_length(setting);

	for (int i = 0; i < count; i++)
		if (!config_setting_get_string_elem(setting, i))
			return text_format("has a word that is no text; put it between \" and \"");
	return count ? check_program(config_setting_get_string_elem(setting, 0)) : NULL;
}

/* ---- which there are ---- */

static const struct rule {
	const char *name;
	int type;
	const char *like; /* what it looks like */
	char *(*check)(const config_setting_t *setting);
} rules[] = {
	{DATABASE, CONFIG_TYPE_STRING, "\"/var/lib/rsm\"", check_path},
	{BROKER, CONFIG_TYPE_STRING, "\"kernel\"", check_broker},
	{HOOK, CONFIG_TYPE_ARRAY, "[ \"/the/program\", \"its argument\" ]", check_hook},
	{HOOK_TIMEOUT, CONFIG_TYPE_INT, "60", check_seconds},
	{METRICS_DIRECTORY, CONFIG_TYPE_STRING, "\"/var/lib/prometheus/node-exporter\"",
	 check_directory},
	{METRICS_INTERVAL, CONFIG_TYPE_INT, "15", check_seconds},
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

static const struct rule *rule_of(const char *name)
{
	for (size_t i = 0; i < RULES; i++)
		if (!strcmp(rules[i].name, name))
			return &rules[i];
	return NULL;
}

static char *no_such_setting(void)
{
	char *list = text_format("is no setting; there are %s", rules[0].name);

	for (size_t i = 1; i < RULES; i++) {
		char *longer = text_format("%s, %s", list, rules[i].name);

		free(list);
		list = longer;
	}
	return list;
}

static char *find_wrong(const config_setting_t *setting)
{
	const struct rule *rule = rule_of(config_setting_name(setting));

	if (!rule)
		return no_such_setting();
	if (config_setting_type(setting) != rule->type)
		return text_format("is of the wrong kind; it looks like %s = %s", rule->name,
				   rule->like);
	return rule->check(setting);
}

/* All that is wrong is said. */
static bool check_all(const char *path, const config_t *parsed)
{
	const config_setting_t *root = config_root_setting(parsed);
	bool good = true;

	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *setting = config_setting_get_elem(root, (unsigned int)i);
		char *wrong = find_wrong(setting);

		if (wrong)
			log_error("%s:%u: %s %s", path, config_setting_source_line(setting),
				  config_setting_name(setting), wrong);
		good = good && !wrong;
		free(wrong);
	}
	return good;
}

/* ---- the file ---- */

static char *copy_text(const config_t *parsed, const char *name)
{
	const char *value = NULL;

	config_lookup_string(parsed, name, &value);
	return value && value[0] ? need(strdup(value)) : NULL;
}

static unsigned int copy_seconds(const config_t *parsed, const char *name, unsigned int usual)
{
	int value = (int)usual;

	config_lookup_int(parsed, name, &value);
	return (unsigned int)value;
}

static char **copy_words(const config_t *parsed, const char *name)
{
	const config_setting_t *setting = config_lookup(parsed, name);
	int count = setting ? config_setting_length(setting) : 0;
	char **words;

	if (!count)
		return NULL;
	words = need(calloc((size_t)count + 1, sizeof(*words)));
	for (int i = 0; i < count; i++)
		words[i] = need(strdup(config_setting_get_string_elem(setting, i)));
	return words;
}

static void copy_all(const config_t *parsed, struct settings *settings)
{
	settings->database = copy_text(parsed, DATABASE);
	settings->broker = copy_text(parsed, BROKER);
	settings->hook = copy_words(parsed, HOOK);
	settings->hook_timeout_s = copy_seconds(parsed, HOOK_TIMEOUT, 60);
	settings->metrics_directory = copy_text(parsed, METRICS_DIRECTORY);
	settings->metrics_interval_s = copy_seconds(parsed, METRICS_INTERVAL, 15);
}

bool settings_read(const char *path, struct settings *settings)
{
	const char *name = path ? path : CONFIG_FILE;
	config_t parsed;
	bool good;
	char *wrong;

	memset(settings, 0, sizeof(*settings));
	config_init(&parsed);
	wrong = config_file_read(name, !path, "rsmd.conf(5)", &parsed);
	if (wrong)
		log_error("%s", wrong);
	good = !wrong && check_all(name, &parsed);
	if (good)
		copy_all(&parsed, settings);
	free(wrong);
	config_destroy(&parsed);
	return good;
}

void settings_free(struct settings *settings)
{
	free(settings->database);
	free(settings->broker);
	for (char **word = settings->hook; word && *word; word++)
		free(*word);
	free(settings->hook);
	free(settings->metrics_directory);
	memset(settings, 0, sizeof(*settings));
}
