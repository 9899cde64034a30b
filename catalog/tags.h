#pragma once

#include "catalog/catalog.h"
#include "tenon/store/v1/tags.pb-c.h"

/* Labels on resources, which are named by kind and path as in tenon/v1/tags.proto:
 * "table/sales/orders". They must exist (NOT_FOUND), and their tags go with them; a
 * table's follow it through renames. A database whose name has a '/' has tables
 * that cannot be named so. Results are in `arena`, sorted by key, never NULL. */
enum status tags_get(struct catalog_txn *txn, struct text resource, struct arena *arena,
	Tenon__Store__V1__TagsRecord **tags_out, struct error *err) MUST_USE;
/* `tags` added or replaced; the last of equal keys wins. At most LIMIT_TAGS after it. */
enum status tags_add(struct catalog_txn *txn, struct text resource,
	const Tenon__Store__V1__TagsRecord *tags, struct arena *arena,
	Tenon__Store__V1__TagsRecord **tags_out, struct error *err) MUST_USE;
/* Keys that are not there are no error. */
enum status tags_remove(struct catalog_txn *txn, struct text resource, char *const *keys,
	size_t count, struct arena *arena, Tenon__Store__V1__TagsRecord **tags_out,
	struct error *err) MUST_USE;

/* Inside the room: the tags of what goes. `name` is folded where its kind's names are. */
enum status tags_forget(
	struct catalog_txn *txn, const char *kind, struct text name, struct error *err) MUST_USE;
/* NULL when it has none. */
enum status tags_of_table(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__Store__V1__TagsRecord **tags_out, struct error *err) MUST_USE;
/* What tags_forget forgets, kept elsewhere until tags_keep; NULL: there are none. */
enum status tags_take(struct catalog_txn *txn, const char *kind, struct text name,
	struct arena *arena, Tenon__Store__V1__TagsRecord **tags_out, struct error *err) MUST_USE;
enum status tags_keep(struct catalog_txn *txn, const char *kind, struct text name,
	const Tenon__Store__V1__TagsRecord *tags, struct error *err) MUST_USE;
enum status tags_forget_table(struct catalog_txn *txn, uint64_t id, struct error *err) MUST_USE;
