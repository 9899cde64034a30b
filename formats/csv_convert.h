#pragma once

#include "base/arena.h"
#include "formats/csv_parser.h"

/* A batch's column of fields becomes a vector of values. */
struct csv_convert {
	const struct csv_parser *parser;
	char *bytes; /* the block's; pairs of quotes are taken out in place */
	const char *null_text; /* or NULL */
	bool comma; /* a decimal comma may stand for the point */
	struct arena *scratch; /* for texts that had to be made well-formed */
	uint64_t bad; /* values that are none of their type became null; broken UTF-8, U+FFFD */
};

/* False for types that a field's text does not hold (arrays, maps, structs). */
bool csv_can_convert(const struct type *type);
void csv_convert(
	struct csv_convert *convert, const struct csv_field *fields, struct vector *vector);
