#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "catalog/feed_trim.h"

#include <stdbool.h>

#define TENOND_VERSION "0.1.0"

/* What tenond was told on its command line, with defaults filled in. Texts live in
 * the arena that was given. */
struct options {
	const char *data; /* absolute */
	const char *restore; /* a backup to make the data of, instead of serving; or NULL */
	const char *listen;
	const char *worker; /* program */
	unsigned workers; /* at a time */
	enum log_level log_level;
	struct feed_keep feed_keep; /* of the change feed */
	bool insecure;
	bool help;
	bool version;
};

/* INVALID_ARGUMENT says which argument, and what to give instead. */
enum status options_read(struct arena *arena, int argc, char *const *argv,
	struct options *options_out, struct error *err) MUST_USE;
/* Loopback or a unix socket: reachable from this machine alone. */
bool address_is_local(struct text address);
extern const char options_help[];
