#include "catalog/words.h"

#include "base/memory.h"

#include <utf8proc.h>

/* A character of a text. */
struct character {
	utf8proc_int32_t code;
	size_t bytes;
	bool is_word; /* a letter, a digit, or a mark on one */
	bool is_upper;
};

static bool is_between(unsigned char byte, char first, char last)
{
	return (unsigned char)(byte - first) <= last - first;
}

static struct character character_beyond_ascii(struct text text, size_t at)
{
	struct character character = {.bytes = 1};
	utf8proc_ssize_t bytes = utf8proc_iterate((const utf8proc_uint8_t *)text.at + at,
		(utf8proc_ssize_t)(text.length - at), &character.code);
	if (bytes <= 0)
		return character;
	character.bytes = (size_t)bytes;
	utf8proc_category_t category = utf8proc_category(character.code);
	character.is_word = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
	character.is_upper = category == UTF8PROC_CATEGORY_LU;
	return character;
}

/* Nearly all are ASCII, and a search looks at very many. */
static inline struct character character_at(struct text text, size_t at)
{
	unsigned char byte = (unsigned char)text.at[at];
	if (byte >= 0x80)
		return character_beyond_ascii(text, at);
	bool is_upper = is_between(byte, 'A', 'Z');
	return (struct character){
		.code = byte,
		.bytes = 1,
		.is_upper = is_upper,
		.is_word = is_upper || is_between(byte, 'a', 'z') || is_between(byte, '0', '9'),
	};
}

/* Whether a word goes on into a part of its own here: customerId, HTTPServer. */
static bool is_seam(struct text text, size_t at, bool after_upper, const struct character *here)
{
	if (!here->is_upper)
		return false;
	if (!after_upper)
		return true;
	size_t next = at + here->bytes;
	if (next >= text.length)
		return false;
	struct character following = character_at(text, next);
	return following.is_word && !following.is_upper && following.code >= 'A';
}

/* Its characters folded, composed, and cut to what a word may have. */
static void fold(struct text text, struct word *word)
{
	text = text_until(text, FOLDED_BYTES);
	while (text.length && !text_is_utf8(text))
		text.length--;
	enum { CODES = 4 * WORD_BYTES };
	static const utf8proc_option_t how =
		(utf8proc_option_t)(UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	utf8proc_int32_t codes[CODES];
	utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)text.at,
		(utf8proc_ssize_t)text.length, codes, CODES, how);
	if (count < 0 || count > CODES)
		return;
	count = utf8proc_normalize_utf32(codes, count, how);
	for (utf8proc_ssize_t i = 0; i < count; i++) {
		utf8proc_uint8_t bytes[4];
		size_t length = (size_t)utf8proc_encode_char(codes[i], bytes);
		if (word->length + length > WORD_BYTES)
			return;
		memcpy(word->bytes + word->length, bytes, length);
		word->length += length;
	}
}

static void fold_ascii(struct text text, struct word *word)
{
	word->length = text.length < WORD_BYTES ? text.length : WORD_BYTES;
	for (size_t i = 0; i < word->length; i++)
		word->bytes[i] = text_lower(text.at[i]);
}

/* The characters of the next word, or of its next part; empty at the end. */
static struct text run_next(struct text *rest, bool parts, bool *ascii_out)
{
	size_t from = 0;
	struct character here = {0};
	for (; from < rest->length; from += here.bytes) {
		here = character_at(*rest, from);
		if (here.is_word)
			break;
	}
	size_t at = from;
	bool after_upper = true;
	*ascii_out = true;
	while (at < rest->length) {
		here = character_at(*rest, at);
		if (!here.is_word || (parts && at > from && is_seam(*rest, at, after_upper, &here)))
			break;
		*ascii_out = *ascii_out && here.code < 0x80;
		after_upper = here.is_upper;
		at += here.bytes;
	}
	struct text run = text_until(text_from(*rest, from), at - from);
	*rest = text_from(*rest, at);
	return run;
}

/* The letters and digits of ASCII, small; 0 is in no word. */
static const char folded[256] = {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				 "0123456789\0\0\0\0\0\0"
				 "\0abcdefghijklmnopqrstuvwxyz\0\0\0\0\0"
				 "\0abcdefghijklmnopqrstuvwxyz\0\0\0\0\0"};

static char fold_at(struct text text, size_t at)
{
	return folded[(unsigned char)text.at[at]];
}

/* word_next without parts where all is ASCII, as nearly always; false, and nothing
 * taken, where not. */
static bool ascii_next(struct text *rest, struct word *word)
{
	const struct text text = *rest;
	size_t from = 0;
	unsigned different = 0;
	for (; from < text.length && !fold_at(text, from); from++) {
		if ((unsigned char)text.at[from] >= 0x80)
			return false;
	}
	size_t at = from;
	for (; at < text.length && fold_at(text, at); at++) {
		char small = fold_at(text, at);
		different |= (unsigned char)(small ^ text.at[at]);
		if (at - from < WORD_BYTES)
			word->bytes[at - from] = small;
	}
	if (at < text.length && (unsigned char)text.at[at] >= 0x80)
		return false;
	word->length = at - from < WORD_BYTES ? at - from : WORD_BYTES;
	word->may_have_parts = different != 0;
	*rest = text_from(text, at);
	return true;
}

