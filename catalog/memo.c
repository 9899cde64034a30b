#include "catalog/memo.h"

#include "base/limits.h"
#include "catalog/feed.h"
#include "catalog/field_diff.h"
#include "catalog/key.h"
#include "catalog/names.h"
#include "catalog/store.h"

#include <string.h>

enum { TOLD_MAX = 100 }; /* as feed.proto says */

static enum status memo_fill(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, struct table_memo *memo, struct error *err)
{
	uint64_t id;
	memo->arena = arena;
	memo->database = arena_copy(arena, database);
	memo->name = arena_copy(arena, name);
	TRY(table_find(txn, database, name, &id, err));
	TRY(table_read(txn, id, arena, &memo->table, err));
	return table_schema(memo->table, arena, &memo->schema, err);
}

static enum status memo_of_read(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, struct table_memo **memo_out, struct error *err)
{
	struct table_memo *memo = arena_alloc(arena, sizeof *memo);
	TRY(memo_fill(txn, database, name, arena, memo, err));
	*memo_out = memo;
	return STATUS_OK;
}

static enum status memo_of_write(struct catalog_txn *txn, struct text database, struct text name,
	struct table_memo **memo_out, struct error *err)
{
	struct table_memo *memo = txn->memo;
	if (memo && text_equal(memo->database, database) && text_equal(memo->name, name)) {
		*memo_out = memo;
		return STATUS_OK;
	}
	TRY(txn_settle(txn, err));
	txn_forget(txn);
	OWNED(arena) arena = arena_new();
	TRY(memo_of_read(txn, database, name, arena, memo_out, err));
	txn->memo = *memo_out;
	(void)TAKE(arena);
	return STATUS_OK;
}

enum status memo_of(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, struct table_memo **memo_out, struct error *err)
{
	struct text database_folded;
	struct text name_folded;
	TRY(name_fold(arena, database, "database name", &database_folded, err));
	TRY(name_fold(arena, name, "table name", &name_folded, err));
	if (txn->writes)
		return memo_of_write(txn, database_folded, name_folded, memo_out, err);
	return memo_of_read(txn, database_folded, name_folded, arena, memo_out, err);
}

enum status memo_indexes(struct catalog_txn *txn, struct table_memo *memo,
	const struct partition_indexes **indexes_out, struct error *err)
{
	if (!memo->indexes_known)
		TRY(partition_indexes_read(txn, memo->table->id, memo->arena, &memo->indexes, err));
	memo->indexes_known = true;
	*indexes_out = &memo->indexes;
	return STATUS_OK;
}

bool memo_tells(const struct table_memo *memo)
{
	return memo->told_count < TOLD_MAX;
}

static char **values_kept(struct arena *arena, const Tenon__V1__Partition *partition)
{
	char **kept = arena_array(arena, partition->n_values, sizeof *kept);
	for (size_t i = 0; i < partition->n_values; i++)
		kept[i] = arena_text(arena, text_of(partition->values[i]));
	return kept;
}

static bool values_same(const Tenon__V1__Partition *a, const Tenon__V1__Partition *b)
{
	size_t same = 0;
	while (same < a->n_values && same < b->n_values &&
		strcmp(a->values[same], b->values[same]) == 0)
		same++;
	return same == a->n_values && same == b->n_values;
}

/* All of the partitions' fields together are bounded, so that no change is too large. */
static void tell_fields(struct table_memo *memo, const Tenon__V1__Partition *before,
	const Tenon__V1__Partition *after, Tenon__V1__PartitionChange *change)
{
	Tenon__V1__Partition was = TENON__V1__PARTITION__INIT;
	Tenon__V1__Partition is = TENON__V1__PARTITION__INIT;
	struct field_pair pair = {.before = &was.base,
		.after = &is.base,
		.columns = true,
		.most = LIMIT_FEED_FIELDS - memo->told_fields};
	if (before)
		was = *before;
	if (after)
		is = *after;
	was.n_values = is.n_values = 0; /* they are told as such */
	if (pair.most)
		field_diff_any(memo->arena, &pair, &change->fields, &change->n_fields);
	memo->told_fields += change->n_fields;
}

/* `one` is what it is now, or what it was. */
static Tenon__V1__PartitionChange *tell(
	struct table_memo *memo, const char *kind, const Tenon__V1__Partition *one)
{
	Tenon__V1__PartitionChange *change = arena_alloc(memo->arena, sizeof *change);
	tenon__v1__partition_change__init(change);
	change->kind = arena_text(memo->arena, text_of(kind));
	change->values = values_kept(memo->arena, one);
	change->n_values = one->n_values;
	if (!memo->told)
		memo->told = arena_array(memo->arena, TOLD_MAX, sizeof *memo->told);
	memo->told[memo->told_count++] = change;
	return change;
}

static void tell_update(struct table_memo *memo, const Tenon__V1__Partition *before,
	const Tenon__V1__Partition *after)
{
	Tenon__V1__PartitionChange *change = tell(memo, "updated", after);
	if (!values_same(before, after)) {
		change->before_values = values_kept(memo->arena, before);
		change->n_before_values = before->n_values;
	}
	tell_fields(memo, before, after, change);
}

void memo_change(struct table_memo *memo, const Tenon__V1__Partition *before,
	const Tenon__V1__Partition *after)
{
	bool told = memo_tells(memo);
	if (before && after) {
		memo->updated++;
		if (told)
			tell_update(memo, before, after);
	} else if (after) {
		memo->added++;
		if (told)
			tell_fields(memo, NULL, after, tell(memo, "added", after));
	} else if (before) {
		memo->removed++;
		if (told)
			tell_fields(memo, before, NULL, tell(memo, "removed", before));
	}
}

enum status txn_settle(struct catalog_txn *txn, struct error *err)
{
	struct table_memo *memo = txn->memo;
	if (!memo || memo->added + memo->removed + memo->updated == 0)
		return STATUS_OK;
	Tenon__V1__Table *table = memo->table;
	table->partition_count += memo->added - memo->removed;
	Tenon__Store__V1__ChangeRecord change = TENON__STORE__V1__CHANGE_RECORD__INIT;
	char kind[] = "partitions_changed";
	change.kind = kind;
	change.database = table->database;
	change.table = table->name;
	change.table_id = table->id;
	change.version = table->version;
	change.partitions_added = memo->added;
	change.partitions_removed = memo->removed;
	change.partitions_updated = memo->updated;
	change.n_partitions = memo->told_count;
	change.partitions = memo->told;
	memo->added = 0;
	memo->removed = 0;
	memo->updated = 0;
	memo->told_count = 0;
	memo->told_fields = 0;
	TRY(feed_append(txn, &change, err));
	char key[8];
	return store_put_message(txn, DB_TABLES, key_u64_text(table->id, key), &table->base, err);
}

void txn_forget(struct catalog_txn *txn)
{
	if (txn->memo)
		arena_free(txn->memo->arena); /* the memo itself is in it */
	txn->memo = NULL;
}
