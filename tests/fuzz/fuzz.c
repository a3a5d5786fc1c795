/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

static const char *seed_directory;

/* With FUZZ_SEEDS=DIRECTORY the program writes its seeds there, and that is all. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* What is installed on this machine is none of the fuzzers' business. */
	setenv("NTMS_LABEL_DIR", "/nonexistent", 1);
	seed_directory = getenv("FUZZ_SEEDS");
	if (!seed_directory)
		return 0;
	fuzz_seeds();
	exit(0);
}

void seed(const char *name, const void *data, size_t size)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", seed_directory, name);
	file = fopen(path, "w");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
		perror(path);
		exit(1);
	}
}

void fuzz_broken(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
	abort();
}

uint32_t supply_number(struct supply *supply, unsigned int bytes)
{
	uint32_t number = 0;

	for (; bytes && supply->left; bytes--) {
		number = number << 8 | *supply->at++;
		supply->left--;
	}
	return number;
}

void supply_bytes(struct supply *supply, void *into, size_t size)
{
	size_t take = size < supply->left ? size : supply->left;

	memset(into, 0, size);
	memcpy(into, supply->at, take);
	supply->at += take;
	supply->left -= take;
}
