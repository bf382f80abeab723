/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sysctl_files.c: see sysctl_files.h. */
#include "sysctl_files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Files that were read already, or are hidden. More than these are nobody's: no file is read twice for want of room. */
enum { FILES_MAX = 256 };

struct seen_file {
	char name[NAME_MAX + 1];
	dev_t device;
	ino_t inode;
};

struct reader {
	const char *root;
	struct sysctl_setting *settings;
	size_t n, size;
	struct seen_file *seen;
	size_t nseen;
};

static int add(struct reader *r, const struct sysctl_setting *setting)
{
	if (r->n == r->size) {
		size_t size = r->size * 2;
		struct sysctl_setting *grown = realloc(r->settings, size * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		r->settings = grown;
		r->size = size;
	}
	r->settings[r->n++] = *setting;
	return 0;
}

static int read_lines(struct reader *r, FILE *file, const char *path)
{
	struct sysctl_setting setting = {.line = 0};
	char line[512];
	bool begins = true; /* what is read is not the rest of a longer line */
	int e = 0;

	snprintf(setting.path, sizeof(setting.path), "%.*s", SETTING_PATH_MAX - 1, path);
	while (!e && fgets(line, sizeof(line), file)) {
		setting.line += begins;
		if (begins && sysctl_setting_parse(&setting, line) && !strncmp(setting.key, "net.ipv4.tcp_", 13))
			e = add(r, &setting);
		begins = strchr(line, '\n');
	}
	return e;
}

/* Is it to be read? Links to a file that was read, and files of a name that was seen, are not. */
static bool is_new(struct reader *r, const char *name, const struct stat *st)
{
	for (size_t i = 0; i < r->nseen; i++)
		if (!strcmp(r->seen[i].name, name) || (r->seen[i].device == st->st_dev && r->seen[i].inode == st->st_ino))
			return false;
	if (r->nseen == FILES_MAX)
		return false;
	snprintf(r->seen[r->nseen].name, sizeof(r->seen[0].name), "%s", name);
	r->seen[r->nseen].device = st->st_dev;
	r->seen[r->nseen++].inode = st->st_ino;
	return true;
}

static int read_file(struct reader *r, const char *directory, const char *name)
{
	char path[PATH_MAX], full[PATH_MAX];
	struct stat st;
	FILE *file;
	int e;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, name) >= sizeof(path) ||
	    (size_t)snprintf(full, sizeof(full), "%s%s", r->root, path) >= sizeof(full))
		return 0;
	/* A link to /dev/null hides a name as well: it is seen, and not read. Nor is a FIFO, which would hang. */
	if (stat(full, &st) || !is_new(r, name, &st) || !S_ISREG(st.st_mode))
		return 0;
	file = fopen(full, "re");
	if (!file)
		return 0;
	e = read_lines(r, file, path);
	fclose(file);
	return e;
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && entry->d_name[0] != '.' && !strcmp(entry->d_name + len - 5, ".conf");
}

static int read_directory(struct reader *r, const char *directory)
{
	struct dirent **entries;
	char full[PATH_MAX];
	int n, e = 0;

	if ((size_t)snprintf(full, sizeof(full), "%s%s", r->root, directory) >= sizeof(full))
		return 0;
	n = scandir(full, &entries, is_conf, alphasort);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (int i = 0; i < n; i++) {
		if (!e)
			e = read_file(r, directory, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return e;
}

/* The first directory wins. */
static int read_all(struct reader *r)
{
	static const char *const directories[] = {"/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d",
						  "/usr/lib/sysctl.d", "/lib/sysctl.d"};
	int e = read_file(r, "/etc", "sysctl.conf");

	for (size_t i = 0; !e && i < sizeof(directories) / sizeof(directories[0]); i++)
		e = read_directory(r, directories[i]);
	return e;
}

int sysctl_files_read(struct sysctl_setting **out, size_t *n, const char *root)
{
	struct reader r = {.root = root, .size = 16};
	int e = -ENOMEM;

	r.settings = calloc(r.size, sizeof(*r.settings));
	r.seen = calloc(FILES_MAX, sizeof(*r.seen));
	if (r.settings && r.seen)
		e = read_all(&r);
	free(r.seen);
	if (e) {
		free(r.settings);
		return e;
	}
	*out = r.settings;
	*n = r.n;
	return 0;
}
