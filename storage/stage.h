#pragma once

#include "storage/store.h"

/* Outputs that no reader sees until they are published. For local files: a
 * hidden folder `TARGET/.tenon-stage/RUN/` on the target's own file system, then
 * rename. Every step may be repeated after a crash with the same outcome. */

/* The hidden folder for one run's outputs under `target`; a text in `arena`. */
struct text stage_folder(struct arena *arena, struct text target, struct text run);
/* Create it, with parents. */
enum status stage_begin(
	struct store *store, struct text target, struct text run, struct error *err) MUST_USE;

/* One staged object and where it will be; both absolute. */
struct staged {
	struct text from;
	struct text to;
	uint64_t bytes;
};

/* Make what was staged durable (fsync of the file and its folders). */
enum status stage_sync(
	struct store *store, const struct staged *staged, struct error *err) MUST_USE;
/* Move into place, idempotent: a missing `from` with a present `to` of the same
 * size is done already; a present `to` that differs is ALREADY_EXISTS. */
enum status stage_publish(
	struct store *store, const struct staged *staged, struct error *err) MUST_USE;
/* Remove the run's hidden folder and all in it; a missing one is fine. Refuses
 * any path that is not a stage folder. */
enum status stage_discard(
	struct store *store, struct text target, struct text run, struct error *err) MUST_USE;
