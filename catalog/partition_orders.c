#include "catalog/partition_orders.h"

#include "base/limits.h"
#include "catalog/key.h"
#include "catalog/store.h"
#include "schema/value.h"
#include "tenon/v1/catalog.pb-c.h"

enum status partition_indexes_read(struct catalog_txn *txn, uint64_t table, struct arena *arena,
	struct partition_indexes *indexes_out, struct error *err)
{
	struct partition_indexes indexes = {0};
	char prefix[8];
	OWNED(scan) scan = NULL;
	TRY(scan_open(
		txn, DB_PARTITION_INDEXES, key_u64_text(table, prefix), TEXT(""), &scan, err));
	for (;;) {
		bool found;
		struct text key;
		struct text value;
		void *record;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			break;
		TRY(store_unpack(value, &tenon__store__v1__partition_index_record__descriptor,
			arena, &record, err));
		indexes.at = arena_grow(
			arena, indexes.at, indexes.count, indexes.count + 1, sizeof *indexes.at);
		indexes.at[indexes.count++] =
			(struct partition_index){(unsigned char)key.at[key.length - 1], record};
	}
	*indexes_out = indexes;
	return STATUS_OK;
}

bool partition_index_is_kept(const struct partition_index *index)
{
	uint32_t state = index->record->state;
	return state == TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_CREATING ||
	       state == TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_ACTIVE;
}

struct text partition_order_prefix(uint64_t table, unsigned number, char bytes[ORDER_PREFIX_BYTES])
{
	(void)key_u64_text(table, bytes);
	bytes[ORDER_PREFIX_BYTES - 1] = (char)number;
	return (struct text){bytes, ORDER_PREFIX_BYTES};
}

enum status partition_order_put(struct catalog_txn *txn, const struct partition_index *index,
	const struct schema *schema, struct text key, bool there, struct error *err)
{
	struct text values[LIMIT_PARTITION_KEYS];
	struct text rest = text_from(key, 8);
	for (size_t i = 0; i < schema->key_count; i++) {
		if (!value_take(schema->keys[i].type, &rest, &values[i]))
			return fail(err, STATUS_DATA_LOSS, "a partition's key is damaged");
	}
	struct buffer SCOPED_BUFFER entry = {0};
	key_init(&entry);
	buffer_add_text(&entry, text_until(key, 8));
	buffer_add_byte(&entry, (char)index->number);
	for (size_t i = 0; i < index->record->n_positions; i++)
		buffer_add_text(&entry, values[index->record->positions[i]]);
	buffer_add_text(&entry, text_from(key, 8));
	TRY(buffer_check(&entry, "the entry of a partition index", err));
	bool found;
	if (there)
		return store_put(txn, DB_PARTITION_ORDERS, buffer_text(&entry), TEXT(""), err);
	return store_delete(txn, DB_PARTITION_ORDERS, buffer_text(&entry), &found, err);
}

enum status partition_orders_change(struct catalog_txn *txn,
	const struct partition_indexes *indexes, const struct schema *schema, struct text key,
	bool there, struct error *err)
{
	for (size_t i = 0; i < indexes->count; i++) {
		if (partition_index_is_kept(&indexes->at[i]))
			TRY(partition_order_put(txn, &indexes->at[i], schema, key, there, err));
	}
	return STATUS_OK;
}

enum status partition_order_entry(struct text entry, const struct partition_index *index,
	const struct schema *schema, struct arena *arena, struct text *key_out, struct error *err)
{
	struct text rest = text_from(entry, ORDER_PREFIX_BYTES);
	struct text value;
	for (size_t i = 0; i < index->record->n_positions; i++) {
		uint32_t position = index->record->positions[i];
		if (position >= schema->key_count ||
			!value_take(schema->keys[position].type, &rest, &value))
			return fail(err, STATUS_DATA_LOSS,
				"an entry of partition index '%s' is damaged: delete the index and "
				"create it anew",
				index->record->name);
	}
	char *key = arena_alloc(arena, 8 + rest.length + 1);
	memcpy(key, entry.at, 8);
	if (rest.length)
		memcpy(key + 8, rest.at, rest.length);
	*key_out = (struct text){key, 8 + rest.length};
	return STATUS_OK;
}
