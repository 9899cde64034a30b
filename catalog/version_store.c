#include "catalog/version_store.h"

#include "catalog/key.h"
#include "catalog/outline.h"
#include "catalog/store.h"
#include "catalog/version_delta.h"
#include "tenon/store/v1/records.pb-c.h"

#include <inttypes.h>

void version_key(struct buffer *key, uint64_t table, uint64_t version)
{
	key_init(key);
	key_add_u64(key, table);
	key_add_u64(key, version);
}

static struct text text_of_bytes(const ProtobufCBinaryData *bytes)
{
	return (struct text){(const char *)bytes->data, bytes->len};
}

static ProtobufCBinaryData bytes_of_text(struct text text)
{
	return (ProtobufCBinaryData){text.length, (uint8_t *)(uintptr_t)text.at};
}

static enum status record_unpack(struct text value, struct arena *arena,
	Tenon__Store__V1__VersionRecord **record_out, struct error *err)
{
	void *found;
	TRY(store_unpack(value, &tenon__store__v1__version_record__descriptor, arena, &found, err));
	Tenon__Store__V1__VersionRecord *record = found;
	if (!record->version && !record->hidden)
		return fail(err, STATUS_DATA_LOSS, "a record of a version is empty");
	if (record->version)
		record->version->stored_bytes = value.length;
	*record_out = record;
	return STATUS_OK;
}

/* *record_out NULL when there is none. */
static enum status record_read(struct catalog_txn *txn, uint64_t table, uint64_t version,
	struct arena *arena, Tenon__Store__V1__VersionRecord **record_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	bool found;
	struct text value;
	*record_out = NULL;
	version_key(&key, table, version);
	TRY(store_find(txn, DB_VERSIONS, buffer_text(&key), &found, &value, err));
	return found ? record_unpack(value, arena, record_out, err) : STATUS_OK;
}

/* The first record after `version`'s; NULL past the last. */
static enum status record_after(struct catalog_txn *txn, uint64_t table, uint64_t version,
	struct arena *arena, uint64_t *version_out, Tenon__Store__V1__VersionRecord **record_out,
	struct error *err)
{
	struct buffer SCOPED_BUFFER after = {0};
	char prefix[8];
	bool found;
	struct text key;
	struct text value;
	OWNED(scan) scan = NULL;
	*record_out = NULL;
	version_key(&after, table, version);
	TRY(scan_open(
		txn, DB_VERSIONS, key_u64_text(table, prefix), buffer_text(&after), &scan, err));
	TRY(scan_next(scan, &found, &key, &value, err));
	if (!found)
		return STATUS_OK;
	if (key.length != 16)
		return fail(err, STATUS_DATA_LOSS, "a key of a version has %zu bytes", key.length);
	*version_out = key_u64(key.at + 8);
	return record_unpack(value, arena, record_out, err);
}

static enum status base_read(struct catalog_txn *txn, uint64_t table, uint64_t base,
	struct arena *arena, struct text *whole_out, struct error *err)
{
	Tenon__Store__V1__VersionRecord *record;
	TRY(record_read(txn, table, base, arena, &record, err));
	if (!record || record->whole.len == 0)
		return fail(err, STATUS_DATA_LOSS,
			"version %" PRIu64 " is gone, and others are stored as differences from it",
			base);
	*whole_out = text_of_bytes(&record->whole);
	return STATUS_OK;
}

/* What a record's version says of itself is put back into its table. */
static enum status table_unpack(uint64_t id, const Tenon__Store__V1__VersionRecord *record,
	struct text bytes, struct arena *arena, Tenon__V1__Table **table_out, struct error *err)
{
	const Tenon__V1__TableVersion *version = record->version;
	void *found;
	TRY(store_unpack(bytes, &tenon__v1__table__descriptor, arena, &found, err));
	Tenon__V1__Table *table = found;
	table->id = id;
	table->version = version->version;
	table->fingerprint = version->fingerprint;
	table->update_time_us = version->time_us;
	table->updated_by = version->author;
	table->partition_count = record->partition_count;
	*table_out = table;
	return STATUS_OK;
}

