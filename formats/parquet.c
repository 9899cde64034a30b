#include "formats/parquet.h"

#include "base/memory.h"

#include <stdlib.h>

/* Only a Parquet file's footer is read here, for its schema and number of rows;
 * the engine reads the data. The file ends in: metadata · its length in 4 bytes,
 * low byte first · "PAR1" (parquet-format, README.md, "File format"). */

enum { MAGIC_BYTES = 4, TAIL_BYTES = 8, FILE_BYTES_LEAST = 12 };

static double parquet_classify(
	const struct object *object, struct text raw_head, struct text head, bool whole)
{
	(void)head, (void)whole;
	return object->bytes >= FILE_BYTES_LEAST &&
	       (text_starts(raw_head, TEXT("PAR1")) || text_starts(raw_head, TEXT("PARE")));
}

static enum status read_exactly(
	struct object_file *file, uint64_t offset, void *bytes, size_t length, struct error *err)
{
	size_t read = 0;
	for (size_t got = 0; got < length; got += read) {
		TRY(object_read(file, offset + got, (char *)bytes + got, length - got, &read, err));
		if (read == 0)
			return fail(err, STATUS_DATA_LOSS, "the object ends at byte %llu",
				(unsigned long long)(offset + got));
	}
	return STATUS_OK;
}

/* Where the metadata stands. */
static enum status find_footer(struct object_file *file, uint64_t bytes, uint64_t *at_out,
	size_t *length_out, struct error *err)
{
	unsigned char tail[TAIL_BYTES];
	if (bytes < FILE_BYTES_LEAST)
		return fail(err, STATUS_DATA_LOSS, "%llu bytes are too few for a Parquet file",
			(unsigned long long)bytes);
	TRY(read_exactly(file, bytes - TAIL_BYTES, tail, sizeof tail, err));
	if (memcmp(tail + 4, "PARE", MAGIC_BYTES) == 0)
		return fail(err, STATUS_UNIMPLEMENTED,
			"the footer is encrypted: write the file with a plaintext footer");
	if (memcmp(tail + 4, "PAR1", MAGIC_BYTES) != 0)
		return fail(err, STATUS_DATA_LOSS,
			"byte %llu: the file does not end in 'PAR1': it was cut short",
			(unsigned long long)(bytes - MAGIC_BYTES));
	uint64_t length = (uint64_t)tail[0] | (uint64_t)tail[1] << 8 | (uint64_t)tail[2] << 16 |
			  (uint64_t)tail[3] << 24;
	if (length > bytes - FILE_BYTES_LEAST)
		return fail(err, STATUS_DATA_LOSS,
			"byte %llu: a footer of %llu bytes does not fit into the file",
			(unsigned long long)(bytes - TAIL_BYTES), (unsigned long long)length);
	if (length > LIMIT_FOOTER_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"the footer has %llu bytes, more than %u", (unsigned long long)length,
			LIMIT_FOOTER_BYTES);
	*at_out = bytes - TAIL_BYTES - length;
	*length_out = (size_t)length;
	return STATUS_OK;
}

static enum status infer_footer(
	struct text bytes, struct arena *arena, struct inferred *inferred, struct error *err)
{
	OWNED(arena) scratch = arena_new();
	struct parquet_footer footer;
	TRY(parquet_footer_parse(bytes, scratch, &footer, err));
	TRY(parquet_row(arena, &footer, &inferred->row, err));
	inferred->rows = (uint64_t)footer.rows;
	inferred->typed = true;
	inferred->compression = COMPRESSION_NONE;
	return STATUS_OK;
}

static enum status parquet_infer(struct store *store, const struct object *object, unsigned threads,
	const volatile bool *stop, struct arena *arena, struct inferred *inferred,
	struct error *err)
{
	(void)threads, (void)stop;
	OWNED(object_file) file = NULL;
	uint64_t at = 0;
	size_t length = 0;
	TRY(object_open(store, object, &file, err));
	TRY(find_footer(file, object->bytes, &at, &length, err));
	char *bytes = memory_new(length + 1);
	enum status status = read_exactly(file, at, bytes, length, err);
	if (status == STATUS_OK)
		status = infer_footer((struct text){bytes, length}, arena, inferred, err);
	free(bytes);
	return status == STATUS_OK
		       ? status
		       : fail_within(err, "footer at byte %llu", (unsigned long long)at);
}

const struct format format_parquet = {
	.classification = "parquet",
	.classify = parquet_classify,
	.infer = parquet_infer,
};
