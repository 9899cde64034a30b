#include "etl/cast.h"
#include "etl/transform.h"

#include "engine/engine.h"

static bool is_tagged(const struct type *type)
{
	return type->kind == TYPE_STRUCT && type->count == 2 &&
	       text_equal_folded(type->fields[0].name, TEXT("tag")) &&
	       type->fields[0].type->kind == TYPE_SMALLINT &&
	       text_equal_folded(type->fields[1].name, TEXT("text")) &&
	       type->fields[1].type->kind == TYPE_STRING;
}

/* The choice that a tagged column of a query's result was: the input column of
 * its name, else the only choice there is; NULL when that cannot be told. */
static const struct type *choice_of(struct text name, const struct frame *inputs, size_t count)
{
	const struct type *only = NULL;
	bool several = false;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < inputs[i].schema.column_count; k++) {
			const struct column *column = &inputs[i].schema.columns[k];
			if (column->type->kind != TYPE_CHOICE)
				continue;
			if (text_equal_folded(column->name, name))
				return column->type;
			several |= only && !type_equal(only, column->type);
			only = column->type;
		}
	}
	return several ? NULL : only;
}

static enum status check_tables(struct compile *compile, const char *query,
	const struct frame *inputs, size_t count, struct error *err)
{
	struct engine_table_name *names = NULL;
	size_t named = 0;
	TRY(engine_tables_of(compile->engine, text_of(query), compile->arena, &names, &named, err));
	for (size_t i = 0; i < named; i++) {
		bool known = false;
		for (size_t k = 0; k < count && !names[i].database.length; k++)
			known |= text_equal_folded(names[i].table, inputs[k].name);
		if (!known)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"table '%.*s%s%.*s' is not one of this node's inputs: add a source "
				"and list it in 'inputs'",
				TEXT_ARG(names[i].database), names[i].database.length ? "." : "",
				TEXT_ARG(names[i].table));
	}
	return STATUS_OK;
}

static enum status compile_sql(struct compile *compile, const Tenon__V1__Node *node,
	const struct frame *inputs, size_t count, struct frame *frame, struct error *err)
{
	struct arena *arena = compile->arena;
	const char *query = node->sql->query;
	TRY(check_tables(compile, query, inputs, count, err));
	struct schema described;
	TRY(engine_describe(compile->engine, text_of(query), arena, &described, err));
	struct outputs outputs = {0};
	for (size_t i = 0; i < described.column_count; i++) {
		const struct column *column = &described.columns[i];
		const struct type *type = column->type;
		if (is_tagged(type))
			type = choice_of(column->name, inputs, count);
		if (!type)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"it cannot be told which choice column '%.*s' is: keep its name, "
				"or "
				"resolve the choice before",
				TEXT_ARG(column->name));
		/* The engine has types that the catalog has not. */
		struct text expr = text_of(arena_printf(arena, "CAST(%.*s AS %s)",
			TEXT_ARG(sql_identifier(arena, column->name)),
			engine_type_name(arena, type)));
		outputs_add(arena, &outputs, column->name, type, expr);
	}
	struct text from =
		text_of(arena_printf(arena, "(%.*s)", TEXT_ARG(sql_select(text_of(query)))));
	return outputs_frame(arena, &outputs, from, frame, err);
}

const struct transform transform_sql = {"sql", 1, LIMIT_PLAN_NODES, compile_sql};