static enum status table_of(struct catalog_txn *txn, uint64_t id,
	const Tenon__Store__V1__VersionRecord *record, struct arena *arena,
	Tenon__V1__Table **table_out, struct error *err)
{
	struct text bytes = text_of_bytes(&record->whole);
	if (record->difference.len) {
		struct text whole;
		TRY(base_read(txn, id, record->from, arena, &whole, err));
		TRY(delta_apply(arena, whole, text_of_bytes(&record->difference), &bytes, err));
	}
	*table_out = record->version->table;
	return bytes.length ? table_unpack(id, record, bytes, arena, table_out, err) : STATUS_OK;
}

/* `record` gets what differs from the last whole one, when that is worth it. */
static enum status difference_find(struct catalog_txn *txn, uint64_t table, uint64_t before,
	struct text bytes, struct arena *arena, Tenon__Store__V1__VersionRecord *record,
	struct error *err)
{
	Tenon__Store__V1__VersionRecord *last;
	TRY(record_read(txn, table, before, arena, &last, err));
	if (!last || (last->whole.len == 0 && last->difference.len == 0))
		return STATUS_OK;
	uint64_t base = before;
	struct text whole = text_of_bytes(&last->whole);
	if (last->difference.len) {
		base = last->from;
		TRY(base_read(txn, table, base, arena, &whole, err));
	}
	if (record->version->version - base >= VERSIONS_OF_BASE)
		return STATUS_OK;
	struct text difference = delta_make(arena, whole, bytes);
	uint64_t spent = last->spent + difference.length;
	if (difference.length > bytes.length / 2 || spent > whole.length)
		return STATUS_OK;
	record->difference = bytes_of_text(difference);
	record->from = base;
	record->spent = spent;
	return STATUS_OK;
}

enum status version_store(struct catalog_txn *txn, const Tenon__V1__TableVersion *version,
	struct text packed, const uint64_t *before, struct arena *arena, struct error *err)
{
	Tenon__Store__V1__VersionRecord record = TENON__STORE__V1__VERSION_RECORD__INIT;
	Tenon__V1__TableVersion head = *version;
	uint64_t table = version->table->id;
	struct text bytes;
	TRY(table_body(packed, arena, &bytes, err));
	head.table = NULL;
	head.stored_bytes = 0;
	record.version = &head;
	record.partition_count = version->table->partition_count;
	if (before)
		TRY(difference_find(txn, table, *before, bytes, arena, &record, err));
	if (record.difference.len == 0)
		record.whole = bytes_of_text(bytes);
	struct buffer SCOPED_BUFFER key = {0};
	version_key(&key, table, version->version);
	return store_put_message(txn, DB_VERSIONS, buffer_text(&key), &record.base, err);
}

static enum status pin_tell(struct catalog_txn *txn, uint64_t table,
	Tenon__V1__TableVersion *version, struct arena *arena, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	void *found;
	version_key(&key, table, version->version);
	TRY(store_message(txn, DB_PINS, buffer_text(&key),
		&tenon__store__v1__pin_record__descriptor, arena, &found, err));
	const Tenon__Store__V1__PinRecord *pin = found;
	version->pinned = pin != NULL;
	if (pin)
		version->label = pin->label;
	return STATUS_OK;
}

enum status version_find(struct catalog_txn *txn, uint64_t table, uint64_t version, bool with_table,
	struct arena *arena, Tenon__V1__TableVersion **version_out, struct error *err)
{
	Tenon__Store__V1__VersionRecord *record;
	*version_out = NULL;
	TRY(record_read(txn, table, version, arena, &record, err));
	if (!record || record->hidden)
		return STATUS_OK;
	Tenon__V1__Table *found = NULL;
	if (with_table)
		TRY(table_of(txn, table, record, arena, &found, err));
	*version_out = record->version;
	record->version->table = found;
	return pin_tell(txn, table, record->version, arena, err);
}

enum status version_from(struct catalog_txn *txn, uint64_t table, uint64_t least,
	struct arena *arena, Tenon__V1__TableVersion **version_out, struct error *err)
{
	Tenon__Store__V1__VersionRecord *record;
	*version_out = NULL;
	TRY(record_read(txn, table, least, arena, &record, err));
	while (!record || record->hidden) {
		TRY(record_after(txn, table, least, arena, &least, &record, err));
		if (!record)
			return STATUS_OK;
	}
	record->version->table = NULL;
	*version_out = record->version;
	return STATUS_OK;
}

