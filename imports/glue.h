#pragma once

#include "imports/bytes.h"
#include "imports/item.h"
#include "imports/notes.h"

/* What `aws glue get-databases`, `get-tables`, `get-partitions`, `get-user-defined-functions`
 * and their singular forms print: any of them, one after the other, whole pages or the
 * lists or objects in them alone. A file is read item by item. */
struct glue;

struct glue *glue_new(struct byte_source source);
void glue_free(struct glue *glue);
OWNABLE(glue);

/* The next item, in `arena`; false in found_out at the end. An item that is wrong in
 * itself comes with its `why`; a file that is no JSON fails the call, and is not read
 * further. */
enum status glue_next(struct glue *glue, struct arena *arena, struct import_notes *notes,
	struct import_item *item_out, bool *found_out, struct error *err) MUST_USE;
