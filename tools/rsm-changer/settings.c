/* SPDX-License-Identifier: GPL-2.0-only */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include "ntms/ntmsapi.h"
#include "config-file.h"
#include "settings.h"
#include "text.h"

#define DATABASE  "database"
#define BROKER	  "broker"
#define CONSUMERS "consumers"

#define NAME	 "name"
#define LIBRARY	 "library"
#define USER	 "user"
#define POOLS	 "pools"
#define SCRATCH	 "scratch"
#define TIMEOUT	 "timeout"
#define PRIORITY "priority"

/* Below the 5 minutes that Bacula waits for a changer, so that it hears what was the matter. */
#define USUAL_TIMEOUT_S 270

/* What is wrong, as it is found. */
struct complaints {
	const char *path;
	char *text; /* NULL: nothing yet */
};

static void complain(struct complaints *complaints, const config_setting_t *setting, char *what)
{
	const char *name = config_setting_name(setting);
	char *all =
		text_format("%s%s%s:%u: %s %s", complaints->text ? complaints->text : "",
			    complaints->text ? "\n" : "", complaints->path,
			    config_setting_source_line(setting), name ? name : "a consumer", what);

	free(complaints->text);
	free(what);
	complaints->text = all;
}

/* ---- one value: NULL, or what is wrong with it, in memory of its own ---- */

static char *check_text(const config_setting_t *setting)
{
	return config_setting_get_string(setting)[0] ? NULL : text_format("is empty");
}

static char *check_path(const config_setting_t *setting)
{
	const char *value = config_setting_get_string(setting);

	if (value[0] == '/')
		return NULL;
	return text_format("is \"%s\"; give the whole path, from / on", value);
}

static char *check_broker(const config_setting_t *setting)
{
	const char *value = config_setting_get_string(setting);

	if (!strcmp(value, "kernel") || !strncmp(value, "virtual:/", 9))
		return NULL;
	return text_format(
		"is \"%s\"; give \"kernel\", or \"virtual:\" and the path of a directory", value);
}

static char *check_user(const config_setting_t *setting)
{
	const char *value = config_setting_get_string(setting);

	return getpwnam(value) ? NULL : text_format("is \"%s\", and there is no such user", value);
}

static char *check_pools(const config_setting_t *setting)
{
	int count = config_setting_length(setting);

	for (int i = 0; i < count; i++) {
		const char *pool = config_setting_get_string_elem(setting, i);

		if (!pool || !pool[0])
			return text_format("has something that is no name of a pool; put the name "
					   "between \" and \"");
	}
	return count ? NULL : text_format("is empty; name one pool or more");
}

static char *check_range(const config_setting_t *setting, long long least, long long most,
			 const char *what)
{
	long long value = config_setting_get_int64(setting);

	if (value >= least && value <= most)
		return NULL;
	return text_format("is %lld; give %s from %lld to %lld", value, what, least, most);
}

static char *check_timeout(const config_setting_t *setting)
{
	return check_range(setting, 1, 86400, "a number of seconds");
}

static char *check_priority(const config_setting_t *setting)
{
	return check_range(setting, NTMS_PRIORITY_LOWEST, NTMS_PRIORITY_HIGHEST, "a number");
}

/* ---- which there are ---- */

struct rule {
	const char *name; /* NULL ends a list */
	int type;
	const char *like; /* what it looks like */
	char *(*check)(const config_setting_t *setting);
};

static const struct rule file_rules[] = {
	{DATABASE, CONFIG_TYPE_STRING, "\"/var/lib/rsm\"", check_path},
	{BROKER, CONFIG_TYPE_STRING, "\"kernel\"", check_broker},
	{CONSUMERS, CONFIG_TYPE_LIST, "( { name = \"bacula\"; pools = [ \"Bacula\" ]; } )", NULL},
	{NULL, 0, NULL, NULL},
};

static const struct rule consumer_rules[] = {
	{NAME, CONFIG_TYPE_STRING, "\"bacula\"", check_text},
	{LIBRARY, CONFIG_TYPE_STRING, "\"/dev/sch0\"", check_text},
	{USER, CONFIG_TYPE_STRING, "\"bacula\"", check_user},
	{POOLS, CONFIG_TYPE_ARRAY, "[ \"Bacula\" ]", check_pools},
	{SCRATCH, CONFIG_TYPE_BOOL, "true", NULL},
	{TIMEOUT, CONFIG_TYPE_INT, "270", check_timeout},
	{PRIORITY, CONFIG_TYPE_INT, "0", check_priority},
	{NULL, 0, NULL, NULL},
};

static char *no_such_setting(const struct rule *rules)
{
	char *list = text_format("is no setting; there are %s", rules[0].name);

	for (rules++; rules->name; rules++) {
		char *longer = text_format("%s, %s", list, rules->name);

		free(list);
		list = longer;
	}
	return list;
}

