#pragma once

#include "etl/exclusions.h"
#include "etl/frame.h"
#include "formats/format.h"
#include "formats/rejects.h"
#include "storage/store.h"

#include <pthread.h>

enum {
	SOURCE_SAMPLES = 100, /* paths and bad records that a report shows */
	SOURCE_FAULTS = 16, /* faulty files for which outputs are written anew */
};

struct source_file {
	struct object object;
	const struct text *values; /* one per partition key; NULL without keys */
	struct dialect dialect; /* of text formats */

	uint64_t bad; /* records, by the last scan that ended */
	bool told; /* its bad records are among the samples */
	bool hollow; /* it has records, and none of them could be read */
	const char *fault; /* why it cannot be read to its end, or NULL */
};

/* A source node's files and shape. Lives in the run's arena but for the store. */
struct source {
	const char *node;
	const Tenon__V1__Source *spec;
	struct schema
		schema; /* columns and partition keys; a column whose name a key has is gone */
	struct text location;
	const struct format *format;
	struct store *store;
	struct exclusions exclusions;
	struct source_file *files; /* to read, in path order */
	size_t file_count;
	bool selects; /* it reads only what its bookmark does not know */
	bool bookmarked; /* its files are remembered when the run commits */

	uint64_t listed, seen_before;
	const char *overwritten[SOURCE_SAMPLES];
	uint64_t overwritten_count;
	struct arena *arena;

	const char *set_aside[SOURCE_SAMPLES];
	uint64_t set_aside_count;

	pthread_mutex_t lock; /* of what threads report */
	struct arena *told; /* their texts */
	uint64_t rows, bad_values;
	char *bad_samples[SOURCE_SAMPLES];
	size_t bad_sample_count;
};

/* Resolve the node to its files: through the catalog (with its partition
 * predicate) or a path, then through the bookmark. */
enum status source_resolve(struct compile *compile, const Tenon__V1__Node *node,
	const Tenon__V1__JobTask *task, struct source *source, struct error *err) MUST_USE;
void source_done(struct source *source);

/* Make the node's view: our readers' table, or the engine's Parquet reader. */
enum status source_compile(struct compile *compile, struct source *source, struct frame *frame,
	struct error *err) MUST_USE;
enum status source_text(struct compile *compile, struct source *source, struct text *from_out,
	struct outputs *outputs, struct error *err) MUST_USE;
enum status source_parquet(struct compile *compile, struct source *source, struct text *from_out,
	struct outputs *outputs, struct error *err) MUST_USE;

/* Note which files have no readable footer. */
void source_probe(struct source *source);

uint64_t source_bytes(const struct source *source);
uint64_t source_bad_records(const struct source *source);
