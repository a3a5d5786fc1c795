/* SPDX-License-Identifier: GPL-2.0-only */
#define _GNU_SOURCE /* vasprintf */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include "progress.h"
#include "rsm.h"
#include "text.h"

enum exit_status exit_of(DWORD code)
{
	switch (code) {
	case ERROR_SUCCESS:
		return EXIT_DONE;
	case ERROR_NOT_CONNECTED:
	case ERROR_NOT_READY:
	case ERROR_CONNECTION_UNAVAIL:
	case ERROR_SERVICE_NOT_ACTIVE:
	case ERROR_DATABASE_FAILURE:
		return EXIT_UNREACHABLE;
	case ERROR_ACCESS_DENIED:
		return EXIT_DENIED;
	case ERROR_OBJECT_NOT_FOUND:
		return EXIT_NOT_FOUND;
	case ERROR_TIMEOUT:
		return EXIT_TIMED_OUT;
	default:
		return EXIT_OTHER;
	}
}

DWORD note(struct rsm *rsm, DWORD code)
{
	const char *said;

	if (code == ERROR_SUCCESS)
		return code;
	said = RsmLastMessage();
	if (!said || !said[0])
		said = RsmErrorText(code);
	rsm->code = code;
	snprintf(rsm->message, sizeof(rsm->message), "%s", said);
	return code;
}

DWORD note_text(struct rsm *rsm, DWORD code, const char *format, ...)
{
	va_list list;

	rsm->code = code;
	va_start(list, format);
	vsnprintf(rsm->message, sizeof(rsm->message), format, list);
	va_end(list);
	return code;
}

static void print_line(struct rsm *rsm, const char *text)
{
	char *visible = text_visible(text);

	if (rsm->background) {
		syslog(LOG_ERR, "rsm: %s", visible);
		free(visible);
		return;
	}
	progress_clear(rsm);
	fflush(stdout);
	if (rsm->verb)
		fprintf(stderr, "rsm: %s: %s\n", rsm->verb->name, visible);
	else
		fprintf(stderr, "%s: %s\n", rsm->program ? rsm->program : "rsm", visible);
	free(visible);
}

int fail(struct rsm *rsm, DWORD code)
{
	char *text;

	if (code == ERROR_SUCCESS)
		return EXIT_DONE;
	if (rsm->code != code)
		note(rsm, code);
	text = text_format("%s (%s, %u)", rsm->message, RsmErrorName(code), code);
	print_line(rsm, text);
	free(text);
	return exit_of(code);
}

static char *format_list(const char *format, va_list list)
{
	char *text = NULL;

	if (vasprintf(&text, format, list) < 0)
		text = NULL;
	return need(text);
}

int fail_usage(struct rsm *rsm, const char *format, ...)
{
	va_list list;
	char *text;

	va_start(list, format);
	text = format_list(format, list);
	va_end(list);
	print_line(rsm, text);
	free(text);
	if (rsm->verb)
		fprintf(stderr, "usage: rsm %s%s%s\nTry 'rsm %s --help'.\n", rsm->verb->name,
			rsm->verb->operands[0] ? " " : "", rsm->verb->operands, rsm->verb->name);
	else
		fputs("Try 'rsm help'.\n", stderr);
	return EXIT_USAGE;
}

void warn(struct rsm *rsm, const char *format, ...)
{
	va_list list;
	char *text;

	va_start(list, format);
	text = format_list(format, list);
	va_end(list);
	print_line(rsm, text);
	free(text);
}
