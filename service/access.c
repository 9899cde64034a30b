#include "service/access.h"

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/grants.h"
#include "secrets/secret.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct access {
	struct catalog *catalog;
	bool enforced;
	pthread_mutex_t loading; /* one at a time; and for `guarded` */
	pthread_rwlock_t lock; /* for the pointer, and what it leads to while it is read */
	struct rights *rights;
	struct guarded *guarded;
};

struct access *access_new(struct catalog *catalog, bool enforced)
{
	struct access *access = memory_new(sizeof *access);
	access->catalog = catalog;
	access->enforced = enforced;
	(void)pthread_mutex_init(&access->loading, NULL);
	/* Else calls without a pause would keep new grants out. */
	pthread_rwlockattr_t fair;
	(void)pthread_rwlockattr_init(&fair);
	(void)pthread_rwlockattr_setkind_np(&fair, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	(void)pthread_rwlock_init(&access->lock, &fair);
	(void)pthread_rwlockattr_destroy(&fair);
	return access;
}

void access_free(struct access *access)
{
	if (!access)
		return;
	rights_free(access->rights);
	(void)pthread_rwlock_destroy(&access->lock);
	(void)pthread_mutex_destroy(&access->loading);
	free(access);
}

bool access_enforced(const struct access *access)
{
	return access->enforced;
}

/* ---- the rights of now ---- */

static enum status load_if_new(struct access *access, struct rights **rights_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	uint64_t generation;
	TRY(catalog_read(access->catalog, &txn, err));
	TRY(access_generation(txn, &generation, err));
	if (access->rights && rights_generation(access->rights) == generation)
		return STATUS_OK;
	return rights_load(txn, rights_out, err);
}

/* Uses that were not stored yet go on being known. */
static void carry_uses(const struct rights *from, struct rights *to)
{
	for (size_t i = 0; from && i < rights_bearers(from); i++) {
		struct bearer *before = rights_bearer_at(from, i);
		struct bearer *after = rights_bearer(to, before->id);
		if (after && before->used_time_us > after->used_time_us)
			after->used_time_us = before->used_time_us;
	}
}

enum status access_load(struct access *access, struct error *err)
{
	OWNED(rights) rights = NULL;
	(void)pthread_mutex_lock(&access->loading);
	enum status status = load_if_new(access, &rights, err);
	if (rights) {
		(void)pthread_rwlock_wrlock(&access->lock);
		struct rights *before = access->rights;
		carry_uses(before, rights);
		access->rights = TAKE(rights);
		(void)pthread_rwlock_unlock(&access->lock);
		rights_free(before);
		for (struct guarded *one = access->guarded; one; one = one->next)
			rpc_stream_wake(one->call);
	}
	(void)pthread_mutex_unlock(&access->loading);
	return status;
}

/* ---- who calls ---- */

const char *caller_by_name(enum caller_by by)
{
	switch (by) {
	case CALLER_LOCAL:
		return "local";
	case CALLER_TOKEN:
		return "token";
	case CALLER_CERTIFICATE:
		return "certificate";
	case CALLER_RUN:
		return "run";
	}
	return "";
}

/* "tnn_<id>_<chance>". */
static bool secret_id(struct text secret, uint64_t *id_out)
{
	static const struct text prefix = {"tnn_", 4};
	return secret.length == ACCESS_SECRET_BYTES - 1 && text_starts(secret, prefix) &&
	       bearer_id(text_until(text_from(secret, prefix.length), BEARER_ID_DIGITS), id_out);
}

/* Under the lock. To the minute: most calls write nothing that others read. */
static void note_use(struct bearer *bearer, int64_t now_us)
{
	enum { MINUTE_US = 60 * 1000 * 1000 };
	int64_t minute = now_us / MINUTE_US * MINUTE_US;
	if (bearer->used_time_us < minute)
		bearer->used_time_us = minute;
}

static bool find_bearer(
	struct access *access, const char *secret, struct arena *arena, struct caller *caller)
{
	unsigned char hash[BEARER_HASH_BYTES];
	uint64_t id;
	int64_t now = clock_now_us();
	if (!secret_id(text_of(secret), &id))
		return false;
	secret_hash(text_of(secret), hash);
	(void)pthread_rwlock_rdlock(&access->lock);
	struct bearer *bearer = rights_bearer(access->rights, id);
	bool known = bearer && bearer_is(bearer, hash) && bearer_lives(bearer, now);
	if (known) {
		note_use(bearer, now);
		caller->by = CALLER_TOKEN;
		caller->token = id;
		caller->principal = arena_text(arena, text_of(bearer->principal));
		caller->scope = bearer->scope;
		caller->databases = arena_copy(arena, bearer->databases);
	}
	(void)pthread_rwlock_unlock(&access->lock);
	return known;
}

enum status access_caller(struct access *access, const struct rpc_caller *wire, struct arena *arena,
	struct caller *caller_out, struct error *err)
{
	struct caller caller = {
		.principal = "local", .address = wire->address, .scope = RIGHTS_ALL};
	if (access->enforced && wire->bearer) {
		if (!find_bearer(access, wire->bearer, arena, &caller))
			return fail(err, STATUS_UNAUTHENTICATED,
				"the token is not one that this daemon knows: it may have expired "
				"or been revoked");
	} else if (wire->certificate) {
		struct error why;
		if (principal_check(text_of(wire->certificate), &why) != STATUS_OK)
			return fail(err, STATUS_UNAUTHENTICATED,
				"the client certificate names nobody who can be known: %s",
				why.message);
		caller.by = CALLER_CERTIFICATE;
		caller.principal = wire->certificate;
	} else if (access->enforced) {
		return fail(err, STATUS_UNAUTHENTICATED,
			"this daemon must know who calls: bring a token ('tenon token create' "
			"makes one) or a client certificate");
	}
	*caller_out = caller;
	return STATUS_OK;
}

struct caller caller_copy(const struct caller *caller, struct arena *arena)
{
	struct caller copy = *caller;
	copy.principal = arena_text(arena, text_of(caller->principal));
	copy.address = arena_text(arena, text_of(caller->address));
	copy.databases = arena_copy(arena, caller->databases);
	return copy;
}

bool access_lives(struct access *access, const struct caller *caller)
{
	if (!access->enforced || caller->by != CALLER_TOKEN)
		return true;
	(void)pthread_rwlock_rdlock(&access->lock);
	const struct bearer *bearer = rights_bearer(access->rights, caller->token);
	bool lives = bearer && bearer_lives(bearer, clock_now_us());
	(void)pthread_rwlock_unlock(&access->lock);
	return lives;
}

/* ---- what they may ---- */

static bool within_databases(const struct caller *caller, const struct place *place)
{
	struct text pattern = caller->databases;
	if (pattern.length == 0 || text_equal(pattern, TEXT("*")))
		return true;
	if (place->kind == PLACE_RESOURCE || place->kind == PLACE_ALL)
		return false;
	return (text_ends(pattern, TEXT("*")) || !place->database_begins) &&
	       pattern_has(pattern, place->database);
}

unsigned access_granted(
	struct access *access, const struct caller *caller, const struct place *place)
{
	if (!access->enforced)
		return RIGHTS_ALL;
	(void)pthread_rwlock_rdlock(&access->lock);
	unsigned granted = rights_on(access->rights, text_of(caller->principal), place);
	(void)pthread_rwlock_unlock(&access->lock);
	return granted;
}

unsigned access_rights(struct access *access, const struct caller *caller, unsigned rights,
	const struct place *place)
{
	if (!access->enforced)
		return rights;
	if (!within_databases(caller, place))
		return 0;
	return access_granted(access, caller, place) & caller->scope & rights;
}

struct caller_sight {
	struct sight sight; /* first: the catalog hands it back */
	struct access *access;
	struct caller caller;
};

static bool sees_table(const struct sight *sight, struct text database, struct text table)
{
	const struct caller_sight *own = (const struct caller_sight *)(const void *)sight;
	struct place place = {.kind = table.length ? PLACE_TABLE : PLACE_WITHIN,
		.database = database,
		.table = table};
	return access_rights(own->access, &own->caller, RIGHT_READ, &place) != 0;
}

static bool sees_database(const struct sight *sight, struct text database)
{
	const struct caller_sight *own = (const struct caller_sight *)(const void *)sight;
	struct place place = {.kind = PLACE_DATABASE, .database = database};
	return access_rights(own->access, &own->caller, RIGHT_READ, &place) != 0;
}

/* What only administrators list is theirs to see in the feed as well. */
static bool sees_resource(const struct sight *sight, struct text resource)
{
	const struct caller_sight *own = (const struct caller_sight *)(const void *)sight;
	struct place place = {.kind = PLACE_RESOURCE, .database = resource};
	bool guarded = text_starts(resource, TEXT("token/")) ||
		       text_starts(resource, TEXT("grant/")) ||
		       text_starts(resource, TEXT("webhook/"));
	unsigned needed = guarded ? RIGHT_ADMIN : RIGHT_READ | RIGHT_RUN;
	return access_rights(own->access, &own->caller, needed, &place) != 0;
}

const struct sight *access_sight(
	struct access *access, const struct caller *caller, struct arena *arena)
{
	struct caller_sight *own = arena_alloc(arena, sizeof *own);
	own->sight = (struct sight){sees_table, sees_database, sees_resource};
	own->access = access;
	own->caller = caller_copy(caller, arena);
	return &own->sight;
}

/* ---- last uses, streams, secrets ---- */

size_t access_uses(struct access *access, struct bearer_use *uses, size_t most)
{
	size_t count = 0;
	(void)pthread_rwlock_rdlock(&access->lock);
	for (size_t i = 0; access->rights && i < rights_bearers(access->rights); i++) {
		struct bearer *bearer = rights_bearer_at(access->rights, i);
		int64_t used = bearer->used_time_us;
		if (used <= bearer->stored_time_us || count == most)
			continue;
		/* Only the chores' thread stores uses and asks for them. */
		bearer->stored_time_us = used;
		uses[count++] = (struct bearer_use){bearer->id, used};
	}
	(void)pthread_rwlock_unlock(&access->lock);
	return count;
}

void access_guard(struct access *access, struct guarded *guarded, const struct caller *caller)
{
	guarded->expire_time_us = 0;
	if (caller->by == CALLER_TOKEN) {
		(void)pthread_rwlock_rdlock(&access->lock);
		const struct bearer *bearer = rights_bearer(access->rights, caller->token);
		guarded->expire_time_us = bearer ? bearer->expire_time_us : 1;
		(void)pthread_rwlock_unlock(&access->lock);
	}
	(void)pthread_mutex_lock(&access->loading);
	guarded->next = access->guarded;
	guarded->link = &access->guarded;
	if (guarded->next)
		guarded->next->link = &guarded->next;
	access->guarded = guarded;
	(void)pthread_mutex_unlock(&access->loading);
}

void access_unguard(struct access *access, struct guarded *guarded)
{
	(void)pthread_mutex_lock(&access->loading);
	*guarded->link = guarded->next;
	if (guarded->next)
		guarded->next->link = guarded->link;
	(void)pthread_mutex_unlock(&access->loading);
}

void access_wake_expired(struct access *access, int64_t now_us)
{
	(void)pthread_mutex_lock(&access->loading);
	for (struct guarded *one = access->guarded; one; one = one->next) {
		if (one->expire_time_us && one->expire_time_us <= now_us)
			rpc_stream_wake(one->call);
	}
	(void)pthread_mutex_unlock(&access->loading);
}

void access_secret_new(struct access_secret *secret_out)
{
	unsigned char bytes[SECRET_BYTES];
	unsigned char id[BEARER_ID_DIGITS / 2];
	char digits[2 * SECRET_BYTES + 1];
	secret_chance(bytes, sizeof bytes);
	secret_chance(id, sizeof id);
	secret_hex(bytes, sizeof bytes, digits);
	secret_hex(id, sizeof id, secret_out->id);
	(void)snprintf(
		secret_out->text, sizeof secret_out->text, "tnn_%s_%s", secret_out->id, digits);
	secret_hash(text_of(secret_out->text), secret_out->hash);
	secret_forget(bytes, sizeof bytes);
	secret_forget(digits, sizeof digits);
}
