#include "registry/registry.h"

#include "base/limits.h"
#include "registry/format.h"

/* The formats. A new one is a file and a row. */
static const struct format *const formats[] = {&format_avro, &format_json, &format_protobuf};

static const struct format *format_of(Tenon__V1__DataFormat id)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (formats[i]->id == id)
			return formats[i];
	}
	return NULL;
}

const char *format_name(Tenon__V1__DataFormat id)
{
	const struct format *format = format_of(id);
	return format ? format->name : NULL;
}

enum status definition_parse(struct arena *arena, Tenon__V1__DataFormat id, struct text text,
	const struct definition **definition_out, struct error *err)
{
	const struct format *format = format_of(id);
	struct definition *definition = arena_alloc(arena, sizeof *definition);
	if (!format)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"data format %d: give AVRO, JSON or PROTOBUF", (int)id);
	if (text.length > LIMIT_DEFINITION_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"the definition has %zu bytes, at most %d are allowed", text.length,
			LIMIT_DEFINITION_BYTES);
	if (text_trimmed(text).length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "the definition is empty");
	definition->format = format;
	definition->text = text;
	if (format->parse(arena, text, &definition->parsed, err) != STATUS_OK)
		return fail_within(err, "the %s definition", format->name);
	*definition_out = definition;
	return STATUS_OK;
}

struct text definition_canonical(struct arena *arena, const struct definition *definition)
{
	struct buffer SCOPED_BUFFER out;
	/* An escape may be six bytes for one; nothing else grows. */
	buffer_init(&out, (size_t)8 * LIMIT_DEFINITION_BYTES);
	definition->format->print(definition->parsed, &out);
	return arena_copy(arena, buffer_text(&out));
}

void definition_columns(
	struct arena *arena, const struct definition *definition, struct schema *schema_out)
{
	definition->format->columns(arena, definition->parsed, schema_out);
	if (schema_out->column_count > LIMIT_COLUMNS)
		schema_out->column_count = LIMIT_COLUMNS;
}

enum status definition_reads(struct arena *arena, const struct definition *reader,
	const struct definition *writer, bool reader_is_newer, struct obstacles *obstacles,
	bool *reads_out, struct error *err)
{
	size_t before = obstacles->count;
	struct reading reading = {
		.arena = arena,
		.obstacles = obstacles,
		.reader_is_newer = reader_is_newer,
		.telling = true,
	};
	bool reads = reader->format->reads(&reading, reader->parsed, writer->parsed);
	/* However intricate, a definition reads what was written as itself. */
	if (reading.exhausted && text_equal(definition_canonical(arena, reader),
					 definition_canonical(arena, writer))) {
		*reads_out = true;
		obstacles->count = before;
		return STATUS_OK;
	}
	if (reading.exhausted)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"the definitions are too intricate to be compared: more than %d pairs of "
			"types, or more than %d in each other",
			LIMIT_COMPARE_STEPS, LIMIT_COMPARE_DEPTH);
	if (!reads && !reading.told)
		(void)reading_tell(&reading, NULL, "retyped", reader->format->name,
			writer->format->name, "the data cannot be read");
	*reads_out = reads;
	return STATUS_OK;
}
