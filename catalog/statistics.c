#include "catalog/statistics.h"

#include "catalog/feed.h"
#include "catalog/key.h"
#include "catalog/names.h"
#include "catalog/partitions.h"
#include "catalog/store.h"
#include "catalog/table.h"
#include "proto/wire.h"

#define DESCRIPTOR &tenon__v1__column_statistics__descriptor

/* The count keeps the table's columns apart from its partitions' values. */
static void place_key(struct buffer *key, uint64_t id, char *const *partition, size_t count)
{
	key_init(key);
	key_add_u64(key, id);
	buffer_add_byte(key, (char)count);
	for (size_t i = 0; i < count; i++)
		key_add_part(key, text_of(partition[i]));
}

static enum status place_find(struct catalog_txn *txn, const struct statistics_place *place,
	struct arena *arena, struct buffer *key, Tenon__V1__Table **table_out, struct error *err)
{
	Tenon__V1__Partition *partition;
	TRY(table_get(txn, place->database, place->table, arena, table_out, err));
	if (place->count)
		TRY(partition_get(txn, place->database, place->table, place->partition,
			place->count, arena, &partition, err));
	place_key(key, (*table_out)->id, place->partition, place->count);
	return STATUS_OK;
}

/* "amount", of a partition "2013/05.amount": where paths begin. */
static char *path_of(struct arena *arena, const struct statistics_place *place, struct text column)
{
	char *path = arena_text(arena, TEXT(""));
	for (size_t i = 0; i < place->count; i++)
		path = arena_printf(arena, "%s%s%s", path, i ? "/" : "", place->partition[i]);
	return arena_printf(arena, "%s%s%.*s", path, place->count ? "." : "", TEXT_ARG(column));
}

static enum status note(struct catalog_txn *txn, const char *kind, const Tenon__V1__Table *table,
	const char *within, const Tenon__V1__ColumnStatistics *before,
	const Tenon__V1__ColumnStatistics *after, struct arena *arena, struct error *err)
{
	struct feed_change change = {
		.kind = kind,
		.resource = arena_printf(arena, "table/%s/%s", table->database, table->name),
		.database = table->database,
		.within = within,
		.before = before ? &before->base : NULL,
		.after = after ? &after->base : NULL,
	};
	return feed_note(txn, &change, err);
}

static bool has_column(const Tenon__V1__Table *table, struct text column)
{
	for (size_t i = 0; table->storage && i < table->storage->n_columns; i++) {
		if (text_equal_folded(text_of(table->storage->columns[i]->name), column))
			return true;
	}
	for (size_t i = 0; i < table->n_partition_keys; i++) {
		if (text_equal_folded(text_of(table->partition_keys[i]->name), column))
			return true;
	}
	return false;
}

enum status statistics_put(struct catalog_txn *txn, const struct statistics_place *place,
	const Tenon__V1__ColumnStatistics *statistics, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER key = {0};
	struct text column;
	Tenon__V1__Table *table;
	void *before;
	TRY(name_fold(arena, text_of(statistics->column), "column name", &column, err));
	TRY(length_check(text_of(statistics->type), LIMIT_TYPE_TEXT_BYTES, "the type", err));
	if (statistics->data_case == TENON__V1__COLUMN_STATISTICS__DATA__NOT_SET)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"column '%s' comes without statistics: give those of its type",
			statistics->column);
	TRY(place_find(txn, place, arena, &key, &table, err));
	if (!has_column(table, column))
		return fail(err, STATUS_INVALID_ARGUMENT, "table '%s.%s' has no column '%s'",
			table->database, table->name, statistics->column);
	buffer_add_text(&key, column);
	TRY(buffer_check(&key, "the statistics' key", err));
	TRY(store_message(txn, DB_STATISTICS, buffer_text(&key), DESCRIPTOR, arena, &before, err));
	Tenon__V1__ColumnStatistics *made = wire_copy(arena, &statistics->base);
	made->column = arena_text(arena, column);
	TRY(store_put_message(txn, DB_STATISTICS, buffer_text(&key), &made->base, err));
	return note(txn, "statistics_put", table, path_of(arena, place, column), before, made,
		arena, err);
}

enum status statistics_get(struct catalog_txn *txn, const struct statistics_place *place,
	struct text column, struct arena *arena, Tenon__V1__ColumnStatistics **statistics_out,
	struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	struct text folded;
	Tenon__V1__Table *table;
	void *found;
	TRY(name_fold(arena, column, "column name", &folded, err));
	TRY(place_find(txn, place, arena, &key, &table, err));
	buffer_add_text(&key, folded);
	TRY(store_message(txn, DB_STATISTICS, buffer_text(&key), DESCRIPTOR, arena, &found, err));
	*statistics_out = found;
	return STATUS_OK;
}

enum status statistics_delete(struct catalog_txn *txn, const struct statistics_place *place,
	struct text column, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER key = {0};
	struct text folded;
	Tenon__V1__Table *table;
	uint64_t count = 0;
	bool found = false;
	TRY(place_find(txn, place, arena, &key, &table, err));
	void *before = NULL;
	if (column.length) {
		TRY(name_fold(arena, column, "column name", &folded, err));
		buffer_add_text(&key, folded);
		TRY(store_message(
			txn, DB_STATISTICS, buffer_text(&key), DESCRIPTOR, arena, &before, err));
		TRY(store_delete(txn, DB_STATISTICS, buffer_text(&key), &found, err));
	} else {
		TRY(store_delete_prefix(txn, DB_STATISTICS, buffer_text(&key), &count, err));
	}
	if (!found && !count)
		return STATUS_OK;
	return note(txn, "statistics_deleted", table, path_of(arena, place, column), before, NULL,
		arena, err);
}

enum status statistics_forget(struct catalog_txn *txn, uint64_t id, char *const *partition,
	size_t count, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	uint64_t gone;
	place_key(&key, id, partition, count);
	if (count == 0)
		key.length--; /* without the count: of its partitions, too */
	return store_delete_prefix(txn, DB_STATISTICS, buffer_text(&key), &gone, err);
}
