#include "schema/join.h"

#include "schema/fields.h"

/* A type taken apart: how far it reaches in each family of kinds that widen into
 * each other. Joining is the maximum per family, then `spread_close`, which adds
 * what the families make of each other; as a closure over a product of lattices
 * it is commutative, associative and idempotent by construction. */
struct spread {
	bool boolean;
	bool binary;
	enum type_kind integer; /* TYPE_NULL: none */
	enum type_kind real; /* TYPE_NULL, TYPE_FLOAT, TYPE_DOUBLE */
	enum type_kind temporal; /* TYPE_NULL, TYPE_DATE, TYPE_TIMESTAMP */
	bool decimal;
	unsigned whole, scale; /* decimal digits before and after the point, 0..38 each */
	unsigned letters; /* 0: none, else the rank of its kind in text_kinds */
	uint32_t length; /* char, varchar */
	const struct type *array, *map, *record;
};

enum { DECIMAL_DIGITS = 38 };

static const enum type_kind text_kinds[] = {TYPE_NULL, TYPE_CHAR, TYPE_VARCHAR, TYPE_STRING};
enum { LETTERS_CHAR = 1, LETTERS_VARCHAR, LETTERS_STRING };

/* Digits that hold every value of an integer kind. */
static const unsigned digits[TYPE_KINDS_] = {
	[TYPE_TINYINT] = 3,
	[TYPE_SMALLINT] = 5,
	[TYPE_INT] = 10,
	[TYPE_LONG53] = 16,
	[TYPE_BIGINT] = 19,
};

static enum type_kind later(enum type_kind a, enum type_kind b)
{
	return a > b ? a : b;
}

