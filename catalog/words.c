#include "catalog/words.h"

#include "base/memory.h"

static bool is_letter(char byte)
{
	unsigned char low = (unsigned char)text_lower(byte);
	return low >= 0x80 || (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9');
}

bool word_next(struct text *rest, struct word *word)
{
	size_t at = 0;
	while (at < rest->length && !is_letter(rest->at[at]))
		at++;
	word->length = 0;
	for (; at < rest->length && is_letter(rest->at[at]); at++) {
		if (word->length < WORD_BYTES)
			word->bytes[word->length++] = text_lower(rest->at[at]);
	}
	*rest = text_from(*rest, at);
	return word->length > 0;
}

struct phrase phrase_of(struct arena *arena, struct text text)
{
	struct phrase phrase = {0};
	struct text rest = text;
	struct word word;
	size_t capacity = 0;
	while (word_next(&rest, &word)) {
		size_t wanted = memory_grown(capacity, phrase.count + 1);
		if (wanted != capacity)
			phrase.words = arena_grow(
				arena, phrase.words, phrase.count, wanted, sizeof *phrase.words);
		capacity = wanted;
		phrase.words[phrase.count++] =
			arena_copy(arena, (struct text){word.bytes, word.length});
	}
	phrase.prefix = phrase.count && text.length >= 2 && text_ends(text, TEXT("*")) &&
			is_letter(text.at[text.length - 2]);
	return phrase;
}

static bool begins(const struct phrase *phrase, struct text rest)
{
	struct word word;
	for (size_t i = 0; i < phrase->count; i++) {
		if (!word_next(&rest, &word))
			return false;
		struct text here = {word.bytes, word.length};
		bool last = i + 1 == phrase->count;
		bool same = last && phrase->prefix ? text_starts(here, phrase->words[i])
						   : text_equal(here, phrase->words[i]);
		if (!same)
			return false;
	}
	return true;
}

bool phrase_in(const struct phrase *phrase, struct text text)
{
	struct word word;
	do {
		if (begins(phrase, text))
			return true;
	} while (word_next(&text, &word));
	return false;
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
	while (end < rest->length && !memchr(" \t\r\n\"", rest->at[end], 5))
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
