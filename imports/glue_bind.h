#pragma once

#include "imports/glue_shape.h"
#include "imports/notes.h"
#include "proto/tree.h"

/* The message that a node describes, in `arena`, as `shape` says; what has no place is
 * kept or left out as the shape says, and noted. `database` and `table` are where it
 * says that it stands; they stay as they are when it does not. INVALID_ARGUMENT
 * with the path of what is of another kind than it should be. */
struct glue_bound {
	ProtobufCMessage *message;
	char *database, *table;
};
enum status glue_bind(const struct glue_shape *shape, const struct node *node, struct arena *arena,
	struct import_notes *notes, struct glue_bound *bound_out, struct error *err) MUST_USE;
