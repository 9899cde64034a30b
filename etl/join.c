#include "etl/path.h"
#include "etl/transform.h"

#include "engine/engine.h"

static const struct {
	const char *name, *sql;
} join_types[] = {
	{"", "JOIN"},
	{"inner", "JOIN"},
	{"left", "LEFT JOIN"},
	{"right", "RIGHT JOIN"},
	{"outer", "FULL JOIN"},
};

/* A key's column or nested field, as an expression over its side. */
static enum status key_expr(struct arena *arena, const struct frame *frame, const char *side,
	const char *written, struct text *expr_out, struct error *err)
{
	struct text *names = NULL;
	size_t count = 0;
	TRY(path_names(arena, written, &names, &count, err));
	const struct column *column = schema_column(&frame->schema, names[0]);
	const struct type *type = column ? column->type : NULL;
	struct text quoted = sql_identifier(arena, names[0]);
	struct text expr = text_of(arena_printf(arena, "%s.%.*s", side, TEXT_ARG(quoted)));
	for (size_t i = 1; type && i < count; i++) {
		const struct field *field =
			type->kind == TYPE_STRUCT ? type_field(type, names[i]) : NULL;
		type = field ? field->type : NULL;
		quoted = sql_identifier(arena, names[i]);
		expr = text_of(
			arena_printf(arena, "(%.*s).%.*s", TEXT_ARG(expr), TEXT_ARG(quoted)));
	}
	if (!type)
		return fail(err, STATUS_INVALID_ARGUMENT, "'%.*s' has no field '%s' to join on",
			TEXT_ARG(frame->name), written);
	if (!type_is_scalar(type))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'%s' of '%.*s' is a %s and cannot be joined on%s", written,
			TEXT_ARG(frame->name),
			type->kind == TYPE_CHOICE ? "choice" : "nested value",
			type->kind == TYPE_CHOICE ? ": resolve it before" : "");
	*expr_out = expr;
	return STATUS_OK;
}

static bool has_name(const struct outputs *outputs, struct text name)
{
	for (size_t i = 0; i < outputs->count; i++) {
		if (text_equal_folded(outputs->at[i].column.name, name))
			return true;
	}
	return false;
}

/* Both sides' columns. Of two with one name the left gets a leading dot, as in
 * Glue's Join. */
static void both_sides(struct arena *arena, const struct frame *inputs, struct outputs *outputs)
{
	for (size_t i = 0; i < inputs[0].schema.column_count; i++) {
		const struct column *column = &inputs[0].schema.columns[i];
		struct text name = column->name;
		while (schema_column(&inputs[1].schema, name) || has_name(outputs, name))
			name = text_of(arena_printf(arena, ".%.*s", TEXT_ARG(name)));
		struct text quoted = column_expr(arena, column);
		outputs_add(arena, outputs, name, column->type,
			text_of(arena_printf(arena, "l.%.*s", TEXT_ARG(quoted))));
	}
	for (size_t i = 0; i < inputs[1].schema.column_count; i++) {
		const struct column *column = &inputs[1].schema.columns[i];
		struct text quoted = column_expr(arena, column);
		outputs_add(arena, outputs, column->name, column->type,
			text_of(arena_printf(arena, "r.%.*s", TEXT_ARG(quoted))));
	}
}

static enum status join_sql(const char *type, const char **sql_out, struct error *err)
{
	for (size_t i = 0; i < sizeof join_types / sizeof *join_types; i++) {
		if (text_equal_folded(text_of(type), text_of(join_types[i].name))) {
			*sql_out = join_types[i].sql;
			return STATUS_OK;
		}
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"join type '%s' is not known: use inner, left, right or outer", type);
}

static enum status compile_join(struct compile *compile, const Tenon__V1__Node *node,
	const struct frame *inputs, size_t count, struct frame *frame, struct error *err)
{
	(void)count;
	struct arena *arena = compile->arena;
	const Tenon__V1__Join *join = node->join;
	const char *sql = NULL;
	TRY(join_sql(join->type, &sql, err));
	if (!join->n_left_keys || join->n_left_keys != join->n_right_keys)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"%zu left keys and %zu right keys: give as many of both, at least one",
			join->n_left_keys, join->n_right_keys);
	struct text left = frame_view(arena, &inputs[0]), right = frame_view(arena, &inputs[1]);
	char *from = arena_printf(
		arena, "%.*s AS l %s %.*s AS r ON ", TEXT_ARG(left), sql, TEXT_ARG(right));
	for (size_t i = 0; i < join->n_left_keys; i++) {
		struct text a, b;
		TRY(key_expr(arena, &inputs[0], "l", join->left_keys[i], &a, err));
		TRY(key_expr(arena, &inputs[1], "r", join->right_keys[i], &b, err));
		from = arena_printf(
			arena, "%s%s%.*s = %.*s", from, i ? " AND " : "", TEXT_ARG(a), TEXT_ARG(b));
	}
	struct outputs outputs = {0};
	both_sides(arena, inputs, &outputs);
	return outputs_frame(arena, &outputs, text_of(from), frame, err);
}

const struct transform transform_join = {"join", 2, 2, compile_join};
