#pragma once

#include "base/attr.h"

#include <stddef.h>

/* Heap memory that never comes back NULL: the process ends with one line on
 * standard error when memory is gone, as the linked gRPC core does. In exchange
 * every size that input drives is checked against base/limits.h first.
 * Release with free(). */

void *memory_new(size_t size) NEVER_NULL; /* zeroed */
void *memory_new_array(
	size_t count, size_t size) NEVER_NULL; /* zeroed; ends the process on overflow */
void *memory_resize(void *old, size_t count, size_t size) NEVER_NULL; /* new tail is not zeroed */
char *memory_text(const char *text) NEVER_NULL; /* a copy, NUL-terminated */

size_t memory_doubled(size_t size, size_t needed); /* as often as it takes; `needed` at overflow */

/* Capacity to grow to when `needed` items must fit in `capacity`: doubles, at
 * least 8. Returns `capacity` unchanged when they already fit. Here and without a
 * loop, so that analyzers see that the first item does not fit in no capacity. */
static inline size_t memory_grown(size_t capacity, size_t needed)
{
	if (needed <= capacity)
		return capacity;
	size_t grown = capacity < 8 ? 8 : capacity;
	return needed <= grown ? grown : memory_doubled(grown, needed);
}