enum status version_around(struct catalog_txn *txn, uint64_t table, uint64_t newest,
	int64_t time_us, struct arena *arena, Tenon__V1__TableVersion **before_out,
	Tenon__V1__TableVersion **after_out, struct error *err)
{
	uint64_t low = 0;
	uint64_t high = newest + 1;
	*before_out = NULL;
	*after_out = NULL;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		Tenon__V1__TableVersion *found;
		TRY(version_from(txn, table, middle, arena, &found, err));
		if (found && found->time_us <= time_us) {
			*before_out = found;
			low = found->version + 1;
		} else {
			if (found)
				*after_out = found;
			high = middle;
		}
	}
	return STATUS_OK;
}

/* Differences from one whole table follow it without others between them. */
static enum status is_a_base(struct catalog_txn *txn, uint64_t table, uint64_t version,
	struct arena *arena, bool *is_out, struct error *err)
{
	Tenon__Store__V1__VersionRecord *next;
	uint64_t number;
	TRY(record_after(txn, table, version, arena, &number, &next, err));
	*is_out = next && next->difference.len && next->from == version;
	return STATUS_OK;
}

static enum status hide(struct catalog_txn *txn, uint64_t table, uint64_t version,
	const Tenon__Store__V1__VersionRecord *record, struct error *err)
{
	Tenon__Store__V1__VersionRecord hidden = TENON__STORE__V1__VERSION_RECORD__INIT;
	struct buffer SCOPED_BUFFER key = {0};
	hidden.whole = record->whole;
	hidden.hidden = true;
	version_key(&key, table, version);
	return store_put_message(txn, DB_VERSIONS, buffer_text(&key), &hidden.base, err);
}

static enum status record_delete(
	struct catalog_txn *txn, uint64_t table, uint64_t version, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	bool found;
	version_key(&key, table, version);
	return store_delete(txn, DB_VERSIONS, buffer_text(&key), &found, err);
}

/* A base that only stayed for a difference that is gone goes too. */
static enum status base_release(struct catalog_txn *txn, uint64_t table, uint64_t base,
	struct arena *arena, struct error *err)
{
	Tenon__Store__V1__VersionRecord *record;
	bool needed = true;
	TRY(record_read(txn, table, base, arena, &record, err));
	if (record && record->hidden)
		TRY(is_a_base(txn, table, base, arena, &needed, err));
	return needed ? STATUS_OK : record_delete(txn, table, base, err);
}

enum status version_remove(struct catalog_txn *txn, uint64_t table, uint64_t version,
	bool *found_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__Store__V1__VersionRecord *record;
	bool needed = false;
	TRY(record_read(txn, table, version, arena, &record, err));
	*found_out = record && !record->hidden;
	if (!record || record->hidden)
		return STATUS_OK;
	if (record->whole.len)
		TRY(is_a_base(txn, table, version, arena, &needed, err));
	if (needed)
		return hide(txn, table, version, record, err);
	TRY(record_delete(txn, table, version, err));
	return record->difference.len ? base_release(txn, table, record->from, arena, err)
				      : STATUS_OK;
}

bool version_is_visible(struct text record)
{
	enum { TAG_OF_VERSION = 1 << 3 | 2 }; /* packed in the order of their numbers */
	return record.length && record.at[0] == TAG_OF_VERSION;
}

enum status version_check(struct catalog_txn *txn, uint64_t table, uint64_t version,
	struct arena *arena, struct error *err)
{
	Tenon__Store__V1__VersionRecord *record;
	Tenon__V1__Table *found;
	bool needed;
	TRY(record_read(txn, table, version, arena, &record, err));
	if (!record)
		return STATUS_OK;
	if (!record->hidden)
		return table_of(txn, table, record, arena, &found, err);
	TRY(is_a_base(txn, table, version, arena, &needed, err));
	if (!needed)
		return fail(err, STATUS_DATA_LOSS, "is hidden, and nothing differs from it");
	return STATUS_OK;
}
