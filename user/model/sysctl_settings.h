/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sysctl_settings.h: a line of a file that sysctl(8) or systemd-sysctl(8) reads at boot: what somebody wanted, not what is. */
#ifndef TWTRACE_SYSCTL_SETTINGS_H
#define TWTRACE_SYSCTL_SETTINGS_H

#include <stdbool.h>

enum { SETTING_PATH_MAX = 128, SETTING_KEY_MAX = 64, SETTING_VALUE_MAX = 32 };

struct sysctl_setting {
	char path[SETTING_PATH_MAX]; /* hostile, as are key and value; what is longer is cut */
	unsigned line;
	char key[SETTING_KEY_MAX]; /* with dots: net.ipv4.tcp_tw_reuse */
	char value[SETTING_VALUE_MAX];
};

/*
 * One line of sysctl.conf(5) or sysctl.d(5): `key = value`, `-key=value`, slashes for dots; # and ; begin comments. False if it
 * sets nothing. Fills in key and value.
 */
bool sysctl_setting_parse(struct sysctl_setting *out, const char *line);

#endif
