#pragma once

#include "base/attr.h"
#include "base/owned.h"
#include "base/text.h"

#include <stddef.h>

/* Memory that dies together: one call, one crawled object, one plan. Nothing in
 * it is freed alone. Allocation never returns NULL; the process ends when memory
 * is gone. One thread at a time. */
struct arena;

struct arena *arena_new(void) NEVER_NULL;
void arena_free(struct arena *arena); /* NULL is fine */
void arena_reset(struct arena *arena); /* forget everything, keep one block for reuse */

void *arena_alloc(struct arena *arena, size_t size) NEVER_NULL; /* zeroed, aligned for any type */
void *arena_array(struct arena *arena, size_t count,
	size_t size) NEVER_NULL; /* ends the process on overflow */
/* `old` grown from `count` to `grown` items; old items are copied, new ones zeroed. */
void *arena_grow(
	struct arena *arena, void *old, size_t count, size_t grown, size_t size) NEVER_NULL;

char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3) NEVER_NULL;
char *arena_text(struct arena *arena, struct text text) NEVER_NULL; /* a NUL-terminated copy */
struct text arena_copy(struct arena *arena, struct text text);

size_t arena_bytes(const struct arena *arena); /* handed out so far: hold it against a limit */

OWNABLE(arena);
