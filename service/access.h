#pragma once

#include "catalog/rights.h"
#include "rpc/call.h"

/* Who calls, and what they may: the catalog's tokens and grants of now, held in memory. A
 * change of them is in force before it is answered. Any thread, and never waits but for
 * another that swaps one pointer. */
struct access;

/* Not enforced: everybody is the administrator, and nothing is looked up. */
struct access *access_new(struct catalog *catalog, bool enforced);
void access_free(struct access *access);
OWNABLE(access);
bool access_enforced(const struct access *access);
/* Again from the catalog, if it says otherwise now. Streams are looked at again. */
enum status access_load(struct access *access, struct error *err) MUST_USE;

enum caller_by { CALLER_LOCAL, CALLER_TOKEN, CALLER_CERTIFICATE, CALLER_RUN };
struct caller {
	enum caller_by by;
	const char *principal; /* "local": nobody said */
	const char *address;
	/* Of a token: what holds its use in, whatever the grants say. */
	uint64_t token;
	unsigned scope;
	struct text databases;
};
const char *caller_by_name(enum caller_by by);
/* UNAUTHENTICATED when it has to be known and is not: the same for a token that never was
 * and one that is no more. Texts are in `arena`. */
enum status access_caller(struct access *access, const struct rpc_caller *wire, struct arena *arena,
	struct caller *caller_out, struct error *err) MUST_USE;
struct caller caller_copy(const struct caller *caller, struct arena *arena);
/* Whether its token is still good; true of those that came without. */
bool access_lives(struct access *access, const struct caller *caller);

/* What of `rights` (RIGHT_READ ...) the caller has there, as far as its token goes. */
unsigned access_rights(struct access *access, const struct caller *caller, unsigned rights,
	const struct place *place);
/* What its grants alone would give: to say whether the token or the grants are short. */
unsigned access_granted(
	struct access *access, const struct caller *caller, const struct place *place);

/* Who may see what, for listings; in `arena` with a copy of the caller. */
const struct sight *access_sight(
	struct access *access, const struct caller *caller, struct arena *arena);

/* The uses of tokens since the last time, to be stored: at most `most`. */
size_t access_uses(struct access *access, struct bearer_use *uses, size_t most);

/* Inside service/guard.c: a running stream, woken when what it may could have changed. */
struct guarded {
	struct guarded *next;
	struct guarded **link;
	struct rpc_call *call;
	int64_t expire_time_us; /* of its token; 0: never */
};
void access_guard(struct access *access, struct guarded *guarded, const struct caller *caller);
void access_unguard(struct access *access, struct guarded *guarded);
void access_wake_expired(struct access *access, int64_t now_us);

/* Secrets of tokens: "tnn_", the id, "_" and 64 hex digits of chance. The prefix is for
 * scanners that look for secrets where they do not belong. */
enum { ACCESS_SECRET_BYTES = 4 + BEARER_ID_DIGITS + 1 + 64 + 1 };
struct access_secret {
	char text[ACCESS_SECRET_BYTES];
	char id[BEARER_ID_DIGITS + 1];
	unsigned char hash[BEARER_HASH_BYTES];
};
void access_secret_new(struct access_secret *secret_out);
