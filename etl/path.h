#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>

/* A field's path in one normal form, so that paths are compared as texts:
 *   a.b       field b of struct a         `x.y`     a name that holds a dot
 *   items[]   an array's elements         m{}       a map's values
 * Letters are folded. */

/* INVALID_ARGUMENT when empty, or a backtick is not closed. */
enum status path_parse(struct arena *arena, const char *written, struct text *path_out,
	struct error *err) MUST_USE;
struct text path_field(struct arena *arena, struct text parent, struct text name);
struct text path_elements(struct arena *arena, struct text parent);
struct text path_values(struct arena *arena, struct text parent);
/* `path` is `ancestor` or lies below it. */
bool path_within(struct text path, struct text ancestor);

/* A written path without arrays, cut into names as they were written. */
enum status path_names(struct arena *arena, const char *written, struct text **names_out,
	size_t *count_out, struct error *err) MUST_USE;
