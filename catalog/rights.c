#include "catalog/rights.h"

#include "base/hash.h"
#include "base/memory.h"
#include "catalog/grants.h"
#include "catalog/key.h"
#include "catalog/store.h"
#include "tenon/store/v1/access.pb-c.h"

#include <stdlib.h>

/* How much of a name a pattern fixes: so many bytes, or all of it. */
enum { WHOLE = UINT16_MAX };

enum shape_kind { SHAPE_PAIR, SHAPE_WITHIN, SHAPE_RESOURCE };

struct shape {
	uint16_t kind;
	uint16_t database;
	uint16_t table;
};

struct principal {
	struct text name;
	struct shape *shapes;
	size_t count;
	size_t capacity;
};

/* One pattern of one principal. */
struct slot {
	uint64_t hash; /* 0: free */
	const struct principal *principal;
	struct shape shape;
	struct text database;
	struct text table;
	unsigned rights;
};

struct rights {
	struct arena *arena;
	uint64_t generation;
	struct principal *principals; /* an open table by name; capacity is a power of two */
	size_t principals_size;
	struct slot *slots;
	size_t slots_size;
	struct bearer *bearers; /* by id */
	size_t bearers_count;
	size_t grants;
};

unsigned rights_of_actions(const Tenon__V1__Action *actions, size_t count)
{
	unsigned rights = 0;
	for (size_t i = 0; i < count; i++) {
		switch (actions[i]) {
		case TENON__V1__ACTION__ACTION_READ:
			rights |= RIGHT_READ;
			break;
		case TENON__V1__ACTION__ACTION_WRITE:
			rights |= RIGHT_READ | RIGHT_WRITE;
			break;
		case TENON__V1__ACTION__ACTION_CRAWL:
			rights |= RIGHT_CRAWL;
			break;
		case TENON__V1__ACTION__ACTION_RUN:
			rights |= RIGHT_RUN;
			break;
		case TENON__V1__ACTION__ACTION_ADMIN:
			rights |= RIGHTS_ALL;
			break;
		case TENON__V1__ACTION__ACTION_UNSPECIFIED:
		case _TENON__V1__ACTION_IS_INT_SIZE:
			break;
		}
	}
	return rights;
}

const char *right_name(unsigned right)
{
	switch (right) {
	case RIGHT_READ:
		return "read";
	case RIGHT_WRITE:
		return "write";
	case RIGHT_CRAWL:
		return "crawl";
	case RIGHT_RUN:
		return "run";
	default:
		return "admin";
	}
}

bool pattern_has(struct text pattern, struct text name)
{
	if (text_ends(pattern, TEXT("*")))
		return text_starts(name, text_until(pattern, pattern.length - 1));
	return text_equal(pattern, name);
}

/* ---- asking ---- */

static const struct principal *principal_find(const struct rights *rights, struct text name)
{
	size_t mask = rights->principals_size - 1;
	for (size_t at = hash_of_64(name) & mask; rights->principals[at].name.at;
		at = (at + 1) & mask) {
		if (text_equal(rights->principals[at].name, name))
			return &rights->principals[at];
	}
	return NULL;
}

static uint64_t slot_hash(const struct principal *principal, struct shape shape,
	struct text database, struct text table)
{
	uint64_t hash = hash_of_64(database) ^ (hash_of_64(table) << 1 | 1);
	hash ^= (uint64_t)(uintptr_t)principal * 0x9e3779b97f4a7c15u;
	hash ^= ((uint64_t)shape.kind << 32 | (uint64_t)shape.database << 16 | shape.table) *
		0xc2b2ae3d27d4eb4fu;
	hash ^= hash >> 29;
	return hash | 1;
}

/* The slot of the pattern, or the free one where it belongs. */
static struct slot *slot_find(const struct rights *rights, const struct principal *principal,
	struct shape shape, struct text database, struct text table)
{
	size_t mask = rights->slots_size - 1;
	uint64_t hash = slot_hash(principal, shape, database, table);
	for (size_t at = (hash >> 1) & mask;; at = (at + 1) & mask) {
		struct slot *slot = &rights->slots[at];
		if (!slot->hash || (slot->hash == hash && slot->principal == principal &&
					   slot->shape.kind == shape.kind &&
					   slot->shape.database == shape.database &&
					   slot->shape.table == shape.table &&
					   text_equal(slot->database, database) &&
					   text_equal(slot->table, table)))
			return slot;
	}
}

/* The part of a name that a pattern of this shape fixes; false when the name is shorter,
 * or is a beginning of which a pattern that fixes all has at most one name. */
static bool part_of(struct text name, bool begins, uint16_t fixed, struct text *part_out)
{
	if (fixed == WHOLE) {
		*part_out = name;
		return !begins;
	}
	*part_out = text_until(name, fixed);
	return name.length >= fixed;
}

