/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * daemon.h - rsmd: one session that never ends, and what is told about it
 *
 * The work itself is done by the workers of libntms, in threads of their own, for as long as the
 * session serves a library. What is here listens, tells and looks after them, in one thread.
 */
#ifndef RSMD_DAEMON_H
#define RSMD_DAEMON_H

#include <pthread.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include "settings.h"
#include "rsm.h"

#define RSMD_TYPES 5

struct asked;
struct count;
struct device;
struct hook_run;
struct library;
struct udev;
struct udev_monitor;

struct daemon {
	sd_event *event;
	struct settings settings;
	const char *config_path; /* NULL: the usual one, if it is there */

	struct rsm rsm;	  /* the session, and the names of objects (tools/names.h) */
	struct stat home; /* the directory of its database */
	int changes_fd;	  /* RsmWatchChanges */
	sd_event_source *changes;
	HANDLE notifications[RSMD_TYPES];
	struct library *libraries;

	/* What is known of the database's objects. Requests stay known from session to session. */
	struct device *devices;
	struct asked *asked;
	void *requests;
	bool requests_known;

	struct hook_run *hooks;

	struct count *counts; /* see metrics.h */
	uint64_t conflicts;
	RSM_CONFLICT last_conflict;
	bool conflicts_known;
	sd_event_source *metrics;
	int metrics_error;

	struct udev *udev;
	struct udev_monitor *monitor;
	sd_event_source *uevents;

	/* A session that is being given up, which may take as long as a robot moves. */
	pthread_t closer;
	HANDLE closing; /* NULL: none */
	int closed_fd;
	sd_event_source *closed;
	sd_event_source *again;	 /* when the next session is tried */
	unsigned int patience_s; /* how long that takes */
	bool stopping;

	sd_event_source *heart;
	uint64_t beat_us;
	bool watched; /* somebody wants to hear the heart beat */
	bool stuck;
	char status[256];
};

#endif
