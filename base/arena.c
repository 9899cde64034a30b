#include "base/arena.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 16 * 1024, ALIGNMENT = 16 };

struct block {
	struct block *older;
	size_t size;
	_Alignas(ALIGNMENT) char bytes[];
};

struct arena {
	struct block *newest;
	char *at;
	char *end;
	size_t handed_out;
};

struct arena *arena_new(void)
{
	return memory_new(sizeof(struct arena));
}

static void free_blocks(struct block *block)
{
	while (block) {
		struct block *older = block->older;
		free(block);
		block = older;
	}
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	free_blocks(arena->newest);
	free(arena);
}

void arena_reset(struct arena *arena)
{
	struct block *keep = arena->newest;
	if (keep) {
		free_blocks(keep->older);
		keep->older = NULL;
		arena->at = keep->bytes;
		arena->end = keep->bytes + keep->size;
	}
	arena->handed_out = 0;
}

/* As it comes: for what is written over at once. */
static void *take(struct arena *arena, size_t size)
{
	if (size > SIZE_MAX - BLOCK_BYTES) {
		(void)fprintf(stderr, "out of memory: %zu bytes\n", size);
		abort();
	}
	size += size == 0;
	size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if ((size_t)(arena->end - arena->at) < rounded) {
		size_t block_size = rounded > BLOCK_BYTES / 4 ? rounded + BLOCK_BYTES : BLOCK_BYTES;
		struct block *block = malloc(sizeof *block + block_size);
		if (!block) {
			(void)fprintf(stderr, "out of memory: %zu bytes\n", size);
			abort();
		}
		block->older = arena->newest;
		block->size = block_size;
		arena->newest = block;
		arena->at = block->bytes;
		arena->end = block->bytes + block_size;
	}
	void *memory = arena->at;
	arena->at += rounded;
	arena->handed_out += rounded;
	return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(take(arena, size), 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		bytes = SIZE_MAX;
	return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, void *old, size_t count, size_t grown, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(grown, size, &bytes))
		bytes = SIZE_MAX;
	char *memory = take(arena, bytes);
	size_t kept = count * size;
	if (kept)
		memcpy(memory, old, kept);
	memset(memory + kept, 0, bytes - kept);
	return memory;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_list again;
	va_start(args, format);
	va_copy(again, args);
	/* Into what room there is: nearly always it is enough. */
	char *here = arena->at;
	int length = vsnprintf(here, (size_t)(arena->end - here), format, args);
	va_end(args);
	size_t bytes = length < 0 ? 1 : (size_t)length + 1;
	char *text = take(arena, bytes);
	if (length < 0)
		*text = 0;
	else if (text != here)
		(void)vsnprintf(text, bytes, format, again);
	va_end(again);
	return text;
}

char *arena_text(struct arena *arena, struct text text)
{
	char *copy = take(arena, text.length + 1);
	if (text.length)
		memcpy(copy, text.at, text.length);
	copy[text.length] = 0;
	return copy;
}

struct text arena_copy(struct arena *arena, struct text text)
{
	return (struct text){arena_text(arena, text), text.length};
}

size_t arena_bytes(const struct arena *arena)
{
	return arena->handed_out;
}
