/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * system.h - one RSM system: a database and a broker, shared by the sessions of a process
 */
#ifndef NTMS_CORE_SYSTEM_H
#define NTMS_CORE_SYSTEM_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>
#include "broker/broker.h"
#include "store/store.h"

struct worker;

struct ntms_system {
	struct store *store;
	struct broker *broker;
	pthread_mutex_t mutex; /* guards what follows */
	struct worker *workers;
	unsigned int references;
	struct ntms_system *next;
	pid_t pid; /* whose it is: after fork() the child has to make one of its own */
	char *home;
	char *spec;
};

/* The system that the environment names, made and opened if need be. Win32 code. */
DWORD system_get(struct ntms_system **systemp);
void system_put(struct ntms_system *system);

/* Who calls: taken from the process, never from an argument. */
struct caller {
	uid_t uid;
	size_t group_count;
	gid_t groups[64];
};

void caller_current(struct caller *caller);

#endif
