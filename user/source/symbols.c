// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* symbols.c: see symbols.h. */
#include "source/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 64 << 10 };

/* "address type name[\tmodule]" of `size` bytes, no newline; NULL: something else. */
static const char *name_of(const char *line, size_t size, size_t *length)
{
	const char *type = memchr(line, ' ', size), *tab;

	*length = 0;
	if (!type || type + 3 >= line + size)
		return NULL;
	*length = (size_t)(line + size - (type + 3));
	tab = memchr(type + 3, '\t', *length);
	if (tab)
		*length = (size_t)(tab - (type + 3));
	return type + 3;
}

/* Whether it is one of those that are still to be found. */
static bool take_line(const char *line, size_t size, struct symbol *symbols, size_t n)
{
	size_t length;
	const char *name = name_of(line, size, &length);

	for (size_t i = 0; name && i < n; i++) {
		struct symbol *s = &symbols[i];

		if (s->state == 1 || strlen(s->name) != length || memcmp(s->name, name, length))
			continue;
		s->address = strtoull(line, NULL, 16);
		s->state = s->address ? 1 : -EPERM;
		return true;
	}
	return false;
}

/* Whole lines are looked at, the rest goes to the front. Returns its size. */
static size_t take_lines(char *buffer, size_t size, struct symbol *symbols, size_t n, size_t *left)
{
	char *line = buffer, *end;

	while (*left && (end = memchr(line, '\n', (size_t)(buffer + size - line)))) {
		*left -= take_line(line, (size_t)(end - line), symbols, n);
		line = end + 1;
	}
	size -= (size_t)(line - buffer);
	memmove(buffer, line, size);
	return size;
}

int symbols_read(int fd, struct symbol *symbols, size_t n)
{
	char *buffer = malloc(BUFFER);
	size_t size = 0, left = n;
	ssize_t got = 1;

	if (!buffer)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		symbols[i].address = symbols[i].state = 0;
	while (left && size < BUFFER) {
		got = read(fd, buffer + size, BUFFER - size);
		if (got <= 0)
			break;
		size = take_lines(buffer, size + (size_t)got, symbols, n, &left);
	}
	free(buffer);
	return got < 0 ? -errno : 0;
}

int symbols_find(struct symbol *symbols, size_t n)
{
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = symbols_read(fd, symbols, n);
	close(fd);
	return err;
}
