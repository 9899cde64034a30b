#pragma once

#include "schema/type.h"

/* What the catalog should store for a choice. Pure; applied at every depth. */
enum resolve_policy {
	RESOLVE_KEEP, /* as it is: choice<…> */
	RESOLVE_STRING, /* any choice becomes string (right for text formats, whose bytes are text)
			 */
	RESOLVE_GLUE, /* Glue's own crawler: bigint∨double→double, anything with string→string,
		       * otherwise string (glue-behaviour 2.8) */
};

/* `type` with its choices resolved, bigint53 written as bigint, and null-only
 * types as string (Hive has no null type). */
const struct type *type_resolved(
	struct arena *arena, const struct type *type, enum resolve_policy policy);
