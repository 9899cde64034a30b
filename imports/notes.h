#pragma once

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* What of a file has no place of its own in Tenon: never lost in silence, and told
 * once however often it is there. */
enum import_fate {
	IMPORT_LEFT_OUT, /* it stays behind */
	IMPORT_KEPT, /* as a parameter */
	IMPORT_CHANGED, /* it means the same, written otherwise */
	IMPORT_ADDED, /* the file only implies it */
};
const char *import_fate_name(enum import_fate fate); /* "left out" */

struct import_note {
	enum import_fate fate;
	const char *what; /* "Table.CreatedBy" */
	const char *how; /* "as parameter 'glue.CreatedBy'"; may be empty */
	uint64_t count;
};

struct import_notes {
	struct arena *arena; /* for what is noted */
	struct import_note rows[LIMIT_IMPORT_NOTES];
	size_t count;
	uint64_t others; /* of more different ones than there is room for */
};

/* `what` and `how` are copied when they are new. */
void import_note(
	struct import_notes *notes, enum import_fate fate, const char *what, const char *how);
