#include "base/buffer.h"
#include "schema/predicate.h"
#include "schema/value.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* An expression is refused, or gives one answer for any partition. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	OWNED(arena) arena = arena_new();
	struct error err;
	const struct predicate *predicate;
	const struct column keys[] = {
		{.name = TEXT("a"), .type = type_simple(TYPE_STRING)},
		{.name = TEXT("b"), .type = type_simple(TYPE_INT)},
		{.name = TEXT("c"), .type = type_decimal(arena, 10, 3)},
		{.name = TEXT("d"), .type = type_simple(TYPE_DATE)},
		{.name = TEXT("e"), .type = type_simple(TYPE_TIMESTAMP)},
	};
	struct text text = {(const char *)bytes, length};
	if (predicate_parse(arena, text, keys, 5, &predicate, &err) != STATUS_OK)
		return 0;
	struct text values[5] = {
		text_until(text, 9), TEXT("12"), TEXT("1.5"), TEXT("2020-02-29"), TEXT("")};
	bool matches;
	if (predicate_matches(predicate, values, &matches, &err) != STATUS_OK)
		abort();
	/* What matches is inside of the spans of each key. */
	const struct text nothing[5] = {{0}};
	for (size_t key = 0; key < 5 && matches; key++) {
		struct predicate_span *spans;
		size_t count;
		bool inside = false;
		struct buffer SCOPED_BUFFER value = {0};
		buffer_init(&value, 1024);
		if (predicate_spans(predicate, key, nothing, arena, &spans, &count, &err) !=
				STATUS_OK ||
			value_encode(keys[key].type, values[key], &value, &err) != STATUS_OK)
			abort();
		for (size_t i = 0; i < count; i++)
			inside |= text_compare(buffer_text(&value), spans[i].from) >= 0 &&
				  text_compare(buffer_text(&value), spans[i].until) < 0;
		if (!inside)
			abort();
	}
	return 0;
}
