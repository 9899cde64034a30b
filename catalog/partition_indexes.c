#include "catalog/partition_indexes.h"

#include "base/clock.h"
#include "catalog/dropped_record.h"
#include "catalog/key.h"
#include "catalog/memo.h"
#include "catalog/names.h"
#include "catalog/partition_orders.h"
#include "catalog/store.h"
#include "catalog/table_change.h"

#define STATE(name) TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_##name

/* Some ten milliseconds of the writer's time. */
enum { STEP_ENTRIES = 2000, STEP_BYTES_MAX = 4 * 1024 * 1024, AT_ONCE = 1000 };

static struct text record_key(uint64_t table, unsigned number, char bytes[ORDER_PREFIX_BYTES])
{
	return partition_order_prefix(table, number, bytes);
}

/* What is to be done stands under table 0, with the index's own key behind it. */
static enum status todo_write(
	struct catalog_txn *txn, uint64_t table, unsigned number, bool there, struct error *err)
{
	static const Tenon__Store__V1__PartitionIndexRecord nothing =
		TENON__STORE__V1__PARTITION_INDEX_RECORD__INIT;
	char bytes[8 + ORDER_PREFIX_BYTES];
	bool found;
	(void)key_u64_text(0, bytes);
	(void)record_key(table, number, bytes + 8);
	struct text key = {bytes, sizeof bytes};
	if (there)
		return store_put_message(txn, DB_PARTITION_INDEXES, key, &nothing.base, err);
	return store_delete(txn, DB_PARTITION_INDEXES, key, &found, err);
}

/* The record, and the note that there is work on it, as its state says. */
static enum status index_write(struct catalog_txn *txn, uint64_t table,
	const struct partition_index *index, struct error *err)
{
	char bytes[ORDER_PREFIX_BYTES];
	uint32_t state = index->record->state;
	bool work = state == STATE(CREATING) || state == STATE(DELETING);
	TRY(todo_write(txn, table, index->number, work, err));
	return store_put_message(txn, DB_PARTITION_INDEXES, record_key(table, index->number, bytes),
		&index->record->base, err);
}

static enum status index_remove(
	struct catalog_txn *txn, uint64_t table, unsigned number, struct error *err)
{
	char bytes[ORDER_PREFIX_BYTES];
	bool found;
	TRY(todo_write(txn, table, number, false, err));
	return store_delete(
		txn, DB_PARTITION_INDEXES, record_key(table, number, bytes), &found, err);
}

static Tenon__V1__PartitionIndex *shown(
	const struct partition_index *index, const Tenon__V1__Table *table, struct arena *arena)
{
	const Tenon__Store__V1__PartitionIndexRecord *record = index->record;
	Tenon__V1__PartitionIndex *out = arena_alloc(arena, sizeof *out);
	tenon__v1__partition_index__init(out);
	out->name = arena_text(arena, text_of(record->name));
	out->keys = arena_array(arena, record->n_positions + 1, sizeof *out->keys);
	for (size_t i = 0; i < record->n_positions; i++) {
		if (record->positions[i] < table->n_partition_keys)
			out->keys[out->n_keys++] = arena_text(
				arena, text_of(table->partition_keys[record->positions[i]]->name));
	}
	out->state = (Tenon__V1__PartitionIndexState)record->state;
	out->error = arena_text(arena, text_of(record->error));
	out->entries = record->state == STATE(ACTIVE) ? table->partition_count : record->filled;
	out->create_time_us = record->create_time_us;
	return out;
}

static enum status positions_read(const Tenon__V1__PartitionIndex *index,
	const struct schema *schema, uint32_t *positions, struct error *err)
{
	for (size_t i = 0; i < index->n_keys; i++) {
		struct text name = text_of(index->keys[i]);
		uint32_t at = 0;
		while (at < schema->key_count && !text_equal_folded(schema->keys[at].name, name))
			at++;
		if (at == schema->key_count)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"'%s' is no partition key of the table", index->keys[i]);
		for (size_t k = 0; k < i; k++) {
			if (positions[k] == at)
				return fail(err, STATUS_INVALID_ARGUMENT,
					"partition key '%s' is named twice", index->keys[i]);
		}
		positions[i] = at;
	}
	return STATUS_OK;
}

