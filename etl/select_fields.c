#include "etl/path.h"
#include "etl/rewrite.h"
#include "etl/transform.h"

/* Paths and which of them met a field. */
struct chosen {
	struct text *paths;
	bool *met;
	size_t count;
};

static enum status chosen_parse(struct arena *arena, char *const *paths, size_t count,
	struct chosen *chosen, struct error *err)
{
	if (!count)
		return fail(
			err, STATUS_INVALID_ARGUMENT, "'paths' is empty: name at least one field");
	chosen->paths = arena_array(arena, count, sizeof *chosen->paths);
	chosen->met = arena_array(arena, count, sizeof *chosen->met);
	chosen->count = count;
	for (size_t i = 0; i < count; i++)
		TRY(path_parse(arena, paths[i], &chosen->paths[i], err));
	return STATUS_OK;
}

static void note_unmet(
	struct compile *compile, const Tenon__V1__Node *node, const struct chosen *chosen)
{
	for (size_t i = 0; i < chosen->count; i++) {
		if (!chosen->met[i])
			compile_note(compile, "%s: no field '%.*s', ignored", node->name,
				TEXT_ARG(chosen->paths[i]));
	}
}

/* Keep what is chosen and what leads to it; a struct's other fields go. */
static enum status select_edit(
	void *state, const struct node_at *node, struct edit *edit, struct error *err)
{
	(void)err;
	struct chosen *chosen = state;
	bool leads = false;
	for (size_t i = 0; i < chosen->count; i++) {
		if (path_within(node->path, chosen->paths[i])) {
			chosen->met[i] = true;
			edit->kind = EDIT_DESCEND;
			return STATUS_OK;
		}
		leads |= path_within(chosen->paths[i], node->path);
	}
	edit->kind = leads ? EDIT_DESCEND : EDIT_DROP;
	return STATUS_OK;
}

static enum status drop_edit(
	void *state, const struct node_at *node, struct edit *edit, struct error *err)
{
	(void)err;
	struct chosen *chosen = state;
	for (size_t i = 0; i < chosen->count; i++) {
		if (text_equal(node->path, chosen->paths[i])) {
			chosen->met[i] = true;
			edit->kind = EDIT_DROP;
		}
	}
	return STATUS_OK;
}

static enum status compile_paths(struct compile *compile, const Tenon__V1__Node *node,
	const struct frame *input, char *const *paths, size_t count, edit_fn edit,
	struct frame *frame, struct error *err)
{
	struct chosen chosen;
	TRY(chosen_parse(compile->arena, paths, count, &chosen, err));
	struct outputs outputs = {0};
	TRY(rewrite_frame(compile->arena, input, edit, &chosen, &outputs, err));
	note_unmet(compile, node, &chosen);
	return outputs_frame(
		compile->arena, &outputs, frame_view(compile->arena, input), frame, err);
}

static enum status compile_select(struct compile *compile, const Tenon__V1__Node *node,
	const struct frame *inputs, size_t count, struct frame *frame, struct error *err)
{
	(void)count;
	return compile_paths(compile, node, inputs, node->select_fields->paths,
		node->select_fields->n_paths, select_edit, frame, err);
}

static enum status compile_drop(struct compile *compile, const Tenon__V1__Node *node,
	const struct frame *inputs, size_t count, struct frame *frame, struct error *err)
{
	(void)count;
	return compile_paths(compile, node, inputs, node->drop_fields->paths,
		node->drop_fields->n_paths, drop_edit, frame, err);
}

const struct transform transform_select_fields = {"select_fields", 1, 1, compile_select};
const struct transform transform_drop_fields = {"drop_fields", 1, 1, compile_drop};