static bool is_everything(struct shape shape)
{
	return shape.kind == SHAPE_PAIR && shape.database == 0 && shape.table == 0;
}

/* Whether patterns of this shape may speak of the place, and which one would. */
static bool pattern_for(const struct place *place, struct shape shape, struct text *database_out,
	struct text *table_out)
{
	struct text none = TEXT("");
	*database_out = none;
	*table_out = none;
	switch (place->kind) {
	case PLACE_TABLE:
		return shape.kind == SHAPE_PAIR &&
		       part_of(place->database, place->database_begins, shape.database,
			       database_out) &&
		       part_of(place->table, place->table_begins, shape.table, table_out);
	case PLACE_DATABASE:
		return shape.kind == SHAPE_PAIR && shape.table == 0 &&
		       part_of(place->database, place->database_begins, shape.database,
			       database_out);
	case PLACE_WITHIN:
		return shape.kind == SHAPE_WITHIN &&
		       part_of(place->database, place->database_begins, shape.database,
			       database_out);
	case PLACE_RESOURCE:
		return is_everything(shape) ||
		       (shape.kind == SHAPE_RESOURCE &&
			       part_of(place->database, place->database_begins, shape.database,
				       database_out));
	case PLACE_ALL:
		return is_everything(shape);
	}
	return false;
}

static unsigned rights_of(const struct rights *rights, struct text name, const struct place *place)
{
	const struct principal *principal = principal_find(rights, name);
	unsigned all = 0;
	for (size_t i = 0; principal && i < principal->count; i++) {
		struct text database;
		struct text table;
		struct shape shape = principal->shapes[i];
		if (pattern_for(place, shape, &database, &table))
			all |= slot_find(rights, principal, shape, database, table)->rights;
	}
	return all;
}

unsigned rights_on(const struct rights *rights, struct text principal, const struct place *place)
{
	return rights_of(rights, principal, place) | rights_of(rights, TEXT("*"), place);
}

/* ---- tokens ---- */

struct bearer *rights_bearer(const struct rights *rights, uint64_t id)
{
	size_t low = 0;
	size_t high = rights->bearers_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (rights->bearers[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < rights->bearers_count && rights->bearers[low].id == id ? &rights->bearers[low]
									    : NULL;
}

bool bearer_lives(const struct bearer *bearer, int64_t now_us)
{
	return !bearer->revoked && (!bearer->expire_time_us || now_us < bearer->expire_time_us);
}

bool bearer_is(const struct bearer *bearer, const unsigned char hash[static BEARER_HASH_BYTES])
{
	volatile unsigned char differs = 0;
	for (size_t i = 0; i < BEARER_HASH_BYTES; i++)
		differs = (unsigned char)(differs | (bearer->hash[i] ^ hash[i]));
	return differs == 0;
}

size_t rights_bearers(const struct rights *rights)
{
	return rights->bearers_count;
}

struct bearer *rights_bearer_at(const struct rights *rights, size_t index)
{
	return &rights->bearers[index];
}

size_t rights_grants(const struct rights *rights)
{
	return rights->grants;
}

uint64_t rights_generation(const struct rights *rights)
{
	return rights->generation;
}

/* ---- making it ---- */

void rights_free(struct rights *rights)
{
	if (!rights)
		return;
	arena_free(rights->arena);
	free(rights);
}

/* At most half full, so that a search ends soon. */
static size_t table_size(uint64_t items)
{
	size_t size = 16;
	while (size < 2 * items)
		size *= 2;
	return size;
}

static struct principal *principal_make(struct rights *rights, struct text name)
{
	size_t mask = rights->principals_size - 1;
	size_t at = hash_of_64(name) & mask;
	while (rights->principals[at].name.at && !text_equal(rights->principals[at].name, name))
		at = (at + 1) & mask;
	if (!rights->principals[at].name.at)
		rights->principals[at].name = arena_copy(rights->arena, name);
	return &rights->principals[at];
}

static void shape_add(struct rights *rights, struct principal *principal, struct shape shape)
{
	for (size_t i = 0; i < principal->count; i++) {
		const struct shape *one = &principal->shapes[i];
		if (one->kind == shape.kind && one->database == shape.database &&
			one->table == shape.table)
			return;
	}
	size_t wanted = memory_grown(principal->capacity, principal->count + 1);
	if (wanted != principal->capacity) {
		principal->shapes = arena_grow(rights->arena, principal->shapes, principal->count,
			wanted, sizeof *principal->shapes);
		principal->capacity = wanted;
	}
	principal->shapes[principal->count++] = shape;
}

static uint16_t fixed_by(struct text pattern, struct text *fixed_out)
{
	bool begins = text_ends(pattern, TEXT("*"));
	*fixed_out = begins ? text_until(pattern, pattern.length - 1) : pattern;
	return begins ? (uint16_t)fixed_out->length : WHOLE;
}

static void pattern_add(struct rights *rights, struct principal *principal, struct shape shape,
	struct text database, struct text table, unsigned allowed)
{
	shape_add(rights, principal, shape);
	struct slot *slot = slot_find(rights, principal, shape, database, table);
	if (!slot->hash)
		*slot = (struct slot){
			.hash = slot_hash(principal, shape, database, table),
			.principal = principal,
			.shape = shape,
			.database = arena_copy(rights->arena, database),
			.table = arena_copy(rights->arena, table),
		};
	slot->rights |= allowed;
}

static void grant_add(struct rights *rights, const Tenon__V1__Grant *grant)
{
	unsigned allowed = rights_of_actions(grant->actions, grant->n_actions);
	struct principal *principal = principal_make(rights, text_of(grant->principal));
	struct text database;
	struct text table = TEXT("");
	struct shape shape = {.kind = SHAPE_PAIR};
	rights->grants++;
	if (grant->resource[0]) {
		shape.kind = SHAPE_RESOURCE;
		shape.database = fixed_by(text_of(grant->resource), &database);
		pattern_add(rights, principal, shape, database, table, allowed);
		return;
	}
	shape.database = fixed_by(text_of(grant->database), &database);
	shape.table = fixed_by(text_of(grant->table), &table);
	pattern_add(rights, principal, shape, database, table, allowed);
	shape.kind = SHAPE_WITHIN;
	shape.table = 0;
	pattern_add(rights, principal, shape, database, TEXT(""), allowed);
}

static enum status grants_read(struct rights *rights, struct catalog_txn *txn, struct error *err)
{
	OWNED(arena) scratch = arena_new();
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_GRANTS, TEXT(""), TEXT(""), &scan, err));
	for (;;) {
		bool found;
		struct text key;
		struct text value;
		void *record;
		arena_reset(scratch);
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			return STATUS_OK;
		TRY(store_unpack(
			value, &tenon__store__v1__grant_record__descriptor, scratch, &record, err));
		const Tenon__V1__Grant *grant = ((Tenon__Store__V1__GrantRecord *)record)->grant;
		if (grant)
			grant_add(rights, grant);
	}
}

