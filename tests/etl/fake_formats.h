#pragma once

/* Formats for tests of the run alone: "csv" lines without quotes, read by several
 * threads one block at a time; "parquet", which the engine reads. The definitions
 * are weak and give way to the real ones when those are linked. */
#include "base/memory.h"
#include "formats/format.h"
#include "formats/rejects.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define WEAK __attribute__((weak))

struct fake_reader {
	struct reader reader;
	struct read_request request;
	pthread_mutex_t lock;
	char *bytes;
	size_t length, at, record;
};
struct reader_state {
	struct fake_reader *reader;
	char *block;
};

static struct reader_state *fake_state_new(struct reader *reader)
{
	struct reader_state *state = memory_new(sizeof *state);
	state->reader = (struct fake_reader *)reader;
	return state;
}

static void fake_state_free(struct reader_state *state)
{
	free(state->block);
	free(state);
}

static bool fake_value(struct vector *vector, size_t row, struct text text)
{
	switch (vector->type->kind) {
	case TYPE_INT: {
		int64_t value = 0;
		bool whole = text.length && text_int64(text, &value) == text.length;
		((int32_t *)vector->data)[row] = (int32_t)value;
		return whole;
	}
	case TYPE_BIGINT:
		return text.length &&
		       text_int64(text, &((int64_t *)vector->data)[row]) == text.length;
	case TYPE_DOUBLE:
		return text.length &&
		       text_double(text, &((double *)vector->data)[row]) == text.length;
	default:
		((struct vector_string *)vector->data)[row] = vector_string_of(text);
		return true;
	}
}

static size_t fake_split(struct text line, struct text *fields, size_t most)
{
	size_t count = 0;
	bool more = true;
	struct text piece;
	while (text_split(&line, &more, ',', &piece)) {
		if (count < most)
			fields[count] = piece;
		count++;
	}
	return count;
}

static void fake_line(
	struct fake_reader *fake, struct text line, struct vector *columns, size_t *rows)
{
	struct text fields[32];
	const struct type *row = fake->request.row;
	if (fake_split(line, fields, 32) != row->count) {
		rejects_add(fake->reader.rejects, (uint64_t)fake->at, fake->record,
			"wrong number of fields", line);
		return;
	}
	for (size_t i = 0; i < fake->request.projected; i++) {
		if (!fake_value(&columns[i], *rows, fields[fake->request.projection[i]])) {
			vector_set_null(&columns[i], *rows);
			atomic_fetch_add(&fake->reader.bad_values, 1);
		}
	}
	(*rows)++;
}

static enum status fake_next(
	struct reader_state *state, struct vector *columns, size_t *rows_out, struct error *err)
{
	(void)err;
	struct fake_reader *fake = state->reader;
	size_t rows = 0;
	pthread_mutex_lock(&fake->lock);
	size_t from = fake->at, used = 0;
	free(state->block);
	state->block = memory_new(fake->length - from + 1);
	memcpy(state->block, fake->bytes + from, fake->length - from);
	while (rows < 100 && fake->at < fake->length) {
		struct text rest = {state->block + used, fake->length - from - used};
		size_t end = text_find(rest, '\n');
		fake_line(fake, text_until(rest, end), columns, &rows);
		fake->record++;
		used += end + 1;
		fake->at = from + used < fake->length ? from + used : fake->length;
	}
	pthread_mutex_unlock(&fake->lock);
	*rows_out = rows;
	return STATUS_OK;
}

static void fake_free(struct reader *reader)
{
	struct fake_reader *fake = (struct fake_reader *)reader;
	pthread_mutex_destroy(&fake->lock);
	free(fake->bytes);
}

static uint64_t fake_position(struct reader *reader)
{
	return ((struct fake_reader *)reader)->at;
}

static const struct reader_ops fake_ops = {
	fake_state_new, fake_state_free, fake_next, fake_free, fake_position};

static enum status fake_open(struct store *store, const struct object *object,
	const struct read_request *request, struct reader **reader_out, struct error *err)
{
	OWNED(object_file) file = NULL;
	TRY(object_open(store, object, &file, err));
	struct fake_reader *fake = memory_new(sizeof *fake);
	fake->reader.ops = &fake_ops;
	fake->reader.rejects = rejects_new();
	fake->request = *request;
	pthread_mutex_init(&fake->lock, NULL);
	fake->bytes = memory_new(object->bytes + 1);
	*reader_out = &fake->reader;
	TRY(object_read(file, 0, fake->bytes, object->bytes, &fake->length, err));
	if (request->dialect.header)
		fake->at = text_find((struct text){fake->bytes, fake->length}, '\n') + 1;
	if (strstr(fake->bytes, "CORRUPT")) {
		reader_free(&fake->reader);
		return fail(err, STATUS_DATA_LOSS, "cut short at byte 9");
	}
	return STATUS_OK;
}

static const struct format fake_csv = {"csv", NULL, NULL, fake_open};
static const struct format fake_parquet = {"parquet", NULL, NULL, NULL};

WEAK const struct format *format_find(const char *classification)
{
	return strcmp(classification, "csv") == 0	? &fake_csv
	       : strcmp(classification, "parquet") == 0 ? &fake_parquet
							: NULL;
}

WEAK const char *format_name(const struct format *format)
{
	return format->classification;
}

WEAK bool format_can_read(const struct format *format)
{
	return format->open_reader != NULL;
}

WEAK enum status format_classify(struct store *store, const struct object *object,
	struct arena *arena, struct inferred *inferred, const struct format **format_out,
	struct error *err)
{
	(void)store, (void)arena;
	inferred->classification = text_ends(object->path, TEXT(".csv")) ? "csv" : "parquet";
	*format_out = format_find(inferred->classification);
	return *format_out ? STATUS_OK : fail(err, STATUS_UNIMPLEMENTED, "no format");
}

WEAK enum status format_infer(const struct format *format, struct store *store,
	const struct object *object, unsigned threads, const volatile bool *stop,
	struct arena *arena, struct inferred *inferred, struct error *err)
{
	(void)format, (void)store, (void)object, (void)threads, (void)stop, (void)arena,
		(void)inferred;
	return fail(err, STATUS_UNIMPLEMENTED, "the test's formats do not infer");
}

WEAK enum status reader_open(const struct format *format, struct store *store,
	const struct object *object, const struct read_request *request, struct reader **reader_out,
	struct error *err)
{
	return format->open_reader(store, object, request, reader_out, err);
}

WEAK void reader_free(struct reader *reader)
{
	if (!reader)
		return;
	reader->ops->free(reader);
	rejects_free(reader->rejects);
	free(reader);
}

WEAK void reader_bad_records(
	struct reader *reader, struct arena *arena, struct bad_record **bad_out, size_t *count_out)
{
	rejects_list(reader->rejects, arena, bad_out, count_out);
}
