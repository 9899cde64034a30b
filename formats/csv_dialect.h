#pragma once

#include "formats/csv_sample.h"

enum {
	CSV_SAMPLE_BYTES = FORMAT_LONG_HEAD_BYTES, /* looked at for dialect and header */
	CSV_SAMPLE_RECORDS = 300,
};

/* Delimiter, quote, escape, comment and preamble by parsing the sample in each way
 * that its bytes allow and keeping the most table-like outcome: records of equal
 * length, cells that are values, as many columns as possible. Fields of `dialect`
 * that are said (not zero) are kept. CSV_VALUE_PADDING bytes behind the text must be
 * readable. Returns the certainty that it is a table at all (0: it is not): two columns
 * or more, seven records of ten alike and most others nearly, no control bytes, no
 * indented text. Sets the most common number
 * of fields. */
double csv_dialect_detect(struct arena *arena, struct text sample, bool whole,
	struct dialect *dialect, size_t *columns_out);

/* How many columns the table has: the most common number of fields, or more names
 * than that; less a last one that is empty throughout. */
size_t csv_column_count(const struct csv_sample *sample, bool header);

/* Does the first of these records name the columns? Each column votes: a name over
 * numbers or dates speaks for it, a number over numbers against; among texts, a name
 * differs from the values in length, case or digits, is not one of them, and is made
 * of letters. Without a vote, distinct words are taken for names. */
bool csv_header_detect(struct arena *arena, const struct csv_sample *sample);

/* The columns' names: the header's cells trimmed, in lower case, control bytes as '_';
 * empty ones and those behind the header's end as "col7", by position from 0; repeated
 * ones get "_1", "_2". `header` may be NULL. Valid UTF-8, at most LIMIT_NAME_BYTES. */
const struct text *csv_names(struct arena *arena, const struct csv_record *header,
	const struct dialect *dialect, size_t columns);
