#include "tests/catalog/kill_make.h"

#include "catalog/connections.h"
#include "catalog/functions.h"
#include "catalog/ledger.h"
#include "catalog/partitions.h"
#include "catalog/runs.h"
#include "catalog/search.h"
#include "catalog/statistics.h"
#include "catalog/tags.h"
#include "catalog/webhooks.h"

#include <inttypes.h>

/* ---- databases: made with a table, described anew, dropped with it ---- */

static enum status database_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	Tenon__V1__Database *updated;
	switch (step % 3) {
	case 1:
		return kill_database(txn, cell->name, step, arena, err);
	case 2:
		database.name = arena_text(arena, text_of(cell->name));
		database.description = kill_number(arena, step);
		return database_update(txn, text_of(cell->name), &database, arena, &updated, err);
	default:
		return database_delete(txn, text_of(cell->name), true, err);
	}
}

static bool database_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Database *database;
	Tenon__V1__Table *table;
	bool there = database_get(txn, text_of(cell->name), arena, &database, err) == STATUS_OK;
	if (kill_find(txn, cell->name, "t", arena, &table, err) != there)
		return false;
	return step % 3 == 0 ? !there : there && kill_says(database->description, step);
}

/* ---- tables: made, changed, renamed, rolled back, changed, dropped ---- */

enum { TABLE_STEPS = 6 };

static enum status table_write(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	struct text database = text_of(cell->database);
	Tenon__V1__Table *table;
	bool changed;
	switch (step % TABLE_STEPS) {
	case 1:
		table = kill_table(arena, cell->database, "made", step, false);
		return table_create(txn, table, arena, &table, err);
	case 2:
		table = kill_table(arena, cell->database, "made", step, true);
		return table_update(txn, table, NULL, arena, &table, &changed, err);
	case 3:
		TRY(table_get(txn, database, TEXT("made"), arena, &table, err));
		return table_rename(txn, table->id, database, TEXT("renamed"), err);
	case 4:
		return table_rollback(
			txn, database, TEXT("renamed"), 0, NULL, arena, &table, &changed, err);
	case 5:
		table = kill_table(arena, cell->database, "renamed", step, true);
		return table_update(txn, table, NULL, arena, &table, &changed, err);
	default:
		return table_delete(txn, database, TEXT("renamed"), err);
	}
}

/* How often the search finds a table described by `step`. */
static size_t found_by_search(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__SearchTablesRequest request = TENON__V1__SEARCH_TABLES_REQUEST__INIT;
	Tenon__V1__SearchTablesResponse response = TENON__V1__SEARCH_TABLES_RESPONSE__INIT;
	request.query = arena_printf(arena, "step%" PRIu64 "of%s", step, cell->database);
	return table_search(txn, &request, 10, arena, &response, err) == STATUS_OK ? response.n_hits
										   : SIZE_MAX;
}

static bool table_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	static const struct {
		const char *name; /* NULL: there is none */
		uint64_t version;
		uint64_t described; /* how many steps ago */
		size_t columns;
	} rows[TABLE_STEPS] = {
		{NULL, 0, 0, 0},
		{"made", 0, 0, 2},
		{"made", 1, 0, 3},
		{"renamed", 1, 1, 3},
		{"renamed", 2, 3, 2},
		{"renamed", 3, 0, 3},
	};
	const char *name = rows[step % TABLE_STEPS].name;
	Tenon__V1__TableVersion **versions;
	Tenon__V1__Table *table;
	struct text next;
	size_t count;
	if (kill_find(txn, cell->database, "made", arena, &table, err) !=
		(name && strcmp(name, "made") == 0))
		return false;
	if (kill_find(txn, cell->database, "renamed", arena, &table, err) !=
		(name && strcmp(name, "renamed") == 0))
		return false;
	if (!name)
		return step == 0 || found_by_search(txn, cell, step - 1, arena, err) == 0;
	uint64_t described = step - rows[step % TABLE_STEPS].described;
	(void)kill_find(txn, cell->database, name, arena, &table, err);
	if (version_list(txn, text_of(cell->database), text_of(name), TEXT(""), 10, VERSIONS_BARE,
		    arena, &versions, &count, &next, err) != STATUS_OK)
		return false;
	return table->version == rows[step % TABLE_STEPS].version && count == table->version + 1 &&
	       table->storage->n_columns == rows[step % TABLE_STEPS].columns &&
	       found_by_search(txn, cell, described, arena, err) == 1;
}

