#pragma once

#include "registry/registry.h"
#include "schema/notation.h"

#include <stdlib.h>

/* Two definitions with 0x1E between them, or one: what parses has a canonical text that
 * is its own, reads itself, and has columns whose types parse; two are compared both ways
 * without end or contradiction. */

static inline void registry_fuzz_one(
	struct arena *arena, const struct definition *definition, Tenon__V1__DataFormat format)
{
	const struct definition *again;
	struct obstacles obstacles = {0};
	struct schema schema;
	struct error err;
	bool reads;
	struct text canonical = definition_canonical(arena, definition);
	if (canonical.length <= LIMIT_DEFINITION_BYTES) {
		if (definition_parse(arena, format, canonical, &again, &err) != STATUS_OK)
			abort();
		if (!text_equal(definition_canonical(arena, again), canonical))
			abort();
	}
	if (definition_reads(arena, definition, definition, true, &obstacles, &reads, &err) ==
			STATUS_OK &&
		!reads)
		abort();
	definition_columns(arena, definition, &schema);
	for (size_t i = 0; i < schema.column_count && i < 100; i++) {
		const struct type *type;
		const char *text = type_text(arena, schema.columns[i].type);
		if (type_parse(arena, text_of(text), &type, &err) == STATUS_INVALID_ARGUMENT)
			abort();
	}
}

static inline int registry_fuzz(Tenon__V1__DataFormat format, const uint8_t *bytes, size_t length)
{
	OWNED(arena) arena = arena_new();
	struct text both = {(const char *)bytes, length};
	size_t middle = text_find(both, 0x1E);
	const struct definition *left;
	const struct definition *right;
	struct obstacles obstacles = {0};
	struct error err;
	bool reads = false;
	if (definition_parse(arena, format, text_until(both, middle), &left, &err) != STATUS_OK)
		return 0;
	registry_fuzz_one(arena, left, format);
	if (middle == length || definition_parse(arena, format, text_from(both, middle + 1), &right,
					&err) != STATUS_OK)
		return 0;
	if (definition_reads(arena, left, right, true, &obstacles, &reads, &err) == STATUS_OK &&
		reads != (obstacles.count == 0))
		abort();
	obstacles = (struct obstacles){0};
	if (definition_reads(arena, right, left, false, &obstacles, &reads, &err) == STATUS_OK &&
		reads != (obstacles.count == 0))
		abort();
	return 0;
}
