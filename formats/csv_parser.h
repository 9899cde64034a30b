#pragma once

#include "formats/blocks.h"
#include "formats/format.h"

/* CSV's syntax. A record ends at LF, CR or CRLF; empty lines and comment lines are
 * none. A quote is special only as a field's first byte; inside, a doubled quote
 * (or an escaped one, where the dialect has an escape) is a quote. Spaces may follow
 * the closing quote, nothing else may.
 *
 * Records that break this are bad, whole: text behind a closing quote, a quote that
 * is not closed, more fields than columns (empty ones at the end are forgiven), or
 * more than the largest record. Missing fields at a record's end are null. */

/* Where records end, for the block dispenser. Consistent with csv_parse. */
struct csv_boundary {
	struct boundary boundary;
	char delimiter, quote, escape, comment;
	uint64_t head_left; /* preamble and header, handed out as a block of their own */
	bool behind_head; /* the next call is the first behind it */
	bool inside; /* a quoted field */
	bool closing; /* its closing quote may be the last byte seen, or half of a pair */
	bool in_comment;
	bool at_start; /* of a record */
};
void csv_boundary_init(
	struct csv_boundary *boundary, const struct dialect *dialect, uint64_t head_bytes);

/* A field's place in its block. */
struct csv_field {
	uint32_t at;
	uint32_t length; /* with CSV_… bits */
};
#define CSV_QUOTED  0x80000000u
#define CSV_ESCAPED 0x40000000u /* holds doubled or escaped quotes: csv_unescape */
#define CSV_MISSING 0x20000000u /* the record ended before it */
#define CSV_LENGTH  0x1fffffffu

static inline uint32_t csv_field_length(struct csv_field field)
{
	return field.length & CSV_LENGTH;
}

struct csv_parser {
	char delimiter, quote, escape, comment;
	size_t columns;
	size_t record_bytes_max;
	struct rejects *rejects; /* or NULL: only counted */
	/* Where each column's fields go in `fields`: a multiple of `stride`, the last
	 * one for all columns that nobody wants. One entry per column and one more. */
	size_t *offset;
	size_t wanted; /* columns from here on are not wanted */
	/* The block in work. */
	const struct block *block;
	size_t at; /* the next record */
	bool lines; /* a quote did not close: quotes do not span lines any more */
	uint64_t records; /* of this block so far, bad ones counted */
	uint64_t bad; /* of all blocks so far */
	/* The batch. */
	struct csv_field *fields;
	uint32_t *starts; /* of each row's record */
	size_t rows, rows_max, stride;
	bool ascii; /* the batch's bytes are */
};

/* `projection` (may be NULL: all) names `projected` columns; SIZE_MAX stands for a
 * column that the object lacks. Batches have at most `rows_max` rows. */
void csv_parser_init(struct csv_parser *parser, const struct dialect *dialect, size_t columns,
	const size_t *projection, size_t projected, size_t rows_max, size_t record_bytes_max,
	struct rejects *rejects);
void csv_parser_done(struct csv_parser *parser);
void csv_parser_begin(struct csv_parser *parser, const struct block *block);
/* The next batch of the block into fields and starts; 0 rows: the block is done. */
size_t csv_parse(struct csv_parser *parser);

/* The fields of the i-th projected column in the batch. */
const struct csv_field *csv_column(const struct csv_parser *parser, size_t i);

/* Takes the pairs and escapes out of `bytes`, in place; the new length. */
size_t csv_unescape(char *bytes, size_t length, char quote, char escape);
