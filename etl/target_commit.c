#include "base/partition_folder.h"
#include "etl/catalog_source.h"
#include "etl/dialect.h"
#include "etl/target.h"

#include "schema/notation.h"
#include "storage/stage.h"

#include <strings.h>

#define PLAIN	  "org.apache.hadoop.mapred.TextInputFormat"
#define PLAIN_OUT "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

/* What a crawl would have written for such files (glue-behaviour 2.7). */
static const struct {
	const char *classification, *input, *output, *serde, *extension;
} kinds[] = {
	[ENGINE_PARQUET] = {"parquet",
		"org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
		"org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
		"org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe", ".parquet"},
	[ENGINE_CSV] = {"csv", PLAIN, PLAIN_OUT, "org.apache.hadoop.hive.serde2.OpenCSVSerde",
		".csv"},
	[ENGINE_JSON] = {"json", PLAIN, PLAIN_OUT, "org.openx.data.jsonserde.JsonSerDe", ".json"},
};

static char *owned(struct arena *arena, struct text text)
{
	return arena_text(arena, text);
}

static void add_parameter(
	struct arena *arena, Tenon__V1__Table *table, const char *key, const char *value)
{
	Tenon__V1__Table__ParametersEntry *entry = arena_alloc(arena, sizeof *entry);
	tenon__v1__table__parameters_entry__init(entry);
	entry->key = owned(arena, text_of(key));
	entry->value = owned(arena, text_of(value));
	table->parameters = arena_grow(arena, table->parameters, table->n_parameters,
		table->n_parameters + 1, sizeof(Tenon__V1__Table__ParametersEntry *));
	table->parameters[table->n_parameters++] = entry;
}

static Tenon__V1__Column **columns_of(
	struct arena *arena, const struct column *columns, size_t count)
{
	Tenon__V1__Column **out = arena_array(arena, count, sizeof *out);
	for (size_t i = 0; i < count; i++) {
		out[i] = arena_alloc(arena, sizeof *out[i]);
		tenon__v1__column__init(out[i]);
		out[i]->name = owned(arena, columns[i].name);
		out[i]->type = owned(arena, text_of(type_text(arena, columns[i].type)));
		out[i]->comment = owned(arena, columns[i].comment);
	}
	return out;
}

static void new_table(struct arena *arena, const struct target *target, Tenon__V1__Table *table)
{
	Tenon__V1__StorageDescriptor *storage = arena_alloc(arena, sizeof *storage);
	tenon__v1__storage_descriptor__init(storage);
	Tenon__V1__SerDe *serde = arena_alloc(arena, sizeof *serde);
	tenon__v1__ser_de__init(serde);
	table->database = owned(arena, text_of(target->spec->database));
	table->name = owned(arena, text_of(target->spec->table));
	table->table_type = owned(arena, TEXT("EXTERNAL_TABLE"));
	table->storage = storage;
	storage->location = owned(arena, target->location);
	storage->input_format = owned(arena, text_of(kinds[target->format].input));
	storage->output_format = owned(arena, text_of(kinds[target->format].output));
	storage->number_of_buckets = -1;
	storage->compressed =
		target->format != ENGINE_PARQUET && strcmp(target->compression, "none") != 0;
	serde->library = owned(arena, text_of(kinds[target->format].serde));
	storage->serde = serde;
	add_parameter(arena, table, "classification", kinds[target->format].classification);
	add_parameter(arena, table, "compressionType", target->compression);
	add_parameter(arena, table, "typeOfData", "file");
	if (target->format == ENGINE_CSV) {
		add_parameter(arena, table, "delimiter", ",");
		add_parameter(arena, table, "quoteChar", "\"");
		add_parameter(arena, table, "columnsOrdered", "true");
		add_parameter(arena, table, "skip.header.line.count", "1");
	}
}

static Tenon__V1__Table *table_after(struct arena *arena, const struct target *target)
{
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	tenon__v1__table__init(table);
	if (target->existing) {
		*table = *target->existing;
		Tenon__V1__StorageDescriptor *storage = arena_alloc(arena, sizeof *storage);
		*storage = *table->storage;
		table->storage = storage;
	} else {
		new_table(arena, target, table);
	}
	/* A column that was there keeps all that the catalog knows of it. */
	Tenon__V1__Column **columns =
		columns_of(arena, target->schema.columns, target->schema.column_count);
	for (size_t i = 0; i < target->schema.column_count; i++) {
		if (target->existing && i < target->existing->storage->n_columns &&
			strcasecmp(target->existing->storage->columns[i]->type, columns[i]->type) ==
				0)
			columns[i] = target->existing->storage->columns[i];
	}
	table->storage->columns = columns;
	table->storage->n_columns = target->schema.column_count;
	if (!target->existing) {
		table->partition_keys =
			columns_of(arena, target->schema.keys, target->schema.key_count);
		table->n_partition_keys = target->schema.key_count;
	}
	return table;
}

