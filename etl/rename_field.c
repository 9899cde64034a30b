#include "etl/path.h"
#include "etl/rewrite.h"
#include "etl/transform.h"

struct rename {
	struct arena *arena;
	struct text from;
	struct text to;
	bool met;
};

static enum status rename_edit(
	void *state, const struct node_at *node, struct edit *edit, struct error *err)
{
	(void)err;
	struct rename *rename = state;
	if (!node->name.length || !text_equal(node->path, rename->from))
		return STATUS_OK;
	rename->met = true;
	edit->kind = EDIT_REPLACE;
	outputs_add(rename->arena, &edit->with, rename->to, node->type, node->expr);
	return STATUS_OK;
}

/* The last name of a written path, and the normal path of what holds it. */
static enum status last_name(struct arena *arena, const char *written, struct text *name_out,
	struct text *parent_out, struct error *err)
{
	struct text path;
	TRY(path_parse(arena, written, &path, err));
	struct text all = text_of(written), name;
	bool quoted = false;
	size_t cut = 0;
	for (size_t i = 0; i < all.length; i++) {
		quoted ^= all.at[i] == '`';
		if (all.at[i] == '.' && !quoted)
			cut = i + 1;
	}
	name = text_from(all, cut);
	if (name.at[0] == '`')
		name = (struct text){name.at + 1, name.length - 2};
	*name_out = arena_copy(arena, name);
	*parent_out = TEXT("");
	if (cut)
		TRY(path_parse(
			arena, arena_text(arena, text_until(all, cut - 1)), parent_out, err));
	return STATUS_OK;
}

static enum status compile_rename(struct compile *compile, const Tenon__V1__Node *node,
	const struct frame *inputs, size_t count, struct frame *frame, struct error *err)
{
	(void)count;
	struct arena *arena = compile->arena;
	struct rename rename = {.arena = arena};
	struct text name, holder, new_holder;
	TRY(path_parse(arena, node->rename_field->from, &rename.from, err));
	TRY(last_name(arena, node->rename_field->from, &name, &holder, err));
	TRY(last_name(arena, node->rename_field->to, &rename.to, &new_holder, err));
	if (!text_equal(holder, new_holder))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'%s' cannot become '%s', which lies elsewhere: use apply_mapping to move "
			"a "
			"field",
			node->rename_field->from, node->rename_field->to);
	struct outputs outputs = {0};
	TRY(rewrite_frame(arena, inputs, rename_edit, &rename, &outputs, err));
	if (!rename.met)
		compile_note(compile, "%s: no field '%s', nothing is renamed", node->name,
			node->rename_field->from);
	return outputs_frame(arena, &outputs, frame_view(arena, inputs), frame, err);
}

const struct transform transform_rename_field = {"rename_field", 1, 1, compile_rename};