/* ---- partitions: many made, changed, dropped in one write ---- */

static enum status partitions_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	struct text database = text_of(cell->database);
	bool created;
	for (uint64_t key = 0; key < KILL_BATCH; key++) {
		Tenon__V1__Partition *one = kill_partition(arena, key, step);
		if (step % 3 == 1)
			TRY(partition_create(txn, database, TEXT("t"), one, false, &created, err));
		else if (step % 3 == 2)
			TRY(partition_update(txn, database, TEXT("t"), one->values, 1, one, err));
		else
			TRY(partition_delete(txn, database, TEXT("t"), one->values, 1, err));
	}
	return STATUS_OK;
}

static bool partitions_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Partition **all;
	struct text next;
	size_t count;
	if (partition_list(txn, text_of(cell->database), TEXT("t"), TEXT(""), TEXT(""), 100, arena,
		    &all, &count, &next, err) != STATUS_OK)
		return false;
	bool right = count == (step % 3 == 0 ? 0 : KILL_BATCH);
	for (size_t i = 0; i < count; i++)
		right = right && all[i]->storage && kill_says(all[i]->storage->location, step);
	return right;
}

/* ---- tags: two put, replaced, removed ---- */

static enum status tags_write(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	const char *resource = arena_printf(arena, "table/%s/t", cell->database);
	char one[] = "one";
	char two[] = "two";
	char *const keys[] = {one, two};
	Tenon__Store__V1__Tag tags[2];
	Tenon__Store__V1__Tag *list[2] = {&tags[0], &tags[1]};
	Tenon__Store__V1__TagsRecord put = TENON__STORE__V1__TAGS_RECORD__INIT;
	Tenon__Store__V1__TagsRecord *now;
	for (int i = 0; i < 2; i++) {
		tenon__store__v1__tag__init(&tags[i]);
		tags[i].key = keys[i];
		tags[i].value = kill_number(arena, step);
	}
	put.tags = list;
	put.n_tags = 2;
	if (step % 3)
		return tags_add(txn, text_of(resource), &put, arena, &now, err);
	return tags_remove(txn, text_of(resource), keys, 2, arena, &now, err);
}

static bool tags_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	const char *resource = arena_printf(arena, "table/%s/t", cell->database);
	Tenon__Store__V1__TagsRecord *now;
	if (tags_get(txn, text_of(resource), arena, &now, err) != STATUS_OK)
		return false;
	bool right = now->n_tags == (step % 3 ? 2 : 0);
	for (size_t i = 0; i < now->n_tags; i++)
		right = right && kill_says(now->tags[i]->value, step);
	return right;
}

/* ---- functions: made, renamed, dropped ---- */

static enum status function_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	struct text database = text_of(cell->database);
	Tenon__V1__Function function = TENON__V1__FUNCTION__INIT;
	Tenon__V1__Function *now;
	function.database = arena_text(arena, database);
	function.name = arena_text(arena, step % 3 == 1 ? TEXT("made") : TEXT("renamed"));
	function.class_name = kill_number(arena, step);
	switch (step % 3) {
	case 1:
		return function_create(txn, &function, arena, &now, err);
	case 2:
		return function_update(txn, database, TEXT("made"), &function, arena, &now, err);
	default:
		return function_delete(txn, database, TEXT("renamed"), err);
	}
}

static bool function_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	static const char *const names[] = {NULL, "made", "renamed"};
	bool right = true;
	for (uint64_t i = 1; i < 3; i++) {
		Tenon__V1__Function *now;
		bool there = function_get(txn, text_of(cell->database), text_of(names[i]), arena,
				     &now, err) == STATUS_OK;
		right = right &&
			(i == step % 3 ? there && kill_says(now->class_name, step) : !there);
	}
	return right;
}

/* ---- connections: made, replaced, dropped ---- */

static enum status connection_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	Tenon__V1__Connection connection = TENON__V1__CONNECTION__INIT;
	struct connection_put put = {
		&connection, .must_be_new = step % 3 == 1, .must_exist = step % 3 == 2};
	Tenon__V1__Connection *now;
	bool created;
	connection.name = arena_text(arena, text_of(cell->name));
	connection.type = arena_text(arena, TEXT("JDBC"));
	connection.description = kill_number(arena, step);
	if (step % 3)
		return connection_put(txn, &put, arena, &now, &created, err);
	return connection_delete(txn, text_of(cell->name), err);
}

