#include "etl/transform.h"

#include "engine/engine.h"

static const struct transform *const transforms[] = {
	[TENON__V1__NODE__KIND_APPLY_MAPPING] = &transform_apply_mapping,
	[TENON__V1__NODE__KIND_SELECT_FIELDS] = &transform_select_fields,
	[TENON__V1__NODE__KIND_DROP_FIELDS] = &transform_drop_fields,
	[TENON__V1__NODE__KIND_RENAME_FIELD] = &transform_rename_field,
	[TENON__V1__NODE__KIND_FILTER] = &transform_filter,
	[TENON__V1__NODE__KIND_RESOLVE_CHOICE] = &transform_resolve_choice,
	[TENON__V1__NODE__KIND_JOIN] = &transform_join,
	[TENON__V1__NODE__KIND_SQL] = &transform_sql,
};

const struct transform *transform_of(const Tenon__V1__Node *node)
{
	size_t kind = node->kind_case;
	return kind < sizeof transforms / sizeof *transforms ? transforms[kind] : NULL;
}

struct text frame_view(struct arena *arena, const struct frame *frame)
{
	return sql_identifier(arena, frame->name);
}
