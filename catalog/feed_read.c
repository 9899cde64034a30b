#include "catalog/feed_read.h"

#include "catalog/feed_kinds.h"
#include "catalog/field_grade.h"
#include "catalog/key.h"
#include "catalog/names.h"
#include "catalog/page.h"
#include "catalog/sight.h"
#include "catalog/store.h"
#include "schema/diff.h"
#include "tenon/store/v1/records.pb-c.h"

#include <inttypes.h>

/* The filter as records are compared with it: names folded as they are stored. */
struct sieve {
	struct text database; /* empty: all, as are the rest */
	struct text table;
	struct text full_name; /* "sales.orders", of a rename away from it */
	const Tenon__V1__WatchRequest *filter;
	int least; /* an enum severity; -1: all */
};

static int severity_rank(const char *name)
{
	for (int i = SEVERITY_SAFE; i <= SEVERITY_BREAKING; i++) {
		if (strcmp(name, severity_name((enum severity)i)) == 0)
			return i;
	}
	return -1;
}

static enum status sieve_make(struct sieve *sieve, const Tenon__V1__WatchRequest *filter,
	struct arena *arena, struct error *err)
{
	*sieve = (struct sieve){.filter = filter, .least = -1};
	if (filter->severity[0]) {
		sieve->least = severity_rank(filter->severity);
		if (sieve->least < 0)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"severity is safe, widening or breaking, not '%.64s'",
				filter->severity);
	}
	if (filter->n_kinds > LIMIT_FEED_KINDS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"%zu kinds in one filter, and %d is the most", filter->n_kinds,
			LIMIT_FEED_KINDS);
	for (size_t i = 0; i < filter->n_kinds; i++)
		TRY(feed_kind_check(filter->kinds[i], err));
	if (filter->table[0] && !filter->database[0])
		return fail(err, STATUS_INVALID_ARGUMENT,
			"table '%.255s' stands without its database: name both", filter->table);
	if (filter->database[0])
		TRY(name_fold(
			arena, text_of(filter->database), "database name", &sieve->database, err));
	if (filter->table[0]) {
		TRY(name_fold(arena, text_of(filter->table), "table name", &sieve->table, err));
		sieve->full_name = text_of(arena_printf(
			arena, "%.*s.%.*s", TEXT_ARG(sieve->database), TEXT_ARG(sieve->table)));
	}
	return STATUS_OK;
}

enum status feed_filter_check(
	const Tenon__V1__WatchRequest *filter, struct arena *arena, struct error *err)
{
	struct sieve sieve;
	return sieve_make(&sieve, filter, arena, err);
}

static bool is_of_kind(const Tenon__V1__WatchRequest *filter, const char *kind)
{
	for (size_t i = 0; i < filter->n_kinds; i++) {
		if (strcmp(filter->kinds[i], kind) == 0)
			return true;
	}
	return filter->n_kinds == 0;
}

static bool is_in_place(const struct sieve *sieve, const Tenon__Store__V1__ChangeRecord *record)
{
	struct text before = text_of(record->before_name);
	if (sieve->database.length == 0)
		return true;
	if (sieve->table.length && text_equal(before, sieve->full_name))
		return true;
	/* A table that left the database is a change of the database. */
	if (sieve->table.length == 0 && text_starts(before, sieve->database) &&
		before.length > sieve->database.length && before.at[sieve->database.length] == '.')
		return true;
	return text_equal(text_of(record->database), sieve->database) &&
	       (sieve->table.length == 0 || text_equal(text_of(record->table), sieve->table));
}

static bool passes(const struct sieve *sieve, const Tenon__Store__V1__ChangeRecord *record)
{
	return is_of_kind(sieve->filter, record->kind) && is_in_place(sieve, record) &&
	       (sieve->least < 0 || severity_rank(record->severity) >= sieve->least);
}

/* Records of before each partition had its own kind say it of all together. */
static const char *partitions_kind(const Tenon__Store__V1__ChangeRecord *record)
{
	bool added = record->partitions_added > 0;
	bool removed = record->partitions_removed > 0;
	bool updated = record->partitions_updated > 0;
	if (added + removed + updated != 1)
		return "";
	return added ? "added" : removed ? "removed" : "updated";
}

