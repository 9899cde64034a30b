#include "crawler/crawl.h"

#include "base/clock.h"
#include "crawler/inspect.h"
#include "crawler/listing.h"
#include "crawler/merge.h"
#include "crawler/names.h"
#include "crawler/plan.h"
#include "crawler/run.h"

static Tenon__V1__CrawlResult *result_new(struct arena *arena, const Tenon__V1__CrawlTask *task)
{
	Tenon__V1__CrawlResult *result = arena_alloc(arena, sizeof *result);
	tenon__v1__crawl_result__init(result);
	result->path = task->path;
	result->database = task->database;
	return result;
}

/* A row for every object that is a table's; a ledger of another release may hold
 * what this one cannot read: that object is as good as new. */
static void set_rows(struct crawl_listing *listing, struct rows *rows)
{
	for (size_t i = 0; i < listing->count; i++) {
		struct found *found = &listing->found[i];
		struct error err;
		if (found->entry && !found->changed && entry_is_table(found->entry) &&
			rows_of_entry(rows, found->entry, &found->row, &err) != STATUS_OK)
			found->changed = true;
	}
}

static void set_new_rows(struct crawl_listing *listing, struct rows *rows, struct arena *arena)
{
	for (size_t i = 0; i < listing->count; i++) {
		struct found *found = &listing->found[i];
		struct error err;
		if (found->object->path.length > LIMIT_LOCATION_BYTES)
			entry_fail(arena, found->entry, "corrupt",
				arena_printf(arena,
					"its path has %zu bytes, at most %d are allowed",
					found->object->path.length, LIMIT_LOCATION_BYTES));
		if (found->changed && entry_is_table(found->entry) &&
			rows_of_entry(rows, found->entry, &found->row, &err) != STATUS_OK)
			entry_fail(arena, found->entry, "corrupt", err.message);
	}
}

static enum status report_listing(const struct crawl_run *run, struct error *err)
{
	Tenon__V1__Progress message;
	tenon__v1__progress__init(&message);
	message.phase = arena_text(run->arena, TEXT("listing"));
	message.fraction = -1;
	if (run->progress && run->progress->report &&
		!run->progress->report(run->progress->state, &message))
		return fail(err, STATUS_CANCELLED, "the crawl was cancelled");
	return STATUS_OK;
}

/* list → inspect what changed → group */
enum status crawl_run(struct crawl_run *run, struct error *err)
{
	const Tenon__V1__CrawlOptions *options = run->task->options;
	tenon__v1__crawl_options__init(&run->defaults);
	run->options = options ? options : &run->defaults;
	struct arena *arena = run->arena;
	const struct type *checked;
	TRY(row_stored(arena, type_struct(arena, NULL, 0), "", run->options->choice_policy,
		&checked, err));
	TRY(location_normal(arena, text_of(run->task->path), &run->target, err));
	TRY(store_open(run->target, &run->store, err));
	TRY(report_listing(run, err));
	TRY(listing_read(run->store, run->target, run->options->exclusions,
		run->options->n_exclusions, run->ledger, run->ledger_count, arena, &run->listing,
		err));
	OWNED(rows) rows = rows_new(arena);
	set_rows(&run->listing, rows);
	run->inspection = (struct inspection){
		.store = run->store,
		.found = run->listing.found,
		.count = run->listing.count,
		.threads = run->task->threads,
		.progress = run->progress,
		.stop = run->stop,
		.arena = arena,
	};
	TRY(inspect(&run->inspection, err));
	set_new_rows(&run->listing, rows, arena);
	struct group_options how = {run->options->combine_compatible, run->options->table_level};
	groups_find(run->listing.found, run->listing.count, run->target, &how, rows, arena,
		&run->groups);
	return STATUS_OK;
}

void crawl_run_done(struct crawl_run *run)
{
	store_free(run->store);
}

