/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* elf.h - is a file a shared object for this machine, and all of it there? */
#ifndef NTMS_LABEL_ELF_H
#define NTMS_LABEL_ELF_H

#include <stdint.h>

/*
 * NULL, or what is wrong with it. dlopen() maps a file as its headers say: one that has been
 * copied only in part would end the process with SIGBUS.
 */
const char *elf_object_wrong(int fd, uint64_t size);

#endif
