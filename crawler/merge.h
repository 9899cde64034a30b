#pragma once

#include "crawler/group.h"

/* What a group's objects say together: sums, the first bad records, evidence, one
 * dialect, and the columns that the catalog stores. Everything in path order, so
 * that neither threads nor the order of arrival show. `policy` is
 * CrawlOptions.choice_policy. Borrows from the entries. */
enum status group_merge(const struct found *found, const struct group *group, const char *policy,
	struct arena *arena, Tenon__V1__Inferred **summary_out, struct error *err) MUST_USE;

/* The row that the catalog stores for exact columns: choices by policy; values of
 * text formats are text, so there a choice is a string (unless the policy is
 * Glue's) and whole numbers are bigint (glue-behaviour 2.8). INVALID_ARGUMENT for
 * an unknown policy. */
enum status row_stored(struct arena *arena, const struct type *row, const char *classification,
	const char *policy, const struct type **stored_out, struct error *err) MUST_USE;

/* Columns in Hive's type text, without those called as one of `keys`. */
void set_columns(struct arena *arena, const struct type *row, const struct text *keys,
	size_t key_count, Tenon__V1__Inferred *summary);
