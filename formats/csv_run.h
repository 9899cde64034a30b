#pragma once

#include "formats/csv_parser.h"
#include "formats/csv_value.h"

/* Most columns are of one kind, so the next field is of the last one's: that is asked in
 * a loop of its own per kind, with one load a field.
 *
 * How many of `fields`, from the first on, are plainly of `kind`, and neither null nor
 * one of csv_tokens. The field behind them is not plain: csv_kind_of tells. 0 for kinds
 * without such a loop. BLOCK_PADDING bytes behind `bytes` must be readable. */
size_t csv_run(enum csv_kind kind, const char *bytes, const struct csv_field *fields, size_t count);
