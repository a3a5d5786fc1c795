/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rsmd - work the queues of all libraries, whoever put something into them
 */
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "daemon.h"
#include "hook.h"
#include "hotplug.h"
#include "log.h"
#include "metrics.h"
#include "oprequest.h"
#include "request.h"
#include "reload.h"
#include "session.h"
#include "tell.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

static void usage(FILE *out)
{
	fputs("usage: rsmd [--config FILE] [--check-config]\n"
	      "\n"
	      "Work the queues of all managed libraries, in the foreground, until SIGTERM.\n"
	      "\n"
	      "  --config FILE   read this configuration instead of " CONFIG_FILE "\n"
	      "  --check-config  say whether the configuration is in order, and end\n"
	      "  --version       print the version\n"
	      "  --help          print this\n"
	      "\n"
	      "See rsmd(8) and rsmd.conf(5).\n",
	      out);
}

struct options {
	const char *config;
	bool check;
	bool done; /* nothing is left to be done but to end with status */
	int status;
};

static void read_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{"config", required_argument, NULL, 'c'},
		{"check-config", no_argument, NULL, 'C'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", table, NULL)) >= 0) {
		switch (option) {
		case 'c':
			options->config = optarg;
			break;
		case 'C':
			options->check = true;
			break;
		case 'V':
			printf("rsmd (RSM for Linux) %s\n", PACKAGE_VERSION);
			options->done = true;
			return;
		case 'h':
			usage(stdout);
			options->done = true;
			return;
		default:
			options->done = true;
			options->status = EXIT_USAGE;
			fputs("Try 'rsmd --help'.\n", stderr);
			return;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "rsmd: what is '%s' for?\n", argv[optind]);
		usage(stderr);
		options->done = true;
		options->status = EXIT_USAGE;
	}
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *pointer)
{
	struct daemon *daemon = pointer;

	(void)source;
	log_info("stopping: %s", strsignal((int)info->ssi_signo));
	tell_stopping(daemon);
	session_end(daemon);
	return 0;
}

/* They come through the event loop; threads and children know nothing of them. */
static int listen_for_signals(struct daemon *daemon)
{
	sigset_t signals;
	int error;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	error = sd_event_add_signal(daemon->event, NULL, SIGTERM, on_stop, daemon);
	if (error >= 0)
		error = sd_event_add_signal(daemon->event, NULL, SIGINT, on_stop, daemon);
	if (error >= 0)
		error = reload_begin(daemon);
	return error;
}

/* What the configuration says and libntms reads from the environment. */
static void set_environment(const struct settings *settings)
{
	if (settings->database)
		setenv("NTMS_HOME", settings->database, 1);
	if (settings->broker)
		setenv("NTMS_BROKER", settings->broker, 1);
}

static int run(struct daemon *daemon)
{
	int status = EXIT_OTHER;
	DWORD code;

	if (listen_for_signals(daemon) < 0)
		return EXIT_OTHER;
	code = session_begin(daemon);
	if (code) {
		log_error("%s (%s)", daemon->rsm.message, RsmErrorName(code));
		session_abandon(daemon);
		return exit_of(code);
	}
	if (tell_begin(daemon) < 0 || metrics_begin(daemon) < 0)
		return EXIT_OTHER;
	hotplug_begin(daemon);
	tell_ready(daemon);
	if (sd_event_loop(daemon->event) >= 0)
		sd_event_get_exit_code(daemon->event, &status);
	return status;
}

int main(int argc, char **argv)
{
	struct daemon daemon = {
		.rsm = {.session = INVALID_HANDLE_VALUE, .quiet = true},
		.changes_fd = -1,
		.closed_fd = -1,
	};
	struct options options = {.status = EXIT_DONE};
	int status = EXIT_OTHER;

	setlocale(LC_ALL, "");
	read_options(argc, argv, &options);
	if (options.done)
		return fflush(stdout) || ferror(stdout) ? EXIT_OTHER : options.status;
	daemon.config_path = options.config;
	if (!settings_read(options.config, &daemon.settings))
		return EXIT_USAGE;
	if (options.check) {
		printf("%s is in order\n", options.config ? options.config : CONFIG_FILE);
		settings_free(&daemon.settings);
		return fflush(stdout) ? EXIT_OTHER : EXIT_DONE;
	}
	set_environment(&daemon.settings);
	if (sd_event_new(&daemon.event) >= 0)
		status = run(&daemon);
	hook_end(&daemon);
	hotplug_end(&daemon);
	metrics_end(&daemon);
	requests_forget(&daemon);
	oprequests_forget(&daemon);
	sd_event_source_unref(daemon.heart);
	sd_event_source_unref(daemon.again);
	sd_event_unref(daemon.event);
	settings_free(&daemon.settings);
	return status;
}
