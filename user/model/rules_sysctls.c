/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rules_sysctls.c: settings that do not do what they are said to do. */
#include <stdio.h>
#include <string.h>

#include "rule.h"

/* TCP_FIN_TIMEOUT, include/net/tcp.h. */
#define DEFAULT_FIN_TIMEOUT 60

static void cite(struct finding *f, const struct sysctl_setting *setting)
{
	char where[EVIDENCE_TEXT_MAX];

	snprintf(where, sizeof(where), "%s:%u: %s = %s", setting->path, setting->line, setting->key, setting->value);
	finding_text(f, "set_in", where);
}

static bool sets(const struct sysctl_setting *setting, const char *key)
{
	return !strcmp(setting->key, key);
}

bool rule_tw_recycle(const struct facts *facts, size_t i, struct finding *f)
{
	const struct sysctl_setting *setting = &facts->settings[i];

	if (!sets(setting, "net.ipv4.tcp_tw_recycle"))
		return false;
	f->severity = SEVERITY_NOTICE;
	cite(f, setting);
	f->why = "tcp_tw_recycle broke clients behind NAT and was removed in Linux 4.12: the line does nothing but make sysctl "
		 "complain.";
	finding_change(f, "Take the line out.");
	return true;
}

/* Where FIN_WAIT2 does time out, the setting has an effect, and may be meant so. */
bool rule_fin_timeout(const struct facts *facts, size_t i, struct finding *f)
{
	long long seconds;

	if (!setting_of(facts, facts->sysctls[i].netns, SYSCTL_FIN_TIMEOUT, &seconds) || seconds >= DEFAULT_FIN_TIMEOUT ||
	    !facts->summary || facts->summary->totals.fin_wait2_ended[END_FIN_WAIT2_TIMEOUT])
		return false;
	f->severity = SEVERITY_NOTICE;
	finding_count(f, "netns", facts->sysctls[i].netns);
	finding_count(f, "tcp_fin_timeout", (double)seconds);
	finding_count(f, "expired_in_fin_wait2", 0);
	for (size_t s = 0, cited = 0; s < facts->nsettings && !cited; s++) {
		cited = sets(&facts->settings[s], "net.ipv4.tcp_fin_timeout");
		if (cited)
			cite(f, &facts->settings[s]);
	}
	f->why = "tcp_fin_timeout is how long a closed connection waits for the peer's FIN, in FIN_WAIT2. TIME_WAIT lasts 60 s "
		 "whatever it is "
		 "set to, and no FIN_WAIT2 ran out while twtrace watched.";
	finding_change(
		f,
		"If it was set against TIME_WAITs, take it out; they become fewer only where connections are closed less often.");
	return true;
}
