#include "registry/protobuf.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>

const char *const proto_kind_names[PROTO_SCALARS_] = {"double", "float", "int32", "int64", "uint32",
	"uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64", "bool",
	"string", "bytes"};

enum {
	NUMBER_MAX = 536870911, /* 2^29 - 1: Language Guide, "Assigning Field Numbers" */
	NUMBER_OURS = 19000, /* to 19999: kept by protobuf itself */
	NESTED_MAX = 32, /* messages in each other */
};

struct parser {
	struct arena *arena;
	struct error *err;
	struct proto_file *file;
	const struct token *at;
	struct proto_names *names;
	struct proto_type **types; /* all, to be finished at the end */
	size_t type_count;
	size_t type_capacity;
	size_t message_capacity;
	unsigned depth;
};

static enum status message_body(struct parser *p, struct proto_type *message);

#define WRONG(p, ...) fail_line((p), (p)->at->line, arena_printf((p)->arena, __VA_ARGS__))

static enum status fail_line(struct parser *p, uint32_t line, const char *message)
{
	return fail(p->err, STATUS_INVALID_ARGUMENT, "line %u: %s", line, message);
}

/* The array with room for one more. */
#define ROOM(p, array, count)                                                          \
	((count) == memory_grown(0, (count)) || (count) == 0                           \
			? arena_grow((p)->arena, (array), (count),                     \
				  memory_grown((count), (count) + 1), sizeof *(array)) \
			: (array))

/* Tokens */

static bool is(const struct parser *p, const char *text)
{
	return text_equal(p->at->text, text_of(text)) && p->at->kind != TOKEN_STRING;
}

static bool next_is(const struct parser *p, const char *text)
{
	return p->at->kind != TOKEN_END && text_equal(p->at[1].text, text_of(text));
}

static bool take(struct parser *p, const char *text)
{
	if (!is(p, text) || p->at->kind == TOKEN_END)
		return false;
	p->at++;
	return true;
}

static struct text shown(const struct parser *p)
{
	return p->at->kind == TOKEN_END ? TEXT("the end") : text_until(p->at->text, 60);
}

static enum status expect(struct parser *p, const char *text)
{
	if (take(p, text))
		return STATUS_OK;
	return WRONG(p, "'%s' belongs here, not '%.*s'", text, TEXT_ARG(shown(p)));
}

static enum status word_read(struct parser *p, const char *what, struct text *word_out)
{
	if (p->at->kind != TOKEN_WORD)
		return WRONG(p, "%s belongs here, not '%.*s'", what, TEXT_ARG(shown(p)));
	if (p->at->text.length > LIMIT_NAME_BYTES)
		return WRONG(p, "the name '%.*s...' is longer than %d bytes",
			TEXT_ARG(text_until(p->at->text, 30)), LIMIT_NAME_BYTES);
	*word_out = p->at->text;
	p->at++;
	return STATUS_OK;
}

/* "a.b.C", with a dot before it perhaps. */
static enum status path_read(struct parser *p, const char *what, struct text *path_out)
{
	struct buffer SCOPED_BUFFER path;
	struct text word;
	buffer_init(&path, LIMIT_DEFINITION_BYTES);
	if (take(p, "."))
		buffer_add_byte(&path, '.');
	TRY(word_read(p, what, &word));
	buffer_add_text(&path, word);
	while (take(p, ".")) {
		TRY(word_read(p, what, &word));
		buffer_add_byte(&path, '.');
		buffer_add_text(&path, word);
	}
	*path_out = arena_copy(p->arena, buffer_text(&path));
	return STATUS_OK;
}

/* Decimal, octal (0…) or hex (0x…), a minus before it when `least` is below 0. */
static enum status number_read(
	struct parser *p, const char *what, int64_t least, int64_t most, int64_t *number_out)
{
	bool negative = least < 0 && take(p, "-");
	char digits[24];
	struct text text = p->at->text;
	char *end = digits;
	int64_t number = 0;
	if (p->at->kind == TOKEN_INTEGER && text.length < sizeof digits) {
		memcpy(digits, text.at, text.length);
		digits[text.length] = 0;
		number = strtoll(digits, &end, 0);
	}
	if (end == digits || *end || (negative ? -number : number) < least ||
		(negative ? -number : number) > most)
		return WRONG(p, "%s from %lld to %lld belongs here, not '%.*s'", what,
			(long long)least, (long long)most, TEXT_ARG(shown(p)));
	p->at++;
	*number_out = negative ? -number : number;
	return STATUS_OK;
}

