#pragma once

#include "catalog/holdings.h"

/* Inside the room: how an import puts the records from which others are derived. */
enum status arrive_counter(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err) MUST_USE;
/* And its name, its location, its words. */
enum status arrive_table(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err) MUST_USE;
enum status arrive_job(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err) MUST_USE;
/* And their words, when they are a table's. */
enum status arrive_tags(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err) MUST_USE;
/* What is made of tokens and grants is made anew. */
enum status arrive_token(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err) MUST_USE;
enum status arrive_grant(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err) MUST_USE;
/* Its entries did not come with it: it is filled anew. */
enum status arrive_partition_index(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err) MUST_USE;
/* It waits to be resumed: two catalogs may not tell one endpoint the same by accident. */
enum status arrive_webhook(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err) MUST_USE;
/* One that was under way fails: its worker and its files are elsewhere. */
enum status arrive_run(
	struct catalog_txn *txn, const struct arrival *arrival, struct error *err) MUST_USE;
