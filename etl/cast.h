#pragma once

#include "base/arena.h"
#include "schema/type.h"

/* `expr` of type `from` as an SQL expression of type `to`, with Spark's (non-ANSI)
 * meaning, which Glue's casts have: what does not convert is null, fractions are
 * cut (3.5 → 3), text is trimmed, hex and underscores are no numbers. Where Spark
 * would wrap an overflow, this is null. A choice converts each value from its own
 * type. Seconds are the unit between timestamps and numbers. */
struct text cast_expr(
	struct arena *arena, struct text expr, const struct type *from, const struct type *to);

/* A choice's value as the type of its `arm`: null unless the value is of that arm. */
struct text choice_arm_expr(
	struct arena *arena, struct text expr, const struct type *choice, size_t arm);

/* `expr` such that to_json() of it is the value as it was read: choices become
 * JSON values instead of tagged texts. */
struct text natural_expr(struct arena *arena, struct text expr, const struct type *type);
bool type_has_choice(const struct type *type);
