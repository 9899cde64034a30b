#include "etl/cast.h"
#include "etl/names.h"
#include "etl/path.h"
#include "etl/rewrite.h"
#include "etl/table.h"
#include "etl/transform.h"

#include "schema/join.h"
#include "schema/resolve.h"

enum action { ACTION_CAST, ACTION_PROJECT, ACTION_MAKE_STRUCT, ACTION_MAKE_COLS, ACTION_MATCH };

static const struct {
	const char *name;
	enum action action;
	bool typed;
} actions[] = {
	{"cast:", ACTION_CAST, true},
	{"project:", ACTION_PROJECT, true},
	{"make_struct", ACTION_MAKE_STRUCT, false},
	{"make_cols", ACTION_MAKE_COLS, false},
	{"match_catalog", ACTION_MATCH, false},
};

struct spec {
	struct text path; /* empty: every choice */
	enum action action;
	const struct type *type; /* of cast and project */
	bool met;
};

struct resolving {
	struct arena *arena;
	struct spec *specs;
	size_t count;
	struct schema catalog; /* match_catalog */
};

static enum status action_parse(
	struct arena *arena, const char *written, struct spec *spec, struct error *err)
{
	struct text text = text_of(written);
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		struct text name = text_of(actions[i].name);
		if (actions[i].typed ? !text_starts(text, name) : !text_equal(text, name))
			continue;
		spec->action = actions[i].action;
		return actions[i].typed
			       ? glue_type_parse(arena, written + name.length, &spec->type, err)
			       : STATUS_OK;
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"action '%s' is not known: use cast:TYPE, project:TYPE, make_struct, make_cols or "
		"match_catalog",
		written);
}

/* Whether project keeps values of type `from`: those that are values of `to`, and for
 * project:string all that have a text. */
static bool projects(const struct type *from, const struct type *to)
{
	return type_widens(from, to) || (to->kind == TYPE_STRING && type_is_scalar(from)) ||
	       (from->kind == to->kind && !type_is_scalar(to));
}

/* A column that is no choice is one whose records agree: this batch's may, where
 * another's do not, and the result has one type for both. */
static struct text project_agreed(
	struct arena *arena, const struct node_at *node, const struct type *to)
{
	if (projects(node->type, to))
		return cast_expr(arena, node->expr, node->type, to);
	return cast_expr(arena, TEXT("NULL"), type_simple(TYPE_NULL), to);
}

static struct text project_expr(
	struct arena *arena, const struct node_at *node, const struct type *to)
{
	struct text expr = TEXT("");
	if (node->type->kind != TYPE_CHOICE)
		return project_agreed(arena, node, to);
	for (size_t i = 0; i < node->type->count; i++) {
		const struct type *arm = node->type->arms[i];
		if (!projects(arm, to))
			continue;
		const struct type *own = type_resolved(arena, arm, RESOLVE_STRING);
		struct text typed = choice_arm_expr(arena, node->expr, node->type, i);
		if (to->kind == TYPE_STRING) /* as it was written */
			typed = text_of(arena_printf(arena,
				"CASE WHEN (%.*s).tag = %zu THEN (%.*s).\"text\" END",
				TEXT_ARG(node->expr), i, TEXT_ARG(node->expr)));
		else
			typed = cast_expr(arena, typed, own, to);
		expr = text_of(arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(expr),
			expr.length ? ", " : "", TEXT_ARG(typed)));
	}
	if (!expr.length)
		return cast_expr(arena, TEXT("NULL"), type_simple(TYPE_NULL), to);
	return text_of(arena_printf(arena, "coalesce(%.*s)", TEXT_ARG(expr)));
}

/* Alternatives by the names Glue gives them; two of one name are one (their join). */
struct alternatives {
	const char *name[LIMIT_CHOICE_ARMS];
	const struct type *type[LIMIT_CHOICE_ARMS];
	struct text expr[LIMIT_CHOICE_ARMS];
	size_t count;
};

