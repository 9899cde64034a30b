#include "catalog/statistics.h"

#include "catalog/feed.h"
#include "catalog/key.h"
#include "catalog/memo.h"
#include "catalog/names.h"
#include "catalog/partitions.h"
#include "catalog/store.h"
#include "catalog/table.h"
#include "proto/wire.h"

#include <stdlib.h>
#include <strings.h>

#define DESCRIPTOR &tenon__v1__column_statistics__descriptor

/* No number of values: under it stands, by column, the version of the table from which
 * on nothing older is true, for to look through the partitions would take too long. */
enum { FORGOTTEN = 0xFF };
_Static_assert(LIMIT_PARTITION_KEYS < FORGOTTEN, "a count of values is none of the marks");

/* The count keeps the table's columns apart from its partitions' values. */
static void place_key(struct buffer *key, uint64_t id, char *const *partition, size_t count)
{
	key_init(key);
	key_add_u64(key, id);
	buffer_add_byte(key, (char)count);
	for (size_t i = 0; i < count; i++)
		key_add_part(key, text_of(partition[i]));
}

static void forgotten_key(struct buffer *key, uint64_t id, struct text column)
{
	key_init(key);
	key_add_u64(key, id);
	buffer_add_byte(key, (char)FORGOTTEN);
	buffer_add_text(key, column);
}

static enum status place_find(struct catalog_txn *txn, const struct statistics_place *place,
	struct arena *arena, struct buffer *key, Tenon__V1__Table **table_out, struct error *err)
{
	Tenon__V1__Partition *partition;
	struct table_memo *memo;
	TRY(memo_of(txn, place->database, place->table, arena, &memo, err));
	*table_out = memo->table;
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
	made->table_version = table->version;
	TRY(store_put_message(txn, DB_STATISTICS, buffer_text(&key), &made->base, err));
	return note(txn, "statistics_put", table, path_of(arena, place, column), before, made,
		arena, err);
}

/* `key` is the place's; it is that again afterwards. */
static enum status get_column(struct catalog_txn *txn, uint64_t id, struct buffer *key,
	struct text column, struct arena *arena, Tenon__V1__ColumnStatistics **statistics_out,
	struct error *err)
{
	struct buffer SCOPED_BUFFER mark = {0};
	struct text folded;
	void *found;
	void *forgotten = NULL;
	size_t place = key->length;
	TRY(name_fold(arena, column, "column name", &folded, err));
	buffer_add_text(key, folded);
	TRY(store_message(txn, DB_STATISTICS, buffer_text(key), DESCRIPTOR, arena, &found, err));
	key->length = place;
	*statistics_out = found;
	if (!found)
		return STATUS_OK;
	forgotten_key(&mark, id, folded);
	TRY(store_message(
		txn, DB_STATISTICS, buffer_text(&mark), DESCRIPTOR, arena, &forgotten, err));
	if (forgotten && ((Tenon__V1__ColumnStatistics *)forgotten)->table_version >
				 (*statistics_out)->table_version)
		*statistics_out = NULL;
	return STATUS_OK;
}

enum status statistics_get_columns(struct catalog_txn *txn, const struct statistics_place *place,
	char *const *columns, size_t count, struct arena *arena,
	Tenon__V1__ColumnStatistics ***statistics_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	Tenon__V1__Table *table;
	TRY(place_find(txn, place, arena, &key, &table, err));
	Tenon__V1__ColumnStatistics **found = arena_array(arena, count, sizeof *found);
	for (size_t i = 0; i < count; i++)
		TRY(get_column(txn, table->id, &key, text_of(columns[i]), arena, &found[i], err));
	*statistics_out = found;
	return STATUS_OK;
}

enum status statistics_get(struct catalog_txn *txn, const struct statistics_place *place,
	struct text column, struct arena *arena, Tenon__V1__ColumnStatistics **statistics_out,
	struct error *err)
{
	char *columns[] = {arena_text(arena, column)};
	Tenon__V1__ColumnStatistics **found;
	TRY(statistics_get_columns(txn, place, columns, 1, arena, &found, err));
	*statistics_out = found[0];
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

/* ---- columns that go or change ---- */

struct known {
	const char *name, *type;
};

static int by_name(const void *a, const void *b)
{
	const struct known *left = a;
	const struct known *right = b;
	return strcasecmp(left->name, right->name);
}

static struct known *columns_sorted(
	const Tenon__V1__Table *table, struct arena *arena, size_t *count_out)
{
	size_t count = table->storage ? table->storage->n_columns : 0;
	struct known *columns =
		arena_array(arena, count + table->n_partition_keys, sizeof *columns);
	for (size_t i = 0; i < count; i++)
		columns[i] = (struct known){
			table->storage->columns[i]->name, table->storage->columns[i]->type};
	for (size_t i = 0; i < table->n_partition_keys; i++)
		columns[count++] = (struct known){
			table->partition_keys[i]->name, table->partition_keys[i]->type};
	if (count)
		qsort(columns, count, sizeof *columns, by_name);
	*count_out = count;
	return columns;
}

static enum status forget_column(struct catalog_txn *txn, const Tenon__V1__Table *after,
	const char *name, struct arena *arena, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	struct buffer SCOPED_BUFFER mark_key = {0};
	struct text column;
	Tenon__V1__ColumnStatistics mark = TENON__V1__COLUMN_STATISTICS__INIT;
	bool found;
	TRY(name_fold(arena, text_of(name), "column name", &column, err));
	place_key(&key, after->id, NULL, 0);
	buffer_add_text(&key, column);
	TRY(store_delete(txn, DB_STATISTICS, buffer_text(&key), &found, err));
	forgotten_key(&mark_key, after->id, column);
	mark.column = arena_text(arena, column);
	mark.table_version = after->version;
	return store_put_message(txn, DB_STATISTICS, buffer_text(&mark_key), &mark.base, err);
}

static enum status has_any(struct catalog_txn *txn, uint64_t id, bool *found_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	struct text found_key, value;
	OWNED(scan) scan = NULL;
	key_init(&key);
	key_add_u64(&key, id);
	TRY(scan_open(txn, DB_STATISTICS, buffer_text(&key), TEXT(""), &scan, err));
	return scan_next(scan, found_out, &found_key, &value, err);
}

enum status statistics_forget_columns(struct catalog_txn *txn, const Tenon__V1__Table *before,
	const Tenon__V1__Table *after, struct arena *arena, struct error *err)
{
	size_t old_count, new_count, n = 0;
	bool any = false;
	TRY(has_any(txn, after->id, &any, err));
	if (!any)
		return STATUS_OK;
	const struct known *old = columns_sorted(before, arena, &old_count);
	const struct known *new = columns_sorted(after, arena, &new_count);
	for (size_t o = 0; o < old_count; o++) {
		while (n < new_count && strcasecmp(new[n].name, old[o].name) < 0)
			n++;
		bool same = n < new_count && strcasecmp(new[n].name, old[o].name) == 0 &&
			    strcasecmp(new[n].type, old[o].type) == 0;
		if (!same)
			TRY(forget_column(txn, after, old[o].name, arena, err));
	}
	return STATUS_OK;
}
