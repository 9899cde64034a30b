#include "etl/target_schema.h"

#include "etl/cast.h"
#include "schema/join.h"
#include "schema/notation.h"
#include "schema/resolve.h"

#include <stdio.h>

enum status target_check_choices(
	const struct frame *input, enum engine_output format, struct error *err)
{
	char names[256] = "";
	size_t used = 0;
	for (size_t i = 0; i < input->schema.column_count; i++) {
		const struct column *column = &input->schema.columns[i];
		if (!type_has_choice(column->type) || used >= sizeof names - 1)
			continue;
		int wrote = snprintf(names + used, sizeof names - used, "%s'%.*s'",
			used ? ", " : "", TEXT_ARG(column->name));
		used += wrote > 0 ? (size_t)wrote : 0;
	}
	if (!used || format == ENGINE_JSON)
		return STATUS_OK;
	return fail(err, STATUS_INVALID_ARGUMENT,
		"%s hold choices, which %s files cannot: put a resolve_choice node before the "
		"target (for example choice: make_cols)",
		names, format == ENGINE_CSV ? "csv" : "parquet");
}

static bool is_key(struct text name, char *const *keys, size_t key_count)
{
	for (size_t i = 0; i < key_count; i++) {
		if (text_equal_folded(name, text_of(keys[i])))
			return true;
	}
	return false;
}

/* A column that both have. What the table has stays where the input widens to it. */
static enum status meet(struct arena *arena, const struct column *there, const struct column *here,
	struct column *out, struct error *err)
{
	*out = *there;
	if (type_equal(there->type, here->type) || type_widens(here->type, there->type))
		return STATUS_OK;
	const struct type *joined = type_join(arena, there->type, here->type);
	if (type_has_choice(joined) && !type_has_choice(there->type))
		return fail(err, STATUS_FAILED_PRECONDITION,
			"column '%.*s' is %s in the table and %s here: cast it with apply_mapping "
			"or resolve_choice, or write to another table",
			TEXT_ARG(there->name), type_text(arena, there->type),
			type_text(arena, here->type));
	out->type = type_resolved(arena, joined, RESOLVE_KEEP);
	return STATUS_OK;
}

static enum status key_columns(struct arena *arena, const struct frame *input,
	const struct schema *existing, char *const *keys, size_t key_count, struct schema *out,
	struct error *err)
{
	struct column *columns = arena_array(arena, key_count, sizeof *columns);
	if (key_count > LIMIT_PARTITION_KEYS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "%zu partition keys, the limit is %d",
			key_count, LIMIT_PARTITION_KEYS);
	for (size_t i = 0; i < key_count; i++) {
		const struct column *here = schema_column(&input->schema, text_of(keys[i]));
		if (!here)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"partition key '%s' is not a column of '%.*s'", keys[i],
				TEXT_ARG(input->name));
		if (!type_is_scalar(here->type) || here->type->kind == TYPE_BINARY)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"partition key '%s' is %s: only scalar columns can be keys",
				keys[i], type_text(arena, here->type));
		columns[i] = existing ? existing->keys[i] : *here;
		columns[i].type = type_resolved(arena, columns[i].type, RESOLVE_KEEP);
	}
	out->keys = columns;
	out->key_count = key_count;
	return STATUS_OK;
}

enum status target_schema(struct arena *arena, const struct frame *input,
	const struct schema *existing, char *const *keys, size_t key_count,
	struct schema *schema_out, struct error *err)
{
	static const struct schema nothing;
	const struct schema *there = existing ? existing : &nothing;
	struct schema out = {0};
	TRY(key_columns(arena, input, existing, keys, key_count, &out, err));
	struct column *columns = arena_array(
		arena, there->column_count + input->schema.column_count, sizeof *columns);
	for (size_t i = 0; i < there->column_count; i++) {
		const struct column *here = schema_column(&input->schema, there->columns[i].name);
		columns[out.column_count] = there->columns[i];
		if (here)
			TRY(meet(arena, &there->columns[i], here, &columns[out.column_count], err));
		out.column_count++;
	}
	for (size_t i = 0; i < input->schema.column_count; i++) {
		const struct column *here = &input->schema.columns[i];
		if (schema_column(there, here->name) || is_key(here->name, keys, key_count))
			continue;
		columns[out.column_count] = *here;
		columns[out.column_count++].type = type_resolved(arena, here->type, RESOLVE_KEEP);
	}
	if (!out.column_count)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"every column is a partition key: nothing is left to write");
	out.columns = columns;
	*schema_out = out;
	return STATUS_OK;
}
