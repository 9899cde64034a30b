#include "service/chores.h"

#include "base/clock.h"
#include "base/memory.h"
#include "service/access_chore.h"
#include "service/certificate.h"
#include "service/feed_chore.h"
#include "service/index_chore.h"
#include "service/retention_chore.h"
#include "service/view_chore.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Ends with a row without a name. */
static const struct chore table[] = {
	{"feed", feed_chore},
	{"certificate", certificate_look},
	{"partition indexes", index_chore},
	{"access", access_chore},
	{"retention", retention_chore},
	{"dropped", dropped_chore},
	{"views", view_chore},
	{NULL, NULL},
};

enum { CHORES_MAX = sizeof table / sizeof *table, REST_MS = 60000 };

struct chores {
	struct daemon *daemon;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool wake;
	bool ending;
};

/* Until `due` (monotonic) or a wake; false when it is over. */
static bool rest(struct chores *chores, uint64_t due_ns, bool *woken_out)
{
	struct timespec until = {(time_t)(due_ns / 1000000000u), (long)(due_ns % 1000000000u)};
	(void)pthread_mutex_lock(&chores->lock);
	int rc = 0;
	while (!chores->wake && !chores->ending && rc == 0)
		rc = pthread_cond_clockwait(&chores->woken, &chores->lock, CLOCK_MONOTONIC, &until);
	*woken_out = chores->wake;
	chores->wake = false;
	bool goes_on = !chores->ending;
	(void)pthread_mutex_unlock(&chores->lock);
	return goes_on;
}

static void *work(void *state)
{
	struct chores *chores = state;
	uint64_t due[CHORES_MAX] = {0};
	bool woken = true;
	for (;;) {
		uint64_t next = clock_monotonic_ns() + REST_MS * UINT64_C(1000000);
		for (size_t i = 0; table[i].name; i++) {
			if (woken || due[i] <= clock_monotonic_ns()) {
				int64_t wait_ms = table[i].run(chores->daemon);
				due[i] = clock_monotonic_ns() + (uint64_t)wait_ms * 1000000u;
			}
			next = due[i] < next ? due[i] : next;
		}
		if (!rest(chores, next, &woken))
			return NULL;
	}
}

struct chores *chores_new(struct daemon *daemon)
{
	struct chores *chores = memory_new(sizeof *chores);
	chores->daemon = daemon;
	(void)pthread_mutex_init(&chores->lock, NULL);
	(void)pthread_cond_init(&chores->woken, NULL);
	if (pthread_create(&chores->thread, NULL, work, chores) != 0) {
		(void)fprintf(stderr, "no thread for chores\n");
		abort();
	}
	(void)pthread_setname_np(chores->thread, "chores");
	return chores;
}

void chores_wake(struct chores *chores)
{
	(void)pthread_mutex_lock(&chores->lock);
	chores->wake = true;
	(void)pthread_cond_signal(&chores->woken);
	(void)pthread_mutex_unlock(&chores->lock);
}

void chores_free(struct chores *chores)
{
	if (!chores)
		return;
	(void)pthread_mutex_lock(&chores->lock);
	chores->ending = true;
	(void)pthread_cond_signal(&chores->woken);
	(void)pthread_mutex_unlock(&chores->lock);
	(void)pthread_join(chores->thread, NULL);
	(void)pthread_cond_destroy(&chores->woken);
	(void)pthread_mutex_destroy(&chores->lock);
	free(chores);
}
