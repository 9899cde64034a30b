#include "crawler/entry.h"

#include "schema/notation.h"

static char *byte_text(struct arena *arena, char byte)
{
	/* Latin-1 delimiters are UTF-8 in messages. */
	unsigned char code = (unsigned char)byte;
	if (code >= 0x80)
		return arena_printf(arena, "%c%c", 0xC0 | code >> 6, 0x80 | (code & 0x3F));
	return arena_text(arena, (struct text){&byte, byte != 0});
}

/* Messages hold UTF-8 without NUL; a sample may hold anything. */
static char *clean_text(struct arena *arena, struct text text)
{
	char *copy = arena_text(arena, text);
	bool good = text_is_utf8(text);
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)copy[i];
		if (byte == 0 || (!good && byte >= 0x80))
			copy[i] = '?';
	}
	return copy;
}

/* A sample is cut at so many bytes, maybe within a character. */
static char *sample_text(struct arena *arena, struct text sample)
{
	for (int cut = 0; cut < 4 && sample.length && !text_is_utf8(sample); cut++) {
		struct text shorter = text_until(sample, sample.length - 1);
		if (text_is_utf8(shorter) || (unsigned char)sample.at[shorter.length] >= 0x80)
			sample = shorter;
		else
			break;
	}
	return clean_text(arena, sample);
}

Tenon__V1__NameType *name_type_new(struct arena *arena, struct text name, const char *type)
{
	Tenon__V1__NameType *column = arena_alloc(arena, sizeof *column);
	tenon__v1__name_type__init(column);
	column->name = clean_text(arena, name);
	column->type = arena_text(arena, text_of(type));
	return column;
}

Tenon__V1__Dialect *dialect_message(struct arena *arena, const struct dialect *dialect)
{
	Tenon__V1__Dialect *message = arena_alloc(arena, sizeof *message);
	tenon__v1__dialect__init(message);
	message->delimiter = byte_text(arena, dialect->delimiter);
	message->quote = byte_text(arena, dialect->quote);
	message->escape = byte_text(arena, dialect->escape);
	message->comment = byte_text(arena, dialect->comment);
	message->header = dialect->header;
	message->skip = dialect->skip;
	message->encoding = arena_text(arena, text_of(dialect->encoding));
	message->null_text = clean_text(arena, text_of(dialect->null_text));
	message->array = dialect->array;
	return message;
}

Tenon__V1__LedgerEntry *entry_new(struct arena *arena, const struct object *object)
{
	Tenon__V1__LedgerEntry *entry = arena_alloc(arena, sizeof *entry);
	tenon__v1__ledger_entry__init(entry);
	entry->path = clean_text(arena, object->path);
	entry->bytes = object->bytes;
	entry->modified_ns = object->modified_ns;
	entry->etag = arena_text(arena, object->etag);
	Tenon__V1__Inferred *inferred = arena_alloc(arena, sizeof *inferred);
	tenon__v1__inferred__init(inferred);
	inferred->path = entry->path;
	inferred->objects = 1;
	inferred->bytes = object->bytes;
	entry->inferred = inferred;
	return entry;
}

/* The file is left out where it is the object itself: the ledger holds many. */
static Tenon__V1__TypeEvidence *arm_message(
	struct arena *arena, const struct evidence_arm *arm, const char *path)
{
	Tenon__V1__TypeEvidence *message = arena_alloc(arena, sizeof *message);
	tenon__v1__type_evidence__init(message);
	message->type = arena_text(arena, text_of(type_text_exact(arena, arm->type)));
	message->values = arm->values;
	if (!text_equal(arm->file, text_of(path)))
		message->file = clean_text(arena, arm->file);
	message->byte = arm->byte;
	message->sample = sample_text(arena, arm->sample);
	return message;
}

