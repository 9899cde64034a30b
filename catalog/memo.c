#include "catalog/memo.h"

#include "catalog/feed.h"
#include "catalog/key.h"
#include "catalog/names.h"
#include "catalog/store.h"

enum { NOTED_MAX = 100 };

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

void memo_note(struct table_memo *memo, char *const *values, size_t count)
{
	if (memo->noted_count == NOTED_MAX)
		return;
	if (!memo->noted)
		memo->noted = arena_array(memo->arena, NOTED_MAX, sizeof(Tenon__V1__Partition *));
	Tenon__V1__Partition *partition = arena_alloc(memo->arena, sizeof *partition);
	tenon__v1__partition__init(partition);
	partition->values = arena_array(memo->arena, count, sizeof *partition->values);
	partition->n_values = count;
	for (size_t i = 0; i < count; i++)
		partition->values[i] = arena_text(memo->arena, text_of(values[i]));
	memo->noted[memo->noted_count++] = partition;
}

void memo_count(struct table_memo *memo, int change, char *const *values, size_t count)
{
	memo->added += change > 0;
	memo->removed += change < 0;
	memo->updated += change == 0;
	memo_note(memo, values, count);
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
	change.n_partitions = memo->noted_count;
	change.partitions = memo->noted;
	memo->added = 0;
	memo->removed = 0;
	memo->updated = 0;
	memo->noted_count = 0;
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
