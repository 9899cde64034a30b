#pragma once

#include "crawler/found.h"
#include "formats/format.h"

/* What one object said, as the message that the ledger keeps. All copied into
 * `arena`: nothing of the object's own arena is shared. */
Tenon__V1__LedgerEntry *entry_new(struct arena *arena, const struct object *object);
/* Outcome "ok", or "empty" when there is no column or no row. */
void entry_fill(
	struct arena *arena, Tenon__V1__LedgerEntry *entry, const struct inferred *inferred);
/* `outcome`: "unknown", "corrupt" or "skipped". */
void entry_fail(struct arena *arena, Tenon__V1__LedgerEntry *entry, const char *outcome,
	const char *message);

bool entry_is_table(const Tenon__V1__LedgerEntry *entry); /* outcome "ok" */

Tenon__V1__NameType *name_type_new(struct arena *arena, struct text name, const char *type);
Tenon__V1__Dialect *dialect_message(struct arena *arena, const struct dialect *dialect);
