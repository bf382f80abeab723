/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* advice.c: a table of programs. Sources: each program's own documentation of the directives named. See advice.h. */
#include "advice.h"

#include <string.h>

struct program {
	const char *comm;
	bool prefix; /* the name only begins so: python3.11, php-fpm8.2 */
	bool proxy;
	const char *client; /* NULL: nothing special */
	const char *server;
};

#define NGINX_CLIENT                                                                                                             \
	"nginx before 1.29.7 opens a connection for each request unless told otherwise: `keepalive 32;` in the upstream block, " \
	"and "                                                                                                                   \
	"`proxy_http_version 1.1;` and `proxy_set_header Connection \"\";` where it does proxy_pass. Since 1.29.7 that is the "  \
	"default: look for what turns it off (`keepalive 0`, `proxy_http_version 1.0`, a Connection header)."
#define NGINX_SERVER                                                                                                             \
	"nginx: `keepalive_timeout` must not be 0 nor shorter than the pause between requests, `keepalive_requests` (1,000 by "  \
	"default, "                                                                                                              \
	"100 before 1.19.10) not small."
#define APACHE_CLIENT "httpd's mod_proxy: no `disablereuse=On`, no `SetEnv proxy-nokeepalive 1`; `enablereuse=on` for FastCGI."
#define APACHE_SERVER                                                                                                            \
	"httpd: `KeepAlive On`, `KeepAliveTimeout` (5 s by default) longer than the pause between requests, "                    \
	"`MaxKeepAliveRequests` not "                                                                                            \
	"small."
#define PYTHON_CLIENT                                                                                                            \
	"Python, if this is HTTP: one requests.Session, httpx.Client or aiohttp.ClientSession kept for all requests, not "       \
	"requests.get() "                                                                                                        \
	"for each."
#define PYTHON_SERVER                                                                                                            \
	"Python, if this is HTTP: http.server speaks HTTP/1.0 unless its handler has protocol_version = \"HTTP/1.1\"."
#define GUNICORN_SERVER                                                                                                          \
	"gunicorn: the default worker class, sync, closes after each request; gthread and others heed --keep-alive."

static const struct program programs[] = {
	{"nginx", false, true, NGINX_CLIENT, NGINX_SERVER},
	{"haproxy", false, true,
	 "haproxy: `http-reuse safe` (the default since 2.0) or `aggressive` in the backend, and neither `option httpclose` nor "
	 "`option "
	 "http-server-close`.",
	 "haproxy: no `option httpclose`, and `timeout http-keep-alive` longer than the pause between requests."},
	{"envoy", false, true,
	 "envoy: the cluster's idle_timeout and max_requests_per_connection decide when it leaves a connection; look whether "
	 "they are set "
	 "low.",
	 "envoy: the listener's idle_timeout, max_connection_duration and max_requests_per_connection decide when it closes."},
	{"apache2", false, true, APACHE_CLIENT, APACHE_SERVER},
	{"httpd", false, true, APACHE_CLIENT, APACHE_SERVER},
	{"java", false, false,
	 "Java, if this is HTTP: one client or connection pool shared by all requests, and response bodies read to their end, or "
	 "the "
	 "connection cannot be used again.",
	 "Java, if this is Tomcat: `keepAliveTimeout`, and `maxKeepAliveRequests` (100 by default) not small."},
	{"node", false, false,
	 "Node.js, if this is HTTP: an http.Agent with keepAlive: true, the default only since Node.js 19, shared by all "
	 "requests.",
	 "Node.js, if this is HTTP: server.keepAliveTimeout (5 s by default) longer than the pause between requests."},
	{"python", true, false, PYTHON_CLIENT, PYTHON_SERVER},
	{"gunicorn", true, false, PYTHON_CLIENT, GUNICORN_SERVER},
	{"php", true, false,
	 "PHP drops its connections when a request ends: persistent ones (pfsockopen, PDO::ATTR_PERSISTENT) or a pooling proxy "
	 "beside it "
	 "outlive it.",
	 "php-fpm closes after each request unless its client keeps the connection: nginx: `fastcgi_keep_conn on;` and "
	 "`keepalive` in the "
	 "upstream block."},
	{"redis-server", false, false, NULL, "redis: `timeout` closes idle clients; 0, the default, never does."},
	{.comm = NULL},
};

static const struct program *find(const char comm[COMM_LEN])
{
	for (const struct program *p = programs; p->comm; p++)
		if (!strncmp(comm, p->comm, p->prefix ? strlen(p->comm) : COMM_LEN))
			return p;
	return NULL;
}

bool advice_is_proxy(const char comm[COMM_LEN])
{
	const struct program *p = find(comm);

	return p && p->proxy;
}

void advise_client(struct finding *f, const char comm[COMM_LEN])
{
	const struct program *p = find(comm);

	if (p && p->client)
		finding_change(f, p->client);
	else
		finding_change(f, "Keep connections and use them again: a connection pool, HTTP keepalive, one client object for "
				  "the life of "
				  "the process rather than one a request.");
}

void advise_server(struct finding *f, const char comm[COMM_LEN])
{
	const struct program *p = find(comm);

	if (p && p->server)
		finding_change(f, p->server);
	else
		finding_change(
			f,
			"See why it closes: an idle timeout that is short, a limit of requests per connection, a protocol of one "
			"request per connection.");
	finding_change(
		f, "If it speaks HTTP, the client may have asked for it: HTTP/1.0, or `Connection: close`; then the change is "
		   "due there.");
}
