#include "formats/encoding.h"

#include <string.h>

enum { REPLACEMENT = 0xfffd };

static char *put(char *to, uint32_t code)
{
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
		*to++ = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		*to++ = (char)(0xe0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code & 0x3f));
	} else {
		*to++ = (char)(0xf0 | code >> 18);
		*to++ = (char)(0x80 | (code >> 12 & 0x3f));
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code & 0x3f));
	}
	return to;
}

/* Windows-1252's bytes 80..9f; the five it leaves open stay what they are. */
static const uint16_t windows_1252[32] = {0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020,
	0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018, 0x2019,
	0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e,
	0x178};

static void decode_latin_1(struct text *from, bool last, char **to, char *to_end)
{
	(void)last;
	char *at = *to;
	size_t i = 0;
	for (; i < from->length && to_end - at >= ENCODING_CHARACTER_MAX; i++) {
		unsigned char byte = (unsigned char)from->at[i];
		if (byte < 0x80)
			*at++ = (char)byte;
		else
			at = put(at, byte < 0xa0 ? windows_1252[byte - 0x80] : byte);
	}
	*from = text_from(*from, i);
	*to = at;
}

static uint32_t unit_at(const char *bytes, bool big)
{
	uint32_t first = (unsigned char)bytes[0];
	uint32_t second = (unsigned char)bytes[1];
	return big ? first << 8 | second : second << 8 | first;
}

static bool is_high(uint32_t unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(uint32_t unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* The Unicode Standard, section 3.9: a surrogate without its partner is ill-formed. */
static void decode_utf_16(struct text *from, bool last, char **to, char *to_end, bool big)
{
	char *at = *to;
	size_t i = 0;
	while (i < from->length && to_end - at >= ENCODING_CHARACTER_MAX) {
		size_t left = from->length - i;
		if (left < 2 && !last)
			break;
		uint32_t code = left < 2 ? REPLACEMENT : unit_at(from->at + i, big);
		size_t used = left < 2 ? left : 2;
		if (is_high(code)) {
			if (left < 4 && !last)
				break;
			uint32_t low = left < 4 ? 0 : unit_at(from->at + i + 2, big);
			used = is_low(low) ? 4 : 2;
			code = is_low(low) ? 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff)
					   : REPLACEMENT;
		} else if (is_low(code)) {
			code = REPLACEMENT;
		}
		at = put(at, code);
		i += used;
	}
	*from = text_from(*from, i);
	*to = at;
}

static void decode_utf_16le(struct text *from, bool last, char **to, char *to_end)
{
	decode_utf_16(from, last, to, to_end, false);
}

static void decode_utf_16be(struct text *from, bool last, char **to, char *to_end)
{
	decode_utf_16(from, last, to, to_end, true);
}

static const struct encoding encodings[] = {
	{"utf-8", NULL},
	{"utf-16le", decode_utf_16le},
	{"utf-16be", decode_utf_16be},
	{"latin-1", decode_latin_1},
};

const struct encoding *encoding_find(const char *name)
{
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
		if (strcmp(encodings[i].name, name) == 0)
			return &encodings[i];
	}
	return NULL;
}

/* UTF-16 without a mark: mostly ASCII, so that nearly every second byte is zero. */
static const char *by_zeros(struct text head)
{
	size_t zeros[2] = {0, 0};
	for (size_t i = 0; i < head.length; i++)
		zeros[i % 2] += head.at[i] == 0;
	size_t pairs = head.length / 2;
	if (pairs < 2)
		return NULL;
	if (zeros[1] * 10 >= pairs * 4 && zeros[0] * 20 <= pairs)
		return "utf-16le";
	if (zeros[0] * 10 >= pairs * 4 && zeros[1] * 20 <= pairs)
		return "utf-16be";
	return NULL;
}

/* How long the well-formed character at the front is; 0 when it is not one. */
static size_t character_length(struct text text)
{
	for (size_t length = 1; length <= ENCODING_CHARACTER_MAX && length <= text.length;
		length++) {
		if (text_is_utf8(text_until(text, length)))
			return length;
	}
	return 0;
}

/* Not all of it is UTF-8: a damaged UTF-8 text still has more whole characters
 * than broken ones; in Latin-1 a whole one is an accident. */
static const char *by_majority(struct text head, bool whole)
{
	size_t good = 0;
	size_t bad = 0;
	for (size_t i = 0; i < head.length;) {
		if ((unsigned char)head.at[i] < 0x80) {
			i++;
			continue;
		}
		if (!whole && head.length - i < ENCODING_CHARACTER_MAX)
			break;
		size_t length = character_length(text_from(head, i));
		good += length != 0;
		bad += length == 0;
		i += length ? length : 1;
	}
	return bad > good ? "latin-1" : "utf-8";
}

const char *encoding_detect(struct text head, bool whole)
{
	if (text_starts(head, TEXT("\xff\xfe")))
		return "utf-16le";
	if (text_starts(head, TEXT("\xfe\xff")))
		return "utf-16be";
	if (text_starts(head, TEXT("\xef\xbb\xbf")))
		return "utf-8";
	const char *wide = by_zeros(head);
	if (wide)
		return wide;
	if (text_is_utf8(head))
		return "utf-8";
	return by_majority(head, whole);
}
