#include "clients/cli/grid.h"
#include "clients/cli/render.h"

#include <inttypes.h>
#include <string.h>

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

static const char *const states[] = {
	[TENON__V1__RUN_STATE__RUN_STATE_UNSPECIFIED] = "UNSPECIFIED",
	[TENON__V1__RUN_STATE__RUN_STATE_QUEUED] = "QUEUED",
	[TENON__V1__RUN_STATE__RUN_STATE_RUNNING] = "RUNNING",
	[TENON__V1__RUN_STATE__RUN_STATE_COMMITTING] = "COMMITTING",
	[TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED] = "SUCCEEDED",
	[TENON__V1__RUN_STATE__RUN_STATE_FAILED] = "FAILED",
	[TENON__V1__RUN_STATE__RUN_STATE_CANCELLED] = "CANCELLED",
	[TENON__V1__RUN_STATE__RUN_STATE_TIMEOUT] = "TIMEOUT",
};

const char *run_state_name(struct arena *arena, Tenon__V1__RunState state)
{
	if ((size_t)state < sizeof states / sizeof *states)
		return states[state];
	return arena_printf(arena, "%d", (int)state);
}

bool run_state_is_final(Tenon__V1__RunState state)
{
	return state >= TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED;
}

static const char *subject(const Tenon__V1__Run *run)
{
	return run->kind == TENON__V1__RUN_KIND__RUN_KIND_CRAWL ? run->target_path : run->job;
}

static const char *kind(const Tenon__V1__Run *run)
{
	return run->kind == TENON__V1__RUN_KIND__RUN_KIND_CRAWL ? "crawl" : "job";
}

static const char *duration(struct arena *arena, const Tenon__V1__Run *run)
{
	if (!run->start_time_us || !run->end_time_us)
		return "-";
	return human_seconds(arena, (double)(run->end_time_us - run->start_time_us) / 1e6);
}

void render_runs(struct screen *screen, Tenon__V1__Run *const *runs, size_t count)
{
	static const struct grid_column columns[] = {{.title = "RUN"}, {.title = "KIND"},
		{.title = "OF", .elastic = true, .path = true}, {.title = "STATE"},
		{.title = "QUEUED", .least = GRID_DATE, .spare = 2},
		{.title = "TOOK", .number = true, .spare = 1},
		{.title = "ROWS READ", .number = true, .spare = 3},
		{.title = "WRITTEN", .number = true, .spare = 4},
		{.title = "ERROR", .elastic = true}};
	struct arena *arena = screen->arena;
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__Run *run = runs[i];
		const char *state = run_state_name(arena, run->state);
		bool job = run->kind != TENON__V1__RUN_KIND__RUN_KIND_CRAWL && run->stats;
		grid_cell(grid, run->id);
		grid_cell(grid, kind(run));
		grid_cell(grid, subject(run));
		grid_painted(grid, paint_of(state), state);
		grid_cell(grid, human_time(arena, run->queue_time_us));
		grid_cell(grid, duration(arena, run));
		grid_cell(grid, job ? human_count(arena, run->stats->rows_read) : "-");
		grid_cell(grid, job ? human_count(arena, run->stats->rows_written) : "-");
		grid_cell(grid, run->error);
	}
	if (count)
		grid_draw(grid, "");
	else
		screen_text(screen, PAINT_NONE, "No runs yet\n");
}

static void add_source(struct screen *screen, const Tenon__V1__SourceReport *source)
{
	enum { SHOWN = 5 };
	struct arena *arena = screen->arena;
	screen_printf(screen, PAINT_NONE, "  read %s: %s (%s), %s seen before\n", source->node,
		source->files_read ? human_things(arena, source->files_read, "file")
				   : "no new file",
		human_bytes(arena, source->bytes), human_count(arena, source->files_seen_before));
	if (source->overwritten_count)
		screen_printf(screen, PAINT_YELLOW, "    %s changed since a run read them:\n",
			human_things(arena, source->overwritten_count, "file"));
	for (size_t i = 0; i < source->n_overwritten && i < SHOWN; i++)
		screen_printf(screen, PAINT_NONE, "      %s\n", source->overwritten[i]);
	if (source->set_aside_count)
		screen_printf(screen, PAINT_YELLOW, "    %s set aside, to be read when mended:\n",
			human_things(arena, source->set_aside_count, "file"));
	for (size_t i = 0; i < source->n_set_aside && i < SHOWN; i++)
		screen_printf(screen, PAINT_NONE, "      %s\n", source->set_aside[i]);
	if (source->bad_records)
		screen_printf(screen, PAINT_YELLOW, "    %s left out:\n",
			human_things(arena, source->bad_records, "bad record"));
	for (size_t i = 0; i < source->n_bad_samples && i < SHOWN; i++)
		screen_printf(screen, PAINT_NONE, "      %s\n", source->bad_samples[i]);
}

