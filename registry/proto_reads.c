#include "registry/protobuf.h"

#include <stdlib.h>

/* Whether bytes written by one file's messages are read by another's. Sources, at
 * protobuf.dev: "Encoding" (Message Structure, Packed Repeated Fields, Last One Wins)
 * and the Language Guides (Updating A Message Type, Reserved Fields, Oneof, Enum
 * Behavior, Maps). Names of types and packages are not written and do not count. */

static bool messages_read(struct reading *reading, const struct proto_type *reader,
	const struct proto_type *writer, const struct place *place);

const char *proto_brief(struct arena *arena, const struct proto_field *field)
{
	static const char *const labels[] = {"", "optional ", "required ", "repeated "};
	static const char *const kinds[] = {"enum", "message", "group"};
	if (field->map)
		return arena_printf(arena, "map<%s, %s>",
			proto_brief(arena, &field->type->fields[0]),
			proto_brief(arena, &field->type->fields[1]));
	const char *label = labels[field->label];
	if (field->kind < PROTO_SCALARS_)
		return arena_printf(arena, "%s%s", label, proto_kind_names[field->kind]);
	return arena_printf(arena, "%s%s %.*s", label, kinds[field->kind - PROTO_SCALARS_],
		TEXT_ARG(field->type->name));
}

/* What may stand for what: "Updating A Message Type". Kinds of one family are read as
 * each other; 0 is alone. */
static unsigned family_of(enum proto_kind kind)
{
	static const unsigned families[PROTO_GROUP + 1] = {[PROTO_INT32] = 1,
		[PROTO_INT64] = 1,
		[PROTO_UINT32] = 1,
		[PROTO_UINT64] = 1,
		[PROTO_BOOL] = 1,
		[PROTO_ENUM] = 1,
		[PROTO_SINT32] = 2,
		[PROTO_SINT64] = 2,
		[PROTO_FIXED32] = 3,
		[PROTO_SFIXED32] = 3,
		[PROTO_FIXED64] = 4,
		[PROTO_SFIXED64] = 4};
	return families[kind];
}

static bool kinds_read(enum proto_kind reader, enum proto_kind writer)
{
	unsigned family = family_of(reader);
	if (reader == writer || (family && family == family_of(writer)))
		return true;
	return reader == PROTO_BYTES && (writer == PROTO_STRING || writer == PROTO_MESSAGE);
}

static const char *kinds_reason(enum proto_kind reader, enum proto_kind writer)
{
	if (writer == PROTO_BYTES && reader == PROTO_STRING)
		return "bytes need not be UTF-8";
	if (writer == PROTO_BYTES && reader == PROTO_MESSAGE)
		return "bytes need not hold such a message";
	return "the two are written in different ways";
}

static bool tell(struct reading *reading, const struct place *place, const char *kind,
	const struct proto_field *reader, const struct proto_field *writer, const char *reason)
{
	if (!reading->telling)
		return false;
	return reading_tell(reading, place, kind,
		reader ? proto_brief(reading->arena, reader) : NULL,
		writer ? proto_brief(reading->arena, writer) : NULL, reason);
}

static bool is_written_whole(enum proto_kind kind)
{
	return kind == PROTO_STRING || kind == PROTO_BYTES || kind == PROTO_MESSAGE ||
	       kind == PROTO_GROUP;
}

/* Every value of a closed enum that may be written must be known: else the field reads
 * as if it were not there ("Enum Behavior"). */
static bool values_read(struct reading *reading, const struct proto_type *reader,
	const struct proto_type *writer, const struct place *place)
{
	bool all = true;
	bool known_alone = reader->foreign || writer->foreign;
	for (size_t i = 0; !known_alone && reader->closed && i < writer->value_count; i++) {
		const struct proto_value *value = &writer->values[i];
		if (!proto_value(reader, value->number))
			all = reading_tell(reading, place, NULL, NULL,
				arena_printf(reading->arena, "value %.*s = %d",
					TEXT_ARG(value->name), value->number),
				"the closed enum does not know the value");
		if (!all && !reading->telling)
			return false;
	}
	for (size_t i = 0; !known_alone && i < reader->value_count; i++) {
		const struct proto_value *value = &reader->values[i];
		if (proto_reserves(writer, value->number))
			all = reading_tell(reading, place, NULL,
				arena_printf(reading->arena, "value %.*s = %d",
					TEXT_ARG(value->name), value->number),
				NULL, "the data's definition reserves the value");
		if (!all && !reading->telling)
			return false;
	}
	return all;
}

static bool types_read(struct reading *reading, const struct proto_field *reader,
	const struct proto_field *writer, const struct place *place)
{
	if (reader->kind != writer->kind || reader->kind < PROTO_SCALARS_)
		return true;
	if (reader->kind == PROTO_ENUM)
		return values_read(reading, reader->type, writer->type, place);
	if (reader->type->foreign || writer->type->foreign)
		return text_equal(reader->type->name, writer->type->name) ||
		       tell(reading, place, "retyped", reader, writer,
			       "types of google.protobuf are known by their names alone");
	return messages_read(reading, reader->type, writer->type, place);
}

static bool field_reads(struct reading *reading, const struct proto_field *reader,
	const struct proto_field *writer, const struct place *place)
{
	if (!kinds_read(reader->kind, writer->kind))
		return tell(reading, place, "retyped", reader, writer,
			kinds_reason(reader->kind, writer->kind));
	if (reader->label == PROTO_REQUIRED && writer->label != PROTO_REQUIRED)
		return tell(reading, place, "narrowed", reader, writer,
			"the data may lack what is required");
	if (reader->label != PROTO_REPEATED && writer->label == PROTO_REPEATED &&
		!is_written_whole(writer->kind) && writer->packed)
		return tell(reading, place, "narrowed", reader, writer,
			"packed numbers are not read as one");
	return types_read(reading, reader, writer, place);
}

