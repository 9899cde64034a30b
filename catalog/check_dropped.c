#include "catalog/check_rows.h"
#include "catalog/dropped_record.h"
#include "catalog/key.h"

#include <inttypes.h>

/* Every key of what was dropped leads to its record, and each record is found by them. */

static enum status is_there(struct check *check, struct buffer *key, const char *place,
	const char *what, struct error *err)
{
	bool found;
	struct text value;
	TRY(store_find(check->txn, DB_DROPPED, buffer_text(key), &found, &value, err));
	if (!found)
		check_found(check, place, "%s", what);
	return STATUS_OK;
}

static enum status record_check(struct check *check, uint64_t drop_id, struct error *err)
{
	Tenon__Store__V1__DroppedRecord *record;
	struct error why;
	const char *place = arena_printf(check->arena, "drop %" PRIu64, drop_id);
	struct buffer SCOPED_BUFFER queue = {0};
	struct buffer SCOPED_BUFFER name = {0};
	struct buffer SCOPED_BUFFER table = {0};
	enum status status = dropped_read(check->txn, drop_id, check->arena, &record, &why);
	if (status != STATUS_OK || !record) {
		check_found(
			check, place, "%s", status == STATUS_OK ? "has no record" : why.message);
		return STATUS_OK;
	}
	dropped_key_of(&queue, DROPPED_QUEUE, drop_id);
	TRY(is_there(check, &queue, place, "would never be purged", err));
	const Tenon__V1__Table *of = record->table;
	dropped_name_key(&name, text_of(of ? of->database : record->database->name),
		text_of(of ? of->name : ""));
	key_add_u64(&name, ~drop_id);
	if (!record->purging)
		TRY(is_there(check, &name, place, "is not found by its name", err));
	if (!of)
		return STATUS_OK;
	dropped_key_of(&table, DROPPED_TABLE, of->id);
	return is_there(check, &table, place, "is not found by its table's id", err);
}

/* The drop that a key is of; 0: it is no such key. */
static uint64_t drop_of(struct text key, struct text value)
{
	struct text rest = text_from(key, 1);
	switch (key.at[0]) {
	case DROPPED_RECORD:
		return rest.length == 8 ? ~key_u64(rest.at) : 0;
	case DROPPED_QUEUE:
		return rest.length == 8 ? key_u64(rest.at) : 0;
	case DROPPED_NAME:
		return rest.length > 8 ? ~key_u64(rest.at + rest.length - 8) : 0;
	case DROPPED_TABLE:
		return value.length == 8 ? key_u64(value.at) : 0;
	case DROPPED_MEMBER:
		return rest.length == 16 ? key_u64(rest.at + 8) : 0;
	case DROPPED_FUNCTION:
		return rest.length > 8 ? key_u64(rest.at) : 0;
	default:
		return 0;
	}
}

static enum status key_leads_to_its_drop(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)message;
	uint64_t drop_id = drop_of(key, value);
	if (drop_id == 0) {
		check_found(check, "a drop", "has a damaged key of %zu bytes", key.length);
		return STATUS_OK;
	}
	if (key.at[0] == DROPPED_RECORD)
		return record_check(check, drop_id, err);
	struct buffer SCOPED_BUFFER record = {0};
	dropped_key_of(&record, DROPPED_RECORD, drop_id);
	return is_there(check, &record, arena_printf(check->arena, "drop %" PRIu64, drop_id),
		"has no record", err);
}

static const struct check_row rows[] = {
	{"dropped", DB_DROPPED, NULL, key_leads_to_its_drop, NULL},
};

const struct check_rows check_dropped = CHECK_ROWS(rows);