static void add_target(struct screen *screen, const Tenon__V1__TargetReport *target)
{
	struct arena *arena = screen->arena;
	screen_printf(screen, PAINT_NONE, "  wrote %s%s%s: %s in %s (%s)", target->node,
		target->table[0] ? " to " : "", target->table,
		human_things(arena, target->rows, "row"),
		human_things(arena, target->files, "file"), human_bytes(arena, target->bytes));
	if (target->partitions_added)
		screen_printf(screen, PAINT_NONE, ", %s added",
			human_things(arena, target->partitions_added, "partition"));
	screen_text(screen, PAINT_NONE, "\n");
	if (target->location[0])
		screen_printf(screen, PAINT_DIM, "    %s\n", target->location);
}

void render_run(struct screen *screen, const Tenon__V1__Run *run)
{
	struct arena *arena = screen->arena;
	const char *state = run_state_name(arena, run->state);
	bool ended = run_state_is_final(run->state);
	screen_printf(screen, PAINT_BOLD, "%s", run->id);
	screen_printf(screen, PAINT_NONE, "  %s %s  ", kind(run), subject(run));
	screen_text(screen, paint_of(state), state);
	if (ended && run->start_time_us)
		screen_printf(screen, PAINT_NONE, " in %s", duration(arena, run));
	if (run->queue_time_us)
		screen_printf(
			screen, PAINT_DIM, "  queued %s", human_time(arena, run->queue_time_us));
	screen_text(screen, PAINT_NONE, "\n");
	if (run->error[0])
		screen_printf(screen, PAINT_RED, "  %s\n", run->error);
	for (size_t i = 0; i < run->n_args; i++)
		screen_printf(
			screen, PAINT_DIM, "  %s=%s\n", run->args[i]->key, run->args[i]->value);
	if (!ended && run->progress && run->progress->phase[0])
		screen_printf(screen, PAINT_NONE, "  %s %s\n", run->progress->phase,
			run->progress->detail);
	for (size_t i = 0; i < run->n_sources; i++)
		add_source(screen, run->sources[i]);
	for (size_t i = 0; i < run->n_targets; i++)
		add_target(screen, run->targets[i]);
	if (ended && run->stats && run->stats->wall_seconds > 0)
		screen_printf(screen, PAINT_DIM, "  %s in, %s out; %s CPU, %s memory at most\n",
			human_things(arena, run->stats->rows_read, "row"),
			human_things(arena, run->stats->rows_written, "row"),
			human_seconds(arena, run->stats->cpu_seconds),
			human_bytes(arena, run->stats->memory_peak_bytes));
}

void render_jobs(struct screen *screen, Tenon__V1__Job *const *jobs, size_t count)
{
	static const struct grid_column columns[] = {{.title = "JOB", .name = true},
		{.title = "NODES", .number = true}, {.title = "BOOKMARK"},
		{.title = "UPDATED", .least = GRID_DATE},
		{.title = "DESCRIPTION", .elastic = true}};
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; i < count; i++) {
		static const char *const modes[] = {"enable", "enable", "disable", "pause"};
		const Tenon__V1__Job *job = jobs[i];
		grid_cell(grid, job->name);
		grid_cell(grid, human_count(screen->arena, job->plan ? job->plan->n_nodes : 0));
		grid_cell(grid, (unsigned)job->bookmark < 4 ? modes[job->bookmark] : "?");
		grid_cell(grid, human_time(screen->arena, job->update_time_us));
		grid_cell(grid, job->description);
	}
	if (count)
		grid_draw(grid, "");
	else
		screen_text(screen, PAINT_NONE, "No jobs yet: 'tenon job put FILE' stores one\n");
}

void render_bookmarks(
	struct screen *screen, const Tenon__V1__GetBookmarkResponse *bookmarks, bool with_files)
{
	static const struct grid_column columns[] = {{.title = "SOURCE", .name = true},
		{.title = "FILES READ", .number = true}, {.title = "SIZE", .number = true},
		{.title = "LAST RUN", .spare = 1}, {.title = "AT", .least = GRID_DATE}};
	static const struct grid_column file_columns[] = {
		{.title = "FILE", .elastic = true, .path = true}, {.title = "SIZE", .number = true},
		{.title = "READ BY", .spare = 1}};
	struct arena *arena = screen->arena;
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; i < bookmarks->n_bookmarks; i++) {
		const Tenon__V1__Bookmark *bookmark = bookmarks->bookmarks[i];
		grid_cell(grid, bookmark->context);
		grid_cell(grid, human_count(arena, bookmark->files));
		grid_cell(grid, human_bytes(arena, bookmark->bytes));
		grid_cell(grid, bookmark->run_id);
		grid_cell(grid, human_time(arena, bookmark->time_us));
	}
	if (bookmarks->n_bookmarks)
		grid_draw(grid, "");
	else
		screen_text(screen, PAINT_NONE, "No bookmark: the next run reads everything\n");
	if (!with_files || !bookmarks->n_files)
		return;
	struct grid *files = grid_new(screen, COLUMNS(file_columns));
	for (size_t i = 0; i < bookmarks->n_files; i++) {
		grid_cell(files, bookmarks->files[i]->path);
		grid_cell(files, human_bytes(arena, bookmarks->files[i]->bytes));
		grid_cell(files, bookmarks->files[i]->run_id);
	}
	screen_text(screen, PAINT_NONE, "\n");
	grid_draw(files, "");
}