/* A field that the data's definition has not. */
static bool addition_reads(struct reading *reading, const struct proto_field *field,
	const struct proto_type *writer, const struct place *place)
{
	if (field->label == PROTO_REQUIRED)
		return tell(reading, place, NULL, field, NULL, "the data lacks what is required");
	if (proto_reserves(writer, field->number))
		return tell(reading, place, NULL, field, NULL,
			"the data's definition reserves the number");
	if (proto_reserves_name(writer, field->name))
		return tell(reading, place, NULL, field, NULL,
			"the data's definition reserves the name");
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct proto_field *const *left = a;
	const struct proto_field *const *right = b;
	return text_compare((*left)->name, (*right)->name);
}

/* One name under two numbers: what was written is not found ("Updating A Message Type":
 * numbers of fields in use are not changed). */
static bool numbers_stay(struct reading *reading, const struct proto_type *reader,
	const struct proto_type *writer, const struct place *place)
{
	struct arena *arena = reading->arena;
	const struct proto_field **names = arena_array(arena, writer->field_count, sizeof *names);
	bool all = true;
	for (size_t i = 0; i < writer->field_count; i++)
		names[i] = &writer->fields[i];
	if (writer->field_count)
		qsort(names, writer->field_count, sizeof *names, by_name);
	for (size_t i = 0; i < reader->field_count && writer->field_count; i++) {
		const struct proto_field *field = &reader->fields[i];
		const struct proto_field **found =
			bsearch(&field, names, writer->field_count, sizeof *names, by_name);
		if (found && (*found)->number != field->number)
			all = reading_tell(reading, PLACE(place, field->name), "renumbered",
				arena_printf(arena, "number %u", field->number),
				arena_printf(arena, "number %u", (*found)->number),
				"numbers of fields do not change");
	}
	return all;
}

/* Of a oneof's fields one is read; those that may have been written together were not
 * alternatives ("Oneof", "Backwards-compatibility issues"). */
static bool oneofs_read(struct reading *reading, const struct proto_type *reader,
	const struct proto_type *writer, const struct place *place)
{
	struct arena *arena = reading->arena;
	const struct proto_field **first =
		arena_array(arena, (size_t)reader->oneof_count + 1, sizeof *first);
	bool all = true;
	for (size_t i = 0; i < reader->field_count && reader->oneof_count; i++) {
		const struct proto_field *field = &reader->fields[i];
		const struct proto_field *written =
			field->oneof ? proto_field(writer, field->number) : NULL;
		if (!written)
			continue;
		const struct proto_field *other = first[field->oneof];
		if (!other)
			first[field->oneof] = written;
		else if (other->oneof == 0 || other->oneof != written->oneof)
			all = reading_tell(reading, PLACE(place, field->name), "narrowed",
				"an alternative of a oneof", "a field that may stand beside others",
				arena_printf(arena, "the data may hold it together with '%.*s'",
					TEXT_ARG(other->name)));
	}
	return all;
}

static bool fields_read(struct reading *reading, const struct proto_type *reader,
	const struct proto_type *writer, const struct place *place)
{
	bool all = true;
	for (size_t i = 0; i < reader->field_count && (all || reading->telling); i++) {
		const struct proto_field *field = &reader->fields[i];
		const struct proto_field *written = proto_field(writer, field->number);
		const struct place *inner = PLACE(place, field->name);
		all &= written ? field_reads(reading, field, written, inner)
			       : addition_reads(reading, field, writer, inner);
	}
	return all;
}

static bool look(struct reading *reading, const struct pair *pair, const struct place *place)
{
	const struct proto_type *reader = pair->reader;
	const struct proto_type *writer = pair->writer;
	bool all = fields_read(reading, reader, writer, place);
	if (all || reading->telling)
		all &= numbers_stay(reading, reader, writer, place);
	if (all || reading->telling)
		all &= oneofs_read(reading, reader, writer, place);
	return all;
}

static bool messages_read(struct reading *reading, const struct proto_type *reader,
	const struct proto_type *writer, const struct place *place)
{
	struct pair pair = {reader, writer, reader->index, writer->index, 0, look};
	return reading_ask(reading, &pair, place);
}

static int messages_by_name(const void *a, const void *b)
{
	const struct proto_type *const *left = a;
	const struct proto_type *const *right = b;
	return text_compare((*left)->name, (*right)->name);
}

bool protobuf_reads(struct reading *reading, const void *reader_file, const void *writer_file)
{
	const struct proto_file *reader = reader_file;
	const struct proto_file *writer = writer_file;
	struct proto_type **sorted =
		arena_array(reading->arena, reader->message_count, sizeof *sorted);
	bool all = true;
	memcpy(sorted, reader->messages, reader->message_count * sizeof *sorted);
	qsort(sorted, reader->message_count, sizeof *sorted, messages_by_name);
	for (size_t i = 0; i < writer->message_count; i++) {
		const struct proto_type *message = writer->messages[i];
		const struct place *place = PLACE(NULL, message->name);
		struct proto_type **found = bsearch(
			&message, sorted, reader->message_count, sizeof *sorted, messages_by_name);
		if (found)
			all &= messages_read(reading, *found, message, place);
		else
			all = reading_tell(reading, place, NULL, NULL,
				arena_printf(
					reading->arena, "message %.*s", TEXT_ARG(message->name)),
				"there is no such message to read the data with");
	}
	return all;
}
