#include "service/apply_crawl.h"

#include "base/hash.h"
#include "catalog/ledger.h"
#include "catalog/partitions.h"
#include "catalog/tables.h"
#include "service/merge.h"
#include "service/parts.h"
#include "service/run_view.h"

#include <string.h>

struct applying {
	struct catalog_txn *txn;
	const Tenon__V1__ApplyCrawlRequest *plan;
	struct arena *arena;
	Tenon__V1__CrawlResult *result;
	struct applied *applied; /* one for each of the plan's tables */
};

/* What became of one table of the plan. */
struct applied {
	const Tenon__V1__Table *table; /* NULL: no object differs, its lists do not matter */
	Tenon__V1__Inferred *report;
	bool is_new;
	bool differs; /* a version was made, or files were recorded */
};

/* ---- which table is it? ---- */

/* Found by location; else by name, unless that name is another place's: then the
 * name gets the location's hash (as AWS Glue's crawler does). NULL: it is new. */
static enum status match(struct applying *applying, Tenon__V1__Table *found,
	Tenon__V1__Table **stored_out, struct error *err)
{
	struct text database = text_of(applying->plan->database);
	struct text location = text_of(found->storage->location);
	*stored_out = NULL;
	enum status status = table_by_location(
		applying->txn, database, location, applying->arena, stored_out, err);
	if (status != STATUS_NOT_FOUND)
		return status;
	Tenon__V1__Table *namesake = NULL;
	status = table_get(
		applying->txn, database, text_of(found->name), applying->arena, &namesake, err);
	if (status == STATUS_NOT_FOUND)
		return STATUS_OK;
	TRY(status);
	if (!namesake->storage || !*namesake->storage->location) {
		*stored_out = namesake;
		return STATUS_OK;
	}
	char hash[HASH_TEXT_BYTES];
	struct text head = text_until(text_of(found->name), LIMIT_NAME_BYTES - HASH_TEXT_BYTES);
	found->name = arena_printf(
		applying->arena, "%.*s_%s", TEXT_ARG(head), hash_text(hash_of(location), hash));
	return STATUS_OK;
}

/* ---- what it becomes ---- */

/* A column is told by its name when it is about its type. */
static char *place_of(struct arena *arena, struct text path, bool *is_key_out)
{
	static const char *const heads[] = {"columns.", "partition_keys."};
	struct text tail = TEXT(".type");
	*is_key_out = text_starts(path, text_of(heads[1]));
	for (size_t i = 0; i < 2; i++) {
		struct text head = text_of(heads[i]);
		if (text_starts(path, head) && text_ends(path, tail))
			return arena_text(arena, text_until(text_from(path, head.length),
							 path.length - head.length - tail.length));
	}
	return arena_text(arena, path);
}

static void add_change(
	struct applying *applying, Tenon__V1__Inferred *report, const struct conflict *conflict)
{
	static char kind[] = "kept";
	static char severity[] = "safe";
	bool is_key;
	Tenon__V1__SchemaChange *change = arena_alloc(applying->arena, sizeof *change);
	*change = (Tenon__V1__SchemaChange)TENON__V1__SCHEMA_CHANGE__INIT;
	change->kind = kind;
	change->severity = severity;
	change->path = place_of(applying->arena, text_of(conflict->path), &is_key);
	change->before = arena_text(applying->arena, text_of(conflict->kept));
	change->after = arena_text(applying->arena, text_of(conflict->found));
	change->partition_key = is_key;
	report->changes[report->n_changes++] = change;
}

static enum status report_changes(struct applying *applying, const Tenon__V1__Table *before,
	const Tenon__V1__Table *after, Tenon__V1__Inferred *report, struct error *err)
{
	Tenon__V1__DiffTableVersionsResponse *diff;
	if (before->version == after->version)
		return STATUS_OK;
	TRY(version_diff(applying->txn, text_of(after->database), text_of(after->name),
		before->version, after->version, false, applying->arena, &diff, err));
	report->changes = diff->changes;
	report->n_changes = diff->n_changes;
	report->severity = diff->severity;
	return STATUS_OK;
}

/* Values of other keys are no partitions of this table any more. */
static enum status drop_partitions(
	struct applying *applying, const Tenon__V1__Table *table, struct error *err)
{
	enum { PAGE = 256 };
	size_t count;
	do {
		OWNED(arena) step = arena_new();
		Tenon__V1__Partition **partitions;
		struct text next;
		TRY(partition_list(applying->txn, text_of(table->database), text_of(table->name),
			TEXT(""), TEXT(""), PAGE, step, &partitions, &count, &next, err));
		for (size_t i = 0; i < count; i++)
			TRY(partition_delete(applying->txn, text_of(table->database),
				text_of(table->name), partitions[i]->values,
				partitions[i]->n_values, err));
	} while (count == PAGE);
	return STATUS_OK;
}

