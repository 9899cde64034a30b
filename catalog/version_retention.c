#include "base/clock.h"
#include "catalog/key.h"
#include "catalog/store.h"
#include "catalog/table.h"
#include "catalog/table_change.h"
#include "catalog/version_keep.h"
#include "catalog/version_store.h"

#include <inttypes.h>

/* The walk of retention over all versions: it counts those of one table after the other,
 * and where there are more than are held, or older ones, says up to which they may go. */

enum { KEYS_OF_STEP = 20000 };

static enum status is_pinned(
	struct catalog_txn *txn, struct text key, bool *pinned_out, struct error *err)
{
	struct text value;
	return store_find(txn, DB_PINS, key, pinned_out, &value, err);
}

/* Where the `excess` oldest that are not pinned end. */
static enum status oldest_end(struct catalog_txn *txn, struct retention_walk *walk, uint64_t excess,
	uint64_t *upto_out, struct error *err)
{
	char prefix[8];
	OWNED(scan) scan = NULL;
	struct text id = key_u64_text(walk->table, prefix);
	if (excess > KEYS_OF_STEP) {
		excess = KEYS_OF_STEP;
		walk->cut = true;
	}
	TRY(scan_open(txn, DB_VERSIONS, id, TEXT(""), &scan, err));
	while (excess) {
		bool found;
		bool pinned;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			return STATUS_OK;
		if (key.length != 16 || !version_is_visible(value))
			continue;
		TRY(is_pinned(txn, key, &pinned, err));
		if (pinned)
			continue;
		*upto_out = key_u64(key.at + 8);
		excess--;
	}
	return STATUS_OK;
}

/* The table that the walk has just left: what of it may go. */
static enum status judge(struct catalog_txn *txn, struct retention_walk *walk,
	struct retention_due *due_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Retention *retention;
	bool own;
	char bytes[8];
	uint64_t pins = 0;
	uint64_t upto = UINT64_MAX; /* none */
	if (walk->count < 2)
		return STATUS_OK;
	TRY(retention_of(txn, walk->table, arena, &retention, &own, err));
	if (retention->versions)
		TRY(store_count_prefix(txn, DB_PINS, key_u64_text(walk->table, bytes), &pins, err));
	if (retention->versions && walk->count > pins + retention->versions)
		TRY(oldest_end(txn, walk, walk->count - pins - retention->versions, &upto, err));
	if (retention->versions_s) {
		Tenon__V1__TableVersion *then;
		Tenon__V1__TableVersion *after;
		int64_t now_s = clock_now_us() / 1000000;
		TRY(version_around(txn, walk->table, walk->newest,
			(now_s - retention->versions_s) * 1000000, arena, &then, &after, err));
		/* What was current at that time is held; what was before it is not. */
		if (then && then->version && (upto == UINT64_MAX || then->version - 1 > upto))
			upto = then->version - 1;
	}
	if (upto == UINT64_MAX || walk->newest == 0)
		return STATUS_OK;
	due_out->table = walk->table;
	due_out->upto = upto < walk->newest ? upto : walk->newest - 1;
	return STATUS_OK;
}

static void leave(struct retention_walk *walk, uint64_t next)
{
	walk->table = next;
	walk->newest = 0;
	walk->count = 0;
}

enum status retention_look(struct catalog_txn *txn, struct retention_walk *walk,
	struct retention_due *due_out, struct error *err)
{
	struct buffer SCOPED_BUFFER after = {0};
	OWNED(scan) scan = NULL;
	*due_out = (struct retention_due){0};
	if (!walk->begun)
		key_init(&after);
	else
		version_key(&after, walk->table, walk->newest);
	walk->begun = true;
	TRY(scan_open(txn, DB_VERSIONS, TEXT(""), buffer_text(&after), &scan, err));
	for (int looked_at = 0; looked_at < KEYS_OF_STEP; looked_at++) {
		struct text key;
		struct text value;
		bool found;
		TRY(scan_next(scan, &found, &key, &value, err));
		walk->ended = !found;
		uint64_t table = found && key.length == 16 ? key_u64(key.at) : 0;
		if (table != walk->table) {
			TRY(judge(txn, walk, due_out, err));
			leave(walk, table);
		}
		if (!found)
			return STATUS_OK;
		walk->newest = key.length == 16 ? key_u64(key.at + 8) : 0;
		walk->count += version_is_visible(value);
		if (due_out->table)
			return STATUS_OK;
	}
	return STATUS_OK;
}

static enum status tell(struct catalog_txn *txn, const struct retention_due *due, uint64_t last,
	size_t removed, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Table *table;
	enum status status = table_read(txn, due->table, arena, &table, err);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_OK : status; /* dropped */
	return table_note_field(txn, "versions_deleted", table, "versions",
		arena_printf(arena, "%zu, up to %" PRIu64, removed, last), "", err);
}

enum status retention_remove(struct catalog_txn *txn, struct retention_due *due, size_t limit,
	size_t *removed_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct retention_due at = *due;
	size_t removed = 0;
	uint64_t last = 0;
	for (size_t looked_at = 0; looked_at < limit; looked_at++) {
		struct buffer SCOPED_BUFFER key = {0};
		Tenon__V1__TableVersion *version;
		bool pinned;
		bool was;
		arena_reset(arena);
		TRY(version_from(txn, at.table, at.from, arena, &version, err));
		if (!version || version->version > at.upto) {
			at.table = 0;
			break;
		}
		at.from = version->version + 1;
		version_key(&key, at.table, version->version);
		TRY(is_pinned(txn, buffer_text(&key), &pinned, err));
		if (pinned)
			continue;
		TRY(version_remove(txn, at.table, version->version, &was, err));
		last = version->version;
		removed++;
	}
	if (removed)
		TRY(tell(txn, due, last, removed, err));
	*due = at;
	*removed_out = removed;
	return STATUS_OK;
}