static bool connection_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Connection *now;
	bool there = connection_get(txn, text_of(cell->name), false, arena, &now, err) == STATUS_OK;
	return step % 3 == 0 ? !there : there && kill_says(now->description, step);
}

/* ---- statistics: of two columns in one write ---- */

static enum status statistics_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	static const char *const columns[] = {"a", "b"};
	struct statistics_place place = {text_of(cell->database), TEXT("t"), NULL, 0};
	if (step % 3 == 0)
		return statistics_delete(txn, &place, TEXT(""), err);
	for (int i = 0; i < 2; i++) {
		Tenon__V1__LongStatistics numbers = TENON__V1__LONG_STATISTICS__INIT;
		Tenon__V1__ColumnStatistics one = TENON__V1__COLUMN_STATISTICS__INIT;
		one.data_case = TENON__V1__COLUMN_STATISTICS__DATA_LONG_VALUES;
		one.long_values = &numbers;
		one.column = arena_text(arena, text_of(columns[i]));
		one.nulls = step;
		TRY(statistics_put(txn, &place, &one, err));
	}
	return STATUS_OK;
}

static bool statistics_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	static const char *const columns[] = {"a", "b"};
	struct statistics_place place = {text_of(cell->database), TEXT("t"), NULL, 0};
	bool right = true;
	for (int i = 0; i < 2; i++) {
		Tenon__V1__ColumnStatistics *now = NULL;
		if (statistics_get(txn, &place, text_of(columns[i]), arena, &now, err) != STATUS_OK)
			return false;
		right = right && (step % 3 == 0 ? !now : now && now->nulls == step);
	}
	return right;
}

/* ---- jobs: made, replaced, dropped ---- */

static enum status job_make(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, Tenon__V1__Job **job_out, struct error *err)
{
	Tenon__V1__Job job = TENON__V1__JOB__INIT;
	bool created;
	job.name = arena_text(arena, text_of(cell->name));
	job.description = kill_number(arena, step);
	return job_put(txn, &job, arena, job_out, &created, err);
}

static enum status job_write(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Job *job;
	if (step % 3)
		return job_make(txn, cell, step, arena, &job, err);
	return job_delete(txn, text_of(cell->name), err);
}

static bool job_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Job *job;
	bool there = job_get(txn, text_of(cell->name), arena, &job, err) == STATUS_OK;
	return step % 3 == 0 ? !there : there && kill_says(job->description, step);
}

/* ---- bookmarks: a job made with its bookmark, advanced, reset with all files ---- */

static enum status bookmark_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	Tenon__V1__BookmarkUpdate update = TENON__V1__BOOKMARK_UPDATE__INIT;
	Tenon__V1__Job *job;
	uint64_t forgotten;
	TRY(job_make(txn, cell, step, arena, &job, err));
	if (step % 3 == 0)
		return bookmark_reset(txn, job->id, TEXT(""), &forgotten, err);
	update.context = arena_text(arena, TEXT("source"));
	update.n_files = KILL_BATCH;
	update.files = arena_array(arena, KILL_BATCH, sizeof *update.files);
	for (uint64_t i = 0; i < KILL_BATCH; i++) {
		Tenon__V1__SeenFile *file = arena_alloc(arena, sizeof *file);
		tenon__v1__seen_file__init(file);
		file->path = kill_number(arena, i);
		file->bytes = step;
		update.files[i] = file;
	}
	return bookmark_advance(txn, job->id, TEXT("run"), &update, err);
}

static bool bookmark_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Bookmark **bookmarks;
	Tenon__V1__SeenFile **files;
	Tenon__V1__Job *job;
	size_t count;
	bool there = job_get(txn, text_of(cell->name), arena, &job, err) == STATUS_OK;
	if (!there || !kill_says(job->description, step))
		return !there && step == 0;
	if (bookmark_list(txn, job->id, arena, &bookmarks, &count, err) != STATUS_OK ||
		count != (step % 3 == 0 ? 0 : 1))
		return false;
	if (bookmark_files(txn, job->id, TEXT("source"), TEXT(""), 100, arena, &files, &count,
		    err) != STATUS_OK)
		return false;
	bool right = count == (step % 3 == 0 ? 0 : KILL_BATCH);
	for (size_t i = 0; i < count; i++)
		right = right && files[i]->bytes == step;
	return right;
}

/* ---- runs: queued, running, ended; a new one after that ---- */

