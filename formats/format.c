#include "formats/format.h"

#include "formats/encoding.h"
#include "formats/magic.h"
#include "formats/recognised.h"
#include "formats/rejects.h"

/* Rows of formats that are only recognised. */
#define RAW_ONLY(what)                                                                           \
	static double classify_##what(                                                           \
		const struct object *object, struct text raw_head, struct text head, bool whole) \
	{                                                                                        \
		(void)object, (void)head, (void)whole;                                           \
		return recognised_##what(raw_head);                                              \
	}
#define HEAD_ONLY(what)                                                                          \
	static double classify_##what(                                                           \
		const struct object *object, struct text raw_head, struct text head, bool whole) \
	{                                                                                        \
		(void)object, (void)raw_head, (void)whole;                                       \
		return recognised_##what(head);                                                  \
	}
RAW_ONLY(avro)
RAW_ONLY(orc)
HEAD_ONLY(bson)
HEAD_ONLY(xml)
HEAD_ONLY(ion)
HEAD_ONLY(combined_log)
HEAD_ONLY(common_log)
HEAD_ONLY(syslog)

static const struct format format_avro = {.classification = "avro", .classify = classify_avro};
static const struct format format_orc = {.classification = "orc", .classify = classify_orc};
static const struct format format_bson = {.classification = "bson", .classify = classify_bson};
static const struct format format_xml = {.classification = "xml", .classify = classify_xml};
static const struct format format_ion = {.classification = "ion", .classify = classify_ion};
static const struct format format_combined_log = {
	.classification = "combined_apache", .classify = classify_combined_log};
static const struct format format_common_log = {
	.classification = "apache", .classify = classify_common_log};
static const struct format format_syslog = {
	.classification = "syslog", .classify = classify_syslog};

/* In Glue's order (glue-behaviour 2.3): the first that is certain ends the search,
 * else the most certain wins. */
static const struct format *const formats[] = {
	&format_avro,
	&format_orc,
	&format_parquet,
	&format_json,
	&format_bson,
	&format_xml,
	&format_ion,
	&format_combined_log,
	&format_common_log,
	&format_syslog,
	&format_csv,
};
enum { FORMAT_COUNT = sizeof formats / sizeof *formats };

double format_of_heads(const struct object *object, struct text raw_head, struct text head,
	bool whole, const struct format **format_out)
{
	double best = 0;
	*format_out = NULL;
	for (size_t i = 0; i < FORMAT_COUNT && best < 1; i++) {
		double certainty = formats[i]->classify(object, raw_head, head, whole);
		if (certainty > best) {
			best = certainty;
			*format_out = formats[i];
		}
	}
	return best;
}

/* Text has no zero bytes, unless it is UTF-16; data has them soon. */
static bool is_binary(struct text head, bool whole)
{
	return text_find(head, '\0') < head.length &&
	       !text_starts(text_of(encoding_detect(head, whole)), TEXT("utf-16"));
}

static enum status raw_head_read(struct store *store, const struct object *object,
	struct arena *arena, struct text *head_out, struct error *err)
{
	OWNED(object_file) file = NULL;
	TRY(object_open(store, object, &file, err));
	uint64_t wanted = object->bytes < FORMAT_HEAD_BYTES ? object->bytes : FORMAT_HEAD_BYTES;
	char *bytes = arena_alloc(arena, (size_t)wanted + 1);
	size_t length = 0;
	TRY(object_read(file, 0, bytes, (size_t)wanted, &length, err));
	*head_out = (struct text){bytes, length};
	return STATUS_OK;
}

static void decide(const struct object *object, struct text raw_head, struct text head, bool whole,
	struct arena *arena, struct inferred *inferred, const struct format **format_out)
{
	const struct format *format = NULL;
	(void)format_of_heads(object, raw_head, head, whole, &format);
	if (format == &format_csv && is_binary(head, whole))
		format = NULL;
	if (!format)
		return;
	inferred->classification = format->classification;
	if (format->infer)
		*format_out = format;
	else
		inferred->unsupported = arena_printf(arena,
			"format '%s' is recognised but not read yet", format->classification);
}

enum status format_classify(struct store *store, const struct object *object, struct arena *arena,
	struct inferred *inferred_out, const struct format **format_out, struct error *err)
{
	struct text raw_head = {0};
	struct inferred inferred = {.classification = "UNKNOWN"};
	const struct format *format = NULL;
	OWNED(arena) heads = arena_new();
	TRY(raw_head_read(store, object, heads, &raw_head, err));
	inferred.libmagic = arena_text(arena, text_of(magic_mime(raw_head)));
	const char *compression = recognised_compression(raw_head);
	if (compression) {
		inferred.unsupported = arena_printf(arena,
			"compression '%s' is recognised but not read yet: use gzip or zstd",
			compression);
	} else {
		OWNED(source) source = NULL;
		struct text head = {0};
		bool whole = false;
		TRY(source_open(store, object, &source, err));
		TRY(source_peek(source, FORMAT_HEAD_BYTES, &head, &whole, err));
		inferred.compression = source_compression(source);
		decide(object, raw_head, head, whole, arena, &inferred, &format);
		if (!format && !inferred.unsupported && !whole) {
			/* Records of thousands of columns: too few of them in the usual head. */
			TRY(source_peek(source, FORMAT_LONG_HEAD_BYTES, &head, &whole, err));
			decide(object, raw_head, head, whole, arena, &inferred, &format);
		}
	}
	*inferred_out = inferred;
	*format_out = format;
	return STATUS_OK;
}

enum status format_infer(const struct format *format, struct store *store,
	const struct object *object, unsigned threads, const volatile bool *stop,
	struct arena *arena, struct inferred *inferred, struct error *err)
{
	return format->infer(store, object, threads, stop, arena, inferred, err);
}

const struct format *format_find(const char *classification)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (formats[i]->infer && strcmp(formats[i]->classification, classification) == 0)
			return formats[i];
	}
	return NULL;
}

const char *format_name(const struct format *format)
{
	return format->classification;
}

bool format_can_read(const struct format *format)
{
	return format->open_reader != NULL;
}

enum status reader_open(const struct format *format, struct store *store,
	const struct object *object, const struct read_request *request, struct reader **reader_out,
	struct error *err)
{
	if (!format->open_reader)
		return fail(err, STATUS_UNIMPLEMENTED,
			"format '%s' has no reader here: the engine reads it itself",
			format->classification);
	return format->open_reader(store, object, request, reader_out, err);
}

void reader_free(struct reader *reader)
{
	if (reader)
		reader->ops->free(reader);
}

void reader_bad_records(
	struct reader *reader, struct arena *arena, struct bad_record **bad_out, size_t *count_out)
{
	rejects_list(reader->rejects, arena, bad_out, count_out);
}
