#pragma once

#include "catalog/check.h"
#include "catalog/store.h"

/* Inside the room: what an invariant is. One file of rows per area, listed in check.c. */
struct check {
	struct catalog_txn *txn;
	struct arena *arena; /* one record's */
	const struct check_sink *sink;
	const struct check_watch *watch; /* or NULL */
	const struct view *view; /* NULL: it is a write's */
	const struct check_row *row;
	uint64_t records;
	/* What one row finds out and a later one needs. */
	struct check_tally {
		uint64_t words; /* that tables say they hold */
		uint64_t postings; /* of the search index */
		uint64_t sequence; /* of the feed, walked so far */
		bool feed_is_whole; /* it goes back to the first change */
		uint64_t *versions; /* by table id: the newest that the feed tells of, and 1 */
		size_t versions_count;
	} tally;
};

struct check_row {
	const char *invariant;
	enum db db; /* each record of it is visited */
	/* Of the record's value; the record is unpacked before the visit, and one that does
	 * not unpack is a problem by itself and not visited. NULL: it is no message. */
	const ProtobufCMessageDescriptor *descriptor;
	/* Tells what is amiss by check_found; NULL: that it unpacks is all. */
	enum status (*visit)(struct check *check, struct text key, struct text value,
		const void *message, struct error *err);
	/* After the last record; or NULL. */
	enum status (*finish)(struct check *check, struct error *err);
};

struct check_rows {
	const struct check_row *rows;
	size_t count;
};
#define CHECK_ROWS(array) ((struct check_rows){array, sizeof(array) / sizeof *(array)})

/* One problem at `place`, for which arena texts are made in check->arena. */
void check_found(struct check *check, const char *place, const char *format, ...) PRINTF_LIKE(3, 4);

/* Every invariant, in a transaction of any kind. */
enum status check_all(struct catalog_txn *txn, const struct check_sink *sink, uint64_t *records_out,
	struct error *err) MUST_USE;

/* Whether there is a record of the table with this id, or of its drop. */
enum status check_has_table(
	struct check *check, uint64_t id, bool *found_out, struct error *err) MUST_USE;

/* Whether the table with whose id a key begins is being purged: some of what is kept of it
 * has gone already. */
enum status check_is_purged(
	struct check *check, struct text key, bool *purged_out, struct error *err) MUST_USE;

extern const struct check_rows check_dropped;
extern const struct check_rows check_tables, check_jobs, check_search, check_feed, check_orphans,
	check_access, check_versions, check_partition_indexes, check_webhooks, check_registries,
	check_numbers;
