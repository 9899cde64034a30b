#include "catalog/partition_range.h"

#include "base/limits.h"
#include "catalog/key.h"
#include "schema/value.h"

/* False when `text` is no value of the key: it narrows nothing then. */
static bool value_add(struct buffer *key, const struct column *column, struct text text)
{
	struct error ignored;
	size_t length = key->length;
	if (value_encode(column->type, text, key, &ignored) == STATUS_OK)
		return true;
	key->length = length;
	return false;
}

/* The scan begins behind a key, so an inclusive bound becomes a key before it. Past
 * the last smaller byte 0xFF leaves nearly nothing in between. */
static void step_before(struct buffer *key)
{
	unsigned char last = (unsigned char)key->at[--key->length];
	if (last == 0)
		return;
	buffer_add_byte(key, (char)(last - 1));
	buffer_add_byte(key, (char)0xFF);
}

/* Behind every key that goes on from this value with another one, whose tag is no
 * 0xFF. What this lets through is judged like everything else. */
static void step_behind(struct buffer *key)
{
	buffer_add_byte(key, (char)0xFF);
}

static enum status bound_add(struct partition_range *range, const struct column *column,
	const struct predicate_range *bounds, struct error *err)
{
	if (bounds->has_lower) {
		buffer_add_text(&range->after, buffer_text(&range->prefix));
		if (!value_add(&range->after, column, bounds->lower))
			range->after.length = 0;
		else if (bounds->lower_exclusive)
			step_behind(&range->after);
		else
			step_before(&range->after);
	}
	if (bounds->has_upper) {
		buffer_add_text(&range->until, buffer_text(&range->prefix));
		if (!value_add(&range->until, column, bounds->upper))
			range->until.length = 0;
		range->until_inclusive = !bounds->upper_exclusive;
	}
	TRY(buffer_check(&range->after, "the expression's values", err));
	return buffer_check(&range->until, "the expression's values", err);
}

enum status partition_range_of(struct partition_range *range, uint64_t table,
	const struct schema *schema, const struct predicate *predicate, struct error *err)
{
	key_init(&range->prefix);
	key_init(&range->after);
	key_init(&range->until);
	range->until_inclusive = false;
	key_add_u64(&range->prefix, table);
	if (!predicate)
		return STATUS_OK;
	struct text values[LIMIT_PARTITION_KEYS];
	size_t fixed = predicate_prefix(predicate, values);
	size_t i = 0;
	while (i < fixed && value_add(&range->prefix, &schema->keys[i], values[i]))
		i++;
	TRY(buffer_check(&range->prefix, "the expression's values", err));
	struct predicate_range bounds;
	if (i == schema->key_count || !predicate_range(predicate, i, &bounds))
		return STATUS_OK;
	return bound_add(range, &schema->keys[i], &bounds, err);
}

void partition_range_done(struct partition_range *range)
{
	buffer_done(&range->prefix);
	buffer_done(&range->after);
	buffer_done(&range->until);
}

bool partition_range_past(const struct partition_range *range, struct text key)
{
	struct text until = buffer_text(&range->until);
	if (until.length == 0 || text_compare(key, until) < 0)
		return false;
	return !range->until_inclusive || !text_starts(key, until);
}