static enum status string_read(struct parser *p, const char *what, struct text *string_out)
{
	if (p->at->kind != TOKEN_STRING)
		return WRONG(p, "%s in quotes belongs here, not '%.*s'", what, TEXT_ARG(shown(p)));
	*string_out = (struct text){p->at->text.at + 1, p->at->text.length - 2};
	p->at++;
	return STATUS_OK;
}

/* Past the token that closes the one at hand, whatever is between. */
static enum status balanced_skip(struct parser *p)
{
	unsigned depth = 0;
	do {
		if (p->at->kind == TOKEN_END)
			return WRONG(p, "a bracket is not closed");
		if (p->at->kind == TOKEN_SIGN && strchr("{[(", p->at->text.at[0]))
			depth++;
		if (p->at->kind == TOKEN_SIGN && strchr("}])", p->at->text.at[0]))
			depth--;
		p->at++;
	} while (depth > 0);
	return STATUS_OK;
}

/* Past the ';' that ends the statement. A value may be in braces; any others begin a
 * block, of which an option has none. */
static enum status statement_skip(struct parser *p)
{
	bool value = false;
	while (!is(p, ";")) {
		if (p->at->kind == TOKEN_END || is(p, "}") || is(p, "]") || is(p, ")") ||
			(is(p, "{") && !value))
			return WRONG(p, "a ';' belongs here, not '%.*s'", TEXT_ARG(shown(p)));
		value = is(p, "=");
		if (is(p, "{") || is(p, "[") || is(p, "("))
			TRY(balanced_skip(p));
		else
			p->at++;
	}
	p->at++;
	return STATUS_OK;
}

/* Types */

static enum status type_add(
	struct parser *p, struct proto_type *outer, bool is_enum, struct proto_type **type_out)
{
	struct proto_type *type = arena_alloc(p->arena, sizeof *type);
	if (p->type_count == p->type_capacity) {
		size_t wanted = memory_grown(p->type_capacity, p->type_count + 1);
		p->types = arena_grow(
			p->arena, p->types, p->type_count, wanted, sizeof(struct proto_type *));
		p->type_capacity = wanted;
	}
	p->types[p->type_count++] = type;
	*type = (struct proto_type){
		.is_enum = is_enum,
		.closed = is_enum && !p->file->proto3,
		.index = (uint32_t)p->type_count + 100, /* behind the foreign ones */
		.outer = outer,
	};
	*type_out = type;
	return STATUS_OK;
}

static enum status named_add(
	struct parser *p, struct proto_type *outer, bool is_enum, struct proto_type **type_out)
{
	struct text name;
	TRY(word_read(p, is_enum ? "the enum's name" : "the message's name", &name));
	TRY(type_add(p, outer, is_enum, type_out));
	(*type_out)->name = name;
	if (!proto_names_add(p->names, *type_out))
		return WRONG(p, "'%.*s' is defined twice", TEXT_ARG(name));
	return STATUS_OK;
}

/* Of a message from 1, of an enum any; "max" is `most`. */
static enum status range_read(
	struct parser *p, int64_t least, int64_t most, struct proto_range *range)
{
	TRY(number_read(p, "a number", least, most, &range->first));
	range->last = range->first;
	if (!take(p, "to"))
		return STATUS_OK;
	if (take(p, "max")) {
		range->last = most;
		return STATUS_OK;
	}
	return number_read(p, "a number", range->first, most, &range->last);
}

static enum status reserved_read(struct parser *p, struct proto_type *type)
{
	int64_t least = type->is_enum ? INT32_MIN : 1;
	int64_t most = type->is_enum ? INT32_MAX : NUMBER_MAX;
	do {
		if (p->at->kind == TOKEN_STRING) {
			type->reserved_names =
				ROOM(p, type->reserved_names, type->reserved_name_count);
			TRY(string_read(
				p, "a name", &type->reserved_names[type->reserved_name_count]));
			type->reserved_name_count++;
		} else {
			type->reserved = ROOM(p, type->reserved, type->reserved_count);
			TRY(range_read(p, least, most, &type->reserved[type->reserved_count]));
			type->reserved_count++;
		}
	} while (take(p, ","));
	return expect(p, ";");
}

