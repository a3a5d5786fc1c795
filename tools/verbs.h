/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verbs.h - how the tables of verbs are written
 *
 * Parser, help, rsm(1) and the completion of bash are made from them.
 */
#ifndef RSM_VERBS_H
#define RSM_VERBS_H

#include <stdint.h>
#include "rsm.h"

#define MANY SIZE_MAX

#define OPTIONS(...)                               \
	(const struct option_spec[])               \
	{                                          \
		__VA_ARGS__,                       \
		{                                  \
			.name = NULL, .help = NULL \
		}                                  \
	}
#define SWITCHES(...)                       \
	(const struct windows_switch[])     \
	{                                   \
		__VA_ARGS__,                \
		{                           \
			.kind = WINDOWS_END \
		}                           \
	}

#define FLAG(id, name, help)                                  \
	{                                                     \
		id, name, OPTION_FLAG, NULL, NULL, help, NULL \
	}
#define TEXT(id, name, value, help)                            \
	{                                                      \
		id, name, OPTION_TEXT, value, NULL, help, NULL \
	}
/* The name of an object of the types in @completes. */
#define NAMED(id, name, value, completes, help)                     \
	{                                                           \
		id, name, OPTION_TEXT, value, NULL, help, completes \
	}
#define NUMBER(id, name, help)                                 \
	{                                                      \
		id, name, OPTION_NUMBER, "N", NULL, help, NULL \
	}
#define POSITIVE(id, name, value, help)                            \
	{                                                          \
		id, name, OPTION_POSITIVE, value, NULL, help, NULL \
	}
#define CHOICE(id, name, value, choices, help)                      \
	{                                                           \
		id, name, OPTION_CHOICE, value, choices, help, NULL \
	}
#define TIMEOUT(help)                                                          \
	{                                                                      \
		OPT_TIMEOUT, "timeout", OPTION_TIMEOUT, "MS", NULL, help, NULL \
	}

extern const struct verb library_verbs[], media_verbs[], use_verbs[], queue_verbs[], object_verbs[],
	other_verbs[];

#endif
