#include "catalog/sight.h"

#include <stdio.h>

bool sees_named(const struct catalog_txn *txn, const char *kind, const char *name)
{
	char resource[LIMIT_RESOURCE_BYTES + 1];
	if (!txn->sight)
		return true;
	(void)snprintf(resource, sizeof resource, "%s/%s", kind, name);
	return sees_resource(txn, text_of(resource));
}

bool sees_schema(const struct catalog_txn *txn, struct text registry, struct text name)
{
	char resource[LIMIT_RESOURCE_BYTES + 1];
	if (!txn->sight)
		return true;
	(void)snprintf(
		resource, sizeof resource, "schema/%.*s/%.*s", TEXT_ARG(registry), TEXT_ARG(name));
	return sees_resource(txn, text_of(resource));
}

void catalog_see(struct catalog_txn *txn, const struct sight *sight)
{
	txn->sight = sight;
}