/* [packed = false, …]: of all options this alone decides what is written. */
static enum status options_read(struct parser *p, struct proto_field *field)
{
	if (!is(p, "["))
		return STATUS_OK;
	for (const struct token *token = p->at; token->kind != TOKEN_END; token++) {
		bool starts =
			text_equal(token->text, TEXT("[")) || text_equal(token->text, TEXT(","));
		if (text_equal(token->text, TEXT("]")))
			break;
		if (starts && token[1].kind == TOKEN_WORD &&
			text_equal(token[1].text, TEXT("packed")) && token[2].kind == TOKEN_SIGN)
			field->packed = text_equal(token[3].text, TEXT("true"));
	}
	return balanced_skip(p);
}

enum proto_kind proto_kind_named(struct text name)
{
	for (unsigned kind = 0; kind < PROTO_SCALARS_; kind++) {
		if (text_equal(name, text_of(proto_kind_names[kind])))
			return (enum proto_kind)kind;
	}
	return PROTO_MESSAGE;
}

static struct proto_field *field_new(struct parser *p, struct proto_type *message)
{
	message->fields = ROOM(p, message->fields, message->field_count);
	struct proto_field *field = &message->fields[message->field_count++];
	*field = (struct proto_field){.line = p->at->line};
	return field;
}

/* name = number [options] */
static enum status field_rest(struct parser *p, struct proto_field *field)
{
	int64_t number;
	TRY(word_read(p, "the field's name", &field->name));
	TRY(expect(p, "="));
	TRY(number_read(p, "a field number", 1, NUMBER_MAX, &number));
	if (number >= NUMBER_OURS && number < NUMBER_OURS + 1000)
		return WRONG(p, "field numbers from 19000 to 19999 are protobuf's own");
	field->number = (uint32_t)number;
	return options_read(p, field);
}

/* map<K, V> name = 1; is written as a repeated message of key = 1, value = 2 (Language
 * Guide, "Backwards compatibility" of maps). */
static enum status map_read(struct parser *p, struct proto_type *message, uint32_t oneof)
{
	struct text key;
	struct text value;
	struct proto_type *entry;
	struct proto_field *field = field_new(p, message);
	p->at++;
	TRY(expect(p, "<"));
	TRY(path_read(p, "the keys' type", &key));
	TRY(expect(p, ","));
	TRY(path_read(p, "the values' type", &value));
	TRY(expect(p, ">"));
	enum proto_kind kind = proto_kind_named(key);
	if (oneof || kind >= PROTO_BYTES || kind <= PROTO_FLOAT)
		return WRONG(p, oneof ? "a map cannot stand in a oneof"
				      : "the keys of a map are whole numbers, bools or strings");
	TRY(type_add(p, message, false, &entry));
	entry->name = TEXT("entry");
	entry->fields = arena_array(p->arena, 2, sizeof *entry->fields);
	entry->field_count = 2;
	entry->fields[0] = (struct proto_field){
		.name = TEXT("key"), .number = 1, .type_name = key, .line = p->at->line};
	entry->fields[1] = (struct proto_field){
		.name = TEXT("value"), .number = 2, .type_name = value, .line = p->at->line};
	field->label = PROTO_REPEATED;
	field->map = true;
	field->type = entry;
	TRY(field_rest(p, field));
	return expect(p, ";");
}

static enum status group_read(struct parser *p, struct proto_type *message, size_t at)
{
	struct proto_type *group;
	struct proto_field field = message->fields[at];
	int64_t number;
	p->at++;
	if (p->file->proto3)
		return WRONG(p, "proto3 has no groups: use a message");
	TRY(named_add(p, message, false, &group));
	TRY(expect(p, "="));
	TRY(number_read(p, "a field number", 1, NUMBER_MAX, &number));
	TRY(options_read(p, &field));
	field.number = (uint32_t)number;
	field.kind = PROTO_GROUP;
	field.type = group;
	char *name = arena_text(p->arena, group->name);
	for (size_t i = 0; name[i]; i++)
		name[i] = text_lower(name[i]);
	field.name = text_of(name);
	message->fields[at] = field;
	return message_body(p, group);
}

