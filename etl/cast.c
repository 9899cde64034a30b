#include "etl/cast.h"

#include "base/buffer.h"
#include "engine/engine.h"
#include "schema/resolve.h"

#define TEXTF(...) text_of(arena_printf(arena, __VA_ARGS__))

/* Guards for TRY_CAST, which by itself takes '0x1F', '1_000' and rounds '3.5'. */
#define INTEGER_PATTERN "^\\s*([+-]?\\d+)(?:\\.\\d*)?\\s*$"
#define NUMBER_PATTERN	"\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*"
#define DATE_PATTERN	"^\\s*(\\d{4}-\\d{1,2}-\\d{1,2})(?:[T ].*)?$"
#define TIMESTAMP_PATTERN              \
	"\\s*\\d{4}-\\d{1,2}-\\d{1,2}" \
	"([T ]\\d{1,2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?\\s*(Z|[+-]\\d{2}(:?\\d{2})?)?)?\\s*"

enum class {
	CLASS_INTEGER,
	CLASS_FRACTION, /* float, double, decimal */
	CLASS_TEXT,
	CLASS_BOOLEAN,
	CLASS_DATE,
	CLASS_TIMESTAMP,
	CLASS_BINARY,
	CLASS_NESTED,
};

static enum class class_of(const struct type *type) {
	switch (type->kind){
		case TYPE_TINYINT : case TYPE_SMALLINT : case TYPE_INT : case TYPE_LONG53 : case
		TYPE_BIGINT : return CLASS_INTEGER;
		case TYPE_FLOAT : case TYPE_DOUBLE : case TYPE_DECIMAL : return CLASS_FRACTION;
		case TYPE_BOOLEAN : return CLASS_BOOLEAN;
		case TYPE_DATE : return CLASS_DATE;
		case TYPE_TIMESTAMP : return CLASS_TIMESTAMP;
		case TYPE_BINARY : return CLASS_BINARY;
		case TYPE_ARRAY : case TYPE_MAP : case TYPE_STRUCT : case
		TYPE_CHOICE : return CLASS_NESTED;
		default : return CLASS_TEXT;
	}
}

/* The conversion as a pattern over $e (the expression) and $t (the type's name). */
static const char *to_integer(enum class from)
{
	switch (from) {
	case CLASS_INTEGER:
	case CLASS_BOOLEAN:
		return "TRY_CAST($e AS $t)";
	case CLASS_FRACTION:
		return "TRY_CAST(trunc($e) AS $t)";
	case CLASS_TEXT:
		return "TRY_CAST(regexp_extract($e, '" INTEGER_PATTERN "', 1) AS $t)";
	case CLASS_TIMESTAMP:
		return "TRY_CAST(floor(epoch($e)) AS $t)";
	default:
		return NULL;
	}
}

static const char *to_fraction(enum class from)
{
	switch (from) {
	case CLASS_INTEGER:
	case CLASS_FRACTION:
		return "TRY_CAST($e AS $t)";
	case CLASS_BOOLEAN:
		return "TRY_CAST(CAST($e AS INTEGER) AS $t)";
	case CLASS_TEXT:
		return "CASE WHEN regexp_full_match($e, '" NUMBER_PATTERN
		       "') THEN TRY_CAST($e AS $t) END";
	case CLASS_TIMESTAMP:
		return "TRY_CAST(epoch($e) AS $t)";
	default:
		return NULL;
	}
}

static const char *to_boolean(enum class from)
{
	switch (from) {
	case CLASS_INTEGER:
	case CLASS_FRACTION:
		return "($e <> 0)";
	case CLASS_TEXT:
		return "CASE WHEN lower(trim($e)) IN ('true','t','yes','y','1') THEN true"
		       " WHEN lower(trim($e)) IN ('false','f','no','n','0') THEN false END";
	default:
		return NULL;
	}
}

