#include "etl/transform.h"

#include "engine/engine.h"

static enum status compile_filter(struct compile *compile, const Tenon__V1__Node *node,
	const struct frame *inputs, size_t count, struct frame *frame, struct error *err)
{
	(void)count;
	struct arena *arena = compile->arena;
	const char *where = node->filter->where;
	if (!text_trimmed(text_of(where)).length)
		return fail(
			err, STATUS_INVALID_ARGUMENT, "'where' is empty: give an SQL condition");
	struct text view = frame_view(arena, inputs);
	/* The newline ends a comment in the condition. */
	frame->sql = text_of(
		arena_printf(arena, "SELECT * FROM %.*s WHERE (%s\n)", TEXT_ARG(view), where));
	frame->schema = inputs->schema;
	struct engine_table_name *names = NULL;
	size_t named = 0;
	struct schema described;
	TRY(engine_tables_of(compile->engine, frame->sql, arena, &names, &named, err));
	if (named != 1)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"a condition reads its own input only: use a sql node to read others");
	return engine_describe(compile->engine, frame->sql, arena, &described, err);
}

const struct transform transform_filter = {"filter", 1, 1, compile_filter};
