#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a value may be. Types are immutable values in an arena; sharing parts is
 * fine. The names are Hive's (Hive Language Manual, "Types"); choice<…> is ours,
 * for AWS Glue's DynamicFrame choice. */
enum type_kind {
	TYPE_NULL, /* nothing but nulls seen: the identity of type_join */
	TYPE_BOOLEAN,
	TYPE_TINYINT, /* 8, 16, 32 bits, two's complement */
	TYPE_SMALLINT,
	TYPE_INT,
	TYPE_LONG53, /* a bigint known to fit ±2^53, so that a double holds it exactly;
		      * written `bigint` everywhere but in exact notation (`bigint53`) */
	TYPE_BIGINT, /* 64 bits */
	TYPE_FLOAT, /* IEEE 754 binary32, binary64 */
	TYPE_DOUBLE,
	TYPE_DECIMAL, /* precision 1..38, scale 0..precision */
	TYPE_STRING, /* UTF-8 */
	TYPE_CHAR, /* length 1..255 */
	TYPE_VARCHAR, /* length 1..65535 */
	TYPE_BINARY,
	TYPE_DATE, /* days, proleptic Gregorian */
	TYPE_TIMESTAMP, /* microseconds, UTC */
	TYPE_ARRAY,
	TYPE_MAP,
	TYPE_STRUCT,
	TYPE_CHOICE, /* two or more kinds that do not widen to one without loss */
	TYPE_KINDS_,
};

struct type;

/* A struct's field. `name` is folded to lower case when inferred. */
struct field {
	struct text name;
	const struct type *type;
};

struct type {
	enum type_kind kind;
	uint16_t precision, scale; /* decimal */
	uint32_t length; /* char, varchar: in characters */
	const struct type *key; /* map */
	const struct type *element; /* array element, map value */
	const struct field *fields; /* struct, in order */
	const struct type *const *arms; /* choice: canonical order, none a choice or null */
	size_t count; /* of fields or arms */
};

/* The type of a kind that has no parameters; static storage. */
const struct type *type_simple(enum type_kind kind);
const struct type *type_decimal(struct arena *arena, uint16_t precision, uint16_t scale);
const struct type *type_char(struct arena *arena, enum type_kind kind, uint32_t length);
const struct type *type_array(struct arena *arena, const struct type *element);
const struct type *type_map(struct arena *arena, const struct type *key, const struct type *value);
/* `fields` is copied, the names are not. */
const struct type *type_struct(struct arena *arena, const struct field *fields, size_t count);

bool type_is_scalar(const struct type *type);
bool type_is_integer(enum type_kind kind); /* tinyint … bigint */

/* Same set of values. Struct fields are compared by folded name whatever their order. */
bool type_equal(const struct type *a, const struct type *b);
/* The field called `name` without regard to case, or NULL. */
const struct field *type_field(const struct type *type, struct text name);

/* All of `type`, names included, in `arena`: nothing of the original is shared. */
const struct type *type_copy(struct arena *arena, const struct type *type);
