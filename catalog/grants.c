#include "catalog/grants.h"

#include "base/clock.h"
#include "catalog/feed.h"
#include "catalog/key.h"
#include "catalog/listing.h"
#include "catalog/names.h"
#include "catalog/store.h"
#include "proto/wire.h"
#include "tenon/store/v1/access.pb-c.h"

#include <string.h>

#define DESCRIPTOR &tenon__store__v1__grant_record__descriptor

static const char counter[] = "access";

enum status access_changed(struct catalog_txn *txn, struct error *err)
{
	uint64_t generation;
	return store_next(txn, counter, &generation, err);
}

enum status access_generation(struct catalog_txn *txn, uint64_t *generation_out, struct error *err)
{
	bool found;
	struct text value;
	TRY(store_find(txn, DB_META, text_of(counter), &found, &value, err));
	if (found && value.length != 8)
		return fail(
			err, STATUS_DATA_LOSS, "counter '%s' has %zu bytes", counter, value.length);
	*generation_out = found ? key_u64(value.at) : 0;
	return STATUS_OK;
}

enum status principal_check(struct text principal, struct error *err)
{
	static const char *const ours[] = {"local", "tenond"};
	TRY(name_check(principal, "principal", err));
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		if (text_equal_folded(principal, text_of(ours[i])))
			return fail(err, STATUS_INVALID_ARGUMENT,
				"principal '%.*s' is a name that the daemon goes by: give another",
				TEXT_ARG(principal));
	}
	return STATUS_OK;
}

enum status principal_new_check(struct text principal, struct error *err)
{
	TRY(principal_check(principal, err));
	for (size_t i = 0; i < principal.length; i++) {
		unsigned char byte = (unsigned char)principal.at[i];
		bool outer = i == 0 || i + 1 == principal.length;
		if (byte > '~' || byte < ' ')
			return fail(err, STATUS_INVALID_ARGUMENT,
				"principal '%.*s' has a character at byte %zu that is not ASCII "
				"and "
				"may look like one that is: give letters, digits and signs of "
				"ASCII",
				TEXT_ARG(principal), i);
		if (byte == ' ' && (outer || principal.at[i + 1] == ' '))
			return fail(err, STATUS_INVALID_ARGUMENT,
				"principal '%.*s' has a blank at byte %zu that is easily "
				"overlooked: "
				"give single blanks between words",
				TEXT_ARG(principal), i);
		if (byte == '*' && principal.length > 1)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"principal '%.*s': a '*' is everybody, and stands alone",
				TEXT_ARG(principal));
	}
	return STATUS_OK;
}

enum status access_pattern_check(struct text pattern, const char *what, struct error *err)
{
	size_t star = text_find(pattern, '*');
	TRY(length_check(pattern, LIMIT_RESOURCE_BYTES, what, err));
	if (star + 1 < pattern.length)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"%s '%.*s': give a name, a beginning with '*' behind it, or '*'", what,
			TEXT_ARG(pattern));
	return STATUS_OK;
}

static enum status fold_pattern(struct arena *arena, struct text pattern, const char *what,
	char **folded_out, struct error *err)
{
	struct text folded;
	TRY(access_pattern_check(pattern, what, err));
	TRY(name_fold(arena, pattern, what, &folded, err));
	*folded_out = arena_text(arena, folded);
	return STATUS_OK;
}

static enum status resource_check(const Tenon__V1__Grant *grant, struct error *err)
{
	struct text resource = text_of(grant->resource);
	size_t slash = text_find(resource, '/');
	if (grant->database[0] || grant->table[0])
		return fail(err, STATUS_INVALID_ARGUMENT,
			"a grant is on a database and table or on a resource, not on both");
	if (slash == 0 || slash == resource.length || !text_is_utf8(resource))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"resource '%s': give a kind and a name, as in 'job/daily' or 'job/*'",
			grant->resource);
	return access_pattern_check(resource, "resource", err);
}

static enum status actions_check(const Tenon__V1__Grant *grant, struct error *err)
{
	for (size_t i = 0; i < grant->n_actions; i++) {
		if (grant->actions[i] < TENON__V1__ACTION__ACTION_READ ||
			grant->actions[i] > TENON__V1__ACTION__ACTION_ADMIN)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"action %d: give READ, WRITE, CRAWL, RUN or ADMIN",
				(int)grant->actions[i]);
	}
	return STATUS_OK;
}