static enum status update(struct applying *applying, const Tenon__V1__Table *stored,
	const Tenon__V1__Table *found, Tenon__V1__Inferred *report, Tenon__V1__Table **table_out,
	struct error *err)
{
	struct merged merged;
	bool changed;
	merge_crawl(applying->arena, stored, found, &merged);
	if (merged.keys_differ)
		TRY(drop_partitions(applying, stored, err));
	TRY(table_update(
		applying->txn, merged.table, NULL, applying->arena, table_out, &changed, err));
	TRY(report_changes(applying, stored, *table_out, report, err));
	report->changes = arena_grow(applying->arena, report->changes, report->n_changes,
		report->n_changes + merged.conflict_count + 1, sizeof *report->changes);
	for (size_t i = 0; i < merged.conflict_count; i++)
		add_change(applying, report, &merged.conflicts[i]);
	return conflicts_found(applying->txn, *table_out, applying->result->run_id,
		merged.conflicts, merged.conflict_count, err);
}

/* ---- partitions and files ---- */

static enum status add_partitions(struct applying *applying, const struct applied *applied,
	Tenon__V1__Partition *const *partitions, size_t count, struct error *err)
{
	const Tenon__V1__Table *table = applied->table;
	for (size_t i = 0; i < count; i++) {
		bool created = false;
		TRY(partition_create(applying->txn, text_of(table->database), text_of(table->name),
			partitions[i], true, &created, err));
		applied->report->partitions_added += created;
	}
	return STATUS_OK;
}

static enum status record_files(struct applying *applying, Tenon__V1__LedgerEntry *const *files,
	size_t count, char *table, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		Tenon__V1__LedgerEntry entry = *files[i];
		entry.table = table;
		TRY(ledger_put(applying->txn, text_of(applying->plan->database), &entry, err));
	}
	return STATUS_OK;
}

/* As they stand in the plan, or in one of its parts. */
static enum status add_lists(struct applying *applying, struct applied *applied,
	Tenon__V1__Partition *const *partitions, size_t partition_count,
	Tenon__V1__LedgerEntry *const *files, size_t file_count, struct error *err)
{
	applied->differs = applied->differs || file_count > 0;
	TRY(add_partitions(applying, applied, partitions, partition_count, err));
	return record_files(applying, files, file_count, applied->report->table, err);
}

/* ---- one table ---- */

static Tenon__V1__Inferred *report_of(
	struct applying *applying, const Tenon__V1__CrawlTable *planned)
{
	Tenon__V1__Inferred *report = arena_alloc(applying->arena, sizeof *report);
	*report = (Tenon__V1__Inferred)TENON__V1__INFERRED__INIT;
	if (planned->summary)
		*report = *planned->summary;
	report->changes = NULL;
	report->n_changes = 0;
	return report;
}

static void count(struct applying *applying, Tenon__V1__Inferred *report, const char *outcome)
{
	Tenon__V1__CrawlResult *result = applying->result;
	report->outcome = arena_text(applying->arena, text_of(outcome));
	result->tables_created += strcmp(outcome, "created") == 0;
	result->tables_updated += strcmp(outcome, "updated") == 0;
	result->tables_unchanged += strcmp(outcome, "unchanged") == 0;
	result->partitions_added += (uint32_t)report->partitions_added;
	result->tables[result->n_tables++] = report;
}

static char *full_name(struct applying *applying, const Tenon__V1__Table *table)
{
	return arena_printf(applying->arena, "%s.%s", table->database, table->name);
}

/* No object differs: only what the catalog knows is repeated. */
static enum status report_unchanged(struct applying *applying, const Tenon__V1__CrawlTable *planned,
	const Tenon__V1__Table *stored, struct applied *applied)
{
	Tenon__V1__Inferred *report = report_of(applying, planned);
	report->partitions_added = 0;
	if (stored) {
		report->table = full_name(applying, stored);
		report->version = stored->version;
	}
	*applied = (struct applied){.report = report};
	return STATUS_OK;
}

static enum status stored_at(struct applying *applying, const char *location,
	Tenon__V1__Table **stored_out, struct error *err)
{
	*stored_out = NULL;
	enum status status = table_by_location(applying->txn, text_of(applying->plan->database),
		text_of(location), applying->arena, stored_out, err);
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status apply_table(struct applying *applying, const Tenon__V1__CrawlTable *planned,
	struct applied *applied, struct error *err)
{
	Tenon__V1__Table *stored = NULL;
	if (!planned->table || !planned->table->storage) {
		if (!planned->unchanged)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"the crawl's plan holds a table without a definition");
		TRY(stored_at(
			applying, planned->summary ? planned->summary->path : "", &stored, err));
		return report_unchanged(applying, planned, stored, applied);
	}
	Tenon__V1__Table found = *planned->table;
	found.database = applying->plan->database;
	TRY(match(applying, &found, &stored, err));
	if (planned->unchanged && stored)
		return report_unchanged(applying, planned, stored, applied);

	Tenon__V1__Inferred *report = report_of(applying, planned);
	Tenon__V1__Table *table;
	report->partitions_added = 0;
	if (stored)
		TRY(update(applying, stored, &found, report, &table, err));
	else
		TRY(table_create(applying->txn, &found, applying->arena, &table, err));
	report->table = full_name(applying, table);
	report->version = table->version;
	*applied = (struct applied){.table = table,
		.report = report,
		.is_new = !stored,
		.differs = stored && stored->version != table->version};
	return add_lists(applying, applied, planned->partitions, planned->n_partitions,
		planned->files, planned->n_files, err);
}

