#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "tenon/v1/table.pb-c.h"

/* Fields of a table by path, as field_diff names them; "columns.mag.type" is short for
 * "storage.columns.mag.type". Names of columns and keys of maps may hold points. */

/* `to` gets the field as `from` has it: its value, or none. What is changed of `to` is
 * copied first, the rest stays shared: `to` itself is written to, and its parts are not.
 * A column that `to` does not have comes whole, at the end. False when there is no such
 * field, or neither has such a column. */
bool field_copy(
	struct arena *arena, Tenon__V1__Table *to, const Tenon__V1__Table *from, struct text path);

/* The field becomes what `value` says; empty: none. INVALID_ARGUMENT when there is no such
 * field or it is a list. */
enum status field_set(struct arena *arena, Tenon__V1__Table *table, struct text path,
	struct text value, struct error *err) MUST_USE;

/* "storage.columns.x" as "columns.x"; what else there is stays. */
struct text field_path_short(struct text path);
/* Of a short path to a column's type, "columns.mag.type", the column: "mag", borrowed.
 * False for any other. */
bool field_path_column_type(struct text path, struct text *column_out);
