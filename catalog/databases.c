#include "catalog/databases.h"

#include "base/clock.h"
#include "catalog/counts.h"
#include "catalog/definition.h"
#include "catalog/feed.h"
#include "catalog/key.h"
#include "catalog/listing.h"
#include "catalog/maps.h"
#include "catalog/names.h"
#include "catalog/sight.h"
#include "catalog/store.h"
#include "catalog/table.h"
#include "catalog/token.h"
#include "proto/wire.h"

enum status database_read(struct catalog_txn *txn, struct text folded, struct arena *arena,
	Tenon__V1__Database **database_out, struct error *err)
{
	void *found;
	TRY(store_message(
		txn, DB_DATABASES, folded, &tenon__v1__database__descriptor, arena, &found, err));
	if (!found)
		return fail(err, STATUS_NOT_FOUND, "no database '%.*s'", TEXT_ARG(folded));
	*database_out = found;
	return STATUS_OK;
}

enum status database_get(struct catalog_txn *txn, struct text name, struct arena *arena,
	Tenon__V1__Database **database_out, struct error *err)
{
	struct text folded;
	Tenon__V1__Database *database;
	struct counting counting = {COUNTED_MAX};
	TRY(name_fold(arena, name, "database name", &folded, err));
	TRY(database_read(txn, folded, arena, &database, err));
	TRY(tables_shown(
		txn, folded, database->table_count, &counting, &database->table_count, err));
	*database_out = database;
	return STATUS_OK;
}

enum status database_count_read(
	struct catalog_txn *txn, Tenon__V1__Database *database, int change, struct error *err)
{
	database->table_count += (uint64_t)(int64_t)change;
	return store_put_message(txn, DB_DATABASES, text_of(database->name), &database->base, err);
}

enum status database_count(
	struct catalog_txn *txn, struct text folded, int change, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Database *database;
	TRY(database_read(txn, folded, arena, &database, err));
	return database_count_read(txn, database, change, err);
}

enum status database_note(struct catalog_txn *txn, const char *kind,
	const Tenon__V1__Database *before, const Tenon__V1__Database *after, struct error *err)
{
	struct feed_change change = {
		.kind = kind,
		.resource = "",
		.database = after ? after->name : before->name,
		.before = before ? &before->base : NULL,
		.after = after ? &after->base : NULL,
	};
	return feed_note(txn, &change, err);
}

enum status database_put(struct catalog_txn *txn, const Tenon__V1__Database *database,
	bool if_not_exists, struct arena *arena, Tenon__V1__Database **database_out,
	struct error *err)
{
	struct text folded;
	TRY(name_fold(arena, text_of(database->name), "database name", &folded, err));
	void *found;
	TRY(store_message(
		txn, DB_DATABASES, folded, &tenon__v1__database__descriptor, arena, &found, err));
	if (found && !if_not_exists)
		return fail(err, STATUS_ALREADY_EXISTS, "database '%.*s' exists already",
			TEXT_ARG(folded));
	if (found) {
		*database_out = found;
		return STATUS_OK;
	}
	Tenon__V1__Database *made = wire_copy(arena, &database->base);
	TRY(database_check(made, err));
	TRY(maps_normalise(&made->base, err));
	made->name = arena_text(arena, folded);
	made->create_time_us = clock_now_us();
	made->table_count = 0;
	TRY(store_put_message(txn, DB_DATABASES, folded, &made->base, err));
	TRY(database_note(txn, "database_created", NULL, made, err));
	*database_out = made;
	return STATUS_OK;
}

enum status database_update(struct catalog_txn *txn, struct text name,
	const Tenon__V1__Database *database, struct arena *arena,
	Tenon__V1__Database **database_out, struct error *err)
{
	struct text folded;
	struct text wanted;
	Tenon__V1__Database *before;
	TRY(name_fold(arena, name, "database name", &folded, err));
	TRY(name_fold(arena, *database->name ? text_of(database->name) : name, "new database name",
		&wanted, err));
	TRY(database_check(database, err));
	TRY(database_read(txn, folded, arena, &before, err));
	if (!text_equal(folded, wanted))
		return fail(err, STATUS_FAILED_PRECONDITION,
			"database '%.*s' cannot be renamed to '%.*s': make that one and move the "
			"tables",
			TEXT_ARG(folded), TEXT_ARG(wanted));
	Tenon__V1__Database *after = wire_copy(arena, &database->base);
	TRY(maps_normalise(&after->base, err));
	after->name = before->name;
	after->create_time_us = before->create_time_us;
	after->update_time_us = before->update_time_us;
	after->table_count = before->table_count;
	*database_out = after;
	if (text_equal(wire_pack(arena, &before->base), wire_pack(arena, &after->base)))
		return STATUS_OK;
	after->update_time_us = clock_now_us();
	TRY(store_put_message(txn, DB_DATABASES, folded, &after->base, err));
	return database_note(txn, "database_updated", before, after, err);
}

static enum status database_item(struct catalog_txn *txn, const struct listing *listing,
	struct text key, struct text value, struct arena *arena, void **item_out, struct error *err)
{
	struct counting *const *counting = listing->asked;
	void *unpacked;
	if (!sees_table(txn, key, TEXT("")))
		return STATUS_OK;
	TRY(store_unpack(value, &tenon__v1__database__descriptor, arena, &unpacked, err));
	Tenon__V1__Database *database = unpacked;
	TRY(tables_shown(txn, key, database->table_count, *counting, &database->table_count, err));
	*item_out = database;
	return STATUS_OK;
}

enum status database_list(struct catalog_txn *txn, struct text token, size_t limit,
	struct arena *arena, Tenon__V1__Database ***databases_out, size_t *count_out,
	struct text *next_out, struct error *err)
{
	struct counting counting = {COUNTED_MAX};
	struct counting *const left = &counting;
	const struct listing listing = {
		DB_DATABASES, TEXT(""), TOKEN_DATABASES, TEXT(""), database_item, &left};
	struct page page;
	TRY(listing_page(txn, &listing, token, limit, arena, &page, err));
	*databases_out = (Tenon__V1__Database **)page.items;
	*count_out = page.count;
	*next_out = page.next;
	return STATUS_OK;
}