enum status grant_normal(const Tenon__V1__Grant *grant, struct arena *arena,
	Tenon__V1__Grant **grant_out, struct error *err)
{
	static char all[] = "*";
	if (strcmp(grant->principal, "*") != 0)
		TRY(principal_check(text_of(grant->principal), err));
	TRY(actions_check(grant, err));
	Tenon__V1__Grant *normal = wire_copy(arena, &grant->base);
	*grant_out = normal;
	if (grant->resource[0])
		return resource_check(grant, err);
	TRY(fold_pattern(arena, text_of(grant->database), "database", &normal->database, err));
	normal->table = all;
	if (grant->table[0])
		TRY(fold_pattern(arena, text_of(grant->table), "table", &normal->table, err));
	return STATUS_OK;
}

const char *grant_place(struct arena *arena, const Tenon__V1__Grant *grant)
{
	if (grant->resource[0])
		return grant->resource;
	return arena_printf(arena, "%s.%s", grant->database, grant->table[0] ? grant->table : "*");
}

void grant_key(struct buffer *key, const Tenon__V1__Grant *grant)
{
	key_init(key);
	key_add_part(key, text_of(grant->principal));
	key_add_part(key, text_of(grant->database));
	buffer_add_text(key, text_of(grant->resource[0] ? grant->resource : grant->table));
}

static enum status find(struct catalog_txn *txn, struct text key, struct arena *arena,
	Tenon__V1__Grant **grant_out, struct error *err)
{
	void *found;
	*grant_out = NULL;
	TRY(store_message(txn, DB_GRANTS, key, DESCRIPTOR, arena, &found, err));
	const Tenon__Store__V1__GrantRecord *record = found;
	if (record)
		*grant_out = record->grant;
	return STATUS_OK;
}

static bool has_action(const Tenon__V1__Grant *grant, Tenon__V1__Action action)
{
	for (size_t i = 0; i < grant->n_actions; i++) {
		if (grant->actions[i] == action)
			return true;
	}
	return false;
}

/* `to` as a set in order, with or without those of `other`. */
static bool actions_merge(
	Tenon__V1__Grant *to, const Tenon__V1__Grant *other, bool with, struct arena *arena)
{
	Tenon__V1__Action *merged =
		arena_array(arena, TENON__V1__ACTION__ACTION_ADMIN, sizeof *merged);
	size_t count = 0;
	size_t before = to->n_actions;
	for (int i = TENON__V1__ACTION__ACTION_READ; i <= TENON__V1__ACTION__ACTION_ADMIN; i++) {
		Tenon__V1__Action action = (Tenon__V1__Action)i;
		bool named = has_action(other, action);
		if (with ? named || has_action(to, action) : !named && has_action(to, action))
			merged[count++] = action;
	}
	to->actions = merged;
	to->n_actions = count;
	return count != before;
}

static enum status note(struct catalog_txn *txn, const char *kind, const Tenon__V1__Grant *before,
	const Tenon__V1__Grant *after, struct arena *arena, struct error *err)
{
	const Tenon__V1__Grant *grant = after ? after : before;
	struct feed_change change = {
		.kind = kind,
		.resource = arena_printf(
			arena, "grant/%s/%s", grant->principal, grant_place(arena, grant)),
		.before = before ? &before->base : NULL,
		.after = after ? &after->base : NULL,
	};
	TRY(access_changed(txn, err));
	return feed_note(txn, &change, err);
}

static enum status room_check(struct catalog_txn *txn, struct error *err)
{
	uint64_t count;
	TRY(store_count(txn, DB_GRANTS, &count, err));
	if (count >= LIMIT_GRANTS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"there are %d grants, and that is the most: grant on a beginning like "
			"'raw_*' instead of each name",
			LIMIT_GRANTS);
	return STATUS_OK;
}

static enum status write_one(struct catalog_txn *txn, struct text key, Tenon__V1__Grant *grant,
	struct arena *arena, struct error *err)
{
	Tenon__Store__V1__GrantRecord record = TENON__STORE__V1__GRANT_RECORD__INIT;
	grant->author = arena_text(arena, text_of(txn->author.name));
	grant->time_us = clock_now_us();
	record.grant = grant;
	return store_put_message(txn, DB_GRANTS, key, &record.base, err);
}

