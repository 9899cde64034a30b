#pragma once

#include "schema/type.h"

/* Scalar values as text, one rule for crawler, reader and partition keys.
 * Each returns false when the whole text is not one such value. */
bool value_is_boolean(struct text text, bool *value_out); /* true/false in any letters */
bool value_date(struct text text, int32_t *days_out); /* yyyy-MM-dd, a real day */
/* yyyy-MM-dd[ T]HH:mm:ss[.f{1,9}][Z|±hh:mm]: microseconds UTC; digits past six are cut. */
bool value_timestamp(struct text text, int64_t *micros_out);

/* The value in bytes that sort (memcmp) as the values do, for keys of an ordered
 * store: typed, self-delimiting, null first (an empty or
 * __HIVE_DEFAULT_PARTITION__ text is null for every type but string, char, varchar
 * and binary). A date is a timestamp too. "01" and "1" are one int.
 * INVALID_ARGUMENT when `text` is not a value of `type`. */
struct buffer;
enum status value_encode(
	const struct type *type, struct text text, struct buffer *out, struct error *err) MUST_USE;
/* The canonical text back from the front of `encoded`; advances past it. Null is
 * __HIVE_DEFAULT_PARTITION__. DATA_LOSS when the bytes are not such a value. */
enum status value_decode(struct arena *arena, const struct type *type, struct text *encoded,
	struct text *text_out, struct error *err) MUST_USE;
/* One value off the front of `encoded`, still encoded; false when it is damaged. */
bool value_take(const struct type *type, struct text *encoded, struct text *value_out);
