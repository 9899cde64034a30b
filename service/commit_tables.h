#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/worker.pb-c.h"

/* The catalog's part of a commit: each target table created or evolved, its
 * partitions registered and counted in the target's report. */
enum status commit_tables(struct catalog_txn *txn, const char *run_id, const char *principal,
	const Tenon__V1__CommitRunRequest *request, struct arena *arena,
	struct error *err) MUST_USE;

/* The partitions of one staged part, for targets that commit_tables has made. */
enum status commit_partitions(struct catalog_txn *txn, const Tenon__V1__CommitRunRequest *request,
	const Tenon__V1__StagePartRequest *part, struct error *err) MUST_USE;
