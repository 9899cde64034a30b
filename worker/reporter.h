#pragma once

#include "worker/session.h"

#include <stdbool.h>

/* Sends the newest progress a few times a second from a thread of its own, and
 * learns from the answers whether the run is to stop. Work never waits for it. */
struct reporter;

struct reporter *reporter_new(struct session *session);
void reporter_free(struct reporter *reporter); /* no report is sent afterwards */
OWNABLE(reporter);

/* Remember this progress. False: stop (asked by the daemon, by a signal, or the
 * daemon no longer knows the run). Any thread. Fits the callbacks of crawl and etl. */
bool reporter_report(void *reporter, const Tenon__V1__Progress *progress);
