#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void out_of_memory(size_t size)
{
	(void)fprintf(stderr, "out of memory: %zu bytes\n", size);
	abort();
}

void *memory_new(size_t size)
{
	void *memory = calloc(1, size ? size : 1);
	if (!memory)
		out_of_memory(size);
	return memory;
}

void *memory_new_array(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);
	if (!memory)
		out_of_memory(count);
	return memory;
}

void *memory_resize(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count ? count : 1, size ? size : 1);
	if (!memory)
		out_of_memory(count);
	return memory;
}

char *memory_text(const char *text)
{
	size_t size = strlen(text) + 1;
	return memcpy(memory_new(size), text, size);
}

size_t memory_doubled(size_t size, size_t needed)
{
	while (size < needed) {
		if (size > (size_t)-1 / 2)
			return needed;
		size *= 2;
	}
	return size;
}