static unsigned more(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static const struct type *array_join(
	struct arena *arena, const struct type *a, const struct type *b)
{
	if (!a || !b)
		return a ? a : b;
	const struct type *element = type_join(arena, a->element, b->element);
	return element == a->element ? a : type_array(arena, element);
}

static const struct type *map_join(struct arena *arena, const struct type *a, const struct type *b)
{
	if (!a || !b)
		return a ? a : b;
	const struct type *key = type_join(arena, a->key, b->key);
	const struct type *value = type_join(arena, a->element, b->element);
	return key == a->key && value == a->element ? a : type_map(arena, key, value);
}

static void spread_add(struct arena *arena, struct spread *spread, const struct type *type);

static void spread_add_record(struct arena *arena, struct spread *spread, const struct type *type)
{
	if (!spread->record) {
		spread->record = type;
		return;
	}
	const struct type *joined = fields_join(arena, spread->record, type);
	if (joined->kind == TYPE_STRUCT) {
		spread->record = joined;
	} else { /* past LIMIT_FIELDS */
		spread->record = NULL;
		spread_add(arena, spread, joined);
	}
}

static void spread_add(struct arena *arena, struct spread *spread, const struct type *type)
{
	switch (type->kind) {
	case TYPE_NULL:
	case TYPE_KINDS_:
		break;
	case TYPE_BOOLEAN:
		spread->boolean = true;
		break;
	case TYPE_TINYINT:
	case TYPE_SMALLINT:
	case TYPE_INT:
	case TYPE_LONG53:
	case TYPE_BIGINT:
		spread->integer = later(spread->integer, type->kind);
		break;
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
		spread->real = later(spread->real, type->kind);
		break;
	case TYPE_DECIMAL:
		spread->decimal = true;
		spread->whole = more(spread->whole, (unsigned)type->precision - type->scale);
		spread->scale = more(spread->scale, type->scale);
		break;
	case TYPE_CHAR:
		spread->letters = more(spread->letters, LETTERS_CHAR);
		spread->length = more(spread->length, type->length);
		break;
	case TYPE_VARCHAR:
		spread->letters = more(spread->letters, LETTERS_VARCHAR);
		spread->length = more(spread->length, type->length);
		break;
	case TYPE_STRING:
		spread->letters = LETTERS_STRING;
		break;
	case TYPE_BINARY:
		spread->binary = true;
		break;
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
		spread->temporal = later(spread->temporal, type->kind);
		break;
	case TYPE_ARRAY:
		spread->array = array_join(arena, spread->array, type);
		break;
	case TYPE_MAP:
		spread->map = map_join(arena, spread->map, type);
		break;
	case TYPE_STRUCT:
		spread_add_record(arena, spread, type);
		break;
	case TYPE_CHOICE:
		for (size_t i = 0; i < type->count; i++)
			spread_add(arena, spread, type->arms[i]);
		break;
	}
}

/* The widest integers that a float or double holds exactly. */
static enum type_kind integer_in_real(enum type_kind real)
{
	if (real == TYPE_FLOAT)
		return TYPE_SMALLINT;
	return real == TYPE_DOUBLE ? TYPE_LONG53 : TYPE_NULL;
}

static enum type_kind integer_in_decimal(const struct spread *spread)
{
	enum type_kind held = TYPE_NULL;
	for (enum type_kind kind = TYPE_TINYINT; kind <= TYPE_BIGINT; kind++) {
		if (spread->decimal && digits[kind] <= spread->whole)
			held = kind;
	}
	return held;
}

/* Each family gets what it must hold because of the others. Without it
 * int ∨ (float ∨ bigint) would differ from (int ∨ float) ∨ bigint. */
static void spread_close(struct spread *spread)
{
	for (bool changed = true; changed;) {
		struct spread before = *spread;
		spread->integer = later(spread->integer, integer_in_real(spread->real));
		spread->integer = later(spread->integer, integer_in_decimal(spread));
		if (spread->real && spread->integer >= TYPE_INT)
			spread->real = TYPE_DOUBLE;
		if (spread->decimal)
			spread->whole = more(spread->whole, digits[spread->integer]);
		changed = spread->integer != before.integer || spread->real != before.real ||
			  spread->whole != before.whole;
	}
	if (spread->whole + spread->scale > DECIMAL_DIGITS)
		spread->letters = LETTERS_STRING;
	if (spread->letters == LETTERS_STRING)
		spread->length = 0;
}

static size_t decimal_arms(
	struct arena *arena, const struct spread *spread, const struct type **arms)
{
	unsigned all = spread->whole + spread->scale;
	if (!spread->decimal)
		return 0;
	if (all <= DECIMAL_DIGITS) {
		arms[0] = type_decimal(arena, (uint16_t)all, (uint16_t)spread->scale);
		return 1;
	}
	arms[0] = type_decimal(arena, DECIMAL_DIGITS, (uint16_t)(DECIMAL_DIGITS - spread->whole));
	arms[1] = type_decimal(arena, DECIMAL_DIGITS, (uint16_t)spread->scale);
	return 2;
}

static const struct type *letters_type(struct arena *arena, const struct spread *spread)
{
	enum type_kind kind = text_kinds[spread->letters];
	return kind == TYPE_STRING ? type_simple(kind) : type_char(arena, kind, spread->length);
}

/* The arms in canonical order: the order of enum type_kind. */
static size_t spread_arms(
	struct arena *arena, const struct spread *spread, const struct type **arms)
{
	size_t count = 0;
	if (spread->boolean)
		arms[count++] = type_simple(TYPE_BOOLEAN);
	if (spread->integer > integer_in_real(spread->real) && !spread->decimal)
		arms[count++] = type_simple(spread->integer);
	if (spread->real)
		arms[count++] = type_simple(spread->real);
	count += decimal_arms(arena, spread, arms + count);
	if (spread->letters)
		arms[count++] = letters_type(arena, spread);
	if (spread->binary)
		arms[count++] = type_simple(TYPE_BINARY);
	if (spread->temporal)
		arms[count++] = type_simple(spread->temporal);
	if (spread->array)
		arms[count++] = spread->array;
	if (spread->map)
		arms[count++] = spread->map;
	if (spread->record)
		arms[count++] = spread->record;
	return count;
}

static bool same_arms(const struct type *choice, const struct type *const *arms, size_t count)
{
	if (choice->kind != TYPE_CHOICE || choice->count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!type_equal(choice->arms[i], arms[i]))
			return false;
	}
	return true;
}

const struct type *type_join(struct arena *arena, const struct type *a, const struct type *b)
{
	if (a == b || b->kind == TYPE_NULL)
		return a;
	if (a->kind == TYPE_NULL)
		return b;
	struct spread spread = {0};
	spread_add(arena, &spread, a);
	spread_add(arena, &spread, b);
	spread_close(&spread);
	const struct type *arms[LIMIT_CHOICE_ARMS];
	size_t count = spread_arms(arena, &spread, arms);
	if (count == 1)
		return type_equal(arms[0], a) ? a : arms[0];
	if (same_arms(a, arms, count))
		return a;
	const struct type **kept = arena_array(arena, count, sizeof *kept);
	memcpy(kept, arms, count * sizeof *kept);
	struct type *choice = arena_alloc(arena, sizeof *choice);
	*choice = (struct type){.kind = TYPE_CHOICE, .arms = kept, .count = count};
	return choice;
}

bool type_widens(const struct type *from, const struct type *to)
{
	OWNED(arena) arena = arena_new();
	return type_equal(type_join(arena, from, to), to);
}
