#pragma once

#include "formats/format.h"

/* One SchemaElement of a footer (parquet-format, parquet.thrift). */
struct parquet_element {
	struct text name; /* borrowed from the footer */
	int type; /* enum parquet_physical; -1: a group */
	int repetition; /* 0 required, 1 optional, 2 repeated */
	int converted; /* ConvertedType, or -1 */
	int logical; /* the LogicalType union's field, or 0 */
	int64_t scale, precision;
	int bits; /* of a logical INTEGER */
	bool is_signed;
	size_t children;
};

struct parquet_footer {
	struct parquet_element *elements; /* depth first, the root first */
	size_t count;
	int64_t rows;
};

/* `bytes` is the metadata between the magics, borrowed by what comes out. */
enum status parquet_footer_parse(struct text bytes, struct arena *arena,
	struct parquet_footer *footer_out, struct error *err) MUST_USE;
/* The footer's schema as a row type (glue-behaviour 2.8), names folded. */
enum status parquet_row(struct arena *arena, const struct parquet_footer *footer,
	const struct type **row_out, struct error *err) MUST_USE;
