/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* probe.c: `twtrace probe`: what this kernel offers, and which backend would run. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "commands.h"
#include "exit_codes.h"
#include "model/names.h"
#include "source/features.h"
#include "source/footprint.h"
#include "source/say.h"
#include "source/waiting.h"
#include "view/json_lines.h"

struct finding {
	const char *kernel;
	const char *backend; /* NULL: none can run */
	const char *why;
	const struct feature *features;
	size_t n;
	bool measured;
	struct footprint memory;
};

static const char *state_word(const struct feature *f)
{
	return f->state > 0 ? "yes" : f->state == 0 ? "no" : "unknown";
}

static void put_text(const struct finding *found)
{
	const struct footprint *m = &found->memory;

	printf("Kernel   %s\nBackend  %s: %s\n", found->kernel, found->backend ? found->backend : "none", found->why);
	if (found->measured)
		printf("Memory   ring %.1f MiB, tables %.1f MiB; %llu bytes more for each open connection, %llu for each TIME_WAIT\n",
		       (double)m->ring / (1 << 20), (double)m->tables / (1 << 20), (unsigned long long)m->per_connection,
		       (unsigned long long)m->per_time_wait);
	if (m->verified)
		printf("Verifier %llu instructions walked at each start\n", (unsigned long long)m->verified);
	putchar('\n');
	printf("%-32s %-16s %-18s %s\n", "FEATURE", "HERE", "SINCE", "FOR");
	for (size_t i = 0; i < found->n; i++) {
		const struct feature *f = &found->features[i];
		char here[32];

		if (f->state < 0)
			snprintf(here, sizeof(here), "unknown (%s)", errno_name((unsigned)-f->state));
		else
			strcpy(here, state_word(f));
		printf("%-32s %-16s %-18s %s\n", f->name, here, f->since, f->detail);
	}
}

static void put_word(struct json *j, const char *key, const char *text)
{
	json_string(j, key, text, strlen(text));
}

static void put_feature(struct json *j, const struct feature *f)
{
	json_begin(j);
	json_u64(j, "v", JSON_SCHEMA);
	json_word(j, "type", "feature");
	put_word(j, "name", f->name);
	json_word(j, "state", state_word(f));
	json_word(j, "error", f->state < 0 ? errno_name((unsigned)-f->state) : NULL);
	put_word(j, "since", f->since);
	put_word(j, "detail", f->detail);
	json_end(j);
}

static void put_number(struct json *j, const char *key, __u64 number, bool known)
{
	if (known)
		json_u64(j, key, number);
	else
		json_null(j, key);
}

static void put_json(const struct finding *found)
{
	struct json j;

	json_init(&j, stdout);
	for (size_t i = 0; i < found->n; i++)
		put_feature(&j, &found->features[i]);
	json_begin(&j);
	json_u64(&j, "v", JSON_SCHEMA);
	json_word(&j, "type", "probe");
	json_word(&j, "backend", found->backend);
	put_word(&j, "backend_why", found->why);
	put_word(&j, "kernel", found->kernel);
	put_number(&j, "ring_bytes", found->memory.ring, found->measured);
	put_number(&j, "table_bytes", found->memory.tables, found->measured);
	put_number(&j, "connection_bytes", found->memory.per_connection, found->measured);
	put_number(&j, "time_wait_bytes", found->memory.per_time_wait, found->measured);
	put_number(&j, "verified_instructions", found->memory.verified, found->memory.verified);
	json_end(&j);
}

int cmd_probe(const struct options *options)
{
	struct finding found = {0};
	struct utsname kernel;
	enum backend backend;
	int r;

	uname(&kernel);
	found.kernel = kernel.release;
	waiting_begin();
	r = features_list(&found.features, &found.n);
	if (r)
		return exit_code_of(say_err(r, "cannot look at the kernel's features: %s", strerror(-r)));
	backend = features_backend(options->tracer.backend, &found.why);
	found.backend = backend == BACKEND_AUTO ? NULL : backend_name(backend);
	found.measured = found.backend && features_has(FEATURE_CAPABILITIES) &&
			 !footprint_measure(&found.memory, backend, &options->tracer);
	waiting_end();
	if (options->json)
		put_json(&found);
	else
		put_text(&found);
	if (fflush(stdout) && errno != EPIPE)
		return exit_code_of(say_err(-errno, "cannot write: %s", strerror(errno)));
	return found.backend ? EXIT_CODE_OK : EXIT_CODE_NOT_SUPPORTED;
}
