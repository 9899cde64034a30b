#pragma once

#include "etl/target.h"

/* The table after this run: what is there, widened where that loses nothing, and
 * new columns at the end. `input` without `existing`: the input's own. */
enum status target_schema(struct arena *arena, const struct frame *input,
	const struct schema *existing, char *const *keys, size_t key_count,
	struct schema *schema_out, struct error *err) MUST_USE;

/* Columns that hold choices cannot be written as parquet or csv. */
enum status target_check_choices(
	const struct frame *input, enum engine_output format, struct error *err) MUST_USE;
