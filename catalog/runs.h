#pragma once

#include "catalog/catalog.h"
#include "tenon/store/v1/records.pb-c.h"
#include "tenon/v1/jobs.pb-c.h"
#include "tenon/v1/worker.pb-c.h"

/* Jobs, runs and bookmarks as they are stored. */
enum status job_put(struct catalog_txn *txn, const Tenon__V1__Job *job, struct arena *arena,
	Tenon__V1__Job **job_out, bool *created_out, struct error *err) MUST_USE;
enum status job_get(struct catalog_txn *txn, struct text name, struct arena *arena,
	Tenon__V1__Job **job_out, struct error *err) MUST_USE;
/* With its bookmarks; its runs stay as history. */
enum status job_delete(struct catalog_txn *txn, struct text name, struct error *err) MUST_USE;
enum status job_list(struct catalog_txn *txn, struct text token, size_t limit, struct arena *arena,
	Tenon__V1__Job ***jobs_out, size_t *count_out, struct text *next_out,
	struct error *err) MUST_USE;

/* A run id sorts by time: 16 hex digits of microseconds, '-', 8 of chance. */
void run_id_new(char id[static 26]);

/* Insert or replace. */
enum status run_put(struct catalog_txn *txn, const Tenon__Store__V1__RunRecord *run,
	struct error *err) MUST_USE;
enum status run_get(struct catalog_txn *txn, struct text id, struct arena *arena,
	Tenon__Store__V1__RunRecord **run_out, struct error *err) MUST_USE;
/* Newest first; of one job, or (empty) of all, crawls too. */
enum status run_list(struct catalog_txn *txn, struct text job, struct text token, size_t limit,
	struct arena *arena, Tenon__V1__Run ***runs_out, size_t *count_out, struct text *next_out,
	struct error *err) MUST_USE;
/* Every run that has not ended: few, found without scanning history. */
enum status run_list_open(struct catalog_txn *txn, struct arena *arena,
	Tenon__Store__V1__RunRecord ***runs_out, size_t *count_out, struct error *err) MUST_USE;

/* Inside the room: whether it belongs to those. */
bool run_is_open(const Tenon__V1__Run *run);

/* Bookmarks: job id and context to the files read. */
enum status bookmark_advance(struct catalog_txn *txn, uint64_t job_id, struct text run_id,
	const Tenon__V1__BookmarkUpdate *update, struct error *err) MUST_USE;
/* The next files after path `after` (empty: from the start), sorted by path. */
enum status bookmark_files(struct catalog_txn *txn, uint64_t job_id, struct text context,
	struct text after, size_t limit, struct arena *arena, Tenon__V1__SeenFile ***files_out,
	size_t *count_out, struct error *err) MUST_USE;
enum status bookmark_list(struct catalog_txn *txn, uint64_t job_id, struct arena *arena,
	Tenon__V1__Bookmark ***bookmarks_out, size_t *count_out, struct error *err) MUST_USE;
/* Empty context: every one of the job. */
enum status bookmark_reset(struct catalog_txn *txn, uint64_t job_id, struct text context,
	uint64_t *forgotten_out, struct error *err) MUST_USE;
