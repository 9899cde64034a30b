#pragma once

#include "catalog/catalog.h"

/* What the daemon does by itself beside the writers, in small pieces so that a kill comes
 * between them: partition indexes filled, old versions, dropped tables, revoked tokens and
 * old changes removed. One round of it; false in more_out when nothing was left to do.
 * Of one thread. */
enum status kill_chores(struct catalog *catalog, bool *more_out, struct error *err) MUST_USE;
