#include "registry/avro.h"

#include "base/hash.h"
#include "base/limits.h"

#include <stdlib.h>

const char *const avro_kind_names[AVRO_KINDS_] = {"null", "boolean", "int", "long", "float",
	"double", "bytes", "string", "record", "enum", "fixed", "array", "map", "union"};

struct named {
	struct text name;
	const struct avro *type;
	struct named *next;
};

enum { BUCKETS = 1024, DEFAULT_STEPS = 1000000 };

struct parser {
	struct arena *arena;
	struct error *err;
	struct named *buckets[BUCKETS]; /* by hash of the full name */
	uint32_t count; /* of types */
	unsigned default_steps; /* left to look at defaults */
	const struct avro *primitives[AVRO_PRIMITIVES_];
};

static enum status type_read(struct parser *p, const struct document *from, struct text space,
	const struct avro **type_out);

#define WRONG(p, from, ...) fail_at((p), (from), arena_printf((p)->arena, __VA_ARGS__))

static enum status fail_at(struct parser *p, const struct document *from, const char *message)
{
	return fail(p->err, STATUS_INVALID_ARGUMENT, "byte %zu: %s", from->at, message);
}

static struct avro *type_new(struct parser *p, enum avro_kind kind)
{
	struct avro *type = arena_alloc(p->arena, sizeof *type);
	type->kind = kind;
	type->index = ++p->count;
	return type;
}

/* Names */

static bool is_letter(char byte)
{
	byte = text_lower(byte);
	return (byte >= 'a' && byte <= 'z') || byte == '_';
}

/* [A-Za-z_][A-Za-z0-9_]* ("Names"). */
static bool is_name(struct text name)
{
	for (size_t i = 0; i < name.length; i++) {
		char byte = name.at[i];
		if (!is_letter(byte) && (i == 0 || byte < '0' || byte > '9'))
			return false;
	}
	return name.length > 0;
}

static bool is_dotted(struct text name)
{
	struct text piece;
	bool more = true;
	while (text_split(&name, &more, '.', &piece)) {
		if (!is_name(piece))
			return false;
	}
	return true;
}

struct text avro_short_name(struct text full_name)
{
	size_t dot = text_find_last(full_name, '.');
	return dot == SIZE_MAX ? full_name : text_from(full_name, dot + 1);
}

static struct text space_of(struct text full_name)
{
	size_t dot = text_find_last(full_name, '.');
	return dot == SIZE_MAX ? (struct text){"", 0} : text_until(full_name, dot);
}

static struct text joined(struct parser *p, struct text space, struct text name)
{
	if (space.length == 0 || text_find(name, '.') < name.length)
		return name;
	return text_of(arena_printf(p->arena, "%.*s.%.*s", TEXT_ARG(space), TEXT_ARG(name)));
}

/* A member that must be a text when it is there: NULL in text_out->at when it is not. */
static enum status text_get(
	struct parser *p, const struct document *from, const char *key, struct text *text_out)
{
	const struct document *member = document_member(from, text_of(key));
	*text_out = (struct text){NULL, 0};
	if (!member)
		return STATUS_OK;
	if (member->kind != DOCUMENT_STRING)
		return WRONG(p, member, "'%s' is no text", key);
	*text_out = member->text;
	return STATUS_OK;
}

static enum status full_name_read(
	struct parser *p, const struct document *from, struct text space, struct text *name_out)
{
	struct text name;
	struct text own;
	TRY(text_get(p, from, "name", &name));
	TRY(text_get(p, from, "namespace", &own));
	if (!name.at)
		return WRONG(p, from, "a record, enum or fixed needs a 'name'");
	if (!is_dotted(name) || name.length > LIMIT_NAME_BYTES)
		return WRONG(p, from, "'%.*s' is no name: letters, digits and '_', up to 255",
			TEXT_ARG(text_until(name, 60)));
	if (own.length && (!is_dotted(own) || own.length > LIMIT_NAME_BYTES))
		return WRONG(p, from, "'%.*s' is no namespace", TEXT_ARG(text_until(own, 60)));
	*name_out = joined(p, own.at ? own : space, name);
	return STATUS_OK;
}

