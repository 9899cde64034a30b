#pragma once

#include "base/text.h"
#include "formats/window.h"

#include <stdbool.h>
#include <stdint.h>

/* JSON's grammar (RFC 8259) in place, over text that ends in a NUL sentinel and
 * is followed by BLOCK_PADDING readable bytes. NUL is no JSON outside strings
 * and ends none inside, so nothing needs the end. Strict: no NaN, no comments,
 * no trailing comma; a string is well-formed UTF-8 and its \u surrogates pair. */

/* Why parsing stopped; `reason` is static text. */
struct json_fault {
	const char *reason;
	const char *at;
};

static inline char *json_fail(struct json_fault *fault, const char *at, const char *reason)
{
	*fault = (struct json_fault){reason, at};
	return NULL;
}

struct json_string {
	char *at; /* behind the opening quote */
	size_t length; /* as written */
	bool escaped; /* holds escapes: see json_unescape */
};

struct json_number {
	const char *at;
	size_t length;
	uint64_t magnitude; /* of an integer of up to 19 digits */
	unsigned digits; /* of an integer, leading zeros there are none */
	bool negative;
	bool integer; /* no fraction, no exponent */
};

/* How deep records may nest, so that a row's type stays within LIMIT_TYPE_DEPTH. */
enum { JSON_DEPTH = 62 };

static inline char *json_space(char *at)
{
	while (__builtin_expect((unsigned char)*at <= ' ', 0) &&
		(*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
		at++;
	return at;
}

/* From behind a value to its ',' and over it, and then `*more_out` is true; or to what
 * stands there instead, which should be the closing bracket. */
static inline char *json_after(char *at, bool *more_out)
{
	if (__builtin_expect(*at != ',', 0))
		at = json_space(at);
	*more_out = *at == ',';
	return *more_out ? json_space(at + 1) : at;
}

/* The first quote, backslash or control character at or after `at`; `high_out`
 * is set when a byte above 127 stands before it. */
static inline char *json_string_stop(char *at, bool *high_out)
{
#if defined(__SSE2__)
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i backslash = _mm_set1_epi8('\\');
	const __m128i control = _mm_set1_epi8(0x1f);
	for (;; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		__m128i stops = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
						     _mm_cmpeq_epi8(bytes, backslash)),
			_mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
		unsigned stop = (unsigned)_mm_movemask_epi8(stops);
		unsigned high = (unsigned)_mm_movemask_epi8(bytes);
		if (stop) {
			*high_out |= (high & (stop ^ (stop - 1))) != 0;
			return at + __builtin_ctz(stop);
		}
		*high_out |= high != 0;
	}
#else
	for (;; at++) {
		unsigned char byte = (unsigned char)*at;
		if (byte == '"' || byte == '\\' || byte < 0x20)
			return at;
		*high_out |= byte >= 0x80;
	}
#endif
}

/* The same, but also at the first byte above 127: where plain text ends. */
static inline char *json_plain_stop(char *at)
{
#if defined(__SSE2__)
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i backslash = _mm_set1_epi8('\\');
	const __m128i space = _mm_set1_epi8(' ');
	for (;; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		/* Signed: what is above 127 is below the space, too. */
		__m128i stops = _mm_or_si128(
			_mm_cmpgt_epi8(space, bytes), _mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
							      _mm_cmpeq_epi8(bytes, backslash)));
		unsigned stop = (unsigned)_mm_movemask_epi8(stops);
		if (stop)
			return at + __builtin_ctz(stop);
	}
#else
	while (*at != '"' && *at != '\\' && (signed char)*at >= 0x20)
		at++;
	return at;
#endif
}

/* The rest of a string whose plain start ended at `stop`. */
char *json_string_rest(char *stop, struct json_string *string, struct json_fault *fault);

/* `at` stands on the opening quote; returns behind the closing one, or NULL. */
static inline char *json_string(char *at, struct json_string *string, struct json_fault *fault)
{
	char *stop = json_plain_stop(at + 1);
	*string = (struct json_string){.at = at + 1, .length = (size_t)(stop - at - 1)};
	if (__builtin_expect(*stop == '"', 1))
		return stop + 1;
	return json_string_rest(stop, string, fault);
}

/* From a member's key to its value: past the key, the colon, and the space about it. */
static inline char *json_member(char *at, struct json_string *key, struct json_fault *fault)
{
	if (*at != '"')
		return json_fail(fault, at, "a key is missing");
	at = json_string(at, key, fault);
	if (!at)
		return NULL;
	at = json_space(at);
	if (*at != ':')
		return json_fail(fault, at, "':' is missing after a key");
	return json_space(at + 1);
}

/* The string's value at `out`, which may be its own place: never longer than as
 * written. Returns its length. */
size_t json_unescape(const struct json_string *string, char *out);

/* The fraction and exponent of a number whose integer part ended at `at`. */
char *json_number_rest(char *at, struct json_number *number, struct json_fault *fault);

static inline bool json_is_digit(char byte)
{
	return (unsigned char)(byte - '0') < 10;
}

