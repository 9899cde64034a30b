#include "catalog/table_words.h"

#include "base/hash.h"
#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/search_order.h"
#include "catalog/table_texts.h"
#include "catalog/words.h"

enum { CUTS = 64, HEAD_BYTES = 8 };

struct set {
	struct arena *arena;
	struct table_word *items;
	size_t count;
	size_t capacity;
	size_t words; /* seen, repetitions too: what a table may have is counted in them */
	/* Where each word stands, by its hash: place + 1, 0 where there is none. The same
	 * few words come again and again in a table's comments and types. */
	uint32_t *slots;
	size_t slot_count; /* a power of two, at least twice `count` */
	/* Texts that were cut into words already, by their hash: types above all. */
	struct cut {
		struct text text; /* the table's own */
		enum table_field field;
		size_t words;
	} cuts[CUTS];
};

static bool is_word(const struct table_word *item, struct text word, uint64_t head)
{
	return item->head == head && item->word.length == word.length &&
	       (word.length <= HEAD_BYTES ||
		       memcmp(item->word.at + HEAD_BYTES, word.at + HEAD_BYTES,
			       word.length - HEAD_BYTES) == 0);
}

/* Most words are no longer than their heads. */
static size_t hash_of_word(struct text word, uint64_t head)
{
	const uint64_t odd = 0x9E3779B97F4A7C15; /* 2^64 by the golden ratio */
	return (size_t)(word.length <= HEAD_BYTES ? __builtin_bswap64(head) * odd >> 32
						  : hash_of_64(word));
}

static uint32_t *slot_of(const struct set *set, struct text word, uint64_t head)
{
	for (size_t at = hash_of_word(word, head);; at++) {
		uint32_t *slot = &set->slots[at & (set->slot_count - 1)];
		if (*slot == 0 || is_word(&set->items[*slot - 1], word, head))
			return slot;
	}
}

static void slots_grow(struct set *set)
{
	enum { SLOTS_MIN = 256 };
	set->slot_count = set->slot_count ? 2 * set->slot_count : SLOTS_MIN;
	set->slots = arena_array(set->arena, set->slot_count, sizeof *set->slots);
	for (size_t i = 0; i < set->count; i++)
		*slot_of(set, set->items[i].word, set->items[i].head) = (uint32_t)(i + 1);
}

static void add_word(struct set *set, struct text word, uint64_t head, unsigned fields)
{
	if (2 * (set->count + 1) > set->slot_count)
		slots_grow(set);
	uint32_t *slot = slot_of(set, word, head);
	if (*slot) {
		set->items[*slot - 1].fields |= fields;
		return;
	}
	size_t wanted = memory_grown(set->capacity, set->count + 1);
	if (wanted != set->capacity)
		set->items =
			arena_grow(set->arena, set->items, set->count, wanted, sizeof *set->items);
	set->capacity = wanted;
	set->items[set->count++] = (struct table_word){arena_copy(set->arena, word), head, fields};
	*slot = (uint32_t)set->count;
}

static bool add_words_of(
	struct set *set, const struct table_text *text, bool parts, bool *may_have_parts)
{
	struct text rest = text->text;
	struct word word;
	bool found = true;
	while (set->words < LIMIT_SEARCH_TABLE_WORDS && found) {
		found = word_next(&rest, parts, &word);
		*may_have_parts = *may_have_parts || word.may_have_parts;
		if (!found)
			return true;
		set->words++;
		add_word(set, (struct text){word.bytes, word.length}, key_u64(word.bytes),
			1U << text->field);
	}
	return false;
}

/* False: the table has as many as it may. */
static bool add_words_and_parts(struct set *set, const struct table_text *text)
{
	bool may_have_parts = false;
	return add_words_of(set, text, false, &may_have_parts) &&
	       (!may_have_parts || add_words_of(set, text, true, &may_have_parts));
}

static bool add_words(void *state, const struct table_text *text)
{
	struct set *set = state;
	/* No two columns have one name. */
	if (text->field == FIELD_COLUMN)
		return add_words_and_parts(set, text);
	struct cut *cut = &set->cuts[hash_of_64(text->text) % CUTS];
	if (cut->field == text->field && text_equal(cut->text, text->text)) {
		set->words += cut->words;
		return set->words < LIMIT_SEARCH_TABLE_WORDS;
	}
	size_t before = set->words;
	bool goes_on = add_words_and_parts(set, text);
	*cut = (struct cut){text->text, text->field, set->words - before};
	return goes_on;
}

static void add_order(struct set *set, struct text word)
{
	char head[HEAD_BYTES] = {0};
	memcpy(head, word.at, word.length < sizeof head ? word.length : sizeof head);
	add_word(set, word, key_u64(head), 0);
}

int table_word_compare(const struct table_word *left, const struct table_word *right)
{
	if (left->head != right->head)
		return left->head < right->head ? -1 : 1;
	return text_compare(left->word, right->word);
}

/* What is sorted from `from` to `middle` and from there to `end`, at `to`. */
static void merge(const struct table_word *from, const struct table_word *middle,
	const struct table_word *end, struct table_word *to)
{
	const struct table_word *left = from;
	const struct table_word *right = middle;
	while (left < middle && right < end) {
		bool is_left = left->head != right->head ? left->head < right->head
							 : table_word_compare(left, right) < 0;
		*to++ = is_left ? *left++ : *right++;
	}
	while (left < middle)
		*to++ = *left++;
	while (right < end)
		*to++ = *right++;
}

/* By merging: qsort, which knows nothing of heads, takes three times as long. */
static void sort(struct set *set)
{
	size_t count = set->count;
	struct table_word *from = set->items;
	struct table_word *to = arena_array(set->arena, count, sizeof *to);
	for (size_t width = 1; width < count; width *= 2) {
		for (size_t i = 0; i < count; i += 2 * width) {
			size_t middle = i + width < count ? i + width : count;
			size_t end = middle + width < count ? middle + width : count;
			merge(from + i, from + middle, from + end, to + i);
		}
		struct table_word *sorted = to;
		to = from;
		from = sorted;
	}
	set->items = from;
}

struct table_words table_words(const Tenon__V1__Table *table,
	const Tenon__Store__V1__TagsRecord *tags, struct arena *arena)
{
	if (!table)
		return (struct table_words){NULL, 0};
	struct set set = {.arena = arena};
	table_texts(table, tags, add_words, &set);
	for (size_t i = 0; i < SEARCH_ORDERS; i++)
		add_order(&set, search_order_word(table, i, arena));
	sort(&set);
	return (struct table_words){set.items, set.count};
}
