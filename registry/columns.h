#pragma once

#include "base/limits.h"
#include "schema/notation.h"
#include "schema/schema.h"

/* Inside the room: types of a format as Hive's, within bounds: types that hold
 * themselves, or hold shared ones over and over, end. */
enum { COLUMN_DEPTH = 24, COLUMN_FIELDS = 20000 };

struct columns {
	struct arena *arena;
	unsigned depth;
	const void *open[COLUMN_DEPTH]; /* types that the one at hand is in */
	size_t fields_left; /* COLUMN_FIELDS at first */
};

/* False when `type`, of so many fields, must be `string`: too deep, too many, in itself.
 * Each true is ended by columns_leave. */
static inline bool columns_enter(struct columns *columns, const void *type, size_t fields)
{
	if (columns->depth >= COLUMN_DEPTH || columns->fields_left < fields + 1)
		return false;
	for (unsigned i = 0; i < columns->depth; i++) {
		if (columns->open[i] == type)
			return false;
	}
	columns->open[columns->depth++] = type;
	columns->fields_left -= fields + 1;
	return true;
}
static inline void columns_leave(struct columns *columns)
{
	columns->depth--;
}
