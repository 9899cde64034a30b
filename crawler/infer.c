#include "crawler/merge.h"
#include "crawler/rows.h"
#include "crawler/run.h"

/* What the catalog would store of one object; its outcome when nothing. */
static enum status object_result(const struct crawl_run *run, const struct found *found,
	Tenon__V1__Inferred **result_out, struct error *err)
{
	Tenon__V1__Inferred *result = found->entry->inferred;
	for (size_t i = 0; i < result->n_evidence; i++) {
		for (size_t k = 0; k < result->evidence[i]->n_types; k++) {
			if (!*result->evidence[i]->types[k]->file)
				result->evidence[i]->types[k]->file = found->entry->path;
		}
	}
	if (found->row) {
		const struct type *stored;
		TRY(row_stored(run->arena, found->row, result->classification, "", &stored, err));
		set_columns(run->arena, stored, NULL, 0, result);
		result->objects_opened = 1;
		result->similarity = 1;
	}
	*result_out = result;
	return STATUS_OK;
}

static enum status add_objects(const struct crawl_run *run, bool in_tables_too,
	Tenon__V1__InferResponse *response, struct error *err)
{
	for (size_t i = 0; i < run->listing.count; i++) {
		const struct found *found = &run->listing.found[i];
		if (!found->row || in_tables_too)
			TRY(object_result(
				run, found, &response->results[response->n_results++], err));
	}
	return STATUS_OK;
}

static enum status add_tables(
	const struct crawl_run *run, Tenon__V1__InferResponse *response, struct error *err)
{
	for (size_t i = 0; i < run->groups.count; i++)
		TRY(group_merge(run->listing.found, &run->groups.at[i], "", run->arena,
			&response->results[response->n_results++], err));
	return STATUS_OK;
}

enum status infer_path(struct text path, bool each, unsigned threads, const volatile bool *stop,
	struct arena *arena, Tenon__V1__InferResponse **response_out, struct error *err)
{
	Tenon__V1__CrawlTask task;
	tenon__v1__crawl_task__init(&task);
	task.path = arena_text(arena, path);
	task.threads = threads;
	CRAWL_RUN run = {.task = &task, .stop = stop, .arena = arena};
	TRY(crawl_run(&run, err));
	Tenon__V1__InferResponse *response = arena_alloc(arena, sizeof *response);
	tenon__v1__infer_response__init(response);
	response->results = arena_array(arena, run.listing.count, sizeof *response->results);
	if (!each)
		TRY(add_tables(&run, response, err));
	TRY(add_objects(&run, each, response, err));
	*response_out = response;
	return STATUS_OK;
}
