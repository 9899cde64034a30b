#pragma once

#include "base/arena.h"
#include "catalog/catalog.h"
#include "tenon/store/v1/records.pb-c.h"

#include <sys/types.h>

/* A run's record moved on in one step on the catalog's writer, so that a cancel, a timeout
 * and an end that meet are put in order. They wait for the write to be durable. */
struct run_step {
	const char *run_id;
	Tenon__V1__RunState to;
	const char *token_hash; /* NULL: as it is */
	const char *error; /* NULL: as it is, as the progress */
	Tenon__V1__Progress *progress;
	struct arena *arena;
	Tenon__Store__V1__RunRecord *record; /* out: as it stands now */
	bool late; /* out: somebody moved it on before; it keeps what it has */
};
enum status run_step(struct catalog *catalog, struct run_step *step, struct error *err) MUST_USE;

/* Which process works on it; nothing when it has ended. */
enum status run_note_pid(
	struct catalog *catalog, const char *run_id, pid_t pid, struct error *err) MUST_USE;