static const char *to_text(enum class from)
{
	if (from == CLASS_BINARY)
		return "TRY(decode($e))";
	return "CAST($e AS VARCHAR)";
}

static const char *to_date(enum class from)
{
	switch (from) {
	case CLASS_TEXT:
		return "TRY_CAST(regexp_extract($e, '" DATE_PATTERN "', 1) AS DATE)";
	case CLASS_TIMESTAMP:
		return "TRY_CAST($e AS DATE)";
	default:
		return NULL;
	}
}

static const char *to_timestamp(enum class from)
{
	switch (from) {
	case CLASS_TEXT: /* TIMESTAMP alone would ignore an offset */
		return "CASE WHEN regexp_full_match($e, '" TIMESTAMP_PATTERN
		       "') THEN TRY_CAST($e AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END";
	case CLASS_DATE:
		return "TRY_CAST($e AS TIMESTAMP)";
	case CLASS_INTEGER:
		return "TRY(make_timestamp(CAST($e AS BIGINT) * 1000000))";
	case CLASS_FRACTION:
		return "TRY(make_timestamp(CAST($e * 1000000 AS BIGINT)))";
	default:
		return NULL;
	}
}

static const char *pattern_of(enum class from, enum class to)
{
	if (from == to && to != CLASS_INTEGER && to != CLASS_FRACTION)
		return "$e";
	switch (to) {
	case CLASS_INTEGER:
		return to_integer(from);
	case CLASS_FRACTION:
		return to_fraction(from);
	case CLASS_BOOLEAN:
		return to_boolean(from);
	case CLASS_TEXT:
		return to_text(from);
	case CLASS_DATE:
		return to_date(from);
	case CLASS_TIMESTAMP:
		return to_timestamp(from);
	case CLASS_BINARY:
		return from == CLASS_TEXT ? "encode($e)" : NULL;
	case CLASS_NESTED:
		break;
	}
	return NULL;
}

static struct text filled(
	struct arena *arena, const char *pattern, struct text expr, const char *type)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_MESSAGE_BYTES);
	for (const char *at = pattern; *at; at++) {
		if (at[0] == '$' && at[1] == 'e') {
			buffer_add_text(&out, expr);
			at++;
		} else if (at[0] == '$' && at[1] == 't') {
			buffer_add_string(&out, type);
			at++;
		} else {
			buffer_add_byte(&out, *at);
		}
	}
	return arena_copy(arena, buffer_text(&out));
}

static struct text null_of(struct arena *arena, const struct type *to)
{
	return TEXTF("CAST(NULL AS %s)", engine_type_name(arena, to));
}

static struct text cast_scalar(
	struct arena *arena, struct text expr, const struct type *from, const struct type *to)
{
	const char *pattern = pattern_of(class_of(from), class_of(to));
	if (!pattern)
		return null_of(arena, to);
	struct text cast = filled(arena, pattern, expr, engine_type_name(arena, to));
	if (to->kind == TYPE_CHAR || to->kind == TYPE_VARCHAR)
		return TEXTF("substr(%.*s, 1, %u)", TEXT_ARG(cast), to->length);
	return cast;
}

/* A name for a lambda's parameter that no column has. */
static const char *parameter(struct arena *arena, struct text expr)
{
	size_t deep = 0;
	for (size_t i = 0; i + 1 < expr.length; i++)
		deep += expr.at[i] == '_' && expr.at[i + 1] == '_';
	return arena_printf(arena, "__e%zu", deep);
}

static struct text cast_list(
	struct arena *arena, struct text expr, const struct type *from, const struct type *to)
{
	const char *element = parameter(arena, expr);
	struct text cast = cast_expr(arena, text_of(element), from->element, to->element);
	return TEXTF(
		"list_transform(%.*s, lambda %s: %.*s)", TEXT_ARG(expr), element, TEXT_ARG(cast));
}