static void bearer_take(struct rights *rights, struct bearer *bearer, uint64_t id,
	const Tenon__Store__V1__TokenRecord *record)
{
	const Tenon__V1__Token *token = record->token;
	bearer->id = id;
	memcpy(bearer->hash, record->hash.data, BEARER_HASH_BYTES);
	bearer->principal = arena_text(rights->arena, text_of(token->principal));
	bearer->scope =
		token->n_scope ? rights_of_actions(token->scope, token->n_scope) : RIGHTS_ALL;
	bearer->databases = arena_copy(rights->arena, text_of(token->databases));
	bearer->expire_time_us = token->expire_time_us;
	bearer->revoked = token->revoked;
	bearer->stored_time_us = token->last_used_time_us;
	bearer->used_time_us = token->last_used_time_us;
}

static enum status bearers_read(
	struct rights *rights, struct catalog_txn *txn, uint64_t most, struct error *err)
{
	OWNED(arena) scratch = arena_new();
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_TOKENS, TEXT(""), TEXT(""), &scan, err));
	while (rights->bearers_count < most) {
		bool found;
		struct text key;
		struct text value;
		void *unpacked;
		arena_reset(scratch);
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			break;
		TRY(store_unpack(value, &tenon__store__v1__token_record__descriptor, scratch,
			&unpacked, err));
		const Tenon__Store__V1__TokenRecord *record = unpacked;
		if (!record->token || record->hash.len != BEARER_HASH_BYTES || key.length != 8)
			return fail(err, STATUS_DATA_LOSS, "a token's record is damaged");
		bearer_take(
			rights, &rights->bearers[rights->bearers_count++], key_u64(key.at), record);
	}
	return STATUS_OK;
}

enum status rights_load(struct catalog_txn *txn, struct rights **rights_out, struct error *err)
{
	uint64_t grants;
	uint64_t tokens;
	OWNED(rights) rights = memory_new(sizeof *rights);
	rights->arena = arena_new();
	TRY(access_generation(txn, &rights->generation, err));
	TRY(store_count(txn, DB_GRANTS, &grants, err));
	TRY(store_count(txn, DB_TOKENS, &tokens, err));
	rights->principals_size = table_size(grants);
	rights->principals =
		arena_array(rights->arena, rights->principals_size, sizeof *rights->principals);
	/* Each grant on tables has a second pattern: of what it lets be seen. */
	rights->slots_size = table_size(2 * grants);
	rights->slots = arena_array(rights->arena, rights->slots_size, sizeof *rights->slots);
	rights->bearers = arena_array(rights->arena, tokens, sizeof *rights->bearers);
	TRY(grants_read(rights, txn, err));
	TRY(bearers_read(rights, txn, tokens, err));
	*rights_out = TAKE(rights);
	return STATUS_OK;
}
