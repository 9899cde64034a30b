#pragma once

#include "schema/value.h"

/* One value of a scalar type, taken from its text so that it can be compared. */
struct scalar {
	const struct type *type;
	bool null;
	union {
		int64_t whole; /* boolean, integers, date, timestamp */
		double real; /* never -0 */
		__int128 unscaled; /* decimal, at its type's scale */
		struct text text; /* borrowed */
	};
};

/* False when `text` is not a value of `type`. An empty or
 * __HIVE_DEFAULT_PARTITION__ text is null for every kind but text. */
bool scalar_parse(const struct type *type, struct text text, struct scalar *scalar_out);

/* Of two values of one type; nulls first. */
int scalar_compare(const struct scalar *a, const struct scalar *b);

bool scalar_is_text(enum type_kind kind); /* string, char, varchar, binary */
bool scalar_is_null_text(struct text text); /* __HIVE_DEFAULT_PARTITION__ */
