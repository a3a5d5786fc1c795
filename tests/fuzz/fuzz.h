/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz.h - what the fuzzers share
 *
 * Each is a libFuzzer program: LLVMFuzzerTestOneInput() gets any bytes at all, in memory of
 * exactly their size, so that the sanitizers see one byte too many being read. scripts/fuzz runs
 * them.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a good input looks like: each fuzzer calls seed() for some. Mutations begin with them. */
void fuzz_seeds(void);
void seed(const char *name, const void *data, size_t size);

/* A property that holds whatever the input is; the fuzzer ends as if it had crashed. */
#define HOLDS(condition) ((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *condition, const char *file, int line);

/* Text that ends within @size bytes and is valid UTF-8. */
bool fuzz_is_text(const char *text, size_t size);

/* Values taken from the input, for fuzzers that build something from it; zero at its end. */
struct supply {
	const uint8_t *at;
	size_t left;
};

uint32_t supply_number(struct supply *supply, unsigned int bytes);
void supply_bytes(struct supply *supply, void *into, size_t size);

#endif
