#pragma once

#include "storage/ops.h"

/* Files of this machine. Within the room only. */

/* The local path of a location, NUL-terminated, in `arena`. */
char *local_path(struct arena *arena, struct text location);
/* What errno means while `doing` ("read") something to `path`. */
enum status local_error(int code, struct error *err, const char *doing, const char *path);

/* storage/stage.h's calls. */
enum status local_stage_begin(struct text target, struct text run, struct error *err);
enum status local_stage_sync(const struct staged *staged, struct error *err);
enum status local_stage_publish(const struct staged *staged, struct error *err);
enum status local_stage_discard(struct text target, struct text run, struct error *err);
