#include "catalog/check_rows.h"
#include "catalog/key.h"

#include <inttypes.h>

/* No number will be given a second time: each counter is beyond all that are in use. A
 * table that got the id of another one would have its versions and partitions. */

static const struct counter {
	const char *name;
	enum db db; /* whose keys begin with such a number */
	char first; /* behind this byte; 0: with the number itself */
	const char *what;
} counters[] = {
	{"table", DB_TABLES, 0, "table"},
	{"table", DB_VERSIONS, 0, "a version's table"}, /* dropped ones too */
	{"drop", DB_DROPPED, 'q', "drop"},
	{"job", DB_JOBS_BY_ID, 0, "job"},
	{"schema", DB_SCHEMA_IDS, 's', "schema"},
	{"node", DB_LONG, 0, "node of a long key"},
	{"audit", DB_AUDIT, 0, "audit entry"},
};

/* The greatest number in use, 0 when there is none. LMDB's own keys, for those of DB_LONG
 * are no keys of the store; their first bytes are the same. */
static enum status greatest(
	struct check *check, const struct counter *counter, uint64_t *number_out, struct error *err)
{
	char beyond = (char)(counter->first + 1);
	MDB_val key = {.mv_size = 1, .mv_data = &beyond};
	MDB_val value;
	MDB_cursor *cursor;
	size_t length = counter->first ? 1 : 0;
	struct catalog_txn *txn = check->txn;
	*number_out = 0;
	TRY(lmdb_status(mdb_cursor_open(txn->mdb, txn->catalog->dbis[counter->db], &cursor), err,
		"open a cursor"));
	int rc =
		counter->first ? mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE) : MDB_NOTFOUND;
	rc = mdb_cursor_get(cursor, &key, &value, rc == 0 ? MDB_PREV : MDB_LAST);
	const char *bytes = key.mv_data;
	if (rc == 0 && key.mv_size >= length + 8 && (length == 0 || bytes[0] == counter->first))
		*number_out = key_u64(bytes + length);
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? STATUS_OK : lmdb_status(rc, err, "read the last key");
}

static enum status counters_are_ahead(struct check *check, struct error *err)
{
	for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
		const struct counter *counter = &counters[i];
		struct text value;
		uint64_t number;
		bool found;
		TRY(greatest(check, counter, &number, err));
		TRY(store_find(check->txn, DB_META, text_of(counter->name), &found, &value, err));
		uint64_t next = found && value.length == 8 ? key_u64(value.at) : 1;
		if (number >= next)
			check_found(check,
				arena_printf(check->arena, "counter '%s'", counter->name),
				"would give %" PRIu64 ", and there is %s %" PRIu64, next,
				counter->what, number);
	}
	return STATUS_OK;
}

static const struct check_row rows[] = {
	{.invariant = "numbers", .db = DB_META, .finish = counters_are_ahead},
};

const struct check_rows check_numbers = CHECK_ROWS(rows);
