#include "formats/json_key.h"

#include <math.h>

static int hex_of(char byte)
{
	if (json_is_digit(byte))
		return byte - '0';
	byte = text_lower(byte);
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The four hex digits at `at`, or -1. Stops at the sentinel. */
static int32_t unit_of(const char *at)
{
	int32_t unit = 0;
	for (int i = 0; i < 4; i++) {
		int digit = hex_of(at[i]);
		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static bool is_high_surrogate(int32_t unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low_surrogate(int32_t unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* `at` stands on a backslash; returns behind the escape. */
static char *escape_end(char *at, struct json_fault *fault)
{
	if (at[1] != 'u') {
		if (at[1] && strchr("\"\\/bfnrt", at[1]))
			return at + 2;
		return json_fail(fault, at, "a string has an unknown escape");
	}
	int32_t unit = unit_of(at + 2);
	if (unit < 0)
		return json_fail(fault, at, "a \\u escape has no four hex digits");
	if (is_low_surrogate(unit))
		return json_fail(fault, at, "a \\u escape is half of a surrogate pair");
	if (!is_high_surrogate(unit))
		return at + 6;
	if (at[6] != '\\' || at[7] != 'u' || !is_low_surrogate(unit_of(at + 8)))
		return json_fail(fault, at, "a \\u escape is half of a surrogate pair");
	return at + 12;
}

char *json_string_rest(char *stop, struct json_string *string, struct json_fault *fault)
{
	bool high = false;
	stop = json_string_stop(stop, &high);
	while (*stop != '"') {
		if (*stop != '\\')
			return json_fail(fault, stop,
				*stop == '\0' || *stop == '\n' || *stop == '\r'
					? "a string is not closed"
					: "a string holds a control character");
		string->escaped = true;
		stop = escape_end(stop, fault);
		if (!stop)
			return NULL;
		stop = json_string_stop(stop, &high);
	}
	string->length = (size_t)(stop - string->at);
	if (high && !text_is_utf8((struct text){string->at, string->length}))
		return json_fail(fault, string->at, "a string is not UTF-8");
	return stop + 1;
}

static size_t put_utf8(char *out, uint32_t point)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

/* Behind the checked escape at `at`; its bytes go to `out`. */
static const char *unescape_one(const char *at, char *out, size_t *length)
{
	static const char from[] = "bfnrt";
	static const char to[] = "\b\f\n\r\t";
	if (at[1] != 'u') {
		const char *found = strchr(from, at[1]);
		out[(*length)++] = found ? to[found - from] : at[1];
		return at + 2;
	}
	uint32_t point = (uint32_t)unit_of(at + 2);
	at += 6;
	if (is_high_surrogate((int32_t)point)) {
		point = 0x10000 + ((point - 0xd800) << 10) + ((uint32_t)unit_of(at + 2) - 0xdc00);
		at += 6;
	}
	*length += put_utf8(out + *length, point);
	return at;
}

size_t json_unescape(const struct json_string *string, char *out)
{
	size_t length = 0;
	const char *end = string->at + string->length;
	for (const char *at = string->at; at < end;) {
		if (*at == '\\')
			at = unescape_one(at, out, &length);
		else
			out[length++] = *at++;
	}
	return length;
}

char *json_number_rest(char *at, struct json_number *number, struct json_fault *fault)
{
	number->integer = false;
	if (*at == '.') {
		at++;
		if (!json_is_digit(*at))
			return json_fail(fault, at, "a digit is missing after '.'");
		while (json_is_digit(*at))
			at++;
	}
	if (*at == 'e' || *at == 'E') {
		at++;
		if (*at == '+' || *at == '-')
			at++;
		if (!json_is_digit(*at))
			return json_fail(fault, at, "a number has no exponent after 'e'");
		while (json_is_digit(*at))
			at++;
	}
	number->length = (size_t)(at - number->at);
	return at;
}

/* Exact when both the digits and the power of ten are exact doubles (Clinger 1990,
 * "How to read floating point numbers accurately"), which most data is. */
static bool double_fast(const struct json_number *number, double *value_out)
{
	static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
		1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	const char *at = number->at + number->negative;
	const char *end = number->at + number->length;
	uint64_t magnitude = 0;
	int scale = 0;
	bool fraction = false;
	if (end - at > 18)
		return false;
	for (; at < end; at++) {
		if (*at == '.') {
			fraction = true;
			continue;
		}
		if (!json_is_digit(*at))
			return false;
		magnitude = magnitude * 10 + (uint64_t)(*at - '0');
		scale += fraction;
	}
	if (magnitude > UINT64_C(1) << 53)
		return false;
	double value = (double)magnitude / powers[scale];
	*value_out = number->negative ? -value : value;
	return true;
}

bool json_number_double(const struct json_number *number, double *value_out)
{
	if (double_fast(number, value_out))
		return true;
	struct text text = {number->at, number->length};
	return text_double(text, value_out) == text.length && isfinite(*value_out);
}

bool json_key_fold(const struct json_string *key, char name[static LIMIT_NAME_BYTES + 1],
	struct text *name_out)
{
	if (key->length > LIMIT_NAME_BYTES)
		return false;
	size_t length = key->length;
	if (key->escaped)
		length = json_unescape(key, name);
	else if (length)
		memcpy(name, key->at, length);
	for (size_t i = 0; i < length; i++)
		name[i] = text_lower(name[i]);
	if (length == 0)
		name[length++] = '_';
	*name_out = (struct text){name, length};
	return true;
}

static char *skip_object(char *at, unsigned depth, struct json_fault *fault)
{
	at = json_space(at + 1);
	if (*at == '}')
		return at + 1;
	for (;;) {
		struct json_string key;
		at = json_member(at, &key, fault);
		if (!at)
			return NULL;
		at = json_skip(at, depth + 1, fault);
		if (!at)
			return NULL;
		at = json_space(at);
		if (*at == '}')
			return at + 1;
		if (*at != ',')
			return json_fail(fault, at, "an object is not closed");
		at = json_space(at + 1);
	}
}

static char *skip_array(char *at, unsigned depth, struct json_fault *fault)
{
	at = json_space(at + 1);
	if (*at == ']')
		return at + 1;
	for (;;) {
		at = json_skip(at, depth + 1, fault);
		if (!at)
			return NULL;
		at = json_space(at);
		if (*at == ']')
			return at + 1;
		if (*at != ',')
			return json_fail(fault, at, "an array is not closed");
		at = json_space(at + 1);
	}
}

static char *skip_number(char *at, struct json_fault *fault)
{
	struct json_short quick;
	struct json_number number;
	char *after = json_number_short(at, &quick);
	return after ? after : json_number(at, &number, fault);
}

char *json_skip(char *at, unsigned depth, struct json_fault *fault)
{
	struct json_string string;
	if (*at == '"')
		return json_string(at, &string, fault);
	if (*at == '-' || json_is_digit(*at))
		return skip_number(at, fault);
	switch (*at) {
	case '{':
	case '[':
		if (depth >= JSON_DEPTH)
			return json_fail(fault, at, "a record nests deeper than 62 levels");
		return *at == '{' ? skip_object(at, depth, fault) : skip_array(at, depth, fault);
	case 't':
	case 'f':
	case 'n':
		return json_word(at, fault);
	default:
		return json_fail(fault, at, "a value is missing");
	}
}
