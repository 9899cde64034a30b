#include "catalog/connections.h"

#include "base/clock.h"
#include "catalog/feed.h"
#include "catalog/field_diff.h"
#include "catalog/listing.h"
#include "catalog/maps.h"
#include "catalog/names.h"
#include "catalog/sight.h"
#include "catalog/store.h"
#include "catalog/tags.h"
#include "catalog/value_secret.h"
#include "proto/wire.h"
#include "secrets/secret_name.h"

#include <string.h>

enum { CRITERIA_MAX = 10, SECRET_KEYS_MAX = 100 };

static char hidden[] = "***";

bool connection_key_is_secret(const Tenon__V1__Connection *connection, struct text key)
{
	if (name_is_secret(key))
		return true;
	for (size_t i = 0; i < connection->n_secret_keys; i++) {
		if (text_equal_folded(key, text_of(connection->secret_keys[i])))
			return true;
	}
	return false;
}

void connection_hide(Tenon__V1__Connection *connection, struct arena *arena)
{
	for (size_t i = 0; i < connection->n_properties; i++) {
		char **value = &connection->properties[i]->value;
		if (connection_key_is_secret(connection, text_of(connection->properties[i]->key)))
			*value = hidden;
		else
			*value = arena_text(arena, value_secrets_hidden(arena, text_of(*value)));
	}
}

static Tenon__V1__Connection *without_secrets(
	struct arena *arena, const Tenon__V1__Connection *connection)
{
	Tenon__V1__Connection *copy = wire_copy(arena, &connection->base);
	connection_hide(copy, arena);
	return copy;
}

static const char *property(const Tenon__V1__Connection *connection, const char *key)
{
	for (size_t i = 0; connection && i < connection->n_properties; i++) {
		if (strcmp(connection->properties[i]->key, key) == 0)
			return connection->properties[i]->value;
	}
	return NULL;
}

/* What reads "***", or has it for a password, is what a listing showed: what is stored
 * stands. */
static enum status keep_hidden(Tenon__V1__Connection *connection,
	const Tenon__V1__Connection *before, struct arena *arena, struct error *err)
{
	for (size_t i = 0; i < connection->n_properties; i++) {
		const char *key = connection->properties[i]->key;
		struct text value = text_of(connection->properties[i]->value);
		const char *stored = property(before, key);
		bool kept = true;
		if (!connection_key_is_secret(connection, text_of(key)))
			kept = value_secrets_kept(arena, value, text_of(stored), &value);
		else if (text_equal(value, text_of(hidden))) {
			kept = stored != NULL;
			value = text_of(stored);
		}
		if (!kept)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"property '%s' of connection '%s' reads '***' and has no stored "
				"value: give the value",
				key, connection->name);
		connection->properties[i]->value = arena_text(arena, value);
	}
	return STATUS_OK;
}

static enum status check(const Tenon__V1__Connection *connection, struct error *err)
{
	TRY(name_check(text_of(connection->name), "connection name", err));
	TRY(name_check(text_of(connection->type), "connection type", err));
	TRY(length_check(text_of(connection->description), LIMIT_DESCRIPTION_BYTES,
		"the connection's description", err));
	if (connection->n_match_criteria > CRITERIA_MAX)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"%zu match criteria, at most %d are allowed", connection->n_match_criteria,
			CRITERIA_MAX);
	if (connection->n_secret_keys > SECRET_KEYS_MAX)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"%zu secret keys, at most %d are allowed", connection->n_secret_keys,
			SECRET_KEYS_MAX);
	for (size_t i = 0; i < connection->n_match_criteria; i++)
		TRY(name_check(text_of(connection->match_criteria[i]), "match criterion", err));
	return STATUS_OK;
}

static enum status find(struct catalog_txn *txn, struct text name, struct arena *arena,
	Tenon__V1__Connection **connection_out, struct error *err)
{
	void *found;
	TRY(name_check(name, "connection name", err));
	TRY(store_message(
		txn, DB_CONNECTIONS, name, &tenon__v1__connection__descriptor, arena, &found, err));
	*connection_out = found;
	return STATUS_OK;
}

static enum status missing(struct text name, struct error *err)
{
	return fail(err, STATUS_NOT_FOUND, "no connection '%.*s'", TEXT_ARG(name));
}

/* What was secret or has become it is nobody's business in the feed. */
struct sides {
	const Tenon__V1__Connection *before;
	const Tenon__V1__Connection *after;
};

static bool is_secret(const void *state, struct text key)
{
	const struct sides *sides = state;
	return (sides->before && connection_key_is_secret(sides->before, key)) ||
	       (sides->after && connection_key_is_secret(sides->after, key));
}