static struct text cast_map(
	struct arena *arena, struct text expr, const struct type *from, const struct type *to)
{
	const char *entry = parameter(arena, expr);
	struct text key = cast_expr(arena, TEXTF("%s.\"key\"", entry), from->key, to->key);
	struct text value =
		cast_expr(arena, TEXTF("%s.\"value\"", entry), from->element, to->element);
	return TEXTF("map_from_entries(list_transform(map_entries(%.*s), lambda %s:"
		     " struct_pack(\"key\" := %.*s, \"value\" := %.*s)))",
		TEXT_ARG(expr), entry, TEXT_ARG(key), TEXT_ARG(value));
}

static struct text cast_struct(
	struct arena *arena, struct text expr, const struct type *from, const struct type *to)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_MESSAGE_BYTES);
	buffer_printf(&out, "CASE WHEN %.*s IS NOT NULL THEN struct_pack(", TEXT_ARG(expr));
	for (size_t i = 0; i < to->count; i++) {
		const struct field *field = type_field(from, to->fields[i].name);
		struct text name = sql_identifier(arena, to->fields[i].name);
		struct text value = null_of(arena, to->fields[i].type);
		if (field) {
			struct text inner = sql_identifier(arena, field->name);
			value = cast_expr(arena,
				TEXTF("(%.*s).%.*s", TEXT_ARG(expr), TEXT_ARG(inner)), field->type,
				to->fields[i].type);
		}
		buffer_printf(
			&out, "%s%.*s := %.*s", i ? ", " : "", TEXT_ARG(name), TEXT_ARG(value));
	}
	buffer_add_string(&out, ") END");
	return arena_copy(arena, buffer_text(&out));
}

/* The same shape with text in every leaf: how JSON is taken apart before its
 * leaves are cast, so that a leaf that does not fit is null alone. */
static const struct type *shape_of(struct arena *arena, const struct type *type)
{
	switch (type->kind) {
	case TYPE_ARRAY:
		return type_array(arena, shape_of(arena, type->element));
	case TYPE_MAP:
		return type_map(arena, type_simple(TYPE_STRING), shape_of(arena, type->element));
	case TYPE_STRUCT: {
		struct field *fields = arena_array(arena, type->count, sizeof *fields);
		for (size_t i = 0; i < type->count; i++)
			fields[i] = (struct field){
				type->fields[i].name, shape_of(arena, type->fields[i].type)};
		return type_struct(arena, fields, type->count);
	}
	default:
		return type_simple(TYPE_STRING);
	}
}

static struct text from_json(struct arena *arena, struct text expr, const struct type *to)
{
	const struct type *shape = shape_of(arena, to);
	struct buffer SCOPED_BUFFER quoted;
	buffer_init(&quoted, LIMIT_MESSAGE_BYTES);
	buffer_add_byte(&quoted, '"');
	for (const char *at = engine_type_name(arena, shape); *at; at++) {
		if (*at == '"' || *at == '\\')
			buffer_add_byte(&quoted, '\\');
		buffer_add_byte(&quoted, *at);
	}
	buffer_add_byte(&quoted, '"');
	struct text structure = sql_literal(arena, buffer_text(&quoted));
	struct text parsed = TEXTF("json_transform(CASE WHEN json_valid(%.*s) THEN %.*s END, %.*s)",
		TEXT_ARG(expr), TEXT_ARG(expr), TEXT_ARG(structure));
	return cast_expr(arena, parsed, shape, to);
}

static struct text cast_nested(
	struct arena *arena, struct text expr, const struct type *from, const struct type *to)
{
	if (class_of(from) == CLASS_TEXT)
		return from_json(arena, expr, to);
	if (from->kind != to->kind)
		return null_of(arena, to);
	if (to->kind == TYPE_ARRAY)
		return cast_list(arena, expr, from, to);
	if (to->kind == TYPE_MAP)
		return cast_map(arena, expr, from, to);
	return cast_struct(arena, expr, from, to);
}

