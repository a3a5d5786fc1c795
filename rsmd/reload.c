/* SPDX-License-Identifier: GPL-2.0-only */
#include <signal.h>
#include <string.h>
#include "log.h"
#include "metrics.h"
#include "reload.h"
#include "tell.h"

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Threads may be reading the environment: these two are for the next start. */
static void warn_of_later(const struct settings *old, const struct settings *settings)
{
	if (!same(old->database, settings->database) || !same(old->broker, settings->broker))
		log_warning("another database or broker is used after the next start of rsmd");
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *pointer)
{
	struct daemon *daemon = pointer;
	struct settings settings;

	(void)source;
	(void)info;
	if (daemon->stopping)
		return 0;
	tell_reloading();
	if (settings_read(daemon->config_path, &settings)) {
		warn_of_later(&daemon->settings, &settings);
		settings_free(&daemon->settings);
		daemon->settings = settings;
		if (metrics_begin(daemon) < 0)
			log_error("no metrics are written: no memory for a timer");
		log_info("the configuration is read again");
	} else {
		log_error("the configuration stays as it was");
	}
	tell_ready(daemon);
	return 0;
}

int reload_begin(struct daemon *daemon)
{
	return sd_event_add_signal(daemon->event, NULL, SIGHUP, on_reload, daemon);
}
