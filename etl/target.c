#include "etl/target.h"

#include "etl/cast.h"
#include "etl/dialect.h"
#include "etl/step.h"
#include "etl/table.h"
#include "etl/target_schema.h"
#include "schema/notation.h"
#include "storage/stage.h"

#include <strings.h>

static const struct {
	const char *name;
	enum engine_output output;
	const char *compression;
} formats[] = {
	{"parquet", ENGINE_PARQUET, "snappy"},
	{"csv", ENGINE_CSV, "none"},
	{"json", ENGINE_JSON, "none"},
};

static enum status resolve_format(struct target *target, struct error *err)
{
	const char *asked = target->spec->format;
	const char *there =
		target->existing ? table_parameter(target->existing, NULL, "classification") : NULL;
	if (there && asked[0] && strcasecmp(asked, there) != 0)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"the table holds %s, the target says %s: leave 'format' out or write to "
			"another table",
			there, asked);
	const char *name = there ? there : asked[0] ? asked : "parquet";
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (strcasecmp(name, formats[i].name) != 0)
			continue;
		target->format = formats[i].output;
		target->compression = target->spec->compression[0] ? target->spec->compression
								   : formats[i].compression;
		return STATUS_OK;
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"format '%s' cannot be written: use parquet, csv or json", name);
}

static enum status find_table(struct compile *compile, struct target *target, struct error *err)
{
	const Tenon__V1__Target *spec = target->spec;
	struct error why;
	if (!spec->table[0])
		return STATUS_OK;
	if (!spec->database[0])
		return fail(err, STATUS_INVALID_ARGUMENT, "'table' needs 'database'");
	enum status status = compile->host->table(compile->host->state, text_of(spec->database),
		text_of(spec->table), compile->arena, &target->existing, &why);
	if (status == STATUS_OK || status == STATUS_NOT_FOUND)
		return STATUS_OK;
	*err = why;
	return status;
}

static enum status resolve_location(
	struct compile *compile, struct target *target, struct error *err)
{
	const char *asked = target->spec->path, *there = NULL;
	if (target->existing && target->existing->storage)
		there = target->existing->storage->location;
	if (!asked[0] && !(there && there[0]))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'path' is missing: it says where a %s is to be",
			target->spec->table[0] ? "new table" : "target");
	TRY(location_normal(compile->arena, text_of(there && there[0] ? there : asked),
		&target->location, err));
	if (asked[0] && there && there[0]) {
		struct text normal;
		TRY(location_normal(compile->arena, text_of(asked), &normal, err));
		if (!text_equal(normal, target->location))
			return fail(err, STATUS_FAILED_PRECONDITION,
				"the table is at '%.*s', the target says '%s': leave 'path' out",
				TEXT_ARG(target->location), asked);
	}
	return store_open(target->location, &target->store, err);
}

/* The table's keys, which the target need not repeat but must not contradict. */
static enum status resolve_keys(struct compile *compile, const struct target *target,
	char ***keys_out, size_t *count_out, struct error *err)
{
	const Tenon__V1__Target *spec = target->spec;
	*keys_out = spec->partition_keys;
	*count_out = spec->n_partition_keys;
	if (!target->existing)
		return STATUS_OK;
	size_t count = target->existing->n_partition_keys;
	char **keys = arena_array(compile->arena, count, sizeof *keys);
	bool same = spec->n_partition_keys == 0 || spec->n_partition_keys == count;
	for (size_t i = 0; i < count; i++) {
		keys[i] = target->existing->partition_keys[i]->name;
		if (same && spec->n_partition_keys)
			same = strcasecmp(keys[i], spec->partition_keys[i]) == 0;
	}
	if (!same)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"the table's partition keys differ from the target's: leave "
			"'partition_keys' out or write to another table");
	*keys_out = keys;
	*count_out = count;
	return STATUS_OK;
}

static void add_output(struct arena *arena, const struct frame *input, const struct column *column,
	enum engine_output format, struct outputs *outputs)
{
	const struct column *here = schema_column(&input->schema, column->name);
	const struct type *from = here ? here->type : type_simple(TYPE_NULL);
	struct text expr = here ? column_expr(arena, here) : TEXT("NULL");
	bool natural = format == ENGINE_JSON && here && type_has_choice(here->type);
	if (natural)
		expr = natural_expr(arena, expr, here->type);
	else
		expr = cast_expr(arena, expr, from, column->type);
	if (format == ENGINE_CSV && !type_is_scalar(column->type))
		expr = text_of(arena_printf(arena, "to_json(%.*s)", TEXT_ARG(expr)));
	outputs_add(arena, outputs, column->name, column->type, expr);
}

static enum status output_sql(
	struct arena *arena, const struct frame *input, struct target *target, struct error *err)
{
	struct outputs outputs = {0};
	for (size_t i = 0; i < target->schema.column_count; i++)
		add_output(arena, input, &target->schema.columns[i], target->format, &outputs);
	for (size_t i = 0; i < target->schema.key_count; i++)
		add_output(arena, input, &target->schema.keys[i], ENGINE_PARQUET, &outputs);
	struct frame frame;
	TRY(outputs_frame(arena, &outputs, sql_identifier(arena, input->name), &frame, err));
	target->sql = frame.sql;
	return STATUS_OK;
}

enum status target_resolve(struct compile *compile, const Tenon__V1__Node *node,
	const struct frame *input, struct target *target, struct error *err)
{
	*target = (struct target){.node = node->name, .spec = node->target};
	TRY(find_table(compile, target, err));
	TRY(resolve_location(compile, target, err));
	TRY(resolve_format(target, err));
	TRY(target_check_choices(input, target->format, err));
	char **keys = NULL;
	size_t key_count = 0;
	TRY(resolve_keys(compile, target, &keys, &key_count, err));
	struct schema existing = {0};
	if (target->existing)
		TRY(table_schema(compile->arena, target->existing, &existing, err));
	if (target_schema(compile->arena, input, target->existing ? &existing : NULL, keys,
		    key_count, &target->schema, err) != STATUS_OK)
		return target->existing ? fail_within(err, "table '%s.%s'", target->spec->database,
						  target->spec->table)
					: err->status;
	return output_sql(compile->arena, input, target, err);
}

void target_done(struct target *target)
{
	store_free(target->store);
	target->store = NULL;
}

enum status target_write(
	struct compile *compile, const char *run_id, struct target *target, struct error *err)
{
	struct text run = text_of(run_id);
	TRY(stage_begin(target->store, target->location, run, err));
	struct text *keys = arena_array(compile->arena, target->schema.key_count, sizeof *keys);
	for (size_t i = 0; i < target->schema.key_count; i++)
		keys[i] = target->schema.keys[i].name;
	struct engine_copy copy = {
		.sql = target->sql,
		.folder = stage_folder(compile->arena, target->location, run),
		.format = target->format,
		.compression = target->compression,
		.partition_keys = keys,
		.partition_count = target->schema.key_count,
		.file_stem =
			text_of(arena_printf(compile->arena, "run-%s-%s", run_id, target->node)),
	};
	etl_step("mid-write");
	TRY(engine_copy_out(
		compile->engine, &copy, compile->arena, &target->files, &target->file_count, err));
	for (size_t i = 0; i < target->file_count; i++) {
		struct staged staged = {
			target->files[i].path, target->files[i].path, target->files[i].bytes};
		TRY(stage_sync(target->store, &staged, err));
	}
	return STATUS_OK;
}
