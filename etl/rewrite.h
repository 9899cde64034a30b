#pragma once

#include "etl/frame.h"

/* A walk over every field of a frame, at every depth, that rebuilds only what an
 * edit changes: drop, rename and resolve are such edits. */
struct node_at {
	struct text path; /* in path.h's normal form */
	struct text name; /* empty for array elements and map values */
	const struct type *type;
	struct text expr;
};
enum edit_kind {
	EDIT_DESCEND, /* leave it and look below */
	EDIT_DROP,
	EDIT_REPLACE, /* by `with`: the first takes its place, others go to the end */
};
struct edit {
	enum edit_kind kind;
	struct outputs with; /* an element or map value takes exactly one, its name unused */
};
typedef enum status (*edit_fn)(
	void *state, const struct node_at *node, struct edit *edit, struct error *err);

enum status rewrite_frame(struct arena *arena, const struct frame *input, edit_fn edit, void *state,
	struct outputs *outputs, struct error *err) MUST_USE;