/* One partition per distinct folder; files of one folder need not be neighbours. */
static void add_partition(struct arena *arena, const struct target *target, struct text folder,
	Tenon__V1__TargetCommit *commit)
{
	struct text location = text_of(
		arena_printf(arena, "%.*s/%.*s", TEXT_ARG(target->location), TEXT_ARG(folder)));
	for (size_t i = 0; i < commit->n_partitions; i++) {
		if (text_equal(text_of(commit->partitions[i]->storage->location), location))
			return;
	}
	Tenon__V1__Partition *partition = arena_alloc(arena, sizeof *partition);
	tenon__v1__partition__init(partition);
	partition->storage = arena_alloc(arena, sizeof *partition->storage);
	tenon__v1__storage_descriptor__init(partition->storage);
	partition->storage->location = owned(arena, location);
	partition->values = arena_array(arena, target->schema.key_count, sizeof *partition->values);
	struct text rest = folder, piece;
	bool more = true;
	while (partition->n_values < target->schema.key_count &&
		text_split(&rest, &more, '/', &piece))
		partition->values[partition->n_values++] = arena_text(arena,
			folder_value_decode(arena, text_from(piece, text_find(piece, '=') + 1)));
	size_t count = commit->n_partitions;
	if ((count & (count - 1)) == 0) /* full at each power of two */
		commit->partitions = arena_grow(arena, commit->partitions, count,
			count ? 2 * count : 1, sizeof *commit->partitions);
	commit->partitions[commit->n_partitions++] = partition;
}

static bool same_values(const Tenon__V1__Partition *a, const Tenon__V1__Partition *b)
{
	if (a->n_values != b->n_values)
		return false;
	for (size_t i = 0; i < a->n_values; i++) {
		if (strcmp(a->values[i], b->values[i]) != 0)
			return false;
	}
	return true;
}

static enum status count_new(struct compile *compile, const struct target *target,
	Tenon__V1__TargetCommit *commit, struct error *err)
{
	Tenon__V1__Partition **there = NULL;
	size_t count = 0, known = 0;
	if (target->existing && commit->n_partitions)
		TRY(compile->host->partitions(compile->host->state, text_of(target->spec->database),
			text_of(target->spec->table), TEXT(""), compile->arena, &there, &count,
			err));
	for (size_t i = 0; i < commit->n_partitions; i++) {
		for (size_t k = 0; k < count; k++) {
			if (same_values(commit->partitions[i], there[k])) {
				known++;
				break;
			}
		}
	}
	commit->report->partitions_added = commit->n_partitions - known;
	return STATUS_OK;
}

static Tenon__V1__StagedFile *staged_file(struct compile *compile, const char *run_id,
	const struct target *target, const struct engine_file *file, struct text folder,
	size_t number)
{
	Tenon__V1__StagedFile *staged = arena_alloc(compile->arena, sizeof *staged);
	tenon__v1__staged_file__init(staged);
	/* Text files keep what tells their compression. */
	const char *extension = kinds[target->format].extension;
	const char *more = "";
	if (target->format != ENGINE_PARQUET && text_ends(file->path, TEXT(".gz")))
		more = ".gz";
	else if (target->format != ENGINE_PARQUET && text_ends(file->path, TEXT(".zst")))
		more = ".zst";
	staged->from = owned(compile->arena, file->path);
	staged->to = arena_printf(compile->arena, "%.*s/%.*s%srun-%s-%04zu%s%s",
		TEXT_ARG(target->location), TEXT_ARG(folder), folder.length ? "/" : "", run_id,
		number, extension, more);
	staged->bytes = file->bytes;
	staged->rows = file->rows;
	return staged;
}

static enum status new_report(
	struct compile *compile, const struct target *target, Tenon__V1__TargetCommit *commit)
{
	Tenon__V1__TargetReport *report = arena_alloc(compile->arena, sizeof *report);
	tenon__v1__target_report__init(report);
	report->node = owned(compile->arena, text_of(target->node));
	report->location = owned(compile->arena, target->location);
	if (target->spec->table[0])
		report->table = arena_printf(
			compile->arena, "%s.%s", target->spec->database, target->spec->table);
	commit->report = report;
	return STATUS_OK;
}

enum status target_commit(struct compile *compile, const char *run_id, struct target *target,
	size_t *number, Tenon__V1__CommitRunRequest *request, struct error *err)
{
	struct arena *arena = compile->arena;
	Tenon__V1__TargetCommit *commit = arena_alloc(arena, sizeof *commit);
	tenon__v1__target_commit__init(commit);
	TRY(new_report(compile, target, commit));
	struct text stage = stage_folder(arena, target->location, text_of(run_id));
	request->files = arena_grow(arena, request->files, request->n_files,
		request->n_files + target->file_count, sizeof *request->files);
	for (size_t i = 0; i < target->file_count; i++) {
		const struct engine_file *file = &target->files[i];
		if (!file->rows && target->schema.key_count == 0)
			continue; /* no rows: nothing to publish; the stage is swept */
		struct text below = text_from(file->path, stage.length + 1);
		size_t slash = text_find_last(below, '/');
		struct text folder = slash == SIZE_MAX ? TEXT("") : text_until(below, slash);
		if (target->schema.key_count)
			add_partition(arena, target, folder, commit);
		request->files[request->n_files++] =
			staged_file(compile, run_id, target, file, folder, (*number)++);
		commit->report->files++;
		commit->report->rows += file->rows;
		commit->report->bytes += file->bytes;
	}
	TRY(count_new(compile, target, commit, err));
	if (target->spec->table[0])
		commit->table = table_after(arena, target);
	else
		commit->n_partitions = 0; /* a plain path has no partitions to register */
	request->targets = arena_grow(arena, request->targets, request->n_targets,
		request->n_targets + 1, sizeof *request->targets);
	request->targets[request->n_targets++] = commit;
	return STATUS_OK;
}