/* Whether one more fits, and which number is free. */
static enum status room_check(const struct partition_indexes *indexes, struct text name,
	unsigned *number_out, struct error *err)
{
	size_t live = 0;
	unsigned number = 0;
	for (size_t i = 0; i < indexes->count; i++) {
		const Tenon__Store__V1__PartitionIndexRecord *record = indexes->at[i].record;
		number += indexes->at[i].number == number;
		live += partition_index_is_kept(&indexes->at[i]);
		if (!text_equal(text_of(record->name), name))
			continue;
		if (record->state == STATE(DELETING))
			return fail(err, STATUS_FAILED_PRECONDITION,
				"partition index '%s' is still being deleted: try again soon",
				record->name);
		return fail(err, STATUS_ALREADY_EXISTS, "partition index '%s' exists already",
			record->name);
	}
	if (live >= LIMIT_PARTITION_INDEXES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"the table has %zu partition indexes, and %d are the most: delete one "
			"first",
			live, LIMIT_PARTITION_INDEXES);
	if (indexes->count >= LIMIT_PARTITION_INDEXES + LIMIT_FAILED_INDEXES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"the table has %zu partition indexes that failed or are being deleted: "
			"delete some of them first",
			indexes->count - live);
	*number_out = number;
	return STATUS_OK;
}

static enum status fill(struct catalog_txn *txn, uint64_t table, const struct schema *schema,
	struct partition_index *index, struct arena *arena, bool *filled_out, struct error *err);

/* The table and its indexes; a memo of them would be wrong after this write. */
static enum status begin(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, Tenon__V1__Table **table_out, struct partition_indexes *indexes_out,
	struct error *err)
{
	if (txn->writes) {
		TRY(txn_settle(txn, err));
		txn_forget(txn);
	}
	TRY(table_get(txn, database, name, arena, table_out, err));
	return partition_indexes_read(txn, (*table_out)->id, arena, indexes_out, err);
}

enum status partition_index_create(struct catalog_txn *txn, struct text database, struct text table,
	const Tenon__V1__PartitionIndex *index, struct arena *arena,
	Tenon__V1__PartitionIndex **index_out, struct error *err)
{
	Tenon__V1__Table *of;
	struct partition_indexes indexes;
	struct schema schema;
	struct partition_index made = {0};
	TRY(name_check(text_of(index->name), "the partition index's name", err));
	TRY(begin(txn, database, table, arena, &of, &indexes, err));
	TRY(table_schema(of, arena, &schema, err));
	if (schema.key_count == 0)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the table has no partition keys: it can have no partition indexes");
	if (index->n_keys == 0 || index->n_keys > schema.key_count)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"%zu keys for an index of a table with %zu partition keys: give one to "
			"%zu of them",
			index->n_keys, schema.key_count, schema.key_count);
	TRY(room_check(&indexes, text_of(index->name), &made.number, err));
	Tenon__Store__V1__PartitionIndexRecord record =
		TENON__STORE__V1__PARTITION_INDEX_RECORD__INIT;
	record.name = index->name;
	record.positions = arena_array(arena, index->n_keys, sizeof *record.positions);
	record.n_positions = index->n_keys;
	TRY(positions_read(index, &schema, record.positions, err));
	record.create_time_us = clock_now_us();
	record.state = STATE(CREATING);
	made.record = &record;
	bool filled = false;
	if (of->partition_count <= AT_ONCE)
		TRY(fill(txn, of->id, &schema, &made, arena, &filled, err));
	if (filled)
		record.state = STATE(ACTIVE);
	TRY(index_write(txn, of->id, &made, err));
	*index_out = shown(&made, of, arena);
	return table_note(txn, "partition_index_put", of, NULL, &(*index_out)->base, err);
}

enum status partition_indexes_list(struct catalog_txn *txn, struct text database, struct text table,
	struct arena *arena, Tenon__V1__PartitionIndex ***indexes_out, size_t *count_out,
	struct error *err)
{
	Tenon__V1__Table *of;
	struct partition_indexes indexes;
	TRY(begin(txn, database, table, arena, &of, &indexes, err));
	*indexes_out = arena_array(arena, indexes.count + 1, sizeof **indexes_out);
	for (size_t i = 0; i < indexes.count; i++)
		(*indexes_out)[i] = shown(&indexes.at[i], of, arena);
	*count_out = indexes.count;
	return STATUS_OK;
}

