#include "crawler/inspect.h"

#include "base/memory.h"
#include "crawler/entry.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 64, REPORT_MS = 200 };
/* Smaller objects gain more from being read side by side than from being split. */
#define LARGE_BYTES (UINT64_C(64) * 1024 * 1024)

/* What the inspecting threads share. */
struct pool {
	struct inspection *inspection;
	size_t *pending; /* changed objects: small ones by path, then large ones */
	size_t pending_count;
	size_t small_count;
	unsigned threads;
	_Atomic size_t next;
	_Atomic uint64_t bytes_done;
	_Atomic size_t objects_done;
	volatile bool stop;
	pthread_mutex_t lock; /* the arena of the entries, `running`, `finished` */
	pthread_cond_t finished;
	unsigned running;
};

static bool stops(const struct pool *pool)
{
	const volatile bool *told = pool->inspection->stop;
	return __atomic_load_n(&pool->stop, __ATOMIC_RELAXED) ||
	       (told && __atomic_load_n(told, __ATOMIC_RELAXED));
}

static const char *outcome_of(enum status status)
{
	switch (status) {
	case STATUS_NOT_FOUND:
	case STATUS_PERMISSION_DENIED:
	case STATUS_UNAVAILABLE:
	case STATUS_UNAUTHENTICATED:
	case STATUS_DEADLINE_EXCEEDED:
	case STATUS_ABORTED:
		return "skipped"; /* may well be readable next time */
	case STATUS_OK:
	case STATUS_CANCELLED:
	case STATUS_UNKNOWN:
	case STATUS_INVALID_ARGUMENT:
	case STATUS_ALREADY_EXISTS:
	case STATUS_RESOURCE_EXHAUSTED:
	case STATUS_FAILED_PRECONDITION:
	case STATUS_OUT_OF_RANGE:
	case STATUS_UNIMPLEMENTED:
	case STATUS_INTERNAL:
	case STATUS_DATA_LOSS:
		break;
	}
	return "corrupt";
}

static enum status read_object(struct pool *pool, const struct object *object, unsigned threads,
	struct arena *arena, struct inferred *inferred, bool *known_out, struct error *err)
{
	struct store *store = pool->inspection->store;
	const struct format *format = NULL;
	TRY(format_classify(store, object, arena, inferred, &format, err));
	*known_out = format != NULL;
	if (!format)
		return STATUS_OK;
	return format_infer(format, store, object, threads, &pool->stop, arena, inferred, err);
}

static const char *why_unknown(struct arena *arena, const struct inferred *inferred)
{
	const char *format = inferred->classification;
	if (format && strcmp(format, "UNKNOWN") != 0)
		return arena_printf(arena, "this is %s, which cannot be read yet", format);
	const char *seen = inferred->libmagic ? inferred->libmagic : "nothing";
	if (strcmp(seen, "text/plain") == 0)
		return arena_printf(arena,
			"no known format begins at byte 0 (libmagic says %s): a CSV file has two "
			"columns and two records at least",
			seen);
	return arena_printf(arena, "no known format begins at byte 0 (libmagic says %s)", seen);
}

/* Names go into messages, which hold UTF-8 alone. */
static enum status check_name(const struct object *object, struct error *err)
{
	if (!text_is_utf8(object->path))
		return fail(err, STATUS_INVALID_ARGUMENT, "its name is not UTF-8: rename it");
	return STATUS_OK;
}

/* The object's own arena dies here; what must stay is copied under the lock. */
static void inspect_one(struct pool *pool, struct found *found, unsigned threads)
{
	OWNED(arena) arena = arena_new();
	struct inferred inferred = {0};
	struct error err = {0};
	bool known = false;
	bool named = check_name(found->object, &err) == STATUS_OK;
	enum status status =
		named ? read_object(pool, found->object, threads, arena, &inferred, &known, &err)
		      : STATUS_INVALID_ARGUMENT;
	if (status == STATUS_CANCELLED && stops(pool))
		return;
	(void)pthread_mutex_lock(&pool->lock);
	struct arena *kept = pool->inspection->arena;
	Tenon__V1__LedgerEntry *entry = entry_new(kept, found->object);
	entry_fill(kept, entry, &inferred);
	if (status != STATUS_OK)
		entry_fail(kept, entry, outcome_of(status), err.message);
	else if (!known)
		entry_fail(kept, entry, "unknown", why_unknown(kept, &inferred));
	found->entry = entry;
	found->unreadable = !named || strcmp(entry->inferred->outcome, "skipped") == 0;
	(void)pthread_mutex_unlock(&pool->lock);
	atomic_fetch_add(&pool->bytes_done, found->object->bytes);
	atomic_fetch_add(&pool->objects_done, 1);
}

