/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smc.h - what a medium changer answers to READ ELEMENT STATUS (SMC-3, 6.11)
 *
 * Pure functions, no I/O. The bytes come from a device and are trusted in nothing:
 * no length or count in them leads outside the @size bytes that were transferred.
 */
#ifndef NTMS_BROKER_SMC_H
#define NTMS_BROKER_SMC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "broker/broker.h"

/* Eight bytes say how long the whole answer is. */
#define SMC_HEADER_SIZE 8

/* Longest device identifier kept, with its NUL. */
#define SMC_IDENTIFIER_SIZE 64

struct smc_element {
	struct broker_element element;
	/* Drives: what could be read of the device identifier before its end, or before the
	 * answer's: "VENDOR  PRODUCT         SERIAL"; "" if there is none. Printable. */
	char identifier[SMC_IDENTIFIER_SIZE];
	bool identifier_cut; /* the answer ended inside it; element.serial is "" then */
};

/* Elements gathered from one or more answers. All zero is an empty one. */
struct smc_elements {
	struct smc_element *list;
	size_t count, room;
};

struct smc_report {
	size_t available; /* bytes of the whole answer, as the library says */
	size_t announced; /* elements, as the library says */
	size_t whole;	  /* elements that came whole and were added */
	bool cut;	  /* the answer goes on behind what came */
};

/*
 * Adds the elements of one answer to @elements, in the order of the answer. A descriptor
 * that the answer's end cuts off is left out, unless @partial: then what is there of it
 * is taken, provided that it reaches to the ASCQ, and it counts as one added.
 * -EPROTO and a message: the answer contradicts itself. -ENOMEM. Nothing is added then.
 */
int smc_parse(const uint8_t *data, size_t size, bool partial, struct smc_elements *elements,
	      struct smc_report *report);

/* Sorts by address. -EPROTO and a message when an address is there twice. */
int smc_sort(struct smc_elements *elements);

/* Frees the list; the structure is an empty one again. */
void smc_free(struct smc_elements *elements);

#endif
