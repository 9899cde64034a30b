#include "formats/blocks.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct blocks {
	pthread_mutex_t lock;
	struct source *source;
	struct boundary *boundary;
	size_t block_bytes;
	size_t record_bytes_max;
	/* The begun record behind the last block's end; the boundary has seen `scanned`
	 * of its bytes. */
	char *tail;
	size_t tail_length, tail_capacity, scanned;
	uint64_t position; /* of tail[0] */
	bool ended; /* the source gave everything */
	bool skipping; /* in the rest of a cut-off record's line */
	struct error failed; /* status OK while all is well */
	_Atomic uint64_t raw_position;
};

struct blocks *blocks_new(struct source *source, struct boundary *boundary, size_t block_bytes,
	size_t record_bytes_max)
{
	struct blocks *blocks = memory_new(sizeof *blocks);
	(void)pthread_mutex_init(&blocks->lock, NULL);
	blocks->source = source;
	blocks->boundary = boundary;
	blocks->block_bytes = block_bytes ? block_bytes : 1;
	blocks->record_bytes_max = record_bytes_max;
	blocks->position = source_position(source);
	return blocks;
}

void blocks_free(struct blocks *blocks)
{
	if (!blocks)
		return;
	(void)pthread_mutex_destroy(&blocks->lock);
	source_free(blocks->source);
	free(blocks->tail);
	free(blocks);
}

void block_done(struct block *block)
{
	free(block->bytes);
	*block = (struct block){0};
}

uint64_t blocks_raw_position(struct blocks *blocks)
{
	return atomic_load_explicit(&blocks->raw_position, memory_order_relaxed);
}

static void reserve(struct block *block, size_t length)
{
	if (length + BLOCK_PADDING <= block->capacity)
		return;
	size_t capacity = memory_grown(block->capacity, length + BLOCK_PADDING);
	block->bytes = memory_resize(block->bytes, capacity, 1);
	block->capacity = capacity;
}

/* Reads until the block holds `wanted` bytes or the source has ended. */
static enum status fill(
	struct blocks *blocks, struct block *block, size_t wanted, struct error *err)
{
	reserve(block, wanted);
	while (block->length < wanted && !blocks->ended) {
		size_t read = 0;
		TRY(source_read(blocks->source, block->bytes + block->length,
			wanted - block->length, &read, err));
		block->length += read;
		blocks->ended = read == 0;
	}
	atomic_store_explicit(
		&blocks->raw_position, source_raw_position(blocks->source), memory_order_relaxed);
	return STATUS_OK;
}

static bool is_newline(char byte)
{
	return byte == '\n' || byte == '\r';
}

/* Drops the rest of a cut-off record's line. */
static enum status skip_line(struct blocks *blocks, struct block *block, struct error *err)
{
	while (blocks->skipping) {
		TRY(fill(blocks, block, blocks->block_bytes, err));
		if (block->length == 0)
			break;
		size_t end =
			blocks->boundary->resync(blocks->boundary, block->bytes, 0, block->length);
		blocks->skipping = !is_newline(block->bytes[end - 1]);
		block->length -= end;
		memmove(block->bytes, block->bytes + end, block->length);
		blocks->position += end;
	}
	blocks->skipping = false;
	return STATUS_OK;
}

/* Keeps bytes[end, length) for the next block. */
static void carry(struct blocks *blocks, struct block *block, size_t end, size_t scanned)
{
	size_t length = block->length - end;
	if (length > blocks->tail_capacity) {
		blocks->tail_capacity = memory_grown(blocks->tail_capacity, length);
		blocks->tail = memory_resize(blocks->tail, blocks->tail_capacity, 1);
	}
	if (length)
		memcpy(blocks->tail, block->bytes + end, length);
	blocks->tail_length = length;
	blocks->scanned = scanned;
	blocks->position = block->position + end;
	block->length = end;
}

/* No record end within the limit. Behind the last newline a record may start anew;
 * without any, the rest of this line goes with it. */
static void cut_oversized(struct blocks *blocks, struct block *block)
{
	size_t end = block->length;
	while (end > 0 && !is_newline(block->bytes[end - 1]))
		end--;
	blocks->skipping = end == 0;
	if (end == 0)
		end = block->length;
	/* Only to forget the state. */
	(void)blocks->boundary->resync(blocks->boundary, block->bytes, end - 1, end);
	block->oversized = true;
	carry(blocks, block, end, 0);
}

static enum status next(struct blocks *blocks, struct block *block, struct error *err)
{
	block->oversized = false;
	block->length = 0;
	reserve(block, blocks->tail_length + blocks->block_bytes);
	if (blocks->tail_length)
		memcpy(block->bytes, blocks->tail, blocks->tail_length);
	block->length = blocks->tail_length;
	blocks->tail_length = 0;
	TRY(skip_line(blocks, block, err));
	block->position = blocks->position;
	size_t scanned = blocks->scanned;
	for (size_t wanted = block->length + blocks->block_bytes;; wanted += blocks->block_bytes) {
		TRY(fill(blocks, block, wanted, err));
		size_t end = blocks->boundary->last_end(
			blocks->boundary, block->bytes, scanned, block->length);
		if (blocks->ended && end == 0)
			end = block->length;
		if (end > 0 || blocks->ended) {
			carry(blocks, block, end, block->length - end);
			break;
		}
		if (block->length > blocks->record_bytes_max) {
			cut_oversized(blocks, block);
			break;
		}
		scanned = block->length;
	}
	block->last = blocks->ended && blocks->tail_length == 0;
	memset(block->bytes + block->length, 0, BLOCK_PADDING);
	return STATUS_OK;
}

enum status blocks_next(struct blocks *blocks, struct block *block, struct error *err)
{
	(void)pthread_mutex_lock(&blocks->lock);
	if (blocks->failed.status == STATUS_OK) {
		enum status status = next(blocks, block, &blocks->failed);
		blocks->failed.status = status;
	}
	enum status status = blocks->failed.status;
	if (status != STATUS_OK)
		*err = blocks->failed;
	(void)pthread_mutex_unlock(&blocks->lock);
	return status;
}
