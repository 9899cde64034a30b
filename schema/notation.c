#include "schema/notation.h"

#include "schema/fields.h"
#include "schema/join.h"
#include "schema/kinds.h"

/* Type text in, by recursive descent; print.c writes it. */
struct parser {
	struct text text;
	size_t at;
	size_t fields; /* met so far, nested ones too */
	unsigned depth; /* of arrays, maps and structs around `at` */
	bool in_choice; /* directly: a choice may not stand here */
	struct arena *arena;
	struct error *err;
};

enum { FRAGMENT_BYTES = 32 };

/* The refusal: what is wrong, where, and what stands there. */
static enum status refuse(struct parser *parser, const char *what)
{
	struct text rest = text_until(text_from(parser->text, parser->at), FRAGMENT_BYTES);
	if (rest.length == 0)
		return fail(parser->err, STATUS_INVALID_ARGUMENT,
			"%s at byte %zu, where the type ends", what, parser->at);
	return fail(parser->err, STATUS_INVALID_ARGUMENT, "%s at byte %zu, before '%.*s'", what,
		parser->at, TEXT_ARG(rest));
}

static void skip_space(struct parser *parser)
{
	while (parser->at < parser->text.length) {
		char byte = parser->text.at[parser->at];
		if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r')
			break;
		parser->at++;
	}
}

static bool take(struct parser *parser, char byte)
{
	skip_space(parser);
	if (parser->at >= parser->text.length || parser->text.at[parser->at] != byte)
		return false;
	parser->at++;
	return true;
}

static enum status expect(struct parser *parser, char byte)
{
	char what[] = "expected ' '";
	what[sizeof what - 3] = byte;
	return take(parser, byte) ? STATUS_OK : refuse(parser, what);
}

static struct text take_word(struct parser *parser)
{
	skip_space(parser);
	size_t from = parser->at;
	while (parser->at < parser->text.length) {
		char byte = text_lower(parser->text.at[parser->at]);
		if ((byte < 'a' || byte > 'z') && (byte < '0' || byte > '9') && byte != '_')
			break;
		parser->at++;
	}
	return text_until(text_from(parser->text, from), parser->at - from);
}

static enum status take_number(
	struct parser *parser, uint64_t least, uint64_t most, uint64_t *number_out)
{
	skip_space(parser);
	uint64_t number = 0;
	size_t length = text_uint64(text_from(parser->text, parser->at), &number);
	if (length == 0 || number < least || number > most)
		return refuse(parser, arena_printf(parser->arena, "expected a number from %u to %u",
					      (unsigned)least, (unsigned)most));
	parser->at += length;
	*number_out = number;
	return STATUS_OK;
}

static enum status parse(struct parser *parser, const struct type **type_out);

/* decimal, decimal(p), decimal(p,s); Hive's default is (10,0). */
static enum status parse_decimal(struct parser *parser, const struct type **type_out)
{
	uint64_t precision = 10;
	uint64_t scale = 0;
	if (take(parser, '(')) {
		TRY(take_number(parser, 1, 38, &precision));
		if (take(parser, ','))
			TRY(take_number(parser, 0, precision, &scale));
		TRY(expect(parser, ')'));
	}
	*type_out = type_decimal(parser->arena, (uint16_t)precision, (uint16_t)scale);
	return STATUS_OK;
}

static enum status parse_char(
	struct parser *parser, enum type_kind kind, const struct type **type_out)
{
	uint64_t length = 0;
	TRY(expect(parser, '('));
	TRY(take_number(parser, 1, kind == TYPE_CHAR ? 255 : 65535, &length));
	TRY(expect(parser, ')'));
	*type_out = type_char(parser->arena, kind, (uint32_t)length);
	return STATUS_OK;
}

/* `a ``b`` c`: a doubled backtick stands for one. */
static enum status parse_quoted_name(struct parser *parser, struct text *name_out)
{
	char *name = arena_alloc(parser->arena, parser->text.length - parser->at + 1);
	size_t length = 0;
	for (;;) {
		if (parser->at >= parser->text.length)
			return refuse(parser, "expected a closing backtick");
		char byte = parser->text.at[parser->at++];
		if (byte == '`') {
			if (parser->at >= parser->text.length || parser->text.at[parser->at] != '`')
				break;
			parser->at++;
		}
		name[length++] = byte;
	}
	*name_out = (struct text){name, length};
	return STATUS_OK;
}

/* Glue itself writes names like $oid or a-b without quotes: all but the
 * characters of the grammar is taken. */
