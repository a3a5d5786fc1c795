/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <link.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include "label/elf.h"

static bool read_at(int fd, void *to, size_t size, uint64_t at)
{
	return pread(fd, to, size, (off_t)at) == (ssize_t)size;
}

static bool is_inside(uint64_t at, uint64_t length, uint64_t size)
{
	return at <= size && length <= size - at;
}

static const char *segments_wrong(int fd, uint64_t size, const ElfW(Ehdr) * header)
{
	if (header->e_phentsize != sizeof(ElfW(Phdr)) || header->e_phnum == 0)
		return "it has no program headers";
	for (unsigned int i = 0; i < header->e_phnum; i++) {
		uint64_t at = header->e_phoff + (uint64_t)i * sizeof(ElfW(Phdr));
		ElfW(Phdr) segment;

		if (!is_inside(at, sizeof(segment), size) ||
		    !read_at(fd, &segment, sizeof(segment), at) ||
		    !is_inside(segment.p_offset, segment.p_filesz, size))
			return "it is cut short";
	}
	/* Written last by linkers: it tells of a copy that has only begun. */
	if (!is_inside(header->e_shoff, (uint64_t)header->e_shnum * header->e_shentsize, size))
		return "it is cut short";
	return NULL;
}

const char *elf_object_wrong(int fd, uint64_t size)
{
	const unsigned int class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	ElfW(Ehdr) header;

	if (!read_at(fd, &header, sizeof(header), 0) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return "it is no ELF file";
	if (header.e_ident[EI_CLASS] != class || header.e_type != ET_DYN)
		return "it is no shared object of this kind of machine";
	return segments_wrong(fd, size, &header);
}
