#include "etl/rewrite.h"

#include "base/buffer.h"
#include "engine/engine.h"
#include "etl/path.h"

struct walk {
	struct arena *arena;
	edit_fn edit;
	void *state;
};

/* A value of some type, before or after. */
struct value {
	const struct type *type;
	struct text expr;
};

static bool same(struct value a, struct value b)
{
	return a.type == b.type && a.expr.at == b.expr.at && a.expr.length == b.expr.length;
}

static enum status walk_value(const struct walk *walk, struct text path, struct value value,
	struct value *value_out, struct error *err);

/* One field: nothing, one or several outputs; those past the first go to `late`. */
static enum status walk_field(const struct walk *walk, struct node_at node, struct outputs *outputs,
	struct outputs *late, bool *changed, struct error *err)
{
	struct edit edit = {0};
	TRY(walk->edit(walk->state, &node, &edit, err));
	if (edit.kind == EDIT_DESCEND) {
		struct value before = {node.type, node.expr}, after;
		TRY(walk_value(walk, node.path, before, &after, err));
		*changed |= !same(before, after);
		if (after.type)
			outputs_add(walk->arena, outputs, node.name, after.type, after.expr);
		return STATUS_OK;
	}
	*changed = true;
	for (size_t i = 0; edit.kind == EDIT_REPLACE && i < edit.with.count; i++) {
		const struct output *with = &edit.with.at[i];
		outputs_add(walk->arena, i ? late : outputs, with->column.name, with->column.type,
			with->expr);
	}
	return STATUS_OK;
}

static void add_late(struct arena *arena, struct outputs *outputs, const struct outputs *late)
{
	for (size_t i = 0; i < late->count; i++)
		outputs_add(arena, outputs, late->at[i].column.name, late->at[i].column.type,
			late->at[i].expr);
}

static struct value packed(struct arena *arena, struct text expr, const struct outputs *outputs)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_MESSAGE_BYTES);
	struct field *fields = arena_array(arena, outputs->count, sizeof *fields);
	buffer_printf(&out, "CASE WHEN %.*s IS NOT NULL THEN struct_pack(", TEXT_ARG(expr));
	for (size_t i = 0; i < outputs->count; i++) {
		const struct output *output = &outputs->at[i];
		struct text name = sql_identifier(arena, output->column.name);
		fields[i] = (struct field){output->column.name, output->column.type};
		buffer_printf(&out, "%s%.*s := %.*s", i ? ", " : "", TEXT_ARG(name),
			TEXT_ARG(output->expr));
	}
	buffer_add_string(&out, ") END");
	return (struct value){
		type_struct(arena, fields, outputs->count), arena_copy(arena, buffer_text(&out))};
}

static enum status walk_struct(const struct walk *walk, struct text path, struct value value,
	struct value *value_out, struct error *err)
{
	struct outputs outputs = {0}, late = {0};
	bool changed = false;
	for (size_t i = 0; i < value.type->count; i++) {
		const struct field *field = &value.type->fields[i];
		struct text name = sql_identifier(walk->arena, field->name);
		struct node_at node = {
			.path = path_field(walk->arena, path, field->name),
			.name = field->name,
			.type = field->type,
			.expr = text_of(arena_printf(
				walk->arena, "(%.*s).%.*s", TEXT_ARG(value.expr), TEXT_ARG(name))),
		};
		TRY(walk_field(walk, node, &outputs, &late, &changed, err));
	}
	add_late(walk->arena, &outputs, &late);
	if (!changed)
		*value_out = value;
	else if (!outputs.count)
		*value_out = (struct value){0}; /* nothing is left of it */
	else
		*value_out = packed(walk->arena, value.expr, &outputs);
	return STATUS_OK;
}

