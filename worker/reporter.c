#include "worker/reporter.h"

#include "base/memory.h"
#include "worker/interrupt.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	TICK_MS = 250,
	QUIET_TICKS = 4, /* without news a report is sent this often: it also hears of cancel */
	REPORT_TIMEOUT_MS = 10000,
	PHASE_BYTES = 32,
	DETAIL_BYTES = 512,
};

struct reporter {
	struct session *session;
	pthread_t thread;
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t ended;
	bool over;
	bool stop;
	bool news;
	Tenon__V1__Progress progress; /* texts point to the two below */
	char phase[PHASE_BYTES];
	char detail[DETAIL_BYTES];
};

static void remember(struct reporter *reporter, const Tenon__V1__Progress *progress)
{
	reporter->progress = *progress;
	(void)snprintf(reporter->phase, PHASE_BYTES, "%s", progress->phase);
	(void)snprintf(reporter->detail, DETAIL_BYTES, "%s", progress->detail);
	/* A cut may have split a character, which the wire refuses. */
	while (!text_is_utf8(text_of(reporter->detail)))
		reporter->detail[strlen(reporter->detail) - 1] = 0;
	reporter->progress.phase = reporter->phase;
	reporter->progress.detail = reporter->detail;
}

bool reporter_report(void *state, const Tenon__V1__Progress *progress)
{
	struct reporter *reporter = state;
	(void)pthread_mutex_lock(&reporter->lock);
	remember(reporter, progress);
	reporter->news = true;
	bool stop = reporter->stop;
	(void)pthread_mutex_unlock(&reporter->lock);
	return !stop && !interrupt_asked();
}

/* True when the daemon wants the run to stop. A daemon that cannot be reached is
 * no reason: it may come back before the commit, and if it died, so do we. */
static bool send_report(struct reporter *reporter, const Tenon__V1__Progress *progress)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Progress copy = *progress;
	Tenon__V1__ReportRequest request = TENON__V1__REPORT_REQUEST__INIT;
	Tenon__V1__ReportResponse *response;
	struct error err;
	request.progress = &copy;
	enum status status = session_call(
		reporter->session, "Report", &request, REPORT_TIMEOUT_MS, arena, &response, &err);
	if (status == STATUS_OK)
		return response->cancel;
	return status == STATUS_UNAUTHENTICATED || status == STATUS_NOT_FOUND;
}

/* One tick of waiting; false when it is over. The lock is held. */
static bool wait_tick(struct reporter *reporter)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	int waited = 0;
	while (!reporter->over && waited == 0)
		waited = pthread_cond_timedwait(&reporter->ended, &reporter->lock, &until);
	return !reporter->over;
}

static void *report_often(void *state)
{
	struct reporter *reporter = state;
	unsigned quiet = 0;
	(void)pthread_mutex_lock(&reporter->lock);
	while (wait_tick(reporter)) {
		if (!reporter->news && ++quiet < QUIET_TICKS)
			continue;
		struct reporter sent = {.session = reporter->session};
		remember(&sent, &reporter->progress);
		reporter->news = false;
		quiet = 0;
		(void)pthread_mutex_unlock(&reporter->lock);
		bool stop = send_report(&sent, &sent.progress);
		(void)pthread_mutex_lock(&reporter->lock);
		reporter->stop |= stop;
	}
	(void)pthread_mutex_unlock(&reporter->lock);
	return NULL;
}

struct reporter *reporter_new(struct session *session)
{
	struct reporter *reporter = memory_new(sizeof *reporter);
	reporter->session = session;
	const Tenon__V1__Progress none = TENON__V1__PROGRESS__INIT;
	remember(reporter, &none);
	pthread_condattr_t monotonic;
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&reporter->ended, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	(void)pthread_mutex_init(&reporter->lock, NULL);
	if (pthread_create(&reporter->thread, NULL, report_often, reporter) != 0) {
		(void)fprintf(stderr, "no thread for reporting\n");
		abort();
	}
	return reporter;
}

void reporter_free(struct reporter *reporter)
{
	if (!reporter)
		return;
	(void)pthread_mutex_lock(&reporter->lock);
	reporter->over = true;
	(void)pthread_cond_signal(&reporter->ended);
	(void)pthread_mutex_unlock(&reporter->lock);
	(void)pthread_join(reporter->thread, NULL);
	(void)pthread_mutex_destroy(&reporter->lock);
	(void)pthread_cond_destroy(&reporter->ended);
	free(reporter);
}
