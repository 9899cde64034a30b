#pragma once

#include "schema/schema.h"

/* What changed between two schemas, and how much it hurts a reader. */
enum change_kind {
	CHANGE_ADDED,
	CHANGE_REMOVED,
	CHANGE_WIDENED, /* every old value is a new one */
	CHANGE_NARROWED, /* every new value is an old one */
	CHANGE_RETYPED, /* neither */
	CHANGE_CASE, /* the same name in other letters */
	CHANGE_MOVED, /* another position; matters to positional formats */
};

enum severity { SEVERITY_SAFE, SEVERITY_WIDENING, SEVERITY_BREAKING };

struct change {
	enum change_kind kind;
	enum severity severity;
	struct text path; /* "mag", "geometry.crs", "items.element.sku"; in the arena */
	const struct type *before; /* NULL when added */
	const struct type *after; /* NULL when removed */
	bool is_key;
};

struct changes {
	struct change *at;
	size_t count;
};

/* All changes, in the order of `after`'s columns, removed ones last. Nested
 * structs are compared field by field. Empty when fingerprints are equal. */
void schema_diff(struct arena *arena, const struct schema *before, const struct schema *after,
	struct changes *changes_out);

enum severity changes_severity(const struct changes *changes); /* the worst; SAFE when none */
const char *change_name(enum change_kind kind); /* "added"; static */
const char *severity_name(enum severity severity); /* "safe", "widening", "breaking" */
enum severity severity_named(const char *name); /* SAFE when it is none of these */

/* Can data written as `writer` be read as `reader`? `changes_out` gets what
 * stands in the way. The one question behind every compatibility mode. */
bool schema_reads(struct arena *arena, const struct schema *reader, const struct schema *writer,
	struct changes *changes_out);
