#pragma once

#include "base/text.h"

/* What one field's text is, exactly. Integers have at most 18 digits, no '+' and no
 * leading zero ("007" and "+49…" are texts), fractions no needless leading zero;
 * dates and timestamps as schema/value.h says. A decimal comma is one only where the
 * file's delimiter is another byte. */
enum csv_kind {
	CSV_BLANK, /* nothing between quotes, or only spaces: '' for a text, null for others */
	CSV_BOOLEAN,
	CSV_LONG53,
	CSV_BIGINT,
	CSV_DOUBLE,
	CSV_DOUBLE_COMMA,
	CSV_DATE,
	CSV_TIMESTAMP,
	CSV_STRING,
	CSV_KINDS_,
};

/* At least CSV_VALUE_PADDING bytes behind the text must be readable. */
enum { CSV_VALUE_PADDING = 32 };
enum csv_kind csv_kind_of(struct text text, bool comma);

/* Values as a reader takes them: every text that csv_kind_of calls so, and what a
 * table's owner can only have meant ("007" for a bigint). False when it is none. */
bool csv_integer(struct text text, int64_t *value_out);
bool csv_double(struct text text, bool comma, double *value_out);
bool csv_date(struct text text, int32_t *days_out);
bool csv_timestamp(struct text text, int64_t *micros_out);
/* Exact: digits past `scale` must be zeros. */
bool csv_decimal(struct text text, unsigned precision, unsigned scale, __int128 *unscaled_out);

/* Without the spaces and tabs around it. */
static inline struct text csv_trimmed(struct text text)
{
	while (text.length && (text.at[0] == ' ' || text.at[0] == '\t'))
		text = (struct text){text.at + 1, text.length - 1};
	while (text.length && (text.at[text.length - 1] == ' ' || text.at[text.length - 1] == '\t'))
		text.length--;
	return text;
}
