#include "catalog/counts.h"

#include "catalog/key.h"
#include "catalog/sight.h"
#include "catalog/store.h"

/* Of the names behind `parent` ␀, those that `is_seen`. */
static enum status names_shown(struct catalog_txn *txn, enum db db, struct text parent,
	bool (*is_seen)(const struct catalog_txn *txn, struct text parent, struct text name),
	struct counting *counting, uint64_t *count_out, struct error *err)
{
	struct buffer SCOPED_BUFFER prefix = {0};
	OWNED(scan) scan = NULL;
	uint64_t count = 0;
	key_init(&prefix);
	key_add_part(&prefix, parent);
	TRY(scan_open(txn, db, buffer_text(&prefix), TEXT(""), &scan, err));
	for (; counting->left; counting->left--) {
		bool found;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			break;
		count += is_seen(txn, parent, text_from(key, prefix.length));
	}
	*count_out = count;
	return STATUS_OK;
}

enum status tables_shown(struct catalog_txn *txn, struct text database, uint64_t whole,
	struct counting *counting, uint64_t *count_out, struct error *err)
{
	*count_out = whole;
	if (sees_database(txn, database))
		return STATUS_OK;
	return names_shown(txn, DB_TABLES_BY_NAME, database, sees_table, counting, count_out, err);
}

enum status schemas_shown(struct catalog_txn *txn, struct text registry, uint64_t whole,
	struct counting *counting, uint64_t *count_out, struct error *err)
{
	*count_out = whole;
	if (sees_schema(txn, registry, TEXT("*")))
		return STATUS_OK;
	return names_shown(txn, DB_SCHEMAS, registry, sees_schema, counting, count_out, err);
}