static void take_partitions(struct arena *arena, Tenon__V1__Change *change,
	const Tenon__Store__V1__ChangeRecord *record)
{
	change->partitions = record->partitions;
	change->n_partitions = record->n_partitions;
	for (size_t i = 0; i < change->n_partitions; i++) {
		Tenon__V1__PartitionChange *one = change->partitions[i];
		if (!one->kind[0])
			one->kind = arena_text(arena, text_of(partitions_kind(record)));
	}
}

static Tenon__V1__Change *change_of(
	struct arena *arena, uint64_t sequence, const Tenon__Store__V1__ChangeRecord *record)
{
	Tenon__V1__Change *change = arena_alloc(arena, sizeof *change);
	tenon__v1__change__init(change);
	change->sequence = sequence;
	change->time_us = record->time_us;
	change->kind = record->kind;
	change->database = record->database;
	change->table = record->table;
	change->table_id = record->table_id;
	change->version = record->version;
	change->author = record->author;
	change->reason = record->reason;
	change->severity = record->severity;
	change->changes = record->changes;
	change->n_changes = record->n_changes;
	change->fields = record->fields;
	change->n_fields = record->n_fields;
	change->partitions_added = record->partitions_added;
	change->partitions_removed = record->partitions_removed;
	change->partitions_updated = record->partitions_updated;
	change->resource = record->resource;
	change->before_name = record->before_name;
	take_partitions(arena, change, record);
	return change;
}

static enum status feed_oldest(struct catalog_txn *txn, uint64_t *oldest_out, struct error *err)
{
	OWNED(scan) scan = NULL;
	bool found;
	struct text key;
	struct text value;
	TRY(scan_open(txn, DB_FEED, TEXT(""), TEXT(""), &scan, err));
	TRY(scan_next(scan, &found, &key, &value, err));
	if (found && key.length != 8)
		return fail(err, STATUS_DATA_LOSS, "a change's key has %zu bytes", key.length);
	if (found)
		*oldest_out = key_u64(key.at);
	return STATUS_OK;
}

enum status feed_range(
	struct catalog_txn *txn, uint64_t *oldest_out, uint64_t *newest_out, struct error *err)
{
	bool found;
	struct text value;
	TRY(store_find(txn, DB_META, TEXT("feed"), &found, &value, err));
	if (found && value.length != 8)
		return fail(err, STATUS_DATA_LOSS, "counter 'feed' has %zu bytes", value.length);
	*newest_out = found ? key_u64(value.at) - 1 : 0;
	*oldest_out = *newest_out + 1;
	return feed_oldest(txn, oldest_out, err);
}

static enum status after_check(uint64_t after, uint64_t oldest, uint64_t newest, struct error *err)
{
	if (after > newest)
		return fail(err, STATUS_OUT_OF_RANGE,
			"change %" PRIu64 " was not made yet: the newest is %" PRIu64, after,
			newest);
	if (after != 0 && after + 1 < oldest)
		return fail(err, STATUS_OUT_OF_RANGE,
			"changes after %" PRIu64 " are no longer kept: the oldest is %" PRIu64
			"; start from 0",
			after, oldest);
	return STATUS_OK;
}

/* Of a rename the name before stays in: whoever sees the table now may know it. */
static bool is_seen(const struct catalog_txn *txn, const Tenon__Store__V1__ChangeRecord *record)
{
	static const struct text of_table = {"table/", 6};
	struct text resource = text_of(record->resource);
	struct text table = text_of(record->table);
	if (!record->database[0])
		return sees_resource(txn, resource);
	/* What belongs to a table (its tags, its statistics) is seen with it. */
	if (table.length == 0 && text_starts(resource, of_table)) {
		struct text path = text_from(resource, of_table.length);
		table = text_from(path, text_find(path, '/') + 1);
	}
	return sees_table(txn, text_of(record->database), table);
}

/* What is stored is the severity of the schema's changes: that of fields follows from
 * their paths, for records of any age. */
static void grade(struct arena *arena, Tenon__Store__V1__ChangeRecord *record)
{
	if (!record->severity[0])
		return;
	enum severity worst = fields_grade(
		arena, record->fields, record->n_fields, severity_named(record->severity));
	record->severity = arena_text(arena, text_of(severity_name(worst)));
}

