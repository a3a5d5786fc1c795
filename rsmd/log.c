/* SPDX-License-Identifier: GPL-2.0-only */
#define SD_JOURNAL_SUPPRESS_LOCATION
#define _GNU_SOURCE /* vasprintf */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>
#include <unistd.h>
#include "log.h"
#include "text.h"

/* Does standard error lead to the journal? systemd names the device and inode if so. */
static bool has_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat status;

	return stream && sscanf(stream, "%" SCNuMAX ":%" SCNuMAX, &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device &&
	       status.st_ino == inode;
}

static bool to_journal(int priority, const char *id, const struct log_field *fields, size_t count,
		       const char *text)
{
	struct iovec lines[LOG_FIELDS_MAX + 4];
	char *owned[LOG_FIELDS_MAX + 4];
	int used = 0;
	bool sent;

	owned[used++] = text_format("MESSAGE=%s", text);
	owned[used++] = text_format("PRIORITY=%d", priority);
	owned[used++] = text_format("SYSLOG_IDENTIFIER=rsmd");
	if (id)
		owned[used++] = text_format("MESSAGE_ID=%s", id);
	for (size_t i = 0; i < count && i < LOG_FIELDS_MAX; i++)
		if (fields[i].value && fields[i].value[0])
			owned[used++] = text_format("%s=%s", fields[i].name, fields[i].value);
	for (int i = 0; i < used; i++)
		lines[i] = (struct iovec){owned[i], strlen(owned[i])};
	sent = sd_journal_sendv(lines, used) == 0;
	for (int i = 0; i < used; i++)
		free(owned[i]);
	return sent;
}

/* One line, in one piece; the fields behind the message. */
static void to_stderr(const struct log_field *fields, size_t count, const char *text)
{
	char *visible = text_visible(text);
	char *line = text_format("rsmd: %s", visible);

	free(visible);
	for (size_t i = 0; i < count; i++) {
		char *longer, *value;

		if (!fields[i].value || !fields[i].value[0])
			continue;
		value = text_visible(fields[i].value);
		longer = text_format("%s %s=%s", line, fields[i].name, value);
		free(value);
		free(line);
		line = longer;
	}
	fprintf(stderr, "%s\n", line);
	free(line);
}

static void log_list(int priority, const char *id, const struct log_field *fields, size_t count,
		     const char *format, va_list list)
{
	char *text = NULL;

	if (vasprintf(&text, format, list) < 0)
		text = NULL;
	need(text);
	if (!has_journal() || !to_journal(priority, id, fields, count, text))
		to_stderr(fields, count, text);
	free(text);
}

void log_event(int priority, const char *id, const struct log_field *fields, size_t count,
	       const char *format, ...)
{
	va_list list;

	va_start(list, format);
	log_list(priority, id, fields, count, format, list);
	va_end(list);
}

#define LOG_PLAIN(priority)                                      \
	do {                                                     \
		va_list list;                                    \
		va_start(list, format);                          \
		log_list(priority, NULL, NULL, 0, format, list); \
		va_end(list);                                    \
	} while (0)

void log_error(const char *format, ...)
{
	LOG_PLAIN(LOG_ERR);
}

void log_warning(const char *format, ...)
{
	LOG_PLAIN(LOG_WARNING);
}

void log_info(const char *format, ...)
{
	LOG_PLAIN(LOG_INFO);
}
