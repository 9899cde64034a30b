#pragma once

#include "base/owned.h"
#include "base/text.h"
#include "imports/bytes.h"

#include <stdbool.h>

/* A stream of DDL cut into statements: at every ';' outside of quotes and comments, and
 * before a line whose first letters are CREATE, ALTER or USE, for SHOW CREATE TABLE ends
 * nothing. The frame that beeline draws around its output is taken off; the places of
 * everything else stay. */
struct ddl_cut;

struct ddl_cut *ddl_cut_new(struct byte_source source);
void ddl_cut_free(struct ddl_cut *cut);
OWNABLE(ddl_cut);

struct ddl_statement {
	struct text text; /* without its ';', until the next call */
	size_t line, column; /* of its first byte, from 1 */
};
/* Blank ones are left out. INVALID_ARGUMENT where a quote or comment stays open;
 * RESOURCE_EXHAUSTED for a statement past LIMIT_RECORD_BYTES. Nothing more can be read
 * after an error. */
enum status ddl_cut_next(struct ddl_cut *cut, struct ddl_statement *statement_out, bool *found_out,
	struct error *err) MUST_USE;
