#include "formats/json.h"

#include "base/memory.h"
#include "formats/encoding.h"

#include <stdlib.h>

/* The file's head as UTF-8: `head` itself, or made from UTF-16 into `*made_out`. */
static struct text head_utf8(struct text head, const char *encoding, char **made_out)
{
	const struct encoding *from = encoding_find(encoding);
	if (!from || !from->decode)
		return head;
	*made_out = memory_new(head.length * 2 + ENCODING_CHARACTER_MAX);
	char *to = *made_out;
	from->decode(&head, false, &to, *made_out + head.length * 2);
	return (struct text){*made_out, (size_t)(to - *made_out)};
}

/* JSON is UTF-8 (RFC 8259, 8.1); UTF-16 is taken when it says so. A text that
 * happens not to be UTF-8 is not guessed at: its bad strings are bad records. */
static const char *encoding_of(struct text head, bool whole)
{
	const char *encoding = encoding_detect(head, whole);
	return text_starts(text_of(encoding), TEXT("utf-16")) ? encoding : "utf-8";
}

enum status json_shape_read(struct source *source, struct json_shape *shape_out,
	const char **encoding_out, struct error *err)
{
	struct text head = {0};
	bool whole = false;
	TRY(source_peek(source, FORMAT_HEAD_BYTES, &head, &whole, err));
	const char *encoding = encoding_of(head, whole);
	char *made = NULL;
	bool json = json_shape_of(head_utf8(head, encoding, &made), whole, shape_out);
	free(made);
	if (!json) /* what a crawl called JSON may have changed: all of it will be bad records */
		*shape_out = (struct json_shape){.framing = JSON_LINES};
	*encoding_out = encoding;
	if (strcmp(encoding, "utf-8") != 0)
		TRY(source_set_encoding(source, encoding, err));
	return STATUS_OK;
}

static double json_classify(
	const struct object *object, struct text raw_head, struct text head, bool whole)
{
	(void)object;
	(void)raw_head;
	struct json_shape shape;
	char *made = NULL;
	double certainty =
		json_shape_of(head_utf8(head, encoding_of(head, whole), &made), whole, &shape);
	free(made);
	return certainty;
}

static enum status json_infer(struct store *store, const struct object *object, unsigned threads,
	const volatile bool *stop, struct arena *arena, struct inferred *inferred,
	struct error *err)
{
	OWNED(source) source = NULL;
	TRY(source_open(store, object, &source, err));
	struct json_inference how = {
		.file = object->path,
		.threads = threads,
		.block_bytes = BLOCK_BYTES_DEFAULT,
		.stop = stop,
	};
	TRY(json_shape_read(source, &how.shape, &inferred->dialect.encoding, err));
	if (object->bytes < 4 * (uint64_t)BLOCK_BYTES_DEFAULT &&
		source_compression(source) == COMPRESSION_NONE)
		how.threads = 1;
	return json_infer_source(TAKE(source), &how, arena, inferred, err);
}

static enum status json_open_reader(struct store *store, const struct object *object,
	const struct read_request *request, struct reader **reader_out, struct error *err)
{
	OWNED(source) source = NULL;
	TRY(source_open(store, object, &source, err));
	struct json_shape shape;
	const char *encoding = NULL;
	TRY(json_shape_read(source, &shape, &encoding, err));
	return json_read_source(TAKE(source), shape, BLOCK_BYTES_DEFAULT, request, reader_out, err);
}

const struct format format_json = {
	.classification = "json",
	.classify = json_classify,
	.infer = json_infer,
	.open_reader = json_open_reader,
};
