#include "base/memory.h"
#include "formats/json.h"
#include "schema/vector.h"
#include "tests/formats/json_batch.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct read_request everything(const struct type *row)
{
	size_t *projection = memory_new_array(row->count + 1, sizeof *projection);
	for (size_t i = 0; i < row->count; i++)
		projection[i] = i;
	return (struct read_request){.row = row, .projection = projection, .projected = row->count};
}

static uint64_t infer(
	struct text text, size_t block_bytes, struct arena *arena, struct inferred *inferred)
{
	struct error err;
	OWNED(source) source = NULL;
	struct json_inference how = {.file = TEXT("x"), .threads = 1, .block_bytes = block_bytes};
	if (source_open_memory(text, &source, &err) != STATUS_OK)
		return 0;
	const char *encoding = NULL;
	if (json_shape_read(source, &how.shape, &encoding, &err) != STATUS_OK)
		return 0;
	if (json_infer_source(TAKE(source), &how, arena, inferred, &err) != STATUS_OK)
		return 0;
	return inferred->rows * 1000003 + inferred->bad_records;
}

/* As many rows are read as were inferred, and each value has its column's type. */
static void read_back(struct text text, const struct inferred *inferred)
{
	struct error err;
	struct json_shape shape;
	const char *encoding = NULL;
	OWNED(source) source = NULL;
	OWNED(reader) reader = NULL;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 1 << 26);
	struct read_request request = everything(inferred->row);
	if (source_open_memory(text, &source, &err) != STATUS_OK ||
		json_shape_read(source, &shape, &encoding, &err) != STATUS_OK ||
		json_read_source(TAKE(source), shape, 33, &request, &reader, &err) != STATUS_OK)
		abort();
	struct reader_state *state = reader->ops->state_new(reader);
	if (batch_read(reader, state, &request, &out, &err) != STATUS_OK)
		abort();
	reader->ops->state_free(state);
	if (rejects_count(reader->rejects) != inferred->bad_records)
		abort();
	free((void *)(uintptr_t)request.projection);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct text text = {(const char *)bytes, length};
	OWNED(arena) arena = arena_new();
	struct inferred one = {0};
	struct inferred other = {0};
	uint64_t whole = infer(text, 1 << 20, arena, &one);
	if (infer(text, 1 + length % 7, arena, &other) != whole)
		abort();
	if (one.row && other.row && !type_equal(one.row, other.row))
		abort();
	if (one.row)
		read_back(text, &one);
	return 0;
}