enum status partition_index_delete(struct catalog_txn *txn, struct text database, struct text table,
	struct text name, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Table *of;
	struct partition_indexes indexes;
	TRY(begin(txn, database, table, arena, &of, &indexes, err));
	for (size_t i = 0; i < indexes.count; i++) {
		struct partition_index *index = &indexes.at[i];
		if (!text_equal(text_of(index->record->name), name))
			continue;
		if (index->record->state == STATE(DELETING))
			return STATUS_OK;
		const Tenon__V1__PartitionIndex *before = shown(index, of, arena);
		index->record->state = STATE(DELETING);
		TRY(index_write(txn, of->id, index, err));
		return table_note(txn, "partition_index_deleted", of, &before->base, NULL, err);
	}
	return fail(err, STATUS_NOT_FOUND, "no partition index '%.*s' of table '%s.%s'",
		TEXT_ARG(name), of->database, of->name);
}

struct keys {
	struct text at[STEP_ENTRIES];
	size_t count;
	bool all; /* there are no more */
};

/* Nothing may be written while a scan is open: the next keys, in the arena. */
static enum status keys_take(struct catalog_txn *txn, enum db db, struct text prefix,
	struct text after, struct arena *arena, struct keys *keys, struct error *err)
{
	OWNED(scan) scan = NULL;
	size_t before = arena_bytes(arena);
	TRY(scan_open(txn, db, prefix, after, &scan, err));
	for (keys->count = 0; keys->count < STEP_ENTRIES; keys->count++) {
		bool found;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		keys->all = !found;
		if (!found || arena_bytes(arena) - before > STEP_BYTES_MAX)
			break;
		keys->at[keys->count] = arena_copy(arena, key);
	}
	return STATUS_OK;
}

/* The entries of the next partitions; those that a write has put already are put again. */
static enum status fill(struct catalog_txn *txn, uint64_t table, const struct schema *schema,
	struct partition_index *index, struct arena *arena, bool *filled_out, struct error *err)
{
	Tenon__Store__V1__PartitionIndexRecord *record = index->record;
	struct keys *keys = arena_alloc(arena, sizeof *keys);
	struct text filled_to = {(const char *)record->filled_to.data, record->filled_to.len};
	char prefix[8];
	TRY(keys_take(
		txn, DB_PARTITIONS, key_u64_text(table, prefix), filled_to, arena, keys, err));
	for (size_t i = 0; i < keys->count; i++)
		TRY(partition_order_put(txn, index, schema, keys->at[i], true, err));
	record->filled += keys->count;
	*filled_out = keys->all;
	if (keys->count) {
		struct text last = keys->at[keys->count - 1];
		record->filled_to.data = (uint8_t *)(uintptr_t)last.at;
		record->filled_to.len = last.length;
	}
	return STATUS_OK;
}

static enum status work_fill(struct catalog_txn *txn, uint64_t id, struct partition_index *index,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Table *table;
	bool purging;
	struct schema schema;
	bool filled = false;
	struct error why;
	TRY(table_or_dropped(txn, id, arena, &table, &purging, err));
	if (!table)
		return fail(err, STATUS_DATA_LOSS, "a partition index is of no table");
	TRY(table_schema(table, arena, &schema, err));
	enum status status = fill(txn, id, &schema, index, arena, &filled, &why);
	if (status == STATUS_DATA_LOSS) {
		index->record->state = STATE(FAILED);
		index->record->error = arena_text(arena, text_of(why.message));
	} else if (status != STATUS_OK) {
		*err = why;
		return status;
	}
	if (filled)
		index->record->state = STATE(ACTIVE);
	return index_write(txn, id, index, err);
}

static enum status work_delete(struct catalog_txn *txn, uint64_t id,
	const struct partition_index *index, struct arena *arena, struct error *err)
{
	struct keys *keys = arena_alloc(arena, sizeof *keys);
	char prefix[ORDER_PREFIX_BYTES];
	TRY(keys_take(txn, DB_PARTITION_ORDERS, partition_order_prefix(id, index->number, prefix),
		TEXT(""), arena, keys, err));
	for (size_t i = 0; i < keys->count; i++) {
		bool found;
		TRY(store_delete(txn, DB_PARTITION_ORDERS, keys->at[i], &found, err));
	}
	return keys->all ? index_remove(txn, id, index->number, err) : STATUS_OK;
}

