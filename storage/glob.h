#pragma once

#include "base/error.h"
#include "base/text.h"

/* Exclusion globs over paths: relative to a crawl's target, absolute in a table's
 * parameter `exclusions` (AWS Glue, "include and exclude patterns"): `*` and `?` within one level,
 * `**` across levels, `[abc]`,
 * `[a-z]`, `[!…]`, `{a,b}` not nested, `\` takes the next byte as it is. */
bool glob_matches(struct text pattern, struct text path);
/* INVALID_ARGUMENT when brackets or braces are open or braces are nested;
 * RESOURCE_EXHAUSTED past LIMIT_GLOB_BYTES. */
enum status glob_check(struct text pattern, struct error *err) MUST_USE;
