#include "catalog/arrivals.h"

#include "catalog/grants.h"
#include "catalog/key.h"
#include "catalog/partition_indexes.h"
#include "catalog/runs.h"
#include "catalog/search_index.h"
#include "catalog/store.h"
#include "catalog/tables.h"
#include "catalog/webhooks.h"

/* Never back: what was given out here stays given out. */
enum status arrive_counter(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err)
{
	bool found;
	struct text here;
	if (arrival->value.length != 8)
		return fail(err, STATUS_INVALID_ARGUMENT, "counter '%.*s' has %zu bytes, not 8",
			TEXT_ARG(text_until(arrival->key, LIMIT_NAME_BYTES)),
			arrival->value.length);
	TRY(store_find(txn, DB_META, arrival->key, &found, &here, err));
	/* But the feed is another one now. */
	found = found && !text_equal(arrival->key, TEXT("feed"));
	if (found && here.length == 8 && key_u64(here.at) >= key_u64(arrival->value.at))
		return STATUS_OK;
	return store_put(txn, DB_META, arrival->key, arrival->value, err);
}

static enum status location_put(
	struct catalog_txn *txn, const Tenon__V1__Table *table, struct error *err)
{
	struct text location = text_of(table->storage ? table->storage->location : "");
	struct buffer SCOPED_BUFFER key = {0};
	while (location.length > 1 && text_ends(location, TEXT("/")))
		location.length--;
	if (location.length == 0)
		return STATUS_OK;
	key_init(&key);
	key_add_part(&key, text_of(table->database));
	key_add_part(&key, location);
	key_add_u64(&key, table->id);
	return store_put(txn, DB_TABLES_BY_LOCATION, buffer_text(&key), TEXT(""), err);
}

enum status arrive_table(struct catalog_txn *txn, const struct arrival *arrival, struct error *err)
{
	const Tenon__V1__Table *table = (const Tenon__V1__Table *)arrival->message;
	struct buffer SCOPED_BUFFER name = {0};
	char id[8];
	if (!text_equal(arrival->key, key_u64_text(table->id, id)))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the key of table '%.255s.%.255s' is not "
			"its id",
			table->database, table->name);
	key_init(&name);
	key_add_part(&name, text_of(table->database));
	buffer_add_string(&name, table->name);
	TRY(store_put(txn, DB_TABLES_BY_NAME, buffer_text(&name), arrival->key, err));
	TRY(location_put(txn, table, err));
	TRY(search_index_change(txn, NULL, table, err));
	return store_put(txn, DB_TABLES, arrival->key, arrival->value, err);
}

enum status arrive_job(struct catalog_txn *txn, const struct arrival *arrival, struct error *err)
{
	const Tenon__V1__Job *job = (const Tenon__V1__Job *)arrival->message;
	char id[8];
	TRY(store_put(txn, DB_JOBS_BY_ID, key_u64_text(job->id, id), arrival->key, err));
	return store_put(txn, DB_JOBS, arrival->key, arrival->value, err);
}

enum status arrive_webhook(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err)
{
	static char none[] = "";
	Tenon__Store__V1__WebhookRecord *record =
		(Tenon__Store__V1__WebhookRecord *)(uintptr_t)arrival->message;
	if (record->webhook) {
		record->webhook->paused = true;
		/* An export has no secrets, and nothing is signed with what stands there. */
		if (strcmp(record->webhook->secret, "***") == 0)
			record->webhook->secret = none;
	}
	return store_put_message(txn, DB_WEBHOOKS, arrival->key, &record->base, err);
}

static bool is_under_way(const Tenon__V1__Run *run)
{
	return run->state == TENON__V1__RUN_STATE__RUN_STATE_QUEUED ||
	       run->state == TENON__V1__RUN_STATE__RUN_STATE_RUNNING ||
	       run->state == TENON__V1__RUN_STATE__RUN_STATE_COMMITTING;
}

enum status arrive_run(struct catalog_txn *txn, const struct arrival *arrival, struct error *err)
{
	static char why[] = "it was under way when the catalog was exported";
	const Tenon__Store__V1__RunRecord *record =
		(const Tenon__Store__V1__RunRecord *)arrival->message;
	if (record->run && is_under_way(record->run)) {
		record->run->state = TENON__V1__RUN_STATE__RUN_STATE_FAILED;
		record->run->error = why;
		record->run->end_time_us = arrival->time_us;
	}
	return run_put(txn, record, err);
}

enum status arrive_token(struct catalog_txn *txn, const struct arrival *arrival, struct error *err)
{
	TRY(access_changed(txn, err));
	return store_put(txn, DB_TOKENS, arrival->key, arrival->value, err);
}

enum status arrive_grant(struct catalog_txn *txn, const struct arrival *arrival, struct error *err)
{
	TRY(access_changed(txn, err));
	return store_put(txn, DB_GRANTS, arrival->key, arrival->value, err);
}

enum status arrive_partition_index(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err)
{
	enum { INDEX_BYTES = 9 };
	if (arrival->key.length != INDEX_BYTES)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"a partition index has a key of %zu bytes, not %d", arrival->key.length,
			INDEX_BYTES);
	return partition_index_restart(txn, key_u64(arrival->key.at),
		(unsigned char)arrival->key.at[INDEX_BYTES - 1],
		(Tenon__Store__V1__PartitionIndexRecord *)(uintptr_t)arrival->message, err);
}

enum status arrive_tags(struct catalog_txn *txn, const struct arrival *arrival, struct error *err)
{
	static const char kind[] = "table"; /* with its NUL */
	struct text id = text_from(arrival->key, sizeof kind);
	if (text_starts(arrival->key, (struct text){kind, sizeof kind}) && id.length == 8)
		TRY(search_index_retag(txn, key_u64(id.at), NULL,
			(const Tenon__Store__V1__TagsRecord *)arrival->message, err));
	return store_put(txn, DB_TAGS, arrival->key, arrival->value, err);
}
