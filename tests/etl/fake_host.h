#pragma once

/* A host in memory: one catalog of tables and partitions, one bookmark, and a
 * commit that publishes as the daemon does. */
#include "etl/run.h"
#include "schema/predicate.h"
#include "storage/stage.h"
#include "storage/store.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOST_MOST = 64, HOST_PAGE = 2 };

struct host {
	struct arena *arena;
	Tenon__V1__Table *tables[HOST_MOST];
	size_t table_count;
	struct {
		const char *table;
		Tenon__V1__Partition *partition;
	} partitions[HOST_MOST];
	size_t partition_count;
	Tenon__V1__SeenFile *seen[HOST_MOST]; /* sorted by path */
	size_t seen_count;
	const Tenon__V1__CommitRunRequest *commit; /* the last one */
	unsigned commits, begins, pages;
	enum status refuse_commit;
	bool cancel;
	bool cancel_writing; /* once outputs are being written */
	char log[2048];
};

static enum status host_table(void *state, struct text database, struct text table,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err)
{
	(void)arena;
	struct host *host = state;
	for (size_t i = 0; i < host->table_count; i++) {
		if (text_equal(database, text_of(host->tables[i]->database)) &&
			text_equal(table, text_of(host->tables[i]->name))) {
			*table_out = host->tables[i];
			return STATUS_OK;
		}
	}
	return fail(err, STATUS_NOT_FOUND, "table '%.*s.%.*s' is not in the catalog",
		TEXT_ARG(database), TEXT_ARG(table));
}

static enum status host_matches(struct host *host, Tenon__V1__Table *table,
	Tenon__V1__Partition *partition, struct text expression, bool *matches, struct error *err)
{
	*matches = true;
	if (!expression.length)
		return STATUS_OK;
	struct column keys[8];
	struct text values[8];
	for (size_t i = 0; i < table->n_partition_keys; i++) {
		keys[i] = (struct column){text_of(table->partition_keys[i]->name),
			type_simple(TYPE_STRING), TEXT("")};
		values[i] = text_of(partition->values[i]);
	}
	const struct predicate *predicate = NULL;
	TRY(predicate_parse(
		host->arena, expression, keys, table->n_partition_keys, &predicate, err));
	return predicate_matches(predicate, values, matches, err);
}

static enum status host_partitions(void *state, struct text database, struct text table,
	struct text expression, struct arena *arena, Tenon__V1__Partition ***partitions_out,
	size_t *count_out, struct error *err)
{
	struct host *host = state;
	Tenon__V1__Table *found = NULL;
	TRY(host_table(state, database, table, arena, &found, err));
	Tenon__V1__Partition **out = arena_array(arena, HOST_MOST, sizeof *out);
	size_t count = 0;
	for (size_t i = 0; i < host->partition_count; i++) {
		bool matches = false;
		if (!text_equal(table, text_of(host->partitions[i].table)))
			continue;
		TRY(host_matches(
			host, found, host->partitions[i].partition, expression, &matches, err));
		if (matches)
			out[count++] = host->partitions[i].partition;
	}
	*partitions_out = out;
	*count_out = count;
	return STATUS_OK;
}

static enum status host_bookmark(void *state, const char *context, struct text after,
	struct arena *arena, Tenon__V1__SeenFile ***files_out, size_t *count_out, struct error *err)
{
	(void)context, (void)err;
	struct host *host = state;
	Tenon__V1__SeenFile **page = arena_array(arena, HOST_PAGE, sizeof *page);
	size_t count = 0;
	for (size_t i = 0; i < host->seen_count && count < HOST_PAGE; i++) {
		if (text_compare(text_of(host->seen[i]->path), after) > 0)
			page[count++] = host->seen[i];
	}
	host->pages++;
	*files_out = page;
	*count_out = count;
	return STATUS_OK;
}

static enum status host_begin(void *state, char *const *targets, size_t count, struct error *err)
{
	(void)targets, (void)count, (void)err;
	((struct host *)state)->begins++;
	return STATUS_OK;
}

static int host_by_path(const void *a, const void *b)
{
	return strcmp(
		(*(Tenon__V1__SeenFile *const *)a)->path, (*(Tenon__V1__SeenFile *const *)b)->path);
}

static void host_remember(struct host *host, Tenon__V1__SeenFile *file)
{
	for (size_t i = 0; i < host->seen_count; i++) {
		if (strcmp(host->seen[i]->path, file->path) == 0) {
			host->seen[i] = file;
			return;
		}
	}
	host->seen[host->seen_count++] = file;
	qsort(host->seen, host->seen_count, sizeof *host->seen, host_by_path);
}

static void host_put(struct host *host, const Tenon__V1__TargetCommit *target)
{
	size_t at = 0;
	while (at < host->table_count && strcmp(host->tables[at]->name, target->table->name) != 0)
		at++;
	host->tables[at] = target->table;
	host->table_count += at == host->table_count;
	for (size_t i = 0; i < target->n_partitions; i++) {
		host->partitions[host->partition_count].table = target->table->name;
		host->partitions[host->partition_count++].partition = target->partitions[i];
	}
}

static enum status host_commit(
	void *state, const Tenon__V1__CommitRunRequest *request, struct error *err)
{
	struct host *host = state;
	if (host->refuse_commit)
		return fail(err, host->refuse_commit, "refused by the test");
	host->commit = request;
	host->commits++;
	OWNED(store) store = NULL;
	TRY(store_open(TEXT("/tmp"), &store, err));
	for (size_t i = 0; i < request->n_files; i++) {
		struct staged staged = {text_of(request->files[i]->from),
			text_of(request->files[i]->to), request->files[i]->bytes};
		TRY(stage_publish(store, &staged, err));
	}
	for (size_t i = 0; i < request->n_bookmarks; i++) {
		for (size_t k = 0; k < request->bookmarks[i]->n_files; k++)
			host_remember(host, request->bookmarks[i]->files[k]);
	}
	for (size_t i = 0; i < request->n_targets; i++) {
		if (request->targets[i]->table)
			host_put(host, request->targets[i]);
	}
	return STATUS_OK;
}

static bool host_report(void *state, const Tenon__V1__Progress *progress)
{
	const struct host *host = state;
	return !host->cancel && !(host->cancel_writing && strcmp(progress->phase, "writing") == 0);
}

static void host_log(void *state, const char *line)
{
	struct host *host = state;
	size_t used = strlen(host->log);
	snprintf(host->log + used, sizeof host->log - used, "%s\n", line);
}

static struct etl_host host_of(struct host *host)
{
	return (struct etl_host){host, host_table, host_partitions, host_bookmark, host_begin,
		host_commit, host_report, host_log};
}
