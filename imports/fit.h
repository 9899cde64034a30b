#pragma once

#include "imports/item.h"
#include "imports/notes.h"

/* What other catalogs allow and Tenon does not is written as Tenon has it, and what their
 * engines take for granted is said: an imported table can be read. All of it is noted. */

/* Types that Tenon does not have: timestamps with a zone as timestamp, the others as
 * string, with the original as column parameter "import.type". Comments and
 * descriptions past Tenon's limits are cut, with the whole as "import.comment". */
void fit_item(struct import_item *item, struct arena *arena, struct import_notes *notes);

/* "s3://bucket/lake=/data/lake": a location that is or lies below `from` moves. */
struct fit_move {
	struct text from, to; /* neither ends with a '/' */
};
/* False when `written` is not FROM=TO. */
bool fit_move_read(struct text written, struct fit_move *move_out);
void fit_locations(struct import_item *item, const struct fit_move *moves, size_t count,
	struct arena *arena, struct import_notes *notes);
