#include "catalog/partitions.h"

#include "base/clock.h"
#include "catalog/definition.h"
#include "catalog/key.h"
#include "catalog/maps.h"
#include "catalog/memo.h"
#include "catalog/names.h"
#include "catalog/statistics.h"
#include "catalog/store.h"
#include "proto/wire.h"
#include "schema/value.h"

/* table id · each value encoded by its key's type [· the values as they were
 * written]. Values are the same as texts (month=7 and month=07 are two folders),
 * yet sort as what they mean: the texts follow where one is not the canonical
 * text of its value, so both have a place, next to each other. */
static enum status typed_add(struct buffer *key, const struct schema *schema, char *const *values,
	size_t count, bool *canonical_out, struct arena *arena, struct error *err)
{
	*canonical_out = true;
	for (size_t i = 0; i < count; i++) {
		const struct column *column = &schema->keys[i];
		struct text value = text_of(values[i]);
		enum status status = length_check(
			value, LIMIT_PARTITION_VALUE_BYTES, "a partition's value", err);
		size_t before = key->length;
		if (status == STATUS_OK)
			status = value_encode(column->type, value, key, err);
		struct text canonical = {"", 0};
		if (status == STATUS_OK && !key->full) {
			struct text encoded = text_from(buffer_text(key), before);
			status = value_decode(arena, column->type, &encoded, &canonical, err);
		}
		if (status != STATUS_OK)
			return fail_within(err, "partition key '%.*s'", TEXT_ARG(column->name));
		*canonical_out = *canonical_out && text_equal(canonical, value);
	}
	return STATUS_OK;
}

static enum status partition_key(struct buffer *key, uint64_t table, const struct schema *schema,
	char *const *values, size_t count, struct error *err)
{
	key_init(key);
	if (schema->key_count == 0)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the table has no partition keys: it can have no partitions");
	if (count != schema->key_count)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"%zu value%s for %zu partition key%s: give one for each", count,
			count == 1 ? "" : "s", schema->key_count,
			schema->key_count == 1 ? "" : "s");
	OWNED(arena) arena = arena_new();
	bool canonical;
	key_add_u64(key, table);
	TRY(typed_add(key, schema, values, count, &canonical, arena, err));
	for (size_t i = 0; i < count && !canonical; i++)
		key_add_part(key, text_of(values[i]));
	return buffer_check(key, "the partition's key", err);
}

static bool text_same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool columns_same(
	const Tenon__V1__StorageDescriptor *a, const Tenon__V1__StorageDescriptor *b)
{
	if (a->n_columns != b->n_columns)
		return false;
	for (size_t i = 0; i < a->n_columns; i++) {
		if (!text_same(a->columns[i]->name, b->columns[i]->name) ||
			!text_same(a->columns[i]->type, b->columns[i]->type))
			return false;
	}
	return true;
}

/* What equals the table's is not kept, so that the two cannot come to disagree. */
static void storage_inherit(
	Tenon__V1__Partition *partition, const Tenon__V1__Table *table, struct arena *arena)
{
	static char empty[] = "";
	Tenon__V1__StorageDescriptor *own = partition->storage;
	const Tenon__V1__StorageDescriptor *whole = table->storage;
	if (!own || !whole)
		return;
	if (columns_same(own, whole))
		own->n_columns = 0;
	if (text_same(own->input_format, whole->input_format))
		own->input_format = empty;
	if (text_same(own->output_format, whole->output_format))
		own->output_format = empty;
	if (own->serde && whole->serde &&
		text_equal(
			wire_pack(arena, &own->serde->base), wire_pack(arena, &whole->serde->base)))
		own->serde = NULL;
	if (protobuf_c_message_get_packed_size(&own->base) == 0)
		partition->storage = NULL;
}

/* What is kept of `partition` as a caller gave it. */
static enum status partition_made(const Tenon__V1__Partition *partition,
	const Tenon__V1__Table *table, struct arena *arena, Tenon__V1__Partition **made_out,
	struct error *err)
{
	if (partition->storage)
		TRY(storage_check(partition->storage, err));
	Tenon__V1__Partition *made = wire_copy(arena, &partition->base);
	TRY(maps_normalise(&made->base, err));
	storage_inherit(made, table, arena);
	made->update_time_us = clock_now_us();
	*made_out = made;
	return STATUS_OK;
}

/* The partition under `key` comes (or goes): so do its entries in the table's indexes. */
static enum status orders_follow(struct catalog_txn *txn, struct table_memo *memo,
	const struct buffer *key, bool there, struct error *err)
{
	const struct partition_indexes *indexes;
	TRY(memo_indexes(txn, memo, &indexes, err));
	return partition_orders_change(txn, indexes, &memo->schema, buffer_text(key), there, err);
}

