#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/access.pb-c.h"

/* Bearer tokens as they are stored: by id, with the SHA-256 of their secret. (Page tokens
 * are in token.h.) */
enum { BEARER_HASH_BYTES = 32 };

/* A new one. Its id is the caller's to draw by lot: 16 hex digits; ALREADY_EXISTS asks for
 * another. Who makes it and when are set here. */
enum status bearer_put(struct catalog_txn *txn, const Tenon__V1__Token *token,
	const unsigned char hash[static BEARER_HASH_BYTES], struct arena *arena,
	Tenon__V1__Token **token_out, struct error *err) MUST_USE;
/* Kept, so that listings say so, until bearer_purge. `principal` empty: whosever it is;
 * else NOT_FOUND for another's. */
enum status bearer_revoke(
	struct catalog_txn *txn, struct text id, struct text principal, struct error *err) MUST_USE;
/* By id; of one principal, or (empty) of all. */
enum status bearer_list(struct catalog_txn *txn, struct text principal, struct text token,
	size_t limit, struct arena *arena, Tenon__V1__Token ***tokens_out, size_t *count_out,
	struct text *next_out, struct error *err) MUST_USE;
/* NULL in token_out when there is none. */
enum status bearer_get(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__V1__Token **token_out, struct error *err) MUST_USE;

/* When tokens were used last; those that are gone are passed over. No change that
 * anybody is told of. */
struct bearer_use {
	uint64_t id;
	int64_t time_us;
};
enum status bearer_used(struct catalog_txn *txn, const struct bearer_use *uses, size_t count,
	struct error *err) MUST_USE;
/* Forgets at most `most` of those that were revoked or expired before. */
enum status bearer_purge(struct catalog_txn *txn, int64_t before_us, size_t most, size_t *gone_out,
	struct error *err) MUST_USE;

enum { BEARER_ID_DIGITS = 16 };
/* False unless it is 16 digits of lower-case hex. */
bool bearer_id(struct text text, uint64_t *id_out);