/* A grant on what no call is ever about would be taken and do nothing. */
static enum status kind_check(const char *resource, struct error *err)
{
	static const char *const kinds[] = {"job/", "connection/", "registry/", "schema/"};
	struct text kind = text_until(text_of(resource), LIMIT_NAME_BYTES);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (text_starts(kind, text_of(kinds[i])))
			return STATUS_OK;
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"resource '%.*s': grants are on DB, DB.TABLE, job/J, connection/C, registry/R or "
		"schema/R/S",
		TEXT_ARG(kind));
}

enum status grant_put(struct catalog_txn *txn, const Tenon__V1__Grant *grant, struct arena *arena,
	Tenon__V1__Grant **grant_out, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	Tenon__V1__Grant *normal;
	Tenon__V1__Grant *before;
	if (grant->n_actions == 0)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the grant names no action: give READ, WRITE, CRAWL, RUN or ADMIN");
	TRY(grant_normal(grant, arena, &normal, err));
	TRY(principal_new_check(text_of(normal->principal), err));
	if (normal->resource[0])
		TRY(kind_check(normal->resource, err));
	grant_key(&key, normal);
	TRY(find(txn, buffer_text(&key), arena, &before, err));
	Tenon__V1__Grant *after = normal;
	if (before)
		after = wire_copy(arena, &before->base);
	else
		TRY(room_check(txn, err));
	bool grew = actions_merge(after, normal, true, arena);
	*grant_out = after;
	if (before && !grew)
		return STATUS_OK;
	TRY(write_one(txn, buffer_text(&key), after, arena, err));
	return note(txn, "grant_put", before, after, arena, err);
}

enum status grant_delete(struct catalog_txn *txn, const Tenon__V1__Grant *grant, struct error *err)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER key = {0};
	Tenon__V1__Grant *normal;
	Tenon__V1__Grant *before;
	bool found;
	TRY(grant_normal(grant, arena, &normal, err));
	grant_key(&key, normal);
	TRY(find(txn, buffer_text(&key), arena, &before, err));
	Tenon__V1__Grant *after = before ? wire_copy(arena, &before->base) : NULL;
	if (!after || (normal->n_actions && !actions_merge(after, normal, false, arena)))
		return fail(err, STATUS_NOT_FOUND, "'%s' has no such grant on '%s'",
			normal->principal, grant_place(arena, normal));
	if (normal->n_actions && after->n_actions) {
		TRY(write_one(txn, buffer_text(&key), after, arena, err));
		return note(txn, "grant_put", before, after, arena, err);
	}
	TRY(store_delete(txn, DB_GRANTS, buffer_text(&key), &found, err));
	return note(txn, "grant_deleted", before, NULL, arena, err);
}

static bool is_of(const Tenon__V1__Grant *grant, struct text principal)
{
	return principal.length == 0 || strcmp(grant->principal, "*") == 0 ||
	       text_equal(text_of(grant->principal), principal);
}

static enum status grant_item(struct catalog_txn *txn, const struct listing *listing,
	struct text key, struct text value, struct arena *arena, void **item_out, struct error *err)
{
	(void)txn;
	(void)key;
	void *record;
	TRY(store_unpack(value, DESCRIPTOR, arena, &record, err));
	Tenon__V1__Grant *grant = ((Tenon__Store__V1__GrantRecord *)record)->grant;
	if (grant && is_of(grant, listing->context))
		*item_out = grant;
	return STATUS_OK;
}

enum status grant_list(struct catalog_txn *txn, struct text principal, struct text token,
	size_t limit, struct arena *arena, Tenon__V1__Grant ***grants_out, size_t *count_out,
	struct text *next_out, struct error *err)
{
	const struct listing listing = {
		DB_GRANTS, TEXT(""), TOKEN_GRANTS, principal, grant_item, NULL};
	struct page page;
	TRY(listing_page(txn, &listing, token, limit, arena, &page, err));
	*grants_out = (Tenon__V1__Grant **)page.items;
	*count_out = page.count;
	*next_out = page.next;
	return STATUS_OK;
}
