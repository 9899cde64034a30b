#include "registry/avro.h"

/* Schema resolution: Apache Avro 1.12 specification, "Schema Resolution". */

static bool reads(struct reading *reading, const struct avro *reader, const struct avro *writer,
	const struct place *place);

const char *avro_brief(struct arena *arena, const struct avro *type)
{
	const char *kind = avro_kind_names[type->kind];
	if (text_equal(type->logical, TEXT("decimal")))
		return arena_printf(arena, "decimal(%u,%u)", type->precision, type->scale);
	if (type->kind == AVRO_FIXED)
		return arena_printf(arena, "fixed %.*s of %llu bytes", TEXT_ARG(type->name),
			(unsigned long long)type->size);
	if (type->name.length)
		return arena_printf(arena, "%s %.*s", kind, TEXT_ARG(type->name));
	if (type->logical.length)
		return arena_printf(arena, "%s (%.*s)", kind, TEXT_ARG(type->logical));
	if (type->items && (type->items->kind < AVRO_ARRAY))
		return arena_printf(arena, "%s of %s", kind, avro_brief(arena, type->items));
	return kind;
}

static bool tell(struct reading *reading, const struct place *place, const char *kind,
	const struct avro *reader, const struct avro *writer, const char *reason)
{
	if (!reading->telling)
		return false;
	return reading_tell(reading, place, kind, avro_brief(reading->arena, reader),
		avro_brief(reading->arena, writer), reason);
}

/* Which simple types become which others. */
static bool promotes(enum avro_kind writer, enum avro_kind reader)
{
	if (writer == reader)
		return true;
	switch (writer) {
	case AVRO_INT:
		return reader == AVRO_LONG || reader == AVRO_FLOAT || reader == AVRO_DOUBLE;
	case AVRO_LONG:
		return reader == AVRO_FLOAT || reader == AVRO_DOUBLE;
	case AVRO_FLOAT:
		return reader == AVRO_DOUBLE;
	case AVRO_STRING:
		return reader == AVRO_BYTES;
	case AVRO_BYTES:
		return reader == AVRO_STRING;
	case AVRO_NULL:
	case AVRO_BOOLEAN:
	case AVRO_DOUBLE:
	case AVRO_RECORD:
	case AVRO_ENUM:
	case AVRO_FIXED:
	case AVRO_ARRAY:
	case AVRO_MAP:
	case AVRO_UNION:
	case AVRO_KINDS_:
		break;
	}
	return false;
}

/* By the name without its namespace, or by an alias of the reader's. */
static bool names_match(const struct avro *reader, const struct avro *writer)
{
	if (text_equal(avro_short_name(reader->name), avro_short_name(writer->name)))
		return true;
	for (size_t i = 0; i < reader->aliases.count; i++) {
		if (text_equal(reader->aliases.at[i], writer->name))
			return true;
	}
	return false;
}

static bool is_decimal(const struct avro *type)
{
	return text_equal(type->logical, TEXT("decimal"));
}

/* What can be said of two types without what is in them. Two decimals must have one
 * precision and scale; a decimal and what is none are read as their bytes. */
static bool shapes_match(const struct avro *reader, const struct avro *writer)
{
	if (is_decimal(reader) && is_decimal(writer) &&
		(reader->precision != writer->precision || reader->scale != writer->scale))
		return false;
	if (reader->kind < AVRO_PRIMITIVES_ || writer->kind < AVRO_PRIMITIVES_)
		return promotes(writer->kind, reader->kind);
	if (reader->kind != writer->kind)
		return false;
	if (reader->kind == AVRO_FIXED && reader->size != writer->size)
		return false;
	return reader->kind >= AVRO_ARRAY || names_match(reader, writer);
}

static const struct avro_field *field_of(const struct avro *writer, const struct avro_field *field)
{
	const struct avro_field *found = avro_field(writer, field->name);
	for (size_t i = 0; !found && i < field->aliases.count; i++)
		found = avro_field(writer, field->aliases.at[i]);
	return found;
}

static bool record_reads(struct reading *reading, const struct avro *reader,
	const struct avro *writer, const struct place *place)
{
	bool all = true;
	for (size_t i = 0; i < reader->field_count && (all || reading->telling); i++) {
		const struct avro_field *field = &reader->fields[i];
		const struct avro_field *written = field_of(writer, field);
		const struct place *inner = PLACE(place, field->name);
		if (written)
			all &= reads(reading, field->type, written->type, inner);
		else if (!field->fallback)
			all &= reading_tell(reading, inner, NULL,
				reading->telling ? avro_brief(reading->arena, field->type) : "",
				NULL, "the field has no default, and the data has no such field");
	}
	return all;
}

