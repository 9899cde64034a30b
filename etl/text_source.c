#include "etl/cast.h"
#include "etl/faults.h"
#include "etl/source.h"

#include "base/memory.h"
#include "engine/engine.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Many text files as one table of the engine. Threads take files from a counter;
 * a thread that finds none left helps with one that is still being read. The
 * table's columns are the files' columns, then each partition key as text.
 *
 *   next_file ─► opening ─► open (users > 0) ─► drained ─► closed at the last user
 */
struct text_table {
	struct source *source;
	const struct type *row;
};

struct open_file {
	struct open_file *next;
	size_t index;
	struct reader *reader;
	uint64_t rows; /* atomic */
	unsigned users;
	bool drained; /* one thread met its end: nobody joins any more */
};

struct scan {
	struct text_table *table;
	size_t *projection; /* as asked: keys come after the columns */
	size_t *fields; /* the columns among them */
	size_t projected, field_count;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t next_file;
	unsigned opening;
	bool failed;
	struct open_file *open;
	uint64_t closed_bytes, rows;
};

struct state {
	struct scan *scan;
	struct open_file *file;
	struct reader_state *reading;
	struct vector *columns; /* the reader's: those of its own */
};

static enum status on_scan(
	void *data, const size_t *projection, size_t projected, void **scan_out, struct error *err)
{
	(void)err;
	struct scan *scan = memory_new(sizeof *scan);
	scan->table = data;
	scan->projected = projected;
	scan->projection = memory_new_array(projected + 1, sizeof *scan->projection);
	scan->fields = memory_new_array(projected + 1, sizeof *scan->fields);
	for (size_t i = 0; i < projected; i++) {
		scan->projection[i] = projection[i];
		if (projection[i] < scan->table->row->count)
			scan->fields[scan->field_count++] = projection[i];
	}
	pthread_mutex_init(&scan->lock, NULL);
	pthread_cond_init(&scan->changed, NULL);
	*scan_out = scan;
	return STATUS_OK;
}

/* What a file's reader met, once; later scans of the same file say the same. */
static void tell_bad(struct source *source, const struct open_file *open)
{
	OWNED(arena) arena = arena_new();
	struct source_file *file = &source->files[open->index];
	struct reader *reader = open->reader;
	struct bad_record *bad = NULL;
	size_t count = 0;
	reader_bad_records(reader, arena, &bad, &count);
	pthread_mutex_lock(&source->lock);
	file->bad = rejects_count(reader->rejects);
	file->hollow = file->bad && !open->rows;
	if (!file->told)
		source->bad_values += atomic_load(&reader->bad_values);
	bool tells = !file->told && !(file->hollow && source->selects);
	for (size_t i = 0; tells && i < count; i++) {
		if (source->bad_sample_count == SOURCE_SAMPLES)
			break;
		source->bad_samples[source->bad_sample_count++] =
			arena_printf(source->told, "%.*s:%llu: %s", TEXT_ARG(file->object.path),
				(unsigned long long)bad[i].byte, bad[i].reason);
	}
	file->told = true;
	pthread_mutex_unlock(&source->lock);
}

static void close_file(struct open_file *file)
{
	reader_free(file->reader);
	free(file);
}

/* One user less; the last one of a drained file closes it. */
static void leave(struct scan *scan, struct open_file *file, bool drained)
{
	struct source *source = scan->table->source;
	pthread_mutex_lock(&scan->lock);
	file->drained |= drained;
	bool last = --file->users == 0 && file->drained;
	if (last) {
		struct open_file **link = &scan->open;
		while (*link != file)
			link = &(*link)->next;
		*link = file->next;
		scan->closed_bytes += source->files[file->index].object.bytes;
	}
	pthread_mutex_unlock(&scan->lock);
	if (!last)
		return;
	tell_bad(source, file);
	close_file(file);
}

static void on_scan_free(void *data)
{
	struct scan *scan = data;
	while (scan->open) { /* a query that ended early */
		struct open_file *file = scan->open;
		scan->open = file->next;
		close_file(file);
	}
	struct source *source = scan->table->source;
	pthread_mutex_lock(&source->lock);
	source->rows = scan->rows > source->rows ? scan->rows : source->rows;
	pthread_mutex_unlock(&source->lock);
	pthread_cond_destroy(&scan->changed);
	pthread_mutex_destroy(&scan->lock);
	free(scan->projection);
	free(scan->fields);
	free(scan);
}

static void *on_state(void *data)
{
	struct state *state = memory_new(sizeof *state);
	state->scan = data;
	state->columns = memory_new_array(state->scan->projected + 1, sizeof *state->columns);
	return state;
}

static void state_leave(struct state *state, bool drained)
{
	if (!state->file)
		return;
	state->file->reader->ops->state_free(state->reading);
	leave(state->scan, state->file, drained);
	state->file = NULL;
	state->reading = NULL;
}

static void on_state_free(void *data)
{
	struct state *state = data;
	state_leave(state, false);
	free(state->columns);
	free(state);
}

static enum status file_failed(struct source *source, size_t index, struct error *err)
{
	(void)fail_within(err, "'%.*s'", TEXT_ARG(source->files[index].object.path));
	if (fault_of_file(err->status))
		fault_note(source, index, err);
	return err->status;
}

static enum status open_next(
	struct scan *scan, size_t index, struct open_file **file_out, struct error *err)
{
	struct source *source = scan->table->source;
	struct source_file *from = &source->files[index];
	struct read_request request = {
		from->dialect, scan->table->row, scan->fields, scan->field_count};
	struct reader *reader = NULL;
	enum status status =
		reader_open(source->format, source->store, &from->object, &request, &reader, err);
	struct open_file *file = NULL;
	pthread_mutex_lock(&scan->lock);
	scan->opening--;
	if (status == STATUS_OK) {
		file = memory_new(sizeof *file);
		*file = (struct open_file){
			.next = scan->open, .index = index, .reader = reader, .users = 1};
		scan->open = file;
	} else {
		scan->failed = true;
	}
	pthread_cond_broadcast(&scan->changed);
	pthread_mutex_unlock(&scan->lock);
	if (status != STATUS_OK)
		return file_failed(source, index, err);
	*file_out = file;
	return STATUS_OK;
}

