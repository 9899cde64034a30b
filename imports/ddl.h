#pragma once

#include "imports/bytes.h"
#include "imports/item.h"
#include "imports/notes.h"

/* DDL text as Hive's SHOW CREATE TABLE prints it and people write it, with what Spark,
 * Athena and Impala print instead: CREATE TABLE, VIEW, DATABASE and FUNCTION, ALTER TABLE
 * ADD PARTITION, USE. Statements end with ';' or where a line begins with CREATE, ALTER
 * or USE. Others (SET, DROP, INSERT, ...) are passed over and noted. A file is read
 * statement by statement. (Source of the grammar: the Hive Language Manual, "DDL".) */
struct ddl;

struct ddl *ddl_new(struct byte_source source);
void ddl_free(struct ddl *ddl);
OWNABLE(ddl);

/* The next item, in `arena`; false in found_out at the end. A statement that cannot be
 * read comes with its `why` and the place in it; text that cannot be cut into statements
 * (a quote that stays open) fails the call, and is not read further. */
enum status ddl_next(struct ddl *ddl, struct arena *arena, struct import_notes *notes,
	struct import_item *item_out, bool *found_out, struct error *err) MUST_USE;