static bool enum_reads(struct reading *reading, const struct avro *reader,
	const struct avro *writer, const struct place *place)
{
	bool all = true;
	if (reader->fallback)
		return true;
	for (size_t i = 0; i < writer->symbols.count && (all || reading->telling); i++) {
		struct text symbol = writer->symbols.at[i];
		if (avro_has_symbol(reader, symbol))
			continue;
		all = reading_tell(reading, place, NULL, NULL,
			reading->telling
				? arena_printf(reading->arena, "symbol %.*s", TEXT_ARG(symbol))
				: "",
			"the enum lacks the symbol and has no default");
	}
	return all;
}

/* Every branch that may have been written must be read. */
static bool union_writes(struct reading *reading, const struct avro *reader,
	const struct avro *writer, const struct place *place)
{
	bool all = true;
	for (size_t i = 0; i < writer->branch_count && (all || reading->telling); i++)
		all &= reads(reading, reader, writer->branches[i], place);
	return all;
}

/* The branch that seems meant, to say what is wrong with it: of the same kind. */
static const struct avro *branch_near(const struct avro *reader, const struct avro *writer)
{
	for (size_t i = 0; i < reader->branch_count; i++) {
		if (reader->branches[i]->kind == writer->kind && writer->kind != AVRO_UNION &&
			shapes_match(reader->branches[i], writer))
			return reader->branches[i];
	}
	return NULL;
}

static bool union_reads(struct reading *reading, const struct avro *reader,
	const struct avro *writer, const struct place *place)
{
	bool telling = reading_quietly(reading);
	bool any = false;
	for (size_t i = 0; i < reader->branch_count && !any; i++)
		any = reads(reading, reader->branches[i], writer, place);
	reading->telling = telling;
	if (any || !telling)
		return any;
	const struct avro *near = branch_near(reader, writer);
	if (near)
		return reads(reading, near, writer, place);
	return tell(reading, place, "narrowed", reader, writer,
		"no branch of the union reads this one");
}

static const char *reason_of(const struct avro *reader, const struct avro *writer)
{
	if (is_decimal(reader) && is_decimal(writer))
		return "decimals need one precision and scale";
	if (reader->kind != writer->kind)
		return "the data's type does not become the reader's";
	if (reader->kind == AVRO_FIXED && reader->size != writer->size)
		return "fixed values need one size";
	return "the names differ, and no alias makes them one";
}

static const char *change_of(const struct avro *reader, const struct avro *writer)
{
	if (promotes(reader->kind, writer->kind) && reader->kind != writer->kind)
		return "narrowed";
	return reader->kind == writer->kind && reader->name.length && !names_match(reader, writer)
		       ? "renamed"
		       : "retyped";
}

static bool look(struct reading *reading, const struct pair *pair, const struct place *place)
{
	const struct avro *reader = pair->reader;
	const struct avro *writer = pair->writer;
	if (writer->kind == AVRO_UNION)
		return union_writes(reading, reader, writer, place);
	if (reader->kind == AVRO_UNION)
		return union_reads(reading, reader, writer, place);
	if (!shapes_match(reader, writer))
		return tell(reading, place, change_of(reader, writer), reader, writer,
			reason_of(reader, writer));
	if (reader->kind == AVRO_RECORD)
		return record_reads(reading, reader, writer, place);
	if (reader->kind == AVRO_ENUM)
		return enum_reads(reading, reader, writer, place);
	if (reader->kind == AVRO_ARRAY)
		return reads(reading, reader->items, writer->items, PLACE(place, TEXT("element")));
	if (reader->kind == AVRO_MAP)
		return reads(reading, reader->items, writer->items, PLACE(place, TEXT("value")));
	return true;
}

static bool reads(struct reading *reading, const struct avro *reader, const struct avro *writer,
	const struct place *place)
{
	struct pair pair = {reader, writer, reader->index, writer->index, 0, look};
	return reading_ask(reading, &pair, place);
}

bool avro_reads(struct reading *reading, const void *reader, const void *writer)
{
	const struct avro_schema *left = reader;
	const struct avro_schema *right = writer;
	return reads(reading, left->root, right->root, NULL);
}