static void next(struct text *rest, bool parts, struct word *word)
{
	word->length = 0;
	word->may_have_parts = true;
	while (word->length == 0) {
		bool ascii;
		struct text run = run_next(rest, parts, &ascii);
		if (run.length == 0)
			return;
		if (ascii)
			fold_ascii(run, word);
		else
			fold(run, word);
	}
}

bool word_next(struct text *rest, bool parts, struct word *word)
{
	if (parts || !ascii_next(rest, word))
		next(rest, parts, word);
	memset(word->bytes + word->length, 0, 8);
	return word->length > 0;
}

struct phrase phrase_of(struct arena *arena, struct text text)
{
	struct phrase phrase = {0};
	struct text rest = text;
	struct word word;
	size_t capacity = 0;
	bool at_star = false;
	while (word_next(&rest, false, &word)) {
		size_t wanted = memory_grown(capacity, phrase.count + 1);
		if (wanted != capacity)
			phrase.words = arena_grow(
				arena, phrase.words, phrase.count, wanted, sizeof *phrase.words);
		capacity = wanted;
		phrase.words[phrase.count++] =
			arena_copy(arena, (struct text){word.bytes, word.length});
		at_star = text_equal(rest, TEXT("*"));
	}
	phrase.prefix = at_star;
	return phrase;
}

static bool is_word_of(const struct phrase *phrase, size_t index, const struct word *word)
{
	struct text here = {word->bytes, word->length};
	return index + 1 == phrase->count && phrase->prefix
		       ? text_starts(here, phrase->words[index])
		       : text_equal(here, phrase->words[index]);
}

/* What follows the phrase's first word. */
static bool goes_on(const struct phrase *phrase, struct text rest, bool parts)
{
	struct word word;
	for (size_t i = 1; i < phrase->count; i++) {
		if (!word_next(&rest, parts, &word) || !is_word_of(phrase, i, &word))
			return false;
	}
	return true;
}

/* Whether the bytes of an ASCII word are somewhere in the text, in small or capital
 * letters: most texts have none, and are not cut into words then. What is beyond ASCII
 * folds otherwise, so that a text with any is not judged. */
static bool may_hold(struct text text, struct text word)
{
	for (size_t i = 0; i < text.length; i++) {
		if ((unsigned char)text.at[i] >= 0x80)
			return true;
		if (text_lower(text.at[i]) == word.at[0] &&
			text_equal_folded(text_until(text_from(text, i), word.length), word))
			return true;
	}
	return false;
}

static bool phrase_among(
	const struct phrase *phrase, struct text text, bool parts, bool *may_have_parts)
{
	struct word word;
	bool found = true;
	while (found) {
		found = word_next(&text, parts, &word);
		*may_have_parts = *may_have_parts || word.may_have_parts;
		if (found && is_word_of(phrase, 0, &word) && goes_on(phrase, text, parts))
			return true;
	}
	return false;
}

bool phrase_in(const struct phrase *phrase, struct text text)
{
	if (phrase->count == 0)
		return true;
	if (!may_hold(text, phrase->words[0]))
		return false;
	bool may_have_parts = false;
	return phrase_among(phrase, text, false, &may_have_parts) ||
	       (may_have_parts && phrase_among(phrase, text, true, &may_have_parts));
}

static bool ends_piece(char byte)
{
	return byte == '"' || text_find(TEXT(" \t\r\n"), byte) < 4;
}

/* The next piece of a query: up to a space or a quote, or what quotes hold. */
static enum status piece_next(struct text *rest, struct text *piece_out, struct error *err)
{
	*rest = text_trimmed(*rest);
	if (text_starts(*rest, TEXT("\""))) {
		*rest = text_from(*rest, 1);
		size_t end = text_find(*rest, '"');
		if (end == rest->length)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"query has a '\"' that does not end: '\"%.*s'", TEXT_ARG(*rest));
		*piece_out = text_until(*rest, end);
		*rest = text_from(*rest, end + 1);
		return STATUS_OK;
	}
	size_t end = 0;
	while (end < rest->length && !ends_piece(rest->at[end]))
		end++;
	*piece_out = text_until(*rest, end);
	*rest = text_from(*rest, end);
	return STATUS_OK;
}

enum status phrases_read(struct arena *arena, struct text query, struct phrase **phrases_out,
	size_t *count_out, struct error *err)
{
	struct phrase *phrases = NULL;
	size_t count = 0;
	size_t capacity = 0;
	struct text rest = text_trimmed(query);
	while (rest.length) {
		struct text piece;
		TRY(piece_next(&rest, &piece, err));
		struct phrase phrase = phrase_of(arena, piece);
		if (!phrase.count)
			continue;
		size_t wanted = memory_grown(capacity, count + 1);
		if (wanted != capacity)
			phrases = arena_grow(arena, phrases, count, wanted, sizeof *phrases);
		capacity = wanted;
		phrases[count++] = phrase;
	}
	if (!count && text_trimmed(query).length)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"query '%.*s' has no letter or digit to look for: leave it empty for all "
			"tables",
			TEXT_ARG(query));
	*phrases_out = phrases;
	*count_out = count;
	return STATUS_OK;
}
