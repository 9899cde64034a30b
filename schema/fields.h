#pragma once

#include "schema/type.h"

/* The join of two structs: the left's fields in its order, then those only the
 * right has. Fields meet by folded name. Takes time linear in the fields. */
const struct type *fields_join(
	struct arena *arena, const struct type *left, const struct type *right);

/* The first field whose folded name an earlier one has, or NULL. Linear too. */
const struct field *fields_duplicate(const struct type *record);
