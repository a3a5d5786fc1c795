/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * log.h - what happened, to the journal with its fields, else to standard error
 *
 * The journal gets it when standard error leads there, as it does in a service. Every kind of
 * message that a program could wait for has an id of its own; rsmd(8) lists them.
 */
#ifndef RSMD_LOG_H
#define RSMD_LOG_H

#include <stddef.h>
#include <syslog.h>

/* A field of the journal: RSM_LIBRARY and its value. NULL or "" leaves it out. */
struct log_field {
	const char *name;
	const char *value;
};

#define LOG_FIELDS_MAX 16

/* @id: a MESSAGE_ID of 32 hexadecimal digits, or NULL; @fields: @count of them. */
void log_event(int priority, const char *id, const struct log_field *fields, size_t count,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