static enum status label_read(struct parser *p, uint32_t oneof, struct proto_field *field)
{
	if (take(p, "repeated"))
		field->label = PROTO_REPEATED;
	else if (take(p, "required"))
		field->label = PROTO_REQUIRED;
	else if (take(p, "optional"))
		field->label = PROTO_OPTIONAL;
	else if (!oneof && !p->file->proto3)
		return WRONG(p,
			"'%.*s': a field of proto2 begins with optional, required or repeated; "
			"say syntax = \"proto3\"; if that is meant",
			TEXT_ARG(shown(p)));
	if (oneof && field->label != PROTO_PLAIN)
		return WRONG(p, "a field of a oneof has no label");
	if (p->file->proto3 && field->label == PROTO_REQUIRED)
		return WRONG(p, "proto3 has no required fields");
	return STATUS_OK;
}

static enum status field_read(struct parser *p, struct proto_type *message, uint32_t oneof)
{
	if (is(p, "map") && next_is(p, "<"))
		return map_read(p, message, oneof);
	struct proto_field *field = field_new(p, message);
	size_t at = message->field_count - 1;
	field->oneof = oneof;
	TRY(label_read(p, oneof, field));
	if (is(p, "group"))
		return group_read(p, message, at);
	TRY(path_read(p, "a field's type", &field->type_name));
	field->packed = p->file->proto3;
	TRY(field_rest(p, field));
	return expect(p, ";");
}

static enum status oneof_read(struct parser *p, struct proto_type *message)
{
	struct text name;
	uint32_t oneof = ++message->oneof_count;
	p->at++;
	TRY(word_read(p, "the oneof's name", &name));
	TRY(expect(p, "{"));
	while (!take(p, "}")) {
		if (take(p, ";"))
			continue;
		if (is(p, "option") && !next_is(p, "."))
			TRY(statement_skip(p));
		else
			TRY(field_read(p, message, oneof));
	}
	return STATUS_OK;
}

static enum status enum_value_read(struct parser *p, struct proto_type *type)
{
	int64_t number;
	struct proto_field ignored = {0};
	type->values = ROOM(p, type->values, type->value_count);
	struct proto_value *value = &type->values[type->value_count++];
	TRY(word_read(p, "a value's name", &value->name));
	TRY(expect(p, "="));
	TRY(number_read(p, "a number", INT32_MIN, INT32_MAX, &number));
	value->number = (int32_t)number;
	if (p->file->proto3 && type->value_count == 1 && number != 0)
		return WRONG(p, "the first value of a proto3 enum is 0");
	TRY(options_read(p, &ignored));
	return expect(p, ";");
}

static enum status enum_read(struct parser *p, struct proto_type *outer)
{
	struct proto_type *type;
	p->at++;
	TRY(named_add(p, outer, true, &type));
	TRY(expect(p, "{"));
	while (!take(p, "}")) {
		if (take(p, ";"))
			continue;
		if (is(p, "option") && !next_is(p, "=")) {
			if (next_is(p, "allow_alias"))
				type->aliased = true;
			TRY(statement_skip(p));
		} else if (is(p, "reserved") && !next_is(p, "=")) {
			p->at++;
			TRY(reserved_read(p, type));
		} else {
			TRY(enum_value_read(p, type));
		}
	}
	if (type->value_count == 0)
		return WRONG(p, "enum '%.*s' has no value", TEXT_ARG(type->name));
	return STATUS_OK;
}

static enum status message_read(struct parser *p, struct proto_type *outer)
{
	struct proto_type *message;
	struct proto_file *file = p->file;
	p->at++;
	TRY(named_add(p, outer, false, &message));
	if (!outer) {
		file->messages = ROOM(p, file->messages, file->message_count);
		file->messages[file->message_count++] = message;
	}
	return message_body(p, message);
}

/* extend X { fields }: fields of X that another file wrote; read over. */
static enum status extend_read(struct parser *p, struct proto_type *outer)
{
	struct text name;
	struct proto_type *ignored;
	p->at++;
	TRY(path_read(p, "a message's name", &name));
	TRY(type_add(p, outer, false, &ignored));
	ignored->name = TEXT("extension");
	TRY(expect(p, "{"));
	while (!take(p, "}")) {
		if (!take(p, ";"))
			TRY(field_read(p, ignored, 0));
	}
	return STATUS_OK;
}