/* The first thing that is to be done; false when there is none. */
static enum status todo_find(struct catalog_txn *txn, bool *found_out, uint64_t *table_out,
	unsigned *number_out, struct error *err)
{
	char prefix[8];
	struct text key;
	struct text value;
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_PARTITION_INDEXES, key_u64_text(0, prefix), TEXT(""), &scan, err));
	TRY(scan_next(scan, found_out, &key, &value, err));
	if (!*found_out)
		return STATUS_OK;
	if (key.length != 8 + ORDER_PREFIX_BYTES)
		return fail(err, STATUS_DATA_LOSS, "a note of partition indexes has %zu bytes",
			key.length);
	*table_out = key_u64(key.at + 8);
	*number_out = (unsigned char)key.at[key.length - 1];
	return STATUS_OK;
}

static enum status work(struct catalog_txn *txn, void *state, struct error *err)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	bool found;
	uint64_t table = 0;
	unsigned number = 0;
	char bytes[ORDER_PREFIX_BYTES];
	void *record;
	TRY(txn_settle(txn, err));
	txn_forget(txn);
	TRY(todo_find(txn, &found, &table, &number, err));
	if (!found)
		return STATUS_OK;
	TRY(store_message(txn, DB_PARTITION_INDEXES, record_key(table, number, bytes),
		&tenon__store__v1__partition_index_record__descriptor, arena, &record, err));
	struct partition_index index = {number, record};
	if (!record)
		return todo_write(txn, table, number, false, err);
	if (index.record->state == STATE(DELETING))
		return work_delete(txn, table, &index, arena, err);
	if (index.record->state == STATE(CREATING))
		return work_fill(txn, table, &index, arena, err);
	return todo_write(txn, table, number, false, err);
}

enum status partition_indexes_work(struct catalog *catalog, bool *more_out, struct error *err)
{
	uint64_t table;
	unsigned number;
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(catalog, &txn, err));
	TRY(todo_find(txn, more_out, &table, &number, err));
	catalog_txn_free(TAKE(txn));
	return *more_out ? catalog_write_now(catalog, work, NULL, err) : STATUS_OK;
}

void partition_index_begin(Tenon__Store__V1__PartitionIndexRecord *record)
{
	const struct partition_index index = {.record = record};
	if (!partition_index_is_kept(&index))
		return;
	record->state = STATE(CREATING);
	record->filled = 0;
	record->filled_to.len = 0;
}

enum status partition_index_restart(struct catalog_txn *txn, uint64_t table, unsigned number,
	Tenon__Store__V1__PartitionIndexRecord *record, struct error *err)
{
	const struct partition_index index = {number, record};
	partition_index_begin(record);
	return index_write(txn, table, &index, err);
}

static bool types_same(const struct partition_index *index, const struct schema *before,
	const struct schema *after)
{
	for (size_t i = 0; i < before->key_count; i++) {
		if (!type_equal(before->keys[i].type, after->keys[i].type))
			return false;
	}
	return index->record->n_positions <= after->key_count;
}

enum status partition_indexes_follow(struct catalog_txn *txn, uint64_t table,
	const struct schema *before, const struct schema *after, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct partition_indexes indexes;
	TRY(partition_indexes_read(txn, table, arena, &indexes, err));
	if (indexes.count && before->key_count != after->key_count)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"the table has partition index '%s' over %zu partition keys and would "
			"have %zu keys: delete the index first",
			indexes.at[0].record->name, before->key_count, after->key_count);
	for (size_t i = 0; i < indexes.count; i++) {
		struct partition_index *index = &indexes.at[i];
		char prefix[ORDER_PREFIX_BYTES];
		uint64_t count;
		if (!partition_index_is_kept(index) || types_same(index, before, after))
			continue;
		TRY(store_delete_prefix(txn, DB_PARTITION_ORDERS,
			partition_order_prefix(table, index->number, prefix), &count, err));
		TRY(partition_index_restart(txn, table, index->number, index->record, err));
	}
	return STATUS_OK;
}

enum status partition_indexes_forget(struct catalog_txn *txn, uint64_t table, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct partition_indexes indexes;
	uint64_t count;
	char prefix[8];
	TRY(partition_indexes_read(txn, table, arena, &indexes, err));
	if (indexes.count == 0)
		return STATUS_OK;
	for (size_t i = 0; i < indexes.count; i++)
		TRY(index_remove(txn, table, indexes.at[i].number, err));
	return store_delete_prefix(
		txn, DB_PARTITION_ORDERS, key_u64_text(table, prefix), &count, err);
}
