#include "catalog/tokens.h"

#include "base/clock.h"
#include "catalog/feed.h"
#include "catalog/grants.h"
#include "catalog/key.h"
#include "catalog/listing.h"
#include "catalog/names.h"
#include "catalog/store.h"
#include "proto/wire.h"
#include "tenon/store/v1/access.pb-c.h"

#include <string.h>

#define DESCRIPTOR &tenon__store__v1__token_record__descriptor

bool bearer_id(struct text text, uint64_t *id_out)
{
	uint64_t id = 0;
	if (text.length != BEARER_ID_DIGITS)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		char digit = text.at[i];
		bool decimal = digit >= '0' && digit <= '9';
		if (!decimal && (digit < 'a' || digit > 'f'))
			return false;
		id = id << 4 | (uint64_t)(decimal ? digit - '0' : digit - 'a' + 10);
	}
	*id_out = id;
	return true;
}

static enum status find(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__Store__V1__TokenRecord **record_out, struct error *err)
{
	char key[8];
	void *found;
	TRY(store_message(txn, DB_TOKENS, key_u64_text(id, key), DESCRIPTOR, arena, &found, err));
	*record_out = found;
	return STATUS_OK;
}

static enum status write_one(struct catalog_txn *txn, uint64_t id,
	const Tenon__Store__V1__TokenRecord *record, struct error *err)
{
	char key[8];
	return store_put_message(txn, DB_TOKENS, key_u64_text(id, key), &record->base, err);
}

static enum status note(struct catalog_txn *txn, const char *kind, const Tenon__V1__Token *before,
	const Tenon__V1__Token *after, struct arena *arena, struct error *err)
{
	struct feed_change change = {
		.kind = kind,
		.resource = arena_printf(arena, "token/%s", after ? after->id : before->id),
		.before = before ? &before->base : NULL,
		.after = after ? &after->base : NULL,
	};
	TRY(access_changed(txn, err));
	return feed_note(txn, &change, err);
}

static enum status check(const Tenon__V1__Token *token, struct error *err)
{
	TRY(principal_new_check(text_of(token->principal), err));
	if (strcmp(token->principal, "*") == 0)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"a token is of one principal, and '*' is everybody");
	TRY(length_check(text_of(token->description), LIMIT_DESCRIPTION_BYTES,
		"the token's description", err));
	TRY(access_pattern_check(text_of(token->databases), "databases", err));
	if (token->n_scope > TENON__V1__ACTION__ACTION_ADMIN)
		return fail(err, STATUS_INVALID_ARGUMENT, "the scope names an action twice");
	for (size_t i = 0; i < token->n_scope; i++) {
		if (token->scope[i] < TENON__V1__ACTION__ACTION_READ ||
			token->scope[i] > TENON__V1__ACTION__ACTION_ADMIN)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"action %d: give READ, WRITE, CRAWL, RUN or ADMIN",
				(int)token->scope[i]);
	}
	return STATUS_OK;
}

static enum status room_check(struct catalog_txn *txn, struct error *err)
{
	uint64_t count;
	TRY(store_count(txn, DB_TOKENS, &count, err));
	if (count >= LIMIT_TOKENS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"there are %d tokens, and that is the most: revoked and expired ones are "
			"forgotten after 30 days",
			LIMIT_TOKENS);
	return STATUS_OK;
}

enum status bearer_put(struct catalog_txn *txn, const Tenon__V1__Token *token,
	const unsigned char hash[static BEARER_HASH_BYTES], struct arena *arena,
	Tenon__V1__Token **token_out, struct error *err)
{
	uint64_t id;
	Tenon__Store__V1__TokenRecord *taken;
	Tenon__Store__V1__TokenRecord record = TENON__STORE__V1__TOKEN_RECORD__INIT;
	if (!bearer_id(text_of(token->id), &id))
		return fail(err, STATUS_INVALID_ARGUMENT, "token id '%s' is not 16 hex digits",
			token->id);
	TRY(check(token, err));
	TRY(room_check(txn, err));
	TRY(find(txn, id, arena, &taken, err));
	if (taken)
		return fail(err, STATUS_ALREADY_EXISTS, "token '%s' exists already", token->id);
	Tenon__V1__Token *made = wire_copy(arena, &token->base);
	struct text folded = TEXT("");
	if (token->databases[0])
		TRY(name_fold(arena, text_of(token->databases), "databases", &folded, err));
	made->databases = arena_text(arena, folded);
	made->create_time_us = clock_now_us();
	made->created_by = arena_text(arena, text_of(txn->author.name));
	made->last_used_time_us = 0;
	made->revoked = false;
	record.token = made;
	record.hash = (ProtobufCBinaryData){BEARER_HASH_BYTES, (uint8_t *)(uintptr_t)hash};
	TRY(write_one(txn, id, &record, err));
	*token_out = made;
	return note(txn, "token_put", NULL, made, arena, err);
}

