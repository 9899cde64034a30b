#include "etl/catalog_source.h"

#include "base/partition_folder.h"
#include "etl/dialect.h"
#include "etl/exclusions.h"
#include "etl/table.h"

struct text partition_location(
	struct arena *arena, const Tenon__V1__Table *table, const Tenon__V1__Partition *partition)
{
	if (partition->storage && partition->storage->location[0])
		return text_of(partition->storage->location);
	struct text location = text_of(table->storage->location);
	while (location.length > 1 && location.at[location.length - 1] == '/')
		location.length--;
	for (size_t i = 0; i < partition->n_values; i++) {
		struct text value = folder_value_encode(arena, text_of(partition->values[i]));
		location = text_of(arena_printf(arena, "%.*s/%s=%.*s", TEXT_ARG(location),
			table->partition_keys[i]->name, TEXT_ARG(value)));
	}
	return location;
}

static enum status add_location(struct compile *compile, struct source *source,
	struct text location, const struct text *values, const struct dialect *dialect,
	struct error *err)
{
	struct text normal;
	TRY(location_normal(compile->arena, location, &normal, err));
	if (!source->store)
		TRY(store_open(normal, &source->store, err));
	struct listing listing;
	TRY(store_list(source->store, normal, compile->arena, &listing, err));
	exclusions_drop(&source->exclusions, &listing);
	source->files = arena_grow(compile->arena, source->files, source->file_count,
		source->file_count + listing.count, sizeof *source->files);
	for (size_t i = 0; i < listing.count; i++)
		source->files[source->file_count++] = (struct source_file){
			.object = listing.objects[i], .values = values, .dialect = *dialect};
	return STATUS_OK;
}

static enum status add_partition(struct compile *compile, struct source *source,
	const Tenon__V1__Table *table, const Tenon__V1__Partition *partition, struct error *err)
{
	if (partition->n_values != source->schema.key_count)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"a partition has %zu values for %zu keys", partition->n_values,
			source->schema.key_count);
	struct text *values = arena_array(compile->arena, partition->n_values, sizeof *values);
	for (size_t i = 0; i < partition->n_values; i++)
		values[i] = text_of(partition->values[i]);
	struct dialect dialect;
	TRY(dialect_of(compile->arena, table, partition, &dialect, err));
	struct text location = partition_location(compile->arena, table, partition);
	enum status status = add_location(compile, source, location, values, &dialect, err);
	if (status != STATUS_NOT_FOUND)
		return status;
	compile_note(compile, "%s: partition folder '%.*s' is gone, skipped", source->node,
		TEXT_ARG(location));
	return STATUS_OK;
}

static enum status add_partitions(struct compile *compile, struct source *source,
	const Tenon__V1__Table *table, struct error *err)
{
	Tenon__V1__Partition **partitions = NULL;
	size_t count = 0;
	TRY(compile->host->partitions(compile->host->state, text_of(source->spec->database),
		text_of(source->spec->table), text_of(source->spec->partition_predicate),
		compile->arena, &partitions, &count, err));
	for (size_t i = 0; i < count; i++)
		TRY(add_partition(compile, source, table, partitions[i], err));
	return STATUS_OK;
}

static enum status format_of(
	const Tenon__V1__Table *table, const struct format **format_out, struct error *err)
{
	const char *name = table_parameter(table, NULL, "classification");
	if (table->view_original_text[0])
		return fail(err, STATUS_UNIMPLEMENTED,
			"it is a view, whose query cannot be run yet: ask the tables that it "
			"names");
	if (!name)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"the table has no parameter 'classification': crawl it, or set it to csv, "
			"json or parquet");
	*format_out = format_find(name);
	if (!*format_out)
		return fail(err, STATUS_UNIMPLEMENTED,
			"tables of classification '%s' cannot be read yet", name);
	return STATUS_OK;
}

static enum status list(struct compile *compile, struct source *source,
	const Tenon__V1__Table *table, struct error *err)
{
	TRY(table_schema(compile->arena, table, &source->schema, err));
	TRY(format_of(table, &source->format, err));
	if (!table->storage || !table->storage->location[0])
		return fail(err, STATUS_FAILED_PRECONDITION, "the table has no location");
	TRY(location_normal(
		compile->arena, text_of(table->storage->location), &source->location, err));
	TRY(exclusions_of(compile->arena, table, source->location, &source->exclusions, err));
	if (source->schema.key_count)
		return add_partitions(compile, source, table, err);
	if (source->spec->partition_predicate[0])
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'partition_predicate' is given, but the table has no partition keys: use "
			"a "
			"filter node");
	struct dialect dialect;
	TRY(dialect_of(compile->arena, table, NULL, &dialect, err));
	return add_location(compile, source, source->location, NULL, &dialect, err);
}

enum status catalog_source_list(struct compile *compile, struct source *source, struct error *err)
{
	Tenon__V1__Table *table = NULL;
	TRY(compile->host->table(compile->host->state, text_of(source->spec->database),
		text_of(source->spec->table), compile->arena, &table, err));
	if (list(compile, source, table, err) != STATUS_OK)
		return fail_within(
			err, "table '%s.%s'", source->spec->database, source->spec->table);
	return STATUS_OK;
}
