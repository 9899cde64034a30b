#pragma once

#include "service/daemon.h"
#include "tenon/v1/worker.pb-c.h"

/* The parts of a plan or commit (StagePart), one file each in DATA/parts/RUN: however
 * many files a crawl has, one part is in memory at a time. Not durable: a run whose
 * daemon dies before the transaction has failed anyway. */

/* RESOURCE_EXHAUSTED past LIMIT_PARTS or LIMIT_PART_BYTES, or with the disk full. */
enum status parts_keep(struct daemon *daemon, const char *run_id,
	const Tenon__V1__StagePartRequest *part, struct error *err) MUST_USE;
/* INVALID_ARGUMENT when that part was not staged. */
enum status parts_read(struct daemon *daemon, const char *run_id, unsigned number,
	struct arena *arena, Tenon__V1__StagePartRequest **part_out, struct error *err) MUST_USE;
void parts_remove(struct daemon *daemon, const char *run_id);
