#pragma once

#include "etl/frame.h"

/* A transform is one file and one row of the table in transform.c: a function
 * from its inputs' schemas and its parameters to a query and a schema. Messages
 * need not name the node: the caller does. */
struct transform {
	const char *name; /* as job files write it */
	size_t inputs_min, inputs_max;
	enum status (*compile)(struct compile *compile, const Tenon__V1__Node *node,
		const struct frame *inputs, size_t count, struct frame *frame, struct error *err);
};

extern const struct transform transform_apply_mapping, transform_select_fields,
	transform_drop_fields, transform_rename_field, transform_filter, transform_resolve_choice,
	transform_join, transform_sql;

/* The transform of a node, or NULL for sources and targets. */
const struct transform *transform_of(const Tenon__V1__Node *node);

/* The input's view, quoted. */
struct text frame_view(struct arena *arena, const struct frame *frame);
