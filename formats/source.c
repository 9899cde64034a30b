#include "formats/source.h"

#include "base/memory.h"
#include "formats/codec.h"
#include "formats/encoding.h"

#include <stdlib.h>

/* stored bytes → intake → codec → (peeked head) → (encoding) → caller */
struct source {
	struct intake intake;
	const struct codec *codec;
	void *state; /* the codec's */
	/* Decoded bytes not handed out yet: a peeked head, or an encoding's input. */
	char *held;
	size_t held_at, held_length, held_capacity;
	bool decoded_all;
	const struct encoding *encoding; /* NULL: as they are */
	/* A character that did not fit into the caller's last few bytes. */
	char spill[ENCODING_CHARACTER_MAX];
	size_t spill_at, spill_length;
	uint64_t position;
};

enum { HELD_BYTES = 64 * 1024, HEAD_BYTES = 18 };

static const struct codec *const codecs[] = {&codec_gzip, &codec_zstd, &codec_plain};

static const char *const names[COMPRESSION_COUNT_] = {
	[COMPRESSION_NONE] = "none",
	[COMPRESSION_GZIP] = "gzip",
	[COMPRESSION_ZSTD] = "zstd",
};

const char *compression_name(enum compression compression)
{
	return names[compression];
}

enum status intake_fill(struct intake *intake, struct error *err)
{
	if (intake->at < intake->length || intake->ended)
		return STATUS_OK;
	size_t fetched = 0;
	TRY(intake->fetch(
		intake->file, intake->fetched, intake->buffer, INTAKE_BYTES, &fetched, err));
	intake->bytes = intake->buffer;
	intake->at = 0;
	intake->length = fetched;
	intake->fetched += fetched;
	intake->ended = fetched == 0;
	return STATUS_OK;
}

uint64_t intake_position(const struct intake *intake)
{
	return intake->fetched - (intake->length - intake->at);
}

static void intake_done(struct intake *intake)
{
	if (intake->close)
		intake->close(intake->file);
	free(intake->buffer);
}

void source_free(struct source *source)
{
	if (!source)
		return;
	if (source->codec && source->codec->state_free)
		source->codec->state_free(source->state);
	intake_done(&source->intake);
	free(source->held);
	free(source);
}

enum status source_open_intake(struct intake *intake, struct source **source_out, struct error *err)
{
	OWNED(source) source = memory_new(sizeof *source);
	source->intake = *intake;
	TRY(intake_fill(&source->intake, err));
	struct text head = {source->intake.bytes, source->intake.length};
	size_t last = sizeof codecs / sizeof *codecs - 1; /* plain bytes are anything else */
	size_t i = 0;
	while (i < last && !codecs[i]->is(text_until(head, HEAD_BYTES)))
		i++;
	source->codec = codecs[i];
	if (source->codec->state_new)
		source->state = source->codec->state_new();
	*source_out = TAKE(source);
	return STATUS_OK;
}

enum status source_open_memory(struct text bytes, struct source **source_out, struct error *err)
{
	struct intake intake = {
		.bytes = bytes.at, .length = bytes.length, .fetched = bytes.length, .ended = true};
	return source_open_intake(&intake, source_out, err);
}

enum compression source_compression(const struct source *source)
{
	return source->codec->compression;
}

static enum status decode(
	struct source *source, char *bytes, size_t capacity, size_t *decoded_out, struct error *err)
{
	*decoded_out = 0;
	if (source->decoded_all || capacity == 0)
		return STATUS_OK;
	TRY(source->codec->decode(
		source->state, &source->intake, bytes, capacity, decoded_out, err));
	source->decoded_all = *decoded_out == 0;
	return STATUS_OK;
}

/* Adds to what is held until it is `wanted` bytes or everything. */
static enum status hold(struct source *source, size_t wanted, struct error *err)
{
	if (source->held_at > 0) {
		memmove(source->held, source->held + source->held_at,
			source->held_length - source->held_at);
		source->held_length -= source->held_at;
		source->held_at = 0;
	}
	if (wanted > source->held_capacity) {
		source->held = memory_resize(source->held, wanted, 1);
		source->held_capacity = wanted;
	}
	while (source->held_length < wanted && !source->decoded_all) {
		size_t decoded = 0;
		TRY(decode(source, source->held + source->held_length, wanted - source->held_length,
			&decoded, err));
		source->held_length += decoded;
	}
	return STATUS_OK;
}

