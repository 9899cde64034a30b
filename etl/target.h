#pragma once

#include "engine/engine.h"
#include "etl/frame.h"
#include "storage/store.h"

/* A target node: where rows go and what the catalog should say of them. */
struct target {
	const char *node;
	const Tenon__V1__Target *spec;
	struct text location;
	struct store *store;
	Tenon__V1__Table *existing; /* NULL: a plain path, or a table to be made */
	struct schema schema; /* of the files and of the table: keys apart */
	enum engine_output format;
	const char *compression;
	struct text sql; /* what is written: columns in the table's order and types, then keys */
	struct engine_file *files; /* staged */
	size_t file_count;
};

/* Judge the input against the table that is there, before anything is written.
 * FAILED_PRECONDITION says which columns do not fit and what to do. */
enum status target_resolve(struct compile *compile, const Tenon__V1__Node *node,
	const struct frame *input, struct target *target, struct error *err) MUST_USE;
void target_done(struct target *target);

/* Write the rows into the run's stage folder. */
enum status target_write(struct compile *compile, const char *run_id, struct target *target,
	struct error *err) MUST_USE;

/* What the commit says of it: the files' final names go on from `*number`. */
enum status target_commit(struct compile *compile, const char *run_id, struct target *target,
	size_t *number, Tenon__V1__CommitRunRequest *request, struct error *err) MUST_USE;
