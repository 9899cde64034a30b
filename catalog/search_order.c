#include "catalog/search_order.h"

#include "base/memory.h"
#include "catalog/key.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct {
	Tenon__V1__SearchSort sort;
	char letter;
} orders[SEARCH_ORDERS] = {
	{TENON__V1__SEARCH_SORT__SEARCH_SORT_NAME, 'n'},
	{TENON__V1__SEARCH_SORT__SEARCH_SORT_CREATE_TIME, 'c'},
	{TENON__V1__SEARCH_SORT__SEARCH_SORT_UPDATE_TIME, 'u'},
};

static size_t order_of(Tenon__V1__SearchSort sort)
{
	size_t order = 0;
	while (order < SEARCH_ORDERS - 1 && orders[order].sort != sort)
		order++;
	return order;
}

struct text search_order_word(const Tenon__V1__Table *table, size_t order, struct arena *arena)
{
	char letter = orders[order].letter;
	int64_t time = letter == 'c' ? table->create_time_us : table->update_time_us;
	if (letter != 'n')
		return text_of(arena_printf(arena, "\1%c%016" PRIx64, letter, (uint64_t)time));
	return text_until(text_of(arena_printf(arena, "\1n%s\1%s", table->database, table->name)),
		ORDER_NAME_BYTES);
}

struct text search_order_key(
	const Tenon__V1__Table *table, Tenon__V1__SearchSort sort, struct arena *arena)
{
	struct buffer SCOPED_BUFFER key = {0};
	key_init(&key);
	key_add_part(&key, search_order_word(table, order_of(sort), arena));
	key_add_u64(&key, table->id);
	return arena_copy(arena, buffer_text(&key));
}

/* Keys of the search index are short, so that LMDB's own cursor sees them whole; unlike
 * a scan it goes backwards. */
struct search_order {
	MDB_cursor *cursor;
	char prefix[2];
	bool backwards;
	bool begun;
	struct buffer after;
};

void search_order_free(struct search_order *order)
{
	if (!order)
		return;
	if (order->cursor)
		mdb_cursor_close(order->cursor);
	buffer_done(&order->after);
	free(order);
}

enum status search_order_open(struct catalog_txn *txn, Tenon__V1__SearchSort sort, bool descending,
	struct text after, struct search_order **order_out, struct error *err)
{
	OWNED(search_order) order = memory_new(sizeof *order);
	order->prefix[0] = 1;
	order->prefix[1] = orders[order_of(sort)].letter;
	order->backwards = descending;
	key_init(&order->after);
	buffer_add_text(&order->after, after);
	if (after.length == 0) {
		buffer_add(&order->after, order->prefix, sizeof order->prefix);
		order->after.at[1] = (char)(order->after.at[1] + descending);
	}
	TRY(lmdb_status(mdb_cursor_open(txn->mdb, txn->catalog->dbis[DB_SEARCH], &order->cursor),
		err, "open a cursor"));
	*order_out = TAKE(order);
	return STATUS_OK;
}

/* To the first one behind `after`, seen from where the walk comes. */
static int begin(struct search_order *order, MDB_val *key, MDB_val *value)
{
	struct text after = buffer_text(&order->after);
	*key = (MDB_val){after.length, order->after.at};
	int rc = mdb_cursor_get(order->cursor, key, value, MDB_SET_RANGE);
	if (order->backwards && rc == MDB_NOTFOUND)
		return mdb_cursor_get(order->cursor, key, value, MDB_LAST);
	if (order->backwards && rc == MDB_SUCCESS)
		return mdb_cursor_get(order->cursor, key, value, MDB_PREV);
	bool same =
		rc == MDB_SUCCESS && text_equal((struct text){key->mv_data, key->mv_size}, after);
	return same ? mdb_cursor_get(order->cursor, key, value, MDB_NEXT) : rc;
}

enum status search_order_next(struct search_order *order, bool *found_out, struct text *key_out,
	uint64_t *id_out, struct error *err)
{
	MDB_val key;
	MDB_val value;
	int rc = order->begun ? mdb_cursor_get(order->cursor, &key, &value,
					order->backwards ? MDB_PREV : MDB_NEXT)
			      : begin(order, &key, &value);
	order->begun = true;
	*found_out = rc == MDB_SUCCESS && key.mv_size > sizeof order->prefix + 8 &&
		     memcmp(key.mv_data, order->prefix, sizeof order->prefix) == 0;
	if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
		return lmdb_status(rc, err, "read the search index");
	if (!*found_out)
		return STATUS_OK;
	*key_out = (struct text){key.mv_data, key.mv_size};
	*id_out = key_u64(key_out->at + key_out->length - 8);
	return STATUS_OK;
}
