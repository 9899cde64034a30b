#pragma once

#include "schema/type.h"

/* A column of values in memory, owned by whoever hands it to a reader to fill
 * (the engine: its own vectors, so that nothing is copied). One batch is at most
 * VECTOR_ROWS rows. Layouts, by kind:
 *
 *   boolean uint8_t · tinyint int8_t … bigint, bigint53 int64_t · float · double
 *   date int32_t days · timestamp int64_t microseconds UTC
 *   decimal(p ≤ 18) int64_t, else __int128, unscaled
 *   string, char, varchar, binary: struct vector_string
 *   array: struct vector_list per row, elements in children[0]
 *   map: struct vector_list per row, children[0] keys, children[1] values
 *   struct: one child per field in order
 *   choice: a tagged text: children[0] uint8_t index of the arm in type->arms,
 *           children[1] struct vector_string, the value's text: numbers and booleans
 *           as written, strings raw, arrays and structs as JSON
 *
 * `validity` has one bit per row, low bit first, 1 = not null; all ones at the start. */
enum { VECTOR_ROWS = 2048 };

/* Up to 12 bytes inline, else a prefix and a pointer which must stay valid until
 * the batch's consumer asks for the next batch of the same reader. Layout of the
 * engine's own strings (DuckDB C API, duckdb_string_t). */
struct vector_string {
	uint32_t length;
	union {
		char inlined[12];
		/* Packed: else the pointer would be aligned by four bytes more than the
		 * engine has it. `at` itself stands aligned. */
		struct __attribute__((packed)) {
			char prefix[4];
			const char *at;
		} pointer;
	};
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct vector_string) == 16, "the engine's strings have 16 bytes");

struct vector_list {
	uint64_t offset; /* into the child */
	uint64_t length;
};

struct vector {
	const struct type *type;
	void *data; /* NULL for struct and choice */
	uint64_t *validity;
	size_t capacity; /* rows that fit */
	struct vector *children;
	size_t child_count;
	/* Lists: make room for `rows` rows in the children. Keeps what is there. */
	void (*grow)(struct vector *list, size_t rows);
	size_t list_rows; /* rows of the child in use; the filler keeps it */
	void *owner; /* grow's own */
};

static inline void vector_set_null(struct vector *vector, size_t row)
{
	vector->validity[row / 64] &= ~(UINT64_C(1) << (row % 64));
}

/* Up to 12 bytes, as two pieces that may overlap: a call for each short string would
 * cost more than what it copies. */
static inline void vector_string_inline(char inlined[static 12], struct text text)
{
	const char *at = text.at;
	char *to = inlined;
	size_t length = text.length;
	if (length >= 8) {
		memcpy(to, at, 8);
		memcpy(to + length - 4, at + length - 4, 4);
	} else if (length >= 4) {
		memcpy(to, at, 4);
		memcpy(to + length - 4, at + length - 4, 4);
	} else if (length > 0) {
		to[0] = at[0];
		to[length / 2] = at[length / 2];
		to[length - 1] = at[length - 1];
	}
}

/* A string that borrows `text`. */
static inline struct vector_string vector_string_of(struct text text)
{
	struct vector_string string = {.length = (uint32_t)text.length};
	if (text.length <= sizeof string.inlined) {
		vector_string_inline(string.inlined, text);
	} else {
		memcpy(string.pointer.prefix, text.at, sizeof string.pointer.prefix);
		string.pointer.at = text.at;
	}
	return string;
}
