#pragma once

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>

/* The kinds of changes that the feed tells of: "table_updated", "job_put", ... */
bool feed_kind_is_one(const char *kind);

/* INVALID_ARGUMENT, with the kind that was probably meant: a filter for none would keep
 * silent for ever. */
enum status feed_kind_check(const char *kind, struct error *err) MUST_USE;
