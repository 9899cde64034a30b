#include "catalog/functions.h"

#include "base/clock.h"
#include "catalog/databases.h"
#include "catalog/feed.h"
#include "catalog/key.h"
#include "catalog/listing.h"
#include "catalog/names.h"
#include "catalog/pattern.h"
#include "catalog/sight.h"
#include "catalog/store.h"
#include "proto/wire.h"

#define DESCRIPTOR &tenon__v1__function__descriptor

static void function_key(struct buffer *key, struct text database, struct text name)
{
	key_init(key);
	key_add_part(key, database);
	buffer_add_text(key, name);
}

static enum status note(struct catalog_txn *txn, const char *kind, struct arena *arena,
	const Tenon__V1__Function *before, const Tenon__V1__Function *after, struct error *err)
{
	const Tenon__V1__Function *function = after ? after : before;
	struct feed_change change = {
		.kind = kind,
		.resource =
			arena_printf(arena, "function/%s/%s", function->database, function->name),
		.database = function->database,
		.before = before ? &before->base : NULL,
		.after = after ? &after->base : NULL,
	};
	return feed_note(txn, &change, err);
}

static enum status resources_check(const Tenon__V1__Function *function, struct error *err)
{
	if (function->n_resources > LIMIT_FUNCTION_RESOURCES)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"%zu resources, at most %d are allowed for one function",
			function->n_resources, LIMIT_FUNCTION_RESOURCES);
	for (size_t i = 0; i < function->n_resources; i++) {
		const Tenon__V1__FunctionResource *resource = function->resources[i];
		if (resource->type < TENON__V1__RESOURCE_TYPE__RESOURCE_TYPE_JAR ||
			resource->type > TENON__V1__RESOURCE_TYPE__RESOURCE_TYPE_ARCHIVE)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"resource %zu has type %d: give JAR, FILE or ARCHIVE", i,
				(int)resource->type);
		if (!resource->uri[0])
			return fail(err, STATUS_INVALID_ARGUMENT,
				"resource %zu has no uri: say where its file is", i);
		TRY(length_check(
			text_of(resource->uri), LIMIT_RESOURCE_URI_BYTES, "a resource's uri", err));
	}
	return STATUS_OK;
}

static enum status function_check(const Tenon__V1__Function *function, struct error *err)
{
	TRY(name_check(text_of(function->class_name), "class name", err));
	if (function->owner[0])
		TRY(name_check(text_of(function->owner), "owner", err));
	if (function->owner_type < 0 ||
		function->owner_type > TENON__V1__OWNER_TYPE__OWNER_TYPE_GROUP)
		return fail(err, STATUS_INVALID_ARGUMENT, "owner type %d: give USER, ROLE or GROUP",
			(int)function->owner_type);
	if (function->type < 0 ||
		function->type > TENON__V1__FUNCTION_TYPE__FUNCTION_TYPE_STORED_PROCEDURE)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"function type %d: give REGULAR_FUNCTION, AGGREGATE_FUNCTION or "
			"STORED_PROCEDURE",
			(int)function->type);
	return resources_check(function, err);
}

/* NULL in function_out when there is none; the database must be there. */
static enum status find(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, Tenon__V1__Function **function_out, struct error *err)
{
	Tenon__V1__Database *exists;
	void *found;
	struct buffer SCOPED_BUFFER key = {0};
	TRY(database_read(txn, database, arena, &exists, err));
	function_key(&key, database, name);
	TRY(store_message(txn, DB_FUNCTIONS, buffer_text(&key), DESCRIPTOR, arena, &found, err));
	*function_out = found;
	return STATUS_OK;
}

static enum status write_one(
	struct catalog_txn *txn, const Tenon__V1__Function *function, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	function_key(&key, text_of(function->database), text_of(function->name));
	return store_put_message(txn, DB_FUNCTIONS, buffer_text(&key), &function->base, err);
}

static enum status remove_one(
	struct catalog_txn *txn, const Tenon__V1__Function *function, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	bool found;
	function_key(&key, text_of(function->database), text_of(function->name));
	return store_delete(txn, DB_FUNCTIONS, buffer_text(&key), &found, err);
}

static enum status exists_already(const Tenon__V1__Function *function, struct error *err)
{
	return fail(err, STATUS_ALREADY_EXISTS, "function '%s.%s' exists already",
		function->database, function->name);
}

enum status function_create(struct catalog_txn *txn, const Tenon__V1__Function *function,
	struct arena *arena, Tenon__V1__Function **function_out, struct error *err)
{
	struct text database;
	struct text name;
	Tenon__V1__Function *before;
	TRY(name_fold(arena, text_of(function->database), "database name", &database, err));
	TRY(name_fold(arena, text_of(function->name), "function name", &name, err));
	TRY(function_check(function, err));
	TRY(find(txn, database, name, arena, &before, err));
	if (before)
		return exists_already(before, err);
	Tenon__V1__Function *made = wire_copy(arena, &function->base);
	made->database = arena_text(arena, database);
	made->name = arena_text(arena, name);
	made->create_time_us = clock_now_us();
	TRY(write_one(txn, made, err));
	TRY(note(txn, "function_put", arena, NULL, made, err));
	*function_out = made;
	return STATUS_OK;
}

enum status function_get(struct catalog_txn *txn, struct text database, struct text name,
	struct arena *arena, Tenon__V1__Function **function_out, struct error *err)
{
	struct text in;
	struct text folded;
	Tenon__V1__Function *found;
	TRY(name_fold(arena, database, "database name", &in, err));
	TRY(name_fold(arena, name, "function name", &folded, err));
	TRY(find(txn, in, folded, arena, &found, err));
	if (!found)
		return fail(err, STATUS_NOT_FOUND, "no function '%.*s' in database '%.*s'",
			TEXT_ARG(folded), TEXT_ARG(in));
	*function_out = found;
	return STATUS_OK;
}

