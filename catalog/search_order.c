#include "catalog/search_order.h"

#include "base/hash.h"
#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/search_cursor.h"

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
	struct text database = text_of(table->database);
	struct text name = text_of(table->name);
	bool is_name = letter == 'n';
	char *word = arena_alloc(arena, 3 + (is_name ? database.length + name.length : 16));
	char *end = word;
	*end++ = 1;
	*end++ = letter;
	if (!is_name) {
		hash_digits((uint64_t)time, end);
		return (struct text){word, (size_t)(end + 16 - word)};
	}
	end = mempcpy(end, database.at, database.length);
	*end++ = 1;
	end = mempcpy(end, name.at, name.length);
	return text_until((struct text){word, (size_t)(end - word)}, ORDER_NAME_BYTES);
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

struct search_order {
	struct search_cursor *cursor;
	bool backwards;
	bool begun;
	struct buffer after;
	bool after_is_one; /* of its keys; else the end that the walk begins at */
};

void search_order_free(struct search_order *order)
{
	if (!order)
		return;
	search_cursor_free(order->cursor);
	buffer_done(&order->after);
	free(order);
}

enum status search_order_open(struct catalog_txn *txn, Tenon__V1__SearchSort sort, bool descending,
	struct text after, struct search_order **order_out, struct error *err)
{
	OWNED(search_order) order = memory_new(sizeof *order);
	const char prefix[] = {1, orders[order_of(sort)].letter};
	order->backwards = descending;
	order->after_is_one = after.length > 0;
	key_init(&order->after);
	buffer_add_text(&order->after, after);
	if (!order->after_is_one) {
		buffer_add(&order->after, prefix, sizeof prefix);
		order->after.at[1] = (char)(order->after.at[1] + descending);
	}
	TRY(buffer_check(&order->after, "key", err));
	TRY(search_cursor_open(txn, (struct text){prefix, sizeof prefix}, &order->cursor, err));
	*order_out = TAKE(order);
	return STATUS_OK;
}

/* To the first one behind `after`, seen from where the walk comes. */
static enum status begin(
	struct search_order *order, bool *found_out, struct search_entry *entry, struct error *err)
{
	struct text after = buffer_text(&order->after);
	TRY(search_cursor_seek(order->cursor, after, order->backwards, found_out, entry, err));
	bool same = *found_out && order->after_is_one && text_equal(entry->key, after);
	return same ? search_cursor_next(order->cursor, found_out, entry, err) : STATUS_OK;
}

enum status search_order_next(struct search_order *order, bool *found_out, struct text *key_out,
	uint64_t *id_out, struct error *err)
{
	struct search_entry entry;
	if (order->begun)
		TRY(search_cursor_next(order->cursor, found_out, &entry, err));
	else
		TRY(begin(order, found_out, &entry, err));
	order->begun = true;
	if (!*found_out)
		return STATUS_OK;
	*key_out = entry.key;
	*id_out = key_u64(entry.key.at + entry.key.length - 8);
	return STATUS_OK;
}