static struct text held(const struct source *source)
{
	if (!source->held)
		return (struct text){"", 0};
	return (struct text){source->held + source->held_at, source->held_length - source->held_at};
}

enum status source_peek(struct source *source, size_t wanted, struct text *head_out,
	bool *whole_out, struct error *err)
{
	/* One byte more tells whether something follows. */
	TRY(hold(source, wanted + 1, err));
	*head_out = text_until(held(source), wanted);
	*whole_out = held(source).length <= wanted;
	return STATUS_OK;
}

enum status source_set_encoding(struct source *source, const char *encoding, struct error *err)
{
	const struct encoding *found = encoding_find(encoding);
	if (!found)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"unknown encoding '%s': one of utf-8, utf-16le, utf-16be, latin-1",
			encoding);
	struct text head;
	bool whole;
	TRY(source_peek(source, 4, &head, &whole, err));
	if (!found->decode && text_starts(head, TEXT("\xef\xbb\xbf"))) {
		source->held_at += 3;
		source->position = 3;
	} else if (strcmp(encoding, "utf-16le") == 0 && text_starts(head, TEXT("\xff\xfe"))) {
		source->held_at += 2;
	} else if (strcmp(encoding, "utf-16be") == 0 && text_starts(head, TEXT("\xfe\xff"))) {
		source->held_at += 2;
	}
	source->encoding = found->decode ? found : NULL;
	return STATUS_OK;
}

static size_t take_spill(struct source *source, char *bytes, size_t capacity)
{
	size_t length = source->spill_length - source->spill_at;
	length = length < capacity ? length : capacity;
	memcpy(bytes, source->spill + source->spill_at, length);
	source->spill_at += length;
	return length;
}

/* Room for less than one character: decode one aside and hand out its front. */
static void spill(struct source *source, struct text *from)
{
	char *to = source->spill;
	struct text one = text_until(*from, ENCODING_CHARACTER_MAX);
	size_t before = one.length;
	source->encoding->decode(&one, source->decoded_all && before == from->length, &to,
		source->spill + sizeof source->spill);
	*from = text_from(*from, before - one.length);
	source->spill_at = 0;
	source->spill_length = (size_t)(to - source->spill);
}

static enum status read_encoded(
	struct source *source, char *bytes, size_t capacity, size_t *read_out, struct error *err)
{
	char *to = bytes + take_spill(source, bytes, capacity);
	char *end = bytes + capacity;
	while (to == bytes) {
		if (held(source).length < ENCODING_CHARACTER_MAX)
			TRY(hold(source, HELD_BYTES, err));
		struct text from = held(source);
		if (from.length == 0)
			break;
		source->encoding->decode(&from, source->decoded_all, &to, end);
		if (to == bytes) {
			spill(source, &from);
			to += take_spill(source, to, (size_t)(end - to));
		}
		source->held_at = source->held_length - from.length;
	}
	*read_out = (size_t)(to - bytes);
	return STATUS_OK;
}

enum status source_read(
	struct source *source, void *bytes, size_t capacity, size_t *read_out, struct error *err)
{
	size_t read = 0;
	if (capacity == 0) {
		*read_out = 0;
		return STATUS_OK;
	}
	if (source->encoding) {
		TRY(read_encoded(source, bytes, capacity, &read, err));
	} else if (held(source).length) {
		struct text head = text_until(held(source), capacity);
		memcpy(bytes, head.at, head.length);
		source->held_at += head.length;
		read = head.length;
	} else {
		TRY(decode(source, bytes, capacity, &read, err));
	}
	source->position += read;
	*read_out = read;
	return STATUS_OK;
}

uint64_t source_position(const struct source *source)
{
	return source->position;
}

uint64_t source_raw_position(const struct source *source)
{
	return intake_position(&source->intake);
}
