#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "tenon/store/v1/records.pb-c.h"

/* A worker reads hostile bytes, so what it asks to publish is not believed: every
 * file comes from the run's own stage folder and goes to the same place under a
 * target that the run announced. INVALID_ARGUMENT names the file. */
enum status commit_check(const Tenon__Store__V1__RunRecord *record,
	const Tenon__V1__CommitRunRequest *request, struct arena *arena,
	struct error *err) MUST_USE;
