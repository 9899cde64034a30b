#include "service/watch.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct watches {
	pthread_mutex_t lock;
	struct watch *first;
	size_t logs;
	atomic_bool stopped;
};

struct watches *watches_new(void)
{
	struct watches *watches = memory_new(sizeof *watches);
	(void)pthread_mutex_init(&watches->lock, NULL);
	return watches;
}

void watches_free(struct watches *watches)
{
	if (!watches)
		return;
	(void)pthread_mutex_destroy(&watches->lock);
	free(watches);
}

void watches_add(struct watches *watches, struct watch *watch)
{
	atomic_store(&watch->news, true);
	(void)pthread_mutex_lock(&watches->lock);
	watch->next = watches->first;
	watches->first = watch;
	watches->logs += watch->of_log;
	(void)pthread_mutex_unlock(&watches->lock);
}

void watches_remove(struct watches *watches, struct watch *watch)
{
	(void)pthread_mutex_lock(&watches->lock);
	struct watch **link = &watches->first;
	while (*link && *link != watch)
		link = &(*link)->next;
	if (*link) {
		*link = watch->next;
		watches->logs -= watch->of_log;
	}
	(void)pthread_mutex_unlock(&watches->lock);
}

/* Under the lock: a call may be woken only until its stream has closed, and
 * closing takes the watch out first. Waking only queues the stream. */
static void wake(struct watch *watch)
{
	atomic_store(&watch->news, true);
	rpc_stream_wake(watch->call);
}

void watches_wake_run(struct watches *watches, const char *run_id)
{
	(void)pthread_mutex_lock(&watches->lock);
	for (struct watch *watch = watches->first; watch; watch = watch->next) {
		if (strcmp(watch->run_id, run_id) == 0)
			wake(watch);
	}
	(void)pthread_mutex_unlock(&watches->lock);
}

void watches_wake_feeds(struct watches *watches)
{
	(void)pthread_mutex_lock(&watches->lock);
	for (struct watch *watch = watches->first; watch; watch = watch->next) {
		if (watch->of_feed)
			wake(watch);
	}
	(void)pthread_mutex_unlock(&watches->lock);
}

static void wake_all(struct watches *watches, bool logs_only)
{
	(void)pthread_mutex_lock(&watches->lock);
	for (struct watch *watch = watches->first; watch; watch = watch->next) {
		if (watch->of_log || !logs_only)
			wake(watch);
	}
	(void)pthread_mutex_unlock(&watches->lock);
}

void watches_wake_logs(struct watches *watches)
{
	wake_all(watches, true);
}

bool watches_has_logs(struct watches *watches)
{
	(void)pthread_mutex_lock(&watches->lock);
	bool has = watches->logs > 0;
	(void)pthread_mutex_unlock(&watches->lock);
	return has;
}

void watches_stop(struct watches *watches)
{
	atomic_store(&watches->stopped, true);
	wake_all(watches, false);
}

bool watches_stopped(const struct watches *watches)
{
	return atomic_load(&watches->stopped);
}
