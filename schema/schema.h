#pragma once

#include "base/hash.h"
#include "schema/type.h"

/* A table's shape: its columns in order, then its partition keys. */
struct column {
	struct text name;
	const struct type *type;
	struct text comment; /* may be empty */
};

struct schema {
	const struct column *columns;
	size_t column_count;
	const struct column *keys; /* partition keys: scalar types only */
	size_t key_count;
};

/* Addresses a version: the same fingerprint needs no new one. Covers names
 * (folded), types and order of columns and keys; not comments. */
struct hash schema_fingerprint(const struct schema *schema);

/* The column called `name` without regard to case, or NULL. */
const struct column *schema_column(const struct schema *schema, struct text name);

/* A row type as a schema's columns, and back. Borrowing. */
void schema_of_struct(struct arena *arena, const struct type *row, struct schema *schema_out);
const struct type *schema_row(struct arena *arena, const struct schema *schema);
