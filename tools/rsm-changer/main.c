/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rsm-changer - a changer for Bacula and Bareos, called as their mtx-changer
 */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "changer.h"
#include "text.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define PROGRAM "rsm-changer"

static const struct command {
	const char *name;
	int operands; /* that it needs beside the device and its name */
	changer_command *run;
} commands[] = {
	{"load", 3, command_load},	   {"unload", 3, command_unload},
	{"loaded", 3, command_loaded},	   {"list", 0, command_list},
	{"listall", 0, command_listall},   {"slots", 0, command_slots},
	{"transfer", 2, command_transfer},
};

static const char usage_text[] =
	"Usage: " PROGRAM " [OPTION]... DEVICE COMMAND [SLOT [ARCHIVE-DEVICE [DRIVE-INDEX]]]\n";

static const char help_text[] =
	"\n"
	"What a backup program calls to load and unload tapes, as its mtx-changer. It sees\n"
	"the cartridges of the media pools that /etc/rsm/changer.conf gives to it.\n"
	"\n"
	"  load, unload   have the cartridge of a slot in a drive, or back in its slot\n"
	"  loaded         the slot whose cartridge is loaded in a drive, 0 for none\n"
	"  list, listall  what is in the slots; in drives, slots and ports\n"
	"  slots          how many slots there are\n"
	"  transfer       is refused: a cartridge keeps its slot\n"
	"\n"
	"  --config FILE   read this instead of /etc/rsm/changer.conf\n"
	"  --for PID       load for this process, not for the one that calls\n"
	"  --check-config  say whether the configuration is in order, and end\n"
	"  --version       print the version\n"
	"  -h, --help      this text\n";

enum { FLAG_CONFIG = 256, FLAG_FOR, FLAG_CHECK, FLAG_VERSION };

static const struct option options[] = {
	{"config", required_argument, NULL, FLAG_CONFIG},
	{"for", required_argument, NULL, FLAG_FOR},
	{"check-config", no_argument, NULL, FLAG_CHECK},
	{"version", no_argument, NULL, FLAG_VERSION},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

struct given {
	const char *config;
	DWORD pid; /* 0: the one that calls */
	bool check;
};

static int wrong_usage(struct rsm *rsm, const char *format, const char *text)
{
	warn(rsm, format, text);
	fputs(usage_text, stderr);
	return EXIT_USAGE;
}

/* Digits only: what follows a number, or comes before it, is a mistake. */
static bool read_number(const char *text, DWORD *number)
{
	unsigned long value;
	char *end;

	if (!text[0] || text[strspn(text, "0123456789")] || strlen(text) > 9)
		return false;
	value = strtoul(text, &end, 10);
	*number = (DWORD)value;
	return true;
}

/* -1: go on; else the exit status. */
static int read_options(struct rsm *rsm, int argc, char **argv, struct given *given)
{
	int option;

	opterr = 0;
	/* Options come first: what follows the device is the backup program's. */
	while ((option = getopt_long(argc, argv, "+h", options, NULL)) >= 0) {
		switch (option) {
		case FLAG_CONFIG:
			given->config = optarg;
			break;
		case FLAG_FOR:
			if (!read_number(optarg, &given->pid) || !given->pid)
				return wrong_usage(rsm, "--for %s: this is no process", optarg);
			break;
		case FLAG_CHECK:
			given->check = true;
			break;
		case FLAG_VERSION:
			printf("%s (RSM for Linux) %s\n", PROGRAM, PACKAGE_VERSION);
			return EXIT_DONE;
		case 'h':
			fputs(usage_text, stdout);
			fputs(help_text, stdout);
			return EXIT_DONE;
		default:
			return wrong_usage(rsm, "%s: no such option, or it lacks its value",
					   argv[optind - 1]);
		}
	}
	return -1;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* As the backup program says it: it always gives five, and not every command needs all. */
static int read_operands(struct changer *changer, int count, char **operand,
			 const struct command **command)
{
	struct rsm *rsm = &changer->rsm;

	if (count < 2)
		return wrong_usage(rsm, "%s", "DEVICE and COMMAND are needed");
	*command = find_command(operand[1]);
	if (!*command)
		return wrong_usage(rsm, "'%s' is no command", operand[1]);
	if (count > 5)
		return wrong_usage(rsm, "'%s' is one argument too many", operand[5]);
	if (count < 2 + (*command)->operands)
		return wrong_usage(rsm, "%s needs more arguments", operand[1]);
	changer->device = operand[0];
	if (!(*command)->operands)
		return -1;
	changer->node = operand[3];
	/* Who asks what is loaded cannot know the slot. */
	if (!read_number(operand[2], &changer->slot) && (*command)->run != command_loaded)
		return wrong_usage(rsm, "'%s' is no number of a slot", operand[2]);
	if ((*command)->operands == 3 && !read_number(operand[4], &changer->drive))
		return wrong_usage(rsm, "'%s' is no number of a drive", operand[4]);
	return -1;
}

static int read_settings(struct changer *changer, const struct given *given)
{
	char *wrong = settings_read(given->config, &changer->settings), *rest;

	if (!wrong)
		return -1;
	for (char *line = strtok_r(wrong, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		warn(&changer->rsm, "%s", line);
	free(wrong);
	return EXIT_USAGE;
}

static int run(struct changer *changer, const struct command *command, const struct given *given)
{
	const struct settings *settings = &changer->settings;
	int error = owner_find((pid_t)given->pid, &changer->owner), status;

	if (error) {
		warn(&changer->rsm, "the process that it is for cannot be watched: %s",
		     strerror(-error));
		return EXIT_USAGE;
	}
	if (settings->database)
		setenv("NTMS_HOME", settings->database, 1);
	if (settings->broker)
		setenv("NTMS_BROKER", settings->broker, 1);
	status = command->run(changer);
	close(changer->owner.fd);
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	warn(&changer->rsm, "cannot write to standard output");
	return status ? status : EXIT_OTHER;
}

int main(int argc, char **argv)
{
	struct changer changer = {
		.rsm = {.session = INVALID_HANDLE_VALUE, .program = PROGRAM},
	};
	const struct command *command = NULL;
	struct given given = {.check = false};
	int status;

	setlocale(LC_ALL, "");
	status = read_options(&changer.rsm, argc, argv, &given);
	if (status < 0 && !given.check)
		status = read_operands(&changer, argc - optind, argv + optind, &command);
	if (status < 0)
		status = read_settings(&changer, &given);
	if (status < 0)
		status = given.check ? EXIT_DONE : run(&changer, command, &given);
	changer_free(&changer);
	return status;
}
