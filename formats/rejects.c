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

struct tally {
	uint64_t position;
	uint64_t records;
};

struct rejects {
	pthread_mutex_t lock;
	struct tally *blocks; /* only those before the last kept record matter, but which is last
			       * changes: 16 bytes per block are cheap */
	size_t block_count, block_capacity;
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
	free(rejects->blocks);
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

void rejects_block(struct rejects *rejects, uint64_t position, uint64_t records)
{
	(void)pthread_mutex_lock(&rejects->lock);
	if (rejects->block_count == rejects->block_capacity) {
		rejects->block_capacity =
			memory_grown(rejects->block_capacity, rejects->block_count + 1);
		rejects->blocks = memory_resize(
			rejects->blocks, rejects->block_capacity, sizeof *rejects->blocks);
	}
	rejects->blocks[rejects->block_count++] = (struct tally){position, records};
	(void)pthread_mutex_unlock(&rejects->lock);
}

static int by_position(const void *left, const void *right)
{
	const struct tally *a = left;
	const struct tally *b = right;
	return (a->position > b->position) - (a->position < b->position);
}

/* How many records stand in blocks before the one that holds `byte`; the blocks
 * are sorted and do not overlap. `seen` and `sum` go on from the last call. */
static uint64_t records_before(
	const struct rejects *rejects, uint64_t byte, size_t *seen, uint64_t *sum)
{
	while (*seen + 1 < rejects->block_count && rejects->blocks[*seen + 1].position <= byte)
		*sum += rejects->blocks[(*seen)++].records;
	return *sum;
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
	size_t seen = 0;
	uint64_t sum = 0;
	if (rejects->block_count)
		qsort(rejects->blocks, rejects->block_count, sizeof *rejects->blocks, by_position);
	for (size_t i = 0; i < rejects->kept; i++) {
		const struct reject *from = &rejects->first[i];
		bad[i] = (struct bad_record){
			.byte = from->byte,
			.record = from->record + records_before(rejects, from->byte, &seen, &sum),
			.reason = from->reason,
			.sample =
				arena_copy(arena, (struct text){from->sample, from->sample_length}),
		};
	}
	*bad_out = bad;
	*count_out = rejects->kept;
	(void)pthread_mutex_unlock(&rejects->lock);
}