static struct open_file *least_used(struct open_file *files)
{
	struct open_file *least = NULL;
	for (struct open_file *file = files; file; file = file->next) {
		if (!file->drained && (!least || file->users < least->users))
			least = file;
	}
	return least;
}

/* A file for this thread: a new one, else one that others read; NULL at the end. */
static enum status join_file(struct scan *scan, struct open_file **file_out, struct error *err)
{
	pthread_mutex_lock(&scan->lock);
	if (scan->next_file < scan->table->source->file_count) {
		size_t index = scan->next_file++;
		scan->opening++;
		pthread_mutex_unlock(&scan->lock);
		return open_next(scan, index, file_out, err);
	}
	struct open_file *file;
	while (!(file = least_used(scan->open)) && scan->opening && !scan->failed)
		pthread_cond_wait(&scan->changed, &scan->lock);
	if (file)
		file->users++;
	pthread_mutex_unlock(&scan->lock);
	*file_out = file;
	return STATUS_OK;
}

/* A key's value, the same in every row. */
static void fill_key(struct vector *column, const struct text *values, size_t key, size_t rows)
{
	struct vector_string *strings = column->data;
	bool none = text_equal(values[key], TEXT("__HIVE_DEFAULT_PARTITION__"));
	for (size_t row = 0; row < rows; row++) {
		if (none)
			vector_set_null(column, row);
		else
			strings[row] = vector_string_of(values[key]);
	}
}

static enum status read_batch(
	struct state *state, struct vector *columns, size_t *rows_out, struct error *err)
{
	const struct scan *scan = state->scan;
	struct source *source = scan->table->source;
	struct open_file *file = state->file;
	size_t used = 0;
	for (size_t i = 0; i < scan->projected; i++) {
		if (scan->projection[i] < scan->table->row->count)
			state->columns[used++] = columns[i];
	}
	if (file->reader->ops->next(state->reading, state->columns, rows_out, err) != STATUS_OK)
		return file_failed(source, file->index, err);
	used = 0;
	for (size_t i = 0; i < scan->projected; i++) {
		if (scan->projection[i] < scan->table->row->count)
			columns[i] = state->columns[used++]; /* lists count their rows here */
		else
			fill_key(&columns[i], source->files[file->index].values,
				scan->projection[i] - scan->table->row->count, *rows_out);
	}
	return STATUS_OK;
}

static enum status on_next(void *data, struct vector *columns, size_t *rows_out, struct error *err)
{
	struct state *state = data;
	struct scan *scan = state->scan;
	for (;;) {
		if (!state->file) {
			TRY(join_file(scan, &state->file, err));
			if (!state->file) {
				*rows_out = 0;
				return STATUS_OK;
			}
			state->reading = state->file->reader->ops->state_new(state->file->reader);
		}
		TRY(read_batch(state, columns, rows_out, err));
		if (*rows_out) {
			__atomic_fetch_add(&scan->rows, *rows_out, __ATOMIC_RELAXED);
			__atomic_fetch_add(&state->file->rows, *rows_out, __ATOMIC_RELAXED);
			return STATUS_OK;
		}
		state_leave(state, true);
	}
}

static double on_progress(void *data)
{
	struct scan *scan = data;
	uint64_t total = source_bytes(scan->table->source);
	pthread_mutex_lock(&scan->lock);
	uint64_t done = scan->closed_bytes;
	for (struct open_file *file = scan->open; file; file = file->next) {
		if (file->reader->ops->raw_position)
			done += file->reader->ops->raw_position(file->reader);
	}
	pthread_mutex_unlock(&scan->lock);
	double share = total ? (double)done / (double)total : 1;
	return share < 1 ? share : 1;
}

static const struct engine_table_ops text_ops = {
	.scan = on_scan,
	.scan_free = on_scan_free,
	.state_new = on_state,
	.state_free = on_state_free,
	.next = on_next,
	.progress = on_progress,
};

enum status source_text(struct compile *compile, struct source *source, struct text *from_out,
	struct outputs *outputs, struct error *err)
{
	static const struct text schema = {"tenon source", 12};
	struct arena *arena = compile->arena;
	struct text_table *table = arena_alloc(arena, sizeof *table);
	struct schema row = {source->schema.columns, source->schema.column_count, NULL, 0};
	table->source = source;
	table->row = schema_row(arena, &row);
	size_t count = row.column_count + source->schema.key_count;
	struct column *columns = arena_array(arena, count, sizeof *columns);
	for (size_t i = 0; i < count; i++) {
		bool key = i >= row.column_count;
		const struct column *own =
			key ? &source->schema.keys[i - row.column_count] : &row.columns[i];
		columns[i] = *own;
		if (key)
			columns[i].type = type_simple(TYPE_STRING);
		outputs_add(arena, outputs, own->name, own->type,
			cast_expr(arena, column_expr(arena, own), columns[i].type, own->type));
	}
	TRY(engine_add_table(compile->engine, schema, text_of(source->node), columns, count,
		&text_ops, table, err));
	struct text name = sql_identifier(arena, text_of(source->node));
	*from_out = text_of(arena_printf(
		arena, "%.*s.%.*s", TEXT_ARG(sql_identifier(arena, schema)), TEXT_ARG(name)));
	return STATUS_OK;
}