static char *find_wrong(const struct rule *rules, const config_setting_t *setting)
{
	const struct rule *rule = rules;

	while (rule->name && strcmp(rule->name, config_setting_name(setting)) != 0)
		rule++;
	if (!rule->name)
		return no_such_setting(rules);
	if (config_setting_type(setting) != rule->type)
		return text_format("is of the wrong kind; it looks like %s = %s", rule->name,
				   rule->like);
	return rule->check ? rule->check(setting) : NULL;
}

static void check_group(struct complaints *complaints, const struct rule *rules,
			const config_setting_t *group)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned int)i);
		char *wrong = find_wrong(rules, setting);

		if (wrong)
			complain(complaints, setting, wrong);
	}
}

/* ---- consumers ---- */

static char *copy(const config_setting_t *group, const char *name)
{
	const char *value = NULL;

	config_setting_lookup_string(group, name, &value);
	return value ? need(strdup(value)) : NULL;
}

static int copy_number(const config_setting_t *group, const char *name, int usual)
{
	config_setting_lookup_int(group, name, &usual);
	return usual;
}

static char **copy_words(const config_setting_t *words)
{
	size_t count = (size_t)config_setting_length(words);
	char **copied = need(calloc(count + 1, sizeof(*copied)));

	for (size_t i = 0; i < count; i++)
		copied[i] = need(strdup(config_setting_get_string_elem(words, (int)i)));
	return copied;
}

/* All of it has been checked. */
static void copy_consumer(const config_setting_t *group, struct consumer *consumer)
{
	int scratch = 0;

	config_setting_lookup_bool(group, SCRATCH, &scratch);
	consumer->name = copy(group, NAME);
	consumer->library = copy(group, LIBRARY);
	consumer->user = copy(group, USER);
	if (consumer->user) {
		const struct passwd *user = getpwnam(consumer->user);

		/* Between the check and now somebody may have removed him: then it is nobody. */
		consumer->uid = user ? user->pw_uid : (uid_t)-1;
	}
	consumer->pools = copy_words(config_setting_get_member(group, POOLS));
	consumer->scratch = scratch;
	consumer->timeout_s = (unsigned int)copy_number(group, TIMEOUT, USUAL_TIMEOUT_S);
	consumer->priority = copy_number(group, PRIORITY, NTMS_PRIORITY_NORMAL);
}

static void check_consumer(struct complaints *complaints, const config_setting_t *group)
{
	static const char *const must[] = {NAME, POOLS};

	if (config_setting_type(group) != CONFIG_TYPE_GROUP) {
		complain(complaints, group, text_format("is no group; put it between { and }"));
		return;
	}
	check_group(complaints, consumer_rules, group);
	for (size_t i = 0; i < sizeof(must) / sizeof(must[0]); i++)
		if (!config_setting_get_member(group, must[i]))
			complain(complaints, group, text_format("has no %s", must[i]));
}

static bool is_taken(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->count; i++)
		if (!strcmp(settings->consumers[i].name, name))
			return true;
	return false;
}

static void read_consumers(struct complaints *complaints, const config_setting_t *list,
			   struct settings *settings)
{
	size_t count = (size_t)config_setting_length(list);

	settings->consumers = need(calloc(count + 1, sizeof(*settings->consumers)));
	for (size_t i = 0; i < count; i++) {
		const config_setting_t *group = config_setting_get_elem(list, (unsigned int)i);
		const char *name;

		check_consumer(complaints, group);
		if (complaints->text)
			continue;
		config_setting_lookup_string(group, NAME, &name);
		if (is_taken(settings, name))
			complain(complaints, group,
				 text_format("is called \"%s\", as another one is", name));
		else
			copy_consumer(group, &settings->consumers[settings->count++]);
	}
}

char *settings_read(const char *path, struct settings *settings)
{
	struct complaints complaints = {.path = path ? path : CONFIG_FILE};
	const config_setting_t *root, *list;
	config_t parsed;

	memset(settings, 0, sizeof(*settings));
	config_init(&parsed);
	complaints.text = config_file_read(complaints.path, false, "changer.conf(5)", &parsed);
	if (complaints.text)
		goto out;
	root = config_root_setting(&parsed);
	check_group(&complaints, file_rules, root);
	list = config_setting_get_member(root, CONSUMERS);
	if (!complaints.text && list)
		read_consumers(&complaints, list, settings);
	if (!complaints.text && !settings->count)
		complaints.text =
			text_format("%s: names no consumers; see changer.conf(5)", complaints.path);
	if (!complaints.text) {
		settings->database = copy(root, DATABASE);
		settings->broker = copy(root, BROKER);
	}
out:
	config_destroy(&parsed);
	return complaints.text;
}

void settings_free(struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++) {
		struct consumer *consumer = &settings->consumers[i];

		for (char **pool = consumer->pools; *pool; pool++)
			free(*pool);
		free(consumer->pools);
		free(consumer->name);
		free(consumer->library);
		free(consumer->user);
	}
	free(settings->consumers);
	free(settings->database);
	free(settings->broker);
	memset(settings, 0, sizeof(*settings));
}