static struct named **bucket_of(struct parser *p, struct text name)
{
	return &p->buckets[hash_of_64(name) % BUCKETS];
}

static const struct avro *named_find(struct parser *p, struct text name)
{
	for (struct named *named = *bucket_of(p, name); named; named = named->next) {
		if (text_equal(named->name, name))
			return named->type;
	}
	return NULL;
}

static void named_add(struct parser *p, const struct avro *type)
{
	struct named **bucket = bucket_of(p, type->name);
	struct named *named = arena_alloc(p->arena, sizeof *named);
	*named = (struct named){type->name, type, *bucket};
	*bucket = named;
}

static const struct avro *primitive_find(struct parser *p, struct text name)
{
	for (unsigned kind = 0; kind < AVRO_PRIMITIVES_; kind++) {
		if (!text_equal(name, text_of(avro_kind_names[kind])))
			continue;
		if (!p->primitives[kind])
			p->primitives[kind] = type_new(p, (enum avro_kind)kind);
		return p->primitives[kind];
	}
	return NULL;
}

static enum status name_resolve(struct parser *p, const struct document *from, struct text space,
	const struct avro **type_out)
{
	*type_out = primitive_find(p, from->text);
	if (!*type_out)
		*type_out = named_find(p, joined(p, space, from->text));
	if (!*type_out)
		return WRONG(p, from,
			"no type '%.*s' is defined before this place; the simple ones are null, "
			"boolean, int, long, float, double, bytes, string",
			TEXT_ARG(text_until(from->text, 100)));
	return STATUS_OK;
}

/* Lists of texts: aliases, symbols. */

static int texts_compare(const void *a, const void *b)
{
	return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static const struct text *sorted_of(struct arena *arena, const struct text *texts, size_t count)
{
	struct text *sorted = arena_array(arena, count, sizeof *sorted);
	if (count) {
		memcpy(sorted, texts, count * sizeof *sorted);
		qsort(sorted, count, sizeof *sorted, texts_compare);
	}
	return sorted;
}

/* The first that stands twice, or an empty text. */
static struct text twice(const struct text *sorted, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (text_equal(sorted[i - 1], sorted[i]))
			return sorted[i];
	}
	return (struct text){"", 0};
}

static enum status names_read(struct parser *p, const struct document *list, const char *what,
	bool dotted, struct avro_names *names_out)
{
	struct text *names = arena_array(p->arena, list->count, sizeof *names);
	if (list->kind != DOCUMENT_LIST)
		return WRONG(p, list, "'%s' is no list", what);
	for (size_t i = 0; i < list->count; i++) {
		const struct document *item = &list->items[i];
		if (item->kind != DOCUMENT_STRING || item->text.length > LIMIT_NAME_BYTES ||
			!(dotted ? is_dotted(item->text) : is_name(item->text)))
			return WRONG(p, item, "'%s' holds %s, which is no name", what,
				document_brief(p->arena, item));
		names[i] = item->text;
	}
	*names_out = (struct avro_names){names, list->count};
	return STATUS_OK;
}

/* Aliases of a named type are relative to its namespace ("Aliases"). */
static enum status aliases_read(struct parser *p, const struct document *from, struct text space,
	struct avro_names *aliases_out)
{
	const struct document *list = document_member(from, TEXT("aliases"));
	if (!list)
		return STATUS_OK;
	TRY(names_read(p, list, "aliases", true, aliases_out));
	struct text *full = arena_array(p->arena, aliases_out->count, sizeof *full);
	for (size_t i = 0; i < aliases_out->count; i++)
		full[i] = joined(p, space, aliases_out->at[i]);
	aliases_out->at = full;
	return STATUS_OK;
}

/* Complex types */