/* The text of a choice's value, known to be of `arm`, as type `to`. */
static struct text cast_arm(
	struct arena *arena, struct text value, const struct type *arm, const struct type *to)
{
	enum class from = class_of(arm), into = class_of(to);
	if (into == CLASS_TEXT || from == CLASS_TEXT)
		return cast_expr(arena, value, type_simple(TYPE_STRING), to);
	if (from == CLASS_NESTED)
		return into == CLASS_NESTED && arm->kind == to->kind ? from_json(arena, value, to)
								     : null_of(arena, to);
	if (into == CLASS_FRACTION && (from == CLASS_INTEGER || from == CLASS_FRACTION))
		return cast_expr(arena, value, type_simple(TYPE_STRING), to);
	struct text typed = cast_expr(arena, value, type_simple(TYPE_STRING), arm);
	return cast_expr(arena, typed, arm, to);
}

static struct text cast_choice(
	struct arena *arena, struct text expr, const struct type *from, const struct type *to)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_MESSAGE_BYTES);
	struct text value = TEXTF("(%.*s).\"text\"", TEXT_ARG(expr));
	if (class_of(to) == CLASS_TEXT)
		return cast_expr(arena, value, type_simple(TYPE_STRING), to);
	buffer_printf(&out, "CASE (%.*s).tag", TEXT_ARG(expr));
	for (size_t i = 0; i < from->count; i++) {
		struct text arm = cast_arm(arena, value, from->arms[i], to);
		buffer_printf(&out, " WHEN %zu THEN %.*s", i, TEXT_ARG(arm));
	}
	buffer_add_string(&out, " END");
	return arena_copy(arena, buffer_text(&out));
}

/* A value of one type as a choice that has an arm for it. */
static struct text into_choice(
	struct arena *arena, struct text expr, const struct type *from, const struct type *to)
{
	size_t arm = 0;
	while (arm < to->count && !type_equal(from, to->arms[arm]))
		arm++;
	for (size_t i = 0; arm == to->count && i < to->count; i++) {
		if (class_of(to->arms[i]) == class_of(from) &&
			(class_of(from) != CLASS_NESTED || to->arms[i]->kind == from->kind))
			arm = i;
	}
	for (size_t i = 0; arm == to->count && i < to->count; i++)
		arm = to->arms[i]->kind == TYPE_STRING ? i : arm;
	if (arm == to->count)
		return null_of(arena, to);
	struct text text = cast_expr(arena, expr, from, type_simple(TYPE_STRING));
	return TEXTF("CASE WHEN %.*s IS NOT NULL THEN struct_pack(tag := %zu::UTINYINT,"
		     " \"text\" := %.*s) END",
		TEXT_ARG(expr), arm, TEXT_ARG(text));
}

struct text cast_expr(
	struct arena *arena, struct text expr, const struct type *from, const struct type *to)
{
	bool plain =
		from->kind == to->kind && from->kind != TYPE_CHAR && from->kind != TYPE_VARCHAR;
	if (plain && type_equal(from, to) &&
		strcmp(engine_type_name(arena, from), engine_type_name(arena, to)) == 0)
		return expr;
	if (from->kind == TYPE_NULL)
		return null_of(arena, to);
	if (to->kind == TYPE_CHOICE)
		return from->kind == TYPE_CHOICE ? null_of(arena, to)
						 : into_choice(arena, expr, from, to);
	if (from->kind == TYPE_CHOICE)
		return cast_choice(arena, expr, from, to);
	if (class_of(to) == CLASS_NESTED)
		return cast_nested(arena, expr, from, to);
	if (class_of(from) == CLASS_NESTED) {
		if (class_of(to) != CLASS_TEXT)
			return null_of(arena, to);
		struct text natural = natural_expr(arena, expr, from);
		return TEXTF("CAST(to_json(%.*s) AS VARCHAR)", TEXT_ARG(natural));
	}
	return cast_scalar(arena, expr, from, to);
}