/* `at` stands on '-' or a digit; returns behind the number, or NULL. */
static inline char *json_number(char *at, struct json_number *number, struct json_fault *fault)
{
	*number = (struct json_number){.at = at, .integer = true};
	if (*at == '-') {
		number->negative = true;
		at++;
	}
	char *digits = at;
	uint64_t magnitude = 0;
	while (json_is_digit(*at)) /* wraps past 19 digits, where nobody reads it */
		magnitude = magnitude * 10 + (uint64_t)(*at++ - '0');
	number->digits = (unsigned)(at - digits);
	number->magnitude = magnitude;
	if (number->digits == 0)
		return json_fail(fault, at, "a digit is missing after '-'");
	if (*digits == '0' && number->digits > 1)
		return json_fail(fault, digits, "a number has a leading zero");
	if (__builtin_expect(*at == '.' || *at == 'e' || *at == 'E', 0))
		return json_number_rest(at, number, fault);
	number->length = (size_t)(at - number->at);
	return at;
}

/* `at` stands on 't', 'f' or 'n'; returns behind the word, or NULL. */
static inline char *json_word(char *at, struct json_fault *fault)
{
	if (memcmp(at, "true", 4) == 0 || memcmp(at, "null", 4) == 0)
		return at + 4;
	if (memcmp(at, "false", 5) == 0)
		return at + 5;
	return json_fail(fault, at, "a word is neither true, false nor null");
}

/* What a value is. */
enum json_kind {
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_INT, /* 32 bits */
	JSON_LONG53, /* within ±2^53 */
	JSON_BIGINT, /* 64 bits */
	JSON_DECIMAL, /* an integer of up to 38 digits that 64 bits do not hold */
	JSON_DOUBLE, /* with a fraction or exponent, or an integer of more digits */
	JSON_STRING,
	JSON_LIST,
	JSON_OBJECT,
	JSON_KINDS_,
};

enum { JSON_DIGITS_LEAST = 19, JSON_DIGITS_MOST = 38 }; /* of JSON_DECIMAL */

static inline enum json_kind json_number_kind(const struct json_number *number)
{
	uint64_t sign = number->negative;
	if (!number->integer)
		return JSON_DOUBLE;
	if (number->digits > JSON_DIGITS_LEAST)
		return number->digits <= JSON_DIGITS_MOST ? JSON_DECIMAL : JSON_DOUBLE;
	if (number->magnitude <= (uint64_t)INT32_MAX + sign)
		return JSON_INT;
	if (number->magnitude <= UINT64_C(1) << 53)
		return JSON_LONG53;
	return number->magnitude <= (uint64_t)INT64_MAX + sign ? JSON_BIGINT : JSON_DECIMAL;
}

/* What shows in the first 16 bytes of most numbers. */
struct json_short {
	enum json_kind kind;
	const char *digits;
	unsigned whole, fraction; /* how many digits before and behind the point */
};

/* The number at `at`, without its value; returns behind it, or NULL when it does not
 * show or when it is none: json_number tells. Branches do not depend on its length,
 * which nobody can predict. */
static inline char *json_number_short(char *at, struct json_short *number)
{
	char *digits = at + (*at == '-');
	uint32_t others = ~window_digits_16(digits);
	unsigned whole = (unsigned)__builtin_ctz(others);
	if (whole == 0 || ((*digits == '0') & (whole > 1)))
		return NULL;
	unsigned end = whole;
	*number = (struct json_short){.kind = JSON_INT, .digits = digits, .whole = whole};
	if (digits[whole] == '.') {
		end = (unsigned)__builtin_ctz(others & (others - 1));
		if (end == whole + 1 || end >= 16)
			return NULL;
		number->kind = JSON_DOUBLE;
		number->fraction = end - whole - 1;
	} else if (whole >= 10) {
		if (whole == 10 || whole == 16)
			return NULL;
		number->kind = JSON_LONG53;
	}
	return (digits[end] | 0x20) == 'e' ? NULL : digits + end;
}

/* The value of 1 to 8 digits; eight bytes are read. */
static inline uint64_t json_digits_8(const char *at, unsigned count)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	/* The digits to the end, zeros before them; then pairs, fours, all eight. */
	word = (word & UINT64_C(0x0f0f0f0f0f0f0f0f)) << (64 - 8 * count);
	word = (word * 10 + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	word = (word * 100 + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
	return (word * 10000 + (word >> 32)) & UINT64_C(0xffffffff);
}

/* Of 1 to 16 digits. */
static inline uint64_t json_digits(const char *at, unsigned count)
{
	if (count <= 8)
		return json_digits_8(at, count);
	return json_digits_8(at, count - 8) * 100000000 + json_digits_8(at + count - 8, 8);
}

/* The nearest double to a short number without its sign: both parts of the quotient
 * are exact (Clinger 1990, "How to read floating point numbers accurately"). */
static inline double json_short_double(const struct json_short *number)
{
	static const uint64_t powers[16] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
		100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000,
		100000000000000, 1000000000000000};
	uint64_t value = json_digits(number->digits, number->whole);
	if (number->fraction == 0)
		return (double)value;
	uint64_t power = powers[number->fraction];
	value = value * power + json_digits(number->digits + number->whole + 1, number->fraction);
	return (double)value / (double)power;
}

/* The nearest double; false when it is beyond any. */
bool json_number_double(const struct json_number *number, double *value_out);

/* Behind the value that starts at `at` (no space before it), checked and not
 * looked at; NULL when it is not one. `depth` is how deep it stands. */
char *json_skip(char *at, unsigned depth, struct json_fault *fault);
