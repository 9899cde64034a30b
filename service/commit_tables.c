#include "service/commit_tables.h"

#include "catalog/partitions.h"
#include "catalog/tables.h"
#include "service/merge.h"
#include "service/run_view.h"

static enum status make_database(
	struct catalog_txn *txn, char *name, struct arena *arena, struct error *err)
{
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	Tenon__V1__Database *made;
	database.name = name;
	return database_put(txn, &database, true, arena, &made, err);
}

static enum status put_table(
	struct catalog_txn *txn, Tenon__V1__Table *written, struct arena *arena, struct error *err)
{
	Tenon__V1__Table *stored;
	Tenon__V1__Table *merged;
	Tenon__V1__Table *put;
	bool changed;
	enum status status = table_get(
		txn, text_of(written->database), text_of(written->name), arena, &stored, err);
	if (status == STATUS_NOT_FOUND) {
		TRY(make_database(txn, written->database, arena, err));
		return table_create(txn, written, arena, &put, err);
	}
	TRY(status);
	TRY(merge_output(arena, stored, written, &merged, err));
	return table_update(txn, merged, NULL, arena, &put, &changed, err);
}

static enum status add_partitions(struct catalog_txn *txn, Tenon__V1__TargetCommit *target,
	Tenon__V1__Partition *const *partitions, size_t count, struct error *err)
{
	const Tenon__V1__Table *table = target->table;
	for (size_t i = 0; i < count; i++) {
		bool created = false;
		TRY(partition_create(txn, text_of(table->database), text_of(table->name),
			partitions[i], true, &created, err));
		if (target->report)
			target->report->partitions_added += created;
	}
	return STATUS_OK;
}

static enum status put_target(struct catalog_txn *txn, Tenon__V1__TargetCommit *target,
	struct arena *arena, struct error *err)
{
	TRY(put_table(txn, target->table, arena, err));
	/* The whole may be applied again when the catalog's map has grown. */
	if (target->report)
		target->report->partitions_added = 0;
	return add_partitions(txn, target, target->partitions, target->n_partitions, err);
}

enum status commit_tables(struct catalog_txn *txn, const char *run_id, const char *principal,
	const Tenon__V1__CommitRunRequest *request, struct arena *arena, struct error *err)
{
	catalog_act_as(txn, run_author(principal, "run", run_id, arena));
	for (size_t i = 0; i < request->n_targets; i++) {
		Tenon__V1__TargetCommit *target = request->targets[i];
		if (target->table && put_target(txn, target, arena, err) != STATUS_OK)
			return fail_within(
				err, "table '%s.%s'", target->table->database, target->table->name);
	}
	return STATUS_OK;
}

enum status commit_partitions(struct catalog_txn *txn, const Tenon__V1__CommitRunRequest *request,
	const Tenon__V1__StagePartRequest *part, struct error *err)
{
	for (size_t i = 0; i < part->n_tables; i++) {
		const Tenon__V1__TablePart *lists = part->tables[i];
		Tenon__V1__TargetCommit *target =
			lists->table < request->n_targets ? request->targets[lists->table] : NULL;
		if (!target || !target->table)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"part %u is of target %u, which has no table", part->number,
				lists->table);
		if (add_partitions(txn, target, lists->partitions, lists->n_partitions, err) !=
			STATUS_OK)
			return fail_within(
				err, "table '%s.%s'", target->table->database, target->table->name);
	}
	return STATUS_OK;
}
