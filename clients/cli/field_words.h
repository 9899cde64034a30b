#pragma once

#include "base/arena.h"

/* A field's path in the change feed (catalog/field_diff.h) in words: "storage.columns.
 * amount.comment" is "comment of column amount"; in the arena or `path` itself. Keys and
 * names stay as they are. */
const char *field_words(struct arena *arena, const char *path);
