#pragma once

#include "formats/json_key.h"
#include "schema/type.h"

#include "base/arena.h"

/* A column of the plan that json_fill.c walks: a type, and for objects the way
 * from keys to fields. Belongs to one thread: it remembers what it saw last. */
struct json_column {
	const struct type *type;
	struct text name; /* folded */
	struct json_key key; /* as last met under another spelling than predicted */
	char *key_bytes; /* its memory, JSON_KEY_BYTES */
	struct json_column *children; /* fields; array: element; map: key, value */
	size_t child_count;
	uint32_t *slots; /* hash table of child index + 1 */
	size_t slot_count;
	size_t vector; /* top level: which vector; SIZE_MAX when it is not wanted */
	uint64_t object; /* the object that had this key last */
	int8_t arms[JSON_KINDS_]; /* choice: the arm for each kind of value, or -1 */
};

void json_column_init(struct arena *arena, struct json_column *column, const struct type *type);

/* The field for the key at `at` (on its quote), NULL when there is none; returns
 * where its value starts, or NULL. Sets `next` to the field that will be next. */
char *json_column_find(struct arena *arena, struct json_column *column, char *at, size_t *next,
	struct json_column **child_out, struct json_fault *fault);

/* The same, by the prediction that `next` is when it comes true. */
static inline char *json_column_key(struct arena *arena, struct json_column *column, char *at,
	size_t *next, struct json_column **child_out, struct json_fault *fault)
{
	if (*next < column->child_count && json_key_is(&column->children[*next].key, at)) {
		*child_out = &column->children[(*next)++];
		return at + (*child_out)->key.raw.length;
	}
	return json_column_find(arena, column, at, next, child_out, fault);
}
