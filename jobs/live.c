#include "jobs/live.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { RUN_ID_BYTES = 26, TEXT_BYTES_MAX = 200 };

struct running {
	struct running *next;
	char run_id[RUN_ID_BYTES];
	bool cancelled;
	bool reported;
	Tenon__V1__Progress progress; /* its texts point below */
	char phase[TEXT_BYTES_MAX + 1];
	char detail[TEXT_BYTES_MAX + 1];
};

struct live {
	pthread_mutex_t lock;
	struct running *first;
};

struct live *live_new(void)
{
	struct live *live = memory_new(sizeof *live);
	(void)pthread_mutex_init(&live->lock, NULL);
	return live;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	while (live->first) {
		struct running *gone = live->first;
		live->first = gone->next;
		free(gone);
	}
	(void)pthread_mutex_destroy(&live->lock);
	free(live);
}

/* Under the lock: the link that points at the run, or at NULL. */
static struct running **find(struct live *live, const char *run_id)
{
	struct running **link = &live->first;
	while (*link && strcmp((*link)->run_id, run_id) != 0)
		link = &(*link)->next;
	return link;
}

static void copy_text(char *to, const char *from)
{
	struct text cut = text_until(text_of(from), TEXT_BYTES_MAX);
	while (cut.length && !text_is_utf8(cut))
		cut.length--;
	memcpy(to, cut.at, cut.length);
	to[cut.length] = '\0';
}

void live_add(struct live *live, const char *run_id)
{
	struct running *run = memory_new(sizeof *run);
	copy_text(run->phase, "");
	(void)strncpy(run->run_id, run_id, RUN_ID_BYTES - 1);
	(void)pthread_mutex_lock(&live->lock);
	run->next = live->first;
	live->first = run;
	(void)pthread_mutex_unlock(&live->lock);
}

void live_remove(struct live *live, const char *run_id)
{
	(void)pthread_mutex_lock(&live->lock);
	struct running **link = find(live, run_id);
	struct running *gone = *link;
	if (gone)
		*link = gone->next;
	(void)pthread_mutex_unlock(&live->lock);
	free(gone);
}

bool live_report(struct live *live, const char *run_id, const Tenon__V1__Progress *progress)
{
	(void)pthread_mutex_lock(&live->lock);
	struct running *run = *find(live, run_id);
	bool stop = !run || run->cancelled;
	if (run && progress) {
		run->reported = true;
		run->progress = *progress;
		run->progress.base.n_unknown_fields = 0;
		run->progress.base.unknown_fields = NULL;
		copy_text(run->phase, progress->phase);
		copy_text(run->detail, progress->detail);
	}
	(void)pthread_mutex_unlock(&live->lock);
	return stop;
}

void live_cancel(struct live *live, const char *run_id)
{
	(void)pthread_mutex_lock(&live->lock);
	struct running *run = *find(live, run_id);
	if (run)
		run->cancelled = true;
	(void)pthread_mutex_unlock(&live->lock);
}

Tenon__V1__Progress *live_progress(struct live *live, const char *run_id, struct arena *arena)
{
	Tenon__V1__Progress *copy = NULL;
	(void)pthread_mutex_lock(&live->lock);
	struct running *run = *find(live, run_id);
	if (run && run->reported) {
		copy = arena_alloc(arena, sizeof *copy);
		*copy = run->progress;
		copy->phase = arena_text(arena, text_of(run->phase));
		copy->detail = arena_text(arena, text_of(run->detail));
	}
	(void)pthread_mutex_unlock(&live->lock);
	return copy;
}

bool live_is_cancelled(struct live *live, const char *run_id)
{
	(void)pthread_mutex_lock(&live->lock);
	struct running *run = *find(live, run_id);
	bool cancelled = run && run->cancelled;
	(void)pthread_mutex_unlock(&live->lock);
	return cancelled;
}
