#pragma once

#include "clients/cli/screen.h"
#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/crawlers.pb-c.h"
#include "tenon/v1/feed.pb-c.h"
#include "tenon/v1/jobs.pb-c.h"

/* Messages drawn for people; one file per family. */
void render_inferred(struct screen *screen, const Tenon__V1__Inferred *found);
void render_inferred_rows(struct screen *screen, Tenon__V1__Inferred *const *found, size_t count);
void render_crawl(struct screen *screen, const Tenon__V1__CrawlResult *result);
void render_changes(struct screen *screen, const char *indent,
	Tenon__V1__SchemaChange *const *changes, size_t count);

/* In words, the first `most`. */
void render_fields(struct screen *screen, const char *indent, Tenon__V1__FieldChange *const *fields,
	size_t count, size_t most);

/* A line, and what changed under it. */
void render_change(struct screen *screen, const Tenon__V1__Change *change);

void render_databases(struct screen *screen, Tenon__V1__Database *const *databases, size_t count);
void render_tables(
	struct screen *screen, Tenon__V1__Table *const *tables, size_t count, bool one_database);
void render_table(struct screen *screen, const Tenon__V1__Table *table);
/* Is the evidence at `path` of `column` (letters' case aside), or of what is inside it? */
bool evidence_within(const char *path, const char *column);
/* Evidence for `column` and what is inside it; false when there is none. */
bool render_why(struct screen *screen, const Tenon__V1__Table *table, const char *column);
void render_versions(struct screen *screen, Tenon__V1__TableVersion *const *versions, size_t count);
void render_partitions(struct screen *screen, const Tenon__V1__Table *table,
	Tenon__V1__Partition *const *partitions, size_t count);

void render_job(struct screen *screen, const Tenon__V1__Job *job);
void render_jobs(struct screen *screen, Tenon__V1__Job *const *jobs, size_t count);
void render_runs(struct screen *screen, Tenon__V1__Run *const *runs, size_t count);
void render_run(struct screen *screen, const Tenon__V1__Run *run);
void render_bookmarks(
	struct screen *screen, const Tenon__V1__GetBookmarkResponse *bookmarks, bool with_files);

/* "SUCCEEDED"; "7" for a state that this program does not know. */
const char *run_state_name(struct arena *arena, Tenon__V1__RunState state);
bool run_state_is_final(Tenon__V1__RunState state);
/* A named parameter, or NULL. */
const char *table_parameter(const Tenon__V1__Table *table, const char *name);
