/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * generate.h - what is made from the tables of verbs when RSM is built
 */
#ifndef RSM_GENERATE_H
#define RSM_GENERATE_H

enum generate {
	GENERATE_NOTHING,
	/* Sections of rsm(1): see man/rsm.1.in. */
	GENERATE_MAN_VERBS,
	GENERATE_MAN_WINDOWS,
	GENERATE_MAN_JSON,
	/* What the completion of bash goes by: see tools/completion.bash.in. */
	GENERATE_BASH,
};

void generate_man(enum generate what);
void generate_bash(void);

#endif
