/* SPDX-License-Identifier: GPL-2.0-only */
/* test-virtual.h - a virtual library for one test, and other processes that use it */
#ifndef TEST_VIRTUAL_H
#define TEST_VIRTUAL_H

#define _GNU_SOURCE /* nftw */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uuid/uuid.h>
#include "base/guid.h"
#include "base/say.h"
#include "broker/broker.h"
#include "broker/virtual.h"
#include "child.h"

#define CHANGER 1
#define DRIVE0	2
#define DRIVE1	3
#define SLOT(n) ((uint16_t)(VIRTUAL_FIRST_SLOT + (n)))
#define BAY(n)	((uint16_t)(VIRTUAL_FIRST_DRIVE + (n)))
#define PORT(n) ((uint16_t)(VIRTUAL_FIRST_PORT + (n)))

/* Two drives, five slots, one port, three tapes. */
static char dir[32];
static char spec[48];

#define expect_is(call, wanted)                                                           \
	do {                                                                              \
		int is_ = (call);                                                         \
		cr_assert_eq(is_, (wanted), "%s is %d, not %d: %s", #call, is_, (wanted), \
			     ntms_said());                                                \
	} while (0)

static inline void make_parent(void)
{
	/* In memory if possible: what is tested does not depend on the speed of a disk. */
	strcpy(dir, "/dev/shm/rsm-test-XXXXXX");
	if (!mkdtemp(dir)) {
		strcpy(dir, "/tmp/rsm-test-XXXXXX");
		cr_assert(mkdtemp(dir));
	}
	snprintf(spec, sizeof(spec), "virtual:%s", dir);
}

static inline void setup(void)
{
	static const struct virtual_shape shape = {.drives = 2, .slots = 5, .ports = 1, .tapes = 3};

	make_parent();
	expect_is(virtual_create(dir, &shape), 0);
}

static inline int remove_one(const char *path, const struct stat *status, int type,
			     struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline void teardown(void)
{
	cr_assert_eq(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline struct broker *open_library(void)
{
	struct broker *broker;

	expect_is(broker_open(spec, &broker), 0);
	return broker;
}

static inline struct broker_lease *take_lease(struct broker *broker)
{
	struct broker_lease *lease;

	expect_is(broker_lease_take(broker, CHANGER, &lease), 0);
	expect_is(broker_assign(lease, DRIVE0), 0);
	expect_is(broker_assign(lease, DRIVE1), 0);
	return lease;
}

static inline struct broker_element element_at(struct broker_lease *lease, uint16_t address)
{
	struct broker_element *list, found;
	size_t count;

	expect_is(broker_elements(lease, 0, address, 1, &list, &count), 0);
	cr_assert_eq(count, 1);
	cr_assert_eq(list[0].address, address);
	found = list[0];
	free(list);
	return found;
}

/* A path in the library. */
static inline const char *in_library(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static inline void write_file(const char *name, const void *data, size_t size)
{
	FILE *file = fopen(in_library(name), "w");

	cr_assert(file, "%s: %m", name);
	cr_assert_eq(fwrite(data, 1, size, file), size);
	cr_assert_eq(fclose(file), 0);
}

static inline size_t read_file(const char *name, char *data, size_t size)
{
	FILE *file = fopen(in_library(name), "r");
	size_t got;

	cr_assert(file, "%s: %m", name);
	got = fread(data, 1, size - 1, file);
	data[got] = '\0';
	fclose(file);
	return got;
}

/* Behind the text of a table, so that it is believed. */
static inline void put_check(char *text)
{
	static const uuid_t none;
	char check[UUID_STR_LEN];
	uuid_t digest;

	uuid_generate_sha1(digest, none, text, strlen(text));
	uuid_unparse_lower(digest, check);
	sprintf(text + strlen(text), "check %s\n", check);
}

static inline void expect_readable(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	cr_assert_eq(poll(&ready, 1, DEADLINE_MS), 1, "nothing wakes who waits");
}

#endif