/* "2013/01", to be said of it. */
static const char *values_text(struct arena *arena, char *const *values, size_t count)
{
	struct buffer SCOPED_BUFFER name;
	buffer_init(&name, LIMIT_RESOURCE_BYTES);
	for (size_t i = 0; i < count; i++) {
		buffer_add_string(&name, i ? "/" : "");
		buffer_add_string(&name, values[i]);
	}
	return arena_text(arena, buffer_text(&name));
}

static enum status missing(char *const *values, size_t count, struct error *err)
{
	OWNED(arena) arena = arena_new();
	return fail(err, STATUS_NOT_FOUND, "no partition '%s'", values_text(arena, values, count));
}

static enum status taken(char *const *values, size_t count, struct error *err)
{
	OWNED(arena) arena = arena_new();
	return fail(err, STATUS_ALREADY_EXISTS, "partition '%s' exists already",
		values_text(arena, values, count));
}

enum status partition_create(struct catalog_txn *txn, struct text database, struct text table,
	const Tenon__V1__Partition *partition, bool if_not_exists, bool *created_out,
	struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct table_memo *memo;
	TRY(memo_of(txn, database, table, arena, &memo, err));
	struct buffer SCOPED_BUFFER key = {0};
	TRY(partition_key(
		&key, memo->table->id, &memo->schema, partition->values, partition->n_values, err));
	bool found;
	struct text value;
	TRY(store_find(txn, DB_PARTITIONS, buffer_text(&key), &found, &value, err));
	if (found && !if_not_exists)
		return taken(partition->values, partition->n_values, err);
	*created_out = !found;
	if (found)
		return STATUS_OK;
	Tenon__V1__Partition *made;
	TRY(partition_made(partition, memo->table, arena, &made, err));
	made->create_time_us = made->update_time_us;
	TRY(store_put_message(txn, DB_PARTITIONS, buffer_text(&key), &made->base, err));
	TRY(orders_follow(txn, memo, &key, true, err));
	memo_change(memo, NULL, made);
	return STATUS_OK;
}

enum status partition_get(struct catalog_txn *txn, struct text database, struct text table,
	char *const *values, size_t count, struct arena *arena,
	Tenon__V1__Partition **partition_out, struct error *err)
{
	struct table_memo *memo;
	TRY(memo_of(txn, database, table, arena, &memo, err));
	struct buffer SCOPED_BUFFER key = {0};
	TRY(partition_key(&key, memo->table->id, &memo->schema, values, count, err));
	void *partition;
	TRY(store_message(txn, DB_PARTITIONS, buffer_text(&key), &tenon__v1__partition__descriptor,
		arena, &partition, err));
	if (!partition)
		return missing(values, count, err);
	*partition_out = partition;
	return STATUS_OK;
}

enum { GET_BYTES_MAX = 32 * 1024 * 1024 }; /* unpacked: at most half a message packed */

enum status partitions_get(struct catalog_txn *txn, struct text database, struct text table,
	Tenon__V1__PartitionValues *const *keys, size_t count, struct arena *arena,
	Tenon__V1__Partition ***partitions_out, size_t *count_out, struct error *err)
{
	struct table_memo *memo;
	TRY(memo_of(txn, database, table, arena, &memo, err));
	Tenon__V1__Partition **found = arena_array(arena, count, sizeof *found);
	size_t found_count = 0;
	size_t before = arena_bytes(arena);
	for (size_t i = 0; i < count; i++) {
		struct buffer SCOPED_BUFFER key = {0};
		void *partition;
		if (partition_key(&key, memo->table->id, &memo->schema, keys[i]->values,
			    keys[i]->n_values, err) != STATUS_OK)
			return fail_within(err, "item %zu", i);
		TRY(store_message(txn, DB_PARTITIONS, buffer_text(&key),
			&tenon__v1__partition__descriptor, arena, &partition, err));
		if (partition)
			found[found_count++] = partition;
		if (arena_bytes(arena) - before > GET_BYTES_MAX)
			return fail(err, STATUS_RESOURCE_EXHAUSTED,
				"the first %zu partitions are more than an answer holds; ask for "
				"fewer at once",
				i + 1);
	}
	*partitions_out = found;
	*count_out = found_count;
	return STATUS_OK;
}

/* Everything that may be wrong with the item is found before the first write: what
 * fails alone leaves its partition as it was. */
/* But for the time of this update. */
static bool is_same(
	struct arena *arena, const Tenon__V1__Partition *old, const Tenon__V1__Partition *made)
{
	Tenon__V1__Partition unchanged = *made;
	unchanged.update_time_us = old->update_time_us;
	return text_equal(wire_pack(arena, &old->base), wire_pack(arena, &unchanged.base));
}