static enum status parse_name(struct parser *parser, struct text *name_out)
{
	if (take(parser, '`'))
		return parse_quoted_name(parser, name_out);
	size_t from = parser->at;
	while (parser->at < parser->text.length && !strchr(":,<>`", parser->text.at[parser->at]))
		parser->at++;
	struct text name = text_until(text_from(parser->text, from), parser->at - from);
	*name_out = arena_copy(parser->arena, text_trimmed(name));
	return name_out->length ? STATUS_OK : refuse(parser, "expected a field name");
}

struct field_list {
	struct field *at;
	size_t count, capacity;
};

static enum status parse_field(struct parser *parser, struct field_list *list)
{
	if (++parser->fields > LIMIT_FIELDS)
		return fail(parser->err, STATUS_RESOURCE_EXHAUSTED, "type has more than %d fields",
			LIMIT_FIELDS);
	if (list->count == list->capacity) {
		size_t grown = list->capacity ? list->capacity * 2 : 8;
		list->at = arena_grow(
			parser->arena, list->at, list->capacity, grown, sizeof *list->at);
		list->capacity = grown;
	}
	struct field field = {0};
	TRY(parse_name(parser, &field.name));
	TRY(expect(parser, ':'));
	TRY(parse(parser, &field.type));
	list->at[list->count++] = field;
	return STATUS_OK;
}

static enum status parse_struct(struct parser *parser, const struct type **type_out)
{
	struct field_list list = {0};
	if (!take(parser, '>')) {
		do {
			TRY(parse_field(parser, &list));
		} while (take(parser, ','));
		TRY(expect(parser, '>'));
	}
	*type_out = type_struct(parser->arena, list.at, list.count);
	const struct field *twice = fields_duplicate(*type_out);
	if (twice)
		return fail(parser->err, STATUS_INVALID_ARGUMENT,
			"field '%.*s' stands twice in the struct that ends at byte %zu",
			TEXT_ARG(text_until(twice->name, 128)), parser->at);
	return STATUS_OK;
}

static enum status parse_choice(struct parser *parser, const struct type **type_out)
{
	const struct type *joined = type_simple(TYPE_NULL);
	do {
		const struct type *arm = NULL;
		parser->in_choice = true;
		TRY(parse(parser, &arm));
		joined = type_join(parser->arena, joined, arm);
	} while (take(parser, ','));
	TRY(expect(parser, '>'));
	*type_out = joined;
	return STATUS_OK;
}

static enum status parse_nested(
	struct parser *parser, enum type_kind kind, const struct type **type_out)
{
	const struct type *key = NULL;
	const struct type *element = NULL;
	if (kind == TYPE_STRUCT)
		return parse_struct(parser, type_out);
	if (kind == TYPE_MAP) {
		TRY(parse(parser, &key));
		TRY(expect(parser, ','));
	}
	TRY(parse(parser, &element));
	TRY(expect(parser, '>'));
	*type_out =
		key ? type_map(parser->arena, key, element) : type_array(parser->arena, element);
	return STATUS_OK;
}

static enum status parse(struct parser *parser, const struct type **type_out)
{
	bool in_choice = parser->in_choice;
	parser->in_choice = false;
	skip_space(parser);
	size_t from = parser->at;
	enum type_kind kind = TYPE_NULL;
	if (!kind_find(take_word(parser), &kind)) {
		parser->at = from;
		return refuse(parser, "expected a type such as bigint or array<string>");
	}
	if (kind == TYPE_DECIMAL)
		return parse_decimal(parser, type_out);
	if (kind == TYPE_CHAR || kind == TYPE_VARCHAR)
		return parse_char(parser, kind, type_out);
	if (kind < TYPE_ARRAY) {
		*type_out = type_simple(kind);
		return STATUS_OK;
	}
	if (kind == TYPE_CHOICE && in_choice) {
		parser->at = from;
		return refuse(parser, "a choice may not stand directly in a choice");
	}
	TRY(expect(parser, '<'));
	if (kind == TYPE_CHOICE)
		return parse_choice(parser, type_out);
	if (parser->depth == LIMIT_TYPE_DEPTH)
		return fail(parser->err, STATUS_RESOURCE_EXHAUSTED,
			"type is nested deeper than %d at byte %zu", LIMIT_TYPE_DEPTH, from);
	parser->depth++;
	TRY(parse_nested(parser, kind, type_out));
	parser->depth--;
	return STATUS_OK;
}

enum status type_parse(
	struct arena *arena, struct text text, const struct type **type_out, struct error *err)
{
	if (text.length > LIMIT_TYPE_TEXT_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"type text of %zu bytes is longer than %d", text.length,
			LIMIT_TYPE_TEXT_BYTES);
	struct parser parser = {.text = text, .arena = arena, .err = err};
	const struct type *type = NULL;
	TRY(parse(&parser, &type));
	skip_space(&parser);
	if (parser.at < text.length)
		return refuse(&parser, "expected the end of the type");
	*type_out = type;
	return STATUS_OK;
}