static char *run_name(struct arena *arena, const struct kill_cell *cell, uint64_t step)
{
	return arena_printf(
		arena, "%016" PRIx64 "-%08" PRIx64, step ? (step - 1) / 3 : 0, cell->writer);
}

static Tenon__V1__RunState run_state(uint64_t step)
{
	static const Tenon__V1__RunState states[] = {
		TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED,
		TENON__V1__RUN_STATE__RUN_STATE_QUEUED,
		TENON__V1__RUN_STATE__RUN_STATE_RUNNING,
	};
	return states[step % 3];
}

static enum status run_write(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__Store__V1__RunRecord record = TENON__STORE__V1__RUN_RECORD__INIT;
	Tenon__V1__Run run = TENON__V1__RUN__INIT;
	run.id = run_name(arena, cell, step);
	run.job = arena_text(arena, text_of(cell->name));
	run.state = run_state(step);
	record.run = &run;
	return run_put(txn, &record, err);
}

static bool run_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__Store__V1__RunRecord *record;
	bool there = run_get(txn, text_of(run_name(arena, cell, step)), arena, &record, err) ==
		     STATUS_OK;
	if (step == 0)
		return !there;
	bool next_there = run_get(txn, text_of(run_name(arena, cell, step + 3)), arena, &record,
				  err) == STATUS_OK;
	return there && !next_there &&
	       run_get(txn, text_of(run_name(arena, cell, step)), arena, &record, err) ==
		       STATUS_OK &&
	       record->run->state == run_state(step);
}

/* ---- the crawls' ledger: a handful of files put, put again, removed ---- */

static enum status ledger_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	for (uint64_t i = 0; i < KILL_BATCH; i++) {
		Tenon__V1__LedgerEntry entry = TENON__V1__LEDGER_ENTRY__INIT;
		/* Some of them longer than a key of LMDB. */
		entry.path = arena_printf(arena, "%0*" PRIu64, i % 5 ? 8 : 1200, i);
		entry.bytes = step;
		if (step % 3)
			TRY(ledger_put(txn, text_of(cell->database), &entry, err));
		else
			TRY(ledger_remove(txn, text_of(cell->database), text_of(entry.path), err));
	}
	return STATUS_OK;
}

static bool ledger_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__LedgerEntry **entries;
	size_t count;
	if (ledger_list(txn, text_of(cell->database), TEXT(""), TEXT(""), 100, arena, &entries,
		    &count, err) != STATUS_OK)
		return false;
	bool right = count == (step % 3 == 0 ? 0 : KILL_BATCH);
	for (size_t i = 0; i < count; i++)
		right = right && entries[i]->bytes == step;
	return right;
}

/* ---- webhooks: made, put anew, dropped ---- */

static enum status webhook_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	Tenon__V1__Webhook webhook = TENON__V1__WEBHOOK__INIT;
	Tenon__Store__V1__WebhookRecord *now;
	webhook.name = arena_text(arena, text_of(cell->name));
	webhook.url = arena_printf(arena, "http://localhost/%" PRIu64, step);
	webhook.paused = true; /* as an import leaves it */
	return step % 3 ? webhook_put(txn, &webhook, arena, &now, err)
			: webhook_delete(txn, text_of(cell->name), err);
}

static bool webhook_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__Store__V1__WebhookRecord **all;
	size_t count;
	if (webhook_list(txn, arena, &all, &count, err) != STATUS_OK)
		return false;
	const char *url = arena_printf(arena, "http://localhost/%" PRIu64, step);
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__Webhook *one = all[i]->webhook;
		if (one && strcmp(one->name, cell->name) == 0)
			return step % 3 && strcmp(one->url, url) == 0;
	}
	return step % 3 == 0;
}

static const struct kill_kind rows[] = {
	{"database", database_write, database_is_at},
	{"table", table_write, table_is_at},
	{"partitions", partitions_write, partitions_is_at},
	{"tags", tags_write, tags_is_at},
	{"function", function_write, function_is_at},
	{"connection", connection_write, connection_is_at},
	{"statistics", statistics_write, statistics_is_at},
	{"job", job_write, job_is_at},
	{"bookmark", bookmark_write, bookmark_is_at},
	{"run", run_write, run_is_at},
	{"ledger", ledger_write, ledger_is_at},
	{"webhook", webhook_write, webhook_is_at},
};

const struct kill_family kill_resources = KILL_FAMILY(rows);
