#include "etl/watch.h"

#include "base/clock.h"
#include "base/memory.h"
#include "engine/engine.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { LOOK_MS = 20, REPORT_MS = 250 };

struct watch {
	struct watched watched;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool over;
};

static bool report(const struct watched *watched)
{
	Tenon__V1__Progress progress = TENON__V1__PROGRESS__INIT;
	double fraction = engine_progress(watched->engine);
	char phase[32];
	strncpy(phase, watched->phase, sizeof phase - 1);
	phase[sizeof phase - 1] = '\0';
	progress.phase = phase;
	progress.fraction = fraction;
	progress.objects_total = watched->objects;
	progress.bytes_total = watched->bytes;
	if (fraction > 0) {
		progress.objects_done = (uint64_t)(fraction * (double)watched->objects);
		progress.bytes_done = (uint64_t)(fraction * (double)watched->bytes);
	}
	return watched->host->report(watched->host->state, &progress);
}

/* False once the watch is over. */
static bool wait_a_little(struct watch *watch)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += LOOK_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&watch->lock);
	if (!watch->over)
		pthread_cond_timedwait(&watch->changed, &watch->lock, &until);
	bool over = watch->over;
	pthread_mutex_unlock(&watch->lock);
	return !over;
}

static void *look(void *data)
{
	struct watch *watch = data;
	const struct watched *watched = &watch->watched;
	uint64_t next = clock_monotonic_ns();
	while (wait_a_little(watch)) {
		if (watched->stop && *watched->stop)
			engine_cancel(watched->engine);
		if (!watched->host || clock_monotonic_ns() < next)
			continue;
		next = clock_monotonic_ns() + REPORT_MS * UINT64_C(1000000);
		if (!report(watched))
			engine_cancel(watched->engine);
	}
	return NULL;
}

struct watch *watch_start(const struct watched *watched)
{
	struct watch *watch = memory_new(sizeof *watch);
	watch->watched = *watched;
	pthread_mutex_init(&watch->lock, NULL);
	pthread_cond_init(&watch->changed, NULL);
	if (pthread_create(&watch->thread, NULL, look, watch) != 0) {
		pthread_cond_destroy(&watch->changed);
		pthread_mutex_destroy(&watch->lock);
		free(watch);
		return NULL; /* runs unwatched: only cancel and progress are missing */
	}
	return watch;
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	pthread_mutex_lock(&watch->lock);
	watch->over = true;
	pthread_cond_signal(&watch->changed);
	pthread_mutex_unlock(&watch->lock);
	pthread_join(watch->thread, NULL);
	pthread_cond_destroy(&watch->changed);
	pthread_mutex_destroy(&watch->lock);
	free(watch);
}
