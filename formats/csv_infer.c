#include "base/memory.h"
#include "formats/csv.h"
#include "formats/csv_tally.h"
#include "formats/encoding.h"
#include "formats/rejects.h"

#include <pthread.h>
#include <stdlib.h>

/* blocks → records → tallies, one set per thread → merge → types */

enum { THREADS_MAX = 64 };

struct worker {
	struct csv_file *file;
	struct rejects *rejects;
	const volatile bool *stop;
	size_t record_bytes_max;
	struct csv_tally *tallies;
	uint64_t rows, bad;
	size_t blocks_utf8, blocks_latin_1; /* of those that are not ASCII */
	enum status status;
	struct error err;
};

static void note_encoding(struct worker *worker, const struct block *block)
{
	struct text bytes = {block->bytes, block->length};
	if (text_is_utf8(bytes) || strcmp(encoding_detect(bytes, true), "latin-1") != 0)
		worker->blocks_utf8++;
	else
		worker->blocks_latin_1++;
}

static void take_block(struct worker *worker, struct csv_parser *parser, const struct block *block)
{
	bool ascii = true;
	csv_parser_begin(parser, block);
	while (csv_parse(parser)) {
		csv_tally_add(worker->tallies, parser, worker->file->dialect.null_text);
		worker->rows += parser->rows;
		ascii = ascii && parser->ascii;
	}
	rejects_block(worker->rejects, block->position, parser->records);
	if (!ascii)
		note_encoding(worker, block);
}

static enum status take_blocks(
	struct worker *worker, struct csv_parser *parser, struct block *block, struct error *err)
{
	for (;;) {
		if (worker->stop && *worker->stop)
			return fail(err, STATUS_CANCELLED, "inference was stopped");
		TRY(blocks_next(worker->file->blocks, block, err));
		if (block->length == 0)
			return STATUS_OK;
		if (block->position >= worker->file->data_position)
			take_block(worker, parser, block);
	}
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct csv_parser parser;
	struct block block = {0};
	csv_parser_init(&parser, &worker->file->dialect, worker->file->columns, NULL, 0,
		VECTOR_ROWS, worker->record_bytes_max, worker->rejects);
	worker->status = take_blocks(worker, &parser, &block, &worker->err);
	worker->bad = parser.bad;
	csv_parser_done(&parser);
	block_done(&block);
	return NULL;
}

/* All threads' work, the caller's own among it. */
static void work_all(struct worker *workers, unsigned count)
{
	pthread_t threads[THREADS_MAX];
	bool started[THREADS_MAX] = {false};
	for (unsigned i = 1; i < count; i++)
		started[i] = pthread_create(&threads[i], NULL, work, &workers[i]) == 0;
	work(&workers[0]);
	for (unsigned i = 1; i < count; i++) {
		if (started[i])
			(void)pthread_join(threads[i], NULL);
	}
}

/* Everything that all threads found, in the first one's place. */
static void merge(struct worker *workers, unsigned count, size_t columns)
{
	struct worker *all = &workers[0];
	for (unsigned i = 1; i < count; i++) {
		struct worker *worker = &workers[i];
		for (size_t c = 0; c < columns; c++)
			csv_tally_merge(&all->tallies[c], &worker->tallies[c]);
		all->rows += worker->rows;
		all->bad += worker->bad;
		all->blocks_utf8 += worker->blocks_utf8;
		all->blocks_latin_1 += worker->blocks_latin_1;
		if (all->status == STATUS_OK && worker->status != STATUS_OK) {
			all->status = worker->status;
			all->err = worker->err;
		}
	}
}

/* The text that means null: where it stands, a column is otherwise of one type that
 * is not text; the one that stands there most often. -1: none. */
static int null_token(const struct csv_tally *tallies, size_t columns)
{
	int best = -1;
	uint64_t most = 0;
	for (int token = 0; token < CSV_TOKENS; token++) {
		uint64_t seen = 0;
		for (size_t c = 0; c < columns; c++) {
			enum type_kind kind = csv_tally_type(&tallies[c], token);
			if (kind != TYPE_STRING && kind != TYPE_NULL)
				seen += tallies[c].count[CSV_KINDS_ + token];
		}
		if (seen > most) {
			most = seen;
			best = token;
		}
	}
	return best;
}

static enum type_kind arm_kind(size_t kind)
{
	static const enum type_kind kinds[CSV_KINDS_] = {
		[CSV_BLANK] = TYPE_STRING,
		[CSV_BOOLEAN] = TYPE_BOOLEAN,
		[CSV_LONG53] = TYPE_LONG53,
		[CSV_BIGINT] = TYPE_BIGINT,
		[CSV_DOUBLE] = TYPE_DOUBLE,
		[CSV_DOUBLE_COMMA] = TYPE_DOUBLE,
		[CSV_DATE] = TYPE_DATE,
		[CSV_TIMESTAMP] = TYPE_TIMESTAMP,
		[CSV_STRING] = TYPE_STRING,
	};
	return kinds[kind];
}

