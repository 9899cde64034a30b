#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "tenon/v1/worker.pb-c.h"

#include <stdbool.h>

/* One job run: resolve → plan → compile → select (bookmark) → run → stage →
 * commit. What it needs from the daemon comes through these calls, so that the
 * run can be tested without one. */
struct etl_host {
	void *state;
	/* A catalog table; NOT_FOUND names it. */
	enum status (*table)(void *state, struct text database, struct text table,
		struct arena *arena, Tenon__V1__Table **table_out, struct error *err);
	/* All partitions that match, in order. */
	enum status (*partitions)(void *state, struct text database, struct text table,
		struct text expression, struct arena *arena, Tenon__V1__Partition ***partitions_out,
		size_t *count_out, struct error *err);
	/* Files read by earlier runs, in path order, page by page: count 0 at the end.
	 * `after` is the last path of the page before. */
	enum status (*bookmark)(void *state, const char *context, struct text after,
		struct arena *arena, Tenon__V1__SeenFile ***files_out, size_t *count_out,
		struct error *err);
	enum status (*begin_output)(
		void *state, char *const *targets, size_t count, struct error *err);
	enum status (*commit)(
		void *state, const Tenon__V1__CommitRunRequest *request, struct error *err);
	/* False asks the run to stop: CANCELLED. */
	bool (*report)(void *state, const Tenon__V1__Progress *progress);
	void (*log)(void *state, const char *line); /* the run's log */
};

enum status etl_run(const char *run_id, const Tenon__V1__JobTask *task, const struct etl_host *host,
	struct arena *arena, struct error *err) MUST_USE;

/* `tenon sql`: a SELECT over catalog tables, rows handed to `row_batch` as they
 * come; a last call with 0 rows ends them. The host's table and partitions are used. */
struct engine_result;
struct sql_sink {
	void *state;
	enum status (*batch)(
		void *state, struct engine_result *result, size_t rows, struct error *err);
};
struct engine_limits;
enum status etl_sql(struct text query, const struct engine_limits *limits,
	const struct etl_host *host, const volatile bool *stop, const struct sql_sink *sink,
	struct error *err) MUST_USE;