enum status partition_update(struct catalog_txn *txn, struct text database, struct text table,
	char *const *values, size_t count, const Tenon__V1__Partition *partition, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct table_memo *memo;
	TRY(memo_of(txn, database, table, arena, &memo, err));
	struct buffer SCOPED_BUFFER key = {0};
	struct buffer SCOPED_BUFFER new_key = {0};
	TRY(partition_key(&key, memo->table->id, &memo->schema, values, count, err));
	bool has_values = partition->n_values > 0;
	TRY(partition_key(&new_key, memo->table->id, &memo->schema,
		has_values ? partition->values : values, has_values ? partition->n_values : count,
		err));
	void *old;
	TRY(store_message(txn, DB_PARTITIONS, buffer_text(&key), &tenon__v1__partition__descriptor,
		arena, &old, err));
	if (!old)
		return missing(values, count, err);
	bool renamed = !text_equal(buffer_text(&key), buffer_text(&new_key));
	bool in_use = false;
	struct text value;
	if (renamed)
		TRY(store_find(txn, DB_PARTITIONS, buffer_text(&new_key), &in_use, &value, err));
	if (in_use)
		return taken(partition->values, partition->n_values, err);
	Tenon__V1__Partition *made;
	TRY(partition_made(partition, memo->table, arena, &made, err));
	if (!has_values) {
		made->values = ((Tenon__V1__Partition *)old)->values;
		made->n_values = count;
	}
	made->create_time_us = ((Tenon__V1__Partition *)old)->create_time_us;
	if (!renamed && is_same(arena, old, made))
		return STATUS_OK;
	if (renamed) {
		bool found;
		TRY(store_delete(txn, DB_PARTITIONS, buffer_text(&key), &found, err));
		TRY(statistics_forget(txn, memo->table->id, values, count, err));
		TRY(orders_follow(txn, memo, &key, false, err));
		TRY(orders_follow(txn, memo, &new_key, true, err));
	}
	TRY(store_put_message(txn, DB_PARTITIONS, buffer_text(&new_key), &made->base, err));
	memo_change(memo, old, made);
	return STATUS_OK;
}

enum status partition_delete(struct catalog_txn *txn, struct text database, struct text table,
	char *const *values, size_t count, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct table_memo *memo;
	TRY(memo_of(txn, database, table, arena, &memo, err));
	struct buffer SCOPED_BUFFER key = {0};
	TRY(partition_key(&key, memo->table->id, &memo->schema, values, count, err));
	bool found;
	Tenon__V1__Partition counted = TENON__V1__PARTITION__INIT;
	void *before = NULL;
	if (memo_tells(memo))
		TRY(store_message(txn, DB_PARTITIONS, buffer_text(&key),
			&tenon__v1__partition__descriptor, arena, &before, err));
	TRY(store_delete(txn, DB_PARTITIONS, buffer_text(&key), &found, err));
	if (!found)
		return missing(values, count, err);
	TRY(orders_follow(txn, memo, &key, false, err));
	TRY(statistics_forget(txn, memo->table->id, values, count, err));
	memo_change(memo, before ? before : &counted, NULL);
	return STATUS_OK;
}

static bool keys_same(const struct schema *before, const struct schema *after)
{
	if (before->key_count != after->key_count)
		return false;
	for (size_t i = 0; i < before->key_count; i++) {
		if (before->keys[i].type->kind != after->keys[i].type->kind ||
			!type_equal(before->keys[i].type, after->keys[i].type))
			return false;
	}
	return true;
}

enum status partitions_rekey(struct catalog_txn *txn, uint64_t id, const struct schema *before,
	const struct schema *after, struct error *err)
{
	if (keys_same(before, after))
		return STATUS_OK;
	if (before->key_count != after->key_count)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"the table has partitions of %zu keys and would have %zu keys: drop the "
			"partitions first",
			before->key_count, after->key_count);
	OWNED(arena) arena = arena_new();
	char bytes[8];
	struct text prefix = key_u64_text(id, bytes);
	struct text *values = NULL;
	size_t count = 0;
	size_t capacity = 0;
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_PARTITIONS, prefix, TEXT(""), &scan, err));
	for (;; count++) {
		bool found;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			break;
		if (count == capacity) {
			capacity = capacity ? capacity * 2 : 64;
			values = arena_grow(arena, values, count, capacity, sizeof *values);
		}
		values[count] = arena_copy(arena, value);
	}
	scan_free(TAKE(scan));
	uint64_t deleted;
	TRY(store_delete_prefix(txn, DB_PARTITIONS, prefix, &deleted, err));
	OWNED(arena) scratch = arena_new();
	for (size_t i = 0; i < count; i++) {
		arena_reset(scratch);
		void *unpacked;
		TRY(store_unpack(
			values[i], &tenon__v1__partition__descriptor, scratch, &unpacked, err));
		const Tenon__V1__Partition *partition = unpacked;
		struct buffer SCOPED_BUFFER key = {0};
		enum status status =
			partition_key(&key, id, after, partition->values, partition->n_values, err);
		if (status != STATUS_OK) {
			err->status = STATUS_FAILED_PRECONDITION;
			return fail_within(err, "a partition that is there");
		}
		TRY(store_put(txn, DB_PARTITIONS, buffer_text(&key), values[i], err));
	}
	return STATUS_OK;
}
