#include "clients/cli/grid.h"
#include "clients/cli/render.h"

#include <string.h>

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

static const char *joined(struct arena *arena, char *const *words, size_t count)
{
	const char *all = "";
	for (size_t i = 0; i < count; i++)
		all = arena_printf(arena, "%s%s%s", all, i ? ", " : "", words[i]);
	return all;
}

static const char *place(
	struct arena *arena, const char *database, const char *table, const char *path)
{
	if (!table[0])
		return path;
	return arena_printf(arena, "%s.%s%s%s", database, table, path[0] ? " at " : "", path);
}

/* Runs of blanks and line ends as one blank each. */
static const char *squeezed(struct arena *arena, const char *text)
{
	char *made = arena_alloc(arena, strlen(text) + 1);
	char *end = made;
	for (; *text; text++) {
		bool blank = *text == ' ' || *text == '\n' || *text == '\t';
		if (!blank)
			*end++ = *text;
		else if (end > made && end[-1] != ' ')
			*end++ = ' ';
	}
	return made;
}

/* The node's kind by its name in the plan, and the text that says most of it. */
static const char *node_says(const struct screen *screen, const Tenon__V1__Node *node)
{
	struct arena *arena = screen->arena;
	switch (node->kind_case) {
	case TENON__V1__NODE__KIND_SOURCE:
		return place(
			arena, node->source->database, node->source->table, node->source->path);
	case TENON__V1__NODE__KIND_TARGET:
		return place(
			arena, node->target->database, node->target->table, node->target->path);
	case TENON__V1__NODE__KIND_FILTER:
		return node->filter->where;
	case TENON__V1__NODE__KIND_SQL:
		return squeezed(arena, node->sql->query);
	case TENON__V1__NODE__KIND_SELECT_FIELDS:
		return joined(arena, node->select_fields->paths, node->select_fields->n_paths);
	case TENON__V1__NODE__KIND_DROP_FIELDS:
		return joined(arena, node->drop_fields->paths, node->drop_fields->n_paths);
	case TENON__V1__NODE__KIND_RENAME_FIELD:
		return arena_printf(arena, "%s %s %s", node->rename_field->from, arrow(screen),
			node->rename_field->to);
	case TENON__V1__NODE__KIND_APPLY_MAPPING:
		return human_things(arena, node->apply_mapping->n_mappings, "field");
	case TENON__V1__NODE__KIND_RESOLVE_CHOICE: {
		const char *all = node->resolve_choice->choice;
		for (size_t i = 0; i < node->resolve_choice->n_specs; i++)
			all = arena_printf(arena, "%s%s%s %s", i ? all : "", i ? ", " : "",
				node->resolve_choice->specs[i]->path,
				node->resolve_choice->specs[i]->action);
		return all;
	}
	case TENON__V1__NODE__KIND_JOIN:
		return arena_printf(arena, "%s on %s = %s",
			node->join->type[0] ? node->join->type : "inner",
			joined(arena, node->join->left_keys, node->join->n_left_keys),
			joined(arena, node->join->right_keys, node->join->n_right_keys));
	case TENON__V1__NODE__KIND__NOT_SET:
	case _TENON__V1__NODE__KIND__CASE_IS_INT_SIZE:
		break;
	}
	return "";
}

static const char *node_kind(const Tenon__V1__Node *node)
{
	const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(
		&tenon__v1__node__descriptor, (unsigned)node->kind_case);
	return field ? field->name : "-";
}

void render_job(struct screen *screen, const Tenon__V1__Job *job)
{
	static const struct grid_column columns[] = {{.title = "NODE"}, {.title = "KIND"},
		{.title = "INPUTS"}, {.title = "WHAT", .elastic = true}};
	static const char *const modes[] = {"enable", "enable", "disable", "pause"};
	struct arena *arena = screen->arena;
	screen_text(screen, PAINT_BOLD, job->name);
	screen_printf(screen, PAINT_NONE, "  bookmark %s\n",
		(unsigned)job->bookmark < 4 ? modes[job->bookmark] : "?");
	if (job->description[0])
		screen_printf(screen, PAINT_NONE, "  %s\n", job->description);
	for (size_t i = 0; i < job->n_default_args; i++)
		screen_printf(screen, PAINT_DIM, "  %s=%s\n", job->default_args[i]->key,
			job->default_args[i]->value);
	if (job->timeout_s)
		screen_printf(screen, PAINT_DIM, "  ends after %s\n",
			human_seconds(arena, job->timeout_s));
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; job->plan && i < job->plan->n_nodes; i++) {
		const Tenon__V1__Node *node = job->plan->nodes[i];
		grid_cell(grid, node->name);
		grid_cell(grid, node_kind(node));
		grid_cell(grid, joined(arena, node->inputs, node->n_inputs));
		grid_cell(grid, node_says(screen, node));
	}
	if (grid_rows(grid)) {
		screen_text(screen, PAINT_NONE, "\n");
		grid_draw(grid, "  ");
	}
}