/* Whether a statement begins with `word` as a word of the language, not as a type. */
static bool begins(const struct parser *p, const char *word)
{
	return is(p, word) && p->at[1].kind != TOKEN_END && !next_is(p, ".") && !next_is(p, "=");
}

static enum status message_statement(struct parser *p, struct proto_type *message)
{
	if (take(p, ";"))
		return STATUS_OK;
	if (begins(p, "message"))
		return message_read(p, message);
	if (begins(p, "enum"))
		return enum_read(p, message);
	if (begins(p, "oneof"))
		return oneof_read(p, message);
	if (begins(p, "extend"))
		return extend_read(p, message);
	if (begins(p, "option") || begins(p, "extensions"))
		return statement_skip(p);
	if (begins(p, "reserved")) {
		p->at++;
		return reserved_read(p, message);
	}
	return field_read(p, message, 0);
}

static enum status message_body(struct parser *p, struct proto_type *message)
{
	TRY(expect(p, "{"));
	if (++p->depth > NESTED_MAX)
		return fail(p->err, STATUS_RESOURCE_EXHAUSTED,
			"line %u: messages nested deeper than %d levels", p->at->line, NESTED_MAX);
	while (!take(p, "}"))
		TRY(message_statement(p, message));
	p->depth--;
	return STATUS_OK;
}

/* The file */

static enum status syntax_read(struct parser *p)
{
	struct text syntax;
	if (begins(p, "edition") || is(p, "edition"))
		return WRONG(p, "editions are not understood yet: write syntax = \"proto3\";");
	if (!is(p, "syntax"))
		return STATUS_OK;
	p->at++;
	TRY(expect(p, "="));
	TRY(string_read(p, "proto2 or proto3", &syntax));
	p->file->proto3 = text_equal(syntax, TEXT("proto3"));
	if (!p->file->proto3 && !text_equal(syntax, TEXT("proto2")))
		return WRONG(p, "syntax '%.*s' is neither proto2 nor proto3",
			TEXT_ARG(text_until(syntax, 60)));
	return expect(p, ";");
}

static enum status import_read(struct parser *p)
{
	struct text file;
	p->at++;
	if (is(p, "public") || is(p, "weak"))
		p->at++;
	TRY(string_read(p, "a file", &file));
	if (!proto_import_is_known(file))
		return WRONG(p,
			"'%.*s' cannot be imported: a definition holds all it needs but the files "
			"of google/protobuf/",
			TEXT_ARG(text_until(file, 200)));
	proto_names_import(p->names, file);
	return expect(p, ";");
}

static enum status service_skip(struct parser *p)
{
	struct text name;
	p->at++;
	TRY(word_read(p, "the service's name", &name));
	if (!is(p, "{"))
		return expect(p, "{");
	return balanced_skip(p);
}

static enum status file_statement(struct parser *p)
{
	if (take(p, ";"))
		return STATUS_OK;
	if (is(p, "import"))
		return import_read(p);
	if (is(p, "option"))
		return statement_skip(p);
	if (is(p, "message"))
		return message_read(p, NULL);
	if (is(p, "enum"))
		return enum_read(p, NULL);
	if (is(p, "extend"))
		return extend_read(p, NULL);
	if (is(p, "service"))
		return service_skip(p);
	if (is(p, "package")) {
		p->at++;
		TRY(path_read(p, "the package's name", &p->file->package));
		return expect(p, ";");
	}
	return WRONG(p, "'%.*s': message, enum, import, package or option belongs here",
		TEXT_ARG(shown(p)));
}

enum status protobuf_parse(
	struct arena *arena, struct text text, const void **parsed_out, struct error *err)
{
	struct proto_file *file = arena_alloc(arena, sizeof *file);
	struct parser p = {.arena = arena, .err = err, .file = file};
	p.names = proto_names_new(arena);
	TRY(tokens_read(arena, text, &file->tokens, err));
	p.at = file->tokens.at;
	TRY(syntax_read(&p));
	while (p.at->kind != TOKEN_END)
		TRY(file_statement(&p));
	if (file->message_count == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "it defines no message");
	for (size_t i = 0; i < p.type_count; i++)
		TRY(proto_resolve(arena, file, p.names, p.types[i], err));
	*parsed_out = file;
	return STATUS_OK;
}
