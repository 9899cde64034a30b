#include "base/memory.h"
#include "catalog/check_rows.h"
#include "catalog/key.h"
#include "tenon/store/v1/records.pb-c.h"

#include <inttypes.h>

/* The feed has no gap, and what it says last of each table is what the table is at. */

/* Of more tables than this, the later ones are not compared. */
enum { TABLES_MAX = 4 * 1024 * 1024 };

static const char *change(struct check *check, uint64_t sequence)
{
	return arena_printf(check->arena, "change %" PRIu64, sequence);
}

static void remember(struct check *check, uint64_t id, uint64_t version)
{
	struct check_tally *tally = &check->tally;
	if (id >= TABLES_MAX)
		return;
	size_t wanted = memory_grown(tally->versions_count, id + 1);
	if (wanted > tally->versions_count) {
		tally->versions = memory_resize(tally->versions, wanted, sizeof *tally->versions);
		memset(tally->versions + tally->versions_count, 0,
			(wanted - tally->versions_count) * sizeof *tally->versions);
		tally->versions_count = wanted;
	}
	if (version + 1 > tally->versions[id])
		tally->versions[id] = version + 1;
}

static enum status change_follows(struct check *check, struct text key, struct text value,
	const void *message, struct error *err)
{
	(void)value;
	(void)err;
	const Tenon__Store__V1__ChangeRecord *record = message;
	struct check_tally *tally = &check->tally;
	if (key.length != 8) {
		check_found(check, "a change", "its number has %zu bytes", key.length);
		return STATUS_OK;
	}
	uint64_t sequence = key_u64(key.at);
	if (tally->sequence == 0)
		tally->feed_is_whole = sequence == 1;
	else if (sequence != tally->sequence + 1)
		check_found(check, change(check, sequence), "follows on change %" PRIu64,
			tally->sequence);
	tally->sequence = sequence;
	if (record->table_id)
		remember(check, record->table_id, record->version);
	return STATUS_OK;
}

static enum status next_change_is_counted(struct check *check, struct error *err)
{
	bool found;
	struct text value;
	TRY(store_find(check->txn, DB_META, TEXT("feed"), &found, &value, err));
	uint64_t next = found && value.length == 8 ? key_u64(value.at) : 1;
	if (check->tally.sequence && next != check->tally.sequence + 1)
		check_found(check, change(check, check->tally.sequence),
			"is the last, and %" PRIu64 " would be the next", next);
	return STATUS_OK;
}

static enum status table_is_as_the_feed_says(struct check *check, struct text key,
	struct text value, const void *message, struct error *err)
{
	(void)key;
	(void)value;
	(void)err;
	const Tenon__V1__Table *table = message;
	const struct check_tally *tally = &check->tally;
	if (!tally->feed_is_whole || table->id >= TABLES_MAX)
		return STATUS_OK;
	uint64_t told = table->id < tally->versions_count ? tally->versions[table->id] : 0;
	const char *place = arena_printf(check->arena, "%s.%s", table->database, table->name);
	if (told == 0)
		check_found(check, place, "the change feed does not know it");
	else if (told != table->version + 1)
		check_found(check, place,
			"is at version %" PRIu64 ", and the change feed says %" PRIu64,
			table->version, told - 1);
	return STATUS_OK;
}

static const struct check_row rows[] = {
	{"feed-sequence", DB_FEED, &tenon__store__v1__change_record__descriptor, change_follows,
		next_change_is_counted},
	{"feed-versions", DB_TABLES, &tenon__v1__table__descriptor, table_is_as_the_feed_says,
		NULL},
};

const struct check_rows check_feed = CHECK_ROWS(rows);
