#include "formats/rejects.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>

enum { SAMPLE_BYTES = 64 };

struct reject {
	uint64_t byte;
	uint64_t record;
	const char *reason;
	size_t sample_length;
	char sample[SAMPLE_BYTES];
};

struct rejects {
	pthread_mutex_t lock;
	uint64_t total;
	size_t kept;
	struct reject first[LIMIT_BAD_RECORDS_KEPT]; /* sorted by byte */
};

struct rejects *rejects_new(void)
{
	struct rejects *rejects = memory_new(sizeof *rejects);
	(void)pthread_mutex_init(&rejects->lock, NULL);
	return rejects;
}

void rejects_free(struct rejects *rejects)
{
	if (!rejects)
		return;
	(void)pthread_mutex_destroy(&rejects->lock);
	free(rejects);
}

/* Threads read blocks out of order, so a later call may bring an earlier byte. */
static void keep_sorted(struct rejects *rejects, const struct reject *reject)
{
	size_t at = rejects->kept;
	while (at > 0 && rejects->first[at - 1].byte > reject->byte)
		at--;
	if (at == LIMIT_BAD_RECORDS_KEPT)
		return;
	size_t last = rejects->kept < LIMIT_BAD_RECORDS_KEPT ? rejects->kept++
							     : LIMIT_BAD_RECORDS_KEPT - 1;
	memmove(&rejects->first[at + 1], &rejects->first[at], (last - at) * sizeof *reject);
	rejects->first[at] = *reject;
}

void rejects_add(struct rejects *rejects, uint64_t byte, uint64_t record, const char *reason,
	struct text sample)
{
	struct reject reject = {.byte = byte, .record = record, .reason = reason};
	reject.sample_length = sample.length < SAMPLE_BYTES ? sample.length : SAMPLE_BYTES;
	if (reject.sample_length)
		memcpy(reject.sample, sample.at, reject.sample_length);
	(void)pthread_mutex_lock(&rejects->lock);
	rejects->total++;
	keep_sorted(rejects, &reject);
	(void)pthread_mutex_unlock(&rejects->lock);
}

uint64_t rejects_count(struct rejects *rejects)
{
	(void)pthread_mutex_lock(&rejects->lock);
	uint64_t total = rejects->total;
	(void)pthread_mutex_unlock(&rejects->lock);
	return total;
}

void rejects_list(struct rejects *rejects, struct arena *arena, struct bad_record **bad_out,
	size_t *count_out)
{
	(void)pthread_mutex_lock(&rejects->lock);
	struct bad_record *bad = arena_array(arena, rejects->kept, sizeof *bad);
	for (size_t i = 0; i < rejects->kept; i++) {
		const struct reject *from = &rejects->first[i];
		bad[i] = (struct bad_record){
			.byte = from->byte,
			.record = from->record,
			.reason = from->reason,
			.sample =
				arena_copy(arena, (struct text){from->sample, from->sample_length}),
		};
	}
	*bad_out = bad;
	*count_out = rejects->kept;
	(void)pthread_mutex_unlock(&rejects->lock);
}