/* An element or a map's value: one comes, one goes. */
static enum status walk_element(
	const struct walk *walk, struct node_at node, struct value *value_out, struct error *err)
{
	struct edit edit = {0};
	TRY(walk->edit(walk->state, &node, &edit, err));
	if (edit.kind == EDIT_DESCEND)
		return walk_value(
			walk, node.path, (struct value){node.type, node.expr}, value_out, err);
	if (edit.kind == EDIT_DROP)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'%.*s' names elements, which cannot be dropped: name the array",
			TEXT_ARG(node.path));
	if (edit.with.count != 1)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'%.*s' names elements, which cannot become several columns: use "
			"make_struct",
			TEXT_ARG(node.path));
	*value_out = (struct value){edit.with.at[0].column.type, edit.with.at[0].expr};
	return STATUS_OK;
}

static const char *parameter(struct arena *arena, struct text path)
{
	size_t depth = 0;
	for (size_t i = 0; i < path.length; i++)
		depth += path.at[i] == '[' || path.at[i] == '{';
	return arena_printf(arena, "__w%zu", depth);
}

static enum status walk_array(const struct walk *walk, struct text path, struct value value,
	struct value *value_out, struct error *err)
{
	const char *name = parameter(walk->arena, path);
	struct node_at node = {.path = path_elements(walk->arena, path),
		.type = value.type->element,
		.expr = text_of(name)};
	struct value after;
	TRY(walk_element(walk, node, &after, err));
	*value_out = value;
	if (same((struct value){node.type, node.expr}, after))
		return STATUS_OK;
	if (!after.type) {
		*value_out = after;
		return STATUS_OK;
	}
	value_out->type = type_array(walk->arena, after.type);
	value_out->expr = text_of(arena_printf(walk->arena, "list_transform(%.*s, lambda %s: %.*s)",
		TEXT_ARG(value.expr), name, TEXT_ARG(after.expr)));
	return STATUS_OK;
}

static enum status walk_map(const struct walk *walk, struct text path, struct value value,
	struct value *value_out, struct error *err)
{
	const char *name = parameter(walk->arena, path);
	struct node_at node = {.path = path_values(walk->arena, path),
		.type = value.type->element,
		.expr = text_of(arena_printf(walk->arena, "%s.\"value\"", name))};
	struct value after;
	TRY(walk_element(walk, node, &after, err));
	*value_out = value;
	if (same((struct value){node.type, node.expr}, after))
		return STATUS_OK;
	if (!after.type) {
		*value_out = after;
		return STATUS_OK;
	}
	value_out->type = type_map(walk->arena, value.type->key, after.type);
	value_out->expr = text_of(arena_printf(walk->arena,
		"map_from_entries(list_transform(map_entries(%.*s), lambda %s:"
		" struct_pack(\"key\" := %s.\"key\", \"value\" := %.*s)))",
		TEXT_ARG(value.expr), name, name, TEXT_ARG(after.expr)));
	return STATUS_OK;
}

static enum status walk_value(const struct walk *walk, struct text path, struct value value,
	struct value *value_out, struct error *err)
{
	switch (value.type->kind) {
	case TYPE_STRUCT:
		return walk_struct(walk, path, value, value_out, err);
	case TYPE_ARRAY:
		return walk_array(walk, path, value, value_out, err);
	case TYPE_MAP:
		return walk_map(walk, path, value, value_out, err);
	default:
		*value_out = value;
		return STATUS_OK;
	}
}

enum status rewrite_frame(struct arena *arena, const struct frame *input, edit_fn edit, void *state,
	struct outputs *outputs, struct error *err)
{
	struct walk walk = {arena, edit, state};
	struct outputs late = {0};
	bool changed = false;
	for (size_t i = 0; i < input->schema.column_count; i++) {
		const struct column *column = &input->schema.columns[i];
		struct node_at node = {.path = path_field(arena, TEXT(""), column->name),
			.name = column->name,
			.type = column->type,
			.expr = column_expr(arena, column)};
		TRY(walk_field(&walk, node, outputs, &late, &changed, err));
	}
	add_late(arena, outputs, &late);
	return STATUS_OK;
}