static enum status apply_tables(struct applying *applying, struct error *err)
{
	const Tenon__V1__ApplyCrawlRequest *plan = applying->plan;
	for (size_t i = 0; i < plan->n_tables; i++) {
		const Tenon__V1__Table *table = plan->tables[i]->table;
		if (apply_table(applying, plan->tables[i], &applying->applied[i], err) != STATUS_OK)
			return fail_within(err, "table '%s'", table ? table->name : "");
	}
	return STATUS_OK;
}

static enum status apply_loose(struct applying *applying, Tenon__V1__LedgerEntry *const *loose,
	size_t loose_count, char *const *gone, size_t gone_count, struct error *err)
{
	static char none[] = "";
	TRY(record_files(applying, loose, loose_count, none, err));
	for (size_t i = 0; i < gone_count; i++)
		TRY(ledger_remove(
			applying->txn, text_of(applying->plan->database), text_of(gone[i]), err));
	return STATUS_OK;
}

static enum status apply_part(
	struct applying *applying, const Tenon__V1__StagePartRequest *part, struct error *err)
{
	for (size_t i = 0; i < part->n_tables; i++) {
		const Tenon__V1__TablePart *lists = part->tables[i];
		if (lists->table >= applying->plan->n_tables)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"part %u is of table %u, and the plan has %zu", part->number,
				lists->table, applying->plan->n_tables);
		struct applied *applied = &applying->applied[lists->table];
		if (applied->table &&
			add_lists(applying, applied, lists->partitions, lists->n_partitions,
				lists->files, lists->n_files, err) != STATUS_OK)
			return fail_within(err, "table '%s'", applied->table->name);
	}
	return apply_loose(applying, part->loose, part->n_loose, part->gone, part->n_gone, err);
}

static enum status apply_parts(
	struct applying *applying, struct daemon *daemon, const char *run_id, struct error *err)
{
	for (unsigned i = 0; i < applying->plan->parts; i++) {
		OWNED(arena) step = arena_new();
		Tenon__V1__StagePartRequest *part;
		TRY(parts_read(daemon, run_id, i, step, &part, err));
		TRY(apply_part(applying, part, err));
	}
	return STATUS_OK;
}

/* A table's outcome is known when all of its lists are in. */
static void count_tables(struct applying *applying)
{
	for (size_t i = 0; i < applying->plan->n_tables; i++) {
		const struct applied *applied = &applying->applied[i];
		bool same = !applied->differs && applied->report->partitions_added == 0;
		count(applying, applied->report,
			applied->is_new ? "created"
			: same		? "unchanged"
					: "updated");
	}
}

static enum status make_database(struct applying *applying, struct error *err)
{
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	Tenon__V1__Database *made;
	database.name = applying->plan->database;
	return database_put(applying->txn, &database, true, applying->arena, &made, err);
}

/* database → tables (definition, partitions, files) → loose files, gone files → parts */
enum status crawl_apply(struct catalog_txn *txn, struct daemon *daemon, const char *run_id,
	const char *principal, const Tenon__V1__ApplyCrawlRequest *plan, struct arena *arena,
	Tenon__V1__CrawlResult **result_out, struct error *err)
{
	Tenon__V1__CrawlResult *result = arena_alloc(arena, sizeof *result);
	*result = (Tenon__V1__CrawlResult)TENON__V1__CRAWL_RESULT__INIT;
	if (plan->result)
		*result = *plan->result;
	result->run_id = arena_text(arena, text_of(run_id));
	result->path = plan->path;
	result->database = plan->database;
	result->plan_only = plan->plan_only;
	result->tables = arena_array(arena, plan->n_tables, sizeof *result->tables);
	result->n_tables = 0;
	result->tables_created = 0;
	result->tables_updated = 0;
	result->tables_unchanged = 0;
	result->partitions_added = 0;
	struct applying applying = {
		.txn = txn,
		.plan = plan,
		.arena = arena,
		.result = result,
		.applied = arena_array(arena, plan->n_tables, sizeof *applying.applied),
	};
	catalog_act_as(txn, run_author(principal, "crawl", run_id, arena));
	TRY(make_database(&applying, err));
	TRY(apply_tables(&applying, err));
	TRY(apply_loose(&applying, plan->loose, plan->n_loose, plan->gone, plan->n_gone, err));
	TRY(apply_parts(&applying, daemon, run_id, err));
	count_tables(&applying);
	*result_out = result;
	return STATUS_OK;
}