static enum status note(struct catalog_txn *txn, const char *kind,
	const Tenon__V1__Connection *before, const Tenon__V1__Connection *after,
	struct arena *arena, struct error *err)
{
	const struct sides sides = {before, after};
	struct feed_change change = {
		.kind = kind,
		.resource =
			arena_printf(arena, "connection/%s", after ? after->name : before->name),
		.before = before ? &before->base : NULL,
		.after = after ? &after->base : NULL,
		.is_secret = is_secret,
		.state = &sides,
	};
	return feed_note(txn, &change, err);
}

enum status connection_put(struct catalog_txn *txn, const struct connection_put *put,
	struct arena *arena, Tenon__V1__Connection **connection_out, bool *created_out,
	struct error *err)
{
	Tenon__V1__Connection *before;
	struct text name = text_of(put->connection->name);
	TRY(check(put->connection, err));
	TRY(find(txn, name, arena, &before, err));
	if (before && put->must_be_new)
		return fail(
			err, STATUS_ALREADY_EXISTS, "connection '%s' exists already", before->name);
	if (!before && put->must_exist)
		return missing(name, err);
	Tenon__V1__Connection *made = wire_copy(arena, &put->connection->base);
	TRY(maps_normalise(&made->base, err));
	TRY(keep_hidden(made, before, arena, err));
	made->create_time_us = before ? before->create_time_us : clock_now_us();
	made->update_time_us = before ? before->update_time_us : made->create_time_us;
	made->updated_by =
		arena_text(arena, text_of(before ? before->updated_by : txn->author.name));
	*created_out = !before;
	*connection_out = without_secrets(arena, made);
	if (before && text_equal(wire_pack(arena, &before->base), wire_pack(arena, &made->base)))
		return STATUS_OK;
	made->update_time_us = clock_now_us();
	made->updated_by = arena_text(arena, text_of(txn->author.name));
	*connection_out = without_secrets(arena, made);
	TRY(store_put_message(txn, DB_CONNECTIONS, name, &made->base, err));
	return note(txn, "connection_put", before, made, arena, err);
}

enum status connection_get(struct catalog_txn *txn, struct text name, bool with_secrets,
	struct arena *arena, Tenon__V1__Connection **connection_out, struct error *err)
{
	Tenon__V1__Connection *connection;
	TRY(find(txn, name, arena, &connection, err));
	if (!connection)
		return missing(name, err);
	if (!with_secrets)
		connection_hide(connection, arena);
	*connection_out = connection;
	return STATUS_OK;
}

enum status connection_delete(struct catalog_txn *txn, struct text name, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Connection *connection;
	bool found;
	TRY(find(txn, name, arena, &connection, err));
	if (!connection)
		return missing(name, err);
	TRY(store_delete(txn, DB_CONNECTIONS, name, &found, err));
	TRY(tags_forget(txn, "connection", name, err));
	return note(txn, "connection_deleted", connection, NULL, arena, err);
}

static bool has_criterion(const Tenon__V1__Connection *connection, const char *criterion)
{
	for (size_t i = 0; i < connection->n_match_criteria; i++) {
		if (strcmp(connection->match_criteria[i], criterion) == 0)
			return true;
	}
	return false;
}

static bool wanted(
	const Tenon__V1__ListConnectionsRequest *asked, const Tenon__V1__Connection *connection)
{
	if (*asked->type && !text_equal_folded(text_of(asked->type), text_of(connection->type)))
		return false;
	for (size_t i = 0; i < asked->n_match_criteria; i++) {
		if (!has_criterion(connection, asked->match_criteria[i]))
			return false;
	}
	return true;
}

static enum status connection_item(struct catalog_txn *txn, const struct listing *listing,
	struct text key, struct text value, struct arena *arena, void **item_out, struct error *err)
{
	(void)key;
	void *unpacked;
	TRY(store_unpack(value, &tenon__v1__connection__descriptor, arena, &unpacked, err));
	Tenon__V1__Connection *connection = unpacked;
	connection_hide(connection, arena);
	if (wanted(listing->asked, connection) && sees_named(txn, "connection", connection->name))
		*item_out = connection;
	return STATUS_OK;
}

enum status connection_list(struct catalog_txn *txn, const Tenon__V1__ListConnectionsRequest *asked,
	struct arena *arena, Tenon__V1__ListConnectionsResponse *answer, struct error *err)
{
	const struct listing listing = {DB_CONNECTIONS, TEXT(""), TOKEN_CONNECTIONS,
		text_of(asked->type), connection_item, asked};
	struct page page;
	TRY(listing_page(
		txn, &listing, text_of(asked->page_token), asked->page_size, arena, &page, err));
	answer->connections = (Tenon__V1__Connection **)page.items;
	answer->n_connections = page.count;
	answer->next_page_token = arena_text(arena, page.next);
	return STATUS_OK;
}
