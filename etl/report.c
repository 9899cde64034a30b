#include "etl/report.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "engine/engine.h"

#include <sys/resource.h>

enum status run_report(const struct compile *compile, const char *phase,
	const struct source *sources, size_t count, struct error *err)
{
	Tenon__V1__Progress progress = TENON__V1__PROGRESS__INIT;
	progress.phase = arena_text(compile->arena, text_of(phase));
	progress.fraction = -1;
	for (size_t i = 0; i < count; i++) {
		progress.objects_total += sources[i].file_count;
		progress.bytes_total += source_bytes(&sources[i]);
	}
	if (!compile->host->report(compile->host->state, &progress))
		return fail(err, STATUS_CANCELLED, "cancelled");
	return STATUS_OK;
}

static Tenon__V1__SourceReport *source_report(struct arena *arena, struct source *source)
{
	Tenon__V1__SourceReport *report = arena_alloc(arena, sizeof *report);
	tenon__v1__source_report__init(report);
	report->node = arena_text(arena, text_of(source->node));
	report->files_listed = source->listed;
	report->files_read = source->file_count;
	report->files_seen_before = source->seen_before;
	report->overwritten_count = source->overwritten_count;
	report->n_overwritten = source->overwritten_count < SOURCE_SAMPLES
					? source->overwritten_count
					: SOURCE_SAMPLES;
	report->overwritten =
		arena_array(arena, report->n_overwritten, sizeof *report->overwritten);
	for (size_t i = 0; i < report->n_overwritten; i++)
		report->overwritten[i] = arena_text(arena, text_of(source->overwritten[i]));
	report->bytes = source_bytes(source);
	report->bad_records = source_bad_records(source);
	report->n_bad_samples = source->bad_sample_count;
	report->bad_samples =
		arena_array(arena, report->n_bad_samples, sizeof *report->bad_samples);
	for (size_t i = 0; i < report->n_bad_samples; i++)
		report->bad_samples[i] = arena_text(arena, text_of(source->bad_samples[i]));
	report->set_aside_count = source->set_aside_count;
	report->n_set_aside =
		source->set_aside_count < SOURCE_SAMPLES ? source->set_aside_count : SOURCE_SAMPLES;
	report->set_aside = arena_array(arena, report->n_set_aside, sizeof *report->set_aside);
	for (size_t i = 0; i < report->n_set_aside; i++)
		report->set_aside[i] = arena_text(arena, text_of(source->set_aside[i]));
	return report;
}

static Tenon__V1__BookmarkUpdate *bookmark_update(
	struct arena *arena, const char *run_id, const struct source *source)
{
	Tenon__V1__BookmarkUpdate *update = arena_alloc(arena, sizeof *update);
	tenon__v1__bookmark_update__init(update);
	update->context = arena_text(arena, text_of(source->node));
	update->files = arena_array(arena, source->file_count, sizeof *update->files);
	for (size_t i = 0; i < source->file_count; i++) {
		const struct object *object = &source->files[i].object;
		Tenon__V1__SeenFile *file = arena_alloc(arena, sizeof *file);
		tenon__v1__seen_file__init(file);
		file->path = arena_text(arena, object->path);
		file->bytes = object->bytes;
		file->modified_ns = object->modified_ns;
		file->etag = arena_text(arena, object->etag);
		file->run_id = arena_text(arena, text_of(run_id));
		update->files[update->n_files++] = file;
	}
	return update;
}

enum status report_sources(struct compile *compile, const char *run_id, struct source *sources,
	size_t count, Tenon__V1__CommitRunRequest *request, struct error *err)
{
	(void)err;
	request->sources = arena_array(compile->arena, count, sizeof *request->sources);
	request->bookmarks = arena_array(compile->arena, count, sizeof *request->bookmarks);
	for (size_t i = 0; i < count; i++) {
		request->sources[request->n_sources++] = source_report(compile->arena, &sources[i]);
		if (sources[i].bookmarked)
			request->bookmarks[request->n_bookmarks++] =
				bookmark_update(compile->arena, run_id, &sources[i]);
		if (sources[i].bad_values)
			compile_note(compile,
				"%s: %llu values were not of their column's type and became null",
				sources[i].node, (unsigned long long)sources[i].bad_values);
	}
	return STATUS_OK;
}

/* Parquet knows its rows; text was counted while it was read. */
static enum status count_rows(struct compile *compile, struct source *source, struct error *err)
{
	if (!source->file_count || format_can_read(source->format))
		return STATUS_OK;
	struct buffer SCOPED_BUFFER sql;
	buffer_init(&sql, LIMIT_MESSAGE_BYTES);
	buffer_add_string(&sql, "SELECT sum(num_rows) FROM parquet_file_metadata([");
	for (size_t i = 0; i < source->file_count; i++) {
		buffer_add_string(&sql, i ? ", " : "");
		buffer_add_text(&sql, sql_literal(compile->arena, source->files[i].object.path));
	}
	buffer_add_string(&sql, "])");
	OWNED(engine_result) result = NULL;
	size_t rows = 0;
	TRY(engine_query(compile->engine, buffer_text(&sql), &result, err));
	TRY(engine_result_next(result, &rows, err));
	if (rows && !engine_result_null(result, 0, 0))
		text_uint64(engine_result_text(result, 0, 0), &source->rows);
	return STATUS_OK;
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

enum status report_stats(struct compile *compile, struct source *sources, size_t count,
	uint64_t start_ns, Tenon__V1__CommitRunRequest *request, struct error *err)
{
	Tenon__V1__RunStats *stats = arena_alloc(compile->arena, sizeof *stats);
	tenon__v1__run_stats__init(stats);
	for (size_t i = 0; i < count; i++) {
		TRY(count_rows(compile, &sources[i], err));
		stats->rows_read += sources[i].rows;
		stats->bytes_read += source_bytes(&sources[i]);
		stats->bad_records += source_bad_records(&sources[i]);
	}
	for (size_t i = 0; i < request->n_targets; i++) {
		stats->rows_written += request->targets[i]->report->rows;
		stats->bytes_written += request->targets[i]->report->bytes;
	}
	struct rusage used;
	if (getrusage(RUSAGE_SELF, &used) == 0) {
		stats->cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
		stats->memory_peak_bytes = (uint64_t)used.ru_maxrss * 1024;
	}
	stats->wall_seconds = (double)(clock_monotonic_ns() - start_ns) / 1e9;
	request->stats = stats;
	return STATUS_OK;
}
