#include "service/certificate.h"

#include "base/clock.h"
#include "base/log.h"
#include "rpc/server.h"
#include "service/daemon.h"

enum { LOOK_MS = 10000, NEVER_MS = 3600 * 1000, WARN_DAYS = 14 };
#define DAY_US (INT64_C(86400) * 1000000)

static void warn_of_end(struct daemon *daemon)
{
	char text[CLOCK_TEXT_BYTES];
	int64_t now_us = clock_now_us();
	int64_t until_us = rpc_server_certificate_until_s(daemon->server) * 1000000;
	if (until_us - now_us > WARN_DAYS * DAY_US ||
		now_us - daemon->certificate_warned_us < DAY_US)
		return;
	daemon->certificate_warned_us = now_us;
	log_line(LOG_WARN, "the certificate '%s' %s %s: renew it", daemon->options->tls_certificate,
		until_us < now_us ? "has expired on" : "ends on", clock_text(until_us, text));
}

int64_t certificate_look(struct daemon *daemon)
{
	struct error err;
	char text[CLOCK_TEXT_BYTES];
	bool renewed = false;
	if (!daemon->options->tls_certificate)
		return NEVER_MS;
	if (rpc_server_renew(daemon->server, &renewed, &err) != STATUS_OK)
		log_line(LOG_WARN, "new TLS files are not taken, the old ones stay in use: %s",
			err.message);
	if (renewed) {
		daemon->certificate_warned_us = 0;
		log_line(LOG_INFO, "new TLS files are in use; the certificate is good until %s",
			clock_text(rpc_server_certificate_until_s(daemon->server) * 1000000, text));
	}
	warn_of_end(daemon);
	return LOOK_MS;
}
