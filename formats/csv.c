#include "formats/csv.h"

#include "formats/csv_dialect.h"
#include "formats/csv_value.h"
#include "formats/encoding.h"

/* `head` as UTF-8 without a mark, with padding behind it. */
static struct text sample_text(struct arena *arena, struct text head, bool whole, const char *name)
{
	const struct encoding *encoding = encoding_find(name);
	/* Every byte of Latin-1 may become three, two of UTF-16 as well. */
	size_t capacity = head.length * 3 + ENCODING_CHARACTER_MAX;
	char *bytes = arena_alloc(arena, capacity + BLOCK_PADDING);
	char *to = bytes;
	if (encoding->decode)
		encoding->decode(&head, whole, &to, bytes + capacity);
	else if (head.length)
		to = mempcpy(to, head.at, head.length);
	struct text sample = {bytes, (size_t)(to - bytes)};
	return text_from(sample, text_starts(sample, TEXT("\xef\xbb\xbf")) ? 3 : 0);
}

static enum status open_source(
	const struct csv_input *input, struct source **source_out, struct error *err)
{
	if (input->memory.at)
		return source_open_memory(input->memory, source_out, err);
	return source_open(input->store, input->object, source_out, err);
}

static enum status name_columns(struct arena *arena, const struct csv_sample *sample, bool whole,
	struct csv_file *file, struct error *err)
{
	if (file->dialect.header && sample->count == 0 && !whole)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "the header is larger than %d bytes",
			CSV_SAMPLE_BYTES);
	file->columns = csv_column_count(sample, file->dialect.header);
	if (file->columns > LIMIT_COLUMNS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "%zu columns, more than %d",
			file->columns, LIMIT_COLUMNS);
	const struct csv_record *header =
		file->dialect.header && sample->count ? &sample->records[0] : NULL;
	file->names = csv_names(arena, header, &file->dialect, file->columns);
	return STATUS_OK;
}

/* Bytes before the first record that is data. */
static size_t head_bytes(
	const struct csv_sample *sample, const struct dialect *dialect, struct text text)
{
	if (sample->count == 0)
		return dialect->header || dialect->skip ? text.length : 0;
	if (dialect->header)
		return sample->records[0].end;
	return dialect->skip ? sample->records[0].start : 0;
}

enum status csv_file_open(const struct csv_input *input, const struct dialect *said,
	struct arena *arena, struct csv_file *file, struct error *err)
{
	OWNED(source) source = NULL;
	OWNED(arena) scratch = arena_new();
	struct text head;
	bool whole;
	*file = (struct csv_file){.dialect = *said};
	struct dialect *dialect = &file->dialect;
	TRY(open_source(input, &source, err));
	TRY(source_peek(source, CSV_SAMPLE_BYTES, &head, &whole, err));
	const char *told = dialect->encoding ? dialect->encoding : encoding_detect(head, whole);
	struct text copy = arena_copy(scratch, head);
	TRY(source_set_encoding(source, told, err));
	dialect->encoding = encoding_find(told)->name;
	struct text text = sample_text(scratch, copy, whole, told);
	size_t columns;
	if (!said->known)
		(void)csv_dialect_detect(scratch, text, whole, dialect, &columns);
	struct csv_sample sample;
	csv_sample_read(scratch, text, whole, dialect, CSV_SAMPLE_RECORDS, &sample);
	if (!said->known)
		dialect->header = said->header || csv_header_detect(scratch, &sample);
	dialect->known = true;
	TRY(name_columns(arena, &sample, whole, file, err));
	size_t before = head_bytes(&sample, dialect, text);
	file->data_position = source_position(source) + before;
	csv_boundary_init(&file->boundary, dialect, before);
	file->blocks = blocks_new(TAKE(source), &file->boundary.boundary,
		input->block_bytes ? input->block_bytes : BLOCK_BYTES_DEFAULT,
		input->record_bytes_max ? input->record_bytes_max : LIMIT_RECORD_BYTES);
	return STATUS_OK;
}

void csv_file_close(struct csv_file *file)
{
	blocks_free(file->blocks);
	file->blocks = NULL;
}

/* Certainty that `head` begins a CSV object (Glue's rule and more: csv_dialect.h). */
static double classify(
	const struct object *object, struct text raw_head, struct text head, bool whole)
{
	OWNED(arena) scratch = arena_new();
	struct dialect dialect = {0};
	size_t columns;
	(void)object;
	(void)raw_head;
	if (head.length == 0)
		return 0;
	struct text text = sample_text(scratch, head, whole, encoding_detect(head, whole));
	if (text_starts(text_trimmed(text_until(text, 256)), TEXT("<")))
		return 0; /* XML or HTML, never a table */
	return csv_dialect_detect(scratch, text, whole, &dialect, &columns);
}

static enum status infer(struct store *store, const struct object *object, unsigned threads,
	const volatile bool *stop, struct arena *arena, struct inferred *inferred,
	struct error *err)
{
	struct csv_input input = {.store = store, .object = object};
	return csv_infer(&input, threads, stop, arena, inferred, err);
}

static enum status open_reader(struct store *store, const struct object *object,
	const struct read_request *request, struct reader **reader_out, struct error *err)
{
	struct csv_input input = {.store = store, .object = object};
	return csv_reader_open(&input, request, reader_out, err);
}

const struct format format_csv = {
	.classification = "csv",
	.classify = classify,
	.infer = infer,
	.open_reader = open_reader,
};