static void alternatives_of(
	struct arena *arena, const struct node_at *node, struct alternatives *out)
{
	out->count = 0;
	for (size_t i = 0; i < node->type->count && i < LIMIT_CHOICE_ARMS; i++) {
		const struct type *type = type_resolved(arena, node->type->arms[i], RESOLVE_STRING);
		struct text expr = choice_arm_expr(arena, node->expr, node->type, i);
		const char *name = glue_type_name(type);
		size_t at = 0;
		while (at < out->count && strcmp(out->name[at], name) != 0)
			at++;
		if (at < out->count) {
			const struct type *joined = type_resolved(
				arena, type_join(arena, out->type[at], type), RESOLVE_STRING);
			struct text a = cast_expr(arena, out->expr[at], out->type[at], joined);
			struct text b = cast_expr(arena, expr, type, joined);
			out->type[at] = joined;
			out->expr[at] = text_of(arena_printf(
				arena, "coalesce(%.*s, %.*s)", TEXT_ARG(a), TEXT_ARG(b)));
			continue;
		}
		out->name[at] = name;
		out->type[at] = type;
		out->expr[at] = expr;
		out->count++;
	}
}

static void make_struct(struct arena *arena, const struct node_at *node, struct edit *edit)
{
	struct alternatives all;
	alternatives_of(arena, node, &all);
	struct field *fields = arena_array(arena, all.count, sizeof *fields);
	char *expr = arena_printf(
		arena, "CASE WHEN %.*s IS NOT NULL THEN struct_pack(", TEXT_ARG(node->expr));
	for (size_t i = 0; i < all.count; i++) {
		fields[i] = (struct field){text_of(all.name[i]), all.type[i]};
		expr = arena_printf(arena, "%s%s\"%s\" := %.*s", expr, i ? ", " : "", all.name[i],
			TEXT_ARG(all.expr[i]));
	}
	expr = arena_printf(arena, "%s) END", expr);
	outputs_add(arena, &edit->with, node->name, type_struct(arena, fields, all.count),
		text_of(expr));
}

static void make_cols(struct arena *arena, const struct node_at *node, struct edit *edit)
{
	struct alternatives all;
	alternatives_of(arena, node, &all);
	for (size_t i = 0; i < all.count; i++)
		outputs_add(arena, &edit->with,
			text_of(arena_printf(arena, "%.*s_%s", TEXT_ARG(node->name), all.name[i])),
			all.type[i], all.expr[i]);
}

/* The catalog's type at a path, or NULL. */
static const struct type *catalog_type(
	struct arena *arena, const struct schema *catalog, struct text path)
{
	for (size_t i = 0; i < catalog->column_count + catalog->key_count; i++) {
		const struct column *column = i < catalog->column_count
						      ? &catalog->columns[i]
						      : &catalog->keys[i - catalog->column_count];
		struct text at = path_field(arena, TEXT(""), column->name);
		const struct type *type = column->type;
		while (type && path_within(path, at) && at.length < path.length) {
			const struct type *below = NULL;
			if (type->kind == TYPE_ARRAY) {
				at = path_elements(arena, at);
				below = type->element;
			} else if (type->kind == TYPE_MAP) {
				at = path_values(arena, at);
				below = type->element;
			}
			for (size_t k = 0; type->kind == TYPE_STRUCT && k < type->count; k++) {
				struct text next = path_field(arena, at, type->fields[k].name);
				if (path_within(path, next)) {
					at = next;
					below = type->fields[k].type;
					break;
				}
			}
			type = below;
		}
		if (type && text_equal(at, path))
			return type;
	}
	return NULL;
}

static void replace_by(
	struct arena *arena, const struct node_at *node, const struct type *type, struct edit *edit)
{
	outputs_add(arena, &edit->with, node->name, type,
		cast_expr(arena, node->expr, node->type, type));
}