static enum status field_read(
	struct parser *p, const struct document *from, struct text space, struct avro_field *field)
{
	const struct document *type = document_member(from, TEXT("type"));
	const struct document *aliases = document_member(from, TEXT("aliases"));
	TRY(text_get(p, from, "name", &field->name));
	if (!field->name.at || !is_name(field->name) || field->name.length > LIMIT_NAME_BYTES)
		return WRONG(p, from, "a field needs a 'name' of letters, digits and '_'");
	if (!type)
		return WRONG(p, from, "field '%.*s' has no 'type'", TEXT_ARG(field->name));
	const struct document *doc = document_member(from, TEXT("doc"));
	if (doc && doc->kind == DOCUMENT_STRING)
		field->doc = doc->text;
	if (aliases)
		TRY(names_read(p, aliases, "aliases", false, &field->aliases));
	TRY(type_read(p, type, space, &field->type));
	field->fallback = document_member(from, TEXT("default"));
	return STATUS_OK;
}

static int fields_compare(const void *a, const void *b)
{
	const struct avro_field *const *left = a;
	const struct avro_field *const *right = b;
	return text_compare((*left)->name, (*right)->name);
}

static enum status fields_sort(struct parser *p, const struct document *from, struct avro *record)
{
	const struct avro_field **sorted =
		arena_array(p->arena, record->field_count, sizeof *sorted);
	for (size_t i = 0; i < record->field_count; i++)
		sorted[i] = &record->fields[i];
	if (record->field_count)
		qsort(sorted, record->field_count, sizeof *sorted, fields_compare);
	for (size_t i = 1; i < record->field_count; i++) {
		if (text_equal(sorted[i - 1]->name, sorted[i]->name))
			return WRONG(p, from, "field '%.*s' stands twice in record '%.*s'",
				TEXT_ARG(sorted[i]->name), TEXT_ARG(record->name));
	}
	record->by_name = sorted;
	return STATUS_OK;
}

/* Once the fields are known: a default may be of the record itself. */
static enum status defaults_check(struct parser *p, const struct avro *record)
{
	for (size_t i = 0; i < record->field_count; i++) {
		const struct avro_field *field = &record->fields[i];
		if (field->fallback &&
			!avro_value_is(field->type, field->fallback, &p->default_steps))
			return WRONG(p, field->fallback, "the default %s of field '%.*s' is no %s",
				document_brief(p->arena, field->fallback), TEXT_ARG(field->name),
				avro_brief(p->arena, field->type));
	}
	return STATUS_OK;
}

static enum status record_read(struct parser *p, const struct document *from, struct avro *type)
{
	const struct document *list = document_member(from, TEXT("fields"));
	if (!list || list->kind != DOCUMENT_LIST)
		return WRONG(
			p, from, "record '%.*s' needs a list of 'fields'", TEXT_ARG(type->name));
	struct avro_field *fields = arena_array(p->arena, list->count, sizeof *fields);
	for (size_t i = 0; i < list->count; i++)
		TRY(field_read(p, &list->items[i], space_of(type->name), &fields[i]));
	type->fields = fields;
	type->field_count = list->count;
	TRY(fields_sort(p, from, type));
	return defaults_check(p, type);
}

static enum status enum_read(struct parser *p, const struct document *from, struct avro *type)
{
	const struct document *symbols = document_member(from, TEXT("symbols"));
	const struct document *fallback = document_member(from, TEXT("default"));
	if (!symbols)
		return WRONG(
			p, from, "enum '%.*s' needs a list of 'symbols'", TEXT_ARG(type->name));
	TRY(names_read(p, symbols, "symbols", false, &type->symbols));
	type->by_symbol = sorted_of(p->arena, type->symbols.at, type->symbols.count);
	struct text again = twice(type->by_symbol, type->symbols.count);
	if (again.length)
		return WRONG(p, symbols, "symbol '%.*s' stands twice in enum '%.*s'",
			TEXT_ARG(again), TEXT_ARG(type->name));
	if (!fallback)
		return STATUS_OK;
	if (fallback->kind != DOCUMENT_STRING || !avro_has_symbol(type, fallback->text))
		return WRONG(p, fallback, "the default of enum '%.*s' is none of its symbols",
			TEXT_ARG(type->name));
	type->fallback = &fallback->text;
	return STATUS_OK;
}

