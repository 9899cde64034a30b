#include "etl/cast.h"
#include "etl/names.h"
#include "etl/path.h"
#include "etl/transform.h"

#include "base/buffer.h"
#include "engine/engine.h"

/* Targets as a tree: dots build structs. */
struct target {
	struct text name;
	const struct type *type; /* of a leaf */
	struct text expr;
	struct target *children;
	size_t child_count;
};

/* A source path's expression and type; type NULL when the field is not there. */
static enum status source_expr(struct arena *arena, const struct frame *input, const char *written,
	const struct type **type_out, struct text *expr_out, struct error *err)
{
	struct text *names = NULL;
	size_t count = 0;
	/* A column whose name holds dots is found as it stands, too (Glue's unnest). */
	const struct column *column = schema_column(&input->schema, text_of(written));
	*type_out = column ? column->type : NULL;
	*expr_out = column ? column_expr(arena, column) : TEXT("");
	if (column)
		return STATUS_OK;
	TRY(path_names(arena, written, &names, &count, err));
	column = schema_column(&input->schema, names[0]);
	const struct type *type = column ? column->type : NULL;
	struct text expr = sql_identifier(arena, names[0]);
	for (size_t i = 1; type && i < count; i++) {
		if (type->kind == TYPE_ARRAY)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"'%s' leads into an array, which cannot be mapped: use a sql node",
				written);
		const struct field *field =
			type->kind == TYPE_STRUCT ? type_field(type, names[i]) : NULL;
		type = field ? field->type : NULL;
		struct text quoted = sql_identifier(arena, names[i]);
		expr = text_of(
			arena_printf(arena, "(%.*s).%.*s", TEXT_ARG(expr), TEXT_ARG(quoted)));
	}
	*type_out = type;
	*expr_out = expr;
	return STATUS_OK;
}

static struct target *child_called(struct arena *arena, struct target *parent, struct text name)
{
	for (size_t i = 0; i < parent->child_count; i++) {
		if (text_equal_folded(parent->children[i].name, name))
			return &parent->children[i];
	}
	parent->children = arena_grow(arena, parent->children, parent->child_count,
		parent->child_count + 1, sizeof *parent->children);
	struct target *child = &parent->children[parent->child_count++];
	child->name = name;
	return child;
}

static enum status add_mapping(struct compile *compile, const Tenon__V1__Node *node,
	const Tenon__V1__Mapping *mapping, const struct frame *input, struct target *root,
	struct error *err)
{
	struct arena *arena = compile->arena;
	const struct type *from = NULL, *to = NULL;
	struct text expr, *names = NULL;
	size_t count = 0;
	TRY(source_expr(arena, input, mapping->source, &from, &expr, err));
	const char *wanted = mapping->target_type[0] ? mapping->target_type : mapping->source_type;
	if (wanted[0] && (mapping->target_type[0] || !from))
		TRY(glue_type_parse(arena, wanted, &to, err));
	if (!from) {
		compile_note(compile, "%s: no field '%s', '%s' is null", node->name,
			mapping->source, mapping->target);
		from = type_simple(TYPE_NULL);
		to = to ? to : type_simple(TYPE_STRING);
	}
	TRY(path_names(arena, mapping->target, &names, &count, err));
	struct target *target = root;
	for (size_t i = 0; i < count; i++) {
		target = child_called(arena, target, names[i]);
		if (target->type || (i + 1 == count && target->child_count))
			return fail(err, STATUS_INVALID_ARGUMENT,
				"target '%s' is mapped twice, or is both a field and a struct",
				mapping->target);
	}
	target->type = to ? to : from;
	target->expr = cast_expr(arena, expr, from, target->type);
	return STATUS_OK;
}

static void build(struct arena *arena, struct target *target)
{
	if (!target->child_count)
		return;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_MESSAGE_BYTES);
	struct field *fields = arena_array(arena, target->child_count, sizeof *fields);
	buffer_add_string(&out, "struct_pack(");
	for (size_t i = 0; i < target->child_count; i++) {
		struct target *child = &target->children[i];
		build(arena, child);
		struct text name = sql_identifier(arena, child->name);
		buffer_printf(&out, "%s%.*s := %.*s", i ? ", " : "", TEXT_ARG(name),
			TEXT_ARG(child->expr));
		fields[i] = (struct field){child->name, child->type};
	}
	buffer_add_byte(&out, ')');
	target->type = type_struct(arena, fields, target->child_count);
	target->expr = arena_copy(arena, buffer_text(&out));
}

static enum status compile_mapping(struct compile *compile, const Tenon__V1__Node *node,
	const struct frame *inputs, size_t count, struct frame *frame, struct error *err)
{
	(void)count;
	struct arena *arena = compile->arena;
	const Tenon__V1__ApplyMapping *mapping = node->apply_mapping;
	struct target root = {0};
	for (size_t i = 0; i < mapping->n_mappings; i++)
		TRY(add_mapping(compile, node, mapping->mappings[i], inputs, &root, err));
	struct outputs outputs = {0};
	for (size_t i = 0; i < root.child_count; i++) {
		struct target *target = &root.children[i];
		build(arena, target);
		outputs_add(arena, &outputs, target->name, target->type, target->expr);
	}
	return outputs_frame(arena, &outputs, frame_view(arena, inputs), frame, err);
}

const struct transform transform_apply_mapping = {"apply_mapping", 1, 1, compile_mapping};
