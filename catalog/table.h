#pragma once

#include "catalog/tables.h"
#include "catalog/txn.h"
#include "schema/schema.h"

/* Inside the room: tables by folded names and ids. */
enum status table_find(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t *id_out, struct error *err) MUST_USE;
/* With the partitions this write has added or removed counted. */
enum status table_read(struct catalog_txn *txn, uint64_t id, struct arena *arena,
	Tenon__V1__Table **table_out, struct error *err) MUST_USE;
/* Folds, then finds. */
enum status table_find_named(struct catalog_txn *txn, struct text database, struct text name,
	uint64_t *id_out, struct error *err) MUST_USE;

/* A table under its name and its location, counted by its database: taken away, or put
 * back. What is kept by its id is not touched. */
enum status table_take(
	struct catalog_txn *txn, const Tenon__V1__Table *table, struct error *err) MUST_USE;
/* ALREADY_EXISTS when the name is taken. */
enum status table_place(
	struct catalog_txn *txn, const Tenon__V1__Table *table, struct error *err) MUST_USE;

/* A version's record, made of the table as it is now, and packed: see version_store.h. */
struct changes;
enum status version_put(struct catalog_txn *txn, Tenon__V1__Table *table, struct text packed,
	const struct changes *changes, struct arena *arena, struct error *err) MUST_USE;
/* schema_diff's answer as messages. */
Tenon__V1__SchemaChange **changes_pack(struct arena *arena, const struct changes *changes);

/* The ledger's entries of a table that goes: its files count as unseen again. */
enum status ledger_forget_table(
	struct catalog_txn *txn, const Tenon__V1__Table *table, struct error *err) MUST_USE;

/* Those of one that has another name or database now: its files count as seen there. */
enum status ledger_rename_table(struct catalog_txn *txn, const Tenon__V1__Table *before,
	const Tenon__V1__Table *after, struct error *err) MUST_USE;

/* Every partition under the key types `after`; FAILED_PRECONDITION when the
 * number of keys changed or a value is not one of its new type. */
enum status partitions_rekey(struct catalog_txn *txn, uint64_t id, const struct schema *before,
	const struct schema *after, struct error *err) MUST_USE;
