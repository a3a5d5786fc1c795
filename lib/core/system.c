/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* secure_getenv */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/say.h"
#include "core/media.h"
#include "core/system.h"
#include "core/txn.h"
#include "core/worker.h"

#define DEFAULT_HOME   "/var/lib/rsm"
#define DEFAULT_BROKER "kernel"

/* All sessions of a process that mean the same database and broker share one system. */
static pthread_mutex_t systems_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct ntms_system *systems;

static const char *setting(const char *name, const char *fallback)
{
	const char *value = secure_getenv(name);

	return value && value[0] ? value : fallback;
}

static DWORD broker_error(int error)
{
	switch (error) {
	case -ENOMEM:
		return ERROR_NOT_ENOUGH_MEMORY;
	case -EACCES:
	case -EPERM:
		return ERROR_ACCESS_DENIED;
	default:
		return ERROR_NOT_CONNECTED;
	}
}

static DWORD bootstrap_store(struct store *store)
{
	struct txn *txn;
	DWORD code = store_begin(store, STORE_DEADLINE_DEFAULT, &txn);

	if (code)
		return code;
	code = bootstrap(txn);
	return txn_end(txn, code);
}

static void system_free(struct ntms_system *system)
{
	broker_close(system->broker);
	store_close(system->store);
	pthread_mutex_destroy(&system->mutex);
	free(system->home);
	free(system->spec);
	free(system);
}

static DWORD system_make(const char *home, const char *spec, struct ntms_system **systemp)
{
	struct ntms_system *system = calloc(1, sizeof(*system));
	DWORD code = ERROR_NOT_ENOUGH_MEMORY;
	int error;

	if (!system)
		return code;
	pthread_mutex_init(&system->mutex, NULL);
	system->references = 1;
	system->pid = getpid();
	system->home = strdup(home);
	system->spec = strdup(spec);
	if (!system->home || !system->spec)
		goto fail;
	error = broker_open(spec, &system->broker);
	if (error) {
		system->broker = NULL;
		code = broker_error(error);
		goto fail;
	}
	code = store_open(home, true, &system->store);
	if (code) {
		system->store = NULL;
		goto fail;
	}
	code = bootstrap_store(system->store);
	if (code)
		goto fail;
	*systemp = system;
	return ERROR_SUCCESS;
fail:
	system_free(system);
	return code;
}

DWORD system_get(struct ntms_system **systemp)
{
	const char *home = setting("NTMS_HOME", DEFAULT_HOME);
	const char *spec = setting("NTMS_BROKER", DEFAULT_BROKER);
	struct ntms_system *system;
	DWORD code = ERROR_SUCCESS;

	pthread_mutex_lock(&systems_mutex);
	for (system = systems; system; system = system->next)
		if (system->pid == getpid() && !strcmp(system->home, home) &&
		    !strcmp(system->spec, spec))
			break;
	if (system) {
		system->references++;
	} else {
		code = system_make(home, spec, &system);
		if (!code) {
			system->next = systems;
			systems = system;
		}
	}
	pthread_mutex_unlock(&systems_mutex);
	if (!code)
		*systemp = system;
	return code;
}

void system_put(struct ntms_system *system)
{
	struct ntms_system **link;
	bool last;

	pthread_mutex_lock(&systems_mutex);
	last = --system->references == 0;
	if (last) {
		for (link = &systems; *link != system; link = &(*link)->next)
			;
		*link = system->next;
	}
	pthread_mutex_unlock(&systems_mutex);
	if (!last)
		return;
	workers_stop(system);
	system_free(system);
}

void caller_current(struct caller *caller)
{
	size_t room = sizeof(caller->groups) / sizeof(caller->groups[0]);
	int count;

	caller->uid = geteuid();
	caller->groups[0] = getegid();
	caller->group_count = 1;
	count = getgroups((int)room - 1, caller->groups + 1);
	if (count > 0)
		caller->group_count += (size_t)count;
}
