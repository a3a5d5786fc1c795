/* SPDX-License-Identifier: GPL-2.0-only */
#define _GNU_SOURCE /* vasprintf, reallocarray */
#include "scarce.h"
#include <db.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many go well before one fails; negative for never. */
static __thread long memory_left = -1, database_left = -1;
static __thread int database_error;
static __thread size_t failures;

/* The same for all threads but the one that wants it so. */
static atomic_long others_memory_left = -1, others_database_left = -1;
static atomic_int others_database_error;
static atomic_size_t others_failures;
static __thread bool excepted;

static bool fails(long *left)
{
	if (*left < 0)
		return false;
	if ((*left)-- > 0)
		return false;
	failures++;
	return true;
}

static bool others_fail(atomic_long *left)
{
	if (excepted || atomic_load(left) < 0 || atomic_fetch_sub(left, 1) != 0)
		return false;
	atomic_fetch_add(&others_failures, 1);
	return true;
}

static bool no_memory(void)
{
	if (!fails(&memory_left) && !others_fail(&others_memory_left))
		return false;
	errno = ENOMEM;
	return true;
}

void scarce_memory(long after)
{
	memory_left = after;
	failures = 0;
}

void scarce_database(long after, int error)
{
	database_left = after;
	database_error = error;
	failures = 0;
}

size_t scarce_end(void)
{
	memory_left = database_left = -1;
	return failures;
}

void scarce_others_memory(long after)
{
	excepted = true;
	atomic_store(&others_failures, 0);
	atomic_store(&others_memory_left, after);
}

void scarce_others_database(long after, int error)
{
	excepted = true;
	atomic_store(&others_failures, 0);
	atomic_store(&others_database_error, error);
	atomic_store(&others_database_left, after);
}

size_t scarce_others_end(void)
{
	atomic_store(&others_memory_left, -1);
	atomic_store(&others_database_left, -1);
	return atomic_load(&others_failures);
}

/* ---- memory ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
int __real_vasprintf(char **text, const char *format, va_list args);
FILE *__real_open_memstream(char **text, size_t *size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *text);
int __wrap_vasprintf(char **text, const char *format, va_list args);
int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
FILE *__wrap_open_memstream(char **text, size_t *size);

void *__wrap_malloc(size_t size)
{
	return no_memory() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return no_memory() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return no_memory() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return no_memory() ? NULL : __real_reallocarray(old, count, size);
}

char *__wrap_strdup(const char *text)
{
	return no_memory() ? NULL : __real_strdup(text);
}

int __wrap_vasprintf(char **text, const char *format, va_list args)
{
	return no_memory() ? -1 : __real_vasprintf(text, format, args);
}

int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = __wrap_vasprintf(text, format, args);
	va_end(args);
	return length;
}

FILE *__wrap_open_memstream(char **text, size_t *size)
{
	return no_memory() ? NULL : __real_open_memstream(text, size);
}

/* ---- Berkeley DB ---- */

int __real_db_env_create(DB_ENV **env, u_int32_t flags);
int __real_db_create(DB **db, DB_ENV *env, u_int32_t flags);
int __wrap_db_env_create(DB_ENV **env, u_int32_t flags);
int __wrap_db_create(DB **db, DB_ENV *env, u_int32_t flags);

static __typeof__(((DB *)0)->get) real_get;
static __typeof__(((DB *)0)->put) real_put;
static __typeof__(((DB *)0)->del) real_del;
static __typeof__(((DB *)0)->cursor) real_cursor;
static __typeof__(((DBC *)0)->get) real_cursor_get;
static __typeof__(((DB_ENV *)0)->txn_begin) real_begin;
static __typeof__(((DB_TXN *)0)->commit) real_commit;

/* 0, or the error with which this call fails. */
static int trouble(void)
{
	if (fails(&database_left))
		return database_error;
	return others_fail(&others_database_left) ? atomic_load(&others_database_error) : 0;
}

static int scarce_get(DB *db, DB_TXN *txn, DBT *key, DBT *data, u_int32_t flags)
{
	int error = trouble();

	return error ? error : real_get(db, txn, key, data, flags);
}

static int scarce_put(DB *db, DB_TXN *txn, DBT *key, DBT *data, u_int32_t flags)
{
	int error = trouble();

	return error ? error : real_put(db, txn, key, data, flags);
}

static int scarce_del(DB *db, DB_TXN *txn, DBT *key, u_int32_t flags)
{
	int error = trouble();

	return error ? error : real_del(db, txn, key, flags);
}

static int scarce_cursor_get(DBC *cursor, DBT *key, DBT *data, u_int32_t flags)
{
	int error = trouble();

	return error ? error : real_cursor_get(cursor, key, data, flags);
}

static int scarce_cursor(DB *db, DB_TXN *txn, DBC **cursor, u_int32_t flags)
{
	int error = trouble();

	if (!error)
		error = real_cursor(db, txn, cursor, flags);
	if (!error && (*cursor)->get != scarce_cursor_get) {
		real_cursor_get = (*cursor)->get;
		(*cursor)->get = scarce_cursor_get;
	}
	return error;
}

/* A commit that fails has taken everything back. */
static int scarce_commit(DB_TXN *txn, u_int32_t flags)
{
	int error = trouble();

	if (!error)
		return real_commit(txn, flags);
	txn->abort(txn);
	return error;
}

static int scarce_begin(DB_ENV *env, DB_TXN *parent, DB_TXN **txn, u_int32_t flags)
{
	int error = trouble();

	if (!error)
		error = real_begin(env, parent, txn, flags);
	if (!error && (*txn)->commit != scarce_commit) {
		real_commit = (*txn)->commit;
		(*txn)->commit = scarce_commit;
	}
	return error;
}

int __wrap_db_create(DB **db, DB_ENV *env, u_int32_t flags)
{
	int error = __real_db_create(db, env, flags);

	if (error)
		return error;
	real_get = (*db)->get;
	real_put = (*db)->put;
	real_del = (*db)->del;
	real_cursor = (*db)->cursor;
	(*db)->get = scarce_get;
	(*db)->put = scarce_put;
	(*db)->del = scarce_del;
	(*db)->cursor = scarce_cursor;
	return 0;
}

/* Berkeley DB does not survive it when an allocation in here fails (test-store-memory.c). */
int __wrap_db_env_create(DB_ENV **env, u_int32_t flags)
{
	bool was_excepted = excepted;
	long left = memory_left;
	int error;

	memory_left = -1;
	excepted = true;
	error = __real_db_env_create(env, flags);
	memory_left = left;
	excepted = was_excepted;
	if (error)
		return error;
	real_begin = (*env)->txn_begin;
	(*env)->txn_begin = scarce_begin;
	return 0;
}

void scarce_setup(void)
{
	db_env_set_func_malloc(__wrap_malloc);
	db_env_set_func_realloc(__wrap_realloc);
}
