/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_sysctl_files.c: lines of sysctl.conf(5), and which files are read. Covers model/sysctl_settings.c too. */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "source/sysctl_files.h"

static void parses(const char *line, const char *key, const char *value)
{
	struct sysctl_setting s;

	assert_true(sysctl_setting_parse(&s, line));
	assert_string_equal(s.key, key);
	assert_string_equal(s.value, value);
}

static void test_lines(void **state)
{
	struct sysctl_setting s;

	(void)state;
	parses("net.ipv4.tcp_tw_reuse = 1\n", "net.ipv4.tcp_tw_reuse", "1");
	parses("net.ipv4.tcp_tw_reuse=1", "net.ipv4.tcp_tw_reuse", "1");
	parses(" \t-net.ipv4.tcp_tw_reuse =\t1 \r\n", "net.ipv4.tcp_tw_reuse", "1");
	parses("net/ipv4/tcp_tw_reuse=1", "net.ipv4.tcp_tw_reuse", "1");
	parses("net/ipv4/conf/eth0.5/forwarding=1", "net.ipv4.conf.eth0/5.forwarding", "1");
	parses("net.ipv4.conf.eth0/5.forwarding=1", "net.ipv4.conf.eth0/5.forwarding", "1");
	parses("net.ipv4.tcp_rmem = 4096 131072 6291456", "net.ipv4.tcp_rmem", "4096 131072 6291456");
	parses("a=", "a", "");
	assert_false(sysctl_setting_parse(&s, "# net.ipv4.tcp_tw_reuse = 1"));
	assert_false(sysctl_setting_parse(&s, "  ; net.ipv4.tcp_tw_reuse = 1"));
	assert_false(sysctl_setting_parse(&s, "net.ipv4.tcp_tw_reuse"));
	assert_false(sysctl_setting_parse(&s, "\n"));
	assert_false(sysctl_setting_parse(&s, ""));
	assert_false(sysctl_setting_parse(&s, " = 1"));
}

static char root[] = "/tmp/test_sysctl_files.XXXXXX";

static void make_directory(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(mkdir(full, 0755), 0);
}

static void write_file(const char *path, const char *text)
{
	char full[256];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void link_to(const char *target, const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(symlink(target, full), 0);
}

static void make_fifo(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(mkfifo(full, 0600), 0);
}

static int make_root(void **state)
{
	static const char *const directories[] = {"/etc",     "/etc/sysctl.d",    "/run", "/run/sysctl.d", "/usr",
						  "/usr/lib", "/usr/lib/sysctl.d"};

	(void)state;
	assert_non_null(mkdtemp(root));
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		make_directory(directories[i]);
	return 0;
}

static int remove_root(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

static void reads(size_t n, struct sysctl_setting **settings)
{
	size_t found;

	assert_int_equal(sysctl_files_read(settings, &found, root), 0);
	assert_non_null(*settings);
	assert_int_equal(found, n);
}

static void test_files(void **state)
{
	struct sysctl_setting *s;

	(void)state;
	reads(0, &s);
	free(s);
	write_file("/etc/sysctl.conf", "# a comment\nkernel.sysrq = 1\n\nnet.ipv4.tcp_fin_timeout = 10\n");
	link_to("../sysctl.conf", "/etc/sysctl.d/99-sysctl.conf"); /* the same file */
	write_file("/etc/sysctl.d/50-tuning.conf", "net.ipv4.tcp_tw_recycle=1\n");
	write_file("/usr/lib/sysctl.d/50-tuning.conf", "net.ipv4.tcp_tw_reuse=1\n"); /* hidden */
	link_to("/dev/null", "/etc/sysctl.d/60-off.conf");
	write_file("/run/sysctl.d/60-off.conf", "net.ipv4.tcp_tw_reuse=1\n");    /* hidden */
	write_file("/usr/lib/sysctl.d/70-last.conf", "net.ipv4.tcp_tw_reuse=0"); /* no newline at the end */
	write_file("/etc/sysctl.d/README", "net.ipv4.tcp_tw_reuse=1\n");
	make_fifo("/etc/sysctl.d/10-fifo.conf"); /* would hang */
	reads(3, &s);
	assert_string_equal(s[0].path, "/etc/sysctl.conf");
	assert_int_equal(s[0].line, 4);
	assert_string_equal(s[0].key, "net.ipv4.tcp_fin_timeout");
	assert_string_equal(s[1].path, "/etc/sysctl.d/50-tuning.conf");
	assert_string_equal(s[1].key, "net.ipv4.tcp_tw_recycle");
	assert_string_equal(s[2].path, "/usr/lib/sysctl.d/70-last.conf");
	assert_string_equal(s[2].value, "0");
	free(s);
}

/* A line is a line, however long; and there may be many. */
static void test_long_and_many_lines(void **state)
{
	char text[64 * 40 + 1200] = "net.ipv4.tcp_x = ";
	struct sysctl_setting *s;
	size_t len = strlen(text);

	(void)state;
	memset(text + len, '1', 1000);
	strcpy(text + len + 1000, "net.ipv4.tcp_not = 1\n");
	for (int i = 0; i < 40; i++)
		strcat(text, "net.ipv4.tcp_y = 1\n");
	write_file("/etc/sysctl.conf", text);
	write_file("/etc/sysctl.d/50-tuning.conf", "");
	reads(42, &s);
	assert_string_equal(s[1].key, "net.ipv4.tcp_y");
	assert_int_equal(s[1].line, 2);
	assert_int_equal(s[40].line, 41);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_long_and_many_lines),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, make_root, remove_root);
}