/* What `function` calls itself, or what it is called already; it cannot move. */
static enum status name_after(const Tenon__V1__Function *function,
	const Tenon__V1__Function *before, struct arena *arena, char **name_out, struct error *err)
{
	struct text folded;
	if (function->database[0] &&
		!text_equal_folded(text_of(function->database), text_of(before->database)))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"function '%s.%s' cannot move to database '%s': create it there",
			before->database, before->name, function->database);
	*name_out = before->name;
	if (!function->name[0])
		return STATUS_OK;
	TRY(name_fold(arena, text_of(function->name), "function name", &folded, err));
	*name_out = arena_text(arena, folded);
	return STATUS_OK;
}

enum status function_update(struct catalog_txn *txn, struct text database, struct text name,
	const Tenon__V1__Function *function, struct arena *arena,
	Tenon__V1__Function **function_out, struct error *err)
{
	Tenon__V1__Function *before;
	Tenon__V1__Function *taken = NULL;
	char *now;
	TRY(function_check(function, err));
	TRY(function_get(txn, database, name, arena, &before, err));
	TRY(name_after(function, before, arena, &now, err));
	bool renamed = !text_equal(text_of(now), text_of(before->name));
	if (renamed)
		TRY(find(txn, text_of(before->database), text_of(now), arena, &taken, err));
	if (taken)
		return exists_already(taken, err);
	Tenon__V1__Function *after = wire_copy(arena, &function->base);
	after->database = before->database;
	after->name = now;
	after->create_time_us = before->create_time_us;
	*function_out = after;
	if (text_equal(wire_pack(arena, &before->base), wire_pack(arena, &after->base)))
		return STATUS_OK;
	if (renamed) {
		TRY(remove_one(txn, before, err));
		TRY(note(txn, "function_deleted", arena, before, NULL, err));
	}
	TRY(write_one(txn, after, err));
	return note(txn, "function_put", arena, renamed ? NULL : before, after, err);
}

enum status function_delete(
	struct catalog_txn *txn, struct text database, struct text name, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Function *before;
	TRY(function_get(txn, database, name, arena, &before, err));
	TRY(remove_one(txn, before, err));
	return note(txn, "function_deleted", arena, before, NULL, err);
}

static struct text name_in(struct text key)
{
	return text_from(key, text_find(key, 0) + 1);
}

static enum status function_item(struct catalog_txn *txn, const struct listing *listing,
	struct text key, struct text value, struct arena *arena, void **item_out, struct error *err)
{
	const struct text *pattern = listing->asked;
	struct text database = text_until(key, text_find(key, 0));
	if (!pattern_matches(*pattern, name_in(key)) || !sees_table(txn, database, TEXT("")))
		return STATUS_OK;
	return store_unpack(value, DESCRIPTOR, arena, item_out, err);
}

enum status function_list(struct catalog_txn *txn, struct text database, struct text pattern,
	struct text token, size_t limit, struct arena *arena, Tenon__V1__Function ***functions_out,
	size_t *count_out, struct text *next_out, struct error *err)
{
	struct text folded;
	struct page page;
	Tenon__V1__Database *exists;
	struct buffer SCOPED_BUFFER prefix = {0};
	struct buffer SCOPED_BUFFER context = {0};
	TRY(length_check(pattern, LIMIT_NAME_PATTERN_BYTES, "the pattern", err));
	key_init(&prefix);
	if (database.length) {
		TRY(name_fold(arena, database, "database name", &folded, err));
		TRY(database_read(txn, folded, arena, &exists, err));
		key_add_part(&prefix, folded);
	}
	key_init(&context);
	buffer_add_text(&context, buffer_text(&prefix));
	key_add_part(&context, pattern);
	const struct listing listing = {DB_FUNCTIONS, buffer_text(&prefix), TOKEN_FUNCTIONS,
		buffer_text(&context), function_item, &pattern};
	TRY(listing_page(txn, &listing, token, limit, arena, &page, err));
	*functions_out = (Tenon__V1__Function **)page.items;
	*count_out = page.count;
	*next_out = page.next;
	return STATUS_OK;
}

enum status functions_take(struct catalog_txn *txn, struct text folded, struct arena *arena,
	Tenon__V1__Function ***functions_out, size_t *count_out, struct error *err)
{
	enum { HANDFUL = 64 };
	struct buffer SCOPED_BUFFER prefix = {0};
	Tenon__V1__Function **functions = arena_array(arena, HANDFUL, sizeof *functions);
	struct text keys[HANDFUL];
	size_t count = 0;
	bool found = true;
	OWNED(scan) scan = NULL;
	function_key(&prefix, folded, TEXT(""));
	TRY(scan_open(txn, DB_FUNCTIONS, buffer_text(&prefix), TEXT(""), &scan, err));
	while (count < HANDFUL) {
		struct text key;
		struct text value;
		void *function;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			break;
		TRY(store_unpack(value, &tenon__v1__function__descriptor, arena, &function, err));
		keys[count] = arena_copy(arena, key);
		functions[count++] = function;
	}
	scan_free(TAKE(scan));
	for (size_t i = 0; i < count; i++)
		TRY(store_delete(txn, DB_FUNCTIONS, keys[i], &found, err));
	*functions_out = functions;
	*count_out = count;
	return STATUS_OK;
}

enum status function_keep(
	struct catalog_txn *txn, const Tenon__V1__Function *function, struct error *err)
{
	struct buffer SCOPED_BUFFER key = {0};
	function_key(&key, text_of(function->database), text_of(function->name));
	return store_put_message(txn, DB_FUNCTIONS, buffer_text(&key), &function->base, err);
}