static struct evidence evidence_of(struct arena *arena, const struct csv_tally *tally,
	struct text name, const struct csv_input *input)
{
	struct evidence evidence = {.path = name, .nulls = tally->nulls};
	evidence.arms = arena_array(arena, CSV_KINDS_, sizeof *evidence.arms);
	for (size_t kind = 0; kind < CSV_KINDS_; kind++) {
		if (tally->count[kind] == 0)
			continue;
		const struct csv_first *first = &tally->first[kind];
		evidence.values += tally->count[kind];
		evidence.arms[evidence.arm_count++] = (struct evidence_arm){
			.type = type_simple(arm_kind(kind)),
			.values = tally->count[kind],
			.file = input->object ? arena_copy(arena, input->object->path)
					      : (struct text){"", 0},
			.byte = first->byte,
			.sample = arena_copy(arena, (struct text){first->sample, first->length}),
		};
	}
	return evidence;
}

static void conclude(const struct csv_input *input, struct csv_file *file, struct worker *all,
	struct arena *arena, struct inferred *inferred)
{
	size_t columns = file->columns;
	const char *said = file->dialect.null_text;
	int token = said ? -1 : null_token(all->tallies, columns);
	struct field *fields = arena_array(arena, columns, sizeof *fields);
	inferred->evidence = arena_array(arena, columns, sizeof *inferred->evidence);
	inferred->evidence_count = columns;
	for (size_t c = 0; c < columns; c++) {
		csv_tally_settle(&all->tallies[c], token);
		fields[c].name = file->names[c];
		fields[c].type = type_simple(csv_tally_type(&all->tallies[c], -1));
		inferred->evidence[c] = evidence_of(arena, &all->tallies[c], file->names[c], input);
	}
	inferred->row = type_struct(arena, fields, columns);
	inferred->typed = false;
	inferred->classification = "csv";
	inferred->dialect = file->dialect;
	inferred->dialect.null_text = token < 0 ? said : csv_tokens[token];
	inferred->rows = all->rows;
	inferred->bad_records = all->bad;
	rejects_list(all->rejects, arena, &inferred->bad, &inferred->bad_count);
}

/* One pass over the opened file. *latin_1_out: what was taken for UTF-8 is not, and
 * nothing in it was. */
static enum status pass(const struct csv_input *input, struct csv_file *file, unsigned threads,
	const volatile bool *stop, struct arena *arena, struct inferred *inferred,
	bool *latin_1_out, struct error *err)
{
	struct worker workers[THREADS_MAX] = {0};
	OWNED(rejects) rejects = rejects_new();
	threads = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
	for (unsigned i = 0; i < threads; i++) {
		workers[i].file = file;
		workers[i].rejects = rejects;
		workers[i].stop = stop;
		workers[i].record_bytes_max =
			input->record_bytes_max ? input->record_bytes_max : LIMIT_RECORD_BYTES;
		workers[i].tallies = memory_new_array(file->columns, sizeof(struct csv_tally));
	}
	work_all(workers, threads);
	merge(workers, threads, file->columns);
	*latin_1_out = workers[0].blocks_latin_1 && !workers[0].blocks_utf8;
	enum status status = workers[0].status;
	if (status == STATUS_OK)
		conclude(input, file, &workers[0], arena, inferred);
	else
		*err = workers[0].err;
	for (unsigned i = 0; i < threads; i++)
		free(workers[i].tallies);
	return status;
}

enum status csv_infer(const struct csv_input *input, unsigned threads, const volatile bool *stop,
	struct arena *arena, struct inferred *inferred, struct error *err)
{
	struct dialect said = inferred->dialect;
	struct csv_file file = {0};
	bool latin_1 = false;
	TRY(csv_file_open(input, &said, arena, &file, err));
	enum status status = pass(input, &file, threads, stop, arena, inferred, &latin_1, err);
	csv_file_close(&file);
	if (status != STATUS_OK || !latin_1 || said.encoding ||
		strcmp(file.dialect.encoding, "utf-8") != 0)
		return status;
	/* The head was ASCII and the first other bytes stand far behind: read again. */
	said.encoding = "latin-1";
	TRY(csv_file_open(input, &said, arena, &file, err));
	status = pass(input, &file, threads, stop, arena, inferred, &latin_1, err);
	csv_file_close(&file);
	return status;
}