static void fill_evidence(
	struct arena *arena, Tenon__V1__Inferred *message, const struct inferred *inferred)
{
	message->evidence = arena_array(arena, inferred->evidence_count, sizeof *message->evidence);
	message->n_evidence = inferred->evidence_count;
	for (size_t i = 0; i < inferred->evidence_count; i++) {
		const struct evidence *seen = &inferred->evidence[i];
		Tenon__V1__ColumnEvidence *column = arena_alloc(arena, sizeof *column);
		tenon__v1__column_evidence__init(column);
		column->path = clean_text(arena, seen->path);
		column->values = seen->values;
		column->nulls = seen->nulls;
		column->n_types = seen->arm_count;
		column->types = arena_array(arena, seen->arm_count, sizeof *column->types);
		for (size_t arm = 0; arm < seen->arm_count; arm++)
			column->types[arm] = arm_message(arena, &seen->arms[arm], message->path);
		message->evidence[i] = column;
	}
}

static void fill_bad(
	struct arena *arena, Tenon__V1__Inferred *message, const struct inferred *inferred)
{
	message->bad_records = inferred->bad_records;
	message->bad = arena_array(arena, inferred->bad_count, sizeof *message->bad);
	message->n_bad = inferred->bad_count;
	for (size_t i = 0; i < inferred->bad_count; i++) {
		Tenon__V1__BadRecord *bad = arena_alloc(arena, sizeof *bad);
		tenon__v1__bad_record__init(bad);
		bad->file = message->path;
		bad->byte = inferred->bad[i].byte;
		bad->record = inferred->bad[i].record;
		bad->reason = arena_text(arena, text_of(inferred->bad[i].reason));
		bad->sample = sample_text(arena, inferred->bad[i].sample);
		message->bad[i] = bad;
	}
}

static void fill_columns(struct arena *arena, Tenon__V1__Inferred *message, const struct type *row)
{
	message->columns = arena_array(arena, row->count, sizeof *message->columns);
	message->n_columns = row->count;
	for (size_t i = 0; i < row->count; i++) {
		const char *type = type_text_exact(arena, row->fields[i].type);
		/* What the notation's reader would refuse is kept as text. */
		if (strlen(type) > LIMIT_TYPE_TEXT_BYTES)
			type = "string";
		message->columns[i] = name_type_new(arena, row->fields[i].name, type);
	}
}

void entry_fill(struct arena *arena, Tenon__V1__LedgerEntry *entry, const struct inferred *inferred)
{
	Tenon__V1__Inferred *message = entry->inferred;
	size_t columns = inferred->row ? inferred->row->count : 0;
	message->classification = arena_text(arena, text_of(inferred->classification));
	message->compression = arena_text(arena, text_of(compression_name(inferred->compression)));
	message->libmagic = clean_text(arena, text_of(inferred->libmagic));
	message->row_count = inferred->rows;
	message->dialect = dialect_message(arena, &inferred->dialect);
	fill_bad(arena, message, inferred);
	fill_evidence(arena, message, inferred);
	if (columns > LIMIT_COLUMNS) {
		entry_fail(arena, entry, "corrupt",
			arena_printf(
				arena, "%zu columns are more than %d", columns, LIMIT_COLUMNS));
		return;
	}
	if (columns)
		fill_columns(arena, message, inferred->row);
	message->outcome = arena_text(arena, columns ? TEXT("ok") : TEXT("empty"));
	if (!columns && inferred->bad_count)
		entry_fail(arena, entry, "corrupt",
			arena_printf(arena,
				"no record can be read; the first is bad at byte %llu: %s",
				(unsigned long long)inferred->bad[0].byte,
				inferred->bad[0].reason));
}

void entry_fail(struct arena *arena, Tenon__V1__LedgerEntry *entry, const char *outcome,
	const char *message)
{
	entry->inferred->outcome = arena_text(arena, text_of(outcome));
	entry->inferred->error = clean_text(arena, text_of(message));
}

bool entry_is_table(const Tenon__V1__LedgerEntry *entry)
{
	return strcmp(entry->inferred->outcome, "ok") == 0;
}