static enum status fixed_read(struct parser *p, const struct document *from, struct avro *type)
{
	const struct document *size = document_member(from, TEXT("size"));
	if (!size || size->kind != DOCUMENT_NUMBER ||
		text_uint64(size->text, &type->size) != size->text.length || type->size > INT32_MAX)
		return WRONG(p, from, "fixed '%.*s' needs a 'size' in bytes", TEXT_ARG(type->name));
	return STATUS_OK;
}

static enum status items_read(struct parser *p, const struct document *from, const char *key,
	struct text space, struct avro *type)
{
	const struct document *items = document_member(from, text_of(key));
	if (!items)
		return WRONG(p, from, "an %s needs '%s'", avro_kind_names[type->kind], key);
	return type_read(p, items, space, &type->items);
}

/* At most one of each but the named ones; no unions in a union ("Unions"). */
static enum status union_check(
	struct parser *p, const struct document *from, const struct avro *type)
{
	bool seen[AVRO_KINDS_] = {false};
	struct text *names = arena_array(p->arena, type->branch_count, sizeof *names);
	size_t count = 0;
	for (size_t i = 0; i < type->branch_count; i++) {
		const struct avro *branch = type->branches[i];
		if (branch->kind == AVRO_UNION)
			return WRONG(p, &from->items[i], "a union cannot hold a union");
		if (branch->name.length) {
			names[count++] = branch->name;
			continue;
		}
		if (seen[branch->kind])
			return WRONG(p, &from->items[i], "'%s' stands twice in a union",
				avro_kind_names[branch->kind]);
		seen[branch->kind] = true;
	}
	struct text again = twice(sorted_of(p->arena, names, count), count);
	if (again.length)
		return WRONG(p, from, "'%.*s' stands twice in a union", TEXT_ARG(again));
	return STATUS_OK;
}

static enum status union_read(struct parser *p, const struct document *from, struct text space,
	const struct avro **type_out)
{
	struct avro *type = type_new(p, AVRO_UNION);
	const struct avro **branches = arena_array(p->arena, from->count, sizeof *branches);
	if (from->count == 0)
		return WRONG(p, from, "a union needs a branch");
	for (size_t i = 0; i < from->count; i++)
		TRY(type_read(p, &from->items[i], space, &branches[i]));
	type->branches = branches;
	type->branch_count = from->count;
	*type_out = type;
	return union_check(p, from, type);
}

/* Logical types: one that is unknown, or does not fit its type, is ignored. */

static bool small_number(const struct document *from, const char *key, uint32_t *number_out)
{
	const struct document *member = document_member(from, text_of(key));
	uint64_t number = 0;
	if (member && (member->kind != DOCUMENT_NUMBER ||
			      text_uint64(member->text, &number) != member->text.length ||
			      number > INT32_MAX))
		return false;
	*number_out = (uint32_t)number;
	return true;
}

/* Digits that fit `size` bytes of two's complement: floor(log10(2^(8 size - 1) - 1)). */
static uint64_t digits_of(uint64_t size)
{
	return size == 0 ? 0 : (8 * size - 1) * 30103 / 100000;
}

static bool decimal_fits(const struct document *from, struct avro *type)
{
	bool said = small_number(from, "precision", &type->precision) &&
		    small_number(from, "scale", &type->scale);
	return said && type->precision > 0 && type->scale <= type->precision &&
	       (type->kind != AVRO_FIXED || type->precision <= digits_of(type->size));
}

static bool logical_fits(struct text name, const struct avro *type)
{
	static const struct {
		const char *name;
		enum avro_kind kind;
		uint64_t size;
	} rows[] = {
		{"uuid", AVRO_STRING, 0},
		{"uuid", AVRO_FIXED, 16},
		{"date", AVRO_INT, 0},
		{"time-millis", AVRO_INT, 0},
		{"time-micros", AVRO_LONG, 0},
		{"timestamp-millis", AVRO_LONG, 0},
		{"timestamp-micros", AVRO_LONG, 0},
		{"timestamp-nanos", AVRO_LONG, 0},
		{"local-timestamp-millis", AVRO_LONG, 0},
		{"local-timestamp-micros", AVRO_LONG, 0},
		{"local-timestamp-nanos", AVRO_LONG, 0},
		{"duration", AVRO_FIXED, 12},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].kind == type->kind && text_equal(name, text_of(rows[i].name)) &&
			(rows[i].size == 0 || rows[i].size == type->size))
			return true;
	}
	return false;
}

