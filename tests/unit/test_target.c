/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_target.c: processes and network namespaces that are there, and such that are not. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/target.h"

static __u32 own_netns(void)
{
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	return (__u32)st.st_ino;
}

static void test_process(void **state)
{
	__u32 tgid = 0;

	(void)state;
	assert_int_equal(target_process((__u32)getpid(), &tgid), 0);
	assert_int_equal(tgid, getpid());
	assert_int_equal(target_process(2147483647, &tgid), -ESRCH);
}

static void test_netns(void **state)
{
	__u32 inode = 0;

	(void)state;
	assert_int_equal(target_netns("4026531840", &inode), 0);
	assert_int_equal(inode, 4026531840u);
	assert_int_equal(target_netns("self", &inode), 0);
	assert_int_equal(inode, own_netns());
	assert_int_equal(target_netns("/proc/self/ns/net", &inode), 0);
	assert_int_equal(inode, own_netns());
}

static void test_not_a_netns(void **state)
{
	__u32 inode = 7;

	(void)state;
	assert_int_equal(target_netns("/proc/self/ns/mnt", &inode), -EINVAL);
	assert_int_equal(target_netns("/dev/null", &inode), -EINVAL);
	assert_int_equal(target_netns("/", &inode), -EINVAL);
	assert_int_equal(target_netns("no-such-namespace", &inode), -ENOENT);
	assert_int_equal(target_netns("/no/such/path", &inode), -ENOENT);
	assert_int_equal(target_netns("4294967296", &inode), -ENOENT); /* no inode number of a namespace: a name, then */
	assert_int_equal(inode, 7);
}

/* A FIFO is not opened, not even without waiting: that would let its writer go on, and fail. */
static void test_fifo_is_left_alone(void **state)
{
	char dir[] = "/tmp/twtrace-test-XXXXXX", path[64];
	__u32 inode = 7;
	int watch;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	watch = inotify_init1(IN_NONBLOCK);
	assert_true(inotify_add_watch(watch, path, IN_OPEN) >= 0);
	assert_int_equal(target_netns(path, &inode), -EINVAL);
	assert_int_equal(inode, 7);
	assert_int_equal(read(watch, &(struct inotify_event){0}, sizeof(struct inotify_event)), -1);
	assert_int_equal(errno, EAGAIN);
	close(watch);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_netns),
		cmocka_unit_test(test_not_a_netns),
		cmocka_unit_test(test_fifo_is_left_alone),
	};

	return RUN_TESTS(tests);
}
