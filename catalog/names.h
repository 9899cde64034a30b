#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"

/* 1..255 bytes of UTF-8 without control characters but TAB (the Glue API's
 * NameString, counted in bytes), ASCII letters folded to lower case.
 * INVALID_ARGUMENT says which `what` it was. */
enum status name_fold(struct arena *arena, struct text name, const char *what,
	struct text *name_out, struct error *err) MUST_USE;
/* The same rule, not folded: jobs, contexts. */
enum status name_check(struct text name, const char *what, struct error *err) MUST_USE;

/* At most `bytes_max` bytes, no NUL. */
enum status length_check(
	struct text text, size_t bytes_max, const char *what, struct error *err) MUST_USE;

/* `limit` held to 1..LIMIT_PAGE; 0 is LIMIT_PAGE. */
size_t page_limit(size_t limit);