static void logical_read(const struct document *from, struct avro *type)
{
	const struct document *logical = document_member(from, TEXT("logicalType"));
	if (!logical || logical->kind != DOCUMENT_STRING)
		return;
	bool decimal = text_equal(logical->text, TEXT("decimal")) &&
		       (type->kind == AVRO_BYTES || type->kind == AVRO_FIXED);
	if (decimal ? decimal_fits(from, type) : logical_fits(logical->text, type))
		type->logical = logical->text;
}

static enum status named_read(
	struct parser *p, const struct document *from, struct text space, struct avro *type)
{
	const struct document *doc = document_member(from, TEXT("doc"));
	TRY(full_name_read(p, from, space, &type->name));
	if (primitive_find(p, type->name))
		return WRONG(p, from, "'%.*s' is a simple type's name", TEXT_ARG(type->name));
	if (named_find(p, type->name))
		return WRONG(p, from, "'%.*s' is defined twice", TEXT_ARG(type->name));
	TRY(aliases_read(p, from, space_of(type->name), &type->aliases));
	if (doc && doc->kind == DOCUMENT_STRING)
		type->doc = doc->text;
	named_add(p, type); /* before its fields: they may name it */
	if (type->kind == AVRO_RECORD)
		return record_read(p, from, type);
	return type->kind == AVRO_ENUM ? enum_read(p, from, type) : fixed_read(p, from, type);
}

static enum status complex_read(struct parser *p, const struct document *from, struct text space,
	enum avro_kind kind, const struct avro **type_out)
{
	struct avro *type = type_new(p, kind);
	*type_out = type;
	if (kind == AVRO_ARRAY)
		return items_read(p, from, "items", space, type);
	if (kind == AVRO_MAP)
		return items_read(p, from, "values", space, type);
	if (kind >= AVRO_RECORD && kind <= AVRO_FIXED)
		TRY(named_read(p, from, space, type));
	logical_read(from, type);
	return STATUS_OK;
}

/* {"type": …}: a simple type with attributes, a complex one, or a nested schema. */
static enum status object_read(struct parser *p, const struct document *from, struct text space,
	const struct avro **type_out)
{
	const struct document *type = document_member(from, TEXT("type"));
	if (!type)
		return WRONG(p, from, "a schema needs a 'type'");
	if (type->kind != DOCUMENT_STRING)
		return type_read(p, type, space, type_out);
	if (text_equal(type->text, TEXT("error"))) /* of protocols: a record */
		return complex_read(p, from, space, AVRO_RECORD, type_out);
	for (unsigned kind = 0; kind < AVRO_UNION; kind++) {
		if (text_equal(type->text, text_of(avro_kind_names[kind])))
			return complex_read(p, from, space, (enum avro_kind)kind, type_out);
	}
	return name_resolve(p, type, space, type_out);
}

static enum status type_read(struct parser *p, const struct document *from, struct text space,
	const struct avro **type_out)
{
	if (from->kind == DOCUMENT_STRING)
		return name_resolve(p, from, space, type_out);
	if (from->kind == DOCUMENT_LIST)
		return union_read(p, from, space, type_out);
	if (from->kind == DOCUMENT_OBJECT)
		return object_read(p, from, space, type_out);
	return WRONG(p, from, "%s is no schema: a name, a list or an object belongs here",
		document_brief(p->arena, from));
}

enum status avro_parse(
	struct arena *arena, struct text text, const void **parsed_out, struct error *err)
{
	struct parser *p = arena_alloc(arena, sizeof *p);
	struct avro_schema *schema = arena_alloc(arena, sizeof *schema);
	p->arena = arena;
	p->err = err;
	p->default_steps = DEFAULT_STEPS;
	TRY(document_parse(arena, text, &schema->document, err));
	TRY(type_read(p, schema->document, (struct text){"", 0}, &schema->root));
	*parsed_out = schema;
	return STATUS_OK;
}