/* No object of it is new, gone, or was another table's. */
static bool is_unchanged(const struct crawl_run *run, const struct group *group)
{
	const char *table = run->listing.found[group->members[0]].entry->table;
	if (!*table)
		return false;
	for (size_t i = 0; i < group->count; i++) {
		const struct found *found = &run->listing.found[group->members[i]];
		if (found->changed || strcmp(found->entry->table, table) != 0)
			return false;
	}
	for (size_t i = 0; i < run->listing.gone_count; i++) {
		if (strcmp(run->listing.gone_tables[i], table) == 0)
			return false;
	}
	return true;
}

static enum status add_table(const struct crawl_run *run, size_t index, char *name,
	Tenon__V1__ApplyCrawlRequest *request, struct error *err)
{
	const struct group *group = &run->groups.at[index];
	struct table_plan plan = {
		.found = run->listing.found,
		.group = group,
		.name = name,
		.database = run->task->database,
		.target = run->target,
		.exclusions = run->options->exclusions,
		.exclusion_count = run->options->n_exclusions,
		.unchanged = is_unchanged(run, group),
	};
	TRY(group_merge(run->listing.found, group, run->options->choice_policy, run->arena,
		&plan.summary, err));
	request->tables[request->n_tables++] = table_planned(&plan, run->arena);
	return STATUS_OK;
}

/* Objects in no table: their failure is shown each time, recorded when new. */
static void add_loose(const struct crawl_run *run, Tenon__V1__ApplyCrawlRequest *request)
{
	Tenon__V1__CrawlResult *result = request->result;
	size_t most = run->listing.count;
	request->loose = arena_array(run->arena, most, sizeof *request->loose);
	result->failed = arena_array(run->arena, most, sizeof *result->failed);
	for (size_t i = 0; i < most; i++) {
		const struct found *found = &run->listing.found[i];
		if (found->row)
			continue;
		if (*found->entry->inferred->error)
			result->failed[result->n_failed++] = found->entry->inferred;
		if (found->changed && !found->unreadable)
			request->loose[request->n_loose++] = found->entry;
	}
}

static enum status make_plan(
	const struct crawl_run *run, Tenon__V1__ApplyCrawlRequest **plan_out, struct error *err)
{
	struct arena *arena = run->arena;
	Tenon__V1__ApplyCrawlRequest *request = arena_alloc(arena, sizeof *request);
	tenon__v1__apply_crawl_request__init(request);
	request->plan_only = run->options->plan_only;
	request->database = run->task->database;
	request->path = arena_text(arena, run->target);
	request->gone = run->listing.gone;
	request->n_gone = run->listing.gone_count;
	request->result = result_new(arena, run->task);
	request->result->plan_only = request->plan_only;
	request->result->path = request->path;
	request->result->objects_listed = run->listing.count;
	request->result->objects_skipped = run->listing.skipped;
	request->result->objects_opened = run->inspection.objects_opened;
	request->result->bytes_read = run->inspection.bytes_read;
	request->tables = arena_array(arena, run->groups.count, sizeof *request->tables);
	char **names = names_of_groups(&run->groups, run->options->table_prefix, arena);
	for (size_t i = 0; i < run->groups.count; i++)
		TRY(add_table(run, i, names[i], request, err));
	add_loose(run, request);
	*plan_out = request;
	return STATUS_OK;
}

enum status crawl(const Tenon__V1__CrawlTask *task, Tenon__V1__LedgerEntry *const *ledger,
	size_t ledger_count, const struct crawl_progress *progress, struct arena *arena,
	Tenon__V1__ApplyCrawlRequest **plan_out, struct error *err)
{
	uint64_t start = clock_monotonic_ns();
	CRAWL_RUN run = {
		.task = task,
		.ledger = ledger,
		.ledger_count = ledger_count,
		.progress = progress,
		.arena = arena,
	};
	TRY(crawl_run(&run, err));
	TRY(make_plan(&run, plan_out, err));
	(*plan_out)->result->seconds = (double)(clock_monotonic_ns() - start) / 1e9;
	return STATUS_OK;
}