/* A record is unpacked only if it is there, and stays only if it passes. */
static enum status look(struct catalog_txn *txn, const struct sieve *sieve, uint64_t sequence,
	struct page *page, struct error *err)
{
	char bytes[8];
	struct text key = key_u64_text(sequence, bytes);
	struct text value;
	bool found;
	void *record = NULL;
	TRY(store_find(txn, DB_FEED, key, &found, &value, err));
	if (found)
		TRY(store_unpack(value, &tenon__store__v1__change_record__descriptor, page->arena,
			&record, err));
	if (record)
		grade(page->arena, record);
	if (record && passes(sieve, record) && is_seen(txn, record))
		page_add(page, change_of(page->arena, sequence, record), key);
	else
		page_skip(page, key);
	return STATUS_OK;
}

/* What was unpacked and did not match takes memory too: a step ends there. */
static bool step_is_full(const struct page *page)
{
	enum { STEP_BYTES_MAX = 32 * 1024 * 1024, STEP_LOOKED_MAX = 5000 };
	return page_is_full(page) || page->looked_at >= STEP_LOOKED_MAX ||
	       arena_bytes(page->arena) - page->bytes_before > STEP_BYTES_MAX;
}

enum status feed_read(struct catalog_txn *txn, uint64_t after,
	const Tenon__V1__WatchRequest *filter, size_t limit, struct arena *arena,
	struct feed_step *step_out, struct error *err)
{
	uint64_t oldest;
	uint64_t newest;
	struct sieve sieve;
	struct page page;
	TRY(sieve_make(&sieve, filter, arena, err));
	TRY(feed_range(txn, &oldest, &newest, err));
	TRY(after_check(after, oldest, newest, err));
	page_init(&page, arena, limit);
	if (after + 1 < oldest)
		after = oldest - 1;
	while (after < newest && !step_is_full(&page))
		TRY(look(txn, &sieve, ++after, &page, err));
	*step_out = (struct feed_step){
		.changes = (Tenon__V1__Change **)page.items,
		.count = page.count,
		.sequence = after,
		.more = after < newest,
	};
	return STATUS_OK;
}

/* Where a listing goes on: from the token, or from its first end. */
struct walk {
	uint64_t next;
	uint64_t left;
	bool down;
};

static void walk_from(struct walk *walk, uint64_t low, uint64_t high, struct text last)
{
	uint64_t at = last.length == 8 ? key_u64(last.at) : 0;
	if (at && walk->down)
		high = at - 1;
	else if (at)
		low = at + 1 > low ? at + 1 : low;
	walk->next = walk->down ? high : low;
	walk->left = high >= low ? high - low + 1 : 0;
}

enum status feed_list(struct catalog_txn *txn, const Tenon__V1__ListChangesRequest *request,
	size_t limit, struct arena *arena, Tenon__V1__Change ***changes_out, size_t *count_out,
	struct text *next_out, struct error *err)
{
	static const Tenon__V1__WatchRequest all = TENON__V1__WATCH_REQUEST__INIT;
	const Tenon__V1__WatchRequest *filter = request->filter ? request->filter : &all;
	uint64_t oldest;
	uint64_t newest;
	struct sieve sieve;
	struct page page;
	struct text last;
	TRY(sieve_make(&sieve, filter, arena, err));
	TRY(feed_range(txn, &oldest, &newest, err));
	/* What is being listed: the filter's bytes and the direction. */
	size_t length = protobuf_c_message_get_packed_size(&filter->base);
	uint8_t *context = arena_alloc(arena, length + 1);
	(void)protobuf_c_message_pack(&filter->base, context);
	context[length] = request->newest_first ? 1 : 0;
	struct text asked = {(const char *)context, length + 1};
	TRY(token_open(txn, TOKEN_CHANGES, asked, text_of(request->page_token), arena, &last, err));
	if (last.length == 0)
		TRY(after_check(filter->after, oldest, newest, err));
	struct walk walk = {.down = request->newest_first};
	walk_from(&walk, filter->after + 1 > oldest ? filter->after + 1 : oldest, newest, last);
	page_init(&page, arena, limit);
	for (; walk.left > 0 && !step_is_full(&page); walk.left--) {
		TRY(look(txn, &sieve, walk.next, &page, err));
		char bytes[8];
		if (step_is_full(&page))
			page.last = arena_copy(arena, key_u64_text(walk.next, bytes));
		walk.next = walk.down ? walk.next - 1 : walk.next + 1;
	}
	page.more = walk.left > 0;
	*changes_out = (Tenon__V1__Change **)page.items;
	*count_out = page.count;
	*next_out = page_next(&page, txn, TOKEN_CHANGES, asked);
	return STATUS_OK;
}