static void *inspect_small(void *argument)
{
	struct pool *pool = argument;
	struct found *found = pool->inspection->found;
	for (size_t at; (at = atomic_fetch_add(&pool->next, 1)) < pool->small_count;) {
		if (stops(pool))
			break;
		inspect_one(pool, &found[pool->pending[at]], 1);
	}
	(void)pthread_mutex_lock(&pool->lock);
	pool->running--;
	(void)pthread_cond_signal(&pool->finished);
	(void)pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static void *inspect_large(void *argument)
{
	struct pool *pool = argument;
	struct found *found = pool->inspection->found;
	for (size_t at = pool->small_count; at < pool->pending_count && !stops(pool); at++)
		inspect_one(pool, &found[pool->pending[at]], pool->threads);
	(void)pthread_mutex_lock(&pool->lock);
	pool->running--;
	(void)pthread_cond_signal(&pool->finished);
	(void)pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static void report(struct pool *pool, uint64_t bytes_total)
{
	const struct crawl_progress *progress = pool->inspection->progress;
	if (stops(pool))
		__atomic_store_n(&pool->stop, true, __ATOMIC_RELAXED);
	if (!progress || !progress->report)
		return;
	static char phase[] = "inferring";
	Tenon__V1__Progress message;
	tenon__v1__progress__init(&message);
	message.phase = phase;
	message.objects_done = atomic_load(&pool->objects_done);
	message.objects_total = pool->pending_count;
	message.bytes_done = atomic_load(&pool->bytes_done);
	message.bytes_total = bytes_total;
	message.fraction = bytes_total ? (double)message.bytes_done / (double)bytes_total : 1;
	if (!progress->report(progress->state, &message))
		__atomic_store_n(&pool->stop, true, __ATOMIC_RELAXED);
}

/* Until no thread runs, with a report now and then. */
static void wait_for_all(struct pool *pool, uint64_t bytes_total)
{
	(void)pthread_mutex_lock(&pool->lock);
	while (pool->running) {
		struct timespec until;
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += REPORT_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		(void)pthread_cond_timedwait(&pool->finished, &pool->lock, &until);
		(void)pthread_mutex_unlock(&pool->lock);
		report(pool, bytes_total);
		(void)pthread_mutex_lock(&pool->lock);
	}
	(void)pthread_mutex_unlock(&pool->lock);
}

static void run_threads(
	struct pool *pool, unsigned count, void *(*work)(void *), uint64_t bytes_total)
{
	pthread_t threads[THREADS_MAX];
	bool started[THREADS_MAX] = {false};
	pool->running = count;
	for (unsigned i = 0; i < count; i++) {
		started[i] = pthread_create(&threads[i], NULL, work, pool) == 0;
		if (!started[i]) /* no thread to be had: this one does it */
			(void)work(pool);
	}
	wait_for_all(pool, bytes_total);
	for (unsigned i = 0; i < count; i++) {
		if (started[i])
			(void)pthread_join(threads[i], NULL);
	}
}

static uint64_t choose_pending(struct pool *pool)
{
	const struct inspection *inspection = pool->inspection;
	uint64_t bytes = 0;
	for (int large = 0; large <= 1; large++) {
		for (size_t i = 0; i < inspection->count; i++) {
			const struct found *found = &inspection->found[i];
			if (!found->changed || (found->object->bytes >= LARGE_BYTES) != large)
				continue;
			pool->pending[pool->pending_count++] = i;
			bytes += found->object->bytes;
		}
		if (!large)
			pool->small_count = pool->pending_count;
	}
	return bytes;
}

static unsigned threads_wanted(unsigned asked)
{
	long cores = asked ? (long)asked : sysconf(_SC_NPROCESSORS_ONLN);
	if (cores < 1)
		return 1;
	return cores > THREADS_MAX ? THREADS_MAX : (unsigned)cores;
}

static void pool_run(struct pool *pool)
{
	uint64_t bytes_total = choose_pending(pool);
	report(pool, bytes_total);
	unsigned side_by_side = pool->threads;
	if (side_by_side > pool->small_count)
		side_by_side = (unsigned)pool->small_count;
	if (side_by_side)
		run_threads(pool, side_by_side, inspect_small, bytes_total);
	if (pool->pending_count > pool->small_count && !stops(pool))
		run_threads(pool, 1, inspect_large, bytes_total);
	pool->inspection->objects_opened = atomic_load(&pool->objects_done);
	pool->inspection->bytes_read = atomic_load(&pool->bytes_done);
}

enum status inspect(struct inspection *inspection, struct error *err)
{
	struct pool pool = {
		.inspection = inspection,
		.pending = memory_new_array(inspection->count + 1, sizeof *pool.pending),
		.threads = threads_wanted(inspection->threads),
	};
	pthread_condattr_t monotonic;
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&pool.lock, NULL);
	(void)pthread_cond_init(&pool.finished, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	pool_run(&pool);
	(void)pthread_cond_destroy(&pool.finished);
	(void)pthread_mutex_destroy(&pool.lock);
	free(pool.pending);
	return stops(&pool) ? fail(err, STATUS_CANCELLED, "the crawl was cancelled") : STATUS_OK;
}