enum status bearer_revoke(
	struct catalog_txn *txn, struct text id, struct text principal, struct error *err)
{
	OWNED(arena) arena = arena_new();
	uint64_t number;
	Tenon__Store__V1__TokenRecord *record = NULL;
	if (bearer_id(id, &number))
		TRY(find(txn, number, arena, &record, err));
	if (!record || !record->token ||
		(principal.length && !text_equal(text_of(record->token->principal), principal)))
		return fail(err, STATUS_NOT_FOUND, "no token '%.*s'%s",
			TEXT_ARG(text_until(id, LIMIT_NAME_BYTES)),
			principal.length ? " of yours" : "");
	if (record->token->revoked)
		return STATUS_OK;
	Tenon__V1__Token *before = wire_copy(arena, &record->token->base);
	record->token->revoked = true;
	record->revoke_time_us = clock_now_us();
	TRY(write_one(txn, number, record, err));
	return note(txn, "token_put", before, record->token, arena, err);
}

enum status bearer_get(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__V1__Token **token_out, struct error *err)
{
	Tenon__Store__V1__TokenRecord *record;
	TRY(find(txn, id, arena, &record, err));
	*token_out = record ? record->token : NULL;
	return STATUS_OK;
}

static enum status bearer_item(struct catalog_txn *txn, const struct listing *listing,
	struct text key, struct text value, struct arena *arena, void **item_out, struct error *err)
{
	(void)txn;
	(void)key;
	void *record;
	struct text principal = listing->context;
	TRY(store_unpack(value, DESCRIPTOR, arena, &record, err));
	Tenon__V1__Token *token = ((Tenon__Store__V1__TokenRecord *)record)->token;
	if (token && (principal.length == 0 || text_equal(text_of(token->principal), principal)))
		*item_out = token;
	return STATUS_OK;
}

enum status bearer_list(struct catalog_txn *txn, struct text principal, struct text token,
	size_t limit, struct arena *arena, Tenon__V1__Token ***tokens_out, size_t *count_out,
	struct text *next_out, struct error *err)
{
	const struct listing listing = {
		DB_TOKENS, TEXT(""), TOKEN_TOKENS, principal, bearer_item, NULL};
	struct page page;
	TRY(listing_page(txn, &listing, token, limit, arena, &page, err));
	*tokens_out = (Tenon__V1__Token **)page.items;
	*count_out = page.count;
	*next_out = page.next;
	return STATUS_OK;
}

enum status bearer_used(
	struct catalog_txn *txn, const struct bearer_use *uses, size_t count, struct error *err)
{
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < count; i++) {
		Tenon__Store__V1__TokenRecord *record;
		arena_reset(arena);
		TRY(find(txn, uses[i].id, arena, &record, err));
		if (!record || !record->token ||
			record->token->last_used_time_us >= uses[i].time_us)
			continue;
		record->token->last_used_time_us = uses[i].time_us;
		TRY(write_one(txn, uses[i].id, record, err));
	}
	return STATUS_OK;
}

/* When it became useless, or 0. */
static int64_t dead_since(const Tenon__Store__V1__TokenRecord *record)
{
	return record->token->revoked ? record->revoke_time_us : record->token->expire_time_us;
}

enum status bearer_purge(struct catalog_txn *txn, int64_t before_us, size_t most, size_t *gone_out,
	struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Token **gone = arena_array(arena, most, sizeof(*gone));
	OWNED(scan) scan = NULL;
	*gone_out = 0;
	TRY(scan_open(txn, DB_TOKENS, TEXT(""), TEXT(""), &scan, err));
	while (*gone_out < most) {
		bool found;
		struct text key;
		struct text value;
		void *unpacked;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			break;
		TRY(store_unpack(value, DESCRIPTOR, arena, &unpacked, err));
		const Tenon__Store__V1__TokenRecord *record = unpacked;
		int64_t since = record->token ? dead_since(record) : 0;
		if (since && since < before_us)
			gone[(*gone_out)++] = record->token;
	}
	scan_free(TAKE(scan));
	for (size_t i = 0; i < *gone_out; i++) {
		char key[8];
		uint64_t id;
		bool found;
		if (!bearer_id(text_of(gone[i]->id), &id))
			continue;
		TRY(store_delete(txn, DB_TOKENS, key_u64_text(id, key), &found, err));
		TRY(note(txn, "token_deleted", gone[i], NULL, arena, err));
	}
	return STATUS_OK;
}