struct text choice_arm_expr(
	struct arena *arena, struct text expr, const struct type *choice, size_t arm)
{
	struct text value = TEXTF("(%.*s).\"text\"", TEXT_ARG(expr));
	const struct type *type = type_resolved(arena, choice->arms[arm], RESOLVE_STRING);
	struct text typed = cast_arm(arena, value, type, type);
	return TEXTF(
		"CASE WHEN (%.*s).tag = %zu THEN %.*s END", TEXT_ARG(expr), arm, TEXT_ARG(typed));
}

bool type_has_choice(const struct type *type)
{
	switch (type->kind) {
	case TYPE_CHOICE:
		return true;
	case TYPE_ARRAY:
	case TYPE_MAP:
		return type_has_choice(type->element);
	case TYPE_STRUCT:
		for (size_t i = 0; i < type->count; i++) {
			if (type_has_choice(type->fields[i].type))
				return true;
		}
		return false;
	default:
		return false;
	}
}

static struct text natural_choice(struct arena *arena, struct text expr, const struct type *type)
{
	struct buffer SCOPED_BUFFER texts;
	buffer_init(&texts, 4096);
	for (size_t i = 0; i < type->count; i++) {
		enum class class = class_of(type->arms[i]);
		bool json = class == CLASS_INTEGER || class == CLASS_FRACTION ||
			    class == CLASS_BOOLEAN || class == CLASS_NESTED;
		if (json)
			buffer_printf(&texts, "%s%zu", texts.length ? ", " : "", i);
	}
	if (!texts.length)
		return TEXTF("(%.*s).\"text\"", TEXT_ARG(expr));
	/* TRY: the engine may convert a whole dictionary of texts, also those of rows
	 * that the CASE leaves out. */
	return TEXTF("CASE WHEN (%.*s).tag IN (%.*s) THEN TRY_CAST((%.*s).\"text\" AS JSON)"
		     " ELSE to_json((%.*s).\"text\") END",
		TEXT_ARG(expr), TEXT_ARG(buffer_text(&texts)), TEXT_ARG(expr), TEXT_ARG(expr));
}

static struct text natural_struct(struct arena *arena, struct text expr, const struct type *type)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_MESSAGE_BYTES);
	buffer_printf(&out, "CASE WHEN %.*s IS NOT NULL THEN struct_pack(", TEXT_ARG(expr));
	for (size_t i = 0; i < type->count; i++) {
		struct text name = sql_identifier(arena, type->fields[i].name);
		struct text inner = TEXTF("(%.*s).%.*s", TEXT_ARG(expr), TEXT_ARG(name));
		struct text value = natural_expr(arena, inner, type->fields[i].type);
		buffer_printf(
			&out, "%s%.*s := %.*s", i ? ", " : "", TEXT_ARG(name), TEXT_ARG(value));
	}
	buffer_add_string(&out, ") END");
	return arena_copy(arena, buffer_text(&out));
}

struct text natural_expr(struct arena *arena, struct text expr, const struct type *type)
{
	if (!type_has_choice(type))
		return expr;
	const char *element = parameter(arena, expr);
	struct text inner;
	switch (type->kind) {
	case TYPE_CHOICE:
		return natural_choice(arena, expr, type);
	case TYPE_STRUCT:
		return natural_struct(arena, expr, type);
	case TYPE_MAP:
		inner = natural_expr(arena, TEXTF("%s.\"value\"", element), type->element);
		return TEXTF("map_from_entries(list_transform(map_entries(%.*s), lambda %s:"
			     " struct_pack(\"key\" := %s.\"key\", \"value\" := %.*s)))",
			TEXT_ARG(expr), element, element, TEXT_ARG(inner));
	default:
		inner = natural_expr(arena, text_of(element), type->element);
		return TEXTF("list_transform(%.*s, lambda %s: %.*s)", TEXT_ARG(expr), element,
			TEXT_ARG(inner));
	}
}
