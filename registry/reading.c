#include "registry/reading.h"

#include "base/limits.h"
#include "base/memory.h"

/* Verdicts by pair: an open-addressed table in the arena, and the order in which pairs
 * were begun.
 *
 * A pair under way counts as read, which is right for types that hold themselves. When it
 * turns out not to be, whatever was found "read" since it began may have leaned on that,
 * and is forgotten; "not read" was found in spite of it, and stays. */

enum verdict { VERDICT_NONE, VERDICT_OPEN, VERDICT_READ, VERDICT_NOT, VERDICT_TOLD };

struct slot {
	uint64_t key; /* plus one; 0 is free */
	enum verdict verdict;
};

struct memo {
	struct slot *slots;
	size_t capacity; /* a power of two */
	size_t count;
	uint64_t *begun; /* keys */
	size_t begun_count;
	size_t begun_capacity;
};

static uint64_t key_of(const struct pair *pair)
{
	_Static_assert(LIMIT_DEFINITION_BYTES < 1 << 28, "28 bits hold every index");
	return (((uint64_t)pair->reader_index << 28 | pair->writer_index) << 7 | pair->extra) + 1;
}

static struct slot *slot_find(struct memo *memo, uint64_t key)
{
	uint64_t hash = key * UINT64_C(0x9E3779B97F4A7C15);
	size_t at = (size_t)(hash >> 20) & (memo->capacity - 1);
	while (memo->slots[at].key && memo->slots[at].key != key)
		at = (at + 1) & (memo->capacity - 1);
	return &memo->slots[at];
}

static void memo_grow(struct arena *arena, struct memo *memo)
{
	struct memo old = *memo;
	memo->capacity = old.capacity ? old.capacity * 2 : 64;
	memo->slots = arena_array(arena, memo->capacity, sizeof *memo->slots);
	for (size_t i = 0; i < old.capacity; i++) {
		if (old.slots[i].key)
			*slot_find(memo, old.slots[i].key) = old.slots[i];
	}
}

static enum verdict memo_get(struct memo *memo, uint64_t key)
{
	return memo->capacity ? slot_find(memo, key)->verdict : VERDICT_NONE;
}

static void memo_set(struct arena *arena, struct memo *memo, uint64_t key, enum verdict verdict)
{
	if (2 * memo->count >= memo->capacity)
		memo_grow(arena, memo);
	struct slot *slot = slot_find(memo, key);
	memo->count += slot->key == 0;
	*slot = (struct slot){key, verdict};
}

static void memo_begin(struct arena *arena, struct memo *memo, uint64_t key)
{
	size_t wanted = memory_grown(memo->begun_capacity, memo->begun_count + 1);
	if (wanted != memo->begun_capacity)
		memo->begun = arena_grow(
			arena, memo->begun, memo->begun_count, wanted, sizeof *memo->begun);
	memo->begun_capacity = wanted;
	memo->begun[memo->begun_count++] = key;
	memo_set(arena, memo, key, VERDICT_OPEN);
}

static void memo_end(struct arena *arena, struct memo *memo, uint64_t key, size_t since, bool read)
{
	memo_set(arena, memo, key, read ? VERDICT_READ : VERDICT_NOT);
	if (read)
		return;
	for (size_t i = since; i < memo->begun_count; i++) {
		struct slot *slot = slot_find(memo, memo->begun[i]);
		if (slot->verdict == VERDICT_READ)
			slot->verdict = VERDICT_NONE;
	}
	memo->begun_count = since;
}

bool reading_step(struct reading *reading)
{
	if (++reading->steps > LIMIT_COMPARE_STEPS || reading->depth > LIMIT_COMPARE_DEPTH)
		reading->exhausted = true;
	return !reading->exhausted;
}

static bool look(struct reading *reading, const struct pair *pair, const struct place *place)
{
	reading->depth++;
	bool read = pair->look(reading, pair, place);
	reading->depth--;
	return read;
}

static bool decide(struct reading *reading, const struct pair *pair, const struct place *place)
{
	struct memo *memo = reading->memo;
	uint64_t key = key_of(pair);
	enum verdict known = memo_get(memo, key);
	if (known != VERDICT_NONE)
		return known == VERDICT_OPEN || known == VERDICT_READ;
	size_t since = memo->begun_count;
	bool telling = reading_quietly(reading);
	memo_begin(reading->arena, memo, key);
	bool read = look(reading, pair, place);
	memo_end(reading->arena, memo, key, since, read);
	reading->telling = telling;
	return read;
}

bool reading_ask(struct reading *reading, const struct pair *pair, const struct place *place)
{
	if (!reading->memo)
		reading->memo = arena_alloc(reading->arena, sizeof *reading->memo);
	if (!reading_step(reading))
		return false;
	if (decide(reading, pair, place))
		return true;
	if (!reading->telling || memo_get(reading->memo, key_of(pair)) == VERDICT_TOLD)
		return false;
	memo_set(reading->arena, reading->memo, key_of(pair), VERDICT_TOLD);
	(void)look(reading, pair, place);
	return false;
}

static struct text path_of(struct arena *arena, const struct place *place)
{
	enum { SHOWN = 1000 };
	struct text path = {"", 0};
	for (; place; place = place->outer) {
		if (place->name.length == 0)
			continue;
		struct text name = text_until(place->name, LIMIT_NAME_BYTES);
		const char *joined = path.length ? arena_printf(arena, "%.*s.%.*s", TEXT_ARG(name),
							   TEXT_ARG(path))
						 : arena_text(arena, name);
		path = text_until(text_of(joined), SHOWN);
	}
	return path;
}

static const char *kind_of(const char *kind, const char *before, const char *after, bool newer)
{
	if (!before || !after)
		return before ? "removed" : "added";
	if (kind && strcmp(kind, "narrowed") == 0 && !newer)
		return "widened";
	return kind ? kind : "retyped";
}

/* In both directions the same thing may stand in the way: it is told once. */
static bool is_told(const struct obstacles *all, const struct obstacle *one)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct obstacle *told = &all->at[i];
		if (strcmp(told->kind, one->kind) == 0 && text_equal(told->path, one->path) &&
			text_equal(told->before, one->before) &&
			text_equal(told->after, one->after) &&
			text_equal(told->reason, one->reason))
			return true;
	}
	return false;
}

bool reading_tell(struct reading *reading, const struct place *place, const char *kind,
	const char *reader, const char *writer, const char *reason)
{
	struct obstacles *all = reading->obstacles;
	struct arena *arena = reading->arena;
	reading->told |= reading->telling;
	if (!reading->telling || all->count == LIMIT_SCHEMA_DIFFERENCES)
		return false;
	if (!all->at)
		all->at = arena_array(arena, LIMIT_SCHEMA_DIFFERENCES, sizeof *all->at);
	const char *before = reading->reader_is_newer ? writer : reader;
	const char *after = reading->reader_is_newer ? reader : writer;
	struct obstacle obstacle = {
		.kind = kind_of(kind, before, after, reading->reader_is_newer),
		.path = path_of(arena, place),
		.before = before ? text_of(before) : TEXT(""),
		.after = after ? text_of(after) : TEXT(""),
		.reason = text_of(reason),
	};
	if (!is_told(all, &obstacle))
		all->at[all->count++] = obstacle;
	return false;
}
