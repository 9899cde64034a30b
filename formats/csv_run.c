#include "formats/csv_run.h"

#include "formats/csv_shape.h"
#include "formats/csv_tally.h"

/* Lengths are compared with all flags but CSV_QUOTED in them, so that escaped and
 * missing fields are too long for any loop. */

enum { INTEGER_BYTES = 15, DOUBLE_BYTES = 32 };

static inline struct text text_at(const char *bytes, struct csv_field field)
{
	return (struct text){bytes + field.at, field.length & ~CSV_QUOTED};
}

/* At most 15 bytes are within 53 bits. */
static inline bool is_integer(struct text text)
{
	if (text.length - 1 >= INTEGER_BYTES)
		return false;
	uint32_t negative = text.at[0] == '-';
	uint32_t others = ~window_digits_16(text.at) & ((1u << text.length) - 1) & ~negative;
	if (others != 0 || text.length == negative)
		return false;
	return text.at[negative] != '0' || text.length == negative + 1;
}

static inline bool is_double(struct text text)
{
	if (text.length - 2 >= DOUBLE_BYTES - 1)
		return false;
	uint64_t digits = window_digits_16(text.at);
	if (text.length > 16)
		digits |= (uint64_t)window_digits_16(text.at + 16) << 16;
	bool negative = text.at[0] == '-';
	uint64_t others = ~digits & ((UINT64_C(1) << text.length) - 1) & ~(uint64_t)negative;
	if (others == 0 || (others & (others - 1)) != 0)
		return false;
	return text.at[__builtin_ctzll(others)] == '.' && text.length > 1u + negative &&
	       !has_needless_zero(text);
}

static inline bool is_date(struct text text)
{
	return text.length == 10 && has_date_shape(text.at) && is_day(text.at);
}

/* "true" and "false" in any case, and what begins so. */
static inline bool begins_boolean(const char *at)
{
	uint32_t word, yes, no;
	memcpy(&word, at, sizeof word);
	memcpy(&yes, "true", sizeof yes);
	memcpy(&no, "fals", sizeof no);
	word |= UINT32_C(0x20202020);
	return word == yes || word == no;
}

static inline bool is_string(struct text text, bool quoted)
{
	if (text.length - 1 >= CSV_LENGTH)
		return false;
	char first = text.at[0];
	char last = text.at[text.length - 1];
	switch (csv_firsts[(unsigned char)first]) {
	case CSV_FIRST_OTHER:
		/* None of the tokens that begin so has one byte, but for the last. */
		return text.length > CSV_TOKEN_BYTES_MAX || quoted ||
		       (first != 'N' && first != 'n' && first != '\\' && first != '#' &&
			       first != '?') ||
		       (text.length == 1 && first != '?');
	case CSV_FIRST_WORD:
		return last != ' ' && last != '\t' && (text.length < 4 || !begins_boolean(text.at));
	default:
		return false;
	}
}

#define RUN(test)                                                     \
	do {                                                          \
		for (; i < count; i++) {                              \
			struct text text = text_at(bytes, fields[i]); \
			if (!(test))                                  \
				break;                                \
		}                                                     \
	} while (0)

size_t csv_run(enum csv_kind kind, const char *bytes, const struct csv_field *fields, size_t count)
{
	size_t i = 0;
	switch (kind) {
	case CSV_LONG53:
		RUN(is_integer(text));
		break;
	case CSV_DOUBLE:
		RUN(is_double(text));
		break;
	case CSV_DATE:
		RUN(is_date(text));
		break;
	case CSV_TIMESTAMP:
		RUN(has_plain_timestamp(text));
		break;
	case CSV_STRING:
		RUN(is_string(text, fields[i].length & CSV_QUOTED));
		break;
	case CSV_BLANK:
	case CSV_BOOLEAN:
	case CSV_BIGINT:
	case CSV_DOUBLE_COMMA:
	case CSV_KINDS_:
		break;
	}
	return i;
}
