#include "catalog/version_delta.h"

#include "base/buffer.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>

enum { BLOCK = 16, CHECK_BYTES = 4, NUMBER_BYTES = 10 };

static void number_add(struct buffer *out, uint64_t number)
{
	for (; number > 0x7f; number >>= 7)
		buffer_add_byte(out, (char)(number | 0x80));
	buffer_add_byte(out, (char)number);
}

static uint64_t zigzag(int64_t number)
{
	return ((uint64_t)number << 1) ^ (uint64_t)(number >> 63);
}

static int64_t unzigzag(uint64_t number)
{
	return (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
}

static void check_of(struct text bytes, char check[static CHECK_BYTES])
{
	uint64_t hash = hash_of_64(bytes);
	for (int i = 0; i < CHECK_BYTES; i++)
		check[i] = (char)(hash >> 8 * i);
}

/* Steps in the making. */
struct steps {
	struct buffer out;
	size_t copied; /* where the last copy ended in `from` */
};

static void bytes_step(struct steps *steps, struct text bytes)
{
	if (bytes.length == 0)
		return;
	number_add(&steps->out, (uint64_t)bytes.length << 1);
	buffer_add_text(&steps->out, bytes);
}

static void copy_step(struct steps *steps, size_t start, size_t length)
{
	if (length == 0)
		return;
	number_add(&steps->out, (uint64_t)length << 1 | 1);
	number_add(&steps->out, zigzag((int64_t)start - (int64_t)steps->copied));
	steps->copied = start + length;
}

/* Where blocks of `from` start, by their hash: the first of those that share a slot. */
struct blocks {
	uint32_t *starts; /* one more than it is; 0: none */
	size_t mask;
};

static size_t slot_of(const struct blocks *blocks, const char *at)
{
	uint64_t a;
	uint64_t b;
	memcpy(&a, at, sizeof a);
	memcpy(&b, at + sizeof a, sizeof b);
	uint64_t mixed = (a ^ b * UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xff51afd7ed558ccd);
	return (size_t)(mixed >> 32) & blocks->mask;
}

static void blocks_make(struct blocks *blocks, struct text from)
{
	size_t wanted = 2 * (from.length / BLOCK) + 1;
	size_t slots = 16;
	while (slots < wanted)
		slots *= 2;
	blocks->starts = memory_new_array(slots, sizeof *blocks->starts);
	blocks->mask = slots - 1;
	for (size_t at = 0; at + BLOCK <= from.length; at += BLOCK) {
		uint32_t *start = &blocks->starts[slot_of(blocks, from.at + at)];
		if (*start == 0)
			*start = (uint32_t)at + 1;
	}
}

static size_t same_from_start(struct text a, struct text b)
{
	size_t most = a.length < b.length ? a.length : b.length;
	size_t same = 0;
	while (most - same >= BLOCK && memcmp(a.at + same, b.at + same, BLOCK) == 0)
		same += BLOCK;
	while (same < most && a.at[same] == b.at[same])
		same++;
	return same;
}

static size_t same_to_end(struct text a, struct text b)
{
	size_t most = a.length < b.length ? a.length : b.length;
	const char *a_end = a.at + a.length;
	const char *b_end = b.at + b.length;
	size_t same = 0;
	while (most - same >= BLOCK &&
		memcmp(a_end - same - BLOCK, b_end - same - BLOCK, BLOCK) == 0)
		same += BLOCK;
	while (same < most && a.at[a.length - 1 - same] == b.at[b.length - 1 - same])
		same++;
	return same;
}

/* What is between the equal ends: greedy, each match made as long as it goes. `skipped`
 * is where `from` starts in the whole. */
static void middle_steps(struct steps *steps, struct text from, struct text to, size_t skipped)
{
	size_t done = 0; /* of `to` */
	if (from.length < BLOCK || to.length < BLOCK) {
		bytes_step(steps, to);
		return;
	}
	struct blocks blocks;
	blocks_make(&blocks, from);
	for (size_t at = 0; at + BLOCK <= to.length;) {
		uint32_t start = blocks.starts[slot_of(&blocks, to.at + at)];
		if (start == 0 || memcmp(from.at + start - 1, to.at + at, BLOCK) != 0) {
			at++;
			continue;
		}
		size_t left = start - 1;
		size_t back =
			same_to_end(text_until(from, left), (struct text){to.at + done, at - done});
		size_t ahead = same_from_start(text_from(from, left), text_from(to, at));
		bytes_step(steps, (struct text){to.at + done, at - back - done});
		copy_step(steps, skipped + left - back, back + ahead);
		at += ahead;
		done = at;
	}
	bytes_step(steps, text_from(to, done));
	free(blocks.starts);
}

struct text delta_make(struct arena *arena, struct text from, struct text to)
{
	struct steps steps = {.copied = 0};
	char check[CHECK_BYTES];
	buffer_init(&steps.out, SIZE_MAX / 2);
	number_add(&steps.out, to.length);
	check_of(to, check);
	buffer_add(&steps.out, check, sizeof check);
	size_t head = same_from_start(from, to);
	size_t tail = same_to_end(text_from(from, head), text_from(to, head));
	copy_step(&steps, 0, head);
	middle_steps(&steps, text_until(text_from(from, head), from.length - head - tail),
		text_until(text_from(to, head), to.length - head - tail), head);
	copy_step(&steps, from.length - tail, tail);
	struct text made = arena_copy(arena, buffer_text(&steps.out));
	buffer_done(&steps.out);
	return made;
}

/* False at the end or when it does not fit. */
static bool number_take(struct text *rest, uint64_t *number_out)
{
	uint64_t number = 0;
	for (size_t i = 0; i < NUMBER_BYTES && i < rest->length; i++) {
		uint64_t bits = (unsigned char)rest->at[i] & 0x7f;
		if (i == NUMBER_BYTES - 1 && bits > 1)
			return false;
		number |= bits << 7 * i;
		if ((unsigned char)rest->at[i] < 0x80) {
			*rest = text_from(*rest, i + 1);
			*number_out = number;
			return true;
		}
	}
	return false;
}

/* The bytes that one step gives; false when it is none. */
static bool step_take(struct text *rest, struct text from, size_t *copied, struct text *piece)
{
	uint64_t head;
	uint64_t moved;
	if (!number_take(rest, &head) || head >> 1 == 0)
		return false;
	if (!(head & 1)) {
		if (head >> 1 > rest->length)
			return false;
		*piece = text_until(*rest, (size_t)(head >> 1));
		*rest = text_from(*rest, piece->length);
		return true;
	}
	int64_t start;
	if (!number_take(rest, &moved) ||
		__builtin_add_overflow((int64_t)*copied, unzigzag(moved), &start) || start < 0 ||
		(uint64_t)start > from.length || head >> 1 > from.length - (uint64_t)start)
		return false;
	*piece = (struct text){from.at + start, (size_t)(head >> 1)};
	*copied = (size_t)start + piece->length;
	return true;
}

static bool applied(struct arena *arena, struct text from, struct text rest, struct text *to_out)
{
	uint64_t length;
	if (!number_take(&rest, &length) || length > LIMIT_MESSAGE_BYTES ||
		rest.length < CHECK_BYTES)
		return false;
	struct text check = text_until(rest, CHECK_BYTES);
	rest = text_from(rest, CHECK_BYTES);
	char *at = arena_alloc(arena, (size_t)length + 1);
	size_t made = 0;
	size_t copied = 0;
	while (rest.length) {
		struct text piece;
		if (!step_take(&rest, from, &copied, &piece) || piece.length > length - made)
			return false;
		memcpy(at + made, piece.at, piece.length);
		made += piece.length;
	}
	char is[CHECK_BYTES];
	*to_out = (struct text){at, made};
	check_of(*to_out, is);
	return made == length && memcmp(is, check.at, CHECK_BYTES) == 0;
}

enum status delta_apply(struct arena *arena, struct text from, struct text delta,
	struct text *to_out, struct error *err)
{
	if (!applied(arena, from, delta, to_out))
		return fail(err, STATUS_DATA_LOSS,
			"a difference of %zu bytes does not fit what it is from", delta.length);
	return STATUS_OK;
}
