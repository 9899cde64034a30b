#pragma once

#include "base/error.h"

#include <stddef.h>

/* Where a file's bytes come from, piece by piece: files are larger than memory. */
struct byte_source {
	void *state;
	/* Up to `size` bytes; 0 at the end. */
	enum status (*read)(void *state, char *at, size_t size, size_t *got_out, struct error *err);
};
