#pragma once

#include "formats/csv_parser.h"
#include "formats/csv_value.h"

/* What inference counts of one column. Texts that often mean null are counted apart,
 * until it is known whether one of them does. */
enum {
	CSV_TOKENS = 11,
	CSV_TOKEN_BYTES_MAX = 4,
	CSV_ARMS = CSV_KINDS_ + CSV_TOKENS,
	CSV_SAMPLE_TEXT = 64,
};
extern const char *const csv_tokens[CSV_TOKENS];

struct csv_first {
	uint64_t byte; /* of the record it stands in */
	uint8_t length;
	char sample[CSV_SAMPLE_TEXT];
};

struct csv_tally {
	uint64_t nulls; /* empty, or missing at a short record's end */
	uint64_t thousands; /* decimal commas that may separate thousands as well: "1,234" */
	uint64_t count[CSV_ARMS]; /* by enum csv_kind, then by token */
	struct csv_first first[CSV_ARMS];
};

/* Adds the parser's batch, a tally per column. `null_text` without quotes is null; NULL:
 * it is not known yet. */
void csv_tally_add(
	struct csv_tally *tallies, const struct csv_parser *parser, const char *null_text);
/* Adds what another thread counted. */
void csv_tally_merge(struct csv_tally *into, const struct csv_tally *from);
/* Token `token` (-1: none) means null: take its count for nulls, those of the others
 * for texts. */
void csv_tally_settle(struct csv_tally *tally, int token);
/* The type that reads every value counted without loss. Settled or not: an unsettled
 * token is a text unless it is `token`. */
enum type_kind csv_tally_type(const struct csv_tally *tally, int token);
