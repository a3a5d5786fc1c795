/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include "exposition.h"

static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '\\' || *text == '"')
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

void exposition_family(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void exposition_sample(FILE *out, const char *name, double value, ...)
{
	const char *label, *separator = "{";
	va_list list;

	fputs(name, out);
	va_start(list, value);
	while ((label = va_arg(list, const char *))) {
		fprintf(out, "%s%s=\"", separator, label);
		put_escaped(out, va_arg(list, const char *));
		fputc('"', out);
		separator = ",";
	}
	va_end(list);
	fprintf(out, "%s %.17g\n", separator[0] == ',' ? "}" : "", value);
}