static void apply(struct resolving *resolving, const struct spec *spec, const struct node_at *node,
	struct edit *edit)
{
	struct arena *arena = resolving->arena;
	const struct type *type;
	bool splits = spec->action == ACTION_MAKE_STRUCT || spec->action == ACTION_MAKE_COLS;
	if (splits && node->type->kind != TYPE_CHOICE)
		return; /* nothing to take apart */
	edit->kind = EDIT_REPLACE;
	switch (spec->action) {
	case ACTION_CAST:
		replace_by(arena, node, spec->type, edit);
		return;
	case ACTION_PROJECT:
		outputs_add(arena, &edit->with, node->name, spec->type,
			project_expr(arena, node, spec->type));
		return;
	case ACTION_MAKE_STRUCT:
		make_struct(arena, node, edit);
		return;
	case ACTION_MAKE_COLS:
		make_cols(arena, node, edit);
		return;
	case ACTION_MATCH:
		type = catalog_type(arena, &resolving->catalog, node->path);
		if (!type || type->kind == TYPE_CHOICE)
			edit->kind = EDIT_DESCEND;
		else
			replace_by(arena, node, type, edit);
		return;
	}
}

static enum status resolve_edit(
	void *state, const struct node_at *node, struct edit *edit, struct error *err)
{
	(void)err;
	struct resolving *resolving = state;
	for (size_t i = 0; i < resolving->count; i++) {
		struct spec *spec = &resolving->specs[i];
		bool every = !spec->path.length && node->type->kind == TYPE_CHOICE;
		if (!every && !(spec->path.length && text_equal(node->path, spec->path)))
			continue;
		spec->met = true;
		apply(resolving, spec, node, edit);
		return STATUS_OK;
	}
	return STATUS_OK;
}

static enum status specs_parse(
	struct resolving *resolving, const Tenon__V1__ResolveChoice *resolve, struct error *err)
{
	if ((resolve->n_specs > 0) == (resolve->choice[0] != '\0'))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"give either 'specs' or one 'choice' for every choice column, not %s",
			resolve->n_specs ? "both" : "neither");
	size_t count = resolve->n_specs ? resolve->n_specs : 1;
	resolving->specs = arena_array(resolving->arena, count, sizeof *resolving->specs);
	resolving->count = count;
	if (!resolve->n_specs)
		return action_parse(resolving->arena, resolve->choice, &resolving->specs[0], err);
	for (size_t i = 0; i < count; i++) {
		struct spec *spec = &resolving->specs[i];
		TRY(path_parse(resolving->arena, resolve->specs[i]->path, &spec->path, err));
		TRY(action_parse(resolving->arena, resolve->specs[i]->action, spec, err));
	}
	return STATUS_OK;
}

static enum status load_catalog(struct compile *compile, struct resolving *resolving,
	const Tenon__V1__ResolveChoice *resolve, struct error *err)
{
	bool needed = false;
	for (size_t i = 0; i < resolving->count; i++)
		needed |= resolving->specs[i].action == ACTION_MATCH;
	if (!needed)
		return STATUS_OK;
	if (!resolve->database[0] || !resolve->table[0])
		return fail(
			err, STATUS_INVALID_ARGUMENT, "match_catalog needs 'database' and 'table'");
	Tenon__V1__Table *table = NULL;
	TRY(compile->host->table(compile->host->state, text_of(resolve->database),
		text_of(resolve->table), compile->arena, &table, err));
	return table_schema(compile->arena, table, &resolving->catalog, err);
}

static enum status compile_resolve(struct compile *compile, const Tenon__V1__Node *node,
	const struct frame *inputs, size_t count, struct frame *frame, struct error *err)
{
	(void)count;
	struct resolving resolving = {.arena = compile->arena};
	TRY(specs_parse(&resolving, node->resolve_choice, err));
	TRY(load_catalog(compile, &resolving, node->resolve_choice, err));
	struct outputs outputs = {0};
	TRY(rewrite_frame(compile->arena, inputs, resolve_edit, &resolving, &outputs, err));
	for (size_t i = 0; i < resolving.count; i++) {
		if (!resolving.specs[i].met && resolving.specs[i].path.length)
			compile_note(compile, "%s: no field '%.*s', nothing is resolved",
				node->name, TEXT_ARG(resolving.specs[i].path));
	}
	return outputs_frame(
		compile->arena, &outputs, frame_view(compile->arena, inputs), frame, err);
}

const struct transform transform_resolve_choice = {"resolve_choice", 1, 1, compile_resolve};
